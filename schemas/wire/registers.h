// registers.h: what a station asks of a register, and what it is told. Bodies of frames (frame.h).
#pragma once

#include <string>
#include <vector>

#include "schemas/wire/channel_entry.h"

namespace relais::wire {

// Entries of a register, by the kind that sets it, from position `from` on.
struct FetchRegister {
    Name kind;
    Name name;
    std::uint64_t from;
};

struct RegisterEntry {
    std::string key;
    std::int64_t value;
    Accepted accepted;
    SignedHeader act;  // that set it
};
struct RegisterEntries {
    std::uint64_t from;
    std::vector<RegisterEntry> entries;
    std::uint64_t size;  // of the register now
};

}  // namespace relais::wire
