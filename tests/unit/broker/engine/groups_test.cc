// Posts to groups: who gets what, who may post, what those who come and go see of it, and what is
// held back until a second person confirms.
#include "broker/store/listing.h"
#include "tests/support/kinds.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

constexpr const char* kGroup = "#veille.cpts-indre@indre";
constexpr const char* kCpts = "cpts-indre@indre";
constexpr const char* kPharmacy = "comptoir.pharmacie@indre";

std::shared_ptr<test::SmallTerritory> with_circular() {
    auto made = std::make_shared<test::SmallTerritory>(std::vector<std::string>{"circular"});
    const auto kind = test::circular().load().value();
    made->publish_kind(made->cpts, "circular", 1, kind.digest);
    return made;
}

class GroupPosts : public testing::Test {
protected:
    explicit GroupPosts(const SubmissionLimits& limits = {})
        : bench({.limits = limits, .settled = false, .territory = with_circular()}),
          pharmacy(t().admit_organisation("pharmacie", directory::OrganisationKind::practice)),
          counter(t().add_unit(pharmacy, "comptoir", {"circular"})),
          director(t().add_person(t().cpts, {.profession = "director"})) {
        t().add_epoch(pharmacy, "comptoir");
        t().append("cpts-indre", *t().cpts.authority,
                   directory::Group{test::name("veille"), "Veille", {"circular"}});
        directory::Station post = t().cpts_station.station;
        post.persons.push_back(director.id);
        t().append("cpts-indre", *t().cpts.authority, post);
        joins({kGeriatrics, kCardiology, kPractice, kPharmacy});
        bench.step(together(bench.operator_input(wire::PublishBundle{test::circular().bytes()})));
        bench.publish_directory();
        cpts = bench.connect(t().cpts_station);
        geriatrics = bench.connect(t().geriatrics_station);
    }

    test::SmallTerritory& t() { return bench.territory; }
    void joins(const std::vector<std::string>& mailboxes) { changes(mailboxes, {}); }
    void leaves(const std::vector<std::string>& mailboxes) { changes({}, mailboxes); }
    void changes(const std::vector<std::string>& added, const std::vector<std::string>& removed) {
        directory::Membership membership{group};
        for (const auto& each : added) membership.added.push_back(test::address(each));
        for (const auto& each : removed) membership.removed.push_back(test::address(each));
        t().append("cpts-indre", *t().cpts.authority, std::move(membership));
    }
    [[nodiscard]] std::vector<Address> readers(const Header& header) {
        return workflow::group_readers(t().state(), kind, header);
    }

    Header post(const char* act = "tell", std::optional<ThreadId> thread = std::nullopt) {
        return bench.header(cpts, {.from = kCpts,
                                   .to = {kGroup},
                                   .act = act,
                                   .kind = kind.digest,
                                   .by = t().coordinator.id,
                                   .thread = thread});
    }
    ErrorCode send(const Header& header, const std::vector<Address>& to,
                   Release release = Release::at_once) {
        return code_of(
            bench.ask(cpts, wire::Submit{bench.envelope(header, t().coordinator, release, to)}));
    }
    ErrorCode send(const Header& header) { return send(header, readers(header)); }
    std::size_t envelopes_in(const std::string& mailbox) {
        const auto log = bench.log_of(mailbox);
        return static_cast<std::size_t>(std::ranges::count_if(log, [](const LogRecord& record) {
            return std::holds_alternative<EnvelopeRef>(record);
        }));
    }

    // An act of the CPTS to the group, by the director.
    ErrorCode director_does(const char* act, const ThreadId& thread) {
        Header header = post(act, thread);
        header.by = director.id;
        return code_of(bench.ask(cpts, wire::Submit{bench.envelope(
                                           header, director, Release::at_once, readers(header))}));
    }
    [[nodiscard]] std::string state_of(const Header& told) {
        return kind.thread_states[bench.sqlite().thread(told.thread).value()->thread.state].name;
    }

