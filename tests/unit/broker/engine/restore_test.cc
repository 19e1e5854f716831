// D8: after the loss of the disk and a restore, what stations offer again is taken by its proofs
// alone, in its order, once; erased and expired messages do not come back; the audit log never says
// two things under one name.
#include "tests/unit/broker/engine/restore_fixture.h"

namespace relais::broker {
namespace {

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

// A post that was off for the night brings what the others' acts answer: what they send meanwhile
// goes on after an hour, and what could not be taken may be offered again.
TEST_F(Restoring, AfterAnHourAnActThatLacksAnotherHoldsUpNothingAndIsNotLost) {
    back_up();
    const Bytes call = thread.make(kOpener, "call");
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ok);
    const Bytes offer = thread.make(kGeri, "offer");
    EngineBench& after = restore();
    after.idle(limits::kOfferedAgainWaits - std::chrono::seconds(1));
    EXPECT_EQ(std::get<wire::Refusal>(submit_again(kGeri, offer)).retry, Retry::later);
    after.idle(std::chrono::hours(9));
    const wire::Body late = submit_again(kGeri, offer);
    EXPECT_EQ(code_of(late), ErrorCode::not_restored_yet);
    EXPECT_EQ(std::get<wire::Refusal>(late).retry, Retry::never) << "what is behind it goes on";
    EXPECT_EQ(code_of(submit_again(kOpener, call)), ErrorCode::ok);
    EXPECT_EQ(code_of(submit_again(kGeri, offer)), ErrorCode::ok) << "no answer was kept";
}

TEST_F(Restoring, OnceItIsSettledAnActWhosePredecessorNeverCameIsRefused) {
    back_up();
    const Bytes call = thread.make(kOpener, "call");
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ok);
    const Bytes offer = thread.make(kGeri, "offer");
    EngineBench& after = restore();
    after.idle(limits::kOfferedAgainWaits + std::chrono::seconds(1));
    EXPECT_EQ(code_of(after.ask_as_operator(wire::Administer{wire::Command::settle})),
              ErrorCode::ok);
    EXPECT_EQ(code_of(submit_again(kGeri, offer)), ErrorCode::unknown_thread);
    EXPECT_EQ(code_of(submit_again(kOpener, call)), ErrorCode::ok);
    EXPECT_EQ(code_of(submit_again(kGeri, offer)), ErrorCode::unknown_thread) << "for good";
}

// The call was erased after the backup, so that nobody brings it: until it is settled what its
// sender has to say elsewhere waits behind what hangs on it, and no longer.
TEST_F(Restoring, OnceItIsSettledWithinTheHourNothingWaitsAndWhatLacksMayStillCome) {
    back_up();
    const Bytes call = thread.make(kOpener, "call");
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ok);
    const Bytes offer = thread.make(kGeri, "offer");
    EngineBench& after = restore();
    EXPECT_EQ(std::get<wire::Refusal>(submit_again(kGeri, offer)).retry, Retry::later);
    EXPECT_EQ(code_of(after.ask_as_operator(wire::Administer{wire::Command::settle})),
              ErrorCode::ok);
    const wire::Body aside = submit_again(kGeri, offer);
    EXPECT_EQ(code_of(aside), ErrorCode::not_restored_yet);
    EXPECT_EQ(std::get<wire::Refusal>(aside).retry, Retry::never);
    EXPECT_EQ(code_of(submit_again(kOpener, call)), ErrorCode::ok);
    EXPECT_EQ(code_of(submit_again(kGeri, offer)), ErrorCode::ok) << "no answer was kept";
}

TEST_F(Restoring, ACaseOpenedUnderAVersionThatIsOverSinceIsTakenAgain) {
    back_up();
    const Bytes call = thread.make(kOpener, "call");
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ok);
    before.territory.publish_kind(before.territory.cpts, "admission", 1, admission_kind().digest,
                                  true);
    before.publish_directory();
    AdmissionCase later(before);
    const Bytes late = later.make(kOpener, "call");
    EngineBench& after = restore();
    EXPECT_EQ(offered(directory_offer()), ErrorCode::ok);
    EXPECT_EQ(code_of(submit_again(kOpener, call)), ErrorCode::ok);
    EXPECT_EQ(code_of(submit_again(kOpener, late)), ErrorCode::not_restored_yet)
        << "made where its sender knew";
    const SessionId practice = connect(before.territory.practice_station);
    AdmissionCase fresh(before);
    EXPECT_EQ(code_of(after.ask(practice, wire::Submit{fresh.make(kOpener, "call")})),
              ErrorCode::wrong_kind_version);
}

