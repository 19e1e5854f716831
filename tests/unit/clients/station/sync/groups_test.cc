// What a member's station makes of posts to its groups: which it opens, which it refuses, and what
// it notices when one does not come.
#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "clients/station/sync/gaps.h"
#include "core/crypto/sha256.h"
#include "tests/support/kinds.h"
#include "tests/unit/clients/station/sync/fixture.h"

namespace relais::station {
namespace {

class GroupPosts : public World {
protected:
    GroupPosts() {
        const Bytes bundle = test::circular().bytes();
        kind_ = sha256(bundle);
        territory_.publish_kind(territory_.cpts, "circular", 1, kind_);
        by_hospital(directory::Unit{
            test::name("geriatrie"), "Gériatrie", "", "", {"admission", "circular"}});
        by_cpts(directory::Group{test::name("veille"), "Veille", {"circular"}});
        joins(true);
        store_->add_bundle(kind_, bundle).value();
    }
    void by_cpts(directory::EntryBody body) {
        territory_.append("cpts-indre", *territory_.cpts.authority, std::move(body));
        catch_up();
    }
    void by_hospital(directory::EntryBody body) {
        territory_.append("ch-valmont", *territory_.hospital.authority, std::move(body));
    }
    void joins(bool member) {
        directory::Membership membership{group_};
        (member ? membership.added : membership.removed) = {ward_};
        by_cpts(std::move(membership));
    }
    // A post of the CPTS, as the broker delivers it to the ward.
    struct Post {
        std::uint64_t counter = 1;
        DirectoryHead head;
        const char* act = "tell";
        std::optional<ThreadId> thread{};
        Release release = Release::at_once;
        std::vector<std::string> others{};  // groups that it is posted to besides
    };
    EnvelopeEntry post(const Post& draft) {
        auto& random = territory_.random();
        const seal::PaddedContent content = seal::pad_content({}, random).value();
        std::vector<std::string> to = {group_.text()};
        to.insert(to.end(), draft.others.begin(), draft.others.end());
        Header header = test::make_header({.from = "cpts-indre@indre",
                                           .to = std::move(to),
                                           .act = draft.act,
                                           .kind = kind_,
                                           .by = territory_.coordinator.id,
                                           .station = territory_.cpts_station.id,
                                           .thread = draft.thread,
                                           .head = draft.head,
                                           .counter = draft.counter},
                                          random);
        header.content_bytes = static_cast<std::uint32_t>(content.bytes.size());
        header.content_digest = content.digest;
        SignedHeader signed_header = test::sign_header(header, *territory_.coordinator.key);
        const Digest digest = header_digest(signed_header.bytes);
        const Secret key = seal::make_content_key(random);
        Bytes sealed = seal::encrypt_content(key, digest, content.bytes);
        KeyBox box = seal::seal_box(key, digest, 1, ward_, {2},
                                    epochs_.at({ward_.text(), 2})->public_key(), draft.release)
                         .value();
        box.mailbox = ward_;
        return {std::move(signed_header),
                std::move(sealed),
                std::move(box),
                {test::kTestTime, territory_.state().size(), {7}, {}},
                false};
    }
    EnvelopeEntry post(std::uint64_t counter) {
        return post({.counter = counter, .head = replica_->head()});
    }
    // What the station keeps of it, as after Judge::receive.
    ErrorCode kept(const EnvelopeEntry& entry) {
        const wire::Delivery delivered = delivery(entry);
        const ErrorCode verdict = judge_->receive(delivered).value();
        const Header header = parse_header(entry.header.bytes).value();
        store_
            ->add_entry({.delivery = delivered,
                         .digest = entry_digest(delivered.entry),
                         .thread = header.thread,
                         .message = header.id,
                         .status = verdict})
            .value();
        return verdict;
    }
    std::size_t gaps_seen() { return gaps(*store_).value().size(); }

