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

    static Notice reckoned(std::size_t findings) {
        Notice notice{.kind = NoticeKind::reckoned, .time = test::kTestTime};
        notice.reckoning = Reckoning{{20780}, {20787}, 3, 212, 4107, {}, 7, true};
        for (std::size_t i = 0; i < findings; ++i) {
            const auto code = static_cast<FindingCode>(1 + i % 5);
            notice.reckoning->findings.push_back(
                {code, test::address("geriatrie.ch-valmont@indre"), {20781}, 42, 41});
        }
        return notice;
    }
    static ErrorCode reckoned_verdict(const std::function<void(fb::NoticeT&)>& change) {
        auto object = opened<fb::Notice>(encode_notice(reckoned(5)));
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
    for (int kind = 1; kind <= 13; ++kind) {
        Notice notice{.kind = static_cast<NoticeKind>(kind), .time = test::kTestTime};
        if (notice.kind == NoticeKind::reckoned) notice.reckoning = Reckoning{};
        EXPECT_EQ(parse_notice(encode_notice(notice)).value().kind, notice.kind);
    }
}

TEST_F(Notices, AKindOutsideItsEnumerationIsRefused) {
    for (const int kind : {0, 14, 255}) {
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

TEST_F(Notices, AReckoningComesBackWithAndWithoutFindings) {
    for (const std::size_t findings : {std::size_t{0}, std::size_t{5}, limits::kFindingsMax}) {
        const Notice notice = reckoned(findings);
        const auto parsed = parse_notice(encode_notice(notice));
        ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
        EXPECT_TRUE(test::same(*parsed, notice));
    }
    EXPECT_EQ(parse_notice(encode_notice(reckoned(limits::kFindingsMax + 1))).code(),
              ErrorCode::too_large);
}

TEST_F(Notices, AReckoningStandsInANoticeThatSaysSoAndInNoOther) {
    EXPECT_EQ(reckoned_verdict([](fb::NoticeT&) {}), ErrorCode::ok);
    EXPECT_EQ(reckoned_verdict([](fb::NoticeT& n) { n.reckoning.reset(); }),
              ErrorCode::invalid_field);
    EXPECT_EQ(reckoned_verdict([](fb::NoticeT& n) { n.kind = fb::NoticeKind::ended; }),
              ErrorCode::invalid_field);
}

TEST_F(Notices, AReckoningIsOfDaysInTheirOrder) {
    const auto days = [](int first, int last) {
        return [=](fb::NoticeT& n) {
            n.reckoning->first = first;
            n.reckoning->last = last;
        };
    };
    EXPECT_EQ(reckoned_verdict(days(20787, 20787)), ErrorCode::ok);
    EXPECT_EQ(reckoned_verdict(days(20788, 20787)), ErrorCode::invalid_field);
    EXPECT_EQ(reckoned_verdict(days(-1, 20787)), ErrorCode::invalid_field);
    EXPECT_EQ(reckoned_verdict(days(0, limits::kDayNumberMax)), ErrorCode::ok);
    EXPECT_EQ(reckoned_verdict(days(0, limits::kDayNumberMax + 1)), ErrorCode::invalid_field);
}

TEST_F(Notices, AFindingHasAKnownCodeAMailboxAndADayThatIsOver) {
    for (const int code : {0, 6, 255}) {
        EXPECT_EQ(reckoned_verdict([&](fb::NoticeT& n) {
                      n.reckoning->findings[1]->code = static_cast<fb::FindingCode>(code);
                  }),
                  ErrorCode::invalid_field);
    }
    EXPECT_EQ(reckoned_verdict([](auto& n) { n.reckoning->findings[1]->mailbox = "geriatrie"; }),
              ErrorCode::invalid_field);
    EXPECT_EQ(reckoned_verdict([](auto& n) { n.reckoning->findings[1]->since = 20788; }),
              ErrorCode::invalid_field);
    EXPECT_EQ(reckoned_verdict([](auto& n) { n.reckoning->findings[1]->since = -1; }),
              ErrorCode::invalid_field);
}

TEST_F(Notices, AQuotedActIsNoLargerThanAHeader) {
    EXPECT_EQ(verdict([](fb::NoticeT& n) { n.act->header.resize(limits::kHeaderBytesMax); }),
              ErrorCode::ok);
    EXPECT_EQ(verdict([](fb::NoticeT& n) { n.act->header.resize(limits::kHeaderBytesMax + 1); }),
              ErrorCode::too_large);
}

}  // namespace
}  // namespace relais
