// Notices of the broker: what comes back, and what is refused.
#include "schemas/envelope/notice.h"

#include <functional>

#include "core/base/limits.h"
#include "tests/unit/schemas/envelope/raw.h"

namespace relais {
namespace {

class Notices : public testing::Test {
protected:
    ErrorCode verdict(const std::function<void(fb::NoticeT&)>& change) {
        auto object = opened<fb::Notice>(encode_notice(test::full_notice(random, key, 2)));
        change(*object);
        return parse_notice(closed(*object)).code();
    }

    test::SeededRandom random{1};
    P256Key key = test::make_p256_key(random);
};

TEST_F(Notices, EveryFieldComesBackAsItWasWritten) {
    const Notice notice = test::full_notice(random, key, 3);
    const auto parsed = parse_notice(encode_notice(notice));
    ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
    EXPECT_TRUE(test::same(*parsed, notice));
}

TEST_F(Notices, WhatANoticeDoesNotSayComesBackAbsent) {
    const Notice notice{.kind = NoticeKind::ended, .time = test::kTestTime};
    EXPECT_TRUE(test::same(parse_notice(encode_notice(notice)).value(), notice));
}

TEST_F(Notices, EachKindComesBack) {
    for (int kind = 1; kind <= 11; ++kind) {
        const Notice notice{.kind = static_cast<NoticeKind>(kind), .time = test::kTestTime};
        EXPECT_EQ(parse_notice(encode_notice(notice)).value().kind, notice.kind);
    }
}

TEST_F(Notices, AKindOutsideItsEnumerationIsRefused) {
    for (const int kind : {0, 12, 255}) {
        EXPECT_EQ(verdict([&](fb::NoticeT& n) { n.kind = static_cast<fb::NoticeKind>(kind); }),
                  ErrorCode::invalid_field);
    }
}

TEST_F(Notices, ANoticeCovers256MessagesAtMostWithPathsOf8) {
    const Notice largest = test::full_notice(random, key, limits::kBatchSignedMax);
    EXPECT_TRUE(parse_notice(encode_notice(largest)).ok());
    const Notice larger = test::full_notice(random, key, limits::kBatchSignedMax + 1);
    EXPECT_EQ(parse_notice(encode_notice(larger)).code(), ErrorCode::too_large);
    EXPECT_EQ(verdict([](fb::NoticeT& n) { n.delivered[1]->path.resize(9); }),
              ErrorCode::too_large);
}

TEST_F(Notices, AQuotedActIsNoLargerThanAHeader) {
    EXPECT_EQ(verdict([](fb::NoticeT& n) { n.act->header.resize(limits::kHeaderBytesMax); }),
              ErrorCode::ok);
    EXPECT_EQ(verdict([](fb::NoticeT& n) { n.act->header.resize(limits::kHeaderBytesMax + 1); }),
              ErrorCode::too_large);
}

}  // namespace
}  // namespace relais
