// Opening a key box, a grant or a content that anyone may have made. Input: one byte of position,
// one of release, 65 of enc, the rest the sealed key. What opens is what was sealed: anything else
// would be a forgery.
#include "clients/station/seal/aead.h"
#include "clients/station/seal/content.h"
#include "core/crypto/sha256.h"
#include "tests/fuzz/known_box.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

constexpr std::size_t kPrefix = 2 + kSuiteP256EncBytes;

// Padding is read the same way by everyone: payload and zeros, nothing left over.
void check_padding(ByteView input) {
    const auto payload = seal::unpad_content(Secret::copy_of(input));
    if (!payload.ok()) return;
    Bytes rebuilt = to_bytes(input.first(32));
    append_u32(rebuilt, static_cast<std::uint32_t>(payload->size()));
    append(rebuilt, payload->expose());
    rebuilt.resize(input.size());
    RELAIS_CHECK(bytes_equal(rebuilt, input));
}

}  // namespace

bool accepts(ByteView input) {
    check_padding(input);
    static const KnownBox known;
    RELAIS_CHECK(!seal::decrypt_content(known.content_key, known.header, input, {}).ok());
    if (input.size() < kPrefix) return false;
    const ByteView enc = input.subspan(2, kSuiteP256EncBytes);
    const ByteView sealed = input.subspan(kPrefix);
    const KeyBox box{input[0],         {1},
                     kSuiteP256,       to_bytes(enc),
                     to_bytes(sealed), static_cast<Release>(input[1] % 4)};
    const auto key = seal::open_box(box, known.header, known.mailbox, known.epoch);
    const directory::Grant grant{std::nullopt, to_bytes(enc), to_bytes(sealed)};
    RELAIS_CHECK(
        !seal::open_grant(grant, known.mailbox, {1}, known.epoch.public_key(), known.epoch).ok());
    if (!key.ok()) return false;
    RELAIS_CHECK(bytes_equal(key->expose(), known.content_key.expose()));
    RELAIS_CHECK(box.release == Release::at_once && sealed.size() == kSuiteP256SealedKeyBytes);
    return true;
}

}  // namespace relais::fuzz