    ErrorCode geriatrics_answers(const Header& told) {
        const Header header = bench.header(geriatrics, {.from = kGeriatrics,
                                                        .to = {kCpts},
                                                        .act = "answer",
                                                        .kind = kind.digest,
                                                        .by = t().geriatrician.id,
                                                        .thread = told.thread});
        return code_of(
            bench.ask(geriatrics, wire::Submit{bench.envelope(header, t().geriatrician)}));
    }
    [[nodiscard]] indicators::History course_of(const Header& told) {
        indicators::History course;
        StoreListing listing(bench.sqlite());
        EXPECT_TRUE(listing.begin().ok());
        EXPECT_TRUE(listing
                        .each_thread([&](const StoredThread& thread) -> Result<void> {
                            if (thread.thread.id == told.thread) course = thread.history;
                            return {};
                        })
                        .ok());
        return course;
    }

    EngineBench bench;
    workflow::Kind kind = test::circular().load().value();
    Address group = Address::parse_group(kGroup).value();
    test::TestOrganisation pharmacy;
    test::TestUnit counter;
    test::TestPerson director;
    SessionId cpts = 0;
    SessionId geriatrics = 0;
};

TEST_F(GroupPosts, GoOnceToEveryMemberThatTakesTheKind) {
    const Header told = post();
    EXPECT_EQ(readers(told),
              (std::vector<Address>{test::address(kCardiology), test::address(kPharmacy),
                                    test::address(kGeriatrics)}))
        << "the practice declares no service that takes it";
    ASSERT_EQ(send(told), ErrorCode::ok);
    for (const char* mailbox : {kGeriatrics, kCardiology, kPharmacy, kCpts}) {
        EXPECT_EQ(envelopes_in(mailbox), 1u) << mailbox;
    }
    EXPECT_TRUE(bench.log_of(kPractice).empty());
    EXPECT_EQ(bench.leaves().back().count, 3u);
}

TEST_F(GroupPosts, AMemberReadsItsOwnBoxAndNoOther) {
    ASSERT_EQ(send(post()), ErrorCode::ok);
    bench.attach(geriatrics, kGeriatrics);
    const auto deliveries = bench.take_deliveries(geriatrics);
    ASSERT_EQ(deliveries.size(), 1u);
    const auto* entry = entry_of<EnvelopeEntry>(deliveries[0]);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->box.mailbox, test::address(kGeriatrics));
    EXPECT_EQ(entry->box.position, 3u);
}

TEST_F(GroupPosts, TheBoxesAreThoseOfTheMembersAtTheSendersHead) {
    const Header told = post();
    auto fewer = readers(told);
    fewer.pop_back();
    EXPECT_EQ(send(told, fewer), ErrorCode::boxes_mismatch);
    auto more = readers(told);
    more.push_back(test::address(kPractice));
    std::ranges::sort(more);
    EXPECT_EQ(send(post(), more), ErrorCode::boxes_mismatch) << "a member, but it takes no such";
    auto other = readers(told);
    other[0] = test::address("cardiologie-2.ch-valmont@indre");
    EXPECT_EQ(send(post(), other), ErrorCode::boxes_mismatch);
}

TEST_F(GroupPosts, WhoHasLeftBeforeItIsAcceptedGetsNothing) {
    const Header told = post();
    const auto to = readers(told);
    leaves({kGeriatrics});
    bench.publish_directory();
    ASSERT_EQ(send(told, to), ErrorCode::ok) << "the sender could not know";
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty());
    EXPECT_EQ(envelopes_in(kCardiology), 1u);
}

TEST_F(GroupPosts, WhoComesLaterReadsWhatComesAfter) {
    leaves({kGeriatrics});
    bench.publish_directory();
    const Header told = post();
    ASSERT_EQ(send(told), ErrorCode::ok);
    joins({kGeriatrics});
    bench.publish_directory();
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty());
    const Header update = post("update", told.thread);
    ASSERT_EQ(send(update), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kGeriatrics), 1u);
}

