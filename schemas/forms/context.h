// context.h: what a form is judged by beside itself: whether the territory has real patients, what
// its act publishes, and the code lists that are in force. Plain values and one port.
#pragma once

#include <string>
#include <string_view>
#include <utility>

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

struct Context {
    // A form alone: no public field is answered, no code is looked up.
    Context(InsEnvironment of) : environment(of) {}
    Context(InsEnvironment of, Publics answered) : environment(of), publics(std::move(answered)) {}
    // `unknown` is what a code that its list does not have amounts to: an error for whoever sends;
    // for whoever reads a warning, since the sender's pack may be newer.
    Context(InsEnvironment of, Publics answered, const CodeLists* known, Severity unknown)
        : environment(of), publics(std::move(answered)), lists(known), unknown_code(unknown) {}

    InsEnvironment environment;
    Publics publics{};                 // those that the act declares
    const CodeLists* lists = nullptr;  // null: codes are not looked up, and nothing is said of it
    Severity unknown_code = Severity::error;
};

}  // namespace relais::forms
