// flush_shim.cc: preloaded (LD_PRELOAD): each flush of a file takes RELAIS_BENCH_FLUSH_US
// microseconds besides its own time, as on a slower disk. Benchmarks alone.
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

void wait_first() {
    const char* text = std::getenv("RELAIS_BENCH_FLUSH_US");
    const long us = text == nullptr ? 0 : std::atol(text);
    const timespec time{us / 1'000'000, us % 1'000'000 * 1000};
    ::nanosleep(&time, nullptr);
}

using Flush = int (*)(int);
Flush real(const char* name) { return reinterpret_cast<Flush>(::dlsym(RTLD_NEXT, name)); }

}  // namespace

extern "C" int fdatasync(int file) {
    static const Flush next = real("fdatasync");
    wait_first();
    return next(file);
}

extern "C" int fsync(int file) {
    static const Flush next = real("fsync");
    wait_first();
    return next(file);
}
