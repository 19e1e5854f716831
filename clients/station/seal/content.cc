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

Result<PaddedContent> pad_content(ByteView payload, Random& random) {
    const std::size_t needed = kPrefixBytes + payload.size();
    if (needed > limits::kContentPaddedBytesMax) {
        return fail(ErrorCode::too_large, "content above 512 KiB");
    }
    Secret padded(std::max(std::bit_ceil(needed), limits::kContentPaddedBytesMin));
    const auto bytes = padded.expose_mutable();
    random.fill(bytes.first(kSaltBytes));
    Bytes length;
    append_u32(length, static_cast<std::uint32_t>(payload.size()));
    std::ranges::copy(length, bytes.begin() + kSaltBytes);
    std::ranges::copy(payload, bytes.begin() + kPrefixBytes);
    const Digest digest = sha256(padded.expose());
    return PaddedContent{std::move(padded), digest};
}

Result<Secret> unpad_content(const Secret& padded) {
    const ByteView bytes = padded.expose();
    if (!is_size_class(bytes.size())) return fail(ErrorCode::malformed, "size of the content");
    const std::size_t length = read_u32(bytes.subspan(kSaltBytes));
    if (length > bytes.size() - kPrefixBytes) return fail(ErrorCode::malformed, "content length");
    const ByteView padding = bytes.subspan(kPrefixBytes + length);
    if (std::ranges::any_of(padding, [](std::uint8_t byte) { return byte != 0; })) {
        return fail(ErrorCode::malformed, "content padding");
    }
    return Secret::copy_of(bytes.subspan(kPrefixBytes, length));
}

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
