// trail.h: leaves chosen and made readable. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

#include "tools/evidence/verify.h"

namespace relais::evidence {

// Every condition that is set must hold.
struct TrailFilter {
    std::optional<ThreadId> thread;
    std::optional<MessageId> message;
    std::string event;  // its name
    std::string actor;  // id of a person or station, or a mailbox
    std::optional<WallTime> from;
    std::optional<WallTime> to;  // before

    [[nodiscard]] bool takes(const Leaf& leaf) const;
};

// "2026-11-21", "2026-11-21T23:30" or "2026-11-21T23:30:00" (UTC). Errors: invalid_field.
Result<WallTime> parse_time(std::string_view text);
// Errors: invalid_field  no event has that name.
Result<void> check_event(const std::string& name);

// "   17  2026-11-21T23:30:00.000Z  submitted  call  cabinet@indre  thread 0192...": one line.
[[nodiscard]] std::string trail_line(const TrailEntry& entry);
[[nodiscard]] nlohmann::json trail_json(const TrailEntry& entry);

}  // namespace relais::evidence