TEST_F(GroupPosts, OnlyThoseMayPostWhomTheGroupNames) {
    const auto by_ward = [&] {
        const Header header = bench.header(geriatrics, {.from = kGeriatrics,
                                                        .to = {kGroup},
                                                        .act = "tell",
                                                        .kind = kind.digest,
                                                        .by = t().geriatrician.id});
        return code_of(
            bench.ask(geriatrics, wire::Submit{bench.envelope(header, t().geriatrician,
                                                              Release::at_once, readers(header))}));
    };
    const auto declare = [&](directory::Posting posting, std::vector<Address> posters,
                             const std::string& takes) {
        t().append(
            "cpts-indre", *t().cpts.authority,
            directory::Group{test::name("veille"), "Veille", {takes}, posting, std::move(posters)});
        bench.publish_directory();
    };
    EXPECT_EQ(by_ward(), ErrorCode::recipient_refused);
    declare(directory::Posting::members, {}, "circular");
    EXPECT_EQ(by_ward(), ErrorCode::ok);
    declare(directory::Posting::owner, {test::address(kGeriatrics)}, "circular");
    EXPECT_EQ(by_ward(), ErrorCode::ok);
    declare(directory::Posting::owner, {test::address(kCardiology)}, "circular");
    EXPECT_EQ(by_ward(), ErrorCode::recipient_refused);
    declare(directory::Posting::members, {}, "note");
    EXPECT_EQ(by_ward(), ErrorCode::recipient_refused) << "not for this kind";
}

// A second group, which the hospital keeps and to which it lets the CPTS post.
class TwoGroups : public GroupPosts {
protected:
    TwoGroups() {
        leaves({kCardiology});
        declare({"circular"}, {test::address(kCpts)});
        by_hospital(directory::Membership{second, {test::address(kCardiology)}});
        bench.publish_directory();
    }
    void by_hospital(directory::EntryBody body) {
        t().append("ch-valmont", *t().hospital.authority, std::move(body));
    }
    void declare(std::vector<std::string> kinds, std::vector<Address> posters) {
        by_hospital(directory::Group{test::name("gardes"), "Gardes", std::move(kinds),
                                     directory::Posting::owner, std::move(posters)});
    }
    Header to_both(const char* act, std::optional<ThreadId> of = std::nullopt) {
        return bench.header(cpts, {.from = kCpts,
                                   .to = {kGroup, second.text()},
                                   .act = act,
                                   .kind = kind.digest,
                                   .by = t().coordinator.id,
                                   .thread = of});
    }
    // Who opened it goes on with it and ends it; no other is opened.
    void expect_lifted(const Header& told, std::size_t to_cardiology, ErrorCode another) {
        bench.publish_directory();
        EXPECT_EQ(send(to_both("tell")), another);
        EXPECT_EQ(send(to_both("update", told.thread)), ErrorCode::ok);
        EXPECT_EQ(send(to_both("close", told.thread)), ErrorCode::ok);
        EXPECT_EQ(state_of(told), "closed");
        EXPECT_EQ(envelopes_in(kGeriatrics), 3u);
        EXPECT_EQ(envelopes_in(kCardiology), 1 + to_cardiology);
    }
    Address second = Address::parse_group("#gardes.ch-valmont@indre").value();
};

TEST_F(TwoGroups, WhatWasOpenedIsLiftedToTheOthersWhereOneIsNoMore) {
    const Header told = to_both("tell");
    ASSERT_EQ(send(told), ErrorCode::ok);
    ASSERT_EQ(envelopes_in(kCardiology), 1u);
    by_hospital(directory::Revocation{
        directory::RevokedObject::group, {}, "gardes", directory::RevocationReason::other});
    expect_lifted(told, 0, ErrorCode::unknown_recipient);
}

TEST_F(TwoGroups, WhatWasOpenedIsLiftedToOneThatTakesTheKindNoMore) {
    const Header told = to_both("tell");
    ASSERT_EQ(send(told), ErrorCode::ok);
    declare({"note"}, {test::address(kCpts)});
    expect_lifted(told, 2, ErrorCode::recipient_refused);
}

TEST_F(TwoGroups, WhatWasOpenedIsLiftedByOneWhoMayPostNoMore) {
    const Header told = to_both("tell");
    ASSERT_EQ(send(told), ErrorCode::ok);
    declare({"circular"}, {});
    expect_lifted(told, 2, ErrorCode::recipient_refused);
}

TEST_F(GroupPosts, MembersAnswerAndWhoIsNoneDoesNot) {
    const Header told = post();
    ASSERT_EQ(send(told), ErrorCode::ok);
    EXPECT_EQ(geriatrics_answers(told), ErrorCode::ok);
    leaves({kGeriatrics});
    bench.publish_directory();
    EXPECT_EQ(geriatrics_answers(told), ErrorCode::recipient_refused);
    EXPECT_EQ(envelopes_in(kCpts), 2u);
}

