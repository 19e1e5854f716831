// backups.cc: the backup key, backups, their verification and their way back; erasures, and the end
// of a restore.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "broker/keys/key_files.h"
#include "broker/store/listing.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tools/admin/commands.h"
#include "tools/backup/backup.h"
#include "tools/backup/parts.h"
#include "tools/fsck/check.h"

namespace relais::admin {

namespace {

constexpr std::size_t kPublicFileBytesMax = 256;
constexpr std::string_view kPublicPrefix = "relais-backup-key-1 ";
constexpr const char* kBackupKey = "backup";

// "relais-backup-key-1 <130 hex digits>", from a file or as the configuration has it.
Result<P256Public> parse_public(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    if (text.starts_with(kPublicPrefix)) text.erase(0, kPublicPrefix.size());
    RELAIS_ASSIGN(const Bytes bytes, parse_hex(text));
    if (bytes.size() != P256Public::kSize) return fail(ErrorCode::malformed, "a backup key");
    return P256Public::from(bytes);
}

Result<P256Public> recipient_of(const BackupRequest& request, const broker::Config& config) {
    if (!request.key.empty()) {
        RELAIS_ASSIGN(const Bytes bytes, read_file(request.key, kPublicFileBytesMax));
        return parse_public(std::string(as_text(bytes)));
    }
    if (config.backup_key.empty()) {
        return fail(ErrorCode::usage,
                    "name the public half of the backup key: --key FILE, or backup.key in the "
                    "configuration");
    }
    return parse_public(config.backup_key);
}

Result<P256Key> unlock_backup_key(const SignerFile& file) {
    RELAIS_ASSIGN(const Secret passphrase, station::read_passphrase(file.passphrase));
    RELAIS_ASSIGN(const station::Vault vault, station::Vault::open(file.file, passphrase));
    RELAIS_ASSIGN(const Secret scalar, vault.get(kBackupKey));
    return P256Key::from_scalar(scalar);
}

// One line on a terminal, written over.
class TerminalProgress {
public:
    TerminalProgress(const Output& output, std::string what)
        : shown_(!output.json && ::isatty(STDERR_FILENO) == 1), what_(std::move(what)) {}
    ~TerminalProgress() {
        if (said_ != 0) std::fprintf(stderr, "\n");
    }
    void operator()(std::uint64_t bytes) {
        const std::uint64_t mebibytes = bytes >> 20;
        if (!shown_ || mebibytes == said_) return;
        said_ = mebibytes;
        std::fprintf(stderr, "\r%s: %llu MiB", what_.c_str(),
                     static_cast<unsigned long long>(mebibytes));
        std::fflush(stderr);
    }

private:
    bool shown_;
    std::string what_;
    std::uint64_t said_ = 0;
};

constexpr unsigned kVerifiedAtOnceMax = 16;

// Several may be verified at once; a folder that one of them left is taken over by the next.
Result<backup::PartFolder> make_scratch(const std::filesystem::path& work) {
    std::error_code failed;
    const auto base = work.empty() ? std::filesystem::temp_directory_path(failed) : work;
    if (failed) return fail(ErrorCode::io_failed, failed.message());
    const std::string name = "relais-verify-" + std::to_string(::geteuid()) + "-";
    for (unsigned i = 1; i <= kVerifiedAtOnceMax; ++i) {
        auto scratch = backup::PartFolder::take(base / (name + std::to_string(i)));
        const bool taken = scratch.code() == ErrorCode::locked ||
                           scratch.code() == ErrorCode::wrong_permissions;  // another user's
        if (!taken) return scratch;
    }
    return fail(ErrorCode::locked, (base / name).string());
}

Result<fsck::Report> check_unpacked(const std::filesystem::path& folder) {
    RELAIS_TRY(broker::read_keys(folder / "keys"));
    const auto database = folder / backup::kDatabaseMember;
    RELAIS_ASSIGN(const auto ended, backup::ended_chunks(folder));
    RELAIS_ASSIGN(const auto store, broker::SqliteStore::open(database.string(),
                                                              {Database::Mode::read_only, "", ""}));
    const auto then = [&]() -> Result<std::set<Digest>> {
        RELAIS_ASSIGN(std::set<Digest> named, broker::chunks_named(database));
        for (const Digest& chunk : ended) named.erase(chunk);
        return named;
    };
    return fsck::check_store(*store, folder / "chunks", then);
}

}  // namespace

Result<void> new_backup_key(const BackupKeyRequest& request, const Output& output) {
    std::error_code ignored;
    for (const auto& path : {request.key_file, request.public_file}) {
        if (std::filesystem::exists(path, ignored)) {
            return fail(ErrorCode::already_exists, path.string());
        }
    }
    RELAIS_ASSIGN(const Secret passphrase, station::read_new_passphrase(request.passphrase));
    ScryptCost cost;
    cost.log2_n = request.scrypt_log2_n;
    RELAIS_ASSIGN(station::Vault vault, station::Vault::create(request.key_file, passphrase, cost));
    const P256Key key = P256Key::generate();
    vault.put(kBackupKey, key.scalar());
    RELAIS_TRY(vault.save());
    const std::string digits = hex(key.public_key().view());
    const std::string line = std::string(kPublicPrefix) + digits + "\n";
    RELAIS_TRY(write_file(request.public_file, as_bytes(line), 0644, Replace::no));
    output.line("Backup key made.");
    output.line("  private half  " + request.key_file.string() +
                "  <- take it away from this machine, with its passphrase: without it no backup "
                "opens");
    output.line("  public half   " + request.public_file.string() +
                "  (or backup.key in the configuration)");
    output.line("  fingerprint   " + readable_fingerprint(fingerprint(key.public_key())));
    output.result({{"public", digits},
                   {"fingerprint", hex(fingerprint(key.public_key()).view())},
                   {"key_file", request.key_file.string()}});
    return {};
}

Result<void> make_backup(Operator& op, const BackupRequest& request, const Output& output) {
    RELAIS_ASSIGN(const P256Public recipient, recipient_of(request, op.config()));
    RELAIS_TRY(op.client().ask(wire::Administer{wire::Command::note_backup}));
    if (request.owns_process) backup::remove_parts_on_signals();
    TerminalProgress progress(output, "backup");
    RELAIS_ASSIGN(const auto made,
                  backup::make_backup(
                      {op.config().data, request.file, request.work, op.config().domain, recipient},
                      std::ref(progress)));
    output.line("Backup of " + op.config().domain.text() + " written to " + request.file.string() +
                ": " + std::to_string(made.files) + " files, " + std::to_string(made.leaves) +
                " leaves, " + std::to_string(made.directory_entries) + " directory entries, " +
                std::to_string(made.bytes) + " bytes.");
    output.line("Sealed to the backup key " +
                readable_fingerprint(fingerprint(recipient)).substr(0, 19) +
                "...; prove it elsewhere: relais-admin backup verify");
    nlohmann::json missing = nlohmann::json::array();
    for (const Digest& chunk : made.missing) {
        output.line("MISSING     chunk " + hex(chunk.view()) + " of an attachment");
        missing.push_back(hex(chunk.view()));
    }
    output.result({{"domain", op.config().domain.text()},
                   {"file", request.file.string()},
                   {"files", made.files},
                   {"bytes", made.bytes},
                   {"leaves", made.leaves},
                   {"directory_entries", made.directory_entries},
                   {"missing", missing},
                   {"key", hex(fingerprint(recipient).view())}});
    if (made.missing.empty()) return {};
    return fail(ErrorCode::corrupt,
                "the backup is written, without " + std::to_string(made.missing.size()) +
                    " chunks of attachments that are not in the data folder; see relais-fsck");
}

Result<void> verify_backup(const VerifyBackupRequest& request, const Output& output) {
    RELAIS_ASSIGN(const P256Key key, unlock_backup_key(request.key));
    if (request.owns_process) backup::remove_parts_on_signals();
    RELAIS_ASSIGN(const auto scratch, make_scratch(request.work));
    TerminalProgress progress(output, "verify");
    RELAIS_ASSIGN(const auto unpacked,
                  backup::unpack_backup(request.file, key, scratch.path(), std::ref(progress)));
    RELAIS_ASSIGN(const fsck::Report report, check_unpacked(scratch.path()));
    nlohmann::json problems = nlohmann::json::array();
    for (const fsck::Problem& problem : report.problems) {
        output.line("PROBLEM     " + problem.describe());
        problems.push_back(problem.describe());
    }
    output.line("domain      " + unpacked.domain.text());
    output.line("files       " + std::to_string(unpacked.files) + ", " +
                std::to_string(unpacked.bytes) + " bytes, digests right");
    output.line("audit       " + std::to_string(report.leaves) + " leaves derived again, " +
                std::to_string(report.leaves_signed) + " under the last signed head");
    output.line("envelopes   " + std::to_string(report.envelopes) + " in " +
                std::to_string(report.mailboxes) + " mailboxes");
    output.line("attachments " + std::to_string(report.chunks) + " chunks");
    output.line(report.problems.empty() ? "VERIFIED    it can be restored"
                                        : "DAMAGED     this backup is not what it should be");
    output.result({{"good", report.problems.empty()},
                   {"domain", unpacked.domain.text()},
                   {"files", unpacked.files},
                   {"chunks", report.chunks},
                   {"leaves", report.leaves},
                   {"envelopes", report.envelopes},
                   {"problems", problems}});
    if (report.problems.empty()) return {};
    return fail(ErrorCode::evidence_altered, report.problems.front().describe());
}

Result<void> restore(const RestoreRequest& request, const Output& output) {
    RELAIS_ASSIGN(const P256Key key, unlock_backup_key(request.key));
    if (request.owns_process) backup::remove_parts_on_signals();
    TerminalProgress progress(output, "restore");
    RELAIS_ASSIGN(
        const auto restored,
        backup::restore_backup({request.file, request.folder, request.checkpoint, request.erasures},
                               key, std::ref(progress)));
    output.line("Domain " + restored.domain.text() + " restored to " + request.folder.string() +
                ": " + std::to_string(restored.files) + " files.");
    output.line("  last head known of the audit log  " + restored.cited);
    output.line("  erasures of the journal           " + std::to_string(restored.erasures) +
                " that the backup lacks");
    output.line(
        "Check the machine's clock, then start the broker: it begins a new incarnation by "
        "itself,");
    output.line(
        "stations offer what the backup lacks, and `relais-admin settle` ends the restore.");
    output.result({{"domain", restored.domain.text()},
                   {"folder", request.folder.string()},
                   {"files", restored.files},
                   {"cited", restored.cited},
                   {"erasures", restored.erasures}});
    return {};
}

Result<void> settle(Operator& op, const Output& output) {
    RELAIS_TRY(op.client().ask(wire::Administer{wire::Command::settle}));
    output.line("The restore is settled: the directory takes new entries again.");
    output.result({{"settled", true}});
    return {};
}

Result<void> erase(Operator& op, const EraseRequest& request, const Output& output) {
    const std::pair<std::string, wire::ErasureReason> kReasons[] = {
        {"request", wire::ErasureReason::request},
        {"mistake", wire::ErasureReason::mistake},
        {"order", wire::ErasureReason::order}};
    const auto* reason = std::ranges::find(kReasons, request.reason,
                                           &std::pair<std::string, wire::ErasureReason>::first);
    if (reason == std::end(kReasons)) {
        return fail(ErrorCode::usage, "--reason is request, mistake or order");
    }
    RELAIS_ASSIGN(const MessageId message, uuid_from<MessageId>(request.message));
    std::optional<Address> from;
    if (!request.from.empty()) {
        RELAIS_ASSIGN(from, Address::parse(request.from));
    }
    RELAIS_TRY(op.client().ask(
        wire::Administer{wire::Command::erase, std::nullopt, message, reason->second, from}));
    output.line("Message " + request.message + (from ? " of " + request.from : "") +
                " erased, for good; its mailboxes are told.");
    output.result(
        {{"erased", request.message}, {"from", request.from}, {"reason", request.reason}});
    return {};
}

}  // namespace relais::admin
