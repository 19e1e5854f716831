// P1, D8: what was erased is gone from store and files, and comes back neither with a backup nor
// with what stations offer again.
#include <fstream>

#include "tests/unit/broker/engine/restore_fixture.h"

namespace relais::broker {
namespace {

class Erasing : public Restoring {
protected:
    // Calls, and erases the call.
    Header call_and_erase() {
        const Header header = call();
        erase(before, header.id);
        return header;
    }
    Header call() {
        const Header header = thread.make_header(kOpener, "call");
        envelope = thread.seal(kOpener, header);
        EXPECT_EQ(code_of(thread.send(kOpener, envelope)), ErrorCode::ok);
        return header;
    }
    Bytes statement_of(const EngineBench& bench_of, EngineBench& bench) {
        (void)bench_of;
        for (const LogRecord& record : bench.log_of(kPractice)) {
            const auto* notice = std::get_if<NoticeEntry>(&record);
            if (notice != nullptr) return notice->statement;
        }
        ADD_FAILURE() << "no notice";
        return {};
    }
    Bytes statement() { return statement_of(before, before); }
    static std::size_t standing(EngineBench& bench, const char* mailbox) {
        std::size_t count = 0;
        for (const LogRecord& record : bench.log_of(mailbox)) {
            count += std::holds_alternative<EnvelopeRef>(record) ? 1 : 0;
        }
        return count;
    }
    Bytes envelope;
};

TEST_F(Erasing, ATombstoneALeafAndASignedNoticeAreAllThatIsLeft) {
    const Header header = call();
    const Bytes deposit = thread.make(kOpener, "deposit");
    EXPECT_EQ(code_of(thread.send(kOpener, deposit)), ErrorCode::ok);
    const MessageId sealed = Envelope::parse(Bytes(deposit)).value().header().id;
    erase(before, header.id);
    erase(before, sealed);
    for (const char* mailbox : {kPractice, kGeriatrics, kCardiology}) {
        EXPECT_EQ(standing(before, mailbox), 0U) << mailbox;
        const auto notices = before.notices_of(mailbox, NoticeKind::erased);
        ASSERT_FALSE(notices.empty()) << mailbox;
        EXPECT_EQ(notices[0].message, header.id);
        EXPECT_EQ(notices[0].state, "request");
    }
    EXPECT_EQ(before.notices_of(kGeriatrics, NoticeKind::erased).size(), 1U)
        << "of a box that was held it was never told";
    EXPECT_EQ(before.count_leaves(Event::erased), 2U);
    const wire::Administer again{wire::Command::erase, std::nullopt, header.id,
                                 wire::ErasureReason::request};
    EXPECT_EQ(code_of(before.ask_as_operator(again)), ErrorCode::erased);
    EXPECT_EQ(code_of(before.ask(before.connect(before.territory.cpts_station), again)),
              ErrorCode::forbidden);
    before.idle(std::chrono::hours(24 * 125));  // its timers are gone with it
}

// An id is unique per station: a ward that read the call sends an act of its own under the same id.
TEST_F(Erasing, WhereTwoStationsUsedOneIdTheSenderSaysWhichIsMeant) {
    const Header genuine = call();
    Header taken = thread.make_header(0, "ask");
    taken.id = genuine.id;
    EXPECT_EQ(code_of(thread.send(0, thread.seal(0, taken))), ErrorCode::ok);
    const std::size_t before_it = standing(before, kPractice);
    wire::Administer order{wire::Command::erase, std::nullopt, genuine.id,
                           wire::ErasureReason::mistake};
    const wire::Body refused = before.ask_as_operator(order);
    EXPECT_EQ(code_of(refused), ErrorCode::missing_field);
    const std::string& why = std::get<wire::Refusal>(refused).detail;
    EXPECT_NE(why.find(genuine.from.text()), std::string::npos) << why;
    EXPECT_NE(why.find(taken.from.text()), std::string::npos) << why;
    EXPECT_EQ(standing(before, kPractice), before_it);
    order.from = taken.from;
    EXPECT_EQ(code_of(before.ask_as_operator(order)), ErrorCode::ok);
    EXPECT_EQ(before.count_leaves(Event::erased), 1U);
    EXPECT_EQ(standing(before, kPractice), before_it - 1) << "the call stands";
    EXPECT_EQ(standing(before, kCardiology), 1U);
    EXPECT_EQ(before.notices_of(kPractice, NoticeKind::erased)[0].header,
              header_digest(encode_header(taken)));
    EXPECT_EQ(code_of(before.ask_as_operator(order)), ErrorCode::unknown_object)
        << "of the ward there is none of that id any more";
    EXPECT_EQ(standing(before, kCardiology), 1U);
}

TEST_F(Erasing, NoByteOfItsContentIsLeftInTheFiles) {
    const Header header = call();
    const ByteView content = ByteView(envelope).last(200);
    const std::string needle(as_text(content));
    const auto in_files = [&] {
        std::size_t found = 0;
        for (const char* name : {"before.db", "before.db-wal"}) {
            std::ifstream file(folder_.file(name), std::ios::binary);
            const std::string bytes((std::istreambuf_iterator<char>(file)), {});
            found += bytes.find(needle) != std::string::npos ? 1 : 0;
        }
        return found;
    };
    ASSERT_GT(in_files(), 0U) << "the search finds what is there";
    erase(before, header.id);
    EXPECT_EQ(in_files(), 0U);
}

TEST_F(Erasing, ANoticeOfferedAgainErasesWhatTheBackupBroughtBack) {
    const Header header = call();
    back_up();
    erase(before, header.id);
    EngineBench& after = restore();
    EXPECT_EQ(standing(after, kGeriatrics), 1U);
    EXPECT_EQ(offered(erasure_offer(statement())), ErrorCode::ok);
    EXPECT_EQ(standing(after, kGeriatrics), 0U);
    EXPECT_EQ(after.notices_of(kGeriatrics, NoticeKind::erased).size(), 1U);
    EXPECT_EQ(offered(erasure_offer(statement())), ErrorCode::ok);
    EXPECT_EQ(after.count_leaves(Event::erased), 1U) << "once";
}

TEST_F(Erasing, WhatWasErasedAndIsLackingIsNotAcceptedAgain) {
    back_up();
    call_and_erase();
    restore();
    EXPECT_EQ(offered(erasure_offer(statement())), ErrorCode::ok);
    EXPECT_EQ(code_of(submit_again(kOpener, envelope)), ErrorCode::erased);
}

TEST_F(Erasing, WhoeverOffersOrHasWhatWasErasedAndIsLackingIsToldOnce) {
    back_up();
    call_and_erase();
    EngineBench& after = restore();
    EXPECT_EQ(offered(erasure_offer(statement())), ErrorCode::ok);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(code_of(submit_again(kOpener, envelope)), ErrorCode::erased);
        for (const char* mailbox : {kPractice, kGeriatrics, kCardiology}) {
            EXPECT_EQ(after.notices_of(mailbox, NoticeKind::erased).size(), 1U) << mailbox;
        }
    }
}

TEST_F(Erasing, WhoOffersWhatAnotherSentAndWasErasedTellsNobody) {
    back_up();
    call_and_erase();
    EngineBench& after = restore();
    EXPECT_EQ(offered(erasure_offer(statement())), ErrorCode::ok);
    EXPECT_EQ(code_of(submit_again(kGeri, envelope)), ErrorCode::erased);
    EXPECT_TRUE(after.notices_of(kPractice, NoticeKind::erased).empty());
}

// The journal beside the store, at the start itself.
TEST_F(Erasing, WhatIsKeptBesideTheStoreIsDoneAgainBeforeAnythingElse) {
    const Header header = call();
    back_up();
    erase(before, header.id);
    beside_ = {statement()};
    EngineBench& after = restore();
    EXPECT_EQ(standing(after, kGeriatrics), 0U);
    EXPECT_EQ(after.count_leaves(Event::erased), 1U);
    after.restart(true);
    EXPECT_EQ(after.count_leaves(Event::erased), 1U);
}

TEST_F(Erasing, ALineBesideTheStoreThatIsNotTheBrokersKeepsARestoreFromBeginning) {
    call();
    back_up();
    mark("");
    start();
    beside_ = {Bytes(40, 7)};
    mark("");
    EXPECT_EQ(after_->try_restart().code(), ErrorCode::malformed);
    beside_.clear();
    const std::size_t restored = after_->count_leaves(Event::restored);
    after_->restart();
    EXPECT_EQ(after_->count_leaves(Event::restored), restored + 1) << "the mark is still there";
}

TEST_F(Erasing, TheStoresOwnListIsDoneAgainAtARestore) {
    const Header header = call();
    back_up();
    erase(before, header.id);
    {
        auto store =
            SqliteStore::open(folder_.file("backup.db"), {Database::Mode::existing, "", ""});
        ASSERT_TRUE(store.ok());
        const auto erasures = before.sqlite().erasures(0, 10).value();
        for (const StoredErasure& erasure : erasures) {
            ASSERT_TRUE((*store)->put_erasure(erasure).ok());
        }
    }
    EngineBench& after = restore();
    EXPECT_EQ(standing(after, kGeriatrics), 0U);
    EXPECT_EQ(after.count_leaves(Event::erased), 1U);
}

TEST_F(Erasing, ANoticeThatIsNotTheBrokersOrNotOfAnErasureErasesNothing) {
    const Header header = call();
    back_up();
    EngineBench& after = restore();
    Notice notice{.kind = NoticeKind::erased};
    notice.message = header.id;
    notice.header = Envelope::parse(Bytes(envelope)).value().digest();
    notice.state = "request";
    const auto sign = [&](const Notice& said, P256Key& key) {
        return encode_statement(make_statement(contexts::kNotice, encode_notice(said), key));
    };
    P256Key& broker = *before.territory.broker_key();
    EXPECT_EQ(offered(erasure_offer(sign(notice, *before.territory.registrar()))),
              ErrorCode::bad_signature);
    Notice other = notice;
    other.kind = NoticeKind::expired;
    EXPECT_EQ(offered(erasure_offer(sign(other, broker))), ErrorCode::invalid_field);
    other = notice;
    other.header.reset();
    EXPECT_EQ(offered(erasure_offer(sign(other, broker))), ErrorCode::invalid_field);
    other = notice;
    other.header = Digest{};
    EXPECT_EQ(offered(erasure_offer(sign(other, broker))), ErrorCode::ok);
    EXPECT_EQ(standing(after, kGeriatrics), 1U) << "another message under that id";
    EXPECT_EQ(offered(erasure_offer(Bytes(40, 7))), ErrorCode::malformed);
    EXPECT_EQ(standing(after, kGeriatrics), 1U);
    EXPECT_EQ(offered(erasure_offer(sign(notice, broker))), ErrorCode::ok);
    EXPECT_EQ(standing(after, kGeriatrics), 0U);
}

// Whatever call it is that meets it: one restore, and what is over by then is over.
TEST(RestoringOnAFullDisk, GoesOnWithTheReserve) {
    bool fired = true;
    std::uint64_t call = 1;
    for (; fired; call += 3) {
        EngineBench bench;
        AdmissionCase over{bench};
        ASSERT_EQ(code_of(over.act(kOpener, "call")), ErrorCode::ok);
        bench.pass(std::chrono::hours(24 * 91));
        bench.store().fail_call(call, ErrorCode::storage_full);
        const auto restarted = bench.try_restart(true);
        ASSERT_TRUE(restarted.ok()) << call << ": " << restarted.error().describe();
        fired = bench.store().fired();
        bench.store().fail_call(0, ErrorCode::ok);
        EXPECT_EQ(bench.count_leaves(Event::restored), 1U) << call;
        for (const char* mailbox : {kPractice, kGeriatrics, kCardiology}) {
            EXPECT_TRUE(std::holds_alternative<Tombstone>(bench.log_of(mailbox)[0])) << call;
        }
        EXPECT_FALSE(over.stored()->clocks.empty()) << call << ": stations may stop them yet";
        bench.idle(limits::kOfferedAgainWaits);
        EXPECT_TRUE(over.stored()->clocks.empty()) << call;
    }
    EXPECT_GT(call, 90U);
}

TEST_F(Erasing, WhatIsOfferedTogetherIsErasedTogetherOrNotAtAll) {
    const Header header = call();
    back_up();
    erase(before, header.id);
    EngineBench& after = restore();
    wire::OfferAgain offer = erasure_offer(statement());
    const Statement own = parse_statement(statement()).value();
    offer.erasures.push_back(encode_statement(
        make_statement(contexts::kNotice, own.body, *before.territory.registrar())));
    EXPECT_EQ(offered(offer), ErrorCode::bad_signature);
    EXPECT_EQ(standing(after, kGeriatrics), 1U);
    offer.erasures.pop_back();
    EXPECT_EQ(offered(offer), ErrorCode::ok);
    EXPECT_EQ(standing(after, kGeriatrics), 0U);
}

}  // namespace
}  // namespace relais::broker
