#include "core/identifiers/identifiers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/identifiers/rules.h"

namespace relais {

namespace {

using Kind = IdentifierKind;
using Fault = IdentifierFault;
using Severity = IdentifierSeverity;

enum class Separators : std::uint8_t { kept, spaces, spaces_and_dots };

struct Rule {
    Kind kind;
    std::string_view name;
    std::string_view label;     // French
    std::string_view expected;  // French, after "attendu :"
    Separators separators;
    Severity wrong_key;
    Fault (*check)(std::string_view);
};

// By number of the kind.
constexpr std::array kRules = {
    Rule{Kind::ins, "ins", "INS",
         "15 caractères, clé comprise, commençant par 1 ou 2 (NIR) ou par 7 ou 8 (NIA)",
         Separators::spaces_and_dots, Severity::refusal, identifier_rules::ins},
    Rule{Kind::ins_nir, "ins_nir", "NIR", "15 caractères, clé comprise, commençant par 1 ou 2",
         Separators::spaces_and_dots, Severity::refusal, identifier_rules::nir},
    Rule{Kind::ins_nia, "ins_nia", "NIA", "15 caractères, clé comprise, commençant par 7 ou 8",
         Separators::spaces_and_dots, Severity::refusal, identifier_rules::nia},
    Rule{Kind::rpps, "rpps", "RPPS", "11 chiffres", Separators::kept, Severity::warning,
         identifier_rules::rpps},
    Rule{Kind::idnps, "idnps", "Identifiant national de professionnel",
         "le chiffre 8, puis les 11 chiffres du RPPS", Separators::kept, Severity::warning,
         identifier_rules::idnps},
    Rule{Kind::finess, "finess", "FINESS",
         "9 chiffres (ou 2A ou 2B, puis 7 chiffres), clé comprise", Separators::kept,
         Severity::warning, identifier_rules::finess},
    Rule{Kind::idnst, "idnst", "Identifiant national de structure",
         "le chiffre 1, puis les 9 caractères du FINESS", Separators::kept, Severity::warning,
         identifier_rules::idnst},
    Rule{Kind::siren, "siren", "SIREN", "9 chiffres", Separators::spaces, Severity::refusal,
         identifier_rules::siren},
    Rule{Kind::siret, "siret", "SIRET", "14 chiffres", Separators::spaces, Severity::refusal,
         identifier_rules::siret},
    Rule{Kind::cip13, "cip13", "Code CIP13", "13 chiffres commençant par 3400, mais pas par 34008",
         Separators::kept, Severity::refusal, identifier_rules::cip13},
    Rule{Kind::ucd13, "ucd13", "Code UCD13", "13 chiffres commençant par 34008", Separators::kept,
         Severity::refusal, identifier_rules::ucd13},
    Rule{Kind::cip7, "cip7", "Code CIP7", "7 chiffres", Separators::kept, Severity::refusal,
         identifier_rules::cip7},
    Rule{Kind::cis, "cis", "Code CIS", "8 chiffres", Separators::kept, Severity::refusal,
         identifier_rules::cis},
    Rule{Kind::atc, "atc", "Code ATC", "un code de niveau 2 à 5, comme A10, D06AX ou N02BE01",
         Separators::kept, Severity::refusal, identifier_rules::atc},
    Rule{Kind::cim10, "cim10", "Code CIM-10",
         "une lettre et deux chiffres, puis au plus trois caractères, comme I50 ou J18.9",
         Separators::kept, Severity::refusal, identifier_rules::cim10},
    Rule{Kind::departement, "departement", "Département",
         "01 à 19, 2A, 2B, 21 à 95, 971 à 974 ou 976", Separators::kept, Severity::refusal,
         identifier_rules::departement},
    Rule{Kind::cog, "cog", "Lieu de naissance",
         "le code INSEE de la commune, ou 99 et les 3 chiffres du pays", Separators::kept,
         Severity::refusal, identifier_rules::cog},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        if (static_cast<std::size_t>(kRules[i].kind) != i) return false;
    }
    return true;
}
static_assert(in_order() && kRules.size() == static_cast<std::size_t>(Kind::cog) + 1);

constexpr auto kKinds = [] {
    std::array<Kind, kRules.size()> kinds{};
    for (std::size_t i = 0; i < kRules.size(); ++i) kinds[i] = kRules[i].kind;
    return kinds;
}();

const Rule& rule_of(Kind kind) {
    const auto index = static_cast<std::size_t>(kind);
    RELAIS_CHECK(index < kRules.size());
    return kRules[index];
}

// ' ', and the no-break spaces U+00A0 and U+202F, in UTF-8.
constexpr std::array<std::string_view, 3> kSpaces = {" ", "\xC2\xA0", "\xE2\x80\xAF"};

// Bytes of the separator at the front of `text`; 0 where there is none.
std::size_t separator_at(std::string_view text, Separators separators) {
    if (separators == Separators::kept) return 0;
    if (separators == Separators::spaces_and_dots && text.front() == '.') return 1;
    for (const std::string_view space : kSpaces) {
        if (text.starts_with(space)) return space.size();
    }
    return 0;
}

// Not std::toupper: the locale must not decide what an identifier is.
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string normalise(std::string_view text, Separators separators) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t skipped = separator_at(text, separators);
        if (skipped == 0) out.push_back(upper(text.front()));
        text.remove_prefix(std::max<std::size_t>(skipped, 1));
    }
    return out;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Severity severity_of(Fault fault, const Rule& rule) {
    if (fault == Fault::none) return Severity::none;
    return fault == Fault::key ? rule.wrong_key : Severity::refusal;
}

