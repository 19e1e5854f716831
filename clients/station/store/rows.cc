#include "clients/station/store/rows.h"

#include "clients/station/seal/aead.h"
#include "core/crypto/sha256.h"

namespace relais::station {

namespace {

constexpr std::size_t kTagBytes = 16;

Bytes associated(std::string_view table, ByteView row_key) {
    Bytes aad = to_bytes(as_bytes(table));
    aad.push_back(0);
    append(aad, row_key);
    return aad;
}

}  // namespace

Bytes RowSealer::seal(std::string_view table, ByteView row_key, ByteView plain) const {
    Bytes sealed(seal::kNonceBytes);
    random_.fill(sealed);
    const Bytes nonce = sealed;
    append(sealed, seal::aead_seal(key_, nonce, associated(table, row_key), plain));
    return sealed;
}

Result<Bytes> RowSealer::open(std::string_view table, ByteView row_key, ByteView sealed) const {
    if (sealed.size() < seal::kNonceBytes) return fail(ErrorCode::corrupt, std::string(table));
    const auto plain =
        seal::aead_open(key_, sealed.first(seal::kNonceBytes), associated(table, row_key),
                        sealed.subspan(seal::kNonceBytes));
    if (!plain.ok()) return fail(ErrorCode::corrupt, "row of " + std::string(table));
    return to_bytes(plain->expose());
}

Bytes RowSealer::tag(std::string_view text) const {
    const Digest digest = hmac_sha256(key_, {as_bytes("relais/v1/tag"), as_bytes(text)});
    return to_bytes(digest.view().first(kTagBytes));
}

}  // namespace relais::station
