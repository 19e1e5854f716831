// remembered.h: the answer that is kept for a message id of a station (D2), refusals included,
// until a month after the message is gone. Plain values.
#pragma once

#include <string>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace relais::broker {

using EnvelopeNumber = std::uint64_t;  // of a stored envelope, in this store only; from 1

// Half of the SHA-256 of an envelope's bytes: a message each has one on the disk. Whoever made two
// envelopes of one id and one tag (some 2^64 tries) gets for the second the answer of the first.
using EnvelopeTag = FixedBytes<struct EnvelopeTagTag, 16>;
[[nodiscard]] inline EnvelopeTag tag_of(const Digest& of_all_bytes) {
    return EnvelopeTag::from(of_all_bytes.view().first(EnvelopeTag::kSize));
}

struct Remembered {
    EnvelopeTag envelope;
    ErrorCode code;             // ok: accepted
    EnvelopeNumber number = 0;  // the accepted one; of a conflict: the act that won
    LeafIndex leaf;
    EngineTime forget_at;
    std::string detail{};  // of a refusal
};

}  // namespace relais::broker
