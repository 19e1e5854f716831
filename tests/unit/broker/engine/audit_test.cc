// A1: everything has its leaf, in its own transaction; floods of refusals are counted. And the log
// is the tree that its heads sign.
#include "core/base/contexts.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/tree.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Audit : public EngineTest {
protected:
    Digest recomputed(std::uint64_t size, wire::LogName log = wire::LogName::audit) {
        std::vector<Digest> hashes;
        for (const Bytes& leaf : bench.raw_leaves(log)) hashes.push_back(merkle::leaf_hash(leaf));
        hashes.resize(size);
        return merkle::tree_root(hashes);
    }
    merkle::LogTrust trust() {
        const std::string origin = "indre/audit";
        return {origin,
                merkle::VerifierKey::make(origin, merkle::NoteKeyType::ed25519, bench.audit_key())
                    .value()};
    }
    merkle::Checkpoint head() {
        const std::string note = bench.sqlite().last_checkpoint(wire::LogName::audit).value();
        return merkle::verify_checkpoint(note, trust()).value().head();
    }
    std::uint32_t counted(ErrorCode code) {
        std::uint32_t count = 0;
        for (const Leaf& leaf : bench.leaves()) {
            if (leaf.event == Event::refusals_counted && leaf.code == code) count += leaf.count;
        }
        return count;
    }
    ErrorCode wrong_lane() {
        return call_with([](Header& header) { header.lane = Lane::routine; });
    }
};

TEST_F(Audit, ARefusalHasItsLeafWithItsCode) {
    Header header = thread.make_header(kOpener, "call");
    header.lane = Lane::routine;
    EXPECT_EQ(refused(kOpener, header), ErrorCode::lane_refused);
    const Leaf leaf = bench.leaves().back();
    EXPECT_EQ(leaf.event, Event::submitted);
    EXPECT_EQ(leaf.code, ErrorCode::lane_refused);
    EXPECT_EQ(leaf.message, header.id);
    EXPECT_EQ(leaf.station, header.station);
    EXPECT_EQ(leaf.header, header_digest(encode_header(header)));
}

TEST_F(Audit, AnyOtherRefusedRequestHasItsLeafToo) {
    bench.attach(ward(kGeri), kCardiology);
    const Leaf leaf = bench.leaves().back();
    EXPECT_EQ(leaf.event, Event::request_refused);
    EXPECT_EQ(leaf.code, ErrorCode::not_your_mailbox);
    EXPECT_EQ(leaf.subject, "Attach");
    EXPECT_EQ(leaf.station, bench.station_of(ward(kGeri)).id);
}

TEST_F(Audit, AFloodOfRefusalsIsCountedExactly) {
    constexpr std::uint32_t kFlood = 200;
    const std::size_t before = bench.raw_leaves().size();
    for (std::uint32_t i = 0; i < kFlood; ++i) EXPECT_EQ(wrong_lane(), ErrorCode::lane_refused);
    const std::size_t own = bench.count_leaves(Event::submitted, ErrorCode::lane_refused);
    EXPECT_LE(own, 10u);
    EXPECT_LE(bench.raw_leaves().size(), before + own);
    bench.idle(2 * kMinute);
    EXPECT_EQ(own + counted(ErrorCode::lane_refused), kFlood);
}

TEST_F(Audit, AFloodOfOneStationHidesNoRefusalOfAnother) {
    for (int i = 0; i < 50; ++i) wrong_lane();
    Header header = thread.make_header(kGeri, "receive");
    header.lane = Lane::crisis;
    header.thread = make_uuid_v7<ThreadId>(bench.random, test::kTestTime);
    EXPECT_EQ(refused(kGeri, header), ErrorCode::unknown_thread);
    EXPECT_EQ(bench.leaves().back().code, ErrorCode::unknown_thread);
}

TEST_F(Audit, CountsAreWrittenBeforeAStop) {
    for (int i = 0; i < 50; ++i) wrong_lane();
    ASSERT_TRUE(bench.engine().close(bench.now).ok());
    EXPECT_EQ(bench.count_leaves(Event::submitted, ErrorCode::lane_refused) +
                  counted(ErrorCode::lane_refused),
              50u);
    EXPECT_EQ(bench.leaves().back().event, Event::broker_stopped);
    EXPECT_EQ(head().size, bench.raw_leaves().size());
}

TEST_F(Audit, ConnectionsRefusedByTheirKeyAreCounted) {
    bench.step(together(Input{0, Principal::station, {}, 0, KeysRefused{7}},
                        Input{0, Principal::station, {}, 0, KeysRefused{5}}));
    bench.idle(2 * kMinute);
    EXPECT_EQ(counted(ErrorCode::unknown_key), 12u);
}

TEST_F(Audit, FramesOfARevokedStationAreCounted) {
    bench.territory.revoke(bench.territory.geriatrics_station);
    bench.publish_directory();
    EXPECT_EQ(bench.count_leaves(Event::station_cut), 1u);
    for (int i = 0; i < 3; ++i) {
        bench.step(together(bench.input(ward(kGeri), wire::FetchBundle{admission_kind().digest})));
    }
    bench.idle(2 * kMinute);
    EXPECT_EQ(counted(ErrorCode::revoked), 3u);
}

TEST_F(Audit, TheHeadIsTheTreeOverTheLeaves) {
    for (const char* act : {"call", "deposit", "deposit"}) does(kOpener, act);
    bench.idle(kMinute);
    EXPECT_EQ(head().size, bench.raw_leaves().size());
    EXPECT_EQ(head().root, recomputed(head().size));
}

