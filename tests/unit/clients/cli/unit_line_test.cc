// A unit as a line says it: what is not said stays, `none` takes away, a zone that does not exist
// is refused, what changed is told.
#include "clients/cli/unit_line.h"

#include <gtest/gtest.h>

#include "clients/cli/opening.h"

namespace relais::cli {
namespace {

using calendar::Holidays;

Result<Address> found(const std::string& typed) { return Address::parse(typed + "@indre"); }

// A ward that has said everything that it can.
directory::Unit whole_ward() {
    return {Name::parse("geriatrie").value(),
            "Court séjour gériatrique",
            "gériatrie",
            "02 54 00 00 00",
            {"admission", "liaison"},
            {"Indian/Reunion", Holidays::reunion, {{0b0011111, 480, 1080}}},
            Address::parse("garde.ch-valmont@indre").value(),
            {parse_ring("garde@ch-valmont.test").value()}};
}

UnitLine line_of_ward() {
    UnitLine line;
    line.name = "geriatrie";
    return line;
}

directory::Unit changed(const UnitLine& line, const directory::Unit& before = whole_ward()) {
    const auto unit = unit_said(&before, line, found);
    EXPECT_TRUE(unit.ok()) << unit.error().describe();
    return unit.ok() ? *unit : before;
}

std::vector<std::string> texts(const std::vector<UnitChange>& changes) {
    std::vector<std::string> all;
    for (const UnitChange& change : changes) all.push_back(change_text(change));
    return all;
}

TEST(UnitLine, WhatIsNotSaidStaysAsItWas) {
    const directory::Unit before = whole_ward();
    EXPECT_TRUE(unit_changes(&before, changed(line_of_ward())).empty());
    UnitLine line = line_of_ward();
    line.phone = "02 54 11 11 11";
    EXPECT_EQ(texts(unit_changes(&before, changed(line))),
              (std::vector<std::string>{"téléphone : 02 54 11 11 11, avant : 02 54 00 00 00"}));
}

TEST(UnitLine, NoneTakesAway) {
    UnitLine line = line_of_ward();
    line.speciality = line.phone = line.fallback = line.holidays = line.zone = "none";
    line.kinds = line.opening = line.rings = {"none"};
    const directory::Unit unit = changed(line);
    EXPECT_EQ(unit.title, whole_ward().title);
    EXPECT_EQ(unit.speciality + unit.phone, "");
    EXPECT_TRUE(unit.kinds.empty() && unit.rings.empty() && !unit.fallback);
    EXPECT_EQ(unit.hours, calendar::Hours{});
    UnitLine silent = line_of_ward();
    silent.no_ring = true;
    EXPECT_TRUE(changed(silent).rings.empty());
}

TEST(UnitLine, ValuesThatAreSaidTakeThePlaceOfAll) {
    UnitLine line = line_of_ward();
    line.opening = {"sam 09:00-12:00"};
    line.kinds = {"note"};
    const directory::Unit unit = changed(line);
    EXPECT_EQ(opening_text(unit.hours.opening), "sam 09:00-12:00");
    EXPECT_EQ(unit.kinds, std::vector<std::string>{"note"});
    EXPECT_EQ(unit.hours.holidays, Holidays::reunion);
    line.opening = {"none", "sam 09:00-12:00"};
    const directory::Unit before = whole_ward();
    EXPECT_EQ(unit_said(&before, line, found).code(), ErrorCode::usage);
}

TEST(UnitLine, FirstOpeningHoursCloseOnTheHolidaysOfTheMetropole) {
    UnitLine line = line_of_ward();
    line.title = "Gériatrie";
    EXPECT_EQ(unit_said(nullptr, line, found)->hours.holidays, Holidays::none);
    line.opening = {"lun-ven 08:00-18:00"};
    const directory::Unit opened = unit_said(nullptr, line, found).value();
    EXPECT_EQ(opened.hours.holidays, Holidays::metropole);
    line.holidays = "none";
    const directory::Unit every_day = unit_said(nullptr, line, found).value();
    EXPECT_EQ(every_day.hours.holidays, Holidays::none);
    // One that was said stays said.
    line.holidays.reset();
    EXPECT_EQ(changed(line, every_day).hours.holidays, Holidays::none);
    line.holidays = "saint-barthelemy";
    EXPECT_EQ(changed(line, opened).hours.holidays, Holidays::saint_barthelemy);
}

TEST(UnitLine, AZoneThatDoesNotExistIsRefused) {
    UnitLine line = line_of_ward();
    const directory::Unit before = whole_ward();
    for (const char* zone : {"Europe/Pari", "europe/paris", "../etc/passwd"}) {
        line.zone = zone;
        const auto unit = unit_said(&before, line, found);
        ASSERT_EQ(unit.code(), ErrorCode::usage) << zone;
        EXPECT_NE(unit.error().detail.find("fuseau inconnu"), std::string::npos);
    }
    line.zone = "America/Guadeloupe";
    EXPECT_EQ(changed(line).hours.zone, "America/Guadeloupe");
}

TEST(UnitLine, OnlyANewUnitMustHaveATitle) {
    EXPECT_EQ(unit_said(nullptr, line_of_ward(), found).code(), ErrorCode::usage);
    UnitLine line = line_of_ward();
    line.title = "Gériatrie";
    line.fallback = "garde.ch-valmont";
    const directory::Unit unit = unit_said(nullptr, line, found).value();
    EXPECT_EQ(texts(unit_changes(nullptr, unit)),
              (std::vector<std::string>{"nom : Gériatrie", "recours : garde.ch-valmont@indre"}));
}

TEST(Opening, IsReadAsItIsTyped) {
    for (const char* text :
         {"lun-ven 08:00-18:00", "lun,mar 08:30-12:00", "lun,mer,ven 00:00-24:00",
          "lun-dim 07:05-07:06", "lun-mer,ven,sam 09:00-12:00", "dim 22:00-24:00"}) {
        EXPECT_EQ(opening_text(parse_opening(text).value()), text);
    }
    std::vector<calendar::OpeningPeriod> week;
    for (const char* text : {"lun-ven 08:00-12:00", "lun-ven 14:00-18:00", "sam 09:00-12:00"}) {
        week.push_back(parse_opening(text).value());
    }
    EXPECT_EQ(opening_text(week), "lun-ven 08:00-12:00 et 14:00-18:00 ; sam 09:00-12:00");
}

TEST(HolidayNames, AreReadBackAndNoneIsAucun) {
    for (int number = 0; number <= static_cast<int>(calendar::kLastHolidays); ++number) {
        const auto holidays = static_cast<Holidays>(number);
        EXPECT_EQ(parse_holidays(holidays_name(holidays)).value(), holidays);
        EXPECT_FALSE(holidays_label(holidays).empty());
    }
    EXPECT_EQ(parse_holidays("aucun").value(), Holidays::none);
    EXPECT_EQ(parse_holidays("metropol").code(), ErrorCode::usage);
}

}  // namespace
}  // namespace relais::cli
