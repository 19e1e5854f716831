#include "broker/keys/key_files.h"

#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::broker {

namespace {

constexpr const char* kBroker = "broker.key";
constexpr const char* kNextBroker = "broker-next.key";
constexpr const char* kDirectoryLog = "directory-log.key";
constexpr const char* kAuditLog = "audit-log.key";
constexpr const char* kCurve = "curve.key";
constexpr const char* kEnrolment = "enrolment.key";
constexpr std::size_t kKeyFileBytesMax = 256;
constexpr std::size_t kKeyBytes = 32;

// "relais-key-1 <name> <64 hex digits>\n": a file taken for another one is noticed. The next
// broker key has the name of the file that it is to be.
Secret key_line(const std::string& name, const Secret& key) {
    Secret line(13 + name.size() + 1 + 2 * kKeyBytes + 1);
    std::string text = "relais-key-1 " + name + " " + hex(key.expose()) + "\n";
    std::memcpy(line.expose_mutable().data(), text.data(), text.size());
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return line;
}

Result<void> write_key(const std::filesystem::path& folder, const char* name, const Secret& key) {
    return write_file(folder / name, key_line(name, key).expose(), 0600, Replace::no);
}

Result<Secret> read_key(const std::filesystem::path& file, const char* name) {
    RELAIS_ASSIGN(const Secret line, read_secret_file(file, kKeyFileBytesMax));
    const std::string prefix = "relais-key-1 " + std::string(name) + " ";
    const std::string_view text = as_text(line.expose());
    const bool whole = text.size() == prefix.size() + 2 * kKeyBytes + 1 && text.ends_with('\n');
    if (!text.starts_with(prefix) || !whole) {
        return fail(ErrorCode::malformed, file.string());
    }
    RELAIS_ASSIGN(Bytes bytes, parse_hex(text.substr(prefix.size(), 2 * kKeyBytes)));
    Secret key = Secret::copy_of(bytes);
    wipe(bytes);
    return key;
}

Result<std::optional<P256Key>> read_next_key(const std::filesystem::path& folder) {
    const auto scalar = read_key(folder / kNextBroker, kBroker);
    if (scalar.code() == ErrorCode::not_found) return std::optional<P256Key>{};
    if (!scalar.ok()) return scalar.error();
    RELAIS_ASSIGN(P256Key key, P256Key::from_scalar(*scalar));
    return std::optional(std::move(key));
}

}  // namespace

BrokerKeys BrokerKeys::generate() {
    return {P256Key::generate(),   Ed25519Key::generate(), Ed25519Key::generate(),
            generate_curve_keys(), generate_curve_keys(),  std::nullopt};
}

Result<void> write_keys(const std::filesystem::path& folder, const BrokerKeys& keys) {
    RELAIS_TRY(make_private_folder(folder));
    RELAIS_TRY(write_key(folder, kBroker, keys.broker.scalar()));
    RELAIS_TRY(write_key(folder, kDirectoryLog, keys.directory_log.seed()));
    RELAIS_TRY(write_key(folder, kAuditLog, keys.audit_log.seed()));
    RELAIS_TRY(write_key(folder, kCurve, keys.curve.secret_key));
    return write_key(folder, kEnrolment, keys.enrolment.secret_key);
}

Result<BrokerKeys> read_keys(const std::filesystem::path& folder) {
    RELAIS_ASSIGN(const Secret broker, read_key(folder / kBroker, kBroker));
    RELAIS_ASSIGN(const Secret directory_log, read_key(folder / kDirectoryLog, kDirectoryLog));
    RELAIS_ASSIGN(const Secret audit_log, read_key(folder / kAuditLog, kAuditLog));
    RELAIS_ASSIGN(Secret curve, read_key(folder / kCurve, kCurve));
    RELAIS_ASSIGN(Secret enrolment, read_key(folder / kEnrolment, kEnrolment));
    RELAIS_ASSIGN(P256Key broker_key, P256Key::from_scalar(broker));
    RELAIS_ASSIGN(Ed25519Key directory_key, Ed25519Key::from_seed(directory_log));
    RELAIS_ASSIGN(Ed25519Key audit_key, Ed25519Key::from_seed(audit_log));
    RELAIS_ASSIGN(CurveKeyPair curve_keys, curve_keys_of(std::move(curve)));
    RELAIS_ASSIGN(CurveKeyPair enrolment_keys, curve_keys_of(std::move(enrolment)));
    RELAIS_ASSIGN(auto next_key, read_next_key(folder));
    return BrokerKeys{std::move(broker_key), std::move(directory_key),  std::move(audit_key),
                      std::move(curve_keys), std::move(enrolment_keys), std::move(next_key)};
}

Result<void> write_next_key(const std::filesystem::path& folder, const P256Key& key) {
    return write_file(folder / kNextBroker, key_line(kBroker, key.scalar()).expose(), 0600,
                      Replace::yes);
}

Result<void> promote_next_key(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::rename(folder / kNextBroker, folder / kBroker, failed);
    if (failed) return fail(ErrorCode::io_failed, (folder / kNextBroker).string());
    return sync_folder(folder);
}

}  // namespace relais::broker