TEST_F(Audit, EveryHeadEverSignedIsOfTheOneGrowingTree) {
    does(kOpener, "call");
    for (int i = 0; i < 8; ++i) {
        does(kOpener, "deposit");
        bench.idle(std::chrono::seconds(5));
    }
    bench.restart();
    bench.idle(kMinute);
    const auto notes = bench.sqlite().checkpoints(wire::LogName::audit, 0, 1000).value();
    EXPECT_GE(notes.size(), 8u);
    for (const std::string& note : notes) {
        const auto one = merkle::verify_checkpoint(note, trust());
        ASSERT_TRUE(one.ok());
        EXPECT_EQ(one->head().root, recomputed(one->head().size));
    }
}

TEST_F(Audit, AnEntryIsProvedByItsLeafUnderTheHead) {
    const wire::Receipt receipt = does(kOpener, "call");
    const wire::FetchProof fetch{receipt.accepted.leaf, receipt.accepted.leaf_hash};
    EXPECT_EQ(code_of(bench.ask(practice(), fetch)), ErrorCode::not_yet_proven);
    bench.idle(std::chrono::seconds(3));
    const wire::Body body = bench.ask(practice(), fetch);
    ASSERT_EQ(code_of(body), ErrorCode::ok);
    const auto& proof = std::get<wire::Proof>(body);
    const auto verified = merkle::verify_checkpoint(proof.checkpoint, trust());
    ASSERT_TRUE(verified.ok());
    EXPECT_TRUE(merkle::verify_inclusion(merkle::leaf_hash(proof.leaf), proof.index.value,
                                         verified->head().size, proof.hashes, verified->head().root)
                    .ok());
    EXPECT_EQ(code_of(bench.ask(practice(), wire::FetchProof{receipt.accepted.leaf,
                                                             bench.random.make<Digest>()})),
              ErrorCode::unknown_object);
}

TEST_F(Audit, ALeafBeyondAllNumbersOfTheStoreIsUnknownAndHarmsNobody) {
    for (const std::uint64_t leaf : {std::uint64_t{1} << 40, std::uint64_t{1} << 63, UINT64_MAX}) {
        EXPECT_EQ(code_of(bench.ask(practice(), wire::FetchProof{{leaf}, {}})),
                  ErrorCode::unknown_object);
        for (const wire::LogName log : {wire::LogName::audit, wire::LogName::directory}) {
            const wire::Body leaves = bench.ask_as_operator(wire::FetchLeaves{log, leaf});
            EXPECT_TRUE(std::get<wire::Leaves>(leaves).leaves.empty());
            const wire::Body notes = bench.ask_as_operator(wire::FetchCheckpoints{log, leaf});
            EXPECT_TRUE(std::get<wire::Checkpoints>(notes).notes.empty());
        }
    }
}

TEST_F(Audit, HeadsAreProvedConsistent) {
    does(kOpener, "call");
    bench.idle(std::chrono::seconds(3));
    const merkle::Checkpoint before = head();
    for (int i = 0; i < 300; ++i) does(kOpener, "deposit");  // past a tile
    bench.idle(std::chrono::seconds(3));
    const wire::Body body =
        bench.ask(practice(), wire::FetchConsistency{wire::LogName::audit, before.size});
    ASSERT_EQ(code_of(body), ErrorCode::ok);
    const auto& proof = std::get<wire::Consistency>(body);
    const auto after = merkle::verify_checkpoint(proof.checkpoint, trust()).value().head();
    EXPECT_TRUE(
        merkle::verify_consistency(before.size, before.root, after.size, after.root, proof.hashes)
            .ok());
    EXPECT_EQ(after.root, recomputed(after.size));
    EXPECT_EQ(code_of(bench.ask(practice(),
                                wire::FetchConsistency{wire::LogName::audit, after.size + 1000})),
              ErrorCode::wrong_position);
}

TEST_F(Audit, TwoLeavesOfTheSameEventAreNotAlike) {
    bench.disconnect(practice());
    bench.connect(bench.territory.practice_station);
    const std::set<Bytes> leaves = [&] {
        const auto all = bench.raw_leaves();
        return std::set<Bytes>(all.begin(), all.end());
    }();
    EXPECT_EQ(leaves.size(), bench.raw_leaves().size()) << "each has its salt";
}

TEST_F(Audit, ReadingTheEvidenceIsAnEvent) {
    const wire::Body body = bench.ask_as_operator(wire::FetchLeaves{wire::LogName::audit, 0});
    ASSERT_EQ(code_of(body), ErrorCode::ok);
    EXPECT_EQ(bench.leaves().back().event, Event::evidence_read);
}

// A trap of the field: the health check says yes while nothing works.
TEST_F(Audit, ABrokerWhoseKeyIsOverIsNotWell) {
    constexpr std::chrono::hours kYear(24 * 365);
    bench.reboot(kYear - std::chrono::hours(2));
    bench.restart();
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::Probe{})), ErrorCode::ok);
    bench.reboot(std::chrono::hours(2));
    bench.restart();
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::Probe{})), ErrorCode::revoked);
}

TEST_F(Audit, TheProbeIsSignedAfterACommit) {
    const std::uint64_t commits = bench.store().commits();
    const wire::Body body = bench.ask_as_operator(wire::Probe{});
    const auto& probed = std::get<wire::Probed>(body);
    EXPECT_EQ(bench.store().commits(), commits + 1);
    EXPECT_TRUE(bench.territory.verifier()
                    .verify(bench.territory.broker_key()->public_key(),
                            signed_message(contexts::kHealth, probed.time), probed.signature)
                    .ok());
    bench.store().fail_commits(ErrorCode::io_failed);
    EXPECT_FALSE(bench.try_step(together(bench.operator_input(wire::Probe{}))).ok());
}

}  // namespace
}  // namespace relais::broker
