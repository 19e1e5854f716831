#include "clients/cap/message.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace relais::cap {

std::string text_of(const Finding& finding) {
    std::string text = finding.line == 0 ? "" : "ligne " + std::to_string(finding.line) + ", ";
    if (!finding.element.empty()) text += finding.element + " : ";
    return text + finding.message;
}

const Finding* first_error(const Findings& findings) {
    const auto found = std::ranges::find(findings, Severity::error, &Finding::severity);
    return found == findings.end() ? nullptr : &*found;
}

std::string text_in(const nlohmann::json& group, const char* element) {
    const auto found = group.find(element);
    return found == group.end() || !found->is_string() ? "" : found->get<std::string>();
}

void check_rules(const nlohmann::json& message, Findings& findings) {
    const auto require = [&](bool holds, const char* element, const std::string& why) {
        if (!holds) findings.push_back({Severity::error, 0, element, why});
    };
    const std::string type = text_in(message, "msgType");
    require(type == "Alert" || !text_in(message, "references").empty(), "references",
            "absent : un message " + type + " cite celui dont il parle");
    const std::string scope = text_in(message, "scope");
    require(scope != "Restricted" || !text_in(message, "restriction").empty(), "restriction",
            "absent : la portée est Restricted");
    require(scope != "Private" || !text_in(message, "addresses").empty(), "addresses",
            "absent : la portée est Private");
}

}  // namespace relais::cap
