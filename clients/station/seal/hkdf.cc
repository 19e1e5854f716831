#include "clients/station/seal/hkdf.h"

#include "core/base/check.h"
#include "core/crypto/sha256.h"

namespace relais::seal {

Secret hkdf_extract(ByteView salt, const Secret& input) {
    const Secret key = salt.empty() ? Secret(Digest::kSize) : Secret::copy_of(salt);
    Digest digest = hmac_sha256(key, {input.expose()});
    Secret result = Secret::copy_of(digest.view());
    wipe(digest.bytes);
    return result;
}

Secret hkdf_expand(const Secret& key, ByteView info, std::size_t size) {
    RELAIS_CHECK(size <= 255 * Digest::kSize);
    Secret out(size);
    Digest block;
    std::size_t have = 0;
    for (std::uint8_t counter = 1; have < size; ++counter) {
        const ByteView previous = counter == 1 ? ByteView{} : block.view();
        block = hmac_sha256(key, {previous, info, ByteView(&counter, 1)});
        const std::size_t take = std::min(size - have, Digest::kSize);
        std::memcpy(out.expose_mutable().data() + have, block.bytes.data(), take);
        have += take;
    }
    wipe(block.bytes);
    return out;
}

}  // namespace relais::seal
