// The replica believes entries that follow the rules and heads that are of what it received; what
// it refuses leaves no trace, not even for the next start.
#include "clients/station/sync/replica.h"

#include "tests/unit/clients/station/sync/fixture.h"

namespace relais::station {
namespace {

class ReplicaTest : public World {
protected:
    ReplicaTest() : size_(replica_->size()), root_(replica_->head().root) {}

    [[nodiscard]] ErrorCode append(const std::vector<Bytes>& entries, const std::string& note,
                                   std::optional<DirectorySize> from = std::nullopt) {
        store_->begin().value();
        const auto done = replica_->append(*store_, from.value_or(replica_->size()), entries, note,
                                           territory_.verifier());
        // As its owner does: a broker that misbehaves raises an alarm, and what came is committed.
        store_->commit().value();
        return done.code();
    }
    // Nothing changed, neither here nor for the next start.
    void expect_unchanged() {
        EXPECT_EQ(replica_->size(), size_);
        EXPECT_EQ(replica_->head().root, root_);
        Replica again = reloaded();
        EXPECT_EQ(again.size(), size_);
        EXPECT_EQ(again.head().root, root_);
        EXPECT_EQ(again.checkpoint(), replica_->checkpoint());
    }
    // The entries that a territory like this one, up to now, would have next.
    std::vector<Bytes> next_entries() {
        const std::size_t before = territory_.log().size();
        territory_.attest(territory_.nurse);
        territory_.add_unit(territory_.hospital, "cardio-jour");
        territory_.suspend(territory_.practice);
        return log_bytes(before);
    }
    [[nodiscard]] std::vector<Bytes> joined(std::vector<Bytes> more) const {
        std::vector<Bytes> all = log_bytes();
        all.resize(size_.value);
        for (Bytes& each : more) all.push_back(std::move(each));
        return all;
    }

