// identifiers.h: the French identifiers that forms, the directory and commands carry, and what can
// be said of one from its text alone. Pure functions of their arguments; any thread.
//
// A key whose rule is published refuses. A key whose rule was only inferred, from values in
// circulation, warns: to refuse a real professional or hospital because of a guess would be worse
// than to pass a typing error that the national directory will show.
//
//   NIR          13 characters and a key modulo 97, 01 to 97. For the key 2A counts as 19 and 2B as
//                18, at the place of birth only. Months 01-12, or 20-99 where none is known. 3 or 4
//                in front (being registered) is not accepted. Decree 82-103 of 22/01/1982, article
//                4; the validation rules that the CNAM publishes.
//   NIA          as a NIR (guidance of net-entreprises on the NIA). INFERRED: 7 or 8 in front.
//   INS          a NIR or a NIA (Référentiel INS).
//   RPPS         11 digits, not all zeros (annuaire santé of the ANS). INFERRED, WARNS: Luhn key.
//   IDNPS        8 and an RPPS (CI-SIS, PS_IdNat). Other first digits announce other syntaxes and
//                are refused. Key as the RPPS: WARNS.
//   FINESS       9 characters, the department first (SNDS documentation of the FINESS number); the
//                8 characters without key that the SNDS also stores are refused. INFERRED, WARNS:
//                Luhn key, with 2A read as 21 and 2B as 22.
//   IDNST        1 and a FINESS (CI-SIS, Struct_IdNat). Others as for the IDNPS. Key as the FINESS:
//                WARNS.
//   SIREN SIRET  9 and 14 digits, Luhn (INSEE, Sirene register). A site of La Poste (356000000) may
//                have a sum of digits that is a multiple of 5 instead.
//   CIP13 UCD13  13 digits: 3400 but not 34008, and 34008; EAN-13 key (arrêté of 30/12/2021 on the
//                codification of medicines).
//   CIP7         6 digits and a key modulo 11, weights 2 to 7 (published descriptions of the CIP
//                code; it holds on every public code tried).
//   CIS          8 digits, no key (public database of medicines, BDPM).
//   ATC          level 2, 3, 4 or 5 (WHO ATC index): the official file of medicines of major
//                interest holds partial codes such as D06AX.
//   CIM-10       a letter and 2 digits, then up to 3 characters, dot optional (WHO ICD-10; the
//   French
//                CIM-10 of the ATIH, whose extensions may hold a '+'). Its form only, no list.
//   département  01-19, 2A, 2B, 21-95, 971-974, 976; not the overseas collectivités (INSEE, Code
//                officiel géographique).
//   COG          place of birth: department, or 99 abroad, and 3 digits (Code officiel
//   géographique;
//                Référentiel national d'identitovigilance). Its form only.
//
// Digits are ASCII digits. Published guides hold many wrong keys: examples come from a recomputed
// file (tests/data/identifiers), never from a guide.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace relais {

enum class IdentifierKind : std::uint8_t {
    ins,      // NIR or NIA, by its first digit
    ins_nir,  // a NIR only
    ins_nia,  // a NIA only
    rpps,
    idnps,
    finess,
    idnst,
    siren,
    siret,
    cip13,
    ucd13,
    cip7,
    cis,
    atc,
    cim10,
    departement,
    cog,
};

enum class IdentifierFault : std::uint8_t {
    none,
    length,     // not as many characters as the identifier has
    format,     // a character that cannot stand there
    key,        // shaped right, control key wrong: most often a typing error
    prefix,     // not in the range of this kind of code
    ucd_range,  // a UCD (34008) where a presentation (CIP13) is asked for
    unknown,    // not in the closed list
};

enum class IdentifierSeverity : std::uint8_t {
    none,
    warning,  // kept, and shown to the person who types or reads it
    refusal,
};

// The kind that a form's attribute names: "ins", "rpps", "cip13" ...; nothing for another word.
[[nodiscard]] std::optional<IdentifierKind> identifier_kind(std::string_view name);
[[nodiscard]] std::string_view identifier_name(IdentifierKind kind);
// "RPPS", "Département": what a professional calls it.
[[nodiscard]] std::string_view identifier_label(IdentifierKind kind);
// All kinds, in the order of the enumeration.
[[nodiscard]] std::span<const IdentifierKind> identifier_kinds();

// What the text is worth as an identifier of `kind`.
struct IdentifierVerdict {
    IdentifierKind kind;
    IdentifierFault fault;
    IdentifierSeverity severity;
    // The one way to write it: upper case, without separators. Empty when refused.
    std::string normalised;

    [[nodiscard]] bool accepted() const { return severity != IdentifierSeverity::refusal; }
};

// Judges `text`. Case never matters. Spaces (the two no-break spaces that French typography puts in
// numbers included) are dropped in INS, SIREN and SIRET, dots in INS; elsewhere they are a fault.
// Text above limits::kIdentifierTextBytesMax has fault `length`, whatever the kind.
[[nodiscard]] IdentifierVerdict check_identifier(IdentifierKind kind, std::string_view text);

// One French sentence or two for whoever filled the field: what is wrong and what to do. Empty when
// there is no fault. Never holds the value: it may be a patient's.
[[nodiscard]] std::string identifier_message(const IdentifierVerdict& verdict);

// "key", "ucd_range": stable, safe to log.
[[nodiscard]] std::string_view fault_name(IdentifierFault fault);

// The normalised text, where a warning does not matter.
// Errors: bad_identifier  refused; the detail is "cip13: key", without the value.
[[nodiscard]] Result<std::string> require_identifier(IdentifierKind kind, std::string_view text);

}  // namespace relais
