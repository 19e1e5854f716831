// A year of virtual time: cases of every kind are opened and acted upon as the kinds declare, units
// open and close, clocks change twice, the broker crashes, stays down, reboots and sleeps, somebody
// sets its clock. Every delay is told at its half once and ends once, or was overtaken by an act;
// every thread ends once.
//
// The ledger is written from what the store says after each step: a delay that begins, its half
// and its end. What is told later is held against it by the leaves of the audit log alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/calendar/calendar.h"
#include "tests/support/campaign.h"
#include "tests/support/engine/course_player.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// A delay that runs, by thread, clock and party.
using Key = std::tuple<ThreadId, workflow::ClockIndex, std::optional<std::size_t>>;
struct Delay {
    EngineTime end{};
    std::optional<EngineTime> half{};
    bool operator==(const Delay&) const = default;
};

// The public holidays from September 2026 to January 2028, as the calendars print them.
constexpr std::array kHolidays = {
    std::chrono::November / 1 / 2026,  std::chrono::November / 11 / 2026,
    std::chrono::December / 25 / 2026, std::chrono::January / 1 / 2027,
    std::chrono::March / 29 / 2027,    std::chrono::May / 1 / 2027,
    std::chrono::May / 6 / 2027,       std::chrono::May / 8 / 2027,
    std::chrono::May / 17 / 2027,      std::chrono::July / 14 / 2027,
    std::chrono::August / 15 / 2027,   std::chrono::November / 1 / 2027,
    std::chrono::November / 11 / 2027, std::chrono::December / 25 / 2027,
    std::chrono::January / 1 / 2028};

// Hours of summer in France: from 25 October 2026, 28 March 2027, 31 October 2027, at 1:00 UTC.
hours offset_in_paris(std::chrono::sys_time<Milliseconds> at) {
    const auto one = [](std::chrono::year_month_day day) {
        return std::chrono::sys_days(day) + hours(1);
    };
    const bool summer =
        at < one(std::chrono::October / 25 / 2026) ||
        (at >= one(std::chrono::March / 28 / 2027) && at < one(std::chrono::October / 31 / 2027));
    return hours(summer ? 2 : 1);
}

constexpr int kDraws = 50;  // of one opening, until it is accepted

constexpr std::uint16_t kOpens = 8 * 60;
constexpr std::uint16_t kCloses = 18 * 60;

// Whether a unit of weekdays, 8 to 18, was open in that instant, by hand.
bool open_then(WallTime at) {
    const std::chrono::sys_time<Milliseconds> utc{Milliseconds(at.ms)};
    const auto local = utc + offset_in_paris(utc);
    const auto day = std::chrono::floor<days>(local);
    const std::chrono::weekday weekday(day);
    if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) return false;
    const std::chrono::year_month_day date(day);
    for (const auto& holiday : kHolidays) {
        if (holiday == date) return false;
    }
    return local - day >= minutes(kOpens) && local - day < minutes(kCloses);
}

// What came of the clocks of one kind, by name.
struct Told {
    std::set<std::string> begun, reminded, ended;
    std::set<std::string> ends;  // terminal states
    std::size_t cases = 0, acts = 0;
};

class Year : public testing::Test {
protected:
    Year() {
        publish_protocol();
        look();
    }

    // What registers must hold before some cases can be opened: the first course of protocols
    // publishes one.
    void publish_protocol() {
        auto lines = CoursePlayer::lines_of("protocol");
        const auto is_title = [](const std::string& line) { return line.starts_with("course "); };
        const auto first = std::ranges::find_if(lines, is_title);
        lines.erase(std::find_if(first + 1, lines.end(), is_title), lines.end());
        for (const CompiledKind& each : every_kind()) {
            if (each.kind.name == "protocol") CoursePlayer(bench, cast).play(each.kind, lines);
        }
    }

