#include "clients/station/sync/witnessing.h"

#include "core/base/limits.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/tree.h"
#include "schemas/witness/witness.h"

namespace relais::station {

namespace {

constexpr const char* kLastAudit = "cosigned last";  // head of the audit log, of any name

std::size_t index_of(wire::LogName log) { return log == wire::LogName::audit ? 0 : 1; }

std::string cosigned_name(const std::string& origin) { return "cosigned " + origin; }

Result<std::string> text_value(StationStore& store, const std::string& name) {
    RELAIS_ASSIGN(const auto bytes, store.value(name));
    return bytes ? std::string(as_text(*bytes)) : std::string();
}

}  // namespace

Result<std::string> known_head(StationStore& store, const std::string& origin) {
    return text_value(store, "head " + origin);
}

Result<void> set_known_head(StationStore& store, const std::string& origin,
                            const std::string& note) {
    return store.set_value("head " + origin, as_bytes(note));
}

void Witnessing::disconnected() {
    begun_ = false;
    for (Given& given : given_) given.head.reset();
}

void Witnessing::set_audit_origin(std::string origin) {
    if (origin == audit_origin_) return;
    audit_origin_ = std::move(origin);
    loss_judged_ = false;
    kept_.clear();
}

Result<std::string> Witnessing::last_cosigned() { return text_value(store_, kLastAudit); }

// The log's own signature is what a witness goes by: lines of others are for readers.
Result<merkle::LogTrust> Witnessing::trust_of(wire::LogName log, std::string_view note) const {
    RELAIS_ASSIGN(merkle::LogTrust trust, witness::log_trust(replica_.state(), log, note));
    trust.witnesses.clear();
    return trust;
}

Result<merkle::LogTrust> Witnessing::trust(wire::LogName log) const {
    const bool renamed = log == wire::LogName::audit && !audit_origin_.empty();
    return trust_of(log, renamed ? audit_origin_ : witness::log_origin(identity_.domain, log));
}

Result<std::string> Witnessing::to_continue(wire::LogName log, const std::string& origin) {
    RELAIS_ASSIGN(std::string note, text_value(store_, cosigned_name(origin)));
    if (note.empty() && log == wire::LogName::audit) return kept_;
    return note;
}

Result<std::uint64_t> Witnessing::size_cosigned(wire::LogName log) {
    RELAIS_ASSIGN(const merkle::LogTrust present, this->trust(log));
    RELAIS_ASSIGN(const std::string note, to_continue(log, present.origin));
    if (note.empty()) return std::uint64_t{0};
    RELAIS_ASSIGN(const merkle::LogTrust trust, trust_of(log, note));
    RELAIS_ASSIGN(const auto head, merkle::verify_checkpoint(note, trust));
    return head.head().size;
}

bool Witnessing::is_witness() const {
    if (!keys_.witness) return false;
    const auto* record = replica_.state().witness(identity_.station);
    return record != nullptr && record->witness.key == keys_.witness->public_key();
}

Result<bool> Witnessing::loss_is_unjudged() {
    if (begun_ || loss_judged_ || !is_witness()) return false;
    RELAIS_ASSIGN(const merkle::LogTrust present, trust(wire::LogName::audit));
    RELAIS_ASSIGN(const std::string last, last_cosigned());
    return !last.empty() && !last.starts_with(present.origin + "\n");
}

Result<void> Witnessing::judge_loss(const wire::Proof& proof, WallTime wall) {
    RELAIS_ASSIGN(const std::string last, last_cosigned());
    RELAIS_ASSIGN(const merkle::LogTrust former, trust_of(wire::LogName::audit, last));
    RELAIS_ASSIGN(const auto known, merkle::verify_checkpoint(last, former));
    RELAIS_ASSIGN(const ToldLoss told, told_loss(replica_.state(), proof));
    if (!told.head.starts_with(audit_origin_ + "\n")) {
        return fail(ErrorCode::note_invalid, "another log");
    }
    if (known.head().size <= told.first) {
        kept_ = last;  // the first head under the new name continues it
    } else if (!check_told(told, known.head(), former).ok()) {
        RELAIS_TRY(contradicted(former.origin, last, told.head + "\ncites:\n" + told.cited, wall));
        return fail(ErrorCode::inconsistent_log, "less is called lost than this station cosigned");
    }
    loss_judged_ = true;
    return {};
}

Result<std::optional<wire::FollowCheckpoints>> Witnessing::begin() {
    const std::optional<wire::FollowCheckpoints> nothing;
    if (begun_ || !is_witness()) return nothing;
    RELAIS_ASSIGN(const bool unjudged, loss_is_unjudged());
    if (unjudged) return nothing;
    RELAIS_ASSIGN(const std::uint64_t audit, size_cosigned(wire::LogName::audit));
    RELAIS_ASSIGN(const std::uint64_t directory, size_cosigned(wire::LogName::directory));
    begun_ = true;
    return std::optional(wire::FollowCheckpoints{audit, directory});
}

void Witnessing::given(wire::NewCheckpoint push) {
    given_[index_of(push.log)].head = std::move(push);
}

Result<std::vector<wire::Cosign>> Witnessing::cosign(WallTime wall, BootTime now) {
    std::vector<wire::Cosign> lines;
    for (Given& given : given_) {
        if (!given.head || !begun_) continue;
        if (given.last && now < *given.last + limits::kCosignEvery) continue;
        auto line = cosign(*given.head, wall);
        if (line.code() == ErrorCode::ahead_of_directory) continue;  // the entries are on their way
        given.head.reset();
        if (line.code() == ErrorCode::wrong_position) {
            disconnected();
            break;
        }
        if (!line.ok()) return line.error();
        given.last = now;
        lines.push_back(**std::move(line));
    }
    return lines;
}

Result<std::optional<wire::Cosign>> Witnessing::cosign(const wire::NewCheckpoint& push,
                                                       WallTime wall) {
    RELAIS_ASSIGN(const merkle::LogTrust present, this->trust(push.log));
    RELAIS_ASSIGN(const merkle::LogTrust trust, trust_of(push.log, push.checkpoint));
    if (trust.origin != present.origin) return fail(ErrorCode::note_invalid, "another log");
    RELAIS_ASSIGN(const auto head, merkle::verify_checkpoint(push.checkpoint, trust));
    if (push.log == wire::LogName::directory) {
        if (head.head().size > replica_.size().value) return fail(ErrorCode::ahead_of_directory);
        if (replica_.root_at({head.head().size}) != head.head().root) {
            RELAIS_TRY(contradicted(trust.origin, replica_.checkpoint(), head.note(), wall));
            return fail(ErrorCode::inconsistent_log, trust.origin);
        }
    }
    RELAIS_TRY(check_continues(push, head, trust, wall));
    RELAIS_TRY(store_.set_value(cosigned_name(trust.origin), as_bytes(head.note())));
    if (push.log == wire::LogName::audit) {
        RELAIS_TRY(store_.set_value(kLastAudit, as_bytes(head.note())));
    }
    const auto* record = replica_.state().witness(identity_.station);
    if (record == nullptr) return fail(ErrorCode::forbidden, "no witness any more");
    const auto key = witness::verifier_key(identity_.domain, *record);
    RELAIS_ASSIGN(const auto line, merkle::cosign(head, key, *keys_.witness, wall));
    return std::optional(wire::Cosign{push.log, head.head().size, line.line()});
}

// Against what this station cosigned last, under a former name where the backup had it.
Result<void> Witnessing::check_continues(const wire::NewCheckpoint& push,
                                         const merkle::VerifiedCheckpoint& head,
                                         const merkle::LogTrust& trust, WallTime wall) {
    RELAIS_ASSIGN(const std::string note, to_continue(push.log, trust.origin));
    if (note.empty()) return {};
    RELAIS_ASSIGN(const merkle::LogTrust of_before, trust_of(push.log, note));
    RELAIS_ASSIGN(const auto before, merkle::verify_checkpoint(note, of_before));
    const merkle::Checkpoint& known = before.head();
    const merkle::Checkpoint& shown = head.head();
    const bool another = shown.size == known.size && shown.root != known.root;
    if (push.from_size != known.size && !another) return fail(ErrorCode::wrong_position);
    const bool continues =
        merkle::verify_consistency(known.size, known.root, shown.size, shown.root, push.hashes)
            .ok();
    if (continues && !another) return {};
    RELAIS_TRY(contradicted(trust.origin, note, head.note(), wall));
    return fail(ErrorCode::inconsistent_log, trust.origin);
}

Result<void> Witnessing::contradicted(const std::string& about, const std::string& first,
                                      const std::string& second, WallTime wall) {
    return keep_contradiction(store_, {ErrorCode::inconsistent_log, about, first, second, wall});
}

Result<void> Witnessing::gone_back(WallTime wall) {
    for (const wire::LogName log : {wire::LogName::audit, wire::LogName::directory}) {
        const std::string origin = witness::log_origin(identity_.domain, log);
        RELAIS_ASSIGN(const std::string note, text_value(store_, cosigned_name(origin)));
        if (note.empty()) continue;
        RELAIS_TRY(contradicted(origin, note, "the broker refuses to continue from it", wall));
    }
    return {};
}

}  // namespace relais::station
