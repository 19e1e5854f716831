// check.h: assertions on our own mistakes. They stay on in every build: a broken invariant stops
// the process, and a restart recovers from what was committed. What a peer, a disk or an operator
// can cause is a Result (result.h), never a check.
#pragma once

namespace relais {

[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace relais

#define RELAIS_CHECK(condition)                                     \
    do {                                                            \
        if (!(condition)) [[unlikely]]                              \
            ::relais::check_failed(#condition, __FILE__, __LINE__); \
    } while (false)
