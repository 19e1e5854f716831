// A2, byte by byte: no byte of a folder of evidence can change without being found.
#include <gtest/gtest.h>

#include "tests/unit/tools/evidence/logs.h"

namespace relais::evidence {
namespace {

bool found(const EvidenceFolder& folder) {
    const auto verified = folder.verify();
    return !verified.ok() || !verified->verdict.good();
}

class EveryByte : public testing::Test {
protected:
    EveryByte() {
        logs.add_leaf({.event = Event::broker_started});
        logs.sign(LogName::audit);
    }
    TestLogs logs;
};

TEST_F(EveryByte, FlippedIsFound) {
    const EvidenceFolder folder(logs);
    ASSERT_FALSE(found(folder));
    std::size_t tried = 0;
    for (const std::string& file : folder.files()) {
        const Bytes good = folder.read(file);
        for (std::size_t i = 0; i < good.size(); ++i, ++tried) {
            Bytes bad = good;
            bad[i] = static_cast<std::uint8_t>(bad[i] ^ (1 << (i % 8)));
            folder.write(file, bad);
            ASSERT_TRUE(found(folder)) << file << " byte " << i;
        }
        folder.write(file, good);
    }
    EXPECT_GT(tried, 3000);
    EXPECT_FALSE(found(folder));
}

TEST_F(EveryByte, TakenAwayOrAddedAtTheEndIsFound) {
    const EvidenceFolder folder(logs);
    for (const std::string& file : folder.files()) {
        const Bytes good = folder.read(file);
        for (const std::size_t left : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
            folder.write(file, ByteView(good).first(left));
            EXPECT_TRUE(found(folder)) << file << " cut to " << left;
        }
        for (const char extra : {'\n', ' ', '\0'}) {
            Bytes longer = good;
            longer.push_back(static_cast<std::uint8_t>(extra));
            folder.write(file, longer);
            EXPECT_TRUE(found(folder)) << file << " prolonged";
        }
        folder.remove(file);
        EXPECT_TRUE(found(folder)) << file << " removed";
        folder.write(file, good);
    }
    EXPECT_FALSE(found(folder));
}

TEST_F(EveryByte, OfARecordNamesTheRecord) {
    const EvidenceFolder folder(logs);
    const std::string file = "audit/tile/entries/000.p/3";
    const Bytes good = folder.read(file);
    std::size_t begin = 0;
    for (std::uint64_t index = 0; index < 3; ++index) {
        const std::size_t size = static_cast<std::size_t>(good[begin]) << 8 | good[begin + 1];
        for (std::size_t i = begin + 2; i < begin + 2 + size; ++i) {
            Bytes bad = good;
            bad[i] ^= 0x80;
            folder.write(file, bad);
            const Findings findings = folder.findings();
            ASSERT_FALSE(findings.empty());
            EXPECT_EQ(findings[0].damage, Damage::record_altered);
            EXPECT_EQ(findings[0].index, index);
        }
        begin += 2 + size;
    }
}

}  // namespace
}  // namespace relais::evidence
