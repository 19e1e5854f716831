// base64.cc: both alphabets of codecs.h (RFC 4648, sections 4 and 5), decoded strictly.
#include <array>

#include "core/codecs/codecs.h"

namespace relais {

namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> inverse(std::string_view alphabet) {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}

constexpr auto kStandardInverse = inverse(kStandard);
constexpr auto kUrlInverse = inverse(kUrl);

std::string encode(ByteView bytes, std::string_view alphabet, bool padded) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = (group << 8) | (j < have ? std::uint32_t{bytes[i + j]} : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            if (j <= have)
                text.push_back(alphabet[(group >> (18 - 6 * j)) & 63]);
            else if (padded)
                text.push_back('=');
        }
    }
    return text;
}

// `text` without its padding.
Result<Bytes> decode(std::string_view text, const std::array<std::int8_t, 256>& inverse_table) {
    if (text.size() % 4 == 1) return fail(ErrorCode::malformed, "impossible base64 length");
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const int value = inverse_table[static_cast<unsigned char>(c)];
        if (value < 0) return fail(ErrorCode::malformed, "not a base64 character");
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<std::uint8_t>(bits >> held));
            bits &= (1U << held) - 1;
        }
    }
    if (bits != 0) return fail(ErrorCode::malformed, "unused base64 bits are set");
    return bytes;
}

}  // namespace

std::string base64(ByteView bytes) { return encode(bytes, kStandard, true); }
std::string base64url(ByteView bytes) { return encode(bytes, kUrl, false); }

Result<Bytes> parse_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(ErrorCode::malformed, "base64 is padded to 4 characters");
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode(text, kStandardInverse);
}

Result<Bytes> parse_base64url(std::string_view text) { return decode(text, kUrlInverse); }

}  // namespace relais
