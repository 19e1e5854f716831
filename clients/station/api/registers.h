// registers.h: what acts have set in a register, as the broker tells it and this station checks it:
// each entry carries the signed act that set it, and what the act sets is computed again.
#pragma once

#include "clients/station/api/station.h"

namespace relais::station {

struct RegisterLine {
    std::string key;  // parts between '/', in the order of the kind's declaration
    std::int64_t value;
    Header act;
    Accepted accepted;
};

// Every value of every key, in the order in which they were set. Errors: unknown_kind; forbidden
// not for organisations of this kind; unknown_object  no such register; evidence_altered  an entry
// that its act does not set, or whose signature fails; unreachable.
Result<std::vector<RegisterLine>> read_register(Station& station, const std::string& kind,
                                                const std::string& name,
                                                std::chrono::milliseconds patience);

// The same from position `from` on, how many entries there are now, and the incarnation of the
// broker that tells them: positions mean nothing to another. Nothing is read where there are fewer
// than `from`; unreachable also where the broker was restored in between.
struct RegisterPart {
    std::vector<RegisterLine> lines;
    std::uint64_t size;
    Incarnation incarnation;
};
Result<RegisterPart> read_register_from(Station& station, const std::string& kind,
                                        const std::string& name, std::uint64_t from,
                                        std::chrono::milliseconds patience);

// The last value of each key among those set before the leaf `at`; absent: now.
[[nodiscard]] std::vector<RegisterLine> latest_lines(const std::vector<RegisterLine>& lines,
                                                     std::optional<LeafIndex> at = std::nullopt);

}  // namespace relais::station
