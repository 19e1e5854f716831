#include "broker/store/chunk_file.h"

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"

namespace relais::broker {

namespace {

constexpr std::uintmax_t kKeptFreeBytes = 16 << 20;

}  // namespace

std::filesystem::path chunk_path(const std::filesystem::path& folder, const Digest& digest) {
    const std::string name = hex(digest.view());
    return folder / name.substr(0, 2) / name;
}

Result<Bytes> read_chunk(const std::filesystem::path& folder, const Digest& digest) {
    auto bytes = read_file(chunk_path(folder, digest), limits::kChunkSealedBytesMax);
    if (bytes.code() == ErrorCode::not_found) return fail(ErrorCode::corrupt, "no such file");
    if (bytes.code() == ErrorCode::too_large) return fail(ErrorCode::corrupt, "size of the file");
    if (bytes.ok() && sha256(*bytes) != digest) {
        return fail(ErrorCode::corrupt, "the file is not what its name says");
    }
    return bytes;
}

Result<ChunkFolder> ChunkFolder::open(const std::filesystem::path& folder) {
    RELAIS_TRY(make_private_folder(folder));
    RELAIS_TRY(sync_folder(folder.parent_path()));
    return ChunkFolder(folder);
}

// What the disk does not tell stops nothing.
bool ChunkFolder::has_room(std::size_t bytes) const {
    std::error_code failed;
    const auto space = std::filesystem::space(folder_, failed);
    return failed || space.available >= kKeptFreeBytes + bytes;
}

Result<void> ChunkFolder::write(const Digest& digest, ByteView bytes) {
    if (!has_room(bytes.size())) return fail(ErrorCode::storage_full);
    const auto path = chunk_path(folder_, digest);
    RELAIS_TRY(make_private_folder(path.parent_path()));
    // A folder that a killed process made may not be durable either: once for each in a run.
    bool& synced = synced_[digest.bytes[0]];
    if (!synced) RELAIS_TRY(sync_folder(folder_));
    synced = true;
    return write_file(path, bytes, 0600, Replace::yes);
}

void ChunkFolder::remove(const Digest& digest) {
    std::error_code ignored;
    std::filesystem::remove(chunk_path(folder_, digest), ignored);
}

void ChunkFolder::sweep(const std::function<void(const Digest&)>& found) {
    std::error_code failed;
    std::filesystem::recursive_directory_iterator files(folder_, failed);
    for (; !failed && files != std::filesystem::recursive_directory_iterator();
         files.increment(failed)) {
        std::error_code ignored;
        if (files->is_directory(ignored)) continue;
        const auto digest = hex_from<Digest>(files->path().filename().string());
        if (digest.ok()) {
            found(*digest);
        } else {
            std::filesystem::remove(files->path(), ignored);
        }
    }
}

}  // namespace relais::broker
