#include "clients/cli/unit_line.h"

#include <algorithm>

#include "clients/cli/opening.h"
#include "core/base/limits.h"
#include "core/calendar/calendar.h"

namespace relais::cli {

namespace {

constexpr std::string_view kTakenAway = "none";

using Typed = std::vector<std::string>;

// A text that may be taken away.
void lay_text(const std::optional<std::string>& typed, std::string& text) {
    if (typed) text = *typed == kTakenAway ? std::string() : *typed;
}

// Several values, of which those typed take the place of all; `none` alone takes them away.
template <typename Value, typename Parse>
Result<void> lay_values(const char* option, const Typed& typed, Parse parse,
                        std::vector<Value>& values) {
    if (typed.empty()) return {};
    values.clear();
    if (typed.size() == 1 && typed.front() == kTakenAway) return {};
    for (const std::string& text : typed) {
        if (text == kTakenAway) {
            return fail(ErrorCode::usage, std::string(option) + " : none se donne seul");
        }
        RELAIS_ASSIGN(auto value, parse(text));
        values.push_back(std::move(value));
    }
    return {};
}

Result<void> lay_zone(const std::optional<std::string>& typed, std::string& zone) {
    lay_text(typed, zone);
    if (calendar::knows_zone(zone)) return {};
    return fail(ErrorCode::usage, "--zone « " + zone +
                                      " » : fuseau inconnu de ce poste ; attendu un nom comme "
                                      "« Europe/Paris » ou « Indian/Reunion »");
}

Result<void> lay_hours(const UnitLine& line, calendar::Hours& hours) {
    const bool had_none = hours.opening.empty();
    RELAIS_TRY(lay_values("--open", line.opening, parse_opening, hours.opening));
    RELAIS_TRY(lay_zone(line.zone, hours.zone));
    if (line.holidays) {
        RELAIS_ASSIGN(hours.holidays, parse_holidays(*line.holidays));
    } else if (had_none && !hours.opening.empty() && hours.holidays == calendar::Holidays::none) {
        hours.holidays = calendar::Holidays::metropole;
    }
    return {};
}

Result<void> lay_rings(const UnitLine& line, std::vector<directory::RingStep>& rings) {
    if (line.no_ring && !line.rings.empty()) {
        return fail(ErrorCode::usage, "--ring et --no-ring se contredisent");
    }
    if (line.no_ring) rings.clear();
    RELAIS_TRY(lay_values("--ring", line.rings, parse_ring, rings));
    if (rings.size() <= limits::kRingStepsMax) return {};
    return fail(ErrorCode::usage,
                "--ring : " + std::to_string(limits::kRingStepsMax) + " étapes au plus");
}

Result<void> lay_fallback(const std::optional<std::string>& typed, const FindMailbox& find,
                          std::optional<Address>& fallback) {
    if (!typed) return {};
    fallback.reset();
    if (typed->empty() || *typed == kTakenAway) return {};
    RELAIS_ASSIGN(fallback, find(*typed));
    return {};
}

std::string enumerated(const Typed& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
    return all;
}

std::string rings_text(const std::vector<directory::RingStep>& rings) {
    std::string all;
    for (const directory::RingStep& step : rings) {
        all += (all.empty() ? "" : " ; puis ") + ring_text(step);
    }
    return all;
}

// Everything that a unit has, as one text a field.
std::vector<UnitChange> fields_of(const directory::Unit& unit) {
    const bool closes = unit.hours.holidays != calendar::Holidays::none;
    return {{"title", "nom", "", unit.title},
            {"speciality", "spécialité", "", unit.speciality},
            {"phone", "téléphone", "", unit.phone},
            {"kinds", "reçoit", "", enumerated(unit.kinds)},
            {"opening", "horaires", "", opening_text(unit.hours.opening)},
            {"holidays", "fermé les jours fériés", "",
             closes ? holidays_label(unit.hours.holidays) : std::string()},
            {"zone", "fuseau", "", unit.hours.zone},
            {"fallback", "recours", "", unit.fallback ? unit.fallback->text() : ""},
            {"rings", "prévenu hors de Relais", "", rings_text(unit.rings)}};
}

}  // namespace

Result<directory::Unit> unit_said(const directory::Unit* known, const UnitLine& line,
                                  const FindMailbox& find) {
    RELAIS_ASSIGN(Name name, Name::parse(line.name));
    if (known == nullptr && !line.title) {
        return fail(ErrorCode::usage, "--title manque : « " + line.name + " » n'est pas inscrit");
    }
    directory::Unit unit =
        known == nullptr ? directory::Unit{std::move(name), "", "", "", {}} : *known;
    if (line.title) unit.title = *line.title;
    lay_text(line.speciality, unit.speciality);
    lay_text(line.phone, unit.phone);
    const auto as_typed = [](const std::string& text) -> Result<std::string> { return text; };
    RELAIS_TRY(lay_values("--takes", line.kinds, as_typed, unit.kinds));
    RELAIS_TRY(lay_hours(line, unit.hours));
    RELAIS_TRY(lay_fallback(line.fallback, find, unit.fallback));
    RELAIS_TRY(lay_rings(line, unit.rings));
    return unit;
}

std::vector<UnitChange> unit_changes(const directory::Unit* before, const directory::Unit& after) {
    std::vector<UnitChange> changes = fields_of(after);
    if (before != nullptr) {
        const std::vector<UnitChange> was = fields_of(*before);
        for (std::size_t i = 0; i < changes.size(); ++i) changes[i].before = was[i].after;
    }
    std::erase_if(changes, [](const UnitChange& each) { return each.before == each.after; });
    return changes;
}

std::string change_text(const UnitChange& change) {
    const std::string now = change.label + " : " + (change.after.empty() ? "rien" : change.after);
    return change.before.empty() ? now : now + ", avant : " + change.before;
}

}  // namespace relais::cli
