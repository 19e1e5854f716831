// The list of attachments, as a sender gives it and as it stands in a content: what is accepted
// says the same when it is written again, and cuts into chunks that fit together.
#include "clients/station/seal/chunks.h"
#include "core/base/limits.h"
#include "schemas/envelope/attachments.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

void check_places(const std::vector<AttachedFile>& files) {
    std::vector<std::uint64_t> bytes(files.size(), 0);
    const auto places = chunk_places(files);
    RELAIS_CHECK(!places.empty() && places.size() <= limits::kChunksPerEnvelopeMax);
    for (const ChunkPlace& place : places) {
        RELAIS_CHECK(place.offset == bytes.at(place.file) && place.bytes > 0);
        RELAIS_CHECK(place.bytes <= padded_chunk_bytes(place.bytes));
        RELAIS_CHECK(padded_chunk_bytes(place.bytes) <= limits::kChunkBytes);
        bytes[place.file] += place.bytes;
    }
    for (std::size_t i = 0; i < files.size(); ++i) RELAIS_CHECK(bytes[i] == files[i].bytes);
}

}  // namespace

bool accepts(ByteView input) {
    const auto list = seal::parse_list(Secret::copy_of(input));
    if (!list.ok()) return false;
    check_places(list->files);
    const auto again = seal::parse_list(seal::encode_list(*list));
    RELAIS_CHECK(again.ok() && again->files.size() == list->files.size());
    RELAIS_CHECK(bytes_equal(again->key.expose(), list->key.expose()));
    for (std::size_t i = 0; i < list->files.size(); ++i) {
        const AttachedFile& a = list->files[i];
        const AttachedFile& b = again->files[i];
        RELAIS_CHECK(a.name == b.name && a.media == b.media && a.bytes == b.bytes &&
                     a.digest == b.digest);
        RELAIS_CHECK(a.name.find('/') == std::string::npos);
    }
    return true;
}

}  // namespace relais::fuzz
