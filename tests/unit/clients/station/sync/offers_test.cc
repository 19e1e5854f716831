// D8: what a station offers a broker that was restored from a backup. Refused for now, it is
// offered again on the same connection; only what the rest builds on holds it up meanwhile.
#include "core/crypto/sha256.h"
#include "core/merkle/checkpoint.h"
#include "tests/unit/clients/station/sync/sync_fixture.h"

namespace relais::station {
namespace {

constexpr std::int64_t kMinute = 60'000;

class Offers : public SyncTest {
protected:
    Offers() {
        get_ready();
        sync_.disconnected();
        set_known_head(*store_, "indre/audit", audit_head()).value();
        broker_restored();
    }
    // Of the log under its former name.
    [[nodiscard]] std::string audit_head() const {
        Ed25519Key key = Ed25519Key::from_seed(log_key_.seed()).value();
        const auto verifier = merkle::VerifierKey::make("indre/audit", merkle::NoteKeyType::ed25519,
                                                        key.public_key());
        return merkle::sign_checkpoint({"indre/audit", 7, {}}, verifier.value(), key).value();
    }
    // Another restore, or the same, whose backup has that much less of the directory.
    void greet(std::size_t lacks) {
        sync_.connected();
        wire::Welcome said_first = welcome();
        said_first.directory_size = {replica_->size().value - lacks};
        said_first.restored = wire::Restored{{3}, {}, later_log(), true};
        hear(said().at(0).number, said_first);
        offered_ = said();
    }
    // The number of the one offer of that kind.
    template <typename Body, typename Which>
    std::uint64_t offer(Which which) {
        std::uint64_t number = 0;
        for (const wire::Frame& frame : offered_) {
            const auto* body = std::get_if<Body>(&frame.body);
            if (body != nullptr && which(*body)) number = frame.number;
        }
        EXPECT_NE(number, 0U);
        return number;
    }
    std::uint64_t head_offer() {
        return offer<wire::OfferAgain>([](const auto& body) { return !body.audit.empty(); });
    }
    std::uint64_t entries_offer() {
        return offer<wire::OfferAgain>([](const auto& body) { return !body.entries.empty(); });
    }
    std::uint64_t bundle_offer() {
        return offer<wire::PublishBundle>([](const auto&) { return true; });
    }
    void put_off(std::uint64_t number, ErrorCode code) {
        hear(number, wire::Refusal{code, Retry::later, "", std::nullopt});
    }
    void take(std::uint64_t number) { hear(number, wire::Done{}); }
    // What goes on once the offers are made.
    [[nodiscard]] bool follows() {
        bool found = false;
        for (wire::Frame& frame : said()) {
            found = found || std::holds_alternative<wire::FollowDirectory>(frame.body);
            if (std::holds_alternative<wire::Attach>(frame.body)) {
                hear(frame.number, wire::Attached{incarnation_, {}});
            }
        }
        return found;
    }
    void flush_offers(std::int64_t now_ms) {
        flush(now_ms);
        offered_ = said();
    }
    void no_cut() {
        const SyncEvents events = sync_.take_events();
        EXPECT_FALSE(events.cut.has_value());
        EXPECT_FALSE(events.alarm.has_value());
    }
    // Whether a further connection offers nothing more.
    [[nodiscard]] bool done() {
        sync_.disconnected();
        greet(0);
        return std::ranges::none_of(offered_, [](const wire::Frame& frame) {
            return std::holds_alternative<wire::OfferAgain>(frame.body);
        });
    }

