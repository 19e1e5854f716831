// A year of virtual time: admissions are called and answered, wards open and close, clocks change
// twice, the broker crashes, stays down, reboots and sleeps, somebody sets its clock. Every delay
// is told at its half once and ends once, or was overtaken by an act; every thread ends once.
//
// The ledger is written from what the store says after each step: a delay that begins, its half
// and its end. What is told later is held against it by the leaves of the audit log alone.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "core/calendar/calendar.h"
#include "tests/support/campaign.h"
#include "tests/unit/broker/engine/fixture.h"

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

constexpr std::uint16_t kOpens = 8 * 60;
constexpr std::uint16_t kCloses = 18 * 60;

// Whether a ward of weekdays, 8 to 18, was open in that instant, by hand.
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

class Year : public EngineTest {
protected:
    Year() : random_(test::campaign_seed(1)) {
        const calendar::Hours office{"", calendar::Holidays::metropole, {{0x1F, kOpens, kCloses}}};
        bench.declare_rings(bench.territory.geriatrics, {}, office);
        bench.declare_rings(bench.territory.cardiology, {}, office);
        look();
    }

    std::size_t below(std::size_t bound) { return random_.below(bound); }
    Milliseconds some_time(Milliseconds most) {
        return Milliseconds(
            1 + static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(most.count()))));
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
            touched.insert(*leaf.thread);
            if (leaf.event == Event::clock_reminded) told_half(leaf);
            if (leaf.event == Event::clock_ended) told_end(leaf);
            if (leaf.event == Event::thread_ended) ++ended_[*leaf.thread];
        }
        seen_ = size;
        for (const ThreadId& id : touched) note_running(id);
    }

    // The delay of that name and owner of which this is yet to be told.
    std::map<Key, Delay>::iterator told_of(const Leaf& leaf, bool half) {
        const auto& kind = admission_kind();
        const auto stored = bench.sqlite().thread(*leaf.thread).value();
        for (auto each = running_.begin(); each != running_.end(); ++each) {
            const auto& [id, clock, party] = each->first;
            if (id != *leaf.thread || kind.clocks[clock].name != leaf.subject) continue;
            const Address& owner =
                party ? stored->thread.parties[*party].mailbox : stored->thread.opener;
            if (owner.text() == leaf.mailbox && (!half || each->second.half)) return each;
        }
        return running_.end();
    }
    void told_half(const Leaf& leaf) {
        const auto delay = told_of(leaf, true);
        ASSERT_NE(delay, running_.end()) << "a reminder too many: " << leaf.subject;
        EXPECT_GE(time().engine, *delay->second.half) << "a reminder too early: " << leaf.subject;
        delay->second.half.reset();
        ++reminders_;
    }
    void told_end(const Leaf& leaf) {
        const auto delay = told_of(leaf, false);
        ASSERT_NE(delay, running_.end()) << "an end too many: " << leaf.subject;
        EXPECT_GE(time().engine, delay->second.end) << "an end too early: " << leaf.subject;
        EXPECT_FALSE(delay->second.half) << "ended without a reminder: " << leaf.subject;
        running_.erase(delay);
        ++ends_;
    }

    void note_running(const ThreadId& id) {
        const auto stored = bench.sqlite().thread(id).value();
        ASSERT_TRUE(stored);
        std::map<Key, Delay> now;
        for (const RunningClock& clock : stored->clocks) {
            now[{id, clock.clock, clock.party}] = {clock.end, clock.half};
        }
        for (const auto& [key, delay] : now) {
            const auto known = running_.find(key);
            if (known != running_.end() && known->second == delay) continue;
            const auto& declared = admission_kind().clocks[std::get<1>(key)];
            if (declared.hours == workflow::ClockHours::opening) check_hours(delay);
            ++begun_;
        }
        std::erase_if(running_, [&](const auto& each) { return std::get<0>(each.first) == id; });
        running_.merge(now);
    }
    // It ends while the wards are open, or in the moment they close.
    void check_hours(const Delay& delay) {
        if (doubted_) return;  // the wall clock is not where the calendar is
        const TimeRecord record = time();
        const WallTime end = record.reading.wall + (delay.end - record.engine);
        EXPECT_TRUE(open_then(end + Milliseconds(-1))) << format_utc(end);
        ++by_hours_;
    }

    // Nothing that is due is left, but for ends while the clock is doubted.
    void check_nothing_due() {
        const TimeRecord record = time();
        for (const auto& [key, delay] : running_) {
            const std::string& name = admission_kind().clocks[std::get<1>(key)].name;
            EXPECT_FALSE(delay.half && *delay.half <= record.engine) << "a reminder lost: " << name;
            EXPECT_FALSE(delay.end <= record.engine && !record.suspect) << "an end lost: " << name;
        }
    }

    void call() {
        threads_.push_back(threads_.empty() ? thread : thread.sibling());
        AdmissionCase& made = threads_.back();
        Header header = made.make_header(kOpener, "call");
        header.publics = {{1, 1 + static_cast<std::int64_t>(below(4))}};
        ASSERT_EQ(code_of(made.send(kOpener, made.seal(kOpener, header))), ErrorCode::ok);
        look();
        live_.push_back(threads_.size() - 1);
    }
    // An act that the table allows, of one that is not over.
    void act() {
        if (live_.empty()) return;
        const std::size_t at = below(live_.size());
        AdmissionCase& chosen = threads_[live_[at]];
        const auto stored = chosen.stored();
        if (admission_kind().thread_states[stored->thread.state].terminal) {
            live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(at));
            return;
        }
        const int side = static_cast<int>(below(3)) - 1;
        const auto possible = workflow::possible_acts(admission_kind(), stored->thread,
                                                      test::address(AdmissionCase::mailbox(side)));
        if (possible.empty()) return;
        const std::string& name = admission_kind().acts[possible[below(possible.size())]].name;
        const auto code = code_of(chosen.act(side, name, static_cast<int>(below(2))));
        acts_ += code == ErrorCode::ok;
        look();
    }
    void reconnect() {
        thread.reconnect();
        for (AdmissionCase& each : threads_) {
            for (const int side : {kOpener, kGeri, kCardio}) {
                each.speak_through(side, thread.session(side));
            }
        }
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
        reconnect();
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

    test::SeededRandom random_;
    std::deque<AdmissionCase> threads_;
    std::vector<std::size_t> live_;
    std::map<Key, Delay> running_;
    std::map<ThreadId, std::size_t> ended_;
    std::uint64_t seen_ = 0;
    bool doubted_ = false;
    std::size_t reminders_ = 0, ends_ = 0, begun_ = 0, by_hours_ = 0, acts_ = 0, incidents_ = 0;
};

