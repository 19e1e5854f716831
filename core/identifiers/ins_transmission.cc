#include "core/identifiers/ins_transmission.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace relais {

namespace {

constexpr std::array<std::pair<std::string_view, IdentityStatus>, 4> kStatuses = {{
    {"PROV", IdentityStatus::provisional},
    {"VALI", IdentityStatus::validated},
    {"RECUP", IdentityStatus::retrieved},
    {"QUAL", IdentityStatus::qualified},
}};

constexpr std::array<std::pair<std::string_view, InsOid>, 4> kOids = {{
    {"1.2.250.1.213.1.4.8", InsOid::nir},
    {"1.2.250.1.213.1.4.9", InsOid::nia},
    {"1.2.250.1.213.1.4.10", InsOid::nir_test},
    {"1.2.250.1.213.1.4.11", InsOid::nir_demonstration},
}};

template <typename Table>
auto find_in(const Table& table, std::string_view key) {
    using Value = typename Table::value_type::second_type;
    const auto found = std::ranges::find(table, key, &Table::value_type::first);
    return found == table.end() ? std::nullopt : std::optional<Value>(found->second);
}

bool is_of_production(InsOid oid) { return oid == InsOid::nir || oid == InsOid::nia; }

}  // namespace

std::optional<IdentityStatus> identity_status(std::string_view code) {
    return find_in(kStatuses, code);
}

std::optional<InsOid> ins_oid(std::string_view dotted) { return find_in(kOids, dotted); }

InsRefusal ins_oid_refusal(std::string_view oid, InsEnvironment environment) {
    const std::optional<InsOid> known = ins_oid(oid);
    if (!known) return InsRefusal::not_an_ins_oid;
    if (environment == InsEnvironment::production) {
        return is_of_production(*known) ? InsRefusal::none : InsRefusal::non_production_oid;
    }
    return is_of_production(*known) ? InsRefusal::production_oid : InsRefusal::none;
}

namespace {

// There is no OID for a NIA outside of production.
InsRefusal number_refusal(std::string_view matricule, InsOid oid) {
    const char first = matricule.empty() ? ' ' : matricule.front();
    const bool nir = first == '1' || first == '2';
    const bool nia = first == '7' || first == '8';
    if (nir && oid == InsOid::nia) return InsRefusal::oid_of_nia;
    if (nia && oid != InsOid::nia) return InsRefusal::oid_of_nir;
    return InsRefusal::none;
}

}  // namespace

InsRefusal ins_refusal(const InsClaim& claim) {
    if (claim.status != IdentityStatus::qualified) return InsRefusal::not_qualified;
    const InsRefusal oid = ins_oid_refusal(claim.oid, claim.environment);
    if (oid != InsRefusal::none) return oid;
    const InsRefusal number = number_refusal(claim.matricule, *ins_oid(claim.oid));
    if (number != InsRefusal::none) return number;
    return claim.traits.complete() ? InsRefusal::none : InsRefusal::traits_missing;
}

std::string_view ins_refusal_name(InsRefusal refusal) {
    switch (refusal) {
        case InsRefusal::none: return "none";
        case InsRefusal::not_qualified: return "not_qualified";
        case InsRefusal::not_an_ins_oid: return "not_an_ins_oid";
        case InsRefusal::non_production_oid: return "non_production_oid";
        case InsRefusal::production_oid: return "production_oid";
        case InsRefusal::oid_of_nia: return "oid_of_nia";
        case InsRefusal::oid_of_nir: return "oid_of_nir";
        case InsRefusal::traits_missing: return "traits_missing";
    }
    return "none";
}

std::string_view ins_refusal_message(InsRefusal refusal) {
    switch (refusal) {
        case InsRefusal::none: return "";
        case InsRefusal::not_qualified:
            return "L'identité n'est pas qualifiée : envoyez les traits sans le matricule INS.";
        case InsRefusal::not_an_ins_oid: return "L'OID indiqué n'est pas celui d'un matricule INS.";
        case InsRefusal::non_production_oid:
            return "Cet OID est réservé aux essais : l'INS d'un patient porte l'OID de production.";
        case InsRefusal::production_oid:
            return "Cet OID désigne une personne réelle : il n'est pas admis hors production.";
        case InsRefusal::oid_of_nia:
            return "Ce matricule est un NIR, et l'OID celui des NIA : l'un des deux est faux.";
        case InsRefusal::oid_of_nir:
            return "Ce matricule est un NIA, et l'OID celui des NIR : l'un des deux est faux.";
        case InsRefusal::traits_missing:
            return "Il manque un des cinq traits stricts : nom et prénoms de naissance, date de "
                   "naissance, sexe, code INSEE du lieu de naissance.";
    }
    return "";
}

Result<void> may_carry_ins(const InsClaim& claim) {
    const InsRefusal refusal = ins_refusal(claim);
    if (refusal == InsRefusal::none) return {};
    return fail(ErrorCode::identity_refused, std::string(ins_refusal_name(refusal)));
}

}  // namespace relais
