// time_keeper.h: the domain's own time, made from the machine's clocks: it never goes back,
// survives restarts, and says when it should not be trusted to end anything.
//
// While the machine runs, engine time follows the boot clock. Across a reboot it follows the wall
// clock. The time is *suspect* where the wall clock moved by over two minutes against the boot
// clock, where it is behind what it was before a reboot, or over two weeks ahead of it (that leap
// is not followed): deliveries and reminders go on, terminal expiries wait until the wall clock is
// back in step or the operator trusts it.
#pragma once

#include "broker/engine/store.h"

namespace relais::broker {

class TimeKeeper {
public:
    // Begins from a reading alone, or from what a former run left.
    static TimeKeeper start(const ClockReading& now);
    static TimeKeeper resume(const TimeRecord& left, const ClockReading& now);

    // Moves on to `now`. True where suspicion began or ended.
    bool advance(const ClockReading& now);
    // The operator says that the wall clock is right.
    void trust(const ClockReading& now);

    [[nodiscard]] EngineTime time() const { return time_; }
    [[nodiscard]] WallTime wall() const { return last_.wall; }
    [[nodiscard]] bool suspect() const { return suspect_; }
    [[nodiscard]] TimeRecord record() const {
        return {time_, last_, trusted_offset_, suspect_, behind_, leap_};
    }

private:
    TimeKeeper(EngineTime time, const ClockReading& now);
    static TimeKeeper after_reboot(const TimeRecord& left, const ClockReading& now);
    void judge_drift(Milliseconds drift);
    // Wall minus boot: constant while nobody sets the wall clock.
    static Milliseconds offset(const ClockReading& reading);

    EngineTime time_;
    ClockReading last_;
    Milliseconds trusted_offset_;
    bool suspect_ = false;
    std::optional<WallTime> behind_;  // after a reboot: where the wall clock was before it
    Milliseconds leap_{0};            // after a reboot: time that waits to be trusted
};

}  // namespace relais::broker
