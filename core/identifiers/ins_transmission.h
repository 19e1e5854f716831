// ins_transmission.h: whether a message may carry a patient's INS matricule. Pure functions; any
// thread.
//
// The matricule may leave only with a qualified identity (retrieved from the INSi service and
// checked against a high-trust document), with the OID of its authority, which is another for a NIR
// than for a NIA, and with the five strict traits; an identity that is not there yet travels by its
// traits alone. Sources: Référentiel INS;
// Référentiel national d'identitovigilance (RNIV, EXI SI 07) for statuses and traits; FR Core 2.2
// (fr-core-patient-ins) for codes and OIDs; the MSSanté volume for CDA documents, whose receivers
// answer 905 to a matricule without its traits. Refusing production OIDs outside production is our
// own rule: it keeps real persons out of test systems.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/result.h"

namespace relais {

// FR Core codes. HL7 v2 (PID-32, table 0445) writes VALI where FR Core writes QUAL: a gateway maps
// it before it comes here.
enum class IdentityStatus : std::uint8_t {
    provisional,  // PROV: neither retrieved nor checked
    validated,    // VALI: checked against a document, not retrieved
    retrieved,    // RECUP: retrieved from INSi, not checked
    qualified,    // QUAL: both
};

// "PROV", "VALI", "RECUP" or "QUAL", exactly; nothing for another text.
[[nodiscard]] std::optional<IdentityStatus> identity_status(std::string_view code);

enum class InsEnvironment : std::uint8_t { production, test };

// The authorities that give out an INS. Not here, hence refused: the INS-C (1.2.250.1.213.1.4.2),
// obsolete; the NDP of the pharmaceutical record; and the wrong OIDs seen in public code.
enum class InsOid : std::uint8_t {
    nir,                // 1.2.250.1.213.1.4.8
    nia,                // 1.2.250.1.213.1.4.9
    nir_test,           // 1.2.250.1.213.1.4.10
    nir_demonstration,  // 1.2.250.1.213.1.4.11
};

// Dotted, without "urn:oid:". The billing number of a policy-holder uses the OID of the NIR too:
// tell them apart by the type of the identifier, before asking.
[[nodiscard]] std::optional<InsOid> ins_oid(std::string_view dotted);

// Which of the five strict traits a message holds.
struct StrictTraits {
    bool birth_name = false;
    bool birth_given_names = false;
    bool birth_date = false;
    bool sex = false;
    bool birth_place = false;

    [[nodiscard]] bool complete() const {
        return birth_name && birth_given_names && birth_date && sex && birth_place;
    }
};

struct InsClaim {
    IdentityStatus status;
    std::string_view oid;  // as in ins_oid
    InsEnvironment environment;
    StrictTraits traits;
    std::string_view matricule{};  // normalised; one that is no INS has its own fault
};

enum class InsRefusal : std::uint8_t {
    none,
    not_qualified,
    not_an_ins_oid,
    non_production_oid,  // a test or demonstration OID, in production
    production_oid,      // a real person's OID, outside production
    oid_of_nia,          // the number is a NIR: its first digit is 1 or 2
    oid_of_nir,          // the number is a NIA: 7 or 8
    traits_missing,
};

// Whether an OID may appear in that environment: none, or one of the three refusals of OIDs.
[[nodiscard]] InsRefusal ins_oid_refusal(std::string_view oid, InsEnvironment environment);

// Why the matricule may not travel; `none` when it may. The first reason, in the order above.
[[nodiscard]] InsRefusal ins_refusal(const InsClaim& claim);

// "not_qualified": stable, safe to log.
[[nodiscard]] std::string_view ins_refusal_name(InsRefusal refusal);
// What the professional reads; empty for `none`.
[[nodiscard]] std::string_view ins_refusal_message(InsRefusal refusal);

// The same decision as an error.
// Errors: identity_refused  the matricule may not travel; the detail is the refusal's name.
[[nodiscard]] Result<void> may_carry_ins(const InsClaim& claim);

}  // namespace relais
