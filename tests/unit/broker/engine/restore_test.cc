// D8: after the loss of the disk and a restore, what stations offer again is taken by its proofs
// alone, in its order, once; erased and expired messages do not come back; the audit log never says
// two things under one name.
#include <fstream>

#include "core/base/contexts.h"
#include "core/merkle/checkpoint.h"
#include "schemas/envelope/notice.h"
#include "tests/support/folder.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

constexpr wire::LogName kAudit = wire::LogName::audit;
constexpr wire::LogName kDirectory = wire::LogName::directory;

class Restoring : public testing::Test {
protected:
    Restoring() { before.idle(std::chrono::seconds(3)); }

    static BenchOptions on(const std::string& database) {
        BenchOptions options;
        options.database = database;
        return options;
    }
    void back_up() {
        EXPECT_TRUE(before.sqlite().database().copy_to(folder_.file("backup.db")).ok());
        known_ = before.raw_leaves(kDirectory).size();
    }
    // The same domain on the backup, started as one that was restored.
    EngineBench& restore(const std::string& note = "") {
        mark(note);
        start();
        return *after_;
    }
    void start() {
        BenchOptions options = on(folder_.file("backup.db"));
        options.settled = false;
        options.territory = before.shared_territory;
        after_ = std::make_unique<EngineBench>(options);
    }
    // As relais-admin does.
    void mark(const std::string& note) {
        auto store =
            SqliteStore::open(folder_.file("backup.db"), {Database::Mode::existing, "", ""});
        Bytes marker = {1};
        append(marker, note);
        EXPECT_TRUE(store.ok() && (*store)->set_value(kRestoringValue, marker).ok());
    }
    SessionId connect(const test::TestStation& station) { return after_->connect(station); }

    // The entries that the backup lacks, as a station would offer them.
    wire::OfferAgain directory_offer() {
        wire::OfferAgain offer;
        const auto all = before.raw_leaves(kDirectory);
        offer.from = {known_};
        offer.entries.assign(all.begin() + static_cast<std::ptrdiff_t>(known_), all.end());
        offer.directory = before.sqlite().last_checkpoint(kDirectory).value();
        return offer;
    }
    ErrorCode offered(const wire::OfferAgain& offer) {
        return offered_by(before.territory.cpts_station, offer);
    }
    ErrorCode offered_by(const test::TestStation& station, const wire::OfferAgain& offer) {
        return code_of(after_->ask(connect(station), offer));
    }
    std::string audit_head() {
        before.idle(std::chrono::seconds(3));
        return before.sqlite().last_checkpoint(kAudit).value();
    }
    static wire::OfferAgain head_offer(const std::string& note) {
        wire::OfferAgain offer;
        offer.audit = note;
        return offer;
    }
    static wire::OfferAgain erasure_offer(const Bytes& statement) {
        wire::OfferAgain offer;
        offer.erasures = {statement};
        return offer;
    }
    wire::Body submit_again(int side, const Bytes& envelope) {
        const auto& station = side == kOpener ? before.territory.practice_station
                                              : before.territory.geriatrics_station;
        return after_->ask(connect(station), wire::Submit{envelope, true});
    }
    void erase(EngineBench& bench, const MessageId& message) {
        const wire::Administer order{wire::Command::erase, std::nullopt, message,
                                     wire::ErasureReason::request};
        EXPECT_EQ(code_of(bench.ask_as_operator(order)), ErrorCode::ok);
    }
    Leaf last_restored() {
        Leaf found;
        for (Leaf& leaf : after_->leaves()) {
            if (leaf.event == Event::restored) found = std::move(leaf);
        }
        return found;
    }

    test::TestFolder folder_;
    EngineBench before{on(folder_.file("before.db"))};
    AdmissionCase thread{before};
    std::size_t known_ = 0;
    std::unique_ptr<EngineBench> after_;
};

