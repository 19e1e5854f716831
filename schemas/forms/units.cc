#include "schemas/forms/units.h"

#include <algorithm>
#include <array>

namespace relais::forms {

namespace {

constexpr std::array<Unit, 34> kUnits = {{
    {"%", "pour cent", "%"},
    {"/min", "par minute", "/min"},
    {"/h", "par heure", "/h"},
    {"/jour", "par jour", "/d"},
    {"mmHg", "millimètres de mercure", "mm[Hg]"},
    {"cmHg", "centimètres de mercure", "cm[Hg]"},
    {"kPa", "kilopascals", "kPa"},
    {"°C", "degrés Celsius", "Cel"},
    {"kg", "kilogrammes", "kg"},
    {"g", "grammes", "g"},
    {"mg", "milligrammes", "mg"},
    {"µg", "microgrammes", "ug"},
    {"m", "mètres", "m"},
    {"cm", "centimètres", "cm"},
    {"mm", "millimètres", "mm"},
    {"km", "kilomètres", "km"},
    {"l", "litres", "L"},
    {"ml", "millilitres", "mL"},
    {"l/min", "litres par minute", "L/min"},
    {"g/l", "grammes par litre", "g/L"},
    {"mg/l", "milligrammes par litre", "mg/L"},
    {"mmol/l", "millimoles par litre", "mmol/L"},
    {"µmol/l", "micromoles par litre", "umol/L"},
    {"UI", "unités internationales", "[iU]"},
    {"ans", "années", "a"},
    {"mois", "mois", "mo"},
    {"semaines", "semaines", "wk"},
    {"jours", "jours", "d"},
    {"h", "heures", "h"},
    {"min", "minutes", "min"},
    {"s", "secondes", "s"},
    {"ms", "millisecondes", "ms"},
    {"octets", "octets", "By"},
    {"personnes", "personnes", "{person}"},
}};

bool same_letters(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

const Unit* find_unit(std::string_view symbol) {
    const auto* found = std::ranges::find(kUnits, symbol, &Unit::symbol);
    return found == kUnits.end() ? nullptr : found;
}

const Unit* unit_typed(std::string_view text) {
    const auto* found = std::ranges::find_if(kUnits, [text](const Unit& unit) {
        return same_letters(unit.symbol, text) || same_letters(unit.name, text);
    });
    return found == kUnits.end() ? nullptr : found;
}

}  // namespace relais::forms
