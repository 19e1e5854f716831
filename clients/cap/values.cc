#include "clients/cap/values.h"

#include <libxml/uri.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>

#include "core/base/names.h"

namespace relais::cap {

namespace {

constexpr std::string_view kSpaces = " \t\n\r";
constexpr std::size_t kPolygonPointsMin = 4;
constexpr int kOffsetHoursMax = 14;  // XML Schema 1.0 part 2, section 3.2.7.3

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool all(std::string_view text, bool (*fits)(char)) {
    return !text.empty() && std::ranges::all_of(text, fits);
}

std::vector<std::string_view> cut(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t first = text.find_first_not_of(separators);
        if (first == std::string_view::npos) break;
        const std::size_t last = text.find_first_of(separators, first);
        parts.push_back(text.substr(first, last - first));
        text.remove_prefix(last == std::string_view::npos ? text.size() : last);
    }
    return parts;
}

// Digits of `pattern` are digits of `text`, the other characters themselves.
bool is_like(std::string_view text, std::string_view pattern) {
    return std::ranges::equal(text, pattern, [](char c, char wanted) {
        return wanted == '0' ? is_digit(c) : c == wanted;
    });
}

int two(std::string_view text, std::size_t at) {
    return (text[at] - '0') * 10 + text[at + 1] - '0';
}

// 2026-11-22T14:30:00, a moment of the calendar.
bool is_moment(std::string_view text) {
    if (!is_like(text, "0000-00-00T00:00:00")) return false;
    const std::chrono::year_month_day day{std::chrono::year(two(text, 0) * 100 + two(text, 2)),
                                          std::chrono::month(static_cast<unsigned>(two(text, 5))),
                                          std::chrono::day(static_cast<unsigned>(two(text, 8)))};
    const bool year_zero = text.starts_with("0000");  // which XML Schema 1.0 does not have
    return !year_zero && day.ok() && two(text, 11) < 24 && two(text, 14) < 60 && two(text, 17) < 60;
}

// +01:00
bool is_offset(std::string_view text) {
    if (!is_like(text, "+00:00") && !is_like(text, "-00:00")) return false;
    const int hours = two(text, 1);
    const int minutes = two(text, 4);
    return minutes < 60 && (hours < kOffsetHoursMax || (hours == kOffsetHoursMax && minutes == 0));
}

constexpr std::size_t kMomentLength = 19;
constexpr std::size_t kOffsetLength = 6;

std::optional<double> number(std::string_view text) {
    if (!is_decimal(text)) return std::nullopt;
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "latitude,longitude", WGS 84.
bool is_point(std::string_view text) {
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos) return false;
    const auto latitude = number(text.substr(0, comma));
    const auto longitude = number(text.substr(comma + 1));
    return latitude && longitude && *latitude >= -90 && *latitude <= 90 && *longitude >= -180 &&
           *longitude <= 180;
}

// Of a valid UTF-8 text, U+FFFE and U+FFFF are EF BF BE and EF BF BF.
bool has_noncharacter(std::string_view text) {
    return text.find("\xEF\xBF\xBE") != std::string_view::npos ||
           text.find("\xEF\xBF\xBF") != std::string_view::npos;
}

}  // namespace

bool is_xml_text(std::string_view text) {
    const bool control = std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t'; });
    return !control && is_utf8(text) && !has_noncharacter(text);
}

bool is_name(std::string_view text) {
    return !text.empty() && is_xml_text(text) &&
           text.find_first_of(" \t\n,<&") == std::string_view::npos;
}

bool is_time(std::string_view text) {
    return text.size() == kMomentLength + kOffsetLength &&
           is_moment(text.substr(0, kMomentLength)) && is_offset(text.substr(kMomentLength));
}

// RFC 3066 as XML Schema has it: letters, then letters or digits, 8 at most each.
bool is_language(std::string_view text) {
    if (text.empty() || text.back() == '-') return false;
    bool first = true;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('-'));
        const auto fits = first ? is_letter : [](char c) { return is_letter(c) || is_digit(c); };
        if (part.size() > 8 || !all(part, fits)) return false;
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        first = false;
    }
    return true;
}

