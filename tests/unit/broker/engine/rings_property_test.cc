// Of any history of steps, delays, failures, crashes and answers: no step is lost, none is carried
// out twice but for a crash in the midst of it, and each attempt has its leaf.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

using directory::RingHours;
using directory::RingWay;

constexpr int kEvents = 40;

struct History {
    explicit History(EngineBench& its_bench) : bench(its_bench) {}

    EngineBench& bench;
    std::vector<Ring> under_way;   // handed out, not answered
    std::map<int, int> successes;  // by step
    std::map<int, int> attempts;
    std::map<int, ErrorCode> last;  // outcome of the last attempt
    std::size_t answered = 0;

    void take() {
        for (Ring& ring : std::exchange(bench.rings, {})) {
            for (const Ring& other : under_way) RC_ASSERT(other.step != ring.step);
            RC_ASSERT(!successes[ring.step]);
            RC_ASSERT(ring.attempt == ++attempts[ring.step]);
            under_way.push_back(std::move(ring));
        }
    }
    void answer(ErrorCode code) {
        const Ring ring = under_way.front();
        under_way.erase(under_way.begin());
        bench.step(together(EngineBench::outcome(ring, code)));
        ++answered;
        last[ring.step] = code;
        if (code == ErrorCode::ok) ++successes[ring.step];
        take();
    }
    void crash() {
        under_way.clear();
        bench.restart();
        bench.step();
        take();
    }
    void pass(Milliseconds time) {
        bench.idle(time);
        take();
    }
};

std::vector<directory::RingStep> some_steps() {
    const auto count = *rc::gen::inRange(1, 6);
    std::vector<directory::RingStep> steps;
    for (int i = 0; i < count; ++i) {
        steps.push_back({RingWay::email, "a@b.test", std::chrono::minutes(*rc::gen::inRange(0, 60)),
                         RingHours::always});
    }
    return steps;
}

std::size_t leaves(EngineBench& bench) {
    std::size_t count = 0;
    for (const Leaf& leaf : bench.leaves()) {
        count += leaf.event == Event::rung || leaf.event == Event::ring_failed;
    }
    return count;
}

RC_GTEST_PROP(RingsProperty, NoStepIsLostOrDoubled, ()) {
    EngineBench bench({.seed = static_cast<std::uint64_t>(*rc::gen::inRange(1, 1000))});
    AdmissionCase thread(bench);
    const auto steps = some_steps();
    bench.declare_rings(bench.territory.geriatrics, steps);
    History history(bench);
    RC_ASSERT(code_of(thread.act(kOpener, "call")) == ErrorCode::ok);
    history.take();
    bool crashed = false;
    for (int i = 0; i < kEvents; ++i) {
        const int event = *rc::gen::inRange(0, 10);
        if (event < 4) history.pass(*rc::gen::inRange(1, 15) * kMinute);
        if (event == 4 && !crashed) {
            history.crash();
            crashed = true;
        }
        if (event > 4 && !history.under_way.empty()) {
            history.answer(event < 7   ? ErrorCode::unreachable
                           : event < 8 ? ErrorCode::forbidden
                                       : ErrorCode::ok);
        }
    }
    while (!history.under_way.empty()) history.answer(ErrorCode::ok);
    const bool answers = *rc::gen::arbitrary<bool>();
    if (answers) {
        const auto before = history.attempts;
        if (crashed) thread.reconnect();
        if (thread.state() != "called") return;
        RC_ASSERT(code_of(thread.act(kGeri, "decline")) == ErrorCode::ok);
        history.take();
        history.pass(300 * kMinute);
        RC_ASSERT(history.attempts == before);
    }
    for (int i = 0; i < 40 && !answers; ++i) {
        history.pass(10 * kMinute);
        while (!history.under_way.empty()) history.answer(ErrorCode::ok);
    }
    RC_ASSERT(leaves(bench) == history.answered);
    std::chrono::seconds due{0};
    for (std::size_t step = 0; step < steps.size() && !answers; ++step) {
        due += steps[step].after;
        const int place = static_cast<int>(step);
        if (due >= std::chrono::hours(4)) {
            RC_ASSERT(history.attempts[place] == 0);
        } else if (history.last[place] == ErrorCode::ok) {
            RC_ASSERT(history.successes[place] == 1);
        } else if (history.last[place] == ErrorCode::forbidden) {
            RC_ASSERT(history.attempts[place] >= 1);
        } else {
            RC_ASSERT(history.attempts[place] >= 1);  // gave up, or its end came first
        }
    }
}

}  // namespace
}  // namespace relais::broker
