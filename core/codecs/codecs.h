// codecs.h: bytes as text. Decoders are strict: one text for each value, so that a digest, a key or
// a sheet cannot be written two ways.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace relais {

// Lower-case hexadecimal. Errors: malformed  odd length or another character (upper case included).
[[nodiscard]] std::string hex(ByteView bytes);
[[nodiscard]] Result<Bytes> parse_hex(std::string_view text);

// RFC 4648 section 4, padded. Errors: malformed  other characters, wrong padding, or unused bits
// set.
[[nodiscard]] std::string base64(ByteView bytes);
[[nodiscard]] Result<Bytes> parse_base64(std::string_view text);
// RFC 4648 section 5, not padded: for a token in a link or a message.
[[nodiscard]] std::string base64url(ByteView bytes);
[[nodiscard]] Result<Bytes> parse_base64url(std::string_view text);

// Crockford's base 32, for what people copy by hand: upper case, no I, L, O or U; read with I and L
// as 1, O as 0, either case, '-' and spaces ignored. Returned as a secret because sheets are.
// Errors: malformed  another character, or unused bits set.
[[nodiscard]] Secret base32(ByteView bytes);
[[nodiscard]] Result<Secret> parse_base32(std::string_view text);

// ZeroMQ RFC 32. `bytes` is a multiple of 4 long. Errors: malformed  length not a multiple of 5,
// another character, or a group above 2^32 - 1.
[[nodiscard]] std::string z85(ByteView bytes);
[[nodiscard]] Result<Bytes> parse_z85(std::string_view text);

// A UUID as 8-4-4-4-12 lower-case digits (RFC 9562 section 4).
[[nodiscard]] std::string format_uuid(ByteView bytes);
// Errors: malformed  another form.
[[nodiscard]] Result<Bytes> parse_uuid(std::string_view text);

template <typename Id>
std::string uuid(const Id& id) {
    static_assert(Id::kSize == 16);
    return format_uuid(id.view());
}

template <typename Id>
Result<Id> uuid_from(std::string_view text) {
    static_assert(Id::kSize == 16);
    RELAIS_ASSIGN(const Bytes bytes, parse_uuid(text));
    return Id::from(bytes);
}

// Exactly Id::kSize bytes in hexadecimal.
template <typename Id>
Result<Id> hex_from(std::string_view text) {
    RELAIS_ASSIGN(const Bytes bytes, parse_hex(text));
    if (bytes.size() != Id::kSize) return fail(ErrorCode::malformed, "wrong number of hex digits");
    return Id::from(bytes);
}

}  // namespace relais
