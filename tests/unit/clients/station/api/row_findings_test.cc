// What the rows of an act ask of it, said before it is sent.
#include "clients/station/api/row_findings.h"

#include <gtest/gtest.h>

#include "clients/station/sync/kind_shelf.h"
#include "schemas/compiler/compiler.h"
#include "tests/support/envelopes.h"

namespace relais::station {
namespace {

LoadedKind load(const std::string& name) {
    const std::string folder = std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/" + name;
    return load_kind(compiler::compile_kind(folder).value()).value();
}

Draft draft_of(const std::string& act, std::map<std::string, std::string> publics) {
    return {.id = {},
            .kind = {},
            .kind_digest = {},
            .thread = {},
            .from = test::address("cabinet@indre"),
            .to = {test::address("medecins.cabinet@indre")},
            .acts = {{act, {}, std::move(publics)}}};
}

std::string said(const std::vector<DraftFinding>& findings) {
    std::string all;
    for (const auto& [act, found] : findings) {
        EXPECT_EQ(found.severity, forms::Severity::error);
        all += act + ": " + found.path + ": " + found.message + "\n";
    }
    return all;
}

TEST(Rows, SayWhichValuesOfAPublicFieldTheyTake) {
    const LoadedKind alert = load("alert");
    EXPECT_EQ(said(row_findings(alert.kind, draft_of("exercise", {{"status", "Exercise"}}))), "");
    const std::string wrong =
        said(row_findings(alert.kind, draft_of("exercise", {{"status", "Actual"}})));
    EXPECT_TRUE(wrong.starts_with("exercise: status: ")) << wrong;
    EXPECT_NE(wrong.find("; attendu : Exercise ("), std::string::npos) << wrong;

    const std::string both = said(row_findings(
        alert.kind, draft_of("exercise", {{"status", "Actual"}, {"severity", "Extreme"}})));
    EXPECT_NE(both.find("exercise: status: "), std::string::npos) << both;
    EXPECT_NE(both.find("exercise: severity: "), std::string::npos) << both;

    const LoadedKind substitution = load("substitution");
    const std::string basis = said(
        row_findings(substitution.kind, draft_of("notice", {{"legal-basis", "LOCAL_PROTOCOL"}})));
    EXPECT_TRUE(basis.starts_with("notice: legal-basis: ")) << basis;
    EXPECT_EQ(basis.find("attendu : LOCAL_PROTOCOL"), std::string::npos) << basis;
}

TEST(Rows, WhoseRegisterIsKeptByPersonAskToWhoseAttentionTheActIs) {
    const LoadedKind substitution = load("substitution");
    Draft notice = draft_of("protocol-notice", {});
    EXPECT_TRUE(
        said(row_findings(substitution.kind, notice)).starts_with("protocol-notice: attention: "));
    notice.attention[notice.to.front().text()] = {};
    EXPECT_EQ(said(row_findings(substitution.kind, notice)), "");
    EXPECT_EQ(said(row_findings(substitution.kind, draft_of("notice", {}))), "");
    EXPECT_NE(said(row_findings(load("protocol").kind, draft_of("appoint", {}))), "");
}

}  // namespace
}  // namespace relais::station
