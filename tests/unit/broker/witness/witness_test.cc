// The broker's side of witnessing: who may cosign what, what is kept, and when a log is called
// late.
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/tree.h"
#include "schemas/witness/witness.h"
#include "tests/support/engine/engine_bench.h"

namespace relais::broker {
namespace {

using wire::LogName;

constexpr std::chrono::seconds kLateAfter{600};

// One station as a witness: it cosigns what it is given, unless a test has it do otherwise.
struct Witness {
    const test::TestStation& station;
    const test::TestOrganisation& organisation;
    Ed25519Key key = Ed25519Key::generate();
    SessionId session = 0;
};

class Witnesses : public testing::Test {
protected:
    Witnesses() {
        directory::Domain domain = bench.territory.domain_body();  // with the keys of this broker
        domain.audit_log = bench.audit_key();
        domain.directory_log = bench.directory_key();
        bench.territory.append("", *bench.territory.authority(), domain);
        for (Witness* witness : {&cpts, &hospital, &practice}) declare(*witness);
        bench.publish_directory();
    }

    void declare(Witness& witness) {
        bench.territory.append(
            witness.organisation.name.text(), *witness.organisation.authority,
            directory::Witness{witness.station.id, witness.key.public_key(), false});
    }
    void ask_for(unsigned organisations) {
        bench.territory.append(
            "", *bench.territory.authority(),
            directory::WitnessPolicy{static_cast<std::uint8_t>(organisations), kLateAfter});
        bench.publish_directory();
    }
    ErrorCode follow(Witness& witness, std::uint64_t audit = 0, std::uint64_t directory = 0) {
        witness.session = bench.connect(witness.station);
        return code_of(bench.ask(witness.session, wire::FollowCheckpoints{audit, directory}));
    }
    // The heads that it was given since the last call.
    std::vector<wire::NewCheckpoint> given(const Witness& witness) {
        std::vector<wire::NewCheckpoint> heads;
        for (wire::Body& push : bench.take_pushes(witness.session)) {
            if (auto* head = std::get_if<wire::NewCheckpoint>(&push)) heads.push_back(*head);
        }
        return heads;
    }
    merkle::VerifiedCheckpoint verified(const wire::NewCheckpoint& head) {
        auto trust = witness::log_trust(bench.territory.state(), head.log, head.checkpoint).value();
        return merkle::verify_checkpoint(head.checkpoint, trust).value();
    }
    wire::Cosign line(Witness& witness, const wire::NewCheckpoint& head) {
        const auto* record = bench.territory.state().witness(witness.station.id);
        const auto key = witness::verifier_key(bench.territory.domain(), *record);
        const auto seen = verified(head);
        return {head.log, seen.head().size,
                merkle::cosign(seen, key, witness.key, bench.now.wall).value().line()};
    }
    // It cosigns all that it is given until it is given nothing more; how many.
    int work(Witness& witness) {
        int count = 0;
        for (auto heads = given(witness); !heads.empty(); heads = given(witness)) {
            for (const wire::NewCheckpoint& head : heads) {
                EXPECT_EQ(code_of(bench.ask(witness.session, line(witness, head))), ErrorCode::ok);
                ++count;
            }
        }
        return count;
    }
    void settle(Milliseconds time = std::chrono::seconds(3)) { bench.idle(time); }
    witness::Standing standing(LogName log = LogName::audit) {
        const std::string note = bench.sqlite().last_checkpoint(log).value();
        return witness::judge_head(bench.territory.state(), log, note).value().standing;
    }
    WitnessCounts counts() { return bench.engine().counts().witnesses; }

