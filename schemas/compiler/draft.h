// draft.h: a bundle while its declaration is read, with what the reading needs: the place of each
// name in its list and the line it was declared on. Internal to this module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "schemas/compiler/section.h"
#include "schemas/generated/kind_generated.h"

namespace relais::compiler {

// The names of one list of the bundle, in its order.
class Register {
public:
    explicit Register(std::string kind) : kind_(std::move(kind)) {}

    // A name that is there already is a mistake of `section`; it keeps its first place.
    void add(const std::string& name, Section& section);
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
    // The place of a name that must be there: an unknown one is a mistake of `section`.
    std::optional<std::size_t> resolve(const Word& word, Section& section) const;
    // The places of the words as a bit mask. Requires at most 16 names.
    std::uint16_t mask(const std::vector<Word>& words, Section& section) const;

    [[nodiscard]] std::size_t size() const { return names_.size(); }
    [[nodiscard]] const std::string& name(std::size_t place) const { return names_[place].text; }
    [[nodiscard]] unsigned line(std::size_t place) const { return names_[place].line; }

private:
    std::string kind_;
    std::vector<Word> names_;
};

// What a condition of a form says of a public field.
struct PublicAsked {
    std::string field;  // of the form
    std::string name;
    std::vector<std::string> values;
};

// What is known of a form when the declaration is read.
struct FormKnown {
    std::string name;
    std::string title;
    bool holds_identity = false;
    bool tells = false;  // mandatory fields say when, and to whom
    std::vector<PublicAsked> asked{};
    Bytes schema{};
};

struct Draft {
    fb::KindBundleT bundle;
    Register roles{"role"};
    Register thread_states{"state"};
    Register party_states{"state"};
    Register publics{"public field"};
    Register acts{"act"};
    Register clocks{"clock"};
    Register forms{"form"};
    Register registers{"register"};
    std::vector<bool> form_tells;                     // by the place of the form
    std::vector<std::vector<PublicAsked>> form_asks;  // the same
    std::vector<unsigned> row_lines;
    bool holds_identity = false;
};

// Every party, or no subject.
inline constexpr std::uint16_t kAnyParty = 0xFFFF;

// Whether a row triggered by it is about one party.
[[nodiscard]] inline bool has_subject(const fb::ActDeclaredT& act) {
    return act.side == fb::Side::party || act.recipients == fb::Recipients::one_party;
}

}  // namespace relais::compiler
