// silence.cc: the last reckoning of the mailboxes' days, as the broker told the coordinator.
#include "tools/admin/commands.h"

namespace relais::admin {

namespace {

std::string finding_line(const nlohmann::json& finding) {
    const std::string code = finding.value("code", "");
    std::string line =
        "  " + finding.value("mailbox", "") + "  " + code + " since " + finding.value("since", "");
    if (code == "holds_fewer" || code == "sent_differs") {
        line += ", expected " + std::to_string(finding.value("expected", std::uint64_t{0})) +
                ", stated " + std::to_string(finding.value("counted", std::uint64_t{0}));
    }
    return line;
}

void print(const nlohmann::json& silence, const Output& output) {
    if (!silence.contains("posted")) {
        output.line("No day was reckoned yet; the first at " + silence.value("due", "") + ".");
        return;
    }
    const auto& findings = silence["findings"];
    output.line(
        "Days " + silence.value("first", "") + " to " + silence.value("last", "") + ", reckoned " +
        silence.value("posted", "") + ": " +
        std::to_string(silence.value("messages", std::uint64_t{0})) + " messages, " +
        std::to_string(silence.value("mailboxes", std::uint64_t{0})) + " mailboxes, " +
        (findings.empty() ? "nothing amiss" : std::to_string(findings.size()) + " findings"));
    if (silence.value("interrupted", false)) {
        output.line("  the broker stood still, or its clock was suspect: polling is not judged");
    }
    for (const auto& finding : findings) output.line(finding_line(finding));
    if (!silence.contains("to")) output.line("  note: no anchor organisation, nobody was told");
    output.line("Next at " + silence.value("due", "") + ".");
}

}  // namespace

Result<void> silence(Operator& op, const Output& output) {
    RELAIS_ASSIGN(const nlohmann::json status, op.status());
    const auto found = status.find("silence");
    if (found == status.end()) return fail(ErrorCode::unsupported_version, "an older broker");
    print(*found, output);
    output.result(*found);
    return {};
}

}  // namespace relais::admin
