// units.h: the units of the numbers in forms, a closed list: so that a number is never read in
// another unit than it was written in, and can leave for systems that name units their own way.
#pragma once

#include <string_view>

namespace relais::forms {

struct Unit {
    std::string_view symbol;  // as forms declare it and as it is shown: "mmHg"
    std::string_view name;    // French, plural: "millimètres de mercure"
    std::string_view ucum;    // Unified Code for Units of Measure, version 2.1: "mm[Hg]"
};

// Null for another symbol.
[[nodiscard]] const Unit* find_unit(std::string_view symbol);
// By symbol or name, in any case of ASCII letters; null where it is neither.
[[nodiscard]] const Unit* unit_typed(std::string_view text);

}  // namespace relais::forms
