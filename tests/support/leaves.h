// leaves.h: an audit leaf with every field filled.
#pragma once

#include "schemas/audit/leaf.h"
#include "tests/support/random.h"

namespace relais::test {

inline Leaf full_leaf(SeededRandom& random) {
    return {.salt = random.make<Salt>(),
            .time = {1'790'000'000'123},
            .event = Event::delivered,
            .code = ErrorCode::reseal,
            .station = random.make<StationId>(),
            .person = random.make<PersonId>(),
            .mailbox = "geriatrie.ch-valmont@indre",
            .message = random.make<MessageId>(),
            .thread = random.make<ThreadId>(),
            .header = random.make<Digest>(),
            .lane = Lane::crisis,
            .first = {UINT64_MAX - 1},
            .last = {UINT64_MAX},
            .count = UINT32_MAX,
            .subject = "call",
            .directory_size = {41},
            .statement = random.bytes(300)};
}

}  // namespace relais::test
