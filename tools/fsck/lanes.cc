// lanes.cc: what stands in every mailbox, entry by entry: no gap, nothing that is not what its
// envelope, its signature or its leaf says; and how far stations have said that they hold it.
#include <algorithm>
#include <set>

#include "core/base/contexts.h"
#include "core/codecs/codecs.h"
#include "core/merkle/tree.h"
#include "schemas/envelope/notice.h"
#include "schemas/envelope/statements.h"
#include "schemas/workflow/broker_word.h"
#include "tools/fsck/facts.h"

namespace relais::fsck {

namespace {

constexpr std::size_t kLanePage = 512;

class LaneCheck {
public:
    explicit LaneCheck(Facts& facts) : facts_(facts) {
        for (const auto& [index, leaf] : facts.trail) learn(leaf);
    }

    Result<void> run(const broker::LaneKey& key) {
        std::uint64_t expected = 1;
        for (;;) {
            RELAIS_ASSIGN(const auto page,
                          facts_.store.read_log({key.channel, key.lane, {expected}}, kLanePage));
            if (page.empty()) return {};
            for (const auto& [place, record] : page) {
                if (place.seq.value != expected) {
                    facts_.report.add(problem::kGap, facts_.name(key),
                                      "no entry " + std::to_string(expected));
                }
                std::vector<Digest>& standing = facts_.lanes[key];
                standing.resize(place.seq.value - 1);
                standing.push_back(std::visit(
                    [&, at = place](const auto& each) { return judge(at, each); }, record));
                expected = place.seq.value + 1;
                ++facts_.report.entries;
            }
        }
    }

    // Each envelope stands where it says, and every box that is due is there.
    void finish() {
        for (const auto& [number, envelope] : facts_.envelopes) {
            std::set<broker::Place> said(envelope.places.begin(), envelope.places.end());
            if (said != places_[number] || said.size() != envelope.places.size()) {
                facts_.report.add(problem::kPlaces, "envelope " + std::to_string(number),
                                  "stands elsewhere than it says");
            }
            for (std::uint16_t i = 0; i < envelope.boxes.size(); ++i)
                judge_box(number, envelope, i);
        }
    }

private:
    void learn(const Leaf& leaf) {
        const bool ends = leaf.event == Event::expired || leaf.event == Event::purged ||
                          leaf.event == Event::erased;
        if (ends && leaf.header && leaf.message) ended_.emplace(*leaf.header, *leaf.message);
        const bool marked = leaf.event == Event::opened || leaf.event == Event::taken;
        if (marked && leaf.person && leaf.header) {
            marks_.emplace(leaf.mailbox, *leaf.person, *leaf.header, leaf.event);
        }
        if (leaf.event == Event::released && leaf.header) {
            released_.emplace(leaf.mailbox, *leaf.header, leaf.first);
        }
    }

    Digest judge(const broker::Place& place, const broker::EnvelopeRef& ref) {
        const auto found = facts_.envelopes.find(ref.number);
        if (found == facts_.envelopes.end()) {
            wrong(place, "no envelope " + std::to_string(ref.number));
            return {};
        }
        const EnvelopeFacts& envelope = found->second;
        places_[ref.number].insert(place);
        facts_.shown.emplace(ref.number, ref.position);
        const auto mailbox = facts_.mailboxes.find(place.channel);
        const bool fits = ref.position < envelope.boxes.size() && envelope.lane == place.lane &&
                          mailbox != facts_.mailboxes.end() &&
                          envelope.boxes[ref.position].mailbox == mailbox->second;
        if (!fits) {
            wrong(place, "envelope " + std::to_string(ref.number) + " is not for this place");
        } else if (envelope.boxes[ref.position].release != Release::at_once &&
                   !released_.contains({mailbox->second.text(), envelope.digest, place.seq})) {
            wrong(place, "no leaf tells of the release of this box");
        }
        return envelope.digest;
    }

    Digest judge(const broker::Place& place, const NoticeEntry& entry) {
        const auto statement = parse_statement(entry.statement);
        const auto notice =
            statement.ok() ? parse_notice(statement->body) : Result<Notice>(statement.error());
        if (!notice.ok()) {
            wrong(place, "notice: " + notice.error().describe());
        } else if (!facts_.state ||
                   !workflow::check_broker_word(*facts_.state, facts_.verifier, *statement).ok()) {
            wrong(place, "notice not signed by the broker");
        }
        return statement_digest(entry.statement);
    }

    Digest judge(const broker::Place& place, const MarkedEntry& entry) {
        const auto statement = parse_statement(entry.statement);
        const auto mark =
            statement.ok() ? parse_mark(statement->body) : Result<PersonMark>(statement.error());
        if (!mark.ok()) {
            wrong(place, "mark: " + mark.error().describe());
            return statement_digest(entry.statement);
        }
        const auto* person = facts_.state ? facts_.state->person_ever(mark->person) : nullptr;
        if (person == nullptr ||
            !verify_statement(contexts::kMark, *statement, person->person.key, facts_.verifier)
                 .ok()) {
            wrong(place, "mark not signed by its person");
        }
        const Event event = mark->word == Word::opened ? Event::opened : Event::taken;
        if (!marks_.contains({mark->mailbox.text(), mark->person, mark->header, event})) {
            wrong(place, "no leaf tells of this mark");
        }
        return statement_digest(entry.statement);
    }

