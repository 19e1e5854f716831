#include "tests/support/random.h"

namespace relais::test {

// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t SeededRandom::next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(next());
}

std::uint64_t SeededRandom::below(std::uint64_t count) {
    RELAIS_CHECK(count > 0);
    return next() % count;
}

Bytes SeededRandom::bytes(std::size_t size) {
    Bytes result(size);
    fill(result);
    return result;
}

P256Key make_p256_key(Random& random) {
    while (true) {
        Secret scalar(32);
        random.fill(scalar.expose_mutable());
        auto key = P256Key::from_scalar(scalar);
        if (key.ok()) return std::move(key).value();  // else zero or above the order: draw again
    }
}

Name name(std::string_view text) { return Name::parse(text).value(); }
Address address(std::string_view text) { return Address::parse(text).value(); }

}  // namespace relais::test
