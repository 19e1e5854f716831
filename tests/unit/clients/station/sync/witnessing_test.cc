// A station as a witness: it cosigns one history of each log, and keeps what contradicts it.
#include "clients/station/sync/witnessing.h"

#include "clients/station/sync/gaps.h"
#include "core/base/limits.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/prover.h"
#include "core/merkle/tree.h"
#include "schemas/audit/leaf.h"
#include "schemas/witness/witness.h"
#include "tests/unit/clients/station/sync/fixture.h"

namespace relais::station {
namespace {

using wire::LogName;

constexpr WallTime kWall{1'790'000'000'000};

// Full tiles of a log that has none.
class NoTiles final : public merkle::TileReader {
public:
    Result<std::vector<Digest>> tile(unsigned, std::uint64_t, std::size_t) override {
        return fail(ErrorCode::not_found);
    }
};

// An audit log whose broker this test is.
class Log {
public:
    explicit Log(std::uint8_t history = 0, std::string origin = "indre/audit")
        : history_(history), origin_(std::move(origin)) {}
    void grow(std::size_t leaves) {
        for (std::size_t i = 0; i < leaves; ++i) {
            const Bytes leaf = {history_, static_cast<std::uint8_t>(tiles_.size())};
            static_cast<void>(tiles_.append(merkle::leaf_hash(leaf)));
        }
    }
    // A leaf by which it takes its name: the backup had what is here, and `cited` is called lost.
    void restore(const std::string& cited) {
        Leaf leaf;
        leaf.event = Event::restored;
        leaf.subject = origin_;
        leaf.first = {tiles_.size()};
        leaf.statement = to_bytes(as_bytes(cited));
        restored_at_ = tiles_.size();
        restored_ = encode_leaf(leaf);
        static_cast<void>(tiles_.append(merkle::leaf_hash(restored_)));
    }
    // Of that leaf.
    wire::Proof proof(Ed25519Key& key) {
        NoTiles none;
        merkle::GrowingTiles tiles(tiles_, none);
        return {restored_,
                {restored_at_},
                merkle::inclusion_proof(tiles, restored_at_, tiles_.size()).value(),
                head(key, 0).checkpoint};
    }
    wire::NewCheckpoint head(Ed25519Key& key, std::uint64_t from) {
        NoTiles none;
        merkle::GrowingTiles tiles(tiles_, none);
        const auto as =
            merkle::VerifierKey::make(origin_, merkle::NoteKeyType::ed25519, key.public_key());
        auto hashes = from == 0 || from > tiles_.size()
                          ? std::vector<Digest>()
                          : merkle::consistency_proof(tiles, from, tiles_.size()).value();
        const merkle::Checkpoint head{origin_, tiles_.size(),
                                      merkle::root_at(tiles, tiles_.size()).value()};
        return {LogName::audit, from, std::move(hashes),
                merkle::sign_checkpoint(head, as.value(), key).value()};
    }

private:
    std::uint8_t history_;
    std::string origin_;
    merkle::TileBuilder tiles_;
    std::uint64_t restored_at_ = 0;
    Bytes restored_;
};

class WitnessingTest : public World {
protected:
    WitnessingTest() {
        directory::Domain domain = territory_.domain_body();
        domain.directory_log = log_key_.public_key();
        domain.audit_log = audit_key_.public_key();
        domain.test = true;
        territory_.append("", *territory_.authority(), domain);
        keys_.witness = Ed25519Key::generate();
        territory_.append("ch-valmont", *territory_.hospital.authority,
                          directory::Witness{territory_.geriatrics_station.id,
                                             keys_.witness->public_key(), false});
        catch_up();
    }
    Identity identity() {
        return {territory_.domain(),
                territory_.state().authority(),
                territory_.hospital.name,
                territory_.geriatrics_station.id,
                "",
                {}};
    }
    // Gives it the head; what it answers.
    Result<std::vector<wire::Cosign>> give(wire::NewCheckpoint head) {
        now_ = now_ + limits::kCosignEvery;
        EXPECT_TRUE(store_->begin().ok());
        witnessing_.given(std::move(head));
        auto lines = witnessing_.cosign(kWall, now_);
        EXPECT_TRUE(store_->commit().ok());
        return lines;
    }
    std::size_t kept() { return contradictions(*store_).value().size(); }

