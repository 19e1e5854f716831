// restore.cc: a backup put back: unpacked beside the folder, its database marked as restored, the
// journal's erasures entered into it, then given its name.
#include "broker/keys/key_files.h"
#include "broker/store/erasure_journal.h"
#include "broker/store/sqlite_store.h"
#include "core/files/files.h"
#include "core/merkle/checkpoint.h"
#include "schemas/directory/state.h"
#include "schemas/directory/verified_before.h"
#include "schemas/envelope/notice.h"
#include "schemas/workflow/broker_word.h"
#include "tools/backup/backup.h"
#include "tools/backup/parts.h"

namespace relais::backup {

namespace {

constexpr std::size_t kPage = 256;

Result<void> is_free(const std::filesystem::path& folder) {
    std::error_code failed;
    if (!std::filesystem::exists(folder, failed)) return {};
    const bool empty =
        std::filesystem::is_directory(folder, failed) && std::filesystem::is_empty(folder, failed);
    if (!empty || failed) return fail(ErrorCode::already_exists, folder.string() + " is not empty");
    return {};
}

// The directory of a store that its signed head vouches for.
Result<directory::DirectoryState> directory_of(broker::SqliteStore& store, const Name& domain) {
    RELAIS_ASSIGN(const auto authority, store.value("authority"));
    if (!authority || authority->size() != Digest::kSize) {
        return fail(ErrorCode::corrupt, "authority");
    }
    directory::DirectoryState state(domain, Digest::from(*authority));
    const directory::VerifiedBefore verifier;
    for (;;) {
        RELAIS_ASSIGN(const auto page,
                      store.read_leaves(wire::LogName::directory, state.size().value, kPage));
        if (page.empty()) return state;
        for (const Bytes& bytes : page) {
            RELAIS_ASSIGN(const auto entry, directory::parse_signed_entry(bytes));
            RELAIS_TRY(state.apply(entry, verifier));
        }
    }
}

std::string origin_of(const std::string& note) { return note.substr(0, note.find('\n')); }

Result<merkle::Checkpoint> judge_note(const std::string& note, const std::string& origin,
                                      const Ed25519Public& public_key) {
    RELAIS_ASSIGN(const auto key,
                  merkle::VerifierKey::make(origin, merkle::NoteKeyType::ed25519, public_key));
    RELAIS_ASSIGN(const auto verified, merkle::verify_checkpoint(note, {origin, key}));
    return verified.head();
}

// What the broker will cite: the head given, if it goes further than the backup's own.
Result<std::string> choose_note(broker::SqliteStore& store, const RestoreRequest& request,
                                const std::filesystem::path& folder, const Name& domain,
                                std::string& cited) {
    RELAIS_ASSIGN(const auto keys, broker::read_keys(folder / "keys"));
    RELAIS_ASSIGN(const std::string own, store.last_checkpoint(wire::LogName::audit));
    const std::string origin = own.empty() ? domain.text() + "/audit" : origin_of(own);
    merkle::Checkpoint head;
    if (!own.empty()) {
        RELAIS_ASSIGN(head, judge_note(own, origin, keys.audit_log.public_key()));
    }
    std::string chosen;
    if (!request.checkpoint.empty()) {
        RELAIS_ASSIGN(const Bytes bytes, read_file(request.checkpoint, limits::kCitedNoteBytesMax));
        const std::string note(as_text(bytes));
        RELAIS_ASSIGN(const auto given, judge_note(note, origin, keys.audit_log.public_key()));
        if (given.size > head.size) {
            head = given;
            chosen = note;
        }
    }
    cited = origin + " " + std::to_string(head.size);
    return chosen;
}

Result<bool> enter_erasure(broker::SqliteStore& store, const directory::DirectoryState& state,
                           const Bytes& bytes) {
    RELAIS_ASSIGN(const Statement statement, parse_statement(bytes));
    const P256Verifier verifier;
    RELAIS_TRY(workflow::check_broker_word(state, verifier, statement));
    RELAIS_ASSIGN(const Notice notice, parse_notice(statement.body));
    if (notice.kind != NoticeKind::erased || !notice.message || !notice.header) {
        return fail(ErrorCode::malformed, "not an erasure");
    }
    RELAIS_ASSIGN(const bool known, store.has_erasure(*notice.header));
    if (known) return false;
    RELAIS_TRY(store.put_erasure({0, *notice.header, *notice.message, bytes}));
    return true;
}

Result<std::uint64_t> enter_erasures(broker::SqliteStore& store, const Name& domain,
                                     const std::filesystem::path& journal) {
    RELAIS_ASSIGN(const auto statements, broker::ErasureJournal(journal, store).read());
    if (statements.empty()) return std::uint64_t{0};
    RELAIS_ASSIGN(const auto state, directory_of(store, domain));
    std::uint64_t entered = 0;
    for (const Bytes& statement : statements) {
        RELAIS_ASSIGN(const bool fresh, enter_erasure(store, state, statement));
        entered += fresh ? 1 : 0;
    }
    return entered;
}

Result<void> mark(broker::SqliteStore& store, const RestoreRequest& request,
                  const std::filesystem::path& folder, Restored& restored) {
    RELAIS_ASSIGN(const std::string note,
                  choose_note(store, request, folder, restored.domain, restored.cited));
    RELAIS_ASSIGN(restored.erasures, enter_erasures(store, restored.domain, request.erasures));
    Bytes marker = {1};
    append(marker, note);
    return store.set_value(broker::kRestoringValue, marker);
}

Result<Restored> fill(const RestoreRequest& request, const P256Key& key,
                      const std::filesystem::path& folder, const Progress& progress) {
    RELAIS_ASSIGN(const Unpacked unpacked, unpack_backup(request.file, key, folder, progress));
    Restored restored{unpacked.domain, unpacked.files, 0, {}};
    RELAIS_ASSIGN(const auto store, broker::SqliteStore::open((folder / kDatabaseMember).string(),
                                                              {Database::Mode::existing, "", ""}));
    RELAIS_ASSIGN(const auto domain, store->value("domain"));
    if (!domain || as_text(*domain) != restored.domain.text()) {
        return fail(ErrorCode::wrong_domain, "the backup says one domain, its database another");
    }
    RELAIS_TRY(store->begin());
    Result<void> done = mark(*store, request, folder, restored);
    if (done.ok()) done = store->commit();
    if (!done.ok()) {
        store->rollback();
        return done.error();
    }
    return restored;
}

}  // namespace

Result<Restored> restore_backup(const RestoreRequest& request, const P256Key& key,
                                const Progress& progress) {
    std::filesystem::path target = request.folder;
    if (!target.has_filename()) target = target.parent_path();
    RELAIS_TRY(is_free(target));
    std::filesystem::path aside = target;
    aside += ".partial-restore";
    RELAIS_ASSIGN(PartFolder part, PartFolder::take(aside));
    RELAIS_ASSIGN(Restored restored, fill(request, key, part.path(), progress));
    RELAIS_TRY(part.give_name(target));
    RELAIS_TRY(sync_folder(target.parent_path()));
    return restored;
}

}  // namespace relais::backup
