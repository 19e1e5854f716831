// The records of a log folder, as a stranger hands them over (tlog-tiles): those that are accepted
// are written again as the same bytes. The first byte: how many records are expected, less one.
#include "core/merkle/tiles.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    if (input.empty()) return false;
    const std::size_t width = std::size_t{input[0]} + 1;
    const ByteView bundle = input.subspan(1);
    const auto entries = merkle::decode_entry_bundle(bundle, width);
    if (!entries.ok()) return false;
    RELAIS_CHECK(entries->size() == width);
    std::vector<Bytes> kept;
    for (const ByteView entry : *entries) kept.push_back(to_bytes(entry));
    RELAIS_CHECK(bytes_equal(merkle::encode_entry_bundle(kept).value(), bundle));
    return true;
}

}  // namespace relais::fuzz
