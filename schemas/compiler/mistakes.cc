#include "schemas/compiler/mistakes.h"

#include <algorithm>

namespace relais::compiler {

namespace {

constexpr std::size_t kShown = 40;

}  // namespace

void Mistakes::add(unsigned line, const std::string& what, const std::string& why) {
    lines_.emplace_back(line, what + ": " + why);
}

Result<void> Mistakes::result(const std::string& file) const {
    if (lines_.empty()) return {};
    std::vector<std::pair<unsigned, std::string>> sorted = lines_;
    std::ranges::stable_sort(sorted, {}, &std::pair<unsigned, std::string>::first);
    std::string text;
    for (std::size_t i = 0; i < std::min(sorted.size(), kShown); ++i) {
        if (i > 0) text += "\n";
        text += file + ":" + std::to_string(sorted[i].first) + ": " + sorted[i].second;
    }
    return fail(ErrorCode::bad_configuration, std::move(text));
}

}  // namespace relais::compiler
