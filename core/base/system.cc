#include "core/base/system.h"

#include <sys/random.h>

#include <cerrno>
#include <ctime>
#include <fstream>
#include <string>

#include "core/base/check.h"

namespace relais {

namespace {

std::int64_t clock_ms(clockid_t id) {
    timespec now{};
    RELAIS_CHECK(clock_gettime(id, &now) == 0);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// The kernel's boot id; zero where /proc is hidden, which reads as "always another boot".
Salt read_boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string text;
    file >> text;
    Salt id;
    std::size_t nibble = 0;
    for (const char c : text) {
        const int digit = hex_digit(c);
        if (digit < 0 || nibble >= 2 * Salt::kSize) continue;
        auto& byte = id.bytes[nibble / 2];
        byte = static_cast<std::uint8_t>((byte << 4) | digit);
        ++nibble;
    }
    return id;
}

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got = getrandom(out.data(), out.size(), 0);
        RELAIS_CHECK(got > 0 || errno == EINTR);
        if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
    }
}

SystemClock::SystemClock() : boot_id_(read_boot_id()) {}

ClockReading SystemClock::read() {
    return {{clock_ms(CLOCK_REALTIME)}, {clock_ms(CLOCK_BOOTTIME)}, boot_id_};
}

}  // namespace relais
