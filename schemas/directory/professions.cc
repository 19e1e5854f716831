#include "schemas/directory/professions.h"

#include <algorithm>
#include <array>

namespace relais::directory {

namespace {

constexpr Profession kProfessions[] = {
    {"10", "Médecin", true},
    {"21", "Pharmacien", true},
    {"26", "Audioprothésiste", true},
    {"28", "Opticien-lunetier", true},
    {"40", "Chirurgien-dentiste", true},
    {"50", "Sage-femme", true},
    {"60", "Infirmier", true},
    {"70", "Masseur-kinésithérapeute", true},
    {"80", "Pédicure-podologue", true},
    {"91", "Orthophoniste", true},
    {"94", "Ergothérapeute", true},
    {"95", "Diététicien", true},
    {"bed-manager", "Gestionnaire de lits", false},
    {"coordinator", "Coordinateur", false},
    {"director", "Direction", false},
    {"it", "Informatique", false},
    {"preparer", "Préparateur en pharmacie", false},
    {"secretary", "Secrétariat", false},
    {"service", "Compte de service", false},
    {"social-worker", "Travailleur social", false},
};

struct KindRow {
    OrganisationKind kind;
    std::string_view name;
    std::string_view label;
    std::string_view professions;  // codes between spaces; " * ": all
};

constexpr KindRow kKinds[] = {
    {OrganisationKind::cpts, "cpts", "CPTS",
     " 10 21 40 50 60 70 80 91 94 95 coordinator director it secretary service social-worker "},
    {OrganisationKind::practice, "practice", "Cabinet",
     " 10 40 50 60 70 80 91 94 95 it secretary service "},
    {OrganisationKind::pharmacy, "pharmacy", "Pharmacie d'officine",
     " 21 preparer it secretary service "},
    {OrganisationKind::nursing, "nursing", "Cabinet infirmier", " 60 it secretary service "},
    {OrganisationKind::hospital, "hospital", "Établissement de santé", " * "},
    {OrganisationKind::dac, "dac", "Dispositif d'appui à la coordination",
     " 10 60 94 95 coordinator director it secretary service social-worker "},
    {OrganisationKind::ehpad, "ehpad", "EHPAD",
     " 10 21 60 70 91 94 95 coordinator director it secretary service social-worker "},
    {OrganisationKind::ars, "ars", "Agence régionale de santé",
     " 10 21 60 coordinator director it secretary service "},
    {OrganisationKind::samu, "samu", "SAMU - SAS", " 10 60 coordinator it secretary service "},
    {OrganisationKind::laboratory, "laboratory", "Laboratoire de biologie médicale",
     " 10 21 60 it secretary service "},
    {OrganisationKind::other, "other", "Autre structure",
     " coordinator director it secretary service social-worker "},
};

const KindRow& row_of(OrganisationKind kind) {
    const auto* row = std::ranges::find(kKinds, kind, &KindRow::kind);
    RELAIS_CHECK(row != std::end(kKinds));
    return *row;
}

}  // namespace

std::span<const Profession> professions() { return kProfessions; }

const Profession* find_profession(std::string_view code) {
    const auto* row = std::ranges::find(kProfessions, code, &Profession::code);
    return row == std::end(kProfessions) ? nullptr : row;
}

bool profession_allowed(OrganisationKind kind, std::string_view code) {
    if (find_profession(code) == nullptr) return false;
    const std::string_view allowed = row_of(kind).professions;
    return allowed == " * " ||
           allowed.find(" " + std::string(code) + " ") != std::string_view::npos;
}

std::string_view kind_name(OrganisationKind kind) { return row_of(kind).name; }
std::string_view kind_label(OrganisationKind kind) { return row_of(kind).label; }

Result<OrganisationKind> parse_kind(std::string_view name) {
    const auto* row = std::ranges::find(kKinds, name, &KindRow::name);
    if (row == std::end(kKinds)) {
        return fail(ErrorCode::invalid_field,
                    "organisation kind: cpts, practice, pharmacy, nursing, hospital, dac, ehpad, "
                    "ars, samu, laboratory or other");
    }
    return row->kind;
}

}  // namespace relais::directory