std::string_view french(Fault fault) {
    switch (fault) {
        case Fault::none: return "";
        case Fault::length: return "longueur incorrecte";
        case Fault::format: return "forme incorrecte";
        case Fault::key: return "clé de contrôle incorrecte";
        case Fault::prefix: return "début incorrect";
        case Fault::ucd_range: return "ce code est un UCD, pas une présentation";
        case Fault::unknown: return "code inconnu";
    }
    return "";
}

std::string advice(const IdentifierVerdict& verdict) {
    if (verdict.fault != Fault::key) {
        return std::string(" ; attendu : ").append(rule_of(verdict.kind).expected).append(".");
    }
    std::string text = ". Vérifiez-le caractère par caractère";
    if (verdict.accepted()) text += " ; l'annuaire national fait foi";
    return text + ".";
}

}  // namespace

std::optional<IdentifierKind> identifier_kind(std::string_view name) {
    const auto found = std::ranges::find(kRules, name, &Rule::name);
    return found == kRules.end() ? std::nullopt : std::optional(found->kind);
}

std::string_view identifier_name(IdentifierKind kind) { return rule_of(kind).name; }

std::string_view identifier_label(IdentifierKind kind) { return rule_of(kind).label; }

std::span<const IdentifierKind> identifier_kinds() { return kKinds; }

IdentifierVerdict check_identifier(IdentifierKind kind, std::string_view text) {
    const Rule& rule = rule_of(kind);
    if (text.size() > limits::kIdentifierTextBytesMax) {
        return {kind, Fault::length, Severity::refusal, {}};
    }
    std::string normalised = normalise(text, rule.separators);
    const Fault fault = is_ascii(normalised) ? rule.check(normalised) : Fault::format;
    const Severity severity = severity_of(fault, rule);
    if (severity == Severity::refusal) normalised.clear();
    return {kind, fault, severity, std::move(normalised)};
}

std::string identifier_message(const IdentifierVerdict& verdict) {
    if (verdict.fault == Fault::none) return {};
    std::string text(identifier_label(verdict.kind));
    return text.append(" : ").append(french(verdict.fault)).append(advice(verdict));
}

std::string_view fault_name(IdentifierFault fault) {
    switch (fault) {
        case Fault::none: return "none";
        case Fault::length: return "length";
        case Fault::format: return "format";
        case Fault::key: return "key";
        case Fault::prefix: return "prefix";
        case Fault::ucd_range: return "ucd_range";
        case Fault::unknown: return "unknown";
    }
    return "none";
}

Result<std::string> require_identifier(IdentifierKind kind, std::string_view text) {
    IdentifierVerdict verdict = check_identifier(kind, text);
    if (verdict.accepted()) return std::move(verdict.normalised);
    std::string detail(identifier_name(kind));
    return fail(ErrorCode::bad_identifier, detail.append(": ").append(fault_name(verdict.fault)));
}

}  // namespace relais
