// opening.h: opening hours as people type them: "lun-ven 08:00-18:00"; and how a unit is told,
// outside of Relais, that something waits: "garde@ch-exemple.test 10min fermé".
#pragma once

#include "core/base/result.h"
#include "core/calendar/hours.h"
#include "schemas/directory/entries.h"

namespace relais::cli {

// Days (lun mar mer jeu ven sam dim, with '-' and ','), then a period. One that ends at 24:00 goes
// on into the next day. Errors: usage.
Result<calendar::OpeningPeriod> parse_opening(const std::string& text);

// aucun, metropole, alsace-moselle, guadeloupe, martinique, guyane, reunion, mayotte. Errors:
// usage.
Result<calendar::Holidays> parse_holidays(const std::string& text);

// An e-mail address or an https URL; then, if need be, how long after the step before, and whether
// only while the unit is open ("ouvert") or closed ("fermé"). Errors: usage.
Result<directory::RingStep> parse_ring(const std::string& text);
// "e-mail à garde@ch-exemple.test, après 10 min, service fermé".
[[nodiscard]] std::string ring_text(const directory::RingStep& step);

}  // namespace relais::cli
