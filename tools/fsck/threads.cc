// threads.cc: every thread's state against the replay of its acts and clocks, in the order in which
// the audit log has them; and the timers that its clocks need.
#include <algorithm>
#include <memory>
#include <set>

#include "core/codecs/codecs.h"
#include "schemas/workflow/permission.h"
#include "tools/fsck/facts.h"

namespace relais::fsck {

namespace {

using ClockKey = std::pair<workflow::ClockIndex, std::optional<std::size_t>>;

// A thread as the audit tells it.
struct Replayed {
    std::optional<workflow::Thread> thread;
    std::set<ClockKey> clocks;
    bool whole = true;  // no act was missing: its time may be over
    std::string fault;
};

class Replay {
public:
    explicit Replay(Facts& facts) : facts_(facts) {}

    Result<void> run() {
        for (const auto& [index, leaf] : facts_.trail) {
            if (!leaf.thread) continue;
            const bool act = leaf.event == Event::submitted && leaf.code == ErrorCode::ok;
            if (act) RELAIS_TRY(take_act(leaf));
            if (leaf.event == Event::clock_ended) RELAIS_TRY(take_clock(leaf));
            if (leaf.event == Event::released) call_in(leaf);
        }
        return {};
    }
    [[nodiscard]] std::map<ThreadId, Replayed>& threads() { return threads_; }

private:
    using KindPointer = std::shared_ptr<const workflow::Kind>;

    Result<void> take_act(const Leaf& leaf) {
        Replayed& replayed = threads_[*leaf.thread];
        const auto number = facts_.by_digest.find(leaf.header.value_or(Digest{}));
        // Without the directory nobody knows who signed.
        if (number == facts_.by_digest.end() || !facts_.state) replayed.whole = false;
        if (!replayed.whole || !replayed.fault.empty()) return {};
        RELAIS_ASSIGN(StoredBytes stored, facts_.store.envelope(number->second));
        RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(std::move(stored.bytes)));
        const auto done = apply(replayed, envelope, leaf);
        if (!done.ok()) replayed.fault = "act " + leaf.subject + ": " + done.error().describe();
        return {};
    }

    // What registers said then is not asked again: the act was accepted.
    Result<void> apply(Replayed& replayed, const Envelope& envelope, const Leaf& leaf) {
        const Header& header = envelope.header();
        RELAIS_ASSIGN(const KindPointer declared, facts_.kind(header.kind));
        const auto act = declared->act(header.act);
        if (!act) return fail(ErrorCode::act_refused, "no such act");
        const workflow::ActInput input = workflow::act_input(
            *facts_.state, *declared, *act, header, envelope.digest(), leaf.directory_size,
            leaf.time, replayed.thread ? &*replayed.thread : nullptr);
        const bool opens = !replayed.thread;
        RELAIS_ASSIGN(auto outcome,
                      opens ? workflow::open_thread(*declared, header.thread, input, nullptr)
                            : workflow::apply_act(*declared, *replayed.thread, input, nullptr));
        keep(replayed, std::move(outcome));
        if (opens && header.follows) {
            return follow(*header.follows, {declared->name, header.act}, input);
        }
        return {};
    }

    Result<void> follow(const ThreadId& id, const workflow::Opening& opening,
                        const workflow::ActInput& input) {
        const auto followed = threads_.find(id);
        if (followed == threads_.end() || !followed->second.thread) return {};
        RELAIS_ASSIGN(const KindPointer declared, facts_.kind(followed->second.thread->kind));
        auto outcome =
            workflow::apply_followed(*declared, *followed->second.thread, opening, input, nullptr);
        if (outcome.ok()) keep(followed->second, std::move(outcome).value());  // else not concerned
        return {};
    }

    // What is released for an absence names who is away: its delegate acts in its place from then.
    void call_in(const Leaf& leaf) {
        Replayed& replayed = threads_[*leaf.thread];
        if (!replayed.thread || leaf.subject.empty()) return;
        for (workflow::Party& party : replayed.thread->parties) {
            if (party.mailbox.text() == leaf.subject) party.delegated = true;
        }
    }

