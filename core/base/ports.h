// ports.h: what the sans-io layers ask of the world. Adapters implement them at the edge; tests
// give virtual time and seeded randomness. Implementations are named beside each port.
#pragma once

#include <span>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace relais {

// Randomness. System: core/base/system.h. Tests: a seeded generator.
class Random {
public:
    virtual ~Random() = default;
    // Fills all of `out`. The system's source never fails: it stops the process where it would.
    virtual void fill(std::span<std::uint8_t> out) = 0;

    template <typename Id>
    Id make() {
        Id id;
        fill(id.bytes);
        return id;
    }
};

// A reading of the machine's clocks, taken together.
struct ClockReading {
    WallTime wall;
    BootTime boot;
    Salt boot_id;  // changes at each boot of the machine
};

class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual ClockReading read() = 0;
};

// Checks ECDSA P-256 signatures over SHA-256 of a message. Thread-safe. System: core/crypto.
class Verifier {
public:
    virtual ~Verifier() = default;
    // Errors: bad_signature  wrong signature, or `key` not a point of the curve.
    virtual Result<void> verify(const P256Public& key, ByteView message,
                                const Signature& signature) const = 0;
};

// Signs with one key that it keeps.
class Signer {
public:
    virtual ~Signer() = default;
    [[nodiscard]] virtual Signature sign(ByteView message) = 0;
};

// A UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random, so that ids sort by time.
template <typename Id>
Id make_uuid_v7(Random& random, WallTime now) {
    Id id = random.make<Id>();
    for (int i = 0; i < 6; ++i) {
        id.bytes[static_cast<std::size_t>(i)] =
            static_cast<std::uint8_t>(static_cast<std::uint64_t>(now.ms) >> (40 - 8 * i));
    }
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x70);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
    return id;
}

template <typename Id>
bool is_uuid_v7(const Id& id) {
    return (id.bytes[6] & 0xF0) == 0x70 && (id.bytes[8] & 0xC0) == 0x80;
}

}  // namespace relais
