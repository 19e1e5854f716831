// A frame that is accepted can be written and read again as the same, and unfolds to little more
// than its own bytes.
#include "schemas/wire/frame.h"
#include "core/base/limits.h"
#include "tests/fuzz/target.h"
#include "tests/support/members.h"

namespace relais::fuzz {

namespace {
// Two long fields of a body may be the same bytes; what is short, and the tables that hold it, as
// often as a list has items.
constexpr std::size_t kFieldsAlike = 2;
constexpr std::size_t kShortBytesMax = limits::kEntriesPerFrameMax * 1024;
}  // namespace

bool accepts(ByteView input) {
    const auto frame = wire::parse_frame(input);
    if (!frame.ok()) return false;
    const Bytes bytes = wire::encode_frame(*frame);
    RELAIS_CHECK(bytes.size() <= kFieldsAlike * input.size() + kShortBytesMax);
    if (bytes.size() > limits::kFrameBytesMax) return true;
    const auto again = wire::parse_frame(bytes);
    RELAIS_CHECK(again.ok() && test::same(*again, *frame));
    RELAIS_CHECK(wire::encode_frame(*again) == bytes);
    return true;
}

}  // namespace relais::fuzz
