// Rules of signing contexts: no signature made for one purpose is valid for another.
#include "core/base/contexts.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace relais {
namespace {

constexpr std::string_view kAll[] = {contexts::kEnvelope, contexts::kEntry, contexts::kDelivered,
                                     contexts::kOpened,   contexts::kMark,  contexts::kNotice,
                                     contexts::kHealth,   contexts::kEnrol, contexts::kEnrolAnswer};

TEST(Contexts, AreDistinctAndHoldNoZeroByte) {
    const std::set<std::string_view> distinct(std::begin(kAll), std::end(kAll));
    EXPECT_EQ(distinct.size(), std::size(kAll));
    for (const std::string_view context : kAll) {
        EXPECT_EQ(context.find('\0'), std::string_view::npos) << context;
        EXPECT_TRUE(context.starts_with("relais/v1/")) << context;
    }
}

TEST(SignedMessage, IsTheContextAZeroByteAndTheBody) {
    EXPECT_EQ(signed_message("ab", Bytes{1, 2}), (Bytes{'a', 'b', 0, 1, 2}));
    EXPECT_EQ(signed_message("ab", {}), (Bytes{'a', 'b', 0}));
}

RC_GTEST_PROP(SignedMessage, OfOneContextIsNeverThatOfAnother, (const Bytes& a, const Bytes& b)) {
    for (const std::string_view first : kAll) {
        for (const std::string_view second : kAll) {
            const bool same = signed_message(first, a) == signed_message(second, b);
            RC_ASSERT(same == (first == second && a == b));
        }
    }
}

}  // namespace
}  // namespace relais
