// How many requests of strangers pass within a second: of one source, and of all.
#include "broker/connections/request_rate.h"

#include <gtest/gtest.h>

namespace relais::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

int taken(RequestRate& rate, const std::string& source, int times, RequestRate::Moment now) {
    int count = 0;
    for (int i = 0; i < times; ++i) count += rate.take(source, now) ? 1 : 0;
    return count;
}

TEST(RequestRate, WhoAsksWithoutAPauseLeavesTheShareOfOthers) {
    RequestRate rate(10, 25);
    const RequestRate::Moment now{seconds(100)};
    EXPECT_EQ(taken(rate, "flood", 5000, now), 10);
    EXPECT_EQ(taken(rate, "invited", 3, now), 3);
    EXPECT_EQ(taken(rate, "flood", 5000, now + milliseconds(999)), 0);
    EXPECT_EQ(taken(rate, "another", 5000, now), 10);
    EXPECT_EQ(taken(rate, "invited", 5, now), 2) << "of all there are 25";
    EXPECT_EQ(taken(rate, "late", 5, now), 1) << "several that flood keep nobody out";
}

TEST(RequestRate, EachSecondBeginsAnew) {
    RequestRate rate(2, 3);
    const RequestRate::Moment now{seconds(100)};
    EXPECT_EQ(taken(rate, "a", 9, now), 2);
    EXPECT_EQ(taken(rate, "b", 9, now), 1);
    EXPECT_EQ(taken(rate, "b", 9, now + seconds(1)), 2);
    EXPECT_EQ(taken(rate, "a", 9, now + seconds(1)), 1);
}

}  // namespace
}  // namespace relais::broker