    std::size_t below(std::size_t bound) { return cast.random.below(bound); }
    Milliseconds some_time(Milliseconds most) {
        return Milliseconds(
            1 + static_cast<std::int64_t>(below(static_cast<std::size_t>(most.count()))));
    }
    // The domain's time now, from what the store keeps of it every so often.
    TimeRecord time() {
        TimeRecord record = bench.sqlite().time().value().value();
        const Milliseconds since = bench.now.boot - record.reading.boot;
        record.engine = record.engine + since;
        record.reading = bench.now;
        return record;
    }

    // Passes time as an idle server does; looks after each step.
    void wait(Milliseconds time) {
        const BootTime until = bench.now.boot + time;
        for (;;) {
            const auto wake = bench.engine().next_wake(bench.now).value();
            const Milliseconds left = until - bench.now.boot;
            if (!wake || *wake > left) return bench.pass(left);
            bench.pass(*wake);
            step();
        }
    }
    void step() {
        bench.step();
        look();
    }

    // What the log says since the last time, against the ledger; then what the store says runs.
    void look() {
        const std::uint64_t size = bench.sqlite().log_size(wire::LogName::audit).value();
        std::set<ThreadId> touched;
        const auto leaves =
            bench.sqlite().read_leaves(wire::LogName::audit, seen_, size - seen_).value();
        for (const Bytes& bytes : leaves) {
            const Leaf leaf = parse_leaf(bytes).value();
            if (!leaf.thread) continue;
            if (leaf.event == Event::clock_reminded) told_half(leaf);
            if (leaf.event == Event::clock_ended) told_end(leaf);
            if (leaf.event == Event::thread_ended) ended(leaf);
            touched.insert(*leaf.thread);
        }
        seen_ = size;
        for (const ThreadId& id : touched) note_running(id);
    }

    // The delay of that name and owner of which this is yet to be told.
    std::map<Key, Delay>::iterator told_of(const Leaf& leaf, bool half) {
        const auto stored = bench.sqlite().thread(*leaf.thread).value();
        const auto& kind = kind_of(stored->thread.kind);
        for (auto each = running_.lower_bound({*leaf.thread, 0, std::nullopt});
             each != running_.end() && std::get<0>(each->first) == *leaf.thread; ++each) {
            const auto& [id, clock, party] = each->first;
            if (kind.clocks[clock].name != leaf.subject) continue;
            const Address& owner =
                party ? stored->thread.parties[*party].mailbox : stored->thread.opener;
            if (owner.text() == leaf.mailbox && (!half || each->second.half)) return each;
        }
        return running_.end();
    }
    Told& told(const ThreadId& thread) {
        return told_[kind_of(bench.sqlite().thread(thread).value()->thread.kind).name];
    }
    void told_half(const Leaf& leaf) {
        const auto delay = told_of(leaf, true);
        ASSERT_NE(delay, running_.end()) << "a reminder too many: " << leaf.subject;
        EXPECT_GE(time().engine, *delay->second.half) << "a reminder too early: " << leaf.subject;
        delay->second.half.reset();
        told(*leaf.thread).reminded.insert(leaf.subject);
    }
    void told_end(const Leaf& leaf) {
        const auto delay = told_of(leaf, false);
        ASSERT_NE(delay, running_.end()) << "an end too many: " << leaf.subject;
        EXPECT_GE(time().engine, delay->second.end) << "an end too early: " << leaf.subject;
        EXPECT_FALSE(delay->second.half) << "ended without a reminder: " << leaf.subject;
        running_.erase(delay);
        told(*leaf.thread).ended.insert(leaf.subject);
    }
    void ended(const Leaf& leaf) {
        ++ended_[*leaf.thread];
        told(*leaf.thread).ends.insert(leaf.subject);
    }

