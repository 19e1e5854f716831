#include "tools/indicators/months.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "core/calendar/calendar.h"

namespace relais::indicators {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr int kYearMin = 2000;
constexpr int kYearMax = 9999;

std::chrono::year_month_day first_day(const Month& month) {
    return std::chrono::year(month.year) / std::chrono::month(month.month) / 1;
}

unsigned last_day(const Month& month) {
    const std::chrono::year_month_day_last last{
        std::chrono::year(month.year),
        std::chrono::month_day_last(std::chrono::month(month.month))};
    return static_cast<unsigned>(last.day());
}

Error usage(const std::string& text, const char* why) {
    return fail(ErrorCode::usage, "\"" + text + "\": " + why);
}

std::optional<unsigned> digits(std::string_view text) {
    unsigned value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

Result<Month> parse_month(const std::string& text) {
    const auto year =
        digits(std::string_view(text).substr(0, std::min<std::size_t>(4, text.size())));
    const bool shaped = text.size() == 7 && text[4] == '-';
    const auto month = shaped ? digits(std::string_view(text).substr(5)) : std::nullopt;
    if (!year || !month || *month < 1 || *month > 12 || *year < kYearMin || *year > kYearMax) {
        return usage(text, "not a month: 2026-09");
    }
    return Month{static_cast<int>(*year), *month};
}

CivilDay day_of(const std::chrono::year_month_day& date) {
    const auto since = sys_days(date).time_since_epoch();
    return {static_cast<std::int32_t>(since.count())};
}

Result<CivilDay> read_day(const std::string& text) {
    const auto day = parse_civil_day(text);
    if (!day || *day < day_of(first_day({kYearMin, 1}))) {
        return usage(text, "not a day: 2026-09-05");
    }
    return *day;
}

// A month, or the day that begins it (`first`) or ends it.
Result<Month> parse_edge(const std::string& text, bool first) {
    if (text.size() != 10 || text[7] != '-') return parse_month(text);
    RELAIS_ASSIGN(const Month month, parse_month(text.substr(0, 7)));
    const auto day = digits(std::string_view(text).substr(8));
    if (day == (first ? 1 : last_day(month))) return month;
    return usage(text, first ? "figures are of whole months: the first day of one"
                             : "figures are of whole months: the last day of one");
}

}  // namespace

Month Month::next() const { return month == 12 ? Month{year + 1, 1} : Month{year, month + 1}; }

std::string Month::text() const {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u", year, month);
    return text.data();
}

std::string Month::french() const {
    constexpr std::array<const char*, 12> kNames = {"janvier",   "février", "mars",     "avril",
                                                    "mai",       "juin",    "juillet",  "août",
                                                    "septembre", "octobre", "novembre", "décembre"};
    return std::string(kNames[(month - 1) % 12]) + " " + std::to_string(year);
}

Period::Period(const Month& whole)
    : first(day_of(first_day(whole))), last(day_of(first_day(whole.next())) + -1), month(whole) {}

std::string Period::text() const {
    return month ? month->text() : format_day(first) + "/" + format_day(last);
}

std::string Period::french() const {
    if (month) return month->french();
    if (first == last) return "le " + french_day(first);
    return "du " + french_day(first) + " au " + french_day(last);
}

// The end of the day before: at its noon (UTC) it is that day in Paris too.
Result<WallTime> begin_of(CivilDay day) {
    const auto noon = sys_days(days(day.number)) - std::chrono::hours(12);
    const auto since = std::chrono::duration_cast<Milliseconds>(noon.time_since_epoch());
    return calendar::end_of_day(calendar::Hours{}, WallTime{since.count()});
}

Result<WallTime> begin_of(const Month& month) { return begin_of(day_of(first_day(month))); }

Result<Month> month_of(WallTime at) {
    const auto day =
        std::chrono::floor<days>(std::chrono::sys_time<Milliseconds>(Milliseconds(at.ms)));
    const std::chrono::year_month_day date(day);
    const Month month{static_cast<int>(date.year()), static_cast<unsigned>(date.month())};
    // Paris is ahead of UTC: its next month may have begun.
    RELAIS_ASSIGN(const WallTime next, begin_of(month.next()));
    return at < next ? month : month.next();
}

namespace {

// Days that have begun, at most kDaysMax of them.
Result<Period> read_days(const PeriodRequest& request, WallTime now) {
    if (request.from.empty()) return fail(ErrorCode::usage, "--until needs --from");
    if (!request.to.empty()) return fail(ErrorCode::usage, "--to or --until");
    RELAIS_ASSIGN(const CivilDay first, read_day(request.from));
    RELAIS_ASSIGN(const CivilDay last, read_day(request.until));
    if (last < first) return usage(request.until, "before --from");
    if (last - first >= kDaysMax) {
        return fail(ErrorCode::usage, "at most " + std::to_string(kDaysMax) + " days at once");
    }
    RELAIS_ASSIGN(const WallTime begins, begin_of(last));
    if (now < begins) return usage(request.until, "has not begun");
    return Period(first, last);
}

}  // namespace

Result<std::vector<Period>> read_period(const PeriodRequest& request, WallTime now) {
    if (!request.month.empty() && !(request.from + request.to + request.until).empty()) {
        return fail(ErrorCode::usage, "--month, or --from and --to or --until");
    }
    if (!request.until.empty()) {
        RELAIS_ASSIGN(const Period asked, read_days(request, now));
        return std::vector<Period>{asked};
    }
    RELAIS_ASSIGN(const Month current, month_of(now));
    const Month last =
        current.month == 1 ? Month{current.year - 1, 12} : Month{current.year, current.month - 1};
    if (request.from.empty()) {
        if (!request.to.empty()) return fail(ErrorCode::usage, "--to needs --from");
        if (request.month.empty() || request.month == "last") return std::vector<Period>{last};
        if (request.month == "current") return std::vector<Period>{current};
        RELAIS_ASSIGN(const Month month, parse_month(request.month));
        if (month > current) return usage(request.month, "has not begun");
        return std::vector<Period>{month};
    }
    RELAIS_ASSIGN(const Month from, parse_edge(request.from, true));
    Month to = from;
    if (!request.to.empty()) {
        RELAIS_ASSIGN(to, parse_edge(request.to, false));
    }
    if (to < from) return usage(request.to, "before --from");
    if (to > current) return usage(request.to, "has not begun");
    std::vector<Period> months;
    for (Month month = from; month <= to; month = month.next()) months.emplace_back(month);
    if (months.size() > kMonthsMax) {
        return fail(ErrorCode::usage, "at most " + std::to_string(kMonthsMax) + " months at once");
    }
    return months;
}

}  // namespace relais::indicators
