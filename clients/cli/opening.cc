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

struct HolidaysName {
    std::string_view typed;
    std::string_view label;
};
// By their numbers.
constexpr std::array<HolidaysName, static_cast<std::size_t>(calendar::kLastHolidays) + 1>
    kHolidays = {{{"none", "aucun"},
                  {"metropole", "métropole"},
                  {"alsace-moselle", "Alsace-Moselle"},
                  {"guadeloupe", "Guadeloupe"},
                  {"martinique", "Martinique"},
                  {"guyane", "Guyane"},
                  {"reunion", "La Réunion"},
                  {"mayotte", "Mayotte"},
                  {"saint-martin", "Saint-Martin"},
                  {"saint-barthelemy", "Saint-Barthélemy"}}};

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

// "lun-ven", "lun,mer", "sam,dim": three days or more that follow one another as a range.
std::string days_text(unsigned days) {
    std::string text;
    const auto add = [&](std::size_t day, char before) {
        if (!text.empty()) text += before;
        text += kDays[day];
    };
    for (std::size_t day = 0; day < kDays.size();) {
        std::size_t end = day;
        while (end < kDays.size() && (days >> end & 1) != 0) ++end;
        if (end > day) add(day, ',');
        if (end == day + 2) add(day + 1, ',');
        if (end > day + 2) add(end - 1, '-');
        day = std::max(end, day + 1);
    }
    return text;
}

std::string minute_text(unsigned minute) {
    const auto two = [](unsigned number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    return two(minute / 60) + ":" + two(minute % 60);
}

std::string times_text(const calendar::OpeningPeriod& period) {
    return minute_text(period.from_minute) + "-" + minute_text(period.until_minute);
}

Error not_a_ring(const std::string& text) {
    return fail(ErrorCode::usage,
                "--ring « " + text +
                    " » : attendu « ADRESSE-OU-URL [DÉLAI] [ouvert|fermé] », comme "
                    "« garde@ch-exemple.test 10min fermé »");
}

Error not_a_ring_target(const std::string& text, const std::string& target) {
    if (!target.starts_with("http://")) return not_a_ring(text);
    return fail(ErrorCode::usage, "--ring « " + text +
                                      " » : https seulement, comme "
                                      "« https://garde.ch-exemple.test/relais »");
}

bool names_user(const std::string& url) {
    const std::size_t host = url.find("://") + 3;
    return url.substr(host, url.find_first_of("/?#\\", host) - host).find('@') != std::string::npos;
}

Error user_in_a_ring(const std::string& text) {
    return fail(ErrorCode::usage,
                "--ring « " + text +
                    " » : ni nom ni mot de passe dans l'URL, que tout l'annuaire lit ; chaque "
                    "appel est signé par le service");
}

// The word that is neither a delay nor hours, or one too many.
Error not_of_a_ring(const std::string& text, const std::string& word) {
    const auto most = std::chrono::duration_cast<std::chrono::hours>(limits::kRingAfterMax);
    return fail(ErrorCode::usage,
                "--ring « " + text + " » : « " + word +
                    " » n'est ni un délai (30s, 10min ou 2h ; " + std::to_string(most.count()) +
                    "h au plus), ni « ouvert » ou « fermé », chacun une fois, comme "
                    "« garde@ch-exemple.test 10min fermé »");
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

std::string opening_text(const calendar::OpeningPeriod& period) {
    return days_text(period.days) + " " + times_text(period);
}

std::string opening_text(const std::vector<calendar::OpeningPeriod>& opening) {
    std::string text;
    std::uint8_t days = 0;  // of the period before
    for (const calendar::OpeningPeriod& period : opening) {
        if (period.days == days) {
            text += " et " + times_text(period);
        } else {
            text += (text.empty() ? "" : " ; ") + opening_text(period);
        }
        days = period.days;
    }
    return text;
}

Result<directory::RingStep> parse_ring(const std::string& text) {
    std::istringstream words(text);
    directory::RingStep step{directory::RingWay::email, "", {}, directory::RingHours::always};
    if (!(words >> step.to)) return not_a_ring(text);
    if (step.to.starts_with("https://")) step.way = directory::RingWay::webhook;
    const bool mail = step.way == directory::RingWay::email;
    if (mail &&
        (step.to.find('@') == std::string::npos || step.to.find(':') != std::string::npos)) {
        return not_a_ring_target(text, step.to);
    }
    if (!mail && names_user(step.to)) return user_in_a_ring(text);
    bool delayed = false;
    for (std::string word; words >> word;) {
        const auto hours = ring_hours(word);
        if (hours && step.hours == directory::RingHours::always) {
            step.hours = *hours;
            continue;
        }
        const auto after = parse_wait(word);
        if (delayed || !after.ok() || *after > limits::kRingAfterMax) {
            return not_of_a_ring(text, word);
        }
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
    if (text == kHolidays.front().label) return calendar::Holidays::none;
    const auto* found = std::ranges::find(kHolidays, text, &HolidaysName::typed);
    if (found != kHolidays.end()) {
        return static_cast<calendar::Holidays>(found - kHolidays.begin());
    }
    std::string known;
    for (const HolidaysName& name : kHolidays) {
        known += (known.empty() ? "" : ", ") + std::string(name.typed);
    }
    return fail(ErrorCode::usage, "--holidays « " + text + " » : " + known);
}

std::string holidays_name(calendar::Holidays holidays) {
    return std::string(kHolidays.at(static_cast<std::size_t>(holidays)).typed);
}

std::string holidays_label(calendar::Holidays holidays) {
    return std::string(kHolidays.at(static_cast<std::size_t>(holidays)).label);
}

}  // namespace relais::cli