TEST_F(Restoring, TheLogGoesOnUnderANewNameAndCitesItsLastHead) {
    const std::string head = audit_head();
    back_up();
    EngineBench& after = restore();
    const Leaf leaf = last_restored();
    EXPECT_TRUE(leaf.subject.starts_with("indre/audit/"));
    EXPECT_EQ(as_text(leaf.statement), head);
    EXPECT_EQ(after.leaves()[leaf.first.value].event, Event::restored);
    const std::string now = after.sqlite().last_checkpoint(kAudit).value();
    EXPECT_TRUE(now.starts_with(leaf.subject + "\n"));
    after.restart();
    EXPECT_EQ(after.count_leaves(Event::restored), 1U) << "a second start is an ordinary one";
    EXPECT_EQ(std::get<wire::Welcome>(
                  after.ask(after.dial(before.territory.cpts_station), wire::Hello{1, "test"}))
                  .restored->origin,
              leaf.subject);
}

TEST_F(Restoring, TwoRestoresOfOneBackupTakeTwoNames) {
    audit_head();
    back_up();
    restore();
    const std::string first = last_restored().subject;
    after_->restart(true);
    EXPECT_NE(last_restored().subject, first);
}

TEST_F(Restoring, ALaterHeadIsCitedOnceAndAForgedOneNever) {
    back_up();
    thread.act(kOpener, "call");
    const std::string later = audit_head();
    EngineBench& after = restore();
    EXPECT_EQ(offered(head_offer(later)), ErrorCode::ok);
    EXPECT_EQ(as_text(last_restored().statement), later);
    EXPECT_EQ(after.count_leaves(Event::restored), 2U);
    EXPECT_EQ(offered(head_offer(later)), ErrorCode::ok);
    EXPECT_EQ(after.count_leaves(Event::restored), 2U) << "known already";
    std::string forged = later;
    forged[forged.find('\n') + 1] ^= 1;
    EXPECT_EQ(offered(head_offer(forged)), ErrorCode::note_invalid);
    EXPECT_EQ(offered(head_offer(before.sqlite().last_checkpoint(kDirectory).value())),
              ErrorCode::note_invalid)
        << "of another log";
    EXPECT_EQ(after.count_leaves(Event::restored), 2U);
}

// Heads are there for the asking: one station could collect them before the disk is lost.
TEST_F(Restoring, AStationThatOffersHeadsInRisingOrderShutsNobodyElseOut) {
    back_up();
    std::vector<std::string> heads;
    while (heads.size() < limits::kCitationsMax + 2) {
        before.connect(before.territory.practice_station);  // leaves a leaf
        heads.push_back(audit_head());
    }
    const std::string largest = heads.back();
    heads.pop_back();
    EngineBench& after = restore();
    const std::string last_taken = heads[limits::kCitationsMax - 1];
    for (const std::string& head : heads) {
        offered_by(before.territory.practice_station, head_offer(head));
    }
    EXPECT_EQ(as_text(last_restored().statement), last_taken);
    EXPECT_EQ(offered_by(before.territory.practice_station, head_offer(heads.back())),
              ErrorCode::quota_reached);
    EXPECT_EQ(offered_by(before.territory.cpts_station, head_offer(largest)), ErrorCode::ok);
    EXPECT_EQ(as_text(last_restored().statement), largest);
    after.restart();
    EXPECT_EQ(offered_by(before.territory.practice_station, head_offer(heads.back())),
              ErrorCode::ok)
        << "it is not beyond what is cited";
}

TEST_F(Restoring, WhatAStationHasCitedIsCountedAcrossAStart) {
    back_up();
    std::vector<std::string> heads;
    while (heads.size() <= limits::kCitationsMax) {
        before.connect(before.territory.practice_station);
        heads.push_back(audit_head());
    }
    EngineBench& after = restore();
    for (std::size_t i = 0; i < limits::kCitationsMax; ++i) {
        after.restart();
        EXPECT_EQ(offered_by(before.territory.practice_station, head_offer(heads[i])),
                  ErrorCode::ok);
    }
    EXPECT_EQ(offered_by(before.territory.practice_station, head_offer(heads.back())),
              ErrorCode::quota_reached);
}

TEST_F(Restoring, AHeadGivenToTheRestoreIsCitedAtOnce) {
    back_up();
    thread.act(kOpener, "call");
    const std::string later = audit_head();
    restore(later);
    EXPECT_EQ(as_text(last_restored().statement), later);
}

