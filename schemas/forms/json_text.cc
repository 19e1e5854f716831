// json_text.cc: JSON as people and programs write it, read strictly: what one reader would take for
// one value and another for a second is refused.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "core/base/limits.h"
#include "schemas/forms/forms.h"

namespace relais::forms {

namespace {

using nlohmann::json;

// Notices a member that its object already has.
class MemberWatch {
public:
    bool operator()(int /*depth*/, json::parse_event_t event, const json& parsed) {
        if (event == json::parse_event_t::object_start) open_.emplace_back();
        if (event == json::parse_event_t::object_end) open_.pop_back();
        if (event == json::parse_event_t::key) {
            twice_ |= !open_.back().insert(parsed.get<std::string>()).second;
        }
        return true;
    }
    [[nodiscard]] bool twice() const { return twice_; }

private:
    std::vector<std::set<std::string>> open_;
    bool twice_ = false;
};

std::string line_at(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
    const auto lines = std::ranges::count(before, '\n');
    const std::size_t start =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return "line " + std::to_string(lines + 1) + ", byte " +
           std::to_string(before.size() - start + 1);
}

}  // namespace

Result<json> parse_json(std::string_view text) {
    if (text.size() > limits::kFormBytesMax) return fail(ErrorCode::too_large, "JSON");
    MemberWatch watch;
    try {
        json values = json::parse(text, std::ref(watch));
        if (watch.twice()) return fail(ErrorCode::malformed, "JSON: a member stands twice");
        return values;
    } catch (const json::parse_error& problem) {
        return fail(ErrorCode::malformed, "JSON: " + line_at(text, problem.byte));
    } catch (const json::exception&) {
        return fail(ErrorCode::malformed, "JSON: a number is out of range");
    }
}

}  // namespace relais::forms
