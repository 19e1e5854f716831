// Threads that are opened to groups: who may act in them, and what is held back.
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

using test::circular;
using test::KindBuilder;

class Groups : public testing::Test {
protected:
    static Address group(const char* text) { return Address::parse_group(text).value(); }

    ActInput input(const char* act, const Address& from, std::vector<Address> to) {
        ActInput made{*kind.act(act), from, {}, {}, random.make<PersonId>(), random.make<Digest>()};
        for (Address& address : to) made.to.push_back({std::move(address)});
        return made;
    }
    ErrorCode opens(const char* act, std::vector<Address> to) {
        const ActInput opening = input(act, opener, std::move(to));
        teller = opening.by;
        auto outcome = open_thread(kind, random.make<ThreadId>(), opening, nullptr);
        if (outcome.ok()) thread = outcome->thread;
        return outcome.code();
    }
    ErrorCode does(ActInput act) {
        auto outcome = apply_act(kind, *thread, act, nullptr);
        if (!outcome.ok()) return outcome.code();
        thread = outcome->thread;
        last = shown(outcome->consequences);
        return ErrorCode::ok;
    }
    [[nodiscard]] const std::string& state() const {
        return kind.thread_states[thread->state].name;
    }

    test::SeededRandom random{9};
    Kind kind = circular().load().value();
    Address opener = test::address("cpts@indre");
    Address member = test::address("cabinet@indre");
    std::vector<Address> both = {group("#alertes.cpts@indre"), group("#garde.cpts@indre")};
    std::optional<Thread> thread;
    PersonId teller{};
    std::vector<std::string> last;
};

TEST_F(Groups, AThreadIsOpenedToGroupsAloneWhereItsActSaysSo) {
    EXPECT_EQ(opens("tell", {member}), ErrorCode::recipient_refused);
    EXPECT_EQ(opens("tell", {both[0], member}), ErrorCode::recipient_refused);
    EXPECT_EQ(opens("tell", {}), ErrorCode::recipient_refused);
    EXPECT_EQ(opens("tell", both), ErrorCode::ok);
    EXPECT_EQ(thread->groups, both);
    EXPECT_TRUE(thread->parties.empty());
    EXPECT_EQ(state(), "open");
    const Kind least = test::least_kind().load().value();
    const ActInput ask{0, opener, {{both[0]}}, {}, {}, {}};
    EXPECT_EQ(open_thread(least, random.make<ThreadId>(), ask, nullptr).code(),
              ErrorCode::recipient_refused)
        << "a group is no party";
}

TEST_F(Groups, MembersAnswerTheOpenerAndNobodyElseDoes) {
    ASSERT_EQ(opens("tell", both), ErrorCode::ok);
    ActInput answer = input("answer", member, {opener});
    EXPECT_EQ(does(answer), ErrorCode::recipient_refused) << "no member";
    answer.member = true;
    EXPECT_EQ(does(answer), ErrorCode::ok);
    ActInput to_group = input("answer", member, {both[0]});
    to_group.member = true;
    EXPECT_EQ(does(to_group), ErrorCode::recipient_refused);
    ActInput own = input("answer", opener, {opener});
    own.member = true;
    EXPECT_EQ(does(own), ErrorCode::recipient_refused) << "it asked";
    ActInput close = input("close", member, both);
    close.member = true;
    EXPECT_EQ(does(close), ErrorCode::recipient_refused);
}

TEST_F(Groups, WhatFollowsGoesToAllOfThem) {
    ASSERT_EQ(opens("tell", both), ErrorCode::ok);
    EXPECT_EQ(does(input("update", opener, {both[0]})), ErrorCode::recipient_refused);
    EXPECT_EQ(does(input("update", opener, {both[1], both[0]})), ErrorCode::recipient_refused);
    EXPECT_EQ(does(input("update", opener, {member})), ErrorCode::recipient_refused);
    EXPECT_EQ(does(input("update", opener, both)), ErrorCode::ok);
    EXPECT_EQ(does(input("close", opener, both)), ErrorCode::ok);
    EXPECT_EQ(state(), "closed");
}

TEST_F(Groups, ASecondPersonReleasesWhatIsHeld) {
    ASSERT_EQ(opens("tell-held", both), ErrorCode::ok);
    EXPECT_EQ(thread->groups_wait, Release::confirmed);
    ActInput alone = input("confirm", opener, both);
    alone.by = teller;
    EXPECT_EQ(does(alone), ErrorCode::act_refused) << "the same person twice";
    EXPECT_EQ(thread->groups_wait, Release::confirmed);
    EXPECT_EQ(does(input("confirm", opener, both)), ErrorCode::ok);
    EXPECT_EQ(state(), "open");
    EXPECT_EQ(thread->groups_wait, Release::at_once);
    EXPECT_EQ(last, (std::vector<std::string>{"stop 1", "released 4 to the groups"}));
}

TEST_F(Groups, OrTheClockDoes) {
    ASSERT_EQ(opens("tell-held", both), ErrorCode::ok);
    const auto ended = apply_clock_end(kind, *thread, 1, std::nullopt);
    ASSERT_TRUE(ended.ok());
    EXPECT_EQ(ended->thread.groups_wait, Release::at_once);
    EXPECT_EQ(shown(ended->consequences), (std::vector<std::string>{"released 4 to the groups"}));
}

TEST_F(Groups, WhatIsPossibleDependsOnMembership) {
    ASSERT_EQ(opens("tell", both), ErrorCode::ok);
    EXPECT_TRUE(possible_acts(kind, *thread, member).empty());
    EXPECT_EQ(possible_acts(kind, *thread, member, true),
              std::vector<ActIndex>{*kind.act("answer")});
    EXPECT_EQ(possible_acts(kind, *thread, opener),
              (std::vector<ActIndex>{*kind.act("update"), *kind.act("close")}));
}

TEST_F(Groups, DeclarationsThatCannotBeMeantAreRefused) {
    const auto changed = [](const std::function<void(KindBuilder&)>& change) {
        return said(circular(), change);
    };
    EXPECT_EQ(changed([](KindBuilder&) {}), "accepted");
    EXPECT_NE(
        changed([](KindBuilder& k) { k.bundle.acts[0]->recipients = fb::Recipients::parties; }),
        "accepted")
        << "parties without a state of theirs";
    EXPECT_NE(
        changed([](KindBuilder& k) { k.bundle.acts[3]->recipients = fb::Recipients::groups; }),
        "accepted")
        << "a member writes to the opener";
    EXPECT_NE(changed([](KindBuilder& k) {
                  for (const int act : {0, 1}) {
                      k.bundle.acts[static_cast<std::size_t>(act)]->recipients =
                          fb::Recipients::nobody;
                  }
              }),
              "accepted")
        << "nothing is opened to groups";
    EXPECT_NE(changed([](KindBuilder& k) { k.bundle.rows[2]->guards[0]->acts = {40}; }),
              "accepted");
}

}  // namespace
}  // namespace relais::workflow
