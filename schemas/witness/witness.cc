#include "schemas/witness/witness.h"

#include <algorithm>
#include <functional>
#include <ranges>

#include "core/codecs/codecs.h"

namespace relais::witness {

namespace {

bool counts(const directory::DirectoryState& state, const directory::WitnessRecord& record) {
    const directory::WitnessRecord* now = state.witness(record.witness.station);
    return now != nullptr && now->witness.key == record.witness.key &&
           state.established(record.organisation) && !state.suspended(record.organisation);
}

std::size_t known_organisations(const directory::DirectoryState& state) {
    std::set<std::string> known;
    for (const directory::WitnessRecord* record : state.witnesses()) {
        if (counts(state, *record)) known.insert(record->organisation);
    }
    return known.size();
}

// The log's key, now or before, whose line the note has; of several the newest. The present one for
// a note without any, or of the name alone.
Result<merkle::VerifierKey> key_of(const directory::DirectoryState& state, wire::LogName log,
                                   const std::string& origin, std::string_view note) {
    const auto parsed = merkle::parse_note(note);
    std::optional<merkle::VerifierKey> present;
    for (const auto& [validity, domain] : state.domain_history().versions() | std::views::reverse) {
        const auto& key = log == wire::LogName::audit ? domain.audit_log : domain.directory_log;
        RELAIS_ASSIGN(auto named,
                      merkle::VerifierKey::make(origin, merkle::NoteKeyType::ed25519, key));
        const auto of_it = [&](const merkle::NoteSignature& line) {
            return line.key_name == named.name() && line.key_id == named.id();
        };
        if (parsed.ok() && std::ranges::any_of(parsed->signatures, of_it)) return named;
        if (!present) present = std::move(named);
    }
    return *std::move(present);
}

// The newest line of each organisation that counts, newest first.
std::vector<WallTime> newest_of_each(const std::vector<Line>& lines) {
    std::map<std::string, WallTime> newest;
    for (const Line& line : lines) {
        if (!line.counts) continue;
        WallTime& time = newest.try_emplace(line.organisation, line.time).first->second;
        time = std::max(time, line.time);
    }
    std::vector<WallTime> times;
    for (const auto& [organisation, time] : newest) times.push_back(time);
    std::ranges::sort(times, std::greater<>());
    return times;
}

}  // namespace

std::vector<const directory::WitnessRecord*> known_witnesses(
    const directory::DirectoryState& state) {
    auto known = state.witnesses_ever();
    std::erase_if(known, [&](const directory::WitnessRecord* record) {
        return state.is_log_key(record->witness.key);
    });
    return known;
}

std::string log_origin(const Name& domain, wire::LogName log) {
    return domain.text() + (log == wire::LogName::audit ? "/audit" : "/directory");
}

merkle::VerifierKey verifier_key(const Name& domain, const directory::WitnessRecord& record) {
    const std::string name =
        domain.text() + "/witness/" + record.organisation + "/" + uuid(record.witness.station);
    return merkle::VerifierKey::make(name, merkle::NoteKeyType::cosignature, record.witness.key)
        .value();
}

Result<merkle::LogTrust> log_trust(const directory::DirectoryState& state, wire::LogName log,
                                   std::string_view note) {
    if (state.domain() == nullptr) return fail(ErrorCode::ahead_of_directory);
    const std::string origin(note.substr(0, note.find('\n')));
    const std::string first = log_origin(state.domain_name(), log);
    const bool restored = log == wire::LogName::audit && origin.starts_with(first + "/");
    if (origin != first && !restored) return fail(ErrorCode::note_invalid, "another log");
    RELAIS_ASSIGN(auto log_key, key_of(state, log, origin, note));
    merkle::LogTrust trust{origin, std::move(log_key)};
    for (const directory::WitnessRecord* record : known_witnesses(state)) {
        trust.witnesses.push_back(verifier_key(state.domain_name(), *record));
    }
    return trust;
}

bool Standing::late(WallTime now) const {
    if (asked == 0) return false;
    return !met() || !as_of || now - *as_of > late_after;
}

Result<Judged> judge_head(const directory::DirectoryState& state, wire::LogName log,
                          std::string_view note) {
    RELAIS_ASSIGN(const merkle::LogTrust trust, log_trust(state, log, note));
    RELAIS_ASSIGN(auto head, merkle::verify_checkpoint(note, trust));
    Standing standing;
    if (const directory::WitnessPolicy* policy = state.witness_policy()) {
        standing.asked = policy->organisations;
        standing.late_after = policy->late_after;
    }
    standing.known = known_organisations(state);
    for (const directory::WitnessRecord* record : known_witnesses(state)) {
        const std::string name = verifier_key(state.domain_name(), *record).name();
        // A station that changed its key has one name and several keys: a line of any.
        const auto said = std::ranges::find_if(head.witnessed(), [&](const auto& witnessed) {
            return witnessed.witness == name && witnessed.key == record->witness.key;
        });
        if (said == head.witnessed().end()) continue;
        const bool of_now = counts(state, *record);
        standing.lines.push_back(
            {record->organisation, record->witness.station, said->time, of_now});
        if (of_now) standing.organisations.insert(record->organisation);
    }
    const auto times = newest_of_each(standing.lines);
    const std::size_t needed = std::max<std::size_t>(standing.asked, 1);
    if (times.size() >= needed) standing.as_of = times[standing.asked == 0 ? 0 : needed - 1];
    return Judged{std::move(head), std::move(standing)};
}

}  // namespace relais::witness