    std::vector<wire::Frame> offered_;
};

TEST_F(Offers, AHeadThatIsPutOffCutsNothingAndIsOfferedAgain) {
    greet(0);
    put_off(head_offer(), ErrorCode::quota_reached);
    no_cut();
    EXPECT_TRUE(follows());
    EXPECT_TRUE(sync_.ready());
    flush_offers(0);
    EXPECT_TRUE(offered_.empty()) << "not at once";
    flush_offers(kMinute);
    take(head_offer());
    EXPECT_FALSE(follows()) << "it does already";
    EXPECT_TRUE(sync_.ready());
    flush_offers(9 * kMinute);
    EXPECT_TRUE(offered_.empty());
    EXPECT_TRUE(done());
}

TEST_F(Offers, WhatIsStillPutOffAtABreakIsOfferedByTheNextConnection) {
    greet(0);
    put_off(head_offer(), ErrorCode::quota_reached);
    EXPECT_FALSE(done());
}

// The disk of a broker that was restored is full.
TEST_F(Offers, ABundleThatIsPutOffHoldsUpNothing) {
    const Bytes bundle = to_bytes(as_bytes("bundle de la version 2"));
    territory_.publish_kind(territory_.cpts, "admission", 2, sha256(bundle));
    catch_up();
    store_->add_bundle(sha256(bundle), bundle).value();
    greet(1);
    const std::uint64_t entries = entries_offer();
    const std::uint64_t published = bundle_offer();
    const std::uint64_t head = head_offer();
    take(entries);
    put_off(published, ErrorCode::storage_full);
    EXPECT_FALSE(follows()) << "not all are answered";
    take(head);
    no_cut();
    EXPECT_TRUE(follows());
    EXPECT_TRUE(sync_.ready());
    flush_offers(0);
    flush_offers(kMinute);
    ASSERT_EQ(offered_.size(), 1U) << "the rest was taken";
    take(bundle_offer());
    EXPECT_TRUE(done());
}

// The mailboxes of this very station may be among them.
TEST_F(Offers, EntriesThatArePutOffComeBeforeAllElse) {
    territory_.attest(territory_.nurse);
    catch_up();
    greet(1);
    put_off(entries_offer(), ErrorCode::busy);
    take(head_offer());
    no_cut();
    EXPECT_FALSE(follows());
    EXPECT_FALSE(sync_.ready());
    flush_offers(0);
    flush_offers(kMinute);
    take(entries_offer());
    EXPECT_TRUE(follows());
    EXPECT_TRUE(sync_.ready());
    EXPECT_TRUE(done());
}

// What it answers may come with a post that was off for the night; nothing is held up meanwhile.
TEST_F(Offers, AnActThatLacksAnothersIsOfferedFromTimeToTimeUntilItIsTaken) {
    const MessageId act = queue_envelope(header_to(practice_.text()));
    store_->set_accepted(act, receipt(act)).value();
    greet(0);
    take(head_offer());
    EXPECT_TRUE(follows());
    const auto offered_at = [&](std::int64_t now_ms) {
        flush(now_ms);
        std::vector<std::uint64_t> numbers;
        for (const auto& [number, submit] : said_of<wire::Submit>()) {
            if (submit.again) numbers.push_back(number);
        }
        return numbers;
    };
    const auto lacks = [&](std::uint64_t number, ErrorCode code) {
        hear(number, wire::Refusal{code, Retry::never, "unknown_thread", std::nullopt});
    };
    auto numbers = offered_at(0);
    ASSERT_EQ(numbers.size(), 1U);
    lacks(numbers[0], ErrorCode::not_restored_yet);
    EXPECT_EQ(state_of(act), SendState::accepted) << "it stays what it was";
    EXPECT_EQ(store_->count_not_taken_up_unnoted().value(), 1U);
    EXPECT_TRUE(offered_at(10 * kMinute - 1).empty());
    numbers = offered_at(10 * kMinute);
    ASSERT_EQ(numbers.size(), 1U);
    lacks(numbers[0], ErrorCode::not_restored_yet);
    sync_.disconnected();
    greet(0);
    for (const wire::Frame& frame : offered_) {
        if (!std::holds_alternative<wire::Attach>(frame.body)) continue;
        hear(frame.number, wire::Attached{incarnation_, {}});
    }
    numbers = offered_at(11 * kMinute);
    ASSERT_EQ(numbers.size(), 1U) << "at once by the next connection";
    hear(numbers[0], receipt(act));
    EXPECT_EQ(store_->count_not_taken_up_unnoted().value(), 0U);
    EXPECT_TRUE(offered_at(40 * kMinute).empty());
}

TEST_F(Offers, AnActThatIsRefusedForGoodIsNotOfferedAgainAndIsToldUntilSomebodyHasReadIt) {
    const MessageId act = queue_envelope(header_to(practice_.text()));
    store_->set_accepted(act, receipt(act)).value();
    greet(0);
    take(head_offer());
    EXPECT_TRUE(follows());
    flush(0);
    hear(said_of<wire::Submit>().at(0).first,
         wire::Refusal{ErrorCode::act_refused, Retry::never, "", std::nullopt});
    for (const std::int64_t minutes : {10, 20}) {
        flush(minutes * kMinute);
        EXPECT_TRUE(said_of<wire::Submit>().empty());
    }
    EXPECT_EQ(store_->count_not_taken_up_unnoted().value(), 1U);
    EXPECT_EQ(store_->count_refused_unnoted().value(), 0U);
    store_->note_refused(act).value();
    EXPECT_EQ(store_->count_not_taken_up_unnoted().value(), 0U);
}

// The operator settled the restore meanwhile.
TEST_F(Offers, WhatIsNotTakenAnyMoreIsNotOfferedForEver) {
    greet(0);
    put_off(head_offer(), ErrorCode::quota_reached);
    EXPECT_TRUE(follows());
    flush_offers(0);
    flush_offers(kMinute);
    hear(head_offer(), wire::Refusal{ErrorCode::forbidden, Retry::never, "", std::nullopt});
    flush_offers(9 * kMinute);
    EXPECT_TRUE(offered_.empty());
    EXPECT_TRUE(done());
}

}  // namespace
}  // namespace relais::station
