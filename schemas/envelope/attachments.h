// attachments.h: the files that go with a message: the list of them, which the sealed content
// holds, how they are cut into chunks, and the digests of the sealed chunks, which stand beside the
// header. Nothing here is secret by itself; who seals and opens is clients/station/seal.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "schemas/envelope/header.h"

namespace relais {

struct AttachedFile {
    std::string name;   // without a folder
    std::string media;  // "application/pdf"
    std::uint64_t bytes;
    Digest digest;  // SHA-256 of the file
};

[[nodiscard]] Bytes encode_files(std::span<const AttachedFile> files);
// Errors: too_large, malformed; invalid_field  none, a name that is a path, an empty file, a media
// type out of its form, or more chunks than an envelope may have.
Result<std::vector<AttachedFile>> parse_files(ByteView bytes);
// "application/pdf": two words of a-z, 0-9, '.', '+' and '-'.
[[nodiscard]] bool is_media_type(std::string_view text);

// How many bytes a chunk of `bytes` of a file has once padded: the least power of two that holds
// them, from 4 KiB. Requires 1 to 256 KiB.
[[nodiscard]] std::size_t padded_chunk_bytes(std::size_t bytes);
// One chunk: of which file, from where, how many bytes of it.
struct ChunkPlace {
    std::size_t file;
    std::uint64_t offset;
    std::size_t bytes;
};
// The chunks of all files, one file after the other.
[[nodiscard]] std::vector<ChunkPlace> chunk_places(std::span<const AttachedFile> files);
// What chunks of these padded sizes have together, as a kind's bounds count them.
[[nodiscard]] std::uint64_t padded_bytes(std::span<const ChunkPlace> places);
// The same, of what a header says. Requires chunks.
[[nodiscard]] std::uint64_t padded_bytes(const ChunkSummary& chunks);

// RFC 9162 root over leaves that are the digests.
[[nodiscard]] Digest chunks_root(std::span<const Digest> chunks);
// Errors: attachment_invalid  the list is not the one that the header signs for.
Result<void> check_chunks(const std::optional<ChunkSummary>& summary,
                          std::span<const Digest> chunks);

}  // namespace relais
