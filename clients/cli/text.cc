#include "clients/cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "core/base/names.h"
#include "core/calendar/calendar.h"
#include "core/codecs/codecs.h"
#include "schemas/compiler/durations.h"

namespace relais::cli {

namespace {

constexpr std::size_t kTypedIdMin = 6;
constexpr std::size_t kFingerprintDigits = 40;

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Small letters, without the signs that only separate.
std::string bare(std::string_view typed, std::string_view separators) {
    std::string text;
    for (const char c : typed) {
        if (separators.find(c) == std::string_view::npos) text += small(c);
    }
    return text;
}

Error not_a_duration(const std::string& text) {
    return fail(ErrorCode::usage, "« " + text + " » : durée attendue, comme 30s, 20min, 4h ou 7d");
}

struct Fold {
    std::string_view letters;  // each of two bytes
    std::string_view plain;
};

constexpr Fold kFolds[] = {
    {"àâäáãåÀÂÄÁÃÅ", "a"}, {"çÇ", "c"},       {"éèêëÉÈÊË", "e"}, {"îïíìÎÏÍÌ", "i"}, {"ñÑ", "n"},
    {"ôöóòõÔÖÓÒÕ", "o"},   {"ùûüúÙÛÜÚ", "u"}, {"ÿýŸÝ", "y"},     {"œŒ", "oe"},      {"æÆ", "ae"},
};

// The plain letters for a character of two bytes; nothing for one that is not in the table.
std::string_view plain_of(std::string_view letter) {
    for (const Fold& row : kFolds) {
        for (std::size_t i = 0; i + 1 < row.letters.size(); i += 2) {
            if (row.letters.substr(i, 2) == letter) return row.plain;
        }
    }
    return {};
}

// Bytes of the control or direction mark that `text` begins with; 0 for none.
std::size_t hidden_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if ((at(0) < 0x20 && at(0) != '\n') || at(0) == 0x7F) return 1;
    if (text.size() >= 2 && at(0) == 0xC2 && at(1) < 0xA0) return 2;
    if (text.size() < 3 || at(0) != 0xE2) return 0;
    const bool separator = at(1) == 0x80 && (at(2) == 0xA8 || at(2) == 0xA9);
    const bool override_mark = at(1) == 0x80 && at(2) >= 0xAA && at(2) <= 0xAE;
    const bool isolate = at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9;
    return separator || override_mark || isolate ? 3 : 0;
}

}  // namespace

std::string short_id(ByteView id) {
    const std::string text = hex(id);
    return text.substr(text.size() - 8);
}

bool means_id(std::string_view typed, ByteView id) {
    const std::string wanted = bare(typed, "-");
    const std::string text = hex(id);
    return wanted.size() >= kTypedIdMin && (text.starts_with(wanted) || text.ends_with(wanted));
}

std::string fingerprint_groups(const Digest& fingerprint) {
    const std::string text = hex(fingerprint.view());
    std::string groups;
    for (std::size_t i = 0; i < kFingerprintDigits; i += 4) {
        groups += (i == 0 ? "" : " ") + text.substr(i, 4);
    }
    return groups;
}

Result<bool> same_fingerprint(std::string_view typed, const Digest& fingerprint) {
    const std::string digits = bare(typed, " \t\r\n:-");
    const bool hexadecimal = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hexadecimal || digits.size() < kFingerprintDigits) {
        return fail(ErrorCode::invalid_field, "empreinte : 40 chiffres hexadécimaux attendus");
    }
    return hex(fingerprint.view()).starts_with(digits);
}

Result<std::chrono::seconds> parse_duration(const std::string& text) {
    const auto duration = compiler::parse_duration(text);
    if (!duration) return not_a_duration(text);
    return *duration;
}

Result<std::chrono::seconds> parse_wait(const std::string& text) {
    std::uint32_t count = 0;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, count);
    if (problem == std::errc{} && stop == end) return std::chrono::seconds(count);
    return parse_duration(text);
}

std::string french_duration(std::chrono::seconds duration) {
    const std::string text = compiler::format_duration(duration);
    const std::size_t unit = text.find_first_not_of("0123456789");
    const std::string name = text.substr(unit) == "d" ? "j" : text.substr(unit);
    return text.substr(0, unit) + " " + name;
}

namespace {

// A day, and a time of it; `whole`: a day alone.
struct TypedTime {
    std::tm parts{};
    bool whole = false;