// Narrower than xs:anyURI, which takes nearly any text: what stands here will be followed. No
// space, no control, nothing that RFC 3986 excludes but letters of other alphabets (RFC 3987).
bool is_uri(std::string_view text) {
    constexpr std::string_view kExcluded = "<>\"{}|\\^`";
    std::string ascii(text);
    for (char& c : ascii) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte == 0x7F || kExcluded.find(c) != std::string_view::npos)
            return false;
        if (byte > 0x7F) c = '_';
    }
    const std::unique_ptr<xmlURI, void (*)(xmlURIPtr)> parsed(xmlParseURI(ascii.c_str()),
                                                              xmlFreeURI);
    return !text.empty() && parsed != nullptr;
}

bool is_decimal(std::string_view text) {
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view part =
        point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    const auto digits = [](std::string_view run) { return std::ranges::all_of(run, is_digit); };
    return digits(whole) && digits(part) && !(whole.empty() && part.empty());
}

bool is_integer(std::string_view text) {
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
    return all(text, is_digit);
}

bool is_polygon(std::string_view text) {
    const auto points = cut(text, kSpaces);
    return points.size() >= kPolygonPointsMin && std::ranges::all_of(points, is_point) &&
           points.front() == points.back();
}

bool is_circle(std::string_view text) {
    const auto parts = cut(text, kSpaces);
    if (parts.size() != 2 || !is_point(parts[0])) return false;
    const auto radius = number(parts[1]);
    return radius && *radius >= 0;
}

std::optional<std::string> cap_time(std::string_view text) {
    if (text.size() < kMomentLength) return std::nullopt;
    std::string_view rest = text.substr(kMomentLength);
    if (rest.starts_with('.')) {
        const std::size_t end = rest.find_first_not_of("0123456789", 1);
        if (end == std::string_view::npos || end == 1) return std::nullopt;
        rest.remove_prefix(end);
    }
    std::string made(text.substr(0, kMomentLength));
    made += rest == "Z" ? std::string_view("-00:00") : rest;
    if (!is_time(made)) return std::nullopt;
    return made;
}

std::optional<std::vector<std::string>> split_words(std::string_view text) {
    std::vector<std::string> words;
    while (true) {
        const std::size_t first = text.find_first_not_of(kSpaces);
        if (first == std::string_view::npos) return words;
        text.remove_prefix(first);
        const bool quoted = text.front() == '"';
        if (quoted) text.remove_prefix(1);
        std::size_t end = quoted ? text.find('"') : text.find_first_of(kSpaces);
        if (quoted && end == std::string_view::npos) return std::nullopt;
        end = std::min(end, text.size());
        const std::string_view word = text.substr(0, end);
        if (word.empty() || word.find('"') != std::string_view::npos) return std::nullopt;
        words.emplace_back(word);
        text.remove_prefix(std::min(text.size(), end + (quoted ? 1 : 0)));
        // Between two words there is space.
        if (!text.empty() && kSpaces.find(text.front()) == std::string_view::npos) {
            return std::nullopt;
        }
    }
}

std::optional<std::string> join_words(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        if (word.empty() || word.find('"') != std::string::npos) return std::nullopt;
        const bool spaced = word.find_first_of(kSpaces) != std::string::npos;
        if (!text.empty()) text += ' ';
        text += spaced ? '"' + word + '"' : word;
    }
    return text;
}

std::optional<std::vector<MessageKey>> split_references(std::string_view text) {
    std::vector<MessageKey> keys;
    for (const std::string_view triple : cut(text, kSpaces)) {
        const std::size_t first = triple.find(',');
        if (first == std::string_view::npos) return std::nullopt;
        const std::size_t second = triple.find(',', first + 1);
        if (second == std::string_view::npos) return std::nullopt;
        MessageKey key{std::string(triple.substr(0, first)),
                       std::string(triple.substr(first + 1, second - first - 1)),
                       std::string(triple.substr(second + 1))};
        if (!is_key(key)) return std::nullopt;
        keys.push_back(std::move(key));
    }
    return keys;
}

std::string key_text(const MessageKey& key) {
    return key.sender + ',' + key.identifier + ',' + key.sent;
}

bool is_key(const MessageKey& key) {
    return is_name(key.sender) && is_name(key.identifier) && is_time(key.sent);
}

std::string collapsed(std::string_view text) {
    std::string made;
    for (const std::string_view part : cut(text, kSpaces)) {
        if (!made.empty()) made += ' ';
        made += part;
    }
    return made;
}

}  // namespace relais::cap
