// context.h: what a form is judged by beside itself: whether the territory has real patients, and
// what its act publishes. Plain values.
#pragma once

#include <utility>

#include "core/identifiers/ins_transmission.h"
#include "schemas/forms/condition.h"

namespace relais::forms {

struct Context {
    // A form alone: no public field is answered.
    Context(InsEnvironment of) : environment(of) {}
    Context(InsEnvironment of, Publics answered) : environment(of), publics(std::move(answered)) {}

    InsEnvironment environment;
    Publics publics{};  // those that the act declares
};

}  // namespace relais::forms
