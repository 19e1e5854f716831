// context.h: what a form is judged by beside itself: whether the territory has real patients, what
// its act publishes, and the code lists that are in force. Plain values and one port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/identifiers/ins_transmission.h"
#include "schemas/forms/condition.h"
#include "schemas/forms/findings.h"

namespace relais::forms {

// What a list says of a code.
struct CodeAnswer {
    enum class Known : std::uint8_t { yes, no, no_list };  // no_list: no pack here has that list

    Known known = Known::no_list;
    std::string label{};   // of the code, French
    std::string source{};  // the pack and its version, as people read it
};

// The lists of the reference packs in force.
class CodeLists {
public:
    CodeLists() = default;
    virtual ~CodeLists() = default;
    CodeLists(const CodeLists&) = delete;
    CodeLists& operator=(const CodeLists&) = delete;
    [[nodiscard]] virtual CodeAnswer find(std::string_view list, std::string_view code) const = 0;
};

// The person to whose attention an act is, as its header says.
struct Attention {
    std::string rpps;
    std::string title;  // in the directory
};

// A message of the case, and what it was.
struct CaseMessage {
    std::string fingerprint;  // 64 digits of hexadecimal
    std::string title;
};

struct Context {
    // A form alone: no public field is answered, no code is looked up.
    Context(InsEnvironment of) : environment(of) {}
    Context(InsEnvironment of, Publics answered) : environment(of), publics(std::move(answered)) {}
    // `against` is what amounts to that the form says otherwise than what stands outside of it (a
    // code that its list does not have, another person than the header's): an error for whoever
    // sends; for whoever reads a warning, since the sender's pack may be newer and what was signed
    // must be read.
    Context(InsEnvironment of, Publics answered, const CodeLists* known, Severity against)
        : environment(of), publics(std::move(answered)), lists(known), contradiction(against) {}

    InsEnvironment environment;
    Publics publics{};                 // those that the act declares
    const CodeLists* lists = nullptr;  // null: codes are not looked up, and nothing is said of it
    Severity contradiction = Severity::error;
    std::optional<Attention> attention{};   // none: to nobody's, or nothing is known of it
    std::optional<std::int64_t> sent_at{};  // nanoseconds since 1970, UTC; none: it was sent before
    std::optional<std::vector<CaseMessage>> messages{};  // of the case; none: not known here
};

}  // namespace relais::forms
