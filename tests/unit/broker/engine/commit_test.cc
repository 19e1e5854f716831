// D1: what the engine says, it says after the commit; what could not be committed was never said
// and never happened.
#include <gtest/gtest.h>

#include "tests/support/engine/admission_case.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

class Commit : public testing::Test {
protected:
    EngineBench bench;
    AdmissionCase call{bench};
};

TEST_F(Commit, AReceiptComesAfterTheEntryTheThreadAndTheLeafAreStored) {
    const wire::Body body = call.act(AdmissionCase::kOpener, "call");
    const auto* receipt = std::get_if<wire::Receipt>(&body);
    ASSERT_NE(receipt, nullptr) << error_name(code_of(body));
    EXPECT_EQ(call.state(), "called");
    EXPECT_EQ(bench.log_of(kGeriatrics).size(), 1u);
    const auto leaves = bench.leaves();
    ASSERT_GT(leaves.size(), receipt->accepted.leaf.value);
    EXPECT_EQ(leaves[receipt->accepted.leaf.value].message, receipt->id);
}

TEST_F(Commit, AFailedCommitSaysNothingAndLeavesNothing) {
    auto inputs = together(
        call.input(AdmissionCase::kOpener, call.make(AdmissionCase::kOpener, "call")));
    const std::uint64_t said = bench.outputs_seen();
    const std::size_t leaves = bench.raw_leaves().size();
    bench.store().fail_next_commit(ErrorCode::io_failed);
    EXPECT_EQ(bench.try_step(std::move(inputs)).code(), ErrorCode::io_failed);
    EXPECT_EQ(bench.outputs_seen(), said);
    EXPECT_EQ(bench.raw_leaves().size(), leaves);
    EXPECT_FALSE(call.stored().has_value());
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty());
}

}  // namespace
}  // namespace relais::broker
