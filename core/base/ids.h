// ids.h: distinct types for what is only a number or sixteen bytes, so that a station is never
// passed where a person is meant. All are plain values, ordered as their bytes.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>

#include "core/base/bytes.h"
#include "core/base/check.h"

namespace relais {

// N bytes under a name.
template <typename Tag, std::size_t N>
struct FixedBytes {
    std::array<std::uint8_t, N> bytes{};

    static constexpr std::size_t kSize = N;
    // Requires view.size() == N.
    static FixedBytes from(ByteView view) {
        RELAIS_CHECK(view.size() == N);
        FixedBytes value;
        std::memcpy(value.bytes.data(), view.data(), N);
        return value;
    }
    [[nodiscard]] ByteView view() const { return bytes; }
    [[nodiscard]] bool is_zero() const { return *this == FixedBytes{}; }
    auto operator<=>(const FixedBytes&) const = default;
};

// A position or a count under a name.
template <typename Tag>
struct Number {
    std::uint64_t value = 0;

    [[nodiscard]] Number next() const { return {value + 1}; }
    auto operator<=>(const Number&) const = default;
};

// UUIDs (RFC 9562), 16 bytes in network order; messages and threads are version 7.
using MessageId = FixedBytes<struct MessageTag, 16>;
using ThreadId = FixedBytes<struct ThreadTag, 16>;
using PersonId = FixedBytes<struct PersonTag, 16>;
using StationId = FixedBytes<struct StationTag, 16>;
using MandateId = FixedBytes<struct MandateTag, 16>;
using Locator = FixedBytes<struct LocatorTag, 16>;          // of an invitation
using Incarnation = FixedBytes<struct IncarnationTag, 16>;  // of a domain's sequence spaces

using Digest = FixedBytes<struct DigestTag, 32>;        // SHA-256
using Signature = FixedBytes<struct SignatureTag, 64>;  // ECDSA P-256 r ‖ s, or Ed25519
using P256Public = FixedBytes<struct P256Tag, 65>;      // uncompressed point, 0x04 first
using Ed25519Public = FixedBytes<struct Ed25519Tag, 32>;
using CurvePublic = FixedBytes<struct CurveTag, 32>;  // CurveZMQ long-term key
using Salt = FixedBytes<struct SaltTag, 16>;

using ChannelSeq = Number<struct ChannelSeqTag>;        // in one lane of one channel, from 1
using LeafIndex = Number<struct LeafIndexTag>;          // in the audit log, from 0
using DirectorySize = Number<struct DirectorySizeTag>;  // entries in the directory log
using EpochNumber = Number<struct EpochTag>;            // of one mailbox, from 1

// Ordered from the least to the most pressing; delivery serves the highest first.
enum class Lane : std::uint8_t { routine = 0, urgent = 1, crisis = 2 };
inline constexpr std::size_t kLanes = 3;
inline constexpr std::array<Lane, kLanes> kLanesByUrgency = {Lane::crisis, Lane::urgent,
                                                             Lane::routine};

}  // namespace relais
