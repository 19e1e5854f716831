// references.h: what a kind asks of reference packs beside the codes in its forms: registers that
// follow what a list says of codes (a drug out of stock), and public fields that it should agree
// with. Read from the bundle by stations that prepare acts; nothing of it decides what a broker
// accepts. Immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/forms/form_schema.h"
#include "schemas/workflow/kind.h"

namespace relais::references {

// One part of a register's key: the value of public field `number`, which the act that carries the
// form publishes; or, where `field` is one of the element's, the value of that.
struct KeyPart {
    std::uint16_t number;
    std::string field;
};

// An opening act, with what it publishes beside the key.
struct Turn {
    workflow::ActIndex act;
    std::vector<PublicField> publics;
};

// Each element of the list `each` in a form stands for one entry of a register. It should be open
// while what the list of a pack says (`fact`) of one of its codes is the label of one of its
// values; where it holds one of `stays`, nothing is concluded from its not being so. After the day
// `until` of the form it should be neither open nor closed.
struct Watch {
    std::string form;
    std::string each;
    std::string codes;   // below an element: codes of a list
    std::string fact;    // of that list
    std::string values;  // below an element: choices
    std::vector<std::string> stays;
    workflow::RegisterIndex reg;
    std::vector<KeyPart> key;
    std::int64_t open;
    std::int64_t closed;
    Turn close;
    Turn reopen;
    std::string until;         // below the form: a date; empty: none
    std::optional<Turn> over;  // present where `until` is
};

// The label of the public code of the act should be what the list of the form's field says.
struct Listed {
    workflow::ActIndex act;
    std::uint16_t number;
    std::string field;
    std::string fact;
};

struct References {
    std::vector<Watch> watches;
    std::vector<Listed> listed;
};

inline constexpr std::size_t kReferencesMax = 8;  // of each, of one kind
inline constexpr std::size_t kStaysMax = 16;
inline constexpr std::size_t kTurnPublicsMax = 8;

// Those of `bundle`, whose kind is `kind`; none for a bundle of before there were any. Errors:
// malformed, too_large; invalid_field  a rule broken, named in the detail: acts, public fields,
// registers and forms are the kind's; the turns open; the key has what they publish.
Result<References> load_references(ByteView bundle, const workflow::Kind& kind);

// The field at a path of names below `table` ("prescribed.drug.cis"); null where there is none.
[[nodiscard]] const forms::Field* field_at(const forms::Field& table, std::string_view path);

// That the paths of the rules lead to fields of the right sort in the forms, loaded under their
// names by `form`. Errors: invalid_field, the detail names rule and path.
Result<void> check_watch(const Watch& watch, const forms::FormSchema& form);
Result<void> check_listed(const Listed& listed, const forms::FormSchema& form);

}  // namespace relais::references