// What figures are counted from.
TEST_F(GroupPosts, TheCourseSaysHowManyWereReachedAndWhatEachMemberDid) {
    const Header told = post();
    const auto to = readers(told);
    leaves({kCardiology});
    bench.publish_directory();
    ASSERT_EQ(send(told, to), ErrorCode::ok);
    for (std::size_t i = 0; i < indicators::kStepsMax + 3; ++i) {
        ASSERT_EQ(geriatrics_answers(told), ErrorCode::ok);
    }
    EXPECT_EQ(bench.sqlite().thread(told.thread).value()->history.size(), 1u);
    ASSERT_EQ(send(post("close", told.thread)), ErrorCode::ok);
    const indicators::History course = course_of(told);
    const ChannelId ward = bench.sqlite().channels().value().at(test::address(kGeriatrics));
    ASSERT_EQ(course.size(), 2 + indicators::kMemberStepsMax);
    EXPECT_EQ(course[0].trigger, indicators::Trigger::opened);
    EXPECT_EQ(course[0].called, 2) << "one had left";
    for (std::size_t i = 1; i + 1 < course.size(); ++i) {
        EXPECT_EQ(course[i].member, ward);
        EXPECT_EQ(course[i].index, kind.act("answer"));
        EXPECT_FALSE(course[i].party.has_value());
    }
    EXPECT_EQ(course.back().index, kind.act("close")) << "not crowded out";
    EXPECT_FALSE(course.back().member.has_value());
}

TEST_F(GroupPosts, CountersOfAGroupRiseLikeAnyOther) {
    Header told = post();
    ASSERT_EQ(send(told), ErrorCode::ok);
    Header again = post();
    again.to[0].counter = told.to[0].counter;
    EXPECT_EQ(send(again), ErrorCode::counter_reused);
    bench.restart();
    cpts = bench.connect(t().cpts_station);
    again.id = make_uuid_v7<MessageId>(bench.random, test::kTestTime);
    EXPECT_EQ(send(again), ErrorCode::counter_reused) << "also after a restart";
    again.id = make_uuid_v7<MessageId>(bench.random, test::kTestTime);
    ++again.to[0].counter;
    EXPECT_EQ(send(again), ErrorCode::ok);
}

TEST_F(GroupPosts, TheEndOfAClockIsToldToThoseWhoAreMembersStill) {
    const Header told = post();
    ASSERT_EQ(send(told), ErrorCode::ok);
    leaves({kCardiology});
    bench.publish_directory();
    const Header closed = post();
    ASSERT_EQ(send(closed), ErrorCode::ok);
    ASSERT_EQ(send(post("close", closed.thread)), ErrorCode::ok);
    bench.idle(std::chrono::hours(24 * 29));
    EXPECT_TRUE(bench.notices_of(kGeriatrics, NoticeKind::ended).empty())
        << "an act to the groups closed it: that is what they see";
    bench.idle(std::chrono::hours(24 * 2));
    EXPECT_EQ(state_of(told), "expired");
    ASSERT_EQ(bench.notices_of(kGeriatrics, NoticeKind::ended).size(), 1u);
    EXPECT_EQ(bench.notices_of(kGeriatrics, NoticeKind::ended)[0].thread, told.thread);
    EXPECT_TRUE(bench.notices_of(kCardiology, NoticeKind::ended).empty());
    EXPECT_EQ(bench.notices_of(kCpts, NoticeKind::ended).size(), 1u);
}

class SmallMailboxes : public GroupPosts {
protected:
    SmallMailboxes() : GroupPosts({.undelivered_max = 1}) {}
};

TEST_F(SmallMailboxes, AFullOneKeepsNothingFromTheOthers) {
    ASSERT_EQ(send(post()), ErrorCode::ok);
    ASSERT_EQ(send(post()), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kGeriatrics), 2u);
    const Header alone = bench.header(cpts, {.from = kCpts,
                                             .to = {kGeriatrics},
                                             .act = "tell",
                                             .kind = kind.digest,
                                             .by = t().coordinator.id});
    EXPECT_NE(send(alone, {}), ErrorCode::ok) << "it is full, and no group";
}