TEST_F(Restoring, EntriesAreTakenWithAHeadThatCoversThem) {
    back_up();
    before.territory.add_unit(before.territory.hospital, "urgences", {"admission"});
    before.territory.add_unit(before.territory.hospital, "chirurgie", {"admission"});
    before.publish_directory();
    EngineBench& after = restore();
    EXPECT_EQ(offered(directory_offer()), ErrorCode::ok);
    EXPECT_EQ(after.raw_leaves(kDirectory), before.raw_leaves(kDirectory));
    EXPECT_EQ(after.sqlite().last_checkpoint(kDirectory).value(),
              before.sqlite().last_checkpoint(kDirectory).value());
    EXPECT_EQ(offered(directory_offer()), ErrorCode::ok) << "again: they are here";
    EXPECT_EQ(after.raw_leaves(kDirectory).size(), before.raw_leaves(kDirectory).size());
}

TEST_F(Restoring, EntriesThatNoFormerHeadCoversAreRefused) {
    back_up();
    before.territory.add_unit(before.territory.hospital, "urgences", {"admission"});
    before.territory.add_unit(before.territory.hospital, "chirurgie", {"admission"});
    before.publish_directory();
    EngineBench& after = restore();
    const wire::OfferAgain good = directory_offer();
    wire::OfferAgain other = good;
    std::swap(other.entries[0], other.entries[1]);
    EXPECT_EQ(offered(other), ErrorCode::inconsistent_log) << "in another order";
    other = good;
    other.entries.pop_back();
    EXPECT_EQ(offered(other), ErrorCode::inconsistent_log) << "without the proof up to the head";
    other = good;
    other.entries[1].back() ^= 1;
    EXPECT_EQ(offered(other), ErrorCode::inconsistent_log) << "altered";
    other = good;
    other.directory.clear();
    EXPECT_NE(offered(other), ErrorCode::ok) << "without a head";
    other = good;
    other.directory[other.directory.size() / 2] ^= 1;
    EXPECT_NE(offered(other), ErrorCode::ok) << "with a head that is not signed";
    other = good;
    other.from = other.from.next();
    EXPECT_EQ(offered(other), ErrorCode::wrong_position) << "behind a gap";
    // A new entry, rightly signed by its organisation, was never in the log.
    other = good;
    other.entries.push_back(
        before.territory.add_unit(before.territory.hospital, "orl", {"admission"}).entry.bytes);
    EXPECT_EQ(offered(other), ErrorCode::inconsistent_log);
    EXPECT_EQ(after.raw_leaves(kDirectory).size(), known_);
    EXPECT_EQ(offered(good), ErrorCode::ok);
}

TEST_F(Restoring, TheDirectoryTakesNothingNewUntilItIsSettledAndNothingOldAfterwards) {
    back_up();
    before.territory.add_unit(before.territory.hospital, "urgences", {"admission"});
    before.publish_directory();
    EngineBench& after = restore();
    const auto entry = before.raw_leaves(kDirectory).back();
    EXPECT_EQ(code_of(after.ask_as_operator(wire::AppendEntries{{entry}})),
              ErrorCode::not_restored_yet);
    const wire::Administer settle{wire::Command::settle};
    EXPECT_EQ(code_of(after.ask_as_operator(settle)), ErrorCode::ok);
    EXPECT_EQ(offered(directory_offer()), ErrorCode::forbidden);
    EXPECT_EQ(offered(head_offer(audit_head())), ErrorCode::forbidden);
    EXPECT_EQ(code_of(after.ask_as_operator(wire::AppendEntries{{entry}})), ErrorCode::ok);
    EXPECT_EQ(code_of(after.ask_as_operator(settle)), ErrorCode::forbidden) << "once";
}

TEST_F(Restoring, ABrokerThatWasNotRestoredTakesNoOffers) {
    const SessionId session = before.connect(before.territory.cpts_station);
    back_up();
    for (const wire::OfferAgain& offer :
         {directory_offer(), head_offer(audit_head()), erasure_offer(Bytes(100, 1))}) {
        EXPECT_EQ(code_of(before.ask(session, offer)), ErrorCode::forbidden);
    }
    EXPECT_EQ(code_of(before.ask_as_operator(wire::Administer{wire::Command::settle})),
              ErrorCode::forbidden);
}

