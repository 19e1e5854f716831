// ids_shim.cc: preloaded into a broker under test (LD_PRELOAD), makes it one whose routing ids can
// be foreseen, since rand() is never seeded, and which is late to learn that a connection is over:
// for two seconds the kernel seems to know it still, while its routing id is free. Tests alone.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <map>
#include <mutex>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kLate{2};

struct Over {
    sockaddr_storage address;
    Clock::time_point since;
};

std::mutex g_mutex;

std::map<int, Over>& over() {
    static auto* const connections = new std::map<int, Over>();  // used until the very end
    return *connections;
}

int real_name(int descriptor, sockaddr* address, socklen_t* size) {
    using Name = int (*)(int, sockaddr*, socklen_t*);
    static const auto real = reinterpret_cast<Name>(::dlsym(RTLD_NEXT, "getpeername"));
    return real(descriptor, address, size);
}

int real_close(int descriptor) {
    using Close = int (*)(int);
    static const auto real = reinterpret_cast<Close>(::dlsym(RTLD_NEXT, "close"));
    return real(descriptor);
}

}  // namespace

extern "C" void srand(unsigned) {}

extern "C" int getpeername(int descriptor, sockaddr* address, socklen_t* size) {
    {
        const std::lock_guard lock(g_mutex);
        const auto found = over().find(descriptor);
        if (found != over().end() && Clock::now() - found->second.since < kLate) {
            std::memcpy(address, &found->second.address, *size);
            return 0;
        }
    }
    return real_name(descriptor, address, size);
}

// The number of a connection that is over is given to no other: it stays open, on nothing.
extern "C" int close(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (real_name(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        address.ss_family != AF_INET) {
        return real_close(descriptor);
    }
    const std::lock_guard lock(g_mutex);
    over()[descriptor] = {address, Clock::now()};
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, descriptor);
    return real_close(nothing);
}