    Result<void> take_clock(const Leaf& leaf) {
        Replayed& replayed = threads_[*leaf.thread];
        if (!replayed.whole || !replayed.fault.empty()) return {};
        const auto done = end_clock(replayed, leaf);
        if (!done.ok()) replayed.fault = "clock " + leaf.subject + ": " + done.error().describe();
        return {};
    }

    Result<void> end_clock(Replayed& replayed, const Leaf& leaf) {
        if (!replayed.thread) return fail(ErrorCode::unknown_thread, "a clock before any act");
        RELAIS_ASSIGN(const KindPointer declared, facts_.kind(replayed.thread->kind));
        const auto found =
            std::ranges::find(declared->clocks, leaf.subject, &workflow::Clock::name);
        if (found == declared->clocks.end()) return fail(ErrorCode::corrupt, "no such clock");
        const auto clock = static_cast<workflow::ClockIndex>(found - declared->clocks.begin());
        std::optional<std::size_t> party;
        if (found->per_party) {
            RELAIS_ASSIGN(const Address mailbox, Address::parse(leaf.mailbox));
            party = replayed.thread->party(mailbox);
            if (!party) return fail(ErrorCode::corrupt, "clock of no party");
        }
        if (replayed.clocks.erase({clock, party}) == 0) {
            return fail(ErrorCode::corrupt, "it did not run");
        }
        auto outcome = workflow::apply_clock_end(*declared, *replayed.thread, clock, party);
        if (outcome.ok()) keep(replayed, std::move(outcome).value());  // else overtaken
        return {};
    }

    static void keep(Replayed& replayed, workflow::Outcome outcome) {
        replayed.thread = std::move(outcome.thread);
        for (const workflow::Consequence& consequence : outcome.consequences) {
            if (const auto* start = std::get_if<workflow::StartClock>(&consequence)) {
                stop(replayed, start->clock, start->party);
                replayed.clocks.emplace(start->clock, start->party);
            } else if (const auto* end = std::get_if<workflow::StopClock>(&consequence)) {
                stop(replayed, end->clock, end->party);
            } else if (std::holds_alternative<workflow::Ended>(consequence)) {
                replayed.clocks.clear();
            }
        }
    }

    static void stop(Replayed& replayed, workflow::ClockIndex clock,
                     std::optional<std::size_t> party) {
        std::erase_if(replayed.clocks, [&](const ClockKey& key) {
            return key.first == clock && (!party || key.second == party);
        });
    }

