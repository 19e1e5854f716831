// opening.h: opening hours as people type and read them: "lun-ven 08:00-18:00"; and how a unit is
// told, outside of Relais, that something waits: "garde@ch-exemple.test 10min fermé".
#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/calendar/hours.h"
#include "schemas/directory/entries.h"

namespace relais::cli {

// Days (lun mar mer jeu ven sam dim, with '-' and ','), then a period. One that ends at 24:00 goes
// on into the next day. Errors: usage.
Result<calendar::OpeningPeriod> parse_opening(const std::string& text);

// "lun-ven 08:00-12:00 et 14:00-18:00 ; sam 09:00-12:00": the periods in their order, each of which
// parse_opening reads back. Empty for none.
[[nodiscard]] std::string opening_text(const std::vector<calendar::OpeningPeriod>& opening);
[[nodiscard]] std::string opening_text(const calendar::OpeningPeriod& period);

// none (or aucun), metropole, alsace-moselle, guadeloupe, martinique, guyane, reunion, mayotte,
// saint-martin, saint-barthelemy. Errors: usage.
Result<calendar::Holidays> parse_holidays(const std::string& text);
// As it is typed, and as people read it: "reunion", "La Réunion".
[[nodiscard]] std::string holidays_name(calendar::Holidays holidays);
[[nodiscard]] std::string holidays_label(calendar::Holidays holidays);

// An e-mail address or an https URL; then, if need be, how long after the step before, and whether
// only while the unit is open ("ouvert") or closed ("fermé"). Errors: usage.
Result<directory::RingStep> parse_ring(const std::string& text);
// "e-mail à garde@ch-exemple.test, après 10 min, service fermé".
[[nodiscard]] std::string ring_text(const directory::RingStep& step);

}  // namespace relais::cli
