#include "core/base/process.h"

#include <sys/resource.h>

namespace relais {

void leave_no_core_file() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);  // lowering one's own limit cannot be refused
}

}  // namespace relais
