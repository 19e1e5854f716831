#include "clients/station/seal/content.h"

#include <algorithm>
#include <bit>

#include "clients/station/seal/aead.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"

namespace relais::seal {

namespace {

constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kPrefixBytes = kSaltBytes + kLengthBytes;
constexpr std::uint8_t kZeroNonce[kNonceBytes] = {};

bool is_size_class(std::size_t bytes) {
    return std::has_single_bit(bytes) && bytes >= limits::kContentPaddedBytesMin &&
           bytes <= limits::kContentPaddedBytesMax;
}

}  // namespace

Result<PaddedContent> pad_content(ByteView payload, Random& random, ByteView attachments) {
    const std::size_t list = attachments.empty() ? 0 : kLengthBytes + attachments.size();
    const std::size_t needed = kPrefixBytes + payload.size() + list;
    if (needed > limits::kContentPaddedBytesMax) {
        return fail(ErrorCode::too_large, "content above 512 KiB");
    }
    Secret padded(std::max(std::bit_ceil(needed), limits::kContentPaddedBytesMin));
    const auto bytes = padded.expose_mutable();
    random.fill(bytes.first(kSaltBytes));
    auto at = bytes.begin() + kSaltBytes;
    const auto put = [&](ByteView piece) {
        Bytes length;
        append_u32(length, static_cast<std::uint32_t>(piece.size()));
        at = std::ranges::copy(length, at).out;
        at = std::ranges::copy(piece, at).out;
    };
    put(payload);
    if (!attachments.empty()) put(attachments);
    const Digest digest = sha256(padded.expose());
    return PaddedContent{std::move(padded), digest};
}

namespace {

// The next piece with its length before it; moves `rest` behind it.
Result<ByteView> take_piece(ByteView& rest) {
    if (rest.size() < kLengthBytes) return fail(ErrorCode::malformed, "content length");
    const std::size_t length = read_u32(rest);
    rest = rest.subspan(kLengthBytes);
    if (length > rest.size()) return fail(ErrorCode::malformed, "content length");
    const ByteView piece = rest.first(length);
    rest = rest.subspan(length);
    return piece;
}

Result<ContentParts> unpad(const Secret& padded, bool with_attachments) {
    ByteView rest = padded.expose();
    if (!is_size_class(rest.size())) return fail(ErrorCode::malformed, "size of the content");
    rest = rest.subspan(kSaltBytes);
    ContentParts parts;
    RELAIS_ASSIGN(const ByteView payload, take_piece(rest));
    parts.payload = Secret::copy_of(payload);
    if (with_attachments) {
        RELAIS_ASSIGN(const ByteView attachments, take_piece(rest));
        parts.attachments = Secret::copy_of(attachments);
    }
    if (std::ranges::any_of(rest, [](std::uint8_t byte) { return byte != 0; })) {
        return fail(ErrorCode::malformed, "content padding");
    }
    return parts;
}

}  // namespace

Result<Secret> unpad_content(const Secret& padded) {
    RELAIS_ASSIGN(ContentParts parts, unpad(padded, false));
    return std::move(parts.payload);
}

Result<ContentParts> unpad_with_attachments(const Secret& padded) { return unpad(padded, true); }

Secret make_content_key(Random& random) {
    Secret key(32);
    random.fill(key.expose_mutable());
    return key;
}

Bytes encrypt_content(const Secret& key, const Digest& header, const Secret& padded) {
    return aead_seal(key, kZeroNonce, header.view(), padded.expose());
}

Result<Secret> decrypt_padded(const Secret& key, const Digest& header, ByteView ciphertext,
                              const Digest& content_digest) {
    if (key.size() != 32) return fail(ErrorCode::box_unopenable, "size of the content key");
    RELAIS_ASSIGN(Secret padded, aead_open(key, kZeroNonce, header.view(), ciphertext));
    if (sha256(padded.expose()) != content_digest) return fail(ErrorCode::digest_mismatch);
    return padded;
}

Result<Secret> decrypt_content(const Secret& key, const Digest& header, ByteView ciphertext,
                               const Digest& content_digest) {
    RELAIS_ASSIGN(const Secret padded, decrypt_padded(key, header, ciphertext, content_digest));
    return unpad_content(padded);
}

}  // namespace relais::seal