    void note_running(const ThreadId& id) {
        const auto stored = bench.sqlite().thread(id).value();
        if (!stored) return;  // of an act that was refused
        const workflow::Kind& kind = kind_of(stored->thread.kind);
        std::map<Key, Delay> now;
        for (const RunningClock& clock : stored->clocks) {
            now[{id, clock.clock, clock.party}] = {clock.end, clock.half};
        }
        for (const auto& [key, delay] : now) {
            const auto known = running_.find(key);
            if (known != running_.end() && known->second == delay) continue;
            const workflow::Clock& declared = kind.clocks[std::get<1>(key)];
            EXPECT_EQ(delay.half.has_value(), declared.remind_half) << declared.name;
            if (by_hours(declared, stored->thread)) check_hours(declared, delay);
            told_[kind.name].begun.insert(declared.name);
        }
        std::erase_if(running_, [&](const auto& each) { return std::get<0>(each.first) == id; });
        running_.merge(now);
    }
    // A thread in which nobody was reached has no hours to follow.
    static bool by_hours(const workflow::Clock& clock, const workflow::Thread& thread) {
        const bool reached = std::ranges::any_of(thread.parties, [](const workflow::Party& party) {
            return party.waits == Release::at_once;
        });
        return clock.hours == workflow::ClockHours::opening && (clock.per_party || reached);
    }
    // It ends while the units are open, or in the moment they close; or when it has run for as long
    // as it may at whatever hours.
    void check_hours(const workflow::Clock& declared, const Delay& delay) {
        if (doubted_) return;  // the wall clock is not where the calendar is
        const TimeRecord record = time();
        const Milliseconds most = declared.at_most;
        if (most.count() != 0 && delay.end - record.engine == most) return;
        const WallTime end = record.reading.wall + (delay.end - record.engine);
        EXPECT_TRUE(open_then(end + Milliseconds(-1))) << format_utc(end);
        ++by_hours_;
    }

    // Nothing that is due is left, but for ends while the clock is doubted.
    void check_nothing_due() {
        const TimeRecord record = time();
        for (const auto& [key, delay] : running_) {
            EXPECT_FALSE(delay.half && *delay.half <= record.engine) << "a reminder lost";
            EXPECT_FALSE(delay.end <= record.engine && !record.suspect) << "an end lost";
        }
    }

