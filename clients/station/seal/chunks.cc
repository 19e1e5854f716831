#include "clients/station/seal/chunks.h"

#include <algorithm>

#include "clients/station/seal/aead.h"
#include "core/base/contexts.h"

namespace relais::seal {

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kContext = "relais/v1/chunk";

Bytes nonce_of(const ChunkName& name) {
    Bytes nonce(kNonceBytes - sizeof(std::uint32_t), 0);
    append_u32(nonce, name.index);
    return nonce;
}

Bytes aad_of(const ChunkName& name) {
    Bytes body = to_bytes(name.message.view());
    append_u32(body, name.index);
    append_u32(body, name.count);
    return signed_message(kContext, body);
}

}  // namespace

Secret make_attachment_key(Random& random) {
    Secret key(kKeyBytes);
    random.fill(key.expose_mutable());
    return key;
}

Secret encode_list(const AttachmentList& list) {
    const Bytes files = encode_files(list.files);
    Secret bytes(kKeyBytes + files.size());
    const auto rest = std::ranges::copy(list.key.expose(), bytes.expose_mutable().begin()).out;
    std::ranges::copy(files, rest);
    return bytes;
}

Result<AttachmentList> parse_list(const Secret& bytes) {
    const ByteView all = bytes.expose();
    if (all.size() <= kKeyBytes) return fail(ErrorCode::malformed, "list of attachments");
    RELAIS_ASSIGN(auto files, parse_files(all.subspan(kKeyBytes)));
    return AttachmentList{Secret::copy_of(all.first(kKeyBytes)), std::move(files)};
}

Bytes seal_chunk(const Secret& key, const ChunkName& name, ByteView piece) {
    Secret padded(padded_chunk_bytes(piece.size()));
    std::ranges::copy(piece, padded.expose_mutable().begin());
    return aead_seal(key, nonce_of(name), aad_of(name), padded.expose());
}

Result<Secret> open_chunk(const Secret& key, const ChunkName& name, ByteView sealed,
                          std::size_t bytes) {
    const auto padded = aead_open(key, nonce_of(name), aad_of(name), sealed);
    if (!padded.ok() || padded->size() != padded_chunk_bytes(bytes)) {
        return fail(ErrorCode::attachment_invalid, "chunk " + std::to_string(name.index));
    }
    const ByteView padding = padded->expose().subspan(bytes);
    if (std::ranges::any_of(padding, [](std::uint8_t byte) { return byte != 0; })) {
        return fail(ErrorCode::attachment_invalid, "padding of a chunk");
    }
    return Secret::copy_of(padded->expose().first(bytes));
}

}  // namespace relais::seal
