// parallel.h: the same work on many parts, on every processor. What a part yields must not depend
// on which thread took it, nor on the order.
#pragma once

#include <cstdint>
#include <functional>

namespace relais::evidence {

// Calls `work` once for each of 0 to parts - 1, from several threads, and returns after the last.
void in_parallel(std::uint64_t parts, const std::function<void(std::uint64_t)>& work);

}  // namespace relais::evidence
