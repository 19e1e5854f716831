// reckoning.h: what the days of the mailboxes came to, as the broker tells the coordinator.
// Mailboxes, codes and counts: never who wrote to whom.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/names.h"
#include "core/base/time.h"

namespace relais {

// As in schemas/envelope.fbs.
enum class FindingCode : std::uint8_t {
    not_polling = 1,
    no_statement = 2,
    holds_fewer = 3,
    sent_differs = 4,
    stopped_sending = 5,
};

// "not_polling", ...
[[nodiscard]] std::string_view finding_name(FindingCode code);

struct Finding {
    FindingCode code;
    Address mailbox;
    CivilDay since;
    std::uint64_t expected = 0;  // as the broker counts
    std::uint64_t counted = 0;   // as the stations say
};

struct Reckoning {
    CivilDay first;
    CivilDay last;
    std::uint16_t revision = 0;
    std::uint32_t mailboxes = 0;
    std::uint64_t messages = 0;
    std::vector<Finding> findings;
    std::uint32_t left_off = 0;
    bool interrupted = false;
};

}  // namespace relais
