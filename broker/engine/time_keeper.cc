#include "broker/engine/time_keeper.h"

#include <algorithm>
#include <utility>

#include "core/base/limits.h"

namespace relais::broker {

namespace {

constexpr Milliseconds kNothing{0};
constexpr Milliseconds kLeapTolerated = std::chrono::days(14);
constexpr Milliseconds kCorrection{500};  // of one reading

}  // namespace

TimeKeeper::TimeKeeper(EngineTime time, const ClockReading& now)
    : time_(time), last_(now), trusted_offset_(offset(now)) {}

Milliseconds TimeKeeper::offset(const ClockReading& reading) {
    return Milliseconds(reading.wall.ms - reading.boot.ms);
}

TimeKeeper TimeKeeper::start(const ClockReading& now) {
    return {EngineTime{std::max<std::int64_t>(now.wall.ms, 0)}, now};
}

TimeKeeper TimeKeeper::resume(const TimeRecord& left, const ClockReading& now) {
    const bool same_boot = !now.boot_id.is_zero() && now.boot_id == left.reading.boot_id &&
                           now.boot >= left.reading.boot;
    if (same_boot) {
        TimeKeeper keeper(left.engine, left.reading);
        keeper.trusted_offset_ = left.trusted_offset;
        keeper.suspect_ = left.suspect;
        keeper.behind_ = left.behind;
        keeper.leap_ = left.leap;
        keeper.advance(now);
        return keeper;
    }
    return after_reboot(left, now);
}

TimeKeeper TimeKeeper::after_reboot(const TimeRecord& left, const ClockReading& now) {
    const Milliseconds passed = now.wall - left.reading.wall;
    const bool leap = passed > kLeapTolerated;
    TimeKeeper keeper(left.engine + std::max(leap ? kNothing : passed, kNothing), now);
    keeper.leap_ = left.leap + (leap ? passed : kNothing);
    keeper.behind_ = left.behind;
    if (!keeper.behind_ && passed < kNothing) keeper.behind_ = left.reading.wall;
    if (keeper.behind_ && now.wall >= *keeper.behind_) keeper.behind_.reset();
    keeper.suspect_ = keeper.leap_ != kNothing || keeper.behind_.has_value();
    return keeper;
}

bool TimeKeeper::advance(const ClockReading& now) {
    const bool before = suspect_;
    time_ = time_ + std::max(now.boot - last_.boot, kNothing);
    last_ = now;
    if (behind_ && now.wall >= *behind_) {  // caught up; a leap still waits for the operator
        behind_.reset();
        trusted_offset_ = offset(now);
        suspect_ = leap_ != kNothing;
    }
    if (!behind_ && leap_ == kNothing) judge_drift(offset(now) - trusted_offset_);
    return suspect_ != before;
}

void TimeKeeper::judge_drift(Milliseconds drift) {
    const Milliseconds size = drift < kNothing ? -drift : drift;
    if (size > limits::kClockStepTolerated) {
        suspect_ = true;
    } else if (size <= limits::kClockStepTolerated / 2) {
        suspect_ = false;
    }
    // Small corrections (NTP) are followed, so that years of them do not add up to suspicion.
    if (!suspect_) trusted_offset_ += std::clamp(drift, -kCorrection, kCorrection);
}

void TimeKeeper::trust(const ClockReading& now) {
    behind_.reset();
    time_ = time_ + std::exchange(leap_, kNothing);
    last_ = now;
    trusted_offset_ = offset(now);
    suspect_ = false;
}

}  // namespace relais::broker
