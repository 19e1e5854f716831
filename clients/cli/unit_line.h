// unit_line.h: what a command line says of a unit, laid over what the directory says of it already:
// what is not said stays as it was, `none` takes it away. Pure but for the tz database; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "schemas/directory/entries.h"

namespace relais::cli {

// As they were typed; absent or empty: not said.
struct UnitLine {
    std::string name{};
    std::optional<std::string> title{};
    std::optional<std::string> speciality{};
    std::optional<std::string> phone{};
    std::vector<std::string> kinds{};
    std::optional<std::string> fallback{};
    std::vector<std::string> opening{};
    std::optional<std::string> holidays{};
    std::optional<std::string> zone{};
    std::vector<std::string> rings{};
    bool no_ring = false;
    bool here = false;
};

// From what was typed to a mailbox.
using FindMailbox = std::function<Result<Address>(const std::string& typed)>;

// The unit as the directory is to have it; `known`: as it has it, null where it is new. A unit that
// is given its first opening hours closes on the holidays of the metropole, unless holidays are
// said. Errors: usage  something typed cannot be read, a new unit has no title, this machine knows
// no such zone; those of `find`.
Result<directory::Unit> unit_said(const directory::Unit* known, const UnitLine& line,
                                  const FindMailbox& find);

// What differs, in the order in which units are shown; all that the unit has, without `before`.
struct UnitChange {
    std::string field;   // as in JSON
    std::string label;   // French
    std::string before;  // empty: nothing
    std::string after;
};
[[nodiscard]] std::vector<UnitChange> unit_changes(const directory::Unit* before,
                                                   const directory::Unit& after);
// "horaires : lun-ven 08:00-18:00, avant : aucun"
[[nodiscard]] std::string change_text(const UnitChange& change);

}  // namespace relais::cli
