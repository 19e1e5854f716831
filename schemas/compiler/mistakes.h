// mistakes.h: what is wrong in a declaration, all of it, with lines: its author corrects it in one
// go.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace relais::compiler {

class Mistakes {
public:
    // `what` names the section: act "offer". `line` counts from 1.
    void add(unsigned line, const std::string& what, const std::string& why);

    [[nodiscard]] bool empty() const { return lines_.empty(); }
    // Errors: bad_configuration  there are some: by line, the first 40.
    [[nodiscard]] Result<void> result(const std::string& file) const;

private:
    std::vector<std::pair<unsigned, std::string>> lines_;
};

}  // namespace relais::compiler
