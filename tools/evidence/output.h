// output.h: what the auditor's programs say: text for people, or one JSON document for scripts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/result.h"
#include "tools/evidence/damage.h"

namespace relais::evidence {

struct Output {
    const char* program;
    bool json = false;

    // One line for people; nothing with --json.
    void line(const std::string& text) const;
    // The result for scripts; nothing without --json.
    void result(const nlohmann::json& value) const;
    // For whoever waits, on standard error, in both cases.
    void progress(const std::string& text) const;
    // The exit code of an error, said on standard error (and as JSON for scripts, but for damage:
    // its findings were the one document).
    [[nodiscard]] int failure(const Error& error) const;
    // The exit code of a command: 0 only where its output was written as well.
    [[nodiscard]] int end(const Result<void>& done) const;
};

// [{"damage", "log", "leaf", "count", "detail"}]
[[nodiscard]] nlohmann::json findings_json(const Findings& findings);

}  // namespace relais::evidence
