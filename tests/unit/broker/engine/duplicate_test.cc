// D2: the same message of the same station gets its original answer, whatever changed since; under
// its id nothing else passes; and that lasts until its expiry and thirty days more.
#include "core/merkle/tree.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Duplicate : public EngineTest {
protected:
    void expect_same(const wire::Receipt& first, const wire::Body& second) {
        ASSERT_EQ(code_of(second), ErrorCode::ok);
        const auto& receipt = std::get<wire::Receipt>(second);
        EXPECT_TRUE(receipt.duplicate);
        EXPECT_EQ(receipt.id, first.id);
        EXPECT_EQ(receipt.accepted.time, first.accepted.time);
        EXPECT_EQ(receipt.accepted.directory_size, first.accepted.directory_size);
        EXPECT_EQ(receipt.accepted.leaf, first.accepted.leaf);
        EXPECT_EQ(receipt.accepted.leaf_hash, first.accepted.leaf_hash);
    }
    wire::Receipt accepted(const Bytes& envelope) {
        const wire::Body body = thread.send(kOpener, envelope);
        EXPECT_EQ(code_of(body), ErrorCode::ok);
        return std::get<wire::Receipt>(body);
    }
};

TEST_F(Duplicate, AnAcceptedMessageGetsItsReceiptAgainAndNothingElseHappens) {
    const Bytes call = thread.make(kOpener, "call");
    const wire::Receipt first = accepted(call);
    const std::size_t leaves = bench.raw_leaves().size();
    bench.pass(std::chrono::minutes(5));
    expect_same(first, thread.send(kOpener, call));
    EXPECT_EQ(bench.raw_leaves().size(), leaves);
    EXPECT_EQ(bench.log_of(kGeriatrics).size(), 1u);
    EXPECT_EQ(bench.log_of(kPractice).size(), 1u);
}

TEST_F(Duplicate, TwiceInOneStepIsAcceptedOnce) {
    const Bytes call = thread.make(kOpener, "call");
    Input once = thread.input(kOpener, call);
    Input twice = thread.input(kOpener, call);
    const auto first_number = once.number;
    const auto second_number = twice.number;
    bench.step(together(std::move(once), std::move(twice)));
    const wire::Body first = bench.answer(practice(), first_number);
    ASSERT_EQ(code_of(first), ErrorCode::ok);
    EXPECT_FALSE(std::get<wire::Receipt>(first).duplicate);
    expect_same(std::get<wire::Receipt>(first), bench.answer(practice(), second_number));
    EXPECT_EQ(bench.log_of(kGeriatrics).size(), 1u);
}

TEST_F(Duplicate, TheReceiptComesBeforeAnyRuleThatHasChangedSince) {
    const Bytes call = thread.make(kOpener, "call");
    const wire::Receipt first = accepted(call);
    auto& territory = bench.territory;
    territory.revoke(territory.doctor);
    territory.add_epoch(territory.hospital, "geriatrie");
    territory.add_epoch(territory.hospital, "geriatrie");
    territory.suspend(territory.hospital);
    bench.publish_directory();
    expect_same(first, thread.send(kOpener, call));
}

TEST_F(Duplicate, ARefusalStandsThoughTheRuleWouldNowPass) {
    auto& territory = bench.territory;
    territory.attest(territory.doctor, true);  // withdrawn
    bench.publish_directory();
    const Bytes call = thread.make(kOpener, "call");
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::not_attested);
    territory.attest(territory.doctor);
    bench.publish_directory();
    const std::size_t leaves = bench.raw_leaves().size();
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::not_attested);
    EXPECT_EQ(bench.raw_leaves().size(), leaves) << "the refusal was audited when it was made";
    does(kOpener, "call");
}

TEST_F(Duplicate, ARefusalIsGivenAgainWithAllThatItSaid) {
    does(kOpener, "call");
    const Bytes offer = thread.make(kGeri, "offer");
    does(kOpener, "cancel");
    const wire::Body first = thread.send(kGeri, offer);
    ASSERT_EQ(code_of(first), ErrorCode::conflict);
    const auto& refusal = std::get<wire::Refusal>(first);
    ASSERT_TRUE(refusal.winning.has_value());
    const wire::Body second = thread.send(kGeri, offer);
    ASSERT_EQ(code_of(second), ErrorCode::conflict);
    const auto& again = std::get<wire::Refusal>(second);
    EXPECT_EQ(again.detail, refusal.detail);
    EXPECT_EQ(again.retry, refusal.retry);
    ASSERT_TRUE(again.winning.has_value());
    EXPECT_EQ(again.winning->bytes, refusal.winning->bytes);
}

