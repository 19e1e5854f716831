// indicator.h: the figures that a kind declares of itself: what is counted, in a closed vocabulary
// (schemas/kind.fbs, docs/formats.md). Read from the bundle by whoever computes them; broker and
// stations exchange a kind without looking at this part. Immutable; any thread.
#pragma once

#include <string>
#include <vector>

#include "schemas/workflow/kind.h"

namespace relais::indicators {

enum class MomentKind : std::uint8_t { act = 1, state = 2, clock_end = 3, followed = 4 };

// Something that happens in a thread.
struct Moment {
    MomentKind kind;
    std::uint8_t index;  // of the act, thread state or clock; followed: of the first row for it
    std::uint16_t number = 0;  // act: only where this public field has `value`; 0: always
    std::int64_t value = 0;
};

enum class Measure : std::uint8_t {
    threads = 1,
    acts = 2,
    delay = 3,
    share = 4,
    reach = 5,
    entries = 6,
};

struct Indicator {
    std::string name;
    std::string label;
    std::string definition;
    Measure measure;
    std::vector<Moment> moments;
    std::vector<Moment> since;
    std::vector<Moment> missed;
    std::chrono::seconds within{};  // reach
    std::uint16_t by_public = 0;    // 0: no breakdown
    workflow::RegisterIndex reg = 0;
    std::int64_t value = 0;
    std::uint8_t key_parts = 0;  // entries: 0: no breakdown
};

inline constexpr std::size_t kIndicatorsMax = 32;  // of one kind
inline constexpr std::size_t kMomentsMax = 16;     // of one list

// The indicators of `bundle`, whose kind is `kind`; none for a bundle of before there were any.
// Errors: malformed, too_large; invalid_field  a rule broken, the detail names indicator and rule:
//         names are distinct slugs; every act, state, clock, public field, value and register is
//         the kind's; each measure has what it needs and nothing else; reach begins where somebody
//         is told of the thread for the first time; breakdowns are by a code or
//         a boolean; what an act publishes is not asked for by one indicator and the breakdown of
//         another, whose cells would be the first one's total.
Result<std::vector<Indicator>> load_indicators(ByteView bundle, const workflow::Kind& kind);

// The first row that says what comes of such an opening; none where the kind does not look at it.
[[nodiscard]] std::optional<std::uint8_t> first_row_for(const workflow::Kind& kind,
                                                        const workflow::Opening& opening);

// "threads" and the like: as declarations write them.
[[nodiscard]] std::string_view measure_name(Measure measure);

}  // namespace relais::indicators
