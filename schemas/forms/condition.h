// condition.h: conditions between the fields of a form, and from the public fields of the act to
// the form: when a field must be answered, when it may be, and which of two dates or numbers comes
// first. Parsed and resolved once, when a schema loads; evaluated by the checker; told in French to
// whoever fills the form. Plain values; pure.
//
//     condition = all *( " or " all )        all = term *( " and " term )
//     term      = operand " is " value *( " or " value ) | operand " answered"
//               | operand " not answered"
//     operand   = name *( "." name ) | "public " name
//
// A name is that of a field of the table that declares the condition, and of the tables in it. A
// condition looks back: what it names stands before its own field. So none can be cyclic, and
// whoever answers in the order of the form knows at each field whether it is asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace relais::forms {

struct Field;

struct Term {
    enum class Test : std::uint8_t { is, answered, not_answered };

    bool of_public = false;         // of the act's header, not of the form
    std::vector<std::string> path;  // names, from the table; one for a public field
    Test test = Test::answered;
    std::vector<std::string> values;  // of `is`: codes, or "true" and "false"
};

struct Condition {
    std::string text;                        // as declared
    std::vector<std::vector<Term>> any_all;  // one of these, of which every term
};

// A date or a number that may not come before, or after, another of its table.
struct Order {
    enum class Bound : std::uint8_t { not_before, not_after };

    Bound bound = Bound::not_before;
    std::vector<std::string> path;
};

// A public field of an act, as conditions see it and as people read it.
struct PublicAnswer {
    std::string label;                          // French
    std::map<std::string, std::string> labels;  // of its codes
    std::string answer;                         // a code, "true", "false" or a number; empty: none
};
using Publics = std::map<std::string, PublicAnswer>;  // by name

// Errors: bad_configuration  not of the grammar, or above its limits.
[[nodiscard]] Result<Condition> parse_condition(std::string_view text);
// "stay.entered_at". Errors: as above.
[[nodiscard]] Result<std::vector<std::string>> parse_path(std::string_view text);

// That the conditions and orders of every field under `form` name fields that stand before it, of
// types that can be compared, and values that these have. What they say of public fields is the
// compiler's to check. Errors: bad_configuration  the detail names the field and what is wrong.
[[nodiscard]] Result<void> check_conditions(const Field& form);

// The field that `path` names from `table`; null where there is none.
[[nodiscard]] const Field* field_at(const Field& table, const std::vector<std::string>& path);

// "« Allergies » est « Allergies ci-dessous »", for a field of `table`. A public field that is not
// in `publics` is told by its name. Requires a condition that check_conditions() admits.
[[nodiscard]] std::string told(const Condition& condition, const Field& table,
                               const Publics& publics);
// "au plus tôt : « Entrée le »", or "au plus : …" of a number.
[[nodiscard]] std::string told(const Order& order, const Field& table);

}  // namespace relais::forms