    using StoredBytes = broker::StoredEnvelope;
    Facts& facts_;
    std::map<ThreadId, Replayed> threads_;
};

std::string difference(const workflow::Thread& stored, const workflow::Thread& told) {
    if (stored.kind != told.kind) return "kind";
    if (stored.opener != told.opener) return "opener";
    if (stored.state != told.state) return "state";
    if (stored.steps != told.steps) return "number of steps";
    if (stored.last_change != told.last_change) return "last deciding act";
    const auto same_party = [](const workflow::Party& a, const workflow::Party& b) {
        return a.mailbox == b.mailbox && a.state == b.state && a.since == b.since &&
               a.waits == b.waits && a.delegate == b.delegate && a.delegated == b.delegated;
    };
    if (!std::ranges::equal(stored.parties, told.parties, same_party)) return "parties";
    if (stored.groups != told.groups || stored.groups_wait != told.groups_wait) return "groups";
    const auto same_done = [](const workflow::Done& a, const workflow::Done& b) {
        return a.act == b.act && a.by == b.by;
    };
    if (!std::ranges::equal(stored.done, told.done, same_done)) return "acts of a quorum";
    return "";
}

std::string difference(const broker::StoredThread& stored, const Replayed& told) {
    if (!told.fault.empty()) return told.fault;
    if (!told.thread) return "no act opened it";
    std::string what = difference(stored.thread, *told.thread);
    if (!what.empty()) return what + " differs from the replay of its acts";
    std::set<ClockKey> clocks;
    for (const broker::RunningClock& clock : stored.clocks) {
        clocks.emplace(clock.clock, clock.party);
    }
    return clocks == told.clocks ? "" : "running clocks differ from the replay of its acts";
}

Result<void> read_threads(Facts& facts) {
    RELAIS_ASSIGN(const auto ids, facts.listing.threads());
    facts.report.threads = ids.size();
    for (const ThreadId& id : ids) {
        auto stored = facts.store.thread(id);
        if (!stored.ok() && stored.code() != ErrorCode::corrupt) return stored.error();
        if (!stored.ok()) {
            facts.report.add(problem::kUnreadable, "thread " + uuid(id), stored.error().detail);
        } else if (*stored) {
            facts.threads.emplace(id, **std::move(stored));
        }
    }
    return {};
}

using TimerKey = std::tuple<broker::TimerKind, EngineTime, ThreadId, workflow::ClockIndex,
                            std::optional<std::size_t>, broker::EnvelopeNumber>;

TimerKey key_of(const broker::Timer& timer) {
    return {timer.kind, timer.at, timer.thread, timer.clock, timer.party, timer.envelope};
}

void expect_clocks(Facts& facts, std::set<TimerKey>& timers, const ThreadId& id,
                   const broker::StoredThread& stored) {
    for (const broker::RunningClock& clock : stored.clocks) {
        const auto take = [&](broker::TimerKind kind, EngineTime at) {
            if (timers.erase({kind, at, id, clock.clock, clock.party, 0}) == 1) return;
            facts.report.add(problem::kTimer, "thread " + uuid(id), "a running clock without it");
        };
        take(broker::TimerKind::clock_end, clock.end);
        if (clock.half) take(broker::TimerKind::clock_half, *clock.half);
    }
}

}  // namespace

Result<void> check_threads(Facts& facts) {
    RELAIS_TRY(read_threads(facts));
    Replay replay(facts);
    RELAIS_TRY(replay.run());
    for (const auto& [id, stored] : facts.threads) {
        const Replayed& told = replay.threads()[id];
        if (!told.whole) continue;
        ++facts.report.threads_replayed;
        const std::string what = difference(stored, told);
        if (!what.empty()) facts.report.add(problem::kThread, "thread " + uuid(id), what);
    }
    for (const auto& [id, told] : replay.threads()) {
        if (facts.threads.contains(id)) continue;
        facts.report.add(problem::kThread, "thread " + uuid(id), "the audit tells of it alone");
    }
    return {};
}

Result<void> check_timers(Facts& facts) {
    RELAIS_ASSIGN(const auto rows, facts.listing.timers());
    std::set<TimerKey> timers;
    std::set<broker::EnvelopeNumber> ends;
    for (const broker::Timer& timer : rows) {
        if (timer.kind == broker::TimerKind::forget) continue;
        if (timer.kind == broker::TimerKind::envelope_end) {
            if (!ends.insert(timer.envelope).second || !facts.envelopes.contains(timer.envelope)) {
                facts.report.add(problem::kTimer, "envelope " + std::to_string(timer.envelope),
                                 "an end of what is not there, or a second one");
            }
        } else {
            timers.insert(key_of(timer));
        }
    }
    for (const auto& [number, envelope] : facts.envelopes) {
        if (ends.contains(number)) continue;
        facts.report.add(problem::kTimer, "envelope " + std::to_string(number), "it never ends");
    }
    for (const auto& [id, stored] : facts.threads) expect_clocks(facts, timers, id, stored);
    for (const TimerKey& key : timers) {
        facts.report.add(problem::kTimer, "thread " + uuid(std::get<2>(key)),
                         "of a clock that does not run");
    }
    return {};
}

}  // namespace relais::fsck