TEST_F(Restoring, ANewActIsNotMadeToWait) {
    back_up();
    EXPECT_EQ(code_of(thread.act(kOpener, "call")), ErrorCode::ok);
    const Bytes offer = thread.make(kGeri, "offer");
    EngineBench& after = restore();
    const SessionId ward = connect(before.territory.geriatrics_station);
    EXPECT_EQ(code_of(after.ask(ward, wire::Submit{offer})), ErrorCode::unknown_thread);
}

// The backup is of a call under way; the choice that stopped its clocks was lost with the disk.
class RestoringClocks : public Restoring {
protected:
    RestoringClocks() {
        does(kOpener, "call");
        does(kGeri, "offer");
        back_up();
        choice_ = thread.make(kOpener, "choose", kGeri);
        EXPECT_EQ(code_of(thread.send(kOpener, choice_)), ErrorCode::ok);
        chosen_ = thread.stored()->thread;
    }
    void does(int side, const std::string& act) {
        EXPECT_EQ(code_of(thread.act(side, act)), ErrorCode::ok) << act;
    }
    EngineBench& restore_after(Milliseconds lost) {
        start();
        after_->reboot(lost);
        mark("");
        after_->restart();
        return *after_;
    }
    [[nodiscard]] StoredThread stored() {
        return after_->sqlite().thread(chosen_->id).value().value();
    }
    std::size_t said(NoticeKind kind) {
        std::size_t count = 0;
        for (const char* mailbox : {kPractice, kGeriatrics, kCardiology}) {
            count += after_->notices_of(mailbox, kind).size();
        }
        return count;
    }
    Bytes choice_;
    std::optional<workflow::Thread> chosen_;
};

TEST_F(RestoringClocks, NothingEndsBeforeTheActsThatHadStoppedThemAreOfferedAgain) {
    EngineBench& after = restore_after(std::chrono::hours(5));
    after.idle(std::chrono::minutes(20));
    EXPECT_EQ(said(NoticeKind::overdue) + said(NoticeKind::reminder), 0U);
    EXPECT_EQ(after.count_leaves(Event::clock_ended), 0U);
    EXPECT_EQ(code_of(submit_again(kOpener, choice_)), ErrorCode::ok);
    const workflow::Thread thread_now = stored().thread;
    EXPECT_EQ(thread_now.state, chosen_->state);
    for (std::size_t i = 0; i < chosen_->parties.size(); ++i) {
        EXPECT_EQ(thread_now.parties[i].state, chosen_->parties[i].state) << i;
        EXPECT_EQ(thread_now.parties[i].waits, chosen_->parties[i].waits) << i;
    }
    const wire::Administer settle{wire::Command::settle};
    EXPECT_EQ(code_of(after.ask_as_operator(settle)), ErrorCode::ok);
    after.step();
    EXPECT_EQ(said(NoticeKind::overdue) + said(NoticeKind::reminder), 0U)
        << "of clocks that were stopped";
}

TEST_F(RestoringClocks, WhatNobodyOffersEndsAfterAnHour) {
    EngineBench& after = restore_after(std::chrono::hours(5));
    after.idle(limits::kOfferedAgainWaits - std::chrono::seconds(1));
    EXPECT_EQ(after.count_leaves(Event::clock_ended), 0U);
    after.idle(std::chrono::seconds(2));
    EXPECT_GT(after.count_leaves(Event::clock_ended), 0U) << "an idle broker wakes for it";
}

// A patient who waits does not wait an hour more for a disk that was lost.
TEST_F(RestoringClocks, ACaseThatIsOpenedSinceKeepsItsDelays) {
    EngineBench& after = restore_after(std::chrono::hours(5));
    AdmissionCase fresh = thread.sibling();
    Header call = fresh.make_header(kOpener, "call");
    call.respond_within = std::chrono::minutes(10);
    const Bytes envelope = fresh.seal(kOpener, call);
    EXPECT_EQ(code_of(after.ask(connect(before.territory.practice_station),
                                wire::Submit{envelope, false})),
              ErrorCode::ok);
    after.idle(std::chrono::minutes(9));
    EXPECT_EQ(after.count_leaves(Event::clock_ended), 0U);
    after.idle(std::chrono::minutes(2));
    EXPECT_GT(after.count_leaves(Event::clock_ended), 0U);
}

TEST_F(RestoringClocks, WhatIsSettledWaitsForNothing) {
    EngineBench& after = restore_after(std::chrono::hours(5));
    EXPECT_EQ(code_of(after.ask_as_operator(wire::Administer{wire::Command::settle})),
              ErrorCode::ok);
    after.step();
    EXPECT_GT(after.count_leaves(Event::clock_ended), 0U);
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

}  // namespace
}  // namespace relais::broker