    Ed25519Key audit_key_ = Ed25519Key::generate();
    StationKeys keys_ = StationKeys::generate();
    Identity identity_ = identity();
    Witnessing witnessing_{*store_, identity_, keys_, *replica_};
    BootTime now_{1'000'000};
};

TEST_F(WitnessingTest, AHeadThatContinuesIsCosignedUnderThisStationsName) {
    ASSERT_TRUE(witnessing_.begin().value().has_value());
    Log log;
    log.grow(5);
    const auto head = log.head(audit_key_, 0);
    const auto lines = give(head);
    ASSERT_TRUE(lines.ok());
    ASSERT_EQ(lines->size(), 1u);
    EXPECT_EQ((*lines)[0].size, 5u);
    const auto line = merkle::parse_signature_line((*lines)[0].cosignature).value();
    const auto note = merkle::add_signature(head.checkpoint, line).value();
    const auto judged = witness::judge_head(replica_->state(), LogName::audit, note);
    ASSERT_TRUE(judged.ok());
    EXPECT_EQ(judged->standing.organisations, std::set<std::string>{"ch-valmont"});
    log.grow(20);
    EXPECT_EQ(give(log.head(audit_key_, 5))->size(), 1u);
    EXPECT_EQ(kept(), 0u);
}

TEST_F(WitnessingTest, ItTellsTheSizesThatItCosignedOnceAConnectionAndAfterARestart) {
    const auto first = witnessing_.begin().value();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->audit, 0u);
    EXPECT_FALSE(witnessing_.begin().value().has_value()) << "once";
    Log log;
    log.grow(5);
    ASSERT_TRUE(give(log.head(audit_key_, 0)).ok());
    Witnessing again(*store_, identity_, keys_, *replica_);
    EXPECT_EQ(again.begin().value()->audit, 5u);
}

// The log goes on when its key is replaced: what was cosigned is what the next head continues, and
// the last head before the replacement is a head of it.
TEST_F(WitnessingTest, AHeadUnderAFormerKeyOfTheLogIsAHeadOfIt) {
    ASSERT_TRUE(witnessing_.begin().value().has_value());
    Log log;
    log.grow(5);
    ASSERT_TRUE(give(log.head(audit_key_, 0)).ok());
    Ed25519Key next = Ed25519Key::generate();
    directory::Domain domain = *territory_.state().domain();
    domain.audit_log = next.public_key();
    territory_.append("", *territory_.authority(), domain);
    catch_up();
    Witnessing again(*store_, identity_, keys_, *replica_);
    const auto first = again.begin();
    ASSERT_TRUE(first.ok()) << first.error().describe();
    EXPECT_EQ((*first)->audit, 5u);
    log.grow(1);
    EXPECT_EQ(give(log.head(audit_key_, 5)).code(), ErrorCode::ok) << "signed on the way";
    log.grow(1);
    EXPECT_EQ(give(log.head(next, 6)).code(), ErrorCode::ok);
    Ed25519Key stranger = Ed25519Key::generate();
    log.grow(1);
    EXPECT_EQ(give(log.head(stranger, 7)).code(), ErrorCode::note_invalid);
}

// A log that has cosigned 5 leaves, and a broker that was restored.
class RestoredLog : public WitnessingTest {
protected:
    RestoredLog() {
        EXPECT_TRUE(witnessing_.begin().value().has_value());
        log_.grow(5);
        cosigned_ = log_.head(audit_key_, 0).checkpoint;
        EXPECT_TRUE(give(log_.head(audit_key_, 0)).ok());
        log_.grow(4);
        later_ = log_.head(audit_key_, 0).checkpoint;
        witnessing_.disconnected();
        witnessing_.set_audit_origin(kName);
    }
    Result<void> judge(Log& restored) {
        EXPECT_TRUE(store_->begin().ok());
        const auto judged = witnessing_.judge_loss(restored.proof(audit_key_), kWall);
        EXPECT_TRUE(store_->commit().ok());
        return judged;
    }