    Digest kind_;
    Address group_ = Address::parse_group("#veille.cpts-indre@indre").value();
};

TEST_F(GroupPosts, AreOpenedByAMember) {
    const EnvelopeEntry entry = post(1);
    EXPECT_EQ(received(entry), ErrorCode::ok);
    EXPECT_EQ(opened(entry), ErrorCode::ok);
}

TEST_F(GroupPosts, AreRefusedByWhoWasNoneAtTheSendersHead) {
    joins(false);
    const DirectoryHead without = replica_->head();
    joins(true);
    EXPECT_EQ(opened(post({.counter = 1, .head = without})), ErrorCode::not_addressed);
}

TEST_F(GroupPosts, AreRefusedFromWhoMayNotPost) {
    by_cpts(directory::Group{test::name("veille"), "Veille", {"note"}});
    EXPECT_EQ(opened(post(1)), ErrorCode::recipient_refused) << "not for this kind";
    by_cpts(directory::Revocation{
        directory::RevokedObject::group, {}, "veille", directory::RevocationReason::other});
    EXPECT_EQ(opened(post(2)), ErrorCode::unknown_recipient);
}

// What a group takes, and from whom, is asked where a thread opens: who opened an alert lifts it.
TEST_F(GroupPosts, WhatGoesOnIsReadThoughItsGroupTakesNoMoreOfIt) {
    const ThreadId thread = parse_header(post(1).header.bytes)->thread;
    by_cpts(directory::Group{test::name("veille"), "Veille", {"note"}});
    EXPECT_EQ(
        opened(post({.counter = 2, .head = replica_->head(), .act = "close", .thread = thread})),
        ErrorCode::ok);
    EXPECT_EQ(opened(post(3)), ErrorCode::recipient_refused);
}

TEST_F(GroupPosts, WhatGoesOnIsReadThoughAnotherOfItsGroupsIsNoMore) {
    by_hospital(directory::Group{test::name("gardes"),
                                 "Gardes",
                                 {"circular"},
                                 directory::Posting::owner,
                                 {test::address("cpts-indre@indre")}});
    catch_up();
    const std::vector<std::string> others = {"#gardes.ch-valmont@indre"};
    const EnvelopeEntry told = post({.counter = 1, .head = replica_->head(), .others = others});
    EXPECT_EQ(opened(told), ErrorCode::ok);
    by_hospital(directory::Revocation{
        directory::RevokedObject::group, {}, "gardes", directory::RevocationReason::other});
    catch_up();
    const ThreadId thread = parse_header(told.header.bytes)->thread;
    EXPECT_EQ(opened(post({.counter = 2,
                           .head = replica_->head(),
                           .act = "close",
                           .thread = thread,
                           .others = others})),
              ErrorCode::ok);
    EXPECT_EQ(opened(post({.counter = 3, .head = replica_->head(), .others = others})),
              ErrorCode::unknown_recipient);
}

TEST_F(GroupPosts, ABoxOfAnotherMailboxOrOfNoneIsNotOpened) {
    EnvelopeEntry other = post(1);
    other.box.mailbox = test::address("cardiologie.ch-valmont@indre");
    EXPECT_EQ(opened(other), ErrorCode::not_addressed);
    EnvelopeEntry unnamed = post(1);
    unnamed.box.mailbox.reset();
    EXPECT_EQ(opened(unnamed), ErrorCode::not_addressed);
    EnvelopeEntry as_sender = post(1);
    as_sender.box.position = 0;
    EXPECT_EQ(opened(as_sender), ErrorCode::not_addressed);
}

TEST_F(GroupPosts, OneThatIsWithheldLeavesANumberOut) {
    ASSERT_EQ(received(post(1)), ErrorCode::ok);
    ASSERT_EQ(received(post(2)), ErrorCode::ok);
    EXPECT_EQ(gaps_seen(), 0u);
    ASSERT_EQ(received(post(4)), ErrorCode::ok);
    ASSERT_EQ(gaps_seen(), 1u);
    EXPECT_EQ(gaps(*store_).value()[0].first, 3u);
}

TEST_F(GroupPosts, WhatWasPostedWhileOneWasAwayIsNotMissed) {
    ASSERT_EQ(received(post(1)), ErrorCode::ok);
    joins(false);
    joins(true);
    ASSERT_EQ(received(post(5)), ErrorCode::ok);
    EXPECT_EQ(gaps_seen(), 0u);
    ASSERT_EQ(received(post(7)), ErrorCode::ok);
    EXPECT_EQ(gaps_seen(), 1u) << "from then on it follows again";
}

// One that waits for a second signature, and what followed it meanwhile, come after a later post.
TEST_F(GroupPosts, WhatWaitedComesLateByItsOwnTerms) {
    const auto thread = make_uuid_v7<ThreadId>(territory_.random(), test::kTestTime);
    const Post held{.counter = 1,
                    .head = replica_->head(),
                    .act = "tell-held",
                    .thread = thread,
                    .release = Release::confirmed};
    const Post update{.counter = 2, .head = replica_->head(), .act = "update", .thread = thread};
    ASSERT_EQ(kept(post(3)), ErrorCode::ok);
    EXPECT_EQ(judge_->receive(delivery(post(update))).value(), ErrorCode::counter_contradiction)
        << "nothing of its thread was held, as far as is seen";
    EXPECT_EQ(kept(post(held)), ErrorCode::ok);
    EXPECT_EQ(kept(post(update)), ErrorCode::ok);
}

TEST_F(GroupPosts, ANumberServesOnce) {
    ASSERT_EQ(received(post(3)), ErrorCode::ok);
    EXPECT_EQ(received(post(3)), ErrorCode::counter_contradiction);
    EXPECT_EQ(received(post(2)), ErrorCode::counter_contradiction);
    EXPECT_EQ(received(make({})), ErrorCode::ok) << "the ward's own sequence is another";
}

}  // namespace
}  // namespace relais::station
