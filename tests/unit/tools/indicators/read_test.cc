// Real admissions through a real engine, and the figures read from its store: headers alone, the
// messages gone or not.
#include "tools/indicators/read.h"

#include "broker/store/listing.h"
#include "tests/support/engine/admission_case.h"
#include "tests/unit/tools/indicators/fixture.h"

namespace relais::indicators {
namespace {

using broker::AdmissionCase;
constexpr int kOpener = AdmissionCase::kOpener;

class Read : public testing::Test {
protected:
    // A call of that urgency, a decline of one ward after ten minutes, an offer of the other after
    // thirty; chosen and admitted where told so.
    void admission(std::int64_t urgency, bool chosen) {
        AdmissionCase thread = first.sibling();
        Header call = thread.make_header(kOpener, "call");
        call.publics[0].value = urgency;
        accepted(thread.send(kOpener, thread.seal(kOpener, call)));
        accepted(thread.act(kOpener, "deposit"));
        bench.pass(std::chrono::minutes(10));
        accepted(thread.act(1, "decline"));
        bench.pass(std::chrono::minutes(20));
        accepted(thread.act(0, "offer"));
        if (!chosen) return;
        bench.pass(std::chrono::minutes(5));
        accepted(thread.act(kOpener, "choose"));
        accepted(thread.act(0, "admitted"));
    }
    static void accepted(const wire::Body& body) {
        ASSERT_TRUE(std::holds_alternative<wire::Receipt>(body))
            << error_name(broker::code_of(body));
    }
    Report read(const std::vector<Period>& months) {
        return read_figures(bench.sqlite(), months, bench.now.wall).value();
    }
    // One day of a few admissions each: what is due then does not wait for the others.
    void month_of_admissions() {
        for (int i = 0; i < 13; ++i) admission(1, i < 12);
        for (int i = 0; i < 11; ++i) admission(2, false);
        for (int i = 0; i < 3; ++i) admission(4, false);
    }

    broker::EngineBench bench;
    AdmissionCase first{bench};
};

TEST_F(Read, CountsWhatWasCalledOfferedChosenAndAdmitted) {
    month_of_admissions();
    bench.idle(std::chrono::hours(24 * 12));
    const Report report = read({kSeptember});
    EXPECT_TRUE(report.notes.empty());
    const MonthFigure& called = figure(report, "called").months[0];
    EXPECT_TRUE(called.over);
    EXPECT_EQ(called.count, 27);
    EXPECT_EQ(cells(called), "stat 13, asap ?, urgent ?, waiting ?");
    EXPECT_EQ(figure(report, "offered").months[0].count, 27);
    EXPECT_EQ(figure(report, "chosen").months[0].count, 12);
    EXPECT_EQ(figure(report, "admitted").months[0].count, 12);
    EXPECT_EQ(figure(report, "declines").months[0].count, 27);
    const MonthFigure& answer = figure(report, "first-answer").months[0];
    EXPECT_EQ(answer.count, 27);
    EXPECT_EQ(answer.delay->median, 10);
    EXPECT_EQ(answer.delay->p90, 10);
    EXPECT_EQ(figure(report, "decision").months[0].delay->p90, 35);
}

TEST_F(Read, AMonthThatGoesOnHasTotalsAlone) {
    month_of_admissions();
    const Report report = read({kSeptember});
    EXPECT_EQ(figure(report, "called").months[0].count, 27);
    EXPECT_TRUE(figure(report, "called").months[0].cells.empty());
    EXPECT_FALSE(figure(report, "first-answer").months[0].delay.has_value());
}

// The envelopes of admissions are kept thirty days, what is counted of them longer.
TEST_F(Read, SaysTheSameWhenTheMessagesAreGone) {
    month_of_admissions();
    bench.idle(std::chrono::hours(24 * 12));
    const auto before = figure(read({kSeptember}), "first-answer");
    bench.idle(std::chrono::hours(24 * 120));
    EXPECT_GT(bench.count_leaves(Event::expired) + bench.count_leaves(Event::purged), 0);
    const auto after = figure(read({kSeptember}), "first-answer");
    EXPECT_EQ(after.months[0].count, before.months[0].count);
    EXPECT_EQ(after.months[0].delay->median, before.months[0].delay->median);
    EXPECT_EQ(cells(after.months[0]), cells(before.months[0]));
}

TEST_F(Read, CountsRequestsThatNobodyAnsweredOnceTheirClockEnds) {
    first.act(kOpener, "call");
    bench.idle(std::chrono::hours(5));
    EXPECT_EQ(first.state(), "overdue");
    EXPECT_EQ(figure(read({kSeptember}), "unanswered").months[0].count, 1);
    EXPECT_EQ(figure(read({kSeptember}), "first-answer").months[0].count, 0);
}

// Whoever signed, and what for, is in none of it.
TEST_F(Read, TheCourseOfAThreadNamesNobody) {
    admission(1, true);
    std::vector<History> histories;
    broker::StoreListing listing(bench.sqlite());
    ASSERT_TRUE(listing.begin().ok());
    ASSERT_TRUE(listing
                    .each_thread([&](const broker::StoredThread& thread) -> Result<void> {
                        histories.push_back(thread.history);
                        return {};
                    })
                    .ok());
    ASSERT_EQ(histories.size(), 1);
    ASSERT_EQ(histories[0].size(), 6);
    const Step& call = histories[0][0];
    EXPECT_EQ(call.trigger, Trigger::opened);
    EXPECT_EQ(call.called, 2);
    EXPECT_FALSE(call.party.has_value());
    EXPECT_EQ(histories[0][2].party, 1);
    EXPECT_EQ(histories[0][3].party, 0);
}

TEST_F(Read, AThreadKeepsItsFirstStepsAndNoMore) {
    accepted(first.act(kOpener, "call"));
    for (std::size_t i = 0; i < kStepsMax + 5; ++i) accepted(first.act(0, "ask"));
    EXPECT_EQ(first.stored()->history.size(), kStepsMax);
}

}  // namespace
}  // namespace relais::indicators