    static constexpr const char* kName = "indre/audit/0123456789abcdef";
    Log log_;
    std::string cosigned_;
    std::string later_;  // of 9 leaves, which this station never saw
};

TEST_F(RestoredLog, IsCosignedFromItsBeginningOnceItCallsLostWhatWasCosigned) {
    EXPECT_TRUE(witnessing_.loss_is_unjudged().value());
    EXPECT_FALSE(witnessing_.begin().value().has_value()) << "not before";
    Log restored(0, kName);
    restored.grow(3);
    restored.restore(cosigned_);
    ASSERT_TRUE(judge(restored).ok());
    EXPECT_EQ(witnessing_.begin().value()->audit, 0u);
    EXPECT_EQ(give(restored.head(audit_key_, 0))->size(), 1u);
    EXPECT_EQ(give(log_.head(audit_key_, 5)).code(), ErrorCode::note_invalid) << "the former name";
    EXPECT_EQ(kept(), 0u);
    Witnessing again(*store_, identity_, keys_, *replica_);
    again.set_audit_origin(kName);
    EXPECT_FALSE(again.loss_is_unjudged().value());
    EXPECT_EQ(again.begin().value()->audit, 4u);
}

TEST_F(RestoredLog, MayCallLostMoreThanThisStationCosigned) {
    Log restored(0, kName);
    restored.grow(3);
    restored.restore(later_);
    EXPECT_TRUE(judge(restored).ok());
    EXPECT_TRUE(witnessing_.begin().value().has_value());
}

TEST_F(RestoredLog, IsNotCosignedWhereItCallsLostLessThanWasCosignedAndBothAreKept) {
    Log smaller;
    smaller.grow(4);
    const std::string cited = smaller.head(audit_key_, 0).checkpoint;
    for (const std::string& loss : {cited, std::string()}) {
        Log restored(0, kName);
        restored.grow(3);
        restored.restore(loss);
        EXPECT_EQ(judge(restored).code(), ErrorCode::inconsistent_log);
        EXPECT_FALSE(witnessing_.begin().value().has_value());
        EXPECT_TRUE(give(restored.head(audit_key_, 0))->empty());
    }
    ASSERT_EQ(kept(), 2u);
    const auto both = contradictions(*store_).value();
    EXPECT_EQ(both[0].first, cosigned_);
    EXPECT_NE(both[0].second.find(cited), std::string::npos);
}

TEST_F(RestoredLog, OfTheSameSizeIsTheSameHead) {
    Log other(1);
    other.grow(5);
    Log restored(0, kName);
    restored.grow(3);
    restored.restore(other.head(audit_key_, 0).checkpoint);
    EXPECT_EQ(judge(restored).code(), ErrorCode::inconsistent_log);
    EXPECT_EQ(kept(), 1u);
}

TEST_F(RestoredLog, ContinuesWhatWasCosignedWhereTheBackupHadIt) {
    Log restored(0, kName);
    restored.grow(7);
    restored.restore(later_);
    ASSERT_TRUE(judge(restored).ok());
    EXPECT_EQ(witnessing_.begin().value()->audit, 5u);
    EXPECT_EQ(give(restored.head(audit_key_, 5))->size(), 1u);
    EXPECT_EQ(kept(), 0u);
}

TEST_F(RestoredLog, ThatTheBackupHadAndThatSaysOtherwiseIsAContradiction) {
    Log restored(1, kName);
    restored.grow(7);
    restored.restore(later_);
    ASSERT_TRUE(judge(restored).ok());
    ASSERT_TRUE(witnessing_.begin().value().has_value());
    EXPECT_EQ(give(restored.head(audit_key_, 5)).code(), ErrorCode::inconsistent_log);
    ASSERT_EQ(kept(), 1u);
    EXPECT_EQ(contradictions(*store_).value()[0].first, cosigned_);
}

TEST_F(RestoredLog, IsJudgedByAProofOfItsOwnLeafAlone) {
    Log unsigned_log(0, kName);
    unsigned_log.grow(3);
    unsigned_log.restore(cosigned_);
    Ed25519Key other = Ed25519Key::generate();
    EXPECT_EQ(witnessing_.judge_loss(unsigned_log.proof(other), kWall).code(),
              ErrorCode::note_invalid);
    Log elsewhere(0, "indre/audit/fedcba9876543210");
    elsewhere.grow(3);
    elsewhere.restore(cosigned_);
    EXPECT_EQ(judge(elsewhere).code(), ErrorCode::note_invalid) << "of another restore";
    wire::Proof altered = unsigned_log.proof(audit_key_);
    altered.index.value -= 1;
    EXPECT_FALSE(witnessing_.judge_loss(altered, kWall).ok());
    EXPECT_FALSE(witnessing_.begin().value().has_value());
}

TEST_F(WitnessingTest, AStationWithoutItsEntryIsNone) {
    territory_.append(
        "ch-valmont", *territory_.hospital.authority,
        directory::Witness{territory_.geriatrics_station.id, keys_.witness->public_key(), true});
    catch_up();
    EXPECT_FALSE(witnessing_.begin().value().has_value());
}

TEST_F(WitnessingTest, AnotherHistoryIsNeverCosignedAndBothHeadsAreKept) {
    ASSERT_TRUE(witnessing_.begin().value().has_value());
    Log log;
    log.grow(5);
    const auto known = log.head(audit_key_, 0);
    ASSERT_TRUE(give(known).ok());
    Log other(1);
    other.grow(9);
    const auto shown = other.head(audit_key_, 5);
    EXPECT_EQ(give(shown).code(), ErrorCode::inconsistent_log);
    ASSERT_EQ(kept(), 1u);
    EXPECT_EQ(contradictions(*store_).value()[0].first, known.checkpoint);
    EXPECT_EQ(contradictions(*store_).value()[0].second, shown.checkpoint);
    EXPECT_EQ(give(shown).code(), ErrorCode::inconsistent_log) << "again, and";
    EXPECT_EQ(kept(), 1u) << "the same two are kept once";
    Witnessing again(*store_, identity_, keys_, *replica_);
    EXPECT_EQ(again.begin().value()->audit, 5u) << "what it knew stands";
}

TEST_F(WitnessingTest, ASmallerHeadAndAnotherRootOfTheSameSizeAreContradictions) {
    ASSERT_TRUE(witnessing_.begin().value().has_value());
    Log log;
    log.grow(8);
    ASSERT_TRUE(give(log.head(audit_key_, 0)).ok());
    Log smaller;
    smaller.grow(5);
    EXPECT_EQ(give(smaller.head(audit_key_, 8)).code(), ErrorCode::inconsistent_log);
    Log same_size(1);
    same_size.grow(8);
    EXPECT_EQ(give(same_size.head(audit_key_, 8)).code(), ErrorCode::inconsistent_log);
    EXPECT_EQ(give(same_size.head(audit_key_, 0)).code(), ErrorCode::inconsistent_log)
        << "wherever the proof begins";
    EXPECT_EQ(kept(), 2u) << "the same two are kept once";
    log.grow(1);
    EXPECT_TRUE(give(log.head(audit_key_, 8)).ok()) << "the true one still continues";
}

// As of a broker whose disk was full when it should have kept the last line.
TEST_F(WitnessingTest, AProofThatBeginsElsewhereProvesNothingAndIsAskedForAgain) {
    ASSERT_TRUE(witnessing_.begin().value().has_value());
    Log log;
    log.grow(5);
    ASSERT_EQ(give(log.head(audit_key_, 0))->size(), 1u);
    const auto of_before = log.head(audit_key_, 0);
    log.grow(3);
    for (const auto& head : {of_before, log.head(audit_key_, 0), log.head(audit_key_, 3)}) {
        const auto lines = give(head);
        ASSERT_TRUE(lines.ok());
        EXPECT_TRUE(lines->empty());
        EXPECT_FALSE(witnessing_.following());
        const auto again = witnessing_.begin().value();
        ASSERT_TRUE(again);
        EXPECT_EQ(again->audit, 5u);
    }
    EXPECT_EQ(kept(), 0u);
    EXPECT_EQ(give(log.head(audit_key_, 5))->size(), 1u);
}

TEST_F(WitnessingTest, AHeadThatTheLogDidNotSignIsRefused) {
    ASSERT_TRUE(witnessing_.begin().value().has_value());
    Ed25519Key other = Ed25519Key::generate();
    Log log;
    log.grow(5);
    EXPECT_EQ(give(log.head(other, 0)).code(), ErrorCode::note_invalid);
}

TEST_F(WitnessingTest, OneLogIsCosignedEverySoOftenAtMost) {
    ASSERT_TRUE(witnessing_.begin().value().has_value());
    Log log;
    log.grow(5);
    ASSERT_EQ(give(log.head(audit_key_, 0))->size(), 1u);
    log.grow(1);
    witnessing_.given(log.head(audit_key_, 5));
    EXPECT_TRUE(witnessing_.cosign(kWall, now_ + Milliseconds(1)).value().empty());
    EXPECT_EQ(witnessing_.cosign(kWall, now_ + limits::kCosignEvery).value().size(), 1u);
}

TEST_F(WitnessingTest, ADirectoryHeadIsTheReplicasOrIsNotCosigned) {
    ASSERT_TRUE(witnessing_.begin().value().has_value());
    const wire::NewCheckpoint good{LogName::directory, 0, {}, checkpoint()};
    EXPECT_EQ(give(good)->size(), 1u);
    auto entries = log_bytes();
    const auto size = entries.size();
    std::swap(entries[3], entries[4]);
    const wire::NewCheckpoint forked{LogName::directory, size, {}, checkpoint(entries)};
    EXPECT_EQ(give(forked).code(), ErrorCode::inconsistent_log);
    EXPECT_EQ(kept(), 1u);
    entries = log_bytes();
    entries.push_back({1, 2, 3});
    const wire::NewCheckpoint ahead{LogName::directory, size, {}, checkpoint(entries)};
    const auto waits = give(ahead);
    ASSERT_TRUE(waits.ok());
    EXPECT_TRUE(waits->empty()) << "the entries have not come";
}

TEST_F(WitnessingTest, GapsAreNotedAndFilled) {
    const auto station = territory_.practice_station.id;
    ASSERT_TRUE(store_->begin().ok());
    ASSERT_TRUE(
        note_gap(*store_, {station, "geriatrie.ch-valmont@indre", Lane::urgent, 4, 6}).ok());
    const auto fill = [&](std::uint64_t counter) {
        return fill_gap(*store_, station, "geriatrie.ch-valmont@indre", Lane::urgent, counter);
    };
    ASSERT_TRUE(fill(5).ok());
    auto left = gaps(*store_).value();
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].first, 4u);
    EXPECT_EQ(left[0].last, 4u);
    EXPECT_EQ(left[1].first, 6u);
    ASSERT_TRUE(fill(4).ok());
    ASSERT_TRUE(fill(6).ok());
    EXPECT_TRUE(gaps(*store_).value().empty());
    ASSERT_TRUE(store_->commit().ok());
}

TEST_F(WitnessingTest, ANumberLeftOutByACorrespondentIsNoted) {
    ASSERT_EQ(received(make({.counter = 3})), ErrorCode::ok) << "the first: older ones may be gone";
    EXPECT_TRUE(gaps(*store_).value().empty());
    ASSERT_EQ(received(make({.counter = 4})), ErrorCode::ok);
    EXPECT_TRUE(gaps(*store_).value().empty());
    ASSERT_EQ(received(make({.counter = 7})), ErrorCode::ok);
    ASSERT_EQ(gaps(*store_).value().size(), 1u);
    EXPECT_EQ(gaps(*store_).value()[0].first, 5u);
    EXPECT_EQ(gaps(*store_).value()[0].last, 6u);
}

}  // namespace
}  // namespace relais::station
