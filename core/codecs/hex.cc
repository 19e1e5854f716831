// hex.cc: hexadecimal and UUIDs of codecs.h.
#include "core/codecs/codecs.h"

namespace relais {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit(char c) {
    const std::size_t at = kDigits.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

constexpr std::size_t kUuidDashes[] = {8, 13, 18, 23};

}  // namespace

std::string hex(ByteView bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        text.push_back(kDigits[byte >> 4]);
        text.push_back(kDigits[byte & 0x0F]);
    }
    return text;
}

Result<Bytes> parse_hex(std::string_view text) {
    if (text.size() % 2 != 0) return fail(ErrorCode::malformed, "odd number of hex digits");
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return fail(ErrorCode::malformed, "not a lower-case hex digit");
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

std::string format_uuid(ByteView bytes) {
    RELAIS_CHECK(bytes.size() == 16);
    std::string text = hex(bytes);
    for (const std::size_t at : kUuidDashes) text.insert(at, 1, '-');
    return text;
}

Result<Bytes> parse_uuid(std::string_view text) {
    std::string digits(text);
    bool shaped = text.size() == 36;
    for (const std::size_t at : kUuidDashes) shaped = shaped && text[at] == '-';
    if (!shaped) return fail(ErrorCode::malformed, "a UUID is written 8-4-4-4-12");
    std::erase(digits, '-');
    if (digits.size() != 32) return fail(ErrorCode::malformed, "a UUID is written 8-4-4-4-12");
    return parse_hex(digits);
}

}  // namespace relais
