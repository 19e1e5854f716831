// system.h: the system's ports: randomness from getrandom(2), clocks from clock_gettime(2).
#pragma once

#include "core/base/ports.h"

namespace relais {

class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

class SystemClock final : public Clock {
public:
    SystemClock();
    [[nodiscard]] ClockReading read() override;

private:
    Salt boot_id_;
};

}  // namespace relais
