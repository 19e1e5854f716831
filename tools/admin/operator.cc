#include "tools/admin/operator.h"

#include <algorithm>
#include <charconv>

#include "core/base/contexts.h"
#include "core/base/system.h"
#include "core/codecs/codecs.h"
#include "core/crypto/p256.h"

namespace relais::admin {

Result<DomainSigner> unlock_signer(const SignerFile& file) {
    if (file.file.empty()) return fail(ErrorCode::usage, "name the key file with --registrar");
    RELAIS_ASSIGN(const Secret passphrase, station::read_passphrase(file.passphrase));
    RELAIS_ASSIGN(station::Vault vault, station::Vault::open(file.file, passphrase));
    RELAIS_ASSIGN(const Secret scalar, vault.get(kSignerKey));
    RELAIS_ASSIGN(P256Key key, P256Key::from_scalar(scalar));
    return DomainSigner{std::move(vault), std::move(key)};
}

Result<P256Key> make_signer(const std::filesystem::path& file,
                            const station::PassphraseSource& source, unsigned log2_n) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) {
        return fail(ErrorCode::already_exists, file.string());
    }
    RELAIS_ASSIGN(const Secret passphrase, station::read_new_passphrase(source));
    ScryptCost cost;
    cost.log2_n = log2_n;
    RELAIS_ASSIGN(station::Vault vault, station::Vault::create(file, passphrase, cost));
    P256Key key = P256Key::generate();
    vault.put(kSignerKey, key.scalar());
    RELAIS_TRY(vault.save());
    return key;
}

Result<void> check_authority(const Operator& op, const DomainSigner& signer) {
    if (fingerprint(signer.key.public_key()) == op.config().authority) return {};
    return fail(ErrorCode::not_a_signer,
                "only the domain authority's key does this: give the file that `init` wrote with "
                "--authority-file");
}

Result<void> probe(Operator& op, const directory::Domain& domain) {
    RELAIS_ASSIGN(const auto probed, op.client().ask_for<wire::Probed>(wire::Probe{}));
    return P256Verifier(1).verify(domain.broker_key, signed_message(contexts::kHealth, probed.time),
                                  probed.signature);
}

Result<Operator> Operator::connect(const std::filesystem::path& config_file) {
    RELAIS_ASSIGN(broker::Config config, broker::read_config(config_file));
    RELAIS_ASSIGN(broker::LocalClient client, broker::LocalClient::connect(config.socket()));
    return Operator(std::move(config), std::move(client));
}

Result<directory::DirectoryState> Operator::directory() {
    directory::DirectoryState state(config_.domain, config_.authority);
    const P256Verifier verifier;
    for (;;) {
        const wire::FetchLeaves request{wire::LogName::directory, state.size().value};
        RELAIS_ASSIGN(const auto leaves, client_.ask_for<wire::Leaves>(request));
        if (leaves.leaves.empty()) return state;
        for (const Bytes& bytes : leaves.leaves) {
            RELAIS_ASSIGN(const auto entry, directory::parse_signed_entry(bytes));
            RELAIS_TRY(state.apply(entry, verifier));
        }
    }
}

Result<directory::SignedEntry> Operator::sign(P256Key& signer, directory::EntryBody body) {
    RELAIS_ASSIGN(const directory::DirectoryState state, directory());
    const directory::Entry entry =
        state.next_entry("", fingerprint(signer.public_key()), wall_now(), std::move(body));
    return directory::sign_entry(entry, signer);
}

Result<void> Operator::append(const std::vector<Bytes>& entries) {
    RELAIS_TRY(client_.ask(wire::AppendEntries{entries}));
    return {};
}

Result<nlohmann::json> Operator::status() {
    RELAIS_ASSIGN(const auto status, client_.ask_for<wire::Status>(wire::AskStatus{}));
    const auto json = nlohmann::json::parse(status.json, nullptr, false);
    if (!json.is_object()) return fail(ErrorCode::malformed, "status of the broker");
    return json;
}

WallTime wall_now() { return SystemClock().read().wall; }

Result<std::chrono::seconds> parse_duration(const std::string& text) {
    constexpr std::pair<std::string_view, int> kUnits[] = {
        {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
    int number = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    const std::string_view unit(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
    const auto* found = std::ranges::find(kUnits, unit, &std::pair<std::string_view, int>::first);
    if (parsed.ec != std::errc() || number <= 0 || number > 100'000 || found == std::end(kUnits)) {
        return fail(ErrorCode::invalid_field, "a duration is written 90s, 30min, 4h or 7d");
    }
    return std::chrono::seconds(std::int64_t{number} * found->second);
}

std::string readable_fingerprint(const Digest& digest) {
    const std::string digits = hex(digest.view());
    std::string text;
    for (std::size_t i = 0; i < 40; i += 4) {
        if (i > 0) text += ' ';
        text += digits.substr(i, 4);
    }
    return text;
}

}  // namespace relais::admin
