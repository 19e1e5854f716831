#include "broker/app/installation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "broker/app/ringing_options.h"
#include "broker/keys/key_files.h"
#include "broker/store/sqlite_store.h"
#include "core/codecs/codecs.h"
#include "core/crypto/p256.h"

namespace relais::broker {

namespace {

Error system_error(const std::filesystem::path& path) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::not_found
                           : errno == EACCES || errno == EPERM || errno == EROFS
                               ? ErrorCode::wrong_permissions
                               : ErrorCode::io_failed;
    return fail(code, path.string() + ": " + std::strerror(errno));
}

// A folder or file that this user owns and can write: a file system mounted read-only is noticed.
Result<void> check_own(const std::filesystem::path& path, mode_t kind) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return system_error(path);
    if ((status.st_mode & S_IFMT) != kind) {
        return fail(ErrorCode::io_failed,
                    path.string() + (kind == S_IFDIR ? " is not a folder" : " is not a file"));
    }
    if (status.st_uid != ::geteuid()) {
        return fail(ErrorCode::wrong_permissions, path.string() + " belongs to user " +
                                                      std::to_string(status.st_uid) + ", not " +
                                                      std::to_string(::geteuid()));
    }
    if (::access(path.c_str(), R_OK | W_OK) != 0) return system_error(path);
    return {};
}

// And that nobody else may enter.
Result<void> check_private_folder(const std::filesystem::path& path) {
    RELAIS_TRY(check_own(path, S_IFDIR));
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return system_error(path);
    if ((status.st_mode & 077) != 0) {
        return fail(ErrorCode::wrong_permissions, path.string() + " must have mode 0700");
    }
    return {};
}

// Of a domain that has begun: it can be read, and is this domain's.
Result<void> check_store(const Config& config) {
    RELAIS_ASSIGN(const auto store, SqliteStore::open(config.database().string(),
                                                      {Database::Mode::read_only, "", ""}));
    RELAIS_ASSIGN(const auto domain, store->value("domain"));
    RELAIS_ASSIGN(const auto authority, store->value("authority"));
    if (!domain || !authority) return fail(ErrorCode::corrupt, config.database().string());
    const bool own = as_text(*domain) == config.domain.text() &&
                     bytes_equal(*authority, config.authority.view());
    if (own) return {};
    return fail(ErrorCode::wrong_domain,
                config.database().string() + " belongs to " + std::string(as_text(*domain)) +
                    (as_text(*domain) == config.domain.text() ? " under another authority" : ""));
}

Result<void> check_database(const Config& config) {
    std::error_code ignored;
    const bool begun = std::filesystem::exists(config.begun(), ignored);
    struct stat status {};
    if (::lstat(config.database().c_str(), &status) != 0 && errno == ENOENT) {
        return fail(ErrorCode::not_found,
                    config.database().string() + (begun ? ": lost; `relais-admin restore` brings a "
                                                          "backup back"
                                                        : ": `relais-admin init` makes it"));
    }
    RELAIS_TRY(check_own(config.database(), S_IFREG));
    return begun ? check_store(config) : Result<void>();
}

Result<void> check_backup_key(const std::string& digits) {
    if (digits.empty()) return {};
    RELAIS_ASSIGN(const Bytes key, parse_hex(digits));
    return check_p256_point(P256Public::from(key));
}

Result<void> check_readable(const std::filesystem::path& path) {
    if (!path.empty() && ::access(path.c_str(), R_OK) != 0) return system_error(path);
    return {};
}

// Its folder, and itself where the broker has made it: under a service, what is not a state folder
// is read-only unless the unit says otherwise.
Result<void> check_journal(const std::filesystem::path& path) {
    if (path.empty()) return {};
    const std::filesystem::path folder = path.parent_path();
    if (::access(folder.c_str(), W_OK | X_OK) != 0) return system_error(folder);
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) return {};
    return check_own(path, S_IFREG);
}

Result<void> check_program(const std::filesystem::path& program) {
    if (::access(program.c_str(), X_OK) != 0) return system_error(program);
    return {};
}

}  // namespace

std::vector<Finding> check_installation(const Config& config,
                                        const std::filesystem::path& enrolment) {
    const auto keys = read_keys(config.keys_folder());
    const auto rings = ringing_options(config);
    return {{"data folder", check_private_folder(config.data)},
            {"folder of keys", check_private_folder(config.keys_folder())},
            {"keys", keys.ok() ? Result<void>{} : Result<void>(keys.error())},
            {"database", check_database(config)},
            {"backup key", check_backup_key(config.backup_key)},
            {config.erasure_journal.empty() ? "no journal of erasures: a restore brings them back"
                                            : "journal of erasures",
             check_journal(config.erasure_journal)},
            {"authorities for ringing",
             check_readable(config.ringing ? config.ringing->ca : std::string())},
            {"ringing", rings.ok() ? Result<void>{} : Result<void>(rings.error())},
            {"relais-enrolment", check_program(enrolment)}};
}

}  // namespace relais::broker
