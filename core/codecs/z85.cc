// z85.cc: the text form of CURVE keys (ZeroMQ RFC 32) of codecs.h.
#include "core/codecs/codecs.h"

namespace relais {

namespace {

constexpr std::string_view kZ85Alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static_assert(kZ85Alphabet.size() == 85);

}  // namespace

std::string z85(ByteView bytes) {
    RELAIS_CHECK(bytes.size() % 4 == 0);
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
        std::uint32_t group = read_u32(bytes.subspan(i));
        char symbols[5];
        for (int j = 4; j >= 0; --j) {
            symbols[j] = kZ85Alphabet[group % 85];
            group /= 85;
        }
        text.append(symbols, 5);
    }
    return text;
}

Result<Bytes> parse_z85(std::string_view text) {
    if (text.size() % 5 != 0) return fail(ErrorCode::malformed, "Z85 comes in groups of 5");
    Bytes bytes;
    for (std::size_t i = 0; i < text.size(); i += 5) {
        std::uint64_t group = 0;
        for (const char c : text.substr(i, 5)) {
            const std::size_t value = kZ85Alphabet.find(c);
            if (value == std::string_view::npos) {
                return fail(ErrorCode::malformed, "not a Z85 character");
            }
            group = group * 85 + value;
        }
        if (group > 0xFFFFFFFFU) return fail(ErrorCode::malformed, "Z85 group too large");
        append_u32(bytes, static_cast<std::uint32_t>(group));
    }
    return bytes;
}

}  // namespace relais