TEST_F(Restoring, WhatTheBackupHasGetsItsOriginalAnswerAndWhatItLacksIsAccepted) {
    const Bytes call = thread.make(kOpener, "call");
    const auto receipt = std::get<wire::Receipt>(thread.send(kOpener, call));
    back_up();
    const Bytes answer = thread.make(kOpener, "answer", kGeri);
    EXPECT_EQ(code_of(thread.send(kOpener, answer)), ErrorCode::ok);
    EngineBench& after = restore();
    const auto again = std::get<wire::Receipt>(submit_again(kOpener, call));
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.accepted.leaf_hash, receipt.accepted.leaf_hash);
    const auto taken = std::get<wire::Receipt>(submit_again(kOpener, answer));
    EXPECT_FALSE(taken.duplicate);
    EXPECT_TRUE(std::get<wire::Receipt>(submit_again(kOpener, answer)).duplicate);
    EXPECT_EQ(after.log_of(kGeriatrics).size(), 2U);
}

TEST_F(Restoring, AnActOfferedAgainWaitsForThoseItAnswersButNotForEver) {
    back_up();
    const Bytes call = thread.make(kOpener, "call");
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ok);
    const Bytes offer = thread.make(kGeri, "offer");
    EXPECT_EQ(code_of(thread.send(kGeri, offer)), ErrorCode::ok);
    EngineBench& after = restore();
    const wire::Body waits = submit_again(kGeri, offer);
    EXPECT_EQ(code_of(waits), ErrorCode::not_restored_yet);
    EXPECT_EQ(std::get<wire::Refusal>(waits).retry, Retry::later);
    EXPECT_EQ(code_of(submit_again(kOpener, call)), ErrorCode::ok);
    EXPECT_EQ(code_of(submit_again(kGeri, offer)), ErrorCode::ok) << "no answer was kept";
    EXPECT_EQ(after.count_leaves(Event::submitted), 2U);
}

TEST_F(Restoring, AfterAWhileAnActWhosePredecessorNeverCameIsRefused) {
    back_up();
    EXPECT_EQ(code_of(thread.act(kOpener, "call")), ErrorCode::ok);
    const Bytes offer = thread.make(kGeri, "offer");
    EngineBench& after = restore();
    after.idle(limits::kOfferedAgainWaits);
    EXPECT_EQ(code_of(submit_again(kGeri, offer)), ErrorCode::not_restored_yet);
    after.idle(std::chrono::seconds(2));
    EXPECT_EQ(code_of(submit_again(kGeri, offer)), ErrorCode::unknown_thread);
}

TEST_F(Restoring, ANewActIsNotMadeToWait) {
    back_up();
    EXPECT_EQ(code_of(thread.act(kOpener, "call")), ErrorCode::ok);
    const Bytes offer = thread.make(kGeri, "offer");
    EngineBench& after = restore();
    const SessionId ward = connect(before.territory.geriatrics_station);
    EXPECT_EQ(code_of(after.ask(ward, wire::Submit{offer})), ErrorCode::unknown_thread);
}

TEST_F(Restoring, WhatExpiredSinceTheBackupIsGoneBeforeAnythingIsDelivered) {
    EXPECT_EQ(code_of(thread.act(kOpener, "call")), ErrorCode::ok);
    back_up();
    start();  // an ordinary start, then a restore a long time later
    EngineBench& after = *after_;
    after.reboot(std::chrono::hours(24 * 91));
    mark("");
    after.restart();
    for (const char* mailbox : {kPractice, kGeriatrics, kCardiology}) {
        EXPECT_TRUE(std::holds_alternative<Tombstone>(after.log_of(mailbox)[0])) << mailbox;
    }
}

// Erasures ------------------------------------------------------------------------------------

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
        bench.pass(std::chrono::hours(24 * 40));
        bench.store().fail_call(call, ErrorCode::storage_full);
        const auto restarted = bench.try_restart(true);
        ASSERT_TRUE(restarted.ok()) << call << ": " << restarted.error().describe();
        fired = bench.store().fired();
        EXPECT_EQ(bench.count_leaves(Event::restored), 1U) << call;
        EXPECT_TRUE(over.stored()->clocks.empty()) << call;
    }
    EXPECT_GT(call, 100U);
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
