#include "schemas/envelope/attachments.h"

#include <algorithm>
#include <bit>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "core/merkle/tree.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/attachments_generated.h"

namespace relais {

namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMediaBytesMax = 80;

Error bad_attachment(const char* what) { return fail(ErrorCode::invalid_field, what); }

// What can stand in a folder as it is, on any system, says nothing of where it came from, and is
// never a file that a program reads by itself.
bool is_file_name(std::string_view name) {
    return is_title(name, limits::kTitleBytesMax) && !name.starts_with('.') &&
           name.find_first_of("/\\") == std::string_view::npos;
}

Result<AttachedFile> parse_file(const fb::AttachedFile& raw) {
    if (!is_file_name(flat::view(raw.name()))) return bad_attachment("file name");
    if (!is_media_type(flat::view(raw.media()))) return bad_attachment("media type");
    constexpr std::uint64_t kBytesMax = limits::kChunksPerEnvelopeMax * limits::kChunkBytes;
    if (raw.bytes() == 0 || raw.bytes() > kBytesMax) return bad_attachment("file size");
    return AttachedFile{raw.name()->str(), raw.media()->str(), raw.bytes(),
                        flat::id<Digest>(*raw.digest())};
}

}  // namespace

bool is_media_type(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-';
    };
    const std::size_t slash = text.find('/');
    return text.size() <= kMediaBytesMax && slash != std::string_view::npos && slash > 0 &&
           slash + 1 < text.size() && std::ranges::all_of(text.substr(0, slash), fits) &&
           std::ranges::all_of(text.substr(slash + 1), fits);
}

Bytes encode_files(std::span<const AttachedFile> files) {
    flatbuffers::FlatBufferBuilder builder(1024);
    std::vector<flatbuffers::Offset<fb::AttachedFile>> items;
    for (const AttachedFile& file : files) {
        const auto name = flat::text(builder, file.name);
        const auto media = flat::text(builder, file.media);
        const auto digest = flat::to_struct<fb::Digest>(file.digest);
        items.push_back(fb::CreateAttachedFile(builder, name, media, file.bytes, &digest));
    }
    builder.Finish(fb::CreateAttachedFiles(builder, builder.CreateVector(items)));
    return to_bytes(flat::finished(builder));
}

Result<std::vector<AttachedFile>> parse_files(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw,
                  flat::root<fb::AttachedFiles>(bytes, limits::kAttachedFilesBytesMax));
    if (raw->files()->size() == 0 || raw->files()->size() > limits::kAttachedFilesMax) {
        return bad_attachment("files");
    }
    std::vector<AttachedFile> files;
    for (const fb::AttachedFile* item : *raw->files()) {
        RELAIS_ASSIGN(AttachedFile file, parse_file(*item));
        files.push_back(std::move(file));
    }
    if (chunk_places(files).size() > limits::kChunksPerEnvelopeMax) return bad_attachment("chunks");
    return files;
}

std::size_t padded_chunk_bytes(std::size_t bytes) {
    return std::max(std::bit_ceil(bytes), limits::kChunkPaddedBytesMin);
}

std::vector<ChunkPlace> chunk_places(std::span<const AttachedFile> files) {
    std::vector<ChunkPlace> places;
    for (std::size_t i = 0; i < files.size(); ++i) {
        for (std::uint64_t at = 0; at < files[i].bytes; at += limits::kChunkBytes) {
            const std::uint64_t left = files[i].bytes - at;
            places.push_back({i, at, std::min<std::size_t>(left, limits::kChunkBytes)});
        }
    }
    return places;
}

std::uint64_t padded_bytes(std::span<const ChunkPlace> places) {
    std::uint64_t bytes = 0;
    for (const ChunkPlace& place : places) bytes += padded_chunk_bytes(place.bytes);
    return bytes;
}

std::uint64_t padded_bytes(const ChunkSummary& chunks) {
    const std::uint64_t tags = chunks.count * kTagBytes;
    return chunks.bytes > tags ? chunks.bytes - tags : 0;
}

Digest chunks_root(std::span<const Digest> chunks) {
    std::vector<Digest> leaves;
    leaves.reserve(chunks.size());
    for (const Digest& chunk : chunks) leaves.push_back(merkle::leaf_hash(chunk.view()));
    return merkle::tree_root(leaves);
}

Result<void> check_chunks(const std::optional<ChunkSummary>& summary,
                          std::span<const Digest> chunks) {
    if (!summary && chunks.empty()) return {};
    if (!summary || summary->count != chunks.size()) {
        return fail(ErrorCode::attachment_invalid, "number of chunks");
    }
    if (chunks_root(chunks) != summary->root) {
        return fail(ErrorCode::attachment_invalid, "root of the chunks");
    }
    return {};
}

}  // namespace relais
