#include "broker/engine/day_counts.h"

#include "core/calendar/days.h"

namespace relais::broker {

namespace {

constexpr const char* kFirstDay = "days_from";

}  // namespace

CivilDay DayCounts::day_of(WallTime at) {
    if (at < known_from_ || at >= known_until_) {
        known_ = calendar::day_of(at);
        known_from_ = calendar::start_of(known_);
        known_until_ = calendar::start_of(known_ + 1);
    }
    return known_;
}

Result<void> DayCounts::sent(ChannelId from, const StationId& station) {
    const CivilDay day = today();
    RELAIS_ASSIGN(const std::uint64_t count, store_.days().sent(from, day, station));
    return store_.days().set_sent(from, day, station, count + 1);
}

Result<void> DayCounts::arrived(ChannelId mailbox, WallTime accepted) {
    return change(mailbox, accepted, true);
}

Result<void> DayCounts::erased(ChannelId mailbox, WallTime accepted) {
    return change(mailbox, accepted, false);
}

// What changes on a later day than the last change begins to differ from what stations could have
// stated: unless none has stated anything since that change, and it goes on to differ.
Result<void> DayCounts::change(ChannelId mailbox, WallTime accepted, bool more) {
    const CivilDay day = day_of(accepted);
    const CivilDay now = today();
    RELAIS_ASSIGN(DayHeld held, store_.days().held(mailbox, day));
    if (held.changed < day) held = {0, day, 0};  // the first
    if (now > held.changed) {
        RELAIS_ASSIGN(const auto stated, store_.days().last_stated(mailbox));
        if (stated && *stated >= held.changed) held = {held.count, now, held.count};
    }
    if (more) {
        ++held.count;
    } else if (held.count > 0) {
        --held.count;
    }
    return store_.days().set_held(mailbox, day, held);
}

Result<CivilDay> DayCounts::first_day() {
    RELAIS_ASSIGN(const auto bytes, store_.value(kFirstDay));
    if (!bytes || bytes->size() != 4) return fail(ErrorCode::corrupt, kFirstDay);
    return CivilDay{static_cast<std::int32_t>(read_u32(*bytes))};
}

Result<bool> DayCounts::counts() {
    RELAIS_ASSIGN(const auto bytes, store_.value(kFirstDay));
    return bytes.has_value();
}

Result<void> DayCounts::begin_with(CivilDay day) {
    Bytes bytes;
    append_u32(bytes, static_cast<std::uint32_t>(day.number));
    return store_.set_value(kFirstDay, bytes);
}

}  // namespace relais::broker
