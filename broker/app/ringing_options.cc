#include "broker/app/ringing_options.h"

#include "core/files/files.h"

namespace relais::broker {

namespace {

constexpr std::size_t kCredentialsBytesMax = 1024;

// "user\npassword\n".
Result<void> read_credentials(const std::filesystem::path& path, RingingOptions& options) {
    RELAIS_ASSIGN(const Secret file, read_secret_file(path, kCredentialsBytesMax));
    std::string_view text = as_text(file.expose());
    if (text.ends_with('\n')) text.remove_suffix(1);
    const std::size_t end = text.find('\n');
    const bool two = end != std::string_view::npos && end > 0 && end + 1 < text.size() &&
                     text.find('\n', end + 1) == std::string_view::npos;
    if (!two)
        return fail(ErrorCode::malformed, path.string() + ": a line for user, one for password");
    options.user = text.substr(0, end);
    options.password = Secret::copy_of(text.substr(end + 1));
    return {};
}

}  // namespace

Result<std::optional<RingingOptions>> ringing_options(const Config& config) {
    if (!config.ringing) return std::optional<RingingOptions>();
    const Config::Ringing& section = *config.ringing;
    RingingOptions options{.domain = config.domain,
                           .link = section.link,
                           .ca = section.ca,
                           .allow = section.allow,
                           .relay = section.relay,
                           .from = section.from,
                           .tls = section.tls,
                           .user = {}};
    if (!section.credentials.empty()) RELAIS_TRY(read_credentials(section.credentials, options));
    return std::optional(std::move(options));
}

}  // namespace relais::broker
