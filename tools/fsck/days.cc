// days.cc: what is kept of the days of mailboxes, against the leaves: each acceptance counts once
// for its station and day, and a statement is the one of its leaf (whose signature is judged with
// the log).
#include "core/calendar/days.h"
#include "broker/store/day_table.h"
#include "core/base/limits.h"
#include "schemas/envelope/statements.h"
#include "tools/fsck/facts.h"

namespace relais::fsck {

namespace {

using SentKey = std::tuple<std::string, CivilDay, StationId>;

class Days {
public:
    explicit Days(Facts& facts) : facts_(facts) {}

    Result<void> check() {
        RELAIS_ASSIGN(const auto from, facts_.store.value("days_from"));
        if (!from) return {};  // of a version that did not count
        if (from->size() != 4) return fail(ErrorCode::corrupt, "days_from");
        const CivilDay first{static_cast<std::int32_t>(read_u32(*from))};
        count_accepted(first);
        count_standing(first);
        RELAIS_ASSIGN(const auto rows, broker::list_days(facts_.store.database()));
        for (const broker::DayRows::Sent& row : rows.sent) {
            if (row.day >= first) judge(row);
        }
        RELAIS_TRY(judge_uncounted());
        for (const broker::DayRows::Held& row : rows.held) judge(row);
        for (const broker::DayRows::Stated& row : rows.stated) judge(row);
        return {};
    }

private:
    // Of the days that are still kept, whatever was forgotten last.
    Result<void> judge_uncounted() {
        RELAIS_ASSIGN(const auto time, facts_.store.time());
        if (!time) return {};
        const CivilDay oldest = calendar::day_of(time->reading.wall) + -limits::kDaysKept;
        for (const auto& [key, count] : accepted_) {
            const auto& [mailbox, day, station] = key;
            if (day >= oldest) wrong(mailbox, day, "sent and not counted");
        }
        return {};
    }

    void count_accepted(CivilDay first) {
        for (const evidence::TrailEntry& entry : facts_.trail) {
            const Leaf& leaf = entry.leaf;
            if (leaf.event != Event::submitted || leaf.code != ErrorCode::ok || !leaf.station) {
                continue;
            }
            const CivilDay day = calendar::day_of(leaf.time);
            if (day >= first) ++accepted_[{leaf.mailbox, day, *leaf.station}];
        }
    }

    // Envelopes that stand in mailboxes now: no more than were counted.
    void count_standing(CivilDay first) {
        for (const auto& [number, envelope] : facts_.envelopes) {
            if (envelope.boxes.empty() || envelope.accepted < calendar::start_of(first)) continue;
            const Address& from = envelope.boxes.front().mailbox;
            for (const broker::Place& place : envelope.places) {
                if (facts_.name(place.channel) == from.text()) continue;
                ++standing_[{place.channel, calendar::day_of(envelope.accepted)}];
            }
        }
    }

    void wrong(const std::string& mailbox, CivilDay day, const std::string& what) {
        facts_.report.add(problem::kDay, mailbox + " " + format_day(day), what);
    }

    void judge(const broker::DayRows::Sent& row) {
        const std::string mailbox = facts_.name(row.channel);
        const auto found = accepted_.find({mailbox, row.day, row.station});
        const std::uint64_t told = found == accepted_.end() ? 0 : found->second;
        if (found != accepted_.end()) accepted_.erase(found);
        if (told == row.count) return;
        wrong(mailbox, row.day,
              std::to_string(row.count) + " sent, the leaves say " + std::to_string(told));
    }

    void judge(const broker::DayRows::Held& row) {
        const auto found = standing_.find({row.channel, row.day});
        if (found == standing_.end() || found->second <= row.count) return;
        wrong(
            facts_.name(row.channel), row.day,
            std::to_string(row.count) + " held, " + std::to_string(found->second) + " stand there");
    }

    void judge(const broker::DayRows::Stated& row) {
        const std::string mailbox = facts_.name(row.channel);
        const Leaf* leaf = facts_.leaf(row.stated.leaf);
        if (leaf == nullptr || leaf->event != Event::day_stated) {
            return wrong(mailbox, row.day, "no leaf of the statement");
        }
        const auto statement = parse_statement(leaf->statement);
        const auto said =
            statement.ok() ? parse_day(statement->body) : Result<DayStatement>(statement.error());
        const bool same = said.ok() && said->station == row.station &&
                          said->mailbox.text() == mailbox && said->day == row.day &&
                          said->sent == row.stated.sent && said->held == row.stated.held;
        if (!same) wrong(mailbox, row.day, "not what the station signed");
    }

    Facts& facts_;
    std::map<SentKey, std::uint64_t> accepted_;
    std::map<std::pair<broker::ChannelId, CivilDay>, std::uint64_t> standing_;
};

}  // namespace

Result<void> check_days(Facts& facts) { return Days(facts).check(); }

}  // namespace relais::fsck
