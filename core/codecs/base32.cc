// base32.cc: Crockford's base 32 of codecs.h, for sheets and invitations copied by hand.
#include <cctype>

#include "core/codecs/codecs.h"

namespace relais {

namespace {

constexpr std::string_view kBase32Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

int value_of(char c) {
    const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (upper == 'I' || upper == 'L') return 1;
    if (upper == 'O') return 0;
    const std::size_t at = kBase32Alphabet.find(upper);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

Secret base32(ByteView bytes) {
    Secret text((bytes.size() * 8 + 4) / 5);
    auto out = text.expose_mutable().begin();
    std::uint32_t bits = 0;
    int held = 0;
    for (const std::uint8_t byte : bytes) {
        bits = (bits << 8) | byte;
        held += 8;
        while (held >= 5) {
            held -= 5;
            *out++ = static_cast<std::uint8_t>(kBase32Alphabet[(bits >> held) & 31]);
        }
    }
    if (held > 0) *out = static_cast<std::uint8_t>(kBase32Alphabet[(bits << (5 - held)) & 31]);
    return text;
}

Result<Secret> parse_base32(std::string_view text) {
    std::size_t symbols = 0;
    for (const char c : text) symbols += (c == '-' || c == ' ' || c == '\n') ? 0 : 1;
    Secret bytes(symbols * 5 / 8);
    auto out = bytes.expose_mutable().begin();
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        if (c == '-' || c == ' ' || c == '\n') continue;
        const int value = value_of(c);
        if (value < 0) return fail(ErrorCode::malformed, "not a character of the code");
        bits = (bits << 5) | static_cast<std::uint32_t>(value);
        held += 5;
        if (held >= 8) {
            held -= 8;
            *out++ = static_cast<std::uint8_t>(bits >> held);
            bits &= (1U << held) - 1;
        }
    }
    if (bits != 0 || held >= 5) return fail(ErrorCode::malformed, "code incomplete");
    return bytes;
}

}  // namespace relais
