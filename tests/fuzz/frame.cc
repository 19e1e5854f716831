// A frame that is accepted can be written and read again as the same, and costs little more memory
// than its reader's limits say.
#include "schemas/wire/frame.h"
#include "core/base/limits.h"
#include "tests/fuzz/target.h"
#include "tests/support/members.h"

namespace relais::fuzz {

namespace {
// What lists of entries that all point to the same bytes may unfold to.
constexpr std::size_t kUnfoldedBytesMax = 32 << 20;
}  // namespace

bool accepts(ByteView input) {
    const auto frame = wire::parse_frame(input);
    if (!frame.ok()) return false;
    const Bytes bytes = wire::encode_frame(*frame);
    RELAIS_CHECK(bytes.size() <= kUnfoldedBytesMax);
    if (bytes.size() > limits::kFrameBytesMax) return true;
    const auto again = wire::parse_frame(bytes);
    RELAIS_CHECK(again.ok() && test::same(*again, *frame));
    RELAIS_CHECK(wire::encode_frame(*again) == bytes);
    return true;
}

}  // namespace relais::fuzz
