// must.h: the value of a result that a test cannot go on without.
#pragma once

#include <stdexcept>
#include <string>

#include "core/base/result.h"

namespace relais::test {

[[noreturn]] inline void fail_test(const std::string& why) { throw std::runtime_error(why); }

template <typename T>
T must(Result<T> result) {
    if (!result.ok()) fail_test(result.error().describe());
    return std::move(result).value();
}
inline void must(const Result<void>& result) {
    if (!result.ok()) fail_test(result.error().describe());
}

}  // namespace relais::test
