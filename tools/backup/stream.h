// stream.h: bytes that flow: where they go and where they come from. The parts of a backup are
// chained by these two.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace relais::backup {

class Sink {
public:
    virtual ~Sink() = default;
    virtual Result<void> write(ByteView bytes) = 0;
};

class Source {
public:
    virtual ~Source() = default;
    // Fills as much of `out` as there is; less only at the end.
    virtual Result<std::size_t> read(std::span<std::uint8_t> out) = 0;
};

}  // namespace relais::backup