    EngineBench bench;
    Witness cpts{bench.territory.cpts_station, bench.territory.cpts};
    Witness hospital{bench.territory.geriatrics_station, bench.territory.hospital};
    Witness practice{bench.territory.practice_station, bench.territory.practice};
};

TEST_F(Witnesses, AWitnessIsGivenBothHeadsWithAProofFromWhatItCosignedLast) {
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    settle();
    const auto first = given(cpts);
    ASSERT_EQ(first.size(), 2u);
    for (const auto& head : first) {
        EXPECT_EQ(head.from_size, 0u);
        ASSERT_EQ(code_of(bench.ask(cpts.session, line(cpts, head))), ErrorCode::ok);
    }
    const auto before = verified(first[0]).head();
    bench.connect(hospital.station);  // an event, hence a head
    settle();
    const auto next = given(cpts);
    ASSERT_EQ(next.size(), 1u);
    EXPECT_EQ(next[0].log, LogName::audit);
    EXPECT_EQ(next[0].from_size, before.size);
    const auto after = verified(next[0]).head();
    EXPECT_TRUE(
        merkle::verify_consistency(before.size, before.root, after.size, after.root, next[0].hashes)
            .ok());
}

// The step is done again from the reserve; what follows has to begin at what was cosigned, or a
// witness would take the broker for one that contradicts itself.
TEST_F(Witnesses, ALineThatADiskHadNoRoomForIsTakenFromTheReserve) {
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    settle();
    const auto first = given(cpts);
    ASSERT_EQ(first.size(), 2u);
    bench.store().fail_commits(ErrorCode::storage_full);
    EXPECT_EQ(code_of(bench.ask(cpts.session, line(cpts, first[0]))), ErrorCode::ok);
    bench.connect(hospital.station);
    settle();
    const auto next = given(cpts);
    ASSERT_EQ(next.size(), 1u);
    EXPECT_EQ(next[0].from_size, verified(first[0]).head().size);
}

TEST_F(Witnesses, AStationThatIsNoWitnessFollowsNothing) {
    const SessionId other = bench.connect(bench.territory.cardiology_station);
    EXPECT_EQ(code_of(bench.ask(other, wire::FollowCheckpoints{0, 0})), ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(other, wire::Cosign{LogName::audit, 1, "x\n"})),
              ErrorCode::forbidden);
}

TEST_F(Witnesses, OneThatHasSeenMoreThanThereIsIsRefusedAndSoLearnsOfIt) {
    EXPECT_EQ(follow(cpts, 1'000'000, 0), ErrorCode::wrong_position);
    EXPECT_EQ(follow(cpts, 0, 1'000'000), ErrorCode::wrong_position);
}

TEST_F(Witnesses, TheNextHeadComesAfterTheAnswerAlone) {
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    settle();
    ASSERT_EQ(given(cpts).size(), 2u);
    for (int i = 0; i < 5; ++i) {
        bench.connect(hospital.station);
        settle();
    }
    EXPECT_TRUE(given(cpts).empty()) << "it owes an answer";
}

TEST_F(Witnesses, ACosignatureStandsUnderItsHeadAndMakesNoLeaf) {
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    int count = 0;
    for (int i = 0; i < 3; ++i) {
        settle();
        count += work(cpts);
    }
    EXPECT_GE(count, 2);
    const std::size_t leaves = bench.raw_leaves().size();
    for (int i = 0; i < 5; ++i) settle();
    EXPECT_EQ(work(cpts), 0) << "no news, nothing to cosign";
    EXPECT_EQ(bench.raw_leaves().size(), leaves);
    EXPECT_EQ(standing().organisations, std::set<std::string>{"cpts-indre"});
    bench.restart();
    EXPECT_EQ(standing().organisations, std::set<std::string>{"cpts-indre"});
}

TEST_F(Witnesses, AWitnessHasOneLineUnderAHead) {
    ask_for(1);
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    settle();
    work(cpts);
    settle(kLateAfter);  // it is asked to say it again, so that its time shows nothing is hidden
    EXPECT_GE(work(cpts), 1);
    const std::string note = bench.sqlite().last_checkpoint(LogName::directory).value();
    EXPECT_EQ(merkle::parse_note(note).value().signatures.size(), 2u);
}

TEST_F(Witnesses, WhatIsNoCosignatureOfThatHeadByThatWitnessIsRefused) {
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    ASSERT_EQ(follow(hospital), ErrorCode::ok);
    settle();
    const auto heads = given(cpts);
    ASSERT_EQ(heads.size(), 2u);
    const wire::Cosign good = line(cpts, heads[0]);
    wire::Cosign altered = good;
    altered.cosignature[altered.cosignature.size() - 8] ^= 1;
    EXPECT_NE(code_of(bench.ask(cpts.session, altered)), ErrorCode::ok);
    wire::Cosign of_other_head = line(cpts, heads[1]);
    of_other_head.log = good.log;
    of_other_head.size = good.size;
    EXPECT_EQ(code_of(bench.ask(cpts.session, of_other_head)), ErrorCode::note_invalid);
    wire::Cosign other_size = good;
    ++other_size.size;
    EXPECT_EQ(code_of(bench.ask(cpts.session, other_size)), ErrorCode::wrong_position);
    EXPECT_EQ(code_of(bench.ask(hospital.session, good)), ErrorCode::note_invalid)
        << "another's line";
    EXPECT_TRUE(standing().lines.empty());
    EXPECT_EQ(code_of(bench.ask(cpts.session, good)), ErrorCode::ok);
    EXPECT_EQ(code_of(bench.ask(cpts.session, good)), ErrorCode::wrong_position) << "once";
}

TEST_F(Witnesses, ALineFarFromThePresentTimeIsRefused) {
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    settle();
    const auto heads = given(cpts);
    const wire::Cosign early = line(cpts, heads[0]);
    bench.idle(limits::kCosignatureSkew + std::chrono::seconds(2));
    EXPECT_EQ(code_of(bench.ask(cpts.session, early)), ErrorCode::invalid_field);
}

TEST_F(Witnesses, OrganisationsAreCountedAndNotStations) {
    Witness second{bench.territory.cardiology_station, bench.territory.hospital};
    declare(second);
    ask_for(2);
    for (Witness* witness : {&hospital, &second}) ASSERT_EQ(follow(*witness), ErrorCode::ok);
    settle();
    for (Witness* witness : {&hospital, &second}) work(*witness);
    EXPECT_EQ(standing().lines.size(), 2u);
    EXPECT_EQ(standing().organisations.size(), 1u);
    EXPECT_FALSE(standing().met());
    EXPECT_EQ(counts().audit.size, 0u);
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    settle();
    for (Witness* witness : {&hospital, &second, &cpts}) work(*witness);
    EXPECT_GT(counts().audit.size, 0u);
    EXPECT_TRUE(counts().audit.at.has_value());
}

TEST_F(Witnesses, LateAndMetAgainHaveALeafEachAndNoMore) {
    ask_for(2);
    for (Witness* witness : {&cpts, &hospital}) ASSERT_EQ(follow(*witness), ErrorCode::ok);
    settle();
    work(cpts);  // one of two
    settle(kLateAfter + std::chrono::seconds(10));
    settle(kLateAfter);
    EXPECT_EQ(bench.count_leaves(Event::witnessing_late), 2u) << "one a log";
    EXPECT_TRUE(counts().audit.late);
    EXPECT_NE(
        std::get<wire::Status>(bench.ask_as_operator(wire::AskStatus{})).json.find("\"late\":true"),
        std::string::npos);
    for (int i = 0; i < 4; ++i) {
        for (Witness* witness : {&cpts, &hospital}) {
            given(*witness);  // of before: their time is over
            ASSERT_EQ(follow(*witness), ErrorCode::ok);
        }
        settle();
        for (Witness* witness : {&cpts, &hospital}) work(*witness);
    }
    settle();
    EXPECT_EQ(bench.count_leaves(Event::witnessing_met), 2u);
    EXPECT_FALSE(counts().audit.late);
}

TEST_F(Witnesses, AProofIsGivenUnderTheWitnessedHeadOnceItCoversTheLeaf) {
    ask_for(1);
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    settle();
    work(cpts);
    const auto leaves = bench.raw_leaves();
    const wire::Body body =
        bench.ask(cpts.session, wire::FetchProof{{0}, merkle::leaf_hash(leaves[0])});
    const auto& proof = std::get<wire::Proof>(body);
    const auto judged =
        witness::judge_head(bench.territory.state(), LogName::audit, proof.checkpoint).value();
    EXPECT_TRUE(judged.standing.met());
    EXPECT_EQ(judged.standing.organisations.size(), 1u);
    EXPECT_TRUE(merkle::verify_inclusion(merkle::leaf_hash(proof.leaf), proof.index.value,
                                         judged.head.head().size, proof.hashes,
                                         judged.head.head().root)
                    .ok());
}

TEST_F(Witnesses, AReaderGetsTheWitnessedHeadAndItsProofWithThePresentOne) {
    ask_for(1);
    ASSERT_EQ(follow(cpts), ErrorCode::ok);
    settle();
    work(cpts);
    bench.connect(hospital.station);
    settle();  // a head that nobody cosigned yet
    const wire::Body body = bench.ask(cpts.session, wire::FetchConsistency{LogName::audit, 0});
    const auto& answer = std::get<wire::Consistency>(body);
    EXPECT_TRUE(answer.hashes.empty());
    const auto& state = bench.territory.state();
    const auto now = witness::judge_head(state, LogName::audit, answer.checkpoint).value();
    const auto witnessed = witness::judge_head(state, LogName::audit, answer.witnessed).value();
    EXPECT_FALSE(now.standing.met());
    EXPECT_TRUE(witnessed.standing.met());
    EXPECT_LT(witnessed.head.head().size, now.head.head().size);
    EXPECT_TRUE(merkle::verify_consistency(witnessed.head.head().size, witnessed.head.head().root,
                                           now.head.head().size, now.head.head().root,
                                           answer.witnessed_hashes)
                    .ok());
}

TEST_F(Witnesses, ALineOfAKeyThatWasReplacedCountsNoMore) {
    ask_for(1);
    ASSERT_EQ(follow(hospital), ErrorCode::ok);
    settle();
    work(hospital);
    ASSERT_TRUE(standing().met());
    const std::string note = bench.sqlite().last_checkpoint(LogName::audit).value();
    bench.territory.append(
        hospital.organisation.name.text(), *hospital.organisation.authority,
        directory::Witness{hospital.station.id, hospital.key.public_key(), true});
    hospital.key = Ed25519Key::generate();
    declare(hospital);
    bench.publish_directory();
    const auto old = witness::judge_head(bench.territory.state(), LogName::audit, note).value();
    ASSERT_EQ(old.standing.lines.size(), 1u) << "what it said stays readable";
    EXPECT_FALSE(old.standing.lines[0].counts);
    EXPECT_TRUE(old.standing.organisations.empty());
    EXPECT_EQ(old.standing.as_of, std::nullopt);
    EXPECT_FALSE(old.standing.met());

    const wire::NewCheckpoint same{LogName::audit, 0, {}, note};
    const auto added = merkle::parse_signature_line(line(hospital, same).cosignature).value();
    const auto both = witness::judge_head(bench.territory.state(), LogName::audit,
                                          merkle::put_cosignature(note, added).value())
                          .value();
    EXPECT_EQ(both.standing.lines.size(), 2u);
    EXPECT_EQ(both.standing.organisations.size(), 1u);
    EXPECT_TRUE(both.standing.met());
}

TEST_F(Witnesses, ARevokedStationsLinesCountNoMore) {
    ask_for(1);
    ASSERT_EQ(follow(hospital), ErrorCode::ok);
    settle();
    work(hospital);
    EXPECT_TRUE(standing().met());
    const std::string note = bench.sqlite().last_checkpoint(LogName::audit).value();
    bench.territory.revoke(bench.territory.geriatrics_station);
    bench.publish_directory();
    const auto judged = witness::judge_head(bench.territory.state(), LogName::audit, note).value();
    EXPECT_FALSE(judged.standing.met());
    EXPECT_EQ(judged.standing.lines.size(), 1u) << "what it said stays readable";
}

// As where the directory names other keys for the logs: nobody could read the head, with the line
// or without it, and what the broker says of itself may not get worse by what a station sends.
TEST(WitnessLine, OverAHeadThatNoReaderTakesIsRefusedAndNotKept) {
    EngineBench bench;
    Witness cpts{bench.territory.cpts_station, bench.territory.cpts};
    bench.territory.append("cpts-indre", *cpts.organisation.authority,
                           directory::Witness{cpts.station.id, cpts.key.public_key(), false});
    bench.publish_directory();
    cpts.session = bench.connect(cpts.station);
    ASSERT_EQ(code_of(bench.ask(cpts.session, wire::FollowCheckpoints{0, 0})), ErrorCode::ok);
    bench.idle(std::chrono::seconds(3));
    const auto audit =
        merkle::VerifierKey::make("indre/audit", merkle::NoteKeyType::ed25519, bench.audit_key());
    const auto as = witness::verifier_key(bench.territory.domain(),
                                          *bench.territory.state().witness(cpts.station.id));
    bool tried = false;
    for (wire::Body& push : bench.take_pushes(cpts.session)) {
        const auto* head = std::get_if<wire::NewCheckpoint>(&push);
        if (head == nullptr || head->log != LogName::audit) continue;
        const auto seen =
            merkle::verify_checkpoint(head->checkpoint, {"indre/audit", audit.value()}).value();
        const std::uint64_t size = seen.head().size;
        const auto kept = [&] { return bench.sqlite().checkpoints(head->log, size, 1).value(); };
        const auto before = kept();
        const std::string line = merkle::cosign(seen, as, cpts.key, bench.now.wall).value().line();
        EXPECT_EQ(code_of(bench.ask(cpts.session, wire::Cosign{head->log, size, line})),
                  ErrorCode::note_invalid);
        EXPECT_EQ(kept(), before);
        tried = true;
    }
    EXPECT_TRUE(tried);
}

}  // namespace
}  // namespace relais::broker
