#include "broker/engine/witness_desk.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/merkle/cosignature.h"

namespace relais::broker {

namespace {

constexpr std::array<wire::LogName, 2> kLogs = {wire::LogName::audit, wire::LogName::directory};

std::size_t index_of(wire::LogName log) { return log == wire::LogName::audit ? 0 : 1; }

// Its line over this head, at a time that can be. Errors: as WitnessDesk::cosign.
Result<void> check_line(const merkle::NoteSignature& line, const merkle::VerifierKey& key,
                        const std::string& note, const TimeKeeper& time) {
    RELAIS_ASSIGN(const merkle::UnverifiedNote parsed, merkle::parse_note(note));
    RELAIS_ASSIGN(const WallTime said, merkle::verify_cosignature(parsed.text, line, key));
    const Milliseconds apart = said - time.wall();
    if (!time.suspect() && std::chrono::abs(apart) > limits::kCosignatureSkew) {
        return fail(ErrorCode::invalid_field, "the clock of this witness");
    }
    return {};
}

}  // namespace

MerkleLog& WitnessDesk::log(std::size_t index) const {
    return index == 0 ? parts_.audit_log : parts_.directory_log;
}

void WitnessDesk::begin() {
    for (std::size_t index = 0; index < kLogs.size(); ++index) {
        rounds_[index] = {};
        watches_[index] = {parts_.time.time(), {}, false};
        judge(index);
    }
    judged_at_ = parts_.state().size();
}

// What the last witnessed head is worth by the directory as it stands.
void WitnessDesk::judge(std::size_t index) {
    witness::Standing& standing = watches_[index].standing;
    standing = {};
    const std::string& note = log(index).witnessed();
    if (!note.empty()) {
        auto judged = witness::judge_head(parts_.state(), kLogs[index], note);
        if (judged.ok()) standing = std::move(judged->standing);
        return;
    }
    if (const auto* policy = parts_.state().witness_policy()) {
        standing.asked = policy->organisations;
        standing.late_after = policy->late_after;
    }
}

Result<void> WitnessDesk::follow(const Session& session, const wire::FollowCheckpoints& follow) {
    if (parts_.state().witness(session.station) == nullptr) {
        return fail(ErrorCode::forbidden, "not a witness of this domain");
    }
    if (follow.audit > parts_.audit_log.checkpoint_size() ||
        follow.directory > parts_.directory_log.checkpoint_size()) {
        return fail(ErrorCode::wrong_position, "heads that this broker has not signed");
    }
    Follower follower{session.station, {}};
    follower.logs[0].from = follow.audit;
    follower.logs[1].from = follow.directory;
    followers_[session.id] = follower;
    return {};
}

Result<void> WitnessDesk::cosign(const Session& session, const wire::Cosign& cosign) {
    const directory::WitnessRecord* record = parts_.state().witness(session.station);
    const auto follower = followers_.find(session.id);
    if (record == nullptr || follower == followers_.end()) {
        return fail(ErrorCode::forbidden, "not a witness of this domain");
    }
    const std::size_t index = index_of(cosign.log);
    if (follower->second.logs[index].asked != cosign.size)
        return fail(ErrorCode::wrong_position, "head");
    RELAIS_ASSIGN(const auto notes, parts_.store.checkpoints(cosign.log, cosign.size, 1));
    if (notes.empty()) return fail(ErrorCode::corrupt, "a signed head is missing");
    RELAIS_ASSIGN(const auto line, merkle::parse_signature_line(cosign.cosignature));
    const auto key = witness::verifier_key(parts_.state().domain_name(), *record);
    RELAIS_TRY(check_line(line, key, notes.front(), parts_.time));
    RELAIS_ASSIGN(const std::string note, merkle::put_cosignature(notes.front(), line));
    RELAIS_ASSIGN(auto judged, witness::judge_head(parts_.state(), cosign.log, note));
    RELAIS_TRY(log(index).put_note(cosign.size, note));
    const bool enough = judged.standing.met() && !judged.standing.organisations.empty();
    if (!enough || cosign.size < log(index).witnessed_size()) return {};
    watches_[index].standing = std::move(judged.standing);
    return log(index).set_witnessed(cosign.size, note);
}

void WitnessDesk::cosigned(SessionId session, wire::LogName log, std::uint64_t size) {
    const auto follower = followers_.find(session);
    if (follower == followers_.end()) return;
    Followed& followed = follower->second.logs[index_of(log)];
    followed.asked.reset();
    followed.from = size;
}

// When the last witnessed head becomes too old; none where nothing is asked.
std::optional<EngineTime> WitnessDesk::late_at(const Watch& watch) const {
    const witness::Standing& standing = watch.standing;
    if (standing.asked == 0) return std::nullopt;
    if (!standing.met() || !standing.as_of) return watch.begun + standing.late_after;
    const Milliseconds age = parts_.time.wall() - *standing.as_of;
    return parts_.time.time() + (Milliseconds(standing.late_after) - age);
}

Result<void> WitnessDesk::look() {
    const bool changed = judged_at_ != parts_.state().size();
    judged_at_ = parts_.state().size();
    for (std::size_t index = 0; index < kLogs.size(); ++index) {
        Watch& watch = watches_[index];
        const bool met_before = watch.standing.met();
        if (changed) judge(index);
        if (met_before && !watch.standing.met()) watch.begun = parts_.time.time();
        const auto at = late_at(watch);
        const bool late = at && *at < parts_.time.time();
        if (late == watch.late || parts_.time.suspect()) continue;
        watch.late = late;
        Leaf leaf = leaf_of(late ? Event::witnessing_late : Event::witnessing_met);
        leaf.subject = witness::log_origin(parts_.state().domain_name(), kLogs[index]);
        RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    }
    return {};
}

// When the next head is given; none where there is no news, or nobody to give it to.
std::optional<EngineTime> WitnessDesk::round_at(std::size_t index) const {
    const Round& round = rounds_[index];
    if (followers_.empty() || log(index).checkpoint_size() == round.size) return std::nullopt;
    return round.size == 0 ? parts_.time.time() : round.begun + limits::kCosignEvery;
}

void WitnessDesk::begin_rounds() {
    for (std::size_t index = 0; index < kLogs.size(); ++index) {
        const auto at = round_at(index);
        if (!at || *at > parts_.time.time()) continue;
        rounds_[index] = {log(index).checkpoint_size(), log(index).checkpoint(),
                          parts_.time.time()};
    }
}

// When this witness is to be given the head of the round: at once where it is news to it; again at
// half the age at which it would be late, so that its time shows that nothing is hidden.
std::optional<EngineTime> WitnessDesk::due_at(const Followed& followed, std::size_t index) const {
    const std::uint64_t size = rounds_[index].size;
    if (followed.asked || size < followed.from || size == 0) return std::nullopt;
    if (!followed.asked_at || size > followed.from) return parts_.time.time();
    const std::chrono::seconds late_after = watches_[index].standing.late_after;
    if (late_after.count() == 0) return std::nullopt;
    return *followed.asked_at + Milliseconds(late_after) / 2;
}

Result<void> WitnessDesk::give(SessionId session, Followed& followed, std::size_t index,
                               std::vector<Output>& outputs) {
    const Round& round = rounds_[index];
    RELAIS_ASSIGN(auto hashes, log(index).consistency(followed.from, round.size));
    followed.asked = round.size;
    followed.asked_at = parts_.time.time();
    outputs.push_back(SendFrame{
        session,
        {0, wire::NewCheckpoint{kLogs[index], followed.from, std::move(hashes), round.note}}});
    return {};
}

Result<void> WitnessDesk::pump(std::vector<Output>& outputs) {
    std::erase_if(followers_, [this](const auto& item) {
        return sessions_.find(item.first) == nullptr ||
               parts_.state().witness(item.second.station) == nullptr;
    });
    begin_rounds();
    for (auto& [session, follower] : followers_) {
        for (std::size_t index = 0; index < kLogs.size(); ++index) {
            const auto at = due_at(follower.logs[index], index);
            if (!at || *at > parts_.time.time()) continue;
            RELAIS_TRY(give(session, follower.logs[index], index, outputs));
        }
    }
    return {};
}

std::optional<EngineTime> WitnessDesk::next() const {
    std::optional<EngineTime> first;
    const auto sooner = [&](const std::optional<EngineTime>& at) {
        if (at && (!first || *at < *first)) first = at;
    };
    for (const auto& [session, follower] : followers_) {
        for (std::size_t index = 0; index < kLogs.size(); ++index) {
            sooner(due_at(follower.logs[index], index));
        }
    }
    for (std::size_t index = 0; index < kLogs.size(); ++index) sooner(round_at(index));
    for (const Watch& watch : watches_) {
        const auto at = watch.late || parts_.time.suspect() ? std::nullopt : late_at(watch);
        if (at) sooner(*at + Milliseconds(1));
    }
    return first;
}

WitnessCounts WitnessDesk::counts() const {
    const auto of = [this](std::size_t index) {
        const Watch& watch = watches_[index];
        return WitnessCounts::Log{log(index).witnessed_size(), watch.standing.as_of, watch.late};
    };
    return {watches_[0].standing.asked, watches_[0].standing.known, followers_.size(), of(0),
            of(1)};
}

std::string WitnessDesk::log_json(std::size_t index) const {
    const Watch& watch = watches_[index];
    std::string by;
    for (const std::string& organisation : watch.standing.organisations) {
        by += (by.empty() ? "\"" : ",\"") + organisation + "\"";
    }
    std::string age = "null";
    if (watch.standing.as_of) {
        age = std::to_string((parts_.time.wall() - *watch.standing.as_of).count() / 1000);
    }
    return "{\"signed\":" + std::to_string(log(index).checkpoint_size()) +
           ",\"witnessed\":" + std::to_string(log(index).witnessed_size()) + ",\"age_s\":" + age +
           ",\"late\":" + (watch.late ? "true" : "false") + ",\"by\":[" + by + "]}";
}

std::string WitnessDesk::json() const {
    return "{\"asked\":" + std::to_string(watches_[0].standing.asked) +
           ",\"following\":" + std::to_string(followers_.size()) + ",\"audit\":" + log_json(0) +
           ",\"directory\":" + log_json(1) + "}";
}

}  // namespace relais::broker