    Digest judge(const broker::Place& place, const Tombstone& stone) {
        if (!stone.message || !ended_.contains({stone.digest, *stone.message})) {
            wrong(place, "tombstone of what no leaf says was over");
        }
        return stone.digest;
    }

    void judge_box(broker::EnvelopeNumber number, const EnvelopeFacts& envelope,
                   std::uint16_t position) {
        const BoxFacts& box = envelope.boxes[position];
        if (box.release != Release::at_once || box.left) return;
        if (facts_.shown.contains({number, position})) return;
        if (facts_.held.contains({number, position})) return;  // with its party
        facts_.report.add(problem::kPlaces, "envelope " + std::to_string(number),
                          "not delivered to " + box.mailbox.text());
    }

    void wrong(const broker::Place& place, const std::string& detail) {
        facts_.report.add(problem::kEntry, facts_.name(place), detail);
    }

    Facts& facts_;
    std::map<broker::EnvelopeNumber, std::set<broker::Place>> places_;
    std::set<std::pair<Digest, MessageId>> ended_;
    std::set<std::tuple<std::string, PersonId, Digest, Event>> marks_;
    std::set<std::tuple<std::string, Digest, ChannelSeq>> released_;
};

using CursorKey = std::tuple<std::string, Lane, StationId>;

// What a station said that it held is what stands there.
void check_delivered(Facts& facts, const evidence::TrailEntry& entry,
                     const std::map<std::string, broker::ChannelId>& channels) {
    const std::string where = "leaf " + std::to_string(entry.index);
    const auto statement = parse_statement(entry.leaf.statement);
    const auto said = statement.ok() ? parse_delivered(statement->body)
                                     : Result<DeliveredStatement>(statement.error());
    const auto channel = channels.find(entry.leaf.mailbox);
    if (!said.ok() || channel == channels.end()) return;  // a finding of the logs
    const std::vector<Digest>& standing = facts.lanes[{channel->second, entry.leaf.lane}];
    if (said->last.value > standing.size()) {
        facts.report.add(problem::kDelivered, where, "the mailbox ends before what was delivered");
        return;
    }
    const std::span<const Digest> range(&standing[said->first.value - 1],
                                        said->last.value - said->first.value + 1);
    if (merkle::tree_root(range) != said->root) {
        facts.report.add(problem::kDelivered, where,
                         "other entries stand in " + said->mailbox.text());
    }
}

}  // namespace

Result<void> check_lanes(Facts& facts) {
    RELAIS_ASSIGN(const auto keys, facts.listing.lanes());
    LaneCheck check(facts);
    for (const broker::LaneKey& key : keys) {
        const Result<void> done = check.run(key);
        if (done.code() == ErrorCode::corrupt) {
            facts.report.add(problem::kUnreadable, facts.name(key), done.error().detail);
        } else {
            RELAIS_TRY(done);
        }
    }
    check.finish();
    return {};
}

Result<void> check_cursors(Facts& facts) {
    std::map<std::string, broker::ChannelId> channels;
    for (const auto& [channel, mailbox] : facts.mailboxes)
        channels.emplace(mailbox.text(), channel);
    std::map<CursorKey, std::uint64_t> delivered;
    for (const evidence::TrailEntry& entry : facts.trail) {
        const Leaf& leaf = entry.leaf;
        if (leaf.event != Event::delivered || !leaf.station) continue;
        std::uint64_t& last = delivered[{leaf.mailbox, leaf.lane, *leaf.station}];
        last = std::max(last, leaf.last.value);
        check_delivered(facts, entry, channels);
    }
    RELAIS_ASSIGN(const auto cursors, facts.listing.cursors());
    for (const broker::CursorRow& row : cursors) {
        const auto found = delivered.find({facts.name(row.channel), row.lane, row.station});
        const std::uint64_t said = found == delivered.end() ? 0 : found->second;
        if (found != delivered.end()) delivered.erase(found);
        if (said == row.value) continue;
        facts.report.add(problem::kCursor, facts.name(broker::LaneKey{row.channel, row.lane}),
                         "station " + uuid(row.station) + " at " + std::to_string(row.value) +
                             ", its last delivered leaf says " + std::to_string(said));
    }
    for (const auto& [key, last] : delivered) {
        facts.report.add(problem::kCursor, std::get<0>(key),
                         "no cursor of station " + uuid(std::get<2>(key)));
    }
    RELAIS_ASSIGN(const auto counters, facts.listing.counters());
    std::map<CursorKey, std::uint64_t> used;
    for (const broker::CursorRow& row : counters) {
        used[{facts.name(row.channel), row.lane, row.station}] = row.value;
    }
    for (const auto& [number, envelope] : facts.envelopes) {
        for (const CounterFacts& counter : envelope.counters) {
            const CursorKey key{counter.mailbox.text(), envelope.lane, envelope.station};
            if (used[key] >= counter.value) continue;
            facts.report.add(problem::kCounter, counter.mailbox.text(),
                             "behind envelope " + std::to_string(number));
        }
    }
    return {};
}

}  // namespace relais::fsck
