// opening.h: opening hours as people type them: "lun-ven 08:00-18:00".
#pragma once

#include "core/base/result.h"
#include "core/calendar/hours.h"

namespace relais::cli {

// Days (lun mar mer jeu ven sam dim, with '-' and ','), then a period. One that ends at 24:00 goes
// on into the next day. Errors: usage.
Result<calendar::OpeningPeriod> parse_opening(const std::string& text);

// aucun, metropole, alsace-moselle, guadeloupe, martinique, guyane, reunion, mayotte. Errors:
// usage.
Result<calendar::Holidays> parse_holidays(const std::string& text);

}  // namespace relais::cli
