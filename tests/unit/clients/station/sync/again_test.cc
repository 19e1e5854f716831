// What comes again: after an erasure, after a restore of the broker, or at a
// place that is filled. It is shown once, and where it is the broker's fault
// both sides of it are kept.
#include "clients/station/sync/contradictions.h"
#include "core/base/contexts.h"
#include "schemas/envelope/notice.h"
#include "tests/unit/clients/station/sync/sync_fixture.h"

namespace relais::station {
namespace {

using Statuses = std::vector<ErrorCode>;

class ComesAgain : public SyncTest {
protected:
    ComesAgain() { get_ready(); }

    [[nodiscard]] wire::Delivery erasure_of(const EnvelopeEntry& entry) {
        Notice notice{.kind = NoticeKind::erased, .time = test::kTestTime};
        notice.message = parse_header(entry.header.bytes).value().id;
        notice.header = header_digest(entry.header.bytes);
        notice.state = "request";
        const Statement made =
            make_statement(contexts::kNotice, encode_notice(notice), *territory_.broker_key());
        return {
            ward_, incarnation_, Lane::urgent, {next_seq_++}, NoticeEntry{encode_statement(made)}};
    }
    void restore_the_broker() {
        broker_restored();
        get_ready();
    }
    // An entry of the directory that the station does not have yet; then all that it lacks.
    void enter_unseen() { territory_.attest(territory_.nurse); }
    void send_directory() {
        const DirectorySize size = replica_->size();
        hear(0, wire::DirectoryEntries{size, log_bytes(size.value), checkpoint()});
    }
    [[nodiscard]] EnvelopeEntry ahead_of_directory() {
        const DirectoryHead head = replica_->head();
        enter_unseen();
        return make({.head = head});
    }
    [[nodiscard]] Statuses statuses() {
        Statuses list;
        for (const StoredEntry& entry : stored()) list.push_back(entry.status);
        return list;
    }
    [[nodiscard]] std::vector<Contradiction> kept() { return contradictions(*store_).value(); }
};

TEST_F(ComesAgain, WhatWasErasedIsTheBrokersFaultAndStaysErased) {
    const EnvelopeEntry entry = make({});
    hear(0, delivery(entry));
    hear(0, erasure_of(entry));
    hear(0, delivery(entry));
    ASSERT_EQ(statuses(), (Statuses{ErrorCode::ok, ErrorCode::ok, ErrorCode::replayed}));
    for (const std::size_t place : {0U, 2U}) {
        EXPECT_TRUE(std::holds_alternative<Tombstone>(stored()[place].delivery.entry)) << place;
    }
    ASSERT_EQ(kept().size(), 1U);
    EXPECT_EQ(kept()[0].code, ErrorCode::replayed);
    EXPECT_NE(kept()[0].second.find("/directory"), std::string::npos) << "the head that it cites";
}

TEST_F(ComesAgain, WhatWaitedBeforeARestoreIsShownOnce) {
    const EnvelopeEntry entry = ahead_of_directory();
    hear(0, delivery(entry));
    restore_the_broker();
    hear(0, delivery(entry));
    EXPECT_EQ(statuses(), (Statuses{ErrorCode::ahead_of_directory, ErrorCode::already_exists}));
    send_directory();
    EXPECT_EQ(statuses(), (Statuses{ErrorCode::ok, ErrorCode::already_exists}));
    EXPECT_TRUE(kept().empty());
}

// The restored broker finds the clock where the backup has it: what it says of its half or its end
// was said before. One that began anew has another end.
TEST_F(ComesAgain, WhatWasSaidOfAClockIsShownOnce) {
    const ThreadId thread = territory_.random().make<ThreadId>();
    const auto said = [&](NoticeKind kind, std::int64_t due) {
        Notice notice{.kind = kind, .time = test::kTestTime};
        notice.thread = thread;
        notice.clock = "answer";
        notice.due = {due};
        const Statement made =
            make_statement(contexts::kNotice, encode_notice(notice), *territory_.broker_key());
        hear(0, wire::Delivery{ward_,
                               incarnation_,
                               Lane::urgent,
                               {next_seq_++},
                               NoticeEntry{encode_statement(made)}});
    };
    said(NoticeKind::reminder, 1000);
    said(NoticeKind::overdue, 1000);
    restore_the_broker();
    said(NoticeKind::reminder, 1000);
    said(NoticeKind::overdue, 1000);
    said(NoticeKind::overdue, 2000);
    EXPECT_EQ(statuses(), (Statuses{ErrorCode::ok, ErrorCode::ok, ErrorCode::already_exists,
                                    ErrorCode::already_exists, ErrorCode::ok}));
}

TEST_F(ComesAgain, WhatWaitsAndComesAgainWithoutARestoreIsTheBrokersFault) {
    const EnvelopeEntry entry = ahead_of_directory();
    hear(0, delivery(entry));
    hear(0, delivery(entry));
    EXPECT_EQ(statuses(), (Statuses{ErrorCode::ahead_of_directory, ErrorCode::replayed}));
    EXPECT_EQ(kept().size(), 1U);
    send_directory();
    EXPECT_EQ(statuses(), (Statuses{ErrorCode::ok, ErrorCode::replayed}));
}

// The restored broker accepted it where the directory was shorter: what is
// valid does not wait.
TEST_F(ComesAgain, WhatIsValidTakesThePlaceOfWhatWaits) {
    const DirectorySize size = replica_->size();
    EnvelopeEntry entry = ahead_of_directory();
    hear(0, delivery(entry));
    restore_the_broker();
    entry.accepted.directory_size = size;
    hear(0, delivery(entry));
    EXPECT_EQ(statuses(), (Statuses{ErrorCode::already_exists, ErrorCode::ok}));
    send_directory();
    EXPECT_EQ(statuses(), (Statuses{ErrorCode::already_exists, ErrorCode::ok}));
}

TEST_F(ComesAgain, WhatADamagedDiskHadSpoiltIsShownOnceItIsWhole) {
    const EnvelopeEntry whole = make({});
    EnvelopeEntry spoilt = whole;
    spoilt.content[40] ^= 1;
    hear(0, delivery(spoilt));
    restore_the_broker();
    hear(0, delivery(whole));
    EXPECT_EQ(statuses(), (Statuses{ErrorCode::content_undecryptable, ErrorCode::ok}));
}

// Else a broker that delivers late what it withheld would only have to change
// its incarnation.
TEST_F(ComesAgain, ARestoreDoesNotMakeALateMessageGood) {
    const EnvelopeEntry late = make({.counter = 1});
    hear(0, delivery(make({.counter = 2})));
    hear(0, delivery(late));
    restore_the_broker();
    hear(0, delivery(late));
    EXPECT_EQ(statuses(), (Statuses{ErrorCode::ok, ErrorCode::counter_contradiction,
                                    ErrorCode::already_exists}));
}

// Its counter is taken with its signature, so that what was held back behind it is found as ever.
TEST_F(ComesAgain, WhatWaitedForTheDirectoryTakesItsCounterWhenItIsJudged) {
    const DirectoryHead head = replica_->head();
    enter_unseen();
    hear(0, delivery(make({.counter = 1, .head = head})));
    hear(0, delivery(make({.counter = 2, .head = head})));
    hear(0, delivery(make({.counter = 2, .head = head})));
    send_directory();
    EXPECT_EQ(statuses(),
              (Statuses{ErrorCode::ok, ErrorCode::ok, ErrorCode::counter_contradiction}));
    hear(0, delivery(make({.counter = 1})));
    hear(0, delivery(make({.counter = 3})));
    EXPECT_EQ(statuses().at(3), ErrorCode::counter_contradiction);
    EXPECT_EQ(statuses().at(4), ErrorCode::ok);
}

class OtherThanHeld : public ComesAgain {
protected:
    OtherThanHeld() {
        hear(0, next_delivery());
        flush();
        const auto said = said_of<wire::Acknowledge>();
        acknowledgement_ = said.at(0).first;
    }
    void refuse(ErrorCode code, Retry retry) {
        hear(acknowledgement_, wire::Refusal{code, retry, "", std::nullopt});
    }
    std::uint64_t acknowledgement_ = 0;
};

// It went back to a copy of its disk under the same incarnation, and other
// entries took the places of those that this station holds.
TEST_F(OtherThanHeld, AnAcknowledgementRefusedForWhatStandsThereIsAContradiction) {
    for (const ErrorCode code : {ErrorCode::digest_mismatch, ErrorCode::wrong_position}) {
        SCOPED_TRACE(error_name(code));
        refuse(code, Retry::never);
        EXPECT_EQ(alarm(), ErrorCode::inconsistent_log);
        flush();
        EXPECT_TRUE(said_of<wire::Acknowledge>().empty()) << "not said again for it";
        sync_.disconnected();
        get_ready();
        flush();
        acknowledgement_ = said_of<wire::Acknowledge>().at(0).first;
    }
    ASSERT_EQ(kept().size(), 2U);
    EXPECT_EQ(kept()[0].code, ErrorCode::inconsistent_log);
    EXPECT_EQ(kept()[0].about, ward_.text());
    EXPECT_FALSE(kept()[0].first.empty());
    EXPECT_FALSE(kept()[0].second.empty());
}

TEST_F(OtherThanHeld, OneThatIsRefusedForNowOrForAnotherReasonIsNone) {
    refuse(ErrorCode::busy, Retry::later);
    EXPECT_EQ(alarm(), ErrorCode::ok);
    sync_.disconnected();
    get_ready();
    flush();
    acknowledgement_ = said_of<wire::Acknowledge>().at(0).first;
    refuse(ErrorCode::not_your_mailbox, Retry::never);
    EXPECT_EQ(alarm(), ErrorCode::ok);
    EXPECT_TRUE(kept().empty());
}

TEST_F(OtherThanHeld, AnotherEntryAtAPlaceThatIsFilledIsAContradiction) {
    wire::Delivery other = delivery(make({.counter = 2}));
    other.seq = {1};
    hear(0, other);
    EXPECT_EQ(alarm(), ErrorCode::inconsistent_log);
    EXPECT_EQ(stored().size(), 1U);
    ASSERT_EQ(kept().size(), 1U);
    EXPECT_EQ(kept()[0].about, ward_.text());
}

TEST_F(OtherThanHeld, WhatWasErasedMeanwhileIsNone) {
    const wire::Delivery before = next_delivery();
    hear(0, before);
    hear(0, erasure_of(std::get<EnvelopeEntry>(before.entry)));
    wire::Delivery buried = before;
    buried.entry = Tombstone{entry_digest(before.entry), std::nullopt};
    hear(0, buried);
    EXPECT_EQ(alarm(), ErrorCode::ok);
    EXPECT_TRUE(kept().empty());
}

// The bytes go once the erasure is kept; a download that was under way does not
// bring them back.
TEST_F(ComesAgain, TheAttachmentsOfWhatIsErasedGoWithIt) {
    const EnvelopeEntry entry = make({});
    const MessageId message = parse_header(entry.header.bytes).value().id;
    hear(0, delivery(entry));
    store_->put_attachment({message, AttachmentState::here, {1}}).value();
    hear(0, erasure_of(entry));
    EXPECT_FALSE(store_->attachment(message).value().has_value());
    EXPECT_EQ(sync_.take_erased(), std::vector{message});
    EXPECT_TRUE(sync_.take_erased().empty());
}

}  // namespace
}  // namespace relais::station
