#include "tools/packs/encodings.h"

#include <algorithm>

#include "core/base/names.h"

namespace relais::packs {

namespace {

// 0x80 to 0x9F of Windows-1252; 0 where it has nothing.
constexpr std::array<char16_t, 32> kWindows = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool has_sign(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 && byte <= 0x9F;
    });
}

char32_t iso_8859_15(unsigned char byte) {
    switch (byte) {
        case 0xA4: return 0x20AC;
        case 0xA6: return 0x0160;
        case 0xA8: return 0x0161;
        case 0xB4: return 0x017D;
        case 0xB8: return 0x017E;
        case 0xBC: return 0x0152;
        case 0xBD: return 0x0153;
        case 0xBE: return 0x0178;
        default: return byte;
    }
}

// 0 where the encoding has no such byte.
char32_t codepoint(unsigned char byte, Encoding encoding) {
    if (encoding == Encoding::iso_8859_15) return iso_8859_15(byte);
    return byte >= 0x80 && byte <= 0x9F ? kWindows[byte - 0x80u] : byte;
}

void append_utf8(std::string& text, char32_t point) {
    const auto put = [&](char32_t value) { text.push_back(static_cast<char>(value)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | point >> 6);
        put(0x80 | (point & 0x3F));
    } else {
        put(0xE0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    }
}

// Empty where a byte is of no sign.
std::string to_utf8(std::string_view raw, Encoding encoding) {
    std::string text;
    for (const char c : raw) {
        const char32_t point = codepoint(static_cast<unsigned char>(c), encoding);
        if (point == 0) return {};
        append_utf8(text, point);
    }
    return text;
}

struct RawLine {
    std::size_t number;
    std::string_view text;
};

std::vector<RawLine> raw_lines(ByteView file, FileReport& report) {
    std::string_view text = as_text(file);
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
    std::vector<RawLine> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) {
            report.refuse(number, "the file ends within this line: it was cut");
            break;
        }
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) lines.push_back({number, line});
        text.remove_prefix(end + 1);
    }
    return lines;
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return c >= 0 && c < ' ' && c != '\t'; });
}

}  // namespace

std::vector<TextLine> decode_lines(ByteView file, FileReport& report) {
    const std::vector<RawLine> raw = raw_lines(file, report);
    const bool windows = std::ranges::any_of(
        raw, [](const RawLine& line) { return !is_utf8(line.text) && has_sign(line.text); });
    const Encoding other = windows ? Encoding::windows_1252 : Encoding::iso_8859_15;
    std::vector<TextLine> lines;
    for (const auto& [number, text] : raw) {
        const Encoding encoding = is_utf8(text) ? Encoding::utf8 : other;
        std::string decoded =
            encoding == Encoding::utf8 ? std::string(text) : to_utf8(text, encoding);
        if (decoded.empty() || has_control(decoded)) {
            report.refuse(number, "not text in any encoding that these files have");
            continue;
        }
        if (!is_ascii(text)) ++report.encodings[static_cast<std::size_t>(encoding)];
        lines.push_back({number, std::move(decoded)});
    }
    return lines;
}

}  // namespace relais::packs
