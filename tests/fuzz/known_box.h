// known_box.h: the one key box that the corpus of key_box.cc holds, in every part but its bytes.
#pragma once

#include "clients/station/seal/envelope_seal.h"
#include "core/base/names.h"

namespace relais::fuzz {

inline P256Key fixed_p256(std::uint8_t byte) {
    Secret scalar(32);
    for (auto& each : scalar.expose_mutable()) each = byte;
    return P256Key::from_scalar(scalar).value();
}

struct KnownBox {
    P256Key epoch = fixed_p256(3);
    Digest header{};
    Address mailbox = Address::parse("geriatrie.ch-valmont@indre").value();
    Secret content_key = Secret(32);
};

}  // namespace relais::fuzz
