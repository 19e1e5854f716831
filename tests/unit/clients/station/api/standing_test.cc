// Where a case stands, as one mailbox can know it: the delays that run, measured as the broker
// measures them, and what is held back of one's own acts.
#include <gtest/gtest.h>

#include <map>

#include "clients/station/api/thread_replay.h"
#include "schemas/compiler/compiler.h"
#include "tests/support/envelopes.h"
#include "tests/support/printers.h"
#include "tests/support/small_territory.h"

namespace relais::station {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kUrgency = 1;
constexpr std::int64_t kBed = 3;
constexpr std::int64_t kHold = 9;
constexpr std::int64_t kStat = 1;
constexpr std::int64_t kOneHour = 2;
constexpr std::int64_t kTwoHours = 3;

struct Sent {
    std::string act;
    Address from;
    std::vector<Recipient> to;
    std::vector<PublicField> publics{};
    seconds at{};
    seconds respond_within{};
};

// One thread of an admission, replayed by several mailboxes.
class Standing : public testing::Test {
protected:
    Standing()
        : kind_(std::make_shared<LoadedKind>(
              load_kind(
                  compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/admission").value())
                  .value())),
          thread_(territory_.random().make<ThreadId>()) {}

    ThreadReplay& seen_by(const Address& mailbox) {
        return seen_.try_emplace(mailbox.text(), territory_.state(), thread_, mailbox)
            .first->second;
    }
    static WallTime at(seconds after) { return test::kTestTime + after; }

    // Whoever is among `seers` sees it. Its digest.
    Digest see(const Sent& sent, const std::vector<Address>& seers) {
        Header header =
            test::make_header({.act = sent.act, .publics = sent.publics}, territory_.random());
        header.thread = thread_;
        header.from = sent.from;
        header.to = sent.to;
        header.respond_within = sent.respond_within;
        header.by = sent.from == practice_ ? territory_.doctor.id : territory_.geriatrician.id;
        const Digest digest = territory_.random().make<Digest>();
        const auto act = kind_->kind.act(sent.act);
        for (const Address& seer : seers) {
            seen_by(seer).act({.header = header,
                               .digest = digest,
                               .kind = kind_,
                               .act = act.value(),
                               .form = {},
                               .warnings = {},
                               .accepted = {at(sent.at), territory_.state().size(), {}, {}},
                               .old_epoch = false});
        }
        return digest;
    }
    Digest call(const std::string& act = "call", seconds respond_within = {}) {
        std::vector<Recipient> to = {{geriatrics_, 1}, {cardiology_, 1}};
        if (fallback_) to.push_back({on_call_, 1, relais::Standing::fallback});
        return see({.act = act,
                    .from = practice_,
                    .to = to,
                    .publics = {{kUrgency, kStat}},
                    .respond_within = respond_within},
                   {practice_, geriatrics_, cardiology_});
    }
    void offer(const Address& ward, std::int64_t hold, seconds when) {
        see({.act = "offer",
             .from = ward,
             .to = {{practice_, 1}},
             .publics = {{kBed, 1}, {kHold, hold}},
             .at = when},
            {practice_, ward});
    }
    void hear(const Address& mailbox, NoticeKind what, const std::string& clock,
              const std::string& state, seconds when, const std::string& about = {}) {
        Notice notice{.kind = what, .time = at(when), .thread = thread_};
        notice.clock = clock;
        notice.state = state;
        notice.mailbox = about;
        seen_by(mailbox).turn(notice);
    }
    // By the clock's name, with whose it is where it is a party's.
    std::map<std::string, WallTime> deadlines(const Address& mailbox) {
        std::map<std::string, WallTime> ends;
        for (const Deadline& each : seen_by(mailbox).deadlines()) {
            ends[each.clock + (each.mailbox ? " " + each.mailbox->text() : "")] = each.end;
        }
        return ends;
    }
    [[nodiscard]] std::string hold_of(const Address& ward) const { return "hold " + ward.text(); }

    test::SmallTerritory territory_;
    std::shared_ptr<const LoadedKind> kind_;
    ThreadId thread_;
    bool fallback_ = false;
    const Address practice_ = test::address("cabinet@indre");
    const Address geriatrics_ = test::address("geriatrie.ch-valmont@indre");
    const Address cardiology_ = test::address("cardiologie.ch-valmont@indre");
    const Address on_call_ = test::address("ch-valmont@indre");

private:
    std::map<std::string, ThreadReplay> seen_;
};

// As a broker can show it that signs a notice and quotes an act which others did elsewhere: the
// states of one kind are places in its own table alone.
TEST_F(Standing, AnActOfAnotherKindChangesNothing) {
    const auto liaison = std::make_shared<LoadedKind>(
        load_kind(compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/liaison").value())
            .value());
    call();
    ThreadReplay& replay = seen_by(practice_);
    const workflow::Thread before = *replay.state();
    for (workflow::ActIndex act = 0; act < liaison->kind.acts.size(); ++act) {
        Header header = test::make_header({}, territory_.random());
        header.thread = thread_;
        header.kind = liaison->kind.digest;
        header.act = liaison->kind.acts[act].name;
        header.from = practice_;
        replay.act({.header = header,
                    .digest = territory_.random().make<Digest>(),
                    .kind = liaison,
                    .act = act,
                    .form = {},
                    .warnings = {},
                    .accepted = {at(minutes(1)), territory_.state().size(), {}, {}},
                    .old_epoch = false});
        EXPECT_EQ(replay.state()->state, before.state) << header.act;
        EXPECT_EQ(replay.state()->parties.size(), before.parties.size());
        EXPECT_EQ(replay.kind(), kind_);
    }
    const auto deadlines = replay.deadlines();
    EXPECT_FALSE(deadlines.empty());
}

TEST_F(Standing, TheDelayIsTheOneOfTheUrgencyOrOfTheHeader) {
    call();
    EXPECT_EQ(deadlines(practice_).at("answer"), at(hours(4)));
    EXPECT_EQ(seen_by(practice_).deadlines().front().label, "Délai de réponse");
}

TEST_F(Standing, TheHeaderMayAskForAnotherDelay) {
    call("call", minutes(30));
    EXPECT_EQ(deadlines(practice_).at("answer"), at(minutes(30)));
    EXPECT_EQ(deadlines(geriatrics_).at("answer"), at(minutes(30)));
}

TEST_F(Standing, APlaceIsHeldAsLongAsItsOfferSaysAndOtherWardsDoNotLearnOfIt) {
    call();
    offer(geriatrics_, kOneHour, minutes(5));
    EXPECT_EQ(deadlines(practice_).at(hold_of(geriatrics_)), at(minutes(65)));
    EXPECT_EQ(deadlines(geriatrics_).at(hold_of(geriatrics_)), at(minutes(65)));
    EXPECT_FALSE(deadlines(cardiology_).contains(hold_of(geriatrics_)));
}

TEST_F(Standing, OneThatStandsByIsHeldFromItsPromotionAsItsOwnOfferSaid) {
    call();
    offer(geriatrics_, kOneHour, minutes(5));
    offer(cardiology_, kTwoHours, minutes(6));
    hear(cardiology_, NoticeKind::placed, "", "standby", minutes(6), cardiology_.text());
    EXPECT_FALSE(deadlines(practice_).contains(hold_of(cardiology_)));
    EXPECT_FALSE(deadlines(cardiology_).contains(hold_of(cardiology_)));
    hear(practice_, NoticeKind::overdue, "hold", "called", minutes(65));
    hear(cardiology_, NoticeKind::promoted, "", "called", minutes(65), cardiology_.text());
    EXPECT_EQ(deadlines(practice_).at(hold_of(cardiology_)), at(minutes(65 + 120)));
    EXPECT_EQ(deadlines(cardiology_).at(hold_of(cardiology_)), at(minutes(65 + 120)));
    EXPECT_FALSE(deadlines(practice_).contains(hold_of(geriatrics_)));
    EXPECT_EQ(deadlines(practice_).at("after-lapse"), at(minutes(75)));
}

TEST_F(Standing, ADelayThatAnActNotSeenMayStopIsLeftOut) {
    call();
    EXPECT_TRUE(deadlines(geriatrics_).contains("answer"));
    // A choice would tell a ward that is still asked, and not one that has declined.
    see({.act = "decline",
         .from = geriatrics_,
         .to = {{practice_, 1}},
         .publics = {{2, 1}},
         .at = minutes(5)},
        {practice_, geriatrics_});
    EXPECT_FALSE(deadlines(geriatrics_).contains("answer"));
    EXPECT_TRUE(deadlines(practice_).contains("answer"));
}

TEST_F(Standing, ATurnCountsTheHoursOfItsOwnWard) {
    directory::Unit unit = territory_.geriatrics.unit;
    // Closed but for an hour before midnight, in UTC.
    unit.hours = {"Etc/UTC", calendar::Holidays::none, {{0x7F, 23 * 60, 24 * 60}}};
    territory_.append(territory_.hospital.name.text(), *territory_.hospital.authority, unit);
    call("call-in-turn");
    const auto day = test::kTestTime.ms / 86'400'000;
    const WallTime end{(day * 24 + 23) * 3'600'000 + 15 * 60'000};
    EXPECT_EQ(deadlines(practice_).at("turn " + geriatrics_.text()), end);
}

TEST_F(Standing, WhoseTurnItBecomesKnowsUntilWhen) {
    call("call-in-turn");
    EXPECT_FALSE(deadlines(cardiology_).contains("turn " + geriatrics_.text()));
    hear(practice_, NoticeKind::overdue, "turn", "in-turn", minutes(15));
    hear(cardiology_, NoticeKind::promoted, "", "in-turn", minutes(15), cardiology_.text());
    EXPECT_EQ(deadlines(practice_).at("turn " + cardiology_.text()), at(minutes(30)));
    EXPECT_EQ(deadlines(cardiology_).at("turn " + cardiology_.text()), at(minutes(30)));
}

TEST_F(Standing, NothingRunsInACaseThatIsOver) {
    call();
    hear(practice_, NoticeKind::ended, "", "cancelled", minutes(5));
    EXPECT_TRUE(deadlines(practice_).empty());
}

TEST_F(Standing, ARecordIsHeldForEachUntilItIsChosenAndForTheOthersForGood) {
    call();
    const Digest record =
        see({.act = "deposit", .from = practice_, .to = {{geriatrics_, 2}, {cardiology_, 2}}},
            {practice_});
    const auto held = [&](const Address& ward) { return seen_by(practice_).held(record, ward); };
    EXPECT_EQ(held(geriatrics_), (Held{Release::chosen, std::nullopt, false}));
    offer(geriatrics_, kOneHour, minutes(5));
    see({.act = "choose", .from = practice_, .to = {{geriatrics_, 3}}, .at = minutes(6)},
        {practice_});
    EXPECT_EQ(held(geriatrics_), std::nullopt);
    EXPECT_EQ(held(cardiology_), (Held{Release::chosen, std::nullopt, true}));
}

TEST_F(Standing, AFallbackIsHeldUntilTheDelayIsOverAndForGoodOnceAWardIsChosen) {
    fallback_ = true;
    const Digest asked = call();
    EXPECT_EQ(seen_by(practice_).held(asked, geriatrics_), std::nullopt);
    EXPECT_EQ(seen_by(practice_).held(asked, on_call_),
              (Held{Release::overdue, at(hours(4)), false}));
    offer(geriatrics_, kOneHour, minutes(5));
    see({.act = "choose", .from = practice_, .to = {{geriatrics_, 3}}, .at = minutes(6)},
        {practice_});
    EXPECT_EQ(seen_by(practice_).held(asked, on_call_),
              (Held{Release::overdue, std::nullopt, true}));
}

TEST_F(Standing, AFallbackThatIsCalledInIsHeldNoLonger) {
    fallback_ = true;
    const Digest asked = call();
    hear(practice_, NoticeKind::overdue, "answer", "overdue", hours(4));
    EXPECT_EQ(seen_by(practice_).held(asked, on_call_), std::nullopt);
}

TEST_F(Standing, ALaterTurnIsHeldUntilItComes) {
    const Digest asked = call("call-in-turn");
    const auto held = [&](const Address& ward) { return seen_by(practice_).held(asked, ward); };
    EXPECT_EQ(held(geriatrics_), std::nullopt);
    ASSERT_TRUE(held(cardiology_));
    EXPECT_EQ(held(cardiology_)->until, Release::turn);
    EXPECT_FALSE(held(cardiology_)->over);
    hear(practice_, NoticeKind::overdue, "turn", "in-turn", minutes(15));
    EXPECT_EQ(held(cardiology_), std::nullopt);
}

}  // namespace
}  // namespace relais::station
