// What the programs say to scripts is a document, whatever bytes a path on their line has.
#include "tools/evidence/output.h"

#include <gtest/gtest.h>

namespace relais::evidence {
namespace {

TEST(EvidenceOutput, BytesThatAreNoTextAreShownInADocumentAllTheSame) {
    Output output{"relais-audit"};
    output.json = true;
    for (const bool failed : {true, false}) {
        testing::internal::CaptureStdout();
        if (failed) {
            EXPECT_EQ(output.failure(fail(ErrorCode::not_found, "dos\xe9")), 9);
        } else {
            output.result({{"folder", "dos\xe9"}});
        }
        const auto said = nlohmann::json::parse(testing::internal::GetCapturedStdout());
        EXPECT_TRUE(said.contains(failed ? "error" : "folder"));
    }
}

}  // namespace
}  // namespace relais::evidence