TEST_F(Year, NoReminderIsLostOrDoubledAndEveryThreadEnds) {
    const EngineTime until = time().engine + days(365);
    while (time().engine < until && !HasFatalFailure()) {
        if (below(3) == 0) call();
        for (std::size_t i = below(4); i > 0; --i) act();
        wait(some_time(hours(10)));
        if (below(12) == 0) incident();
        check_nothing_due();
    }
    wait(days(120));
    check_nothing_due();
    std::printf(
        "%zu threads, %zu acts, %zu delays, %zu by hours, %zu reminders, %zu ends, "
        "%zu incidents\n",
        threads_.size(), acts_, begun_, by_hours_, reminders_, ends_, incidents_);
    EXPECT_TRUE(running_.empty());
    for (AdmissionCase& each : threads_) {
        EXPECT_TRUE(each.over()) << each.state();
        EXPECT_EQ(ended_[each.id], 1u);
    }
    auto timers = bench.sqlite().database().query("SELECT count(*) FROM timer WHERE kind <= 2");
    ASSERT_TRUE(timers.row().value());
    EXPECT_EQ(timers.integer(0), 0);
    EXPECT_GT(threads_.size(), 100u);
    EXPECT_GT(by_hours_, 20u);
    EXPECT_GT(reminders_, 50u);
    EXPECT_GT(incidents_, 20u);
}

}  // namespace
}  // namespace relais::broker
