#include "broker/store/envelope_ends.h"

namespace relais::broker {

namespace {

Timer timer_of(EngineTime at, EnvelopeNumber number) {
    return {.at = at, .kind = TimerKind::envelope_end, .envelope = number};
}

}  // namespace

Result<void> EnvelopeEnds::add(EngineTime at, EnvelopeNumber number) {
    std::vector<Run>& runs = added_[at];
    if (!runs.empty() && runs.back().first + runs.back().count == number) {
        ++runs.back().count;
    } else {
        runs.push_back({number, 1});
    }
    return {};
}

Result<void> EnvelopeEnds::insert(EngineTime at, const Run& run) {
    if (run.count == 0) return {};
    Query query =
        database_.query("INSERT OR REPLACE INTO envelope_end (at, first, count) VALUES (?, ?, ?)");
    return query.bind(at.ms).bind(run.first).bind(run.count).run();
}

Result<void> EnvelopeEnds::flush() {
    for (const auto& [at, runs] : added_) {
        for (const Run& run : runs) RELAIS_TRY(insert(at, run));
    }
    added_.clear();
    return {};
}

// What remains of its run is one run or two.
Result<void> EnvelopeEnds::remove(EngineTime at, EnvelopeNumber number) {
    RELAIS_TRY(flush());
    Run run{};
    {
        Query query = database_.query(
            "SELECT first, count FROM envelope_end WHERE at = ? AND first <= ?"
            " ORDER BY first DESC LIMIT 1");
        RELAIS_ASSIGN(const bool found, query.bind(at.ms).bind(number).row());
        if (!found) return {};
        run = {query.number(0), query.number(1)};
    }
    if (number >= run.first + run.count) return {};
    RELAIS_TRY(database_.query("DELETE FROM envelope_end WHERE at = ? AND first = ?")
                   .bind(at.ms)
                   .bind(run.first)
                   .run());
    RELAIS_TRY(insert(at, {run.first, number - run.first}));
    return insert(at, {number + 1, run.first + run.count - number - 1});
}

Result<void> EnvelopeEnds::remove(EnvelopeNumber number) {
    RELAIS_TRY(flush());
    EngineTime at{};
    {
        Query query = database_.query(
            "SELECT at FROM envelope_end WHERE first <= ?1 AND first + count > ?1 LIMIT 1");
        RELAIS_ASSIGN(const bool found, query.bind(number).row());
        if (!found) return {};
        at = {query.integer(0)};
    }
    return remove(at, number);
}

Result<std::optional<Timer>> EnvelopeEnds::first() {
    std::optional<Timer> timer;
    Query query = database_.query("SELECT at, first FROM envelope_end ORDER BY at, first LIMIT 1");
    RELAIS_ASSIGN(const bool found, query.row());
    if (found) timer = timer_of({query.integer(0)}, query.number(1));
    if (!added_.empty() && (!timer || added_.begin()->first < timer->at)) {
        timer = timer_of(added_.begin()->first, added_.begin()->second.front().first);
    }
    return timer;
}

Result<std::vector<Timer>> EnvelopeEnds::all() {
    Query query = database_.query("SELECT at, first, count FROM envelope_end ORDER BY at, first");
    std::vector<Timer> timers;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return timers;
        for (std::uint64_t i = 0; i < query.number(2); ++i) {
            timers.push_back(timer_of({query.integer(0)}, query.number(1) + i));
        }
    }
}

}  // namespace relais::broker
