// A disk that gives back other things than were written: damaged pages, a damaged or foreign
// write-ahead log, a file cut short, emptied, or of another version. Each is refused, or found by
// relais-fsck, or harmless; none crashes the broker or makes it contradict what it said.
#include <gtest/gtest.h>

#include "tests/fault/broker_scene.h"

namespace relais::broker {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kWalFrameBytes = kPageBytes + 24;

class BrokerDisk : public testing::Test {
protected:
    BrokerDisk() { scene_.work(12); }

    void expect_noticed(const Damage& damage, const std::string& what) {
        EXPECT_EQ(damage.wrong, "") << what;
        EXPECT_TRUE(damage.harmless || damage.refused != ErrorCode::ok || !damage.found.empty())
            << what << ": silently other contents";
        refused_ += damage.refused != ErrorCode::ok ? 1 : 0;
        found_ += !damage.found.empty() ? 1 : 0;
        harmless_ += damage.harmless ? 1 : 0;
        ++all_;
    }
    void say() const {
        std::printf("%zu damages: %zu refused, %zu found by the checker, %zu harmless\n", all_,
                    refused_, found_, harmless_);
    }
    Damage opened_with(const Bytes& database) {
        return scene_.look_at_damage({{"relais.db", database}}, "");
    }

    std::uint64_t seed_ = test::campaign_seed(1);
    test::WatchedDisk disk_;
    BrokerScene scene_{disk_, seed_};
    test::SeededRandom random_{seed_ + 3};
    std::size_t all_ = 0;
    std::size_t refused_ = 0;
    std::size_t found_ = 0;
    std::size_t harmless_ = 0;
};

TEST_F(BrokerDisk, ADamagedPageIsRefusedOrFoundOrHarmless) {
    const test::Files good = scene_.end_well();
    const std::string contents = scene_.contents_of_sound(good);
    const std::size_t size = good.at("relais.db").size();
    const std::size_t each = test::long_campaign() ? 200 : 3;
    for (std::size_t page = 0; page * kPageBytes < size; ++page) {
        for (std::size_t i = 0; i < each; ++i) {
            test::Files bad = good;
            const std::size_t at =
                page * kPageBytes + (i == 0 ? random_.below(12) : random_.below(kPageBytes));
            const auto flip = static_cast<std::uint8_t>(1 + random_.below(255));
            bad["relais.db"][at] ^= flip;
            const Damage damage = scene_.look_at_damage(bad, contents);
            expect_noticed(damage, "byte " + std::to_string(at) + " by " + std::to_string(flip));
        }
    }
    EXPECT_GT(refused_, 0u);
    EXPECT_GT(found_, 0u);
    say();
}

TEST_F(BrokerDisk, ALogThatIsCutOrDamagedGivesAnEarlierStateOrIsFound) {
    do {
        scene_.work(1);
    } while (scene_.recorded().changes.back().kind != test::DiskChange::Kind::sync ||
             disk_.held().at("relais.db-wal").size() < 8 * kWalFrameBytes);
    const test::Recorded recorded = scene_.recorded();
    scene_.close();
    test::DiskImage image(recorded.before);
    std::set<std::string> states;
    for (const test::DiskChange& change : recorded.changes) {
        image.apply(change);
        states.insert(scene_.contents_of_sound(image.after_power_cut(0)));
    }
    const test::Files good = image.after_power_cut(0);
    const std::size_t size = good.at("relais.db-wal").size();
    for (std::size_t at = 0; at < size; at += kWalFrameBytes / (test::long_campaign() ? 9 : 1)) {
        for (const bool cut : {true, false}) {
            test::Files bad = good;
            Bytes& log = bad["relais.db-wal"];
            if (cut) {
                log.resize(at + random_.below(std::min<std::size_t>(size - at, kWalFrameBytes)));
            } else {
                log[at + random_.below(std::min<std::size_t>(size - at, kWalFrameBytes))] ^= 0x10;
            }
            Damage damage = scene_.look_at_damage(bad, "");
            damage.harmless = states.contains(damage.contents);
            expect_noticed(damage, (cut ? "cut at " : "damaged at ") + std::to_string(at));
        }
    }
    say();
}

TEST_F(BrokerDisk, TheLogOfAnotherDatabaseIsRefusedOrFound) {
    scene_.close();
    const test::Files ours = disk_.image().after_power_cut(0);
    BrokerScene other(disk_, seed_ + 1);
    other.work(5);
    other.close();
    const test::Files theirs = disk_.image().after_power_cut(0);
    other.bench.end_process();
    test::Files mixed = ours;
    mixed["relais.db-wal"] = theirs.at("relais.db-wal");
    const Damage damage = scene_.look_at_damage(mixed, scene_.contents_of_sound(ours));
    expect_noticed(damage, "a foreign log");
    say();
}

TEST_F(BrokerDisk, AnotherDomainsStoreIsRefused) {
    scene_.close();
    test::Files theirs;
    {
        BrokerScene other(disk_, seed_ + 1);  // its own authority
        other.work(3);
        theirs = other.end_well();
    }
    EXPECT_EQ(scene_.look_at_damage(theirs, "").refused, ErrorCode::wrong_domain);
}

TEST_F(BrokerDisk, AFileThatIsCutShortIsRefusedOrFound) {
    const test::Files good = scene_.end_well();
    const std::string contents = scene_.contents_of_sound(good);
    const Bytes& whole = good.at("relais.db");
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{99}, std::size_t{100}, kPageBytes - 1, kPageBytes,
          3 * kPageBytes + 7, whole.size() - kPageBytes, whole.size() - 1}) {
        test::Files bad = good;
        bad["relais.db"].resize(size);
        expect_noticed(scene_.look_at_damage(bad, contents), std::to_string(size) + " bytes");
    }
    say();
}

TEST_F(BrokerDisk, WhatIsNoDatabaseOrOfANewerVersionIsRefused) {
    test::Files good = scene_.end_well();
    EXPECT_EQ(opened_with(random_.bytes(50'000)).refused, ErrorCode::corrupt);
    Bytes newer = good.at("relais.db");
    newer[62] = 3;  // user_version, bytes 60 to 63: 768 and more
    EXPECT_EQ(opened_with(newer).refused, ErrorCode::unsupported_version);
}

TEST_F(BrokerDisk, AStoreThatIsGoneOrEmptyIsNotMadeAnewWhereOneIsExpected) {
    scene_.close();
    const SqliteStore::Options expected{Database::Mode::existing, "", ""};
    disk_.hold({{"relais.db", {}}});
    EXPECT_EQ(SqliteStore::open(disk_.file("relais.db"), expected).code(), ErrorCode::corrupt);
    disk_.hold({});
    EXPECT_EQ(SqliteStore::open(disk_.file("relais.db"), expected).code(), ErrorCode::not_found);
    EXPECT_TRUE(disk_.held().empty());
}

}  // namespace
}  // namespace relais::broker