TEST_F(Duplicate, UnderTheSameIdOtherBytesAreRefusedAndTheFirstAnswerStands) {
    const Header header = thread.make_header(kOpener, "call");
    const Bytes call = thread.seal(kOpener, header);
    const wire::Receipt first = accepted(call);
    EXPECT_EQ(refused(kOpener, header), ErrorCode::duplicate_mismatch) << "sealed afresh";
    expect_same(first, thread.send(kOpener, call));
}

TEST_F(Duplicate, UnderTheIdOfARefusedMessageOtherBytesAreRefused) {
    Header header = thread.make_header(kOpener, "call");
    header.lane = Lane::routine;
    EXPECT_EQ(refused(kOpener, header), ErrorCode::lane_refused);
    header.lane = Lane::urgent;
    EXPECT_EQ(refused(kOpener, header), ErrorCode::duplicate_mismatch);
}

TEST_F(Duplicate, TheIdBelongsToOneStation) {
    const Header call = thread.make_header(kOpener, "call");
    accepted(thread.seal(kOpener, call));
    Header receive = thread.make_header(kGeri, "receive");
    receive.id = call.id;
    EXPECT_EQ(refused(kGeri, receive), ErrorCode::ok);
}

TEST_F(Duplicate, WhatWasRefusedForNowIsJudgedAgain) {
    auto& territory = bench.territory;
    // Made under an entry that the broker does not have yet.
    territory.add_person(territory.practice);
    const std::size_t log = territory.log().size();
    std::vector<Digest> hashes;
    for (const auto& entry : territory.log()) hashes.push_back(merkle::leaf_hash(entry.bytes));
    Header header = thread.make_header(kOpener, "call");
    header.head = {{log}, merkle::tree_root(hashes)};
    const Bytes call = thread.seal(kOpener, header);
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ahead_of_directory);
    bench.publish_directory();
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ok);
}

TEST_F(Duplicate, TheAnswerSurvivesARestart) {
    const Bytes call = thread.make(kOpener, "call");
    const wire::Receipt first = accepted(call);
    bench.restart();
    thread.reconnect();
    expect_same(first, thread.send(kOpener, call));
}

TEST_F(Duplicate, TheAnswerIsKeptUntilExpiryAndThirtyDaysMoreThenForgotten) {
    Header header = thread.make_header(kOpener, "call");
    header.expires_after = std::chrono::hours(2);
    const Bytes call = thread.seal(kOpener, header);
    const wire::Receipt first = accepted(call);
    bench.idle(2 * kHour + 30 * kDay - std::chrono::minutes(1));
    expect_same(first, thread.send(kOpener, call));
    bench.idle(std::chrono::minutes(2));
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::act_refused)
        << "judged anew: the thread is still there";
}

TEST_F(Duplicate, ARefusalIsForgottenAfterThirtyDays) {
    Header header = thread.make_header(kOpener, "call");
    header.lane = Lane::routine;
    const Bytes call = thread.seal(kOpener, header);
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::lane_refused);
    bench.idle(30 * kDay + kHour);
    const std::size_t refusals = bench.count_leaves(Event::submitted, ErrorCode::lane_refused);
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::lane_refused);
    EXPECT_EQ(bench.count_leaves(Event::submitted, ErrorCode::lane_refused), refusals + 1);
}

TEST_F(Duplicate, AFloodOfRefusalsIsNotAllRemembered) {
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(call_with([](Header& header) { header.lane = Lane::routine; }),
                  ErrorCode::lane_refused);
    }
    auto count = bench.sqlite().database().query("SELECT count(*) FROM remembered");
    ASSERT_TRUE(count.row().value());
    EXPECT_LE(count.integer(0), 10);
}

}  // namespace
}  // namespace relais::broker
