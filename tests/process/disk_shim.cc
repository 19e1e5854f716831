// disk_shim.cc: preloaded into a broker under test (LD_PRELOAD): its flushes take as long, and fail
// as, the file named by RELAIS_TEST_DISK says, "delay_ms fails" (fails: 0 or 1). Tests alone.
#include <dlfcn.h>
#include <poll.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace {

int flush(int file, const char* name) {
    using Real = int (*)(int);
    const Real real = reinterpret_cast<Real>(::dlsym(RTLD_NEXT, name));
    long delay_ms = 0;
    int fails = 0;
    const char* path = std::getenv("RELAIS_TEST_DISK");
    if (FILE* said = path == nullptr ? nullptr : std::fopen(path, "r")) {
        if (std::fscanf(said, "%ld %d", &delay_ms, &fails) != 2) delay_ms = fails = 0;
        std::fclose(said);
    }
    if (fails != 0) {
        errno = EIO;
        return -1;
    }
    if (delay_ms > 0) ::poll(nullptr, 0, static_cast<int>(delay_ms));
    return real(file);
}

}  // namespace

extern "C" int fsync(int file) { return flush(file, "fsync"); }
extern "C" int fdatasync(int file) { return flush(file, "fdatasync"); }
