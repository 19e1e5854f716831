// random.h: the Random port for tests: what it gives depends on the seed alone, so that a failure
// is replayed by its number. And what every test draws from it. Confined to one thread.
#pragma once

#include <string_view>

#include "core/base/names.h"
#include "core/base/ports.h"
#include "core/crypto/p256.h"

namespace relais::test {

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

    void fill(std::span<std::uint8_t> out) override;
    std::uint64_t next();
    // 0 to `count` - 1. Requires count > 0.
    std::uint64_t below(std::uint64_t count);
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    Bytes bytes(std::size_t size);

private:
    std::uint64_t state_;
};

// A P-256 key that follows from the seed.
P256Key make_p256_key(Random& random);

// Checked names, for texts that the test itself wrote.
Name name(std::string_view text);
Address address(std::string_view text);

}  // namespace relais::test