    DirectorySize size_;
    Digest root_;
};

TEST_F(ReplicaTest, HoldsWhatItReceivedAndReadsItAgain) {
    const auto next = next_entries();
    ASSERT_EQ(append(next, checkpoint()), ErrorCode::ok);
    EXPECT_EQ(replica_->size().value, size_.value + 3);
    Replica again = reloaded();
    EXPECT_EQ(again.size(), replica_->size());
    EXPECT_EQ(again.head(), replica_->head());
    EXPECT_EQ(again.checkpoint(), checkpoint());
    EXPECT_TRUE(again.state().suspended("cabinet"));
    EXPECT_EQ(territory_.picture(again.state()), territory_.picture());
    EXPECT_EQ(again.root_at(size_), root_);
}

TEST_F(ReplicaTest, TakesEntriesOneByOneOrAtOnceAlike) {
    const auto next = next_entries();
    for (const Bytes& entry : next) ASSERT_EQ(append({entry}, ""), ErrorCode::ok);
    EXPECT_EQ(append({}, checkpoint()), ErrorCode::ok);
    EXPECT_EQ(territory_.picture(replica_->state()), territory_.picture());
}

TEST_F(ReplicaTest, EntriesThatDoNotFollowItsEndAreRefused) {
    const auto next = next_entries();
    EXPECT_EQ(append(next, "", DirectorySize{size_.value + 1}), ErrorCode::chain_broken);
    EXPECT_EQ(append(next, "", DirectorySize{size_.value - 1}), ErrorCode::chain_broken);
    EXPECT_EQ(append(next, "", DirectorySize{0}), ErrorCode::chain_broken);
    EXPECT_EQ(append({next[1]}, ""), ErrorCode::ok);  // another chain: its own order is kept
    EXPECT_EQ(append({next[1]}, ""), ErrorCode::chain_broken);
}

TEST_F(ReplicaTest, AGapInAChainIsRefused) {
    const auto next = next_entries();
    EXPECT_EQ(append({next[2]}, ""), ErrorCode::chain_broken);
    expect_unchanged();
}

TEST_F(ReplicaTest, AHeadOfAnotherDirectoryIsRefusedAndNothingIsKept) {
    const auto next = next_entries();
    const std::vector<Bytes> forked = joined({next[0], next[2]});
    EXPECT_EQ(append({next[0], next[1]}, checkpoint(forked)), ErrorCode::inconsistent_log);
    expect_unchanged();
    EXPECT_EQ(append(next, checkpoint()), ErrorCode::ok);
}

// Whoever shows one directory to some and another to others signs two heads of one size.
TEST_F(ReplicaTest, TwoHeadsOfOneSizeAreAContradiction) {
    const auto next = next_entries();
    const std::vector<Bytes> forked = joined({next[1]});
    ASSERT_EQ(append({next[0]}, ""), ErrorCode::ok);
    EXPECT_EQ(replica_->check_checkpoint(checkpoint(forked)).code(), ErrorCode::inconsistent_log);
    EXPECT_EQ(replica_->check_checkpoint(checkpoint(joined({next[0]}))).code(), ErrorCode::ok);
}

TEST_F(ReplicaTest, AHeadOfWhatIsNotHereYetIsAhead) {
    const auto next = next_entries();
    EXPECT_EQ(replica_->check_checkpoint(checkpoint()).code(), ErrorCode::ahead_of_directory);
    EXPECT_EQ(append({next[0]}, checkpoint()), ErrorCode::ahead_of_directory);
    expect_unchanged();
}

TEST_F(ReplicaTest, AnOlderHeadOfTheSameDirectoryIsConsistent) {
    std::vector<Bytes> older = log_bytes();
    older.resize(older.size() / 2);
    EXPECT_EQ(replica_->check_checkpoint(checkpoint(older)).code(), ErrorCode::ok);
    older.back().push_back(0);
    EXPECT_EQ(replica_->check_checkpoint(checkpoint(older)).code(), ErrorCode::inconsistent_log);
}

TEST_F(ReplicaTest, AHeadThatTheLogDidNotSignIsRefused) {
    const std::string good = checkpoint();
    const auto next = next_entries();
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        ASSERT_NE(replica_->check_checkpoint(bad).code(), ErrorCode::ok) << bad;
    }
    EXPECT_NE(append({next[0]}, good.substr(0, good.find('\n', 20))), ErrorCode::ok);
    expect_unchanged();
}

TEST_F(ReplicaTest, ABadlySignedEntryIsRefusedWithThoseBeforeIt) {
    auto next = next_entries();
    const directory::SignedEntry forged = territory_.draft(
        "", *territory_.doctor.key, directory::Suspension{territory_.hospital.name, true});
    next.push_back(forged.bytes);
    EXPECT_EQ(append(next, ""), ErrorCode::not_a_signer);
    expect_unchanged();
}

TEST_F(ReplicaTest, AnyChangedByteOfAnEntryIsRefusedAndNothingIsKept) {
    const auto next = next_entries();
    for (std::size_t at = 0; at < next[1].size(); ++at) {
        std::vector<Bytes> bad = next;
        bad[1][at] ^= 0x10;
        ASSERT_NE(append(bad, checkpoint()), ErrorCode::ok) << at;
    }
    expect_unchanged();
}

// The rows are sealed, so only their owner could change them; it is noticed all the same.
TEST_F(ReplicaTest, AnotherAuthorityThanThePinnedOneIsRefused) {
    Replica other(territory_.domain(), territory_.random().make<Digest>());
    EXPECT_EQ(other.load(*store_).code(), ErrorCode::not_a_signer);
    Replica elsewhere(test::name("cher"), territory_.state().authority());
    EXPECT_FALSE(elsewhere.load(*store_).ok());
}

TEST_F(ReplicaTest, ShowsWhatOthersSayOfAnOrganisation) {
    ASSERT_EQ(append(next_entries(), checkpoint()), ErrorCode::ok);
    std::vector<std::string> said;
    for (const auto& entry : replica_->entries_about("cabinet")) {
        EXPECT_NE(entry.chain, "cabinet");
        said.emplace_back(directory::body_name(entry.body));
    }
    EXPECT_EQ(said,
              (std::vector<std::string>{"Admission", "Confirmation", "Attestation", "Suspension"}));
}

}  // namespace
}  // namespace relais::station
