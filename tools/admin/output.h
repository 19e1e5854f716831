// output.h: what the command says: text for people, or one JSON document for scripts.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "core/base/result.h"

namespace relais::admin {

struct Output {
    bool json = false;
    mutable nlohmann::json beside_error = nlohmann::json::object();  // one document all the same

    // One line for people; nothing with --json.
    void line(std::string_view text) const;
    // The result for scripts; nothing without --json.
    void result(const nlohmann::json& value) const;
    // The exit code of an error, said on standard error (and as JSON for scripts, beside what
    // `beside_error` holds).
    [[nodiscard]] int failure(const Error& error) const;
    // The exit code of a command: 0 only where its output was written as well.
    [[nodiscard]] int end(const Result<void>& done) const;
};

}  // namespace relais::admin
