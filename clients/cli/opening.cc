#include "clients/cli/opening.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <sstream>

#include "clients/cli/text.h"
#include "core/base/limits.h"

namespace relais::cli {

namespace {

constexpr std::array<std::string_view, 7> kDays = {"lun", "mar", "mer", "jeu", "ven", "sam", "dim"};
constexpr std::array<std::string_view, 8> kHolidays = {"aucun",      "metropole",  "alsace-moselle",
                                                       "guadeloupe", "martinique", "guyane",
                                                       "reunion",    "mayotte"};

Error not_hours(const std::string& text) {
    return fail(ErrorCode::usage, "« " + text + " » : attendu « lun-ven 08:00-18:00 »");
}

std::optional<std::size_t> day_of(std::string_view text) {
    const auto* found = std::ranges::find(kDays, text);
    if (found == kDays.end()) return std::nullopt;
    return static_cast<std::size_t>(found - kDays.begin());
}

// "lun", or "lun-ven"; from a later to an earlier day it goes over the end of the week.
std::optional<unsigned> day_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = day_of(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : day_of(text.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    unsigned days = 0;
    for (std::size_t day = *first;; day = (day + 1) % kDays.size()) {
        days |= 1U << day;
        if (day == *last) return days;
    }
}

std::optional<std::uint8_t> days_of(std::string_view text) {
    unsigned days = 0;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const auto part = day_range(text.substr(0, comma));
        if (!part) return std::nullopt;
        days |= *part;
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    if (days == 0) return std::nullopt;
    return static_cast<std::uint8_t>(days);
}

// "08:00" in minutes; 24:00 is the end of the day.
std::optional<std::uint16_t> minute_of(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    unsigned hours = 0;
    unsigned minutes = 0;
    const auto hour = std::from_chars(text.data(), text.data() + 2, hours);
    const auto minute = std::from_chars(text.data() + 3, text.data() + 5, minutes);
    const bool whole = hour.ptr == text.data() + 2 && minute.ptr == text.data() + 5;
    const unsigned all = hours * 60 + minutes;
    if (!whole || minutes > 59 || all > calendar::kMinutesOfDay) return std::nullopt;
    return static_cast<std::uint16_t>(all);
}

Error not_a_ring(const std::string& text) {
    return fail(ErrorCode::usage,
                "--ring « " + text + " » : attendu « ADRESSE-OU-URL [DÉLAI] [ouvert|fermé] »");
}

std::optional<directory::RingHours> ring_hours(const std::string& word) {
    if (word == "ouvert") return directory::RingHours::while_open;
    if (word == "fermé" || word == "ferme") return directory::RingHours::while_closed;
    return std::nullopt;
}

}  // namespace

Result<calendar::OpeningPeriod> parse_opening(const std::string& text) {
    const std::size_t space = text.find(' ');
    if (space == std::string::npos) return not_hours(text);
    const std::string_view hours = std::string_view(text).substr(space + 1);
    const std::size_t dash = hours.find('-');
    if (dash == std::string_view::npos) return not_hours(text);
    const auto days = days_of(std::string_view(text).substr(0, space));
    const auto from = minute_of(hours.substr(0, dash));
    const auto until = minute_of(hours.substr(dash + 1));
    if (!days || !from || !until || *from >= *until) return not_hours(text);
    return calendar::OpeningPeriod{*days, *from, *until};
}

Result<directory::RingStep> parse_ring(const std::string& text) {
    std::istringstream words(text);
    directory::RingStep step{directory::RingWay::email, "", {}, directory::RingHours::always};
    if (!(words >> step.to)) return not_a_ring(text);
    if (step.to.starts_with("https://")) step.way = directory::RingWay::webhook;
    const bool mail = step.way == directory::RingWay::email;
    if (mail &&
        (step.to.find('@') == std::string::npos || step.to.find(':') != std::string::npos)) {
        return not_a_ring(text);
    }
    bool delayed = false;
    for (std::string word; words >> word;) {
        const auto hours = ring_hours(word);
        if (hours && step.hours == directory::RingHours::always) {
            step.hours = *hours;
            continue;
        }
        const auto after = parse_wait(word);
        if (delayed || !after.ok() || *after > limits::kRingAfterMax) return not_a_ring(text);
        step.after = *after;
        delayed = true;
    }
    return step;
}

std::string ring_text(const directory::RingStep& step) {
    std::string text = step.way == directory::RingWay::email ? "e-mail à " : "appel de ";
    text += step.to;
    if (step.after.count() != 0) text += ", après " + french_duration(step.after);
    if (step.hours == directory::RingHours::while_open) text += ", service ouvert";
    if (step.hours == directory::RingHours::while_closed) text += ", service fermé";
    return text;
}

Result<calendar::Holidays> parse_holidays(const std::string& text) {
    const auto* found = std::ranges::find(kHolidays, text);
    if (found != kHolidays.end()) {
        return static_cast<calendar::Holidays>(found - kHolidays.begin());
    }
    std::string known;
    for (const std::string_view name : kHolidays) {
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    return fail(ErrorCode::usage, "« " + text + " » : " + known);
}

}  // namespace relais::cli
