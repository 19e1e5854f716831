// days.h: what a station states of a day, and what the broker counts of it.
#pragma once

#include "core/base/bytes.h"
#include "core/base/names.h"
#include "core/base/time.h"

namespace relais::wire {

struct StateDay {
    Bytes statement;  // Statement over a DayStatement
};
struct DayCounted {
    Address mailbox;
    CivilDay day;
    std::uint64_t sent;  // accepted from the station in the mailbox's name
    std::uint64_t held;  // accepted for the mailbox
};

}  // namespace relais::wire
