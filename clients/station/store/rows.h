// rows.h: sealing of database rows: AES-256-GCM under the vault's row key, a random nonce each,
// bound to their table and key so that rows cannot be exchanged; and the blind tags that stand for
// addresses.
#pragma once

#include "core/base/names.h"
#include "core/base/ports.h"
#include "core/base/secret.h"

namespace relais::station {

class RowSealer {
public:
    // `key`: 32 bytes.
    RowSealer(Secret key, Random& random) : key_(std::move(key)), random_(random) {}

    [[nodiscard]] Bytes seal(std::string_view table, ByteView row_key, ByteView plain) const;
    // Errors: corrupt  altered, moved from another row, or sealed under another key.
    [[nodiscard]] Result<Bytes> open(std::string_view table, ByteView row_key,
                                     ByteView sealed) const;
    // HMAC of a text: the same for the same text on this station, and nothing to anybody else.
    [[nodiscard]] Bytes tag(std::string_view text) const;

private:
    Secret key_;
    Random& random_;
};

}  // namespace relais::station
