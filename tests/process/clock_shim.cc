// clock_shim.cc: preloaded into a broker under test (LD_PRELOAD): its wall clock and its boot clock
// run ahead by what the file named by RELAIS_TEST_CLOCK says, "wall_ms boot_ms". Tests alone.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace {

struct Ahead {
    long wall_ms = 0;
    long boot_ms = 0;
};

Ahead ahead() {
    Ahead ahead;
    const char* path = std::getenv("RELAIS_TEST_CLOCK");
    if (path == nullptr) return ahead;
    if (FILE* file = std::fopen(path, "r")) {
        if (std::fscanf(file, "%ld %ld", &ahead.wall_ms, &ahead.boot_ms) != 2) ahead = {};
        std::fclose(file);
    }
    return ahead;
}

}  // namespace

extern "C" int clock_gettime(clockid_t id, struct timespec* now) noexcept {
    // The kernel's own: to look the function up would allocate, and an allocator may ask the time.
    const auto status = static_cast<int>(::syscall(SYS_clock_gettime, id, now));
    if (status != 0 || (id != CLOCK_REALTIME && id != CLOCK_BOOTTIME)) return status;
    const Ahead by = ahead();
    const long ms = id == CLOCK_REALTIME ? by.wall_ms : by.boot_ms;
    now->tv_sec += ms / 1000;
    now->tv_nsec += ms % 1000 * 1'000'000;
    if (now->tv_nsec >= 1'000'000'000) {
        now->tv_nsec -= 1'000'000'000;
        ++now->tv_sec;
    }
    return 0;
}
