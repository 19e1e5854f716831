#include "clients/station/api/heads.h"

#include "clients/station/sync/restored_log.h"
#include "core/merkle/tree.h"

namespace relais::station {

namespace {

constexpr int kAttempts = 5;

std::string witnessed_name(const std::string& origin) { return "witnessed " + origin; }

Result<merkle::LogTrust> log_only(Station& station, wire::LogName log, std::string_view note) {
    RELAIS_ASSIGN(merkle::LogTrust trust, witness::log_trust(station.directory(), log, note));
    trust.witnesses.clear();
    return trust;
}

Result<void> contradicted(Station& station, const std::string& origin, const std::string& first,
                          const std::string& second) {
    RELAIS_TRY(keep_contradiction(
        station.store(), {ErrorCode::inconsistent_log, origin, first, second, station.now()}));
    return fail(ErrorCode::inconsistent_log, origin);
}

// What a restored broker's log says that it lost, proven under its present name.
Result<ToldLoss> ask_told_loss(Station& station, std::chrono::milliseconds patience) {
    // Asked anew: a head that this station offered may have been cited since the session began.
    RELAIS_ASSIGN(const wire::Body greeting,
                  station.ask(wire::Hello{wire::kProtocolVersion, "relais-station " RELAIS_VERSION},
                              patience));
    const auto* welcome = std::get_if<wire::Welcome>(&greeting);
    if (welcome == nullptr || !welcome->restored) {
        return fail(ErrorCode::inconsistent_log, "no restore is told");
    }
    const wire::Restored& restored = *welcome->restored;
    RELAIS_ASSIGN(const wire::Body body,
                  station.ask(wire::FetchProof{restored.leaf, restored.leaf_hash}, patience));
    const auto* proof = std::get_if<wire::Proof>(&body);
    if (proof == nullptr) return fail(ErrorCode::malformed, "answer to FetchProof");
    return told_loss(station.directory(), *proof);
}

// Whether the log says that it lost what stood under the head `from` (restored_log.h). Errors: as
// ask_told_loss; inconsistent_log where it does not say so.
Result<void> told_of_loss(Station& station, wire::LogName log, const std::string& from,
                          std::chrono::milliseconds patience) {
    if (log != wire::LogName::audit || from.empty()) return fail(ErrorCode::inconsistent_log);
    RELAIS_ASSIGN(const ToldLoss told, ask_told_loss(station, patience));
    RELAIS_ASSIGN(const merkle::LogTrust former, log_only(station, log, from));
    RELAIS_ASSIGN(const auto known, merkle::verify_checkpoint(from, former));
    return check_told(told, known.head(), former);
}

// The present head of the log, and that it continues `from` (a note; empty: nothing).
struct Present {
    merkle::VerifiedCheckpoint head;
    wire::Consistency answer;
};
Result<Present> fetch_from(Station& station, wire::LogName log, const std::string& from,
                           std::chrono::milliseconds patience) {
    const std::string first_origin = witness::log_origin(station.identity().domain, log);
    merkle::Checkpoint before{first_origin, 0, merkle::empty_root()};
    if (!from.empty()) {
        RELAIS_ASSIGN(const merkle::LogTrust of_from, log_only(station, log, from));
        RELAIS_ASSIGN(const auto known, merkle::verify_checkpoint(from, of_from));
        before = known.head();
    }
    auto body = station.ask(wire::FetchConsistency{log, before.size}, patience);
    if (body.code() == ErrorCode::wrong_position) {
        const auto told = told_of_loss(station, log, from, patience);
        if (told.ok()) return fetch_from(station, log, "", patience);
        if (told.code() != ErrorCode::inconsistent_log) return told.error();
        RELAIS_TRY(contradicted(station, before.origin, from, "the broker has less than this"));
    }
    if (!body.ok()) return body.error();
    auto* answer = std::get_if<wire::Consistency>(&*body);
    if (answer == nullptr) return fail(ErrorCode::malformed, "answer to FetchConsistency");
    RELAIS_ASSIGN(const merkle::LogTrust trust, log_only(station, log, answer->checkpoint));
    RELAIS_ASSIGN(auto head, merkle::verify_checkpoint(answer->checkpoint, trust));
    const merkle::Checkpoint& now = head.head();
    const bool continues =
        before.size == 0 ||
        merkle::verify_consistency(before.size, before.root, now.size, now.root, answer->hashes)
            .ok();
    if (!continues) {
        const bool renamed = before.origin != now.origin;
        const auto told = renamed ? told_of_loss(station, log, from, patience)
                                  : Result<void>(fail(ErrorCode::inconsistent_log));
        if (told.code() == ErrorCode::inconsistent_log) {
            RELAIS_TRY(contradicted(station, trust.origin, from, head.note()));
        }
        RELAIS_TRY(told);
    }
    return Present{std::move(head), std::move(*answer)};
}

// The directory's head is that of the replica, as far as that goes.
Result<void> check_replica(Station& station, wire::LogName log, const std::string& note) {
    if (log != wire::LogName::directory) return {};
    const auto same = station.replica().check_checkpoint(note);
    if (same.ok() || same.code() == ErrorCode::ahead_of_directory) return {};
    const std::string origin = witness::log_origin(station.identity().domain, log);
    if (same.code() != ErrorCode::inconsistent_log) return same;
    return contradicted(station, origin, station.replica().checkpoint(), note);
}

Result<void> check_witnessed(Station& station, wire::LogName log, const Present& present) {
    const std::string& note = present.answer.witnessed;
    if (note.empty()) return {};
    RELAIS_ASSIGN(const auto judged, witness::judge_head(station.directory(), log, note));
    const merkle::Checkpoint& witnessed = judged.head.head();
    const merkle::Checkpoint& now = present.head.head();
    const auto prefix = merkle::verify_consistency(witnessed.size, witnessed.root, now.size,
                                                   now.root, present.answer.witnessed_hashes);
    if (!prefix.ok()) return contradicted(station, now.origin, note, present.head.note());
    const std::string name = witness::log_origin(station.identity().domain, log);
    return station.store().set_value(witnessed_name(name), as_bytes(note));
}

Result<LogHead> read_head(Station& station, wire::LogName log) {
    LogHead read{.log = log, .origin = witness::log_origin(station.identity().domain, log)};
    if (const auto* policy = station.directory().witness_policy()) {
        read.standing.asked = policy->organisations;
        read.standing.late_after = policy->late_after;
    }
    RELAIS_ASSIGN(const std::string note, known_head(station.store(), read.origin));
    if (!note.empty()) {
        RELAIS_ASSIGN(const merkle::LogTrust trust, log_only(station, log, note));
        RELAIS_ASSIGN(const auto head, merkle::verify_checkpoint(note, trust));
        read.size = head.head().size;
    }
    RELAIS_ASSIGN(const auto witnessed, station.store().value(witnessed_name(read.origin)));
    if (!witnessed) return read;
    RELAIS_ASSIGN(auto judged, witness::judge_head(station.directory(), log, as_text(*witnessed)));
    read.witnessed_size = judged.head.head().size;
    read.standing = std::move(judged.standing);
    return read;
}

}  // namespace

Result<std::vector<LogHead>> check_heads(Station& station, std::chrono::milliseconds patience) {
    for (const wire::LogName log : {wire::LogName::audit, wire::LogName::directory}) {
        const std::string origin = witness::log_origin(station.identity().domain, log);
        RELAIS_ASSIGN(const std::string known, known_head(station.store(), origin));
        auto present = fetch_from(station, log, known, patience);
        if (present.code() == ErrorCode::not_yet_proven) continue;
        if (!present.ok()) return present.error();
        RELAIS_TRY(check_replica(station, log, present->head.note()));
        RELAIS_TRY(check_witnessed(station, log, *present));
        RELAIS_TRY(set_known_head(station.store(), origin, present->head.note()));
    }
    return known_heads(station);
}

Result<std::vector<LogHead>> known_heads(Station& station) {
    std::vector<LogHead> heads;
    for (const wire::LogName log : {wire::LogName::audit, wire::LogName::directory}) {
        RELAIS_ASSIGN(LogHead head, read_head(station, log));
        heads.push_back(std::move(head));
    }
    return heads;
}

// Two heads are of one log where the same later head continues both.
Result<void> check_of_log(Station& station, wire::LogName log,
                          const merkle::VerifiedCheckpoint& head) {
    const std::string origin = witness::log_origin(station.identity().domain, log);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        RELAIS_ASSIGN(const std::string known, known_head(station.store(), origin));
        RELAIS_ASSIGN(const Present from_known, fetch_from(station, log, known, kAnswerPatience));
        RELAIS_ASSIGN(const Present from_head,
                      fetch_from(station, log, head.note(), kAnswerPatience));
        const merkle::Checkpoint& one = from_known.head.head();
        const merkle::Checkpoint& other = from_head.head.head();
        if (one.size != other.size) continue;  // it grew meanwhile
        if (one.root != other.root) {
            return contradicted(station, origin, from_known.head.note(), from_head.head.note());
        }
        return set_known_head(station.store(), origin, from_known.head.note());
    }
    return fail(ErrorCode::timed_out, "head of " + origin);
}

}  // namespace relais::station
