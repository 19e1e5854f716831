#include "broker/store/chunk_file.h"

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"

namespace relais::broker {

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

}  // namespace relais::broker
