// Easter and the public holidays of the Code du travail.
#include <algorithm>
#include <array>

#include "core/calendar/calendar.h"

namespace relais::calendar {
namespace {

using namespace std::chrono;  // the names of the months

// Code du travail, L3133-1.
constexpr std::array<month_day, 8> kFixed = {January / 1,   May / 1,      May / 8,
                                             July / 14,     August / 15,  November / 1,
                                             November / 11, December / 25};
constexpr days kEasterMonday{1};
constexpr days kAscension{39};
constexpr days kWhitMonday{50};
constexpr days kGoodFriday{-2};

// Easter Sunday by the Gregorian computus, in the form of Meeus, Jones and Butcher (J. Meeus,
// Astronomical Algorithms, chapter 8). `golden` is the year's place in the cycle of the moon, less
// one; `to_moon` the days from 21 March to the Paschal full moon; `to_sunday` those from the day
// after it to a Sunday; `late` brings back a week the years that would fall after 25 April.
sys_days easter(year in) {
    const int number = static_cast<int>(in);
    const int golden = number % 19;
    const int century = number / 100;
    const int in_century = number % 100;
    const int lunar = (century - (century + 8) / 25 + 1) / 3;
    const int to_moon = (19 * golden + century - century / 4 - lunar + 15) % 30;
    const int to_sunday =
        (32 + 2 * (century % 4) + 2 * (in_century / 4) - to_moon - in_century % 4) % 7;
    const int late = (golden + 11 * to_moon + 22 * to_sunday) / 451;
    return sys_days(in / March / 22) + days(to_moon + to_sunday - 7 * late);
}

bool is_movable(Holidays holidays, sys_days day, year in) {
    const days after = day - easter(in);
    if (after == kGoodFriday) return holidays == Holidays::alsace_moselle;
    return after == kEasterMonday || after == kAscension || after == kWhitMonday;
}

// What the place adds to the fixed days of the Republic: L3134-13 for Alsace and Moselle, L3422-2
// (the abolition of slavery) overseas. A day of all where it adds none.
month_day own_day(Holidays holidays) {
    switch (holidays) {
        case Holidays::alsace_moselle: return December / 26;
        case Holidays::guadeloupe: return May / 27;
        case Holidays::martinique: return May / 22;
        case Holidays::guyane: return June / 10;
        case Holidays::reunion: return December / 20;
        case Holidays::mayotte: return April / 27;
        case Holidays::saint_martin: return May / 28;
        case Holidays::saint_barthelemy: return October / 9;
        case Holidays::none:
        case Holidays::metropole: break;
    }
    return kFixed.front();
}

}  // namespace

bool is_holiday(Holidays holidays, year_month_day day) {
    if (holidays == Holidays::none || !day.ok()) return false;
    const month_day in_year(day.month(), day.day());
    return std::ranges::find(kFixed, in_year) != kFixed.end() || in_year == own_day(holidays) ||
           is_movable(holidays, sys_days(day), day.year());
}

}  // namespace relais::calendar