    // Kinds in turn, and of each its opening acts in turn. What is drawn for one is not always what
    // the table, or a register, lets through: then it is drawn again.
    void open() {
        const workflow::Kind& kind = every_kind()[opened_ % every_kind().size()].kind;
        const auto openings = kind.opening_acts();
        const auto opening = openings[opened_ / every_kind().size() % openings.size()];
        ++opened_;
        for (int draws = 0; draws < kDraws; ++draws) {
            const Case made = cast.draw_case(kind, opening);
            const ErrorCode code = cast.open(made, opening);
            look();
            if (code == ErrorCode::ok) return keep(made);
            EXPECT_TRUE(refusals().contains(code)) << kind.acts[opening].name << error_name(code);
        }
    }
    void keep(const Case& made) {
        ++told_[made.kind->name].cases;
        cases_.push_back(made);
        // Half of them are left to their clocks.
        if (below(2) == 0) live_.push_back(cases_.size() - 1);
    }
    static const std::set<ErrorCode>& refusals() {
        static const std::set<ErrorCode> codes = {ErrorCode::act_refused,
                                                  ErrorCode::register_refused, ErrorCode::conflict};
        return codes;
    }
    // An act that the table may allow, of one of those that are not over.
    void act() {
        if (live_.empty()) return;
        const std::size_t at = below(live_.size());
        const Case& chosen = cases_[live_[at]];
        if (over(chosen)) {
            live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(at));
            return;
        }
        const ErrorCode code = cast.act(chosen);
        look();
        told_[chosen.kind->name].acts += code == ErrorCode::ok;
        EXPECT_TRUE(code == ErrorCode::ok || refusals().contains(code))
            << chosen.kind->name << ": " << error_name(code);
    }
    bool over(const Case& made) {
        return made.kind->thread_states[cast.thread(made).state].terminal;
    }

    // What happens to machines.
    void incident() {
        switch (below(6)) {
            case 0: bench.restart(); break;
            case 1:  // down for a while
                bench.pass(some_time(hours(30)));
                bench.restart();
                break;
            case 2:
                bench.reboot(some_time(hours(50)));
                bench.restart();
                break;
            case 3: bench.pass(some_time(hours(20))); break;  // asleep
            case 4: return set_wall_clock();
            default: return;
        }
        ++incidents_;
        step();
        cast.reconnect();
    }
    // By somebody who is wrong, for some time; put right again, or trusted.
    void set_wall_clock() {
        const Milliseconds by = some_time(days(3)) - days(1);
        bench.step_wall_clock(by);
        step();
        doubted_ = time().suspect;
        wait(some_time(days(2)));
        if (below(2) == 0) {
            bench.step_wall_clock(-by);
        } else {
            const auto body = bench.ask_as_operator(wire::Administer{wire::Command::trust_clock});
            ASSERT_TRUE(std::holds_alternative<wire::Done>(body)) << error_name(code_of(body));
        }
        step();
        ASSERT_FALSE(time().suspect);
        doubted_ = false;
        ++incidents_;
    }

    void tell() const {
        for (const auto& [kind, of] : told_) {
            std::printf(
                "%s: %zu cases, %zu acts, %zu clocks begun, %zu reminded of, %zu ended, "
                "%zu ends reached\n",
                kind.c_str(), of.cases, of.acts, of.begun.size(), of.reminded.size(),
                of.ended.size(), of.ends.size());
        }
    }
    // Clocks that an act which opens starts are met in any year, where no register decides.
    void check_met(const workflow::Kind& kind) {
        const Told& of = told_[kind.name];
        EXPECT_GT(of.cases, 0u) << kind.name;
        EXPECT_FALSE(of.ended.empty()) << kind.name;
        for (const workflow::Row& row : kind.rows) {
            const bool asks_register =
                std::ranges::any_of(row.guards, [](const workflow::Guard& guard) {
                    return guard.op == workflow::GuardOp::register_is;
                });
            if (row.threads != 0 || asks_register) continue;
            for (const workflow::Effect& effect : row.effects) {
                if (effect.op != workflow::EffectOp::start_clock) continue;
                const workflow::Clock& clock = kind.clocks[*effect.clock];
                EXPECT_TRUE(of.begun.contains(clock.name)) << kind.name << " " << clock.name;
                EXPECT_EQ(of.reminded.contains(clock.name), clock.remind_half)
                    << kind.name << " " << clock.name;
            }
        }
    }

    EngineBench bench;
    EveryKind cast{bench,
                   {"", calendar::Holidays::metropole, {{0x1F, kOpens, kCloses}}},
                   test::campaign_seed(1)};
    std::deque<Case> cases_;
    std::vector<std::size_t> live_;
    std::map<Key, Delay> running_;
    std::map<ThreadId, std::size_t> ended_;
    std::map<std::string, Told> told_;
    std::uint64_t seen_ = 0;
    bool doubted_ = false;
    std::size_t opened_ = 0, by_hours_ = 0, incidents_ = 0;
};

TEST_F(Year, NoReminderIsLostOrDoubledAndEveryThreadEnds) {
    const EngineTime until = time().engine + days(365);
    while (time().engine < until && !HasFatalFailure()) {
        if (below(2) == 0) open();
        for (std::size_t i = below(6); i > 0; --i) act();
        wait(some_time(hours(10)));
        if (below(12) == 0) incident();
        check_nothing_due();
    }
    wait(days(120));
    check_nothing_due();
    tell();
    EXPECT_TRUE(running_.empty());
    for (const Case& each : cases_) {
        EXPECT_TRUE(over(each)) << each.kind->name;
        EXPECT_EQ(ended_[each.id], 1u) << each.kind->name;
    }
    auto timers = bench.sqlite().database().query("SELECT count(*) FROM timer WHERE kind <= 2");
    ASSERT_TRUE(timers.row().value());
    EXPECT_EQ(timers.integer(0), 0);
    for (const CompiledKind& each : every_kind()) check_met(each.kind);
    EXPECT_GT(by_hours_, 20u);
    EXPECT_GT(incidents_, 20u);
}

}  // namespace
}  // namespace relais::broker