class HeldPosts : public GroupPosts {
protected:
    HeldPosts() : told(post("tell-held")) {
        EXPECT_EQ(send(told, readers(told), Release::confirmed), ErrorCode::ok);
    }
    [[nodiscard]] std::size_t notices(const char* mailbox, NoticeKind kind_of) {
        return bench.notices_of(mailbox, kind_of).size();
    }
    Header told;
};

TEST_F(HeldPosts, NobodyHasThemBeforeASecondPersonSigns) {
    EXPECT_EQ(envelopes_in(kCpts), 1u) << "the sender's own copy";
    for (const char* each : {kGeriatrics, kCardiology, kPharmacy}) {
        EXPECT_TRUE(bench.log_of(each).empty()) << each;
    }
    EXPECT_EQ(send(post("confirm", told.thread)), ErrorCode::act_refused) << "who told it";
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty());
    ASSERT_EQ(director_does("confirm", told.thread), ErrorCode::ok);
    EXPECT_EQ(state_of(told), "open");
    for (const char* each : {kGeriatrics, kCardiology, kPharmacy}) {
        EXPECT_EQ(envelopes_in(each), 2u) << each << ": what was told, and who confirmed";
        EXPECT_EQ(notices(each, NoticeKind::overdue), 0u);
    }
    EXPECT_EQ(bench.count_leaves(Event::released), 3u);
    bench.idle(std::chrono::hours(1));
    EXPECT_EQ(envelopes_in(kGeriatrics), 2u) << "the clock is stopped";
}

TEST_F(HeldPosts, AfterTenMinutesTheyGoOutAndANoticeSaysWhy) {
    bench.idle(std::chrono::minutes(10) - Milliseconds(1));
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty());
    bench.idle(Milliseconds(1));
    EXPECT_EQ(state_of(told), "open");
    for (const char* each : {kGeriatrics, kCardiology, kPharmacy}) {
        EXPECT_EQ(envelopes_in(each), 1u);
        ASSERT_EQ(notices(each, NoticeKind::overdue), 1u);
        EXPECT_EQ(bench.notices_of(each, NoticeKind::overdue)[0].clock, "second");
    }
    EXPECT_EQ(director_does("confirm", told.thread), ErrorCode::act_refused)
        << "too late, by the clock and not by anybody's act";
}

TEST_F(HeldPosts, WhatComesAfterWaitsWithThem) {
    ASSERT_EQ(send(post("update", told.thread)), ErrorCode::ok);
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty());
    ASSERT_EQ(director_does("confirm", told.thread), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kGeriatrics), 3u);
}

TEST_F(HeldPosts, WhoLeavesMeanwhileGetsNothing) {
    leaves({kGeriatrics});
    bench.publish_directory();
    bench.idle(std::chrono::minutes(10));
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty());
    EXPECT_EQ(envelopes_in(kCardiology), 1u);
    EXPECT_EQ(bench.count_leaves(Event::released), 2u);
}

TEST_F(HeldPosts, WhatIsClosedBeforeIsNeverShown) {
    ASSERT_EQ(send(post("close", told.thread)), ErrorCode::ok);
    bench.idle(std::chrono::hours(1));
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty()) << "nor that it was closed";
    for (const indicators::Step& step : course_of(told)) EXPECT_EQ(step.called, 0);
}

TEST_F(HeldPosts, HaveReachedNobodyBeforeTheyAreReleased) {
    const Header other = post("tell-held");
    ASSERT_EQ(send(other, readers(other), Release::confirmed), ErrorCode::ok);
    ASSERT_EQ(director_does("confirm", told.thread), ErrorCode::ok);
    leaves({kGeriatrics});
    bench.publish_directory();
    bench.idle(std::chrono::minutes(10));
    for (const auto& [header, called] : {std::pair(told, 3), std::pair(other, 2)}) {
        const indicators::History course = course_of(header);
        ASSERT_EQ(course.size(), 2u);
        EXPECT_EQ(course[0].called, 0);
        EXPECT_EQ(course[1].called, called);
    }
}

TEST_F(HeldPosts, SurviveARestart) {
    bench.restart();
    bench.idle(std::chrono::minutes(10));
    EXPECT_EQ(envelopes_in(kGeriatrics), 1u);
}

}  // namespace
}  // namespace relais::broker
