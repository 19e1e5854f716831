#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace relais {

void check_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "relais: invariant broken: %s (%s:%d); stopping\n", condition, file, line);
    std::abort();
}

}  // namespace relais