    [[nodiscard]] std::chrono::year_month_day date() const {
        return std::chrono::year(parts.tm_year + 1900) / (parts.tm_mon + 1) / parts.tm_mday;
    }
};

Result<TypedTime> parse_time(const std::string& text) {
    TypedTime typed;
    const bool french = text.find('/') != std::string::npos;
    const char* end = ::strptime(text.c_str(), french ? "%d/%m/%Y" : "%Y-%m-%d", &typed.parts);
    typed.whole = end != nullptr && *end == '\0';
    if (end != nullptr && !typed.whole) end = ::strptime(end, " %H:%M", &typed.parts);
    if (end == nullptr || *end != '\0') {
        return fail(ErrorCode::usage, "« " + text +
                                          " » : date attendue, comme 31/12/2026 ou "
                                          "« 31/12/2026 18:00 »");
    }
    if (!typed.date().ok()) {
        return fail(ErrorCode::usage, "« " + text + " » : ce jour n'existe pas");
    }
    return typed;
}

constexpr std::string_view kMidnight = " 00:00";

// "31/12/2026 inclus" for the midnight after it.
std::string end_text(const std::string& end, const std::string& just_before) {
    const std::size_t time = end.find(kMidnight);
    if (time == std::string::npos) return end;
    return just_before.substr(0, just_before.find(' ')) + " inclus" +
           end.substr(time + kMidnight.size());
}

}  // namespace

Result<WallTime> parse_local_time(const std::string& text, DayEnd day) {
    RELAIS_ASSIGN(TypedTime typed, parse_time(text));
    if (typed.whole && day == DayEnd::end) ++typed.parts.tm_mday;  // the midnight after it
    typed.parts.tm_isdst = -1;
    return WallTime{std::int64_t{std::mktime(&typed.parts)} * 1000};
}

Result<WallTime> parse_unit_time(const std::string& text, DayEnd day,
                                 const calendar::Hours& hours) {
    RELAIS_ASSIGN(const TypedTime typed, parse_time(text));
    calendar::WallClock clock{typed.date(),
                              std::chrono::minutes(typed.parts.tm_hour * 60 + typed.parts.tm_min)};
    if (typed.whole && day == DayEnd::end) {
        clock.date = std::chrono::sys_days(clock.date) + std::chrono::days(1);
    }
    const auto moment = calendar::first_shown(hours, clock);
    return moment.ok() ? *moment : parse_local_time(text, day);
}

std::string local_time(WallTime time) {
    const std::time_t seconds = time.ms / 1000;
    std::tm parts{};
    if (::localtime_r(&seconds, &parts) == nullptr) return "?";
    return fmt::format("{:02}/{:02}/{} {:02}:{:02}", parts.tm_mday, parts.tm_mon + 1,
                       parts.tm_year + 1900, parts.tm_hour, parts.tm_min);
}

std::string zone_hour(const calendar::Hours& hours) {
    const std::string zone = calendar::zone_name(hours);
    std::string city = zone.substr(zone.rfind('/') + 1);
    std::ranges::replace(city, '_', ' ');
    return "heure de " + city;
}

std::string unit_time(WallTime time, const calendar::Hours& hours) {
    const std::string local = local_time(time);
    const auto clock = calendar::wall_clock(hours, time);
    if (!clock.ok()) return local;
    const auto minutes = clock->since_midnight.count();
    const std::string shown =
        fmt::format("{:02}/{:02}/{} {:02}:{:02}", static_cast<unsigned>(clock->date.day()),
                    static_cast<unsigned>(clock->date.month()),
                    static_cast<int>(clock->date.year()), minutes / 60, minutes % 60);
    if (shown == local) return shown;
    return shown + " (" + zone_hour(hours) + ")";
}

std::string local_end(WallTime end) {
    return end_text(local_time(end), local_time(end + Milliseconds(-1)));
}

std::string unit_end(WallTime end, const calendar::Hours& hours) {
    return end_text(unit_time(end, hours), unit_time(end + Milliseconds(-1), hours));
}

std::string fold(std::string_view text) {
    std::string folded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view plain = plain_of(text.substr(i, 2));
        if (plain.empty()) {
            folded += small(text[i]);
        } else {
            folded += plain;
            ++i;
        }
    }
    return folded;
}

bool contains(std::string_view text, const std::string& folded) {
    return fold(text).find(folded) != std::string::npos;
}

std::string printable(std::string_view text) {
    const bool utf8 = is_utf8(text);
    std::string shown;
    while (!text.empty()) {
        const bool foreign = !utf8 && static_cast<unsigned char>(text[0]) >= 0x80;
        const std::size_t hidden = foreign ? 1 : hidden_length(text);
        shown += hidden == 0 ? text[0] : '?';
        text.remove_prefix(hidden == 0 ? 1 : hidden);
    }
    return shown;
}

std::string indented(std::string_view text, std::string_view margin) {
    std::string lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.append(margin).append(text.substr(0, end)).append("\n");
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

}  // namespace relais::cli
