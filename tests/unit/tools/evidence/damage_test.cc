// A2: any alteration, removal, reordering or truncation behind a signed head is found, and named.
#include <gtest/gtest.h>

#include "tests/unit/tools/evidence/logs.h"

namespace relais::evidence {
namespace {

// 600 leaves: two full tiles and a part of a third.
class Damaged : public testing::Test {
protected:
    Damaged() {
        logs.add_leaves(297);
        logs.sign(LogName::audit);
        logs.add_leaves(600 - logs.logs[LogName::audit].records.size());
        logs.sign(LogName::audit);
        folder.emplace(logs);
    }
    Names found(const VerifyRequest& request = {}) const {
        return names(folder->findings(request));
    }

    TestLogs logs;
    std::optional<EvidenceFolder> folder;
    const std::string second = "audit/tile/entries/001";
    const std::string third = "audit/tile/entries/002.p/88";
};

TEST_F(Damaged, WhatWasExportedIsVerified) {
    EXPECT_EQ(found(), Names());
    const Verdict verdict = folder->verify()->verdict;
    EXPECT_EQ(verdict.domain, "indre");
    EXPECT_EQ(verdict.authority, logs.authority());
    ASSERT_EQ(verdict.logs.size(), 2);
    EXPECT_EQ(verdict.logs[0].size, 600);
    EXPECT_EQ(verdict.logs[0].heads, 3);
    EXPECT_EQ(verdict.logs[1].size, 2);
}

TEST_F(Damaged, AnAlteredRecordIsNamedByItsIndex) {
    folder->alter_bundle(second, 256, [](auto& records) { records[44].back() ^= 1; });
    EXPECT_EQ(found(), (Names{"record_altered audit 300"}));
}

TEST_F(Damaged, TwoAlteredRecordsAreNamedTogetherWhenTheyFollowEachOther) {
    folder->alter_bundle(second, 256, [](auto& records) {
        records[44].back() ^= 1;
        records[45].back() ^= 1;
        records[50].back() ^= 1;
    });
    EXPECT_EQ(found(), (Names{"record_altered audit 300+2", "record_altered audit 306"}));
}

TEST_F(Damaged, ARecordTakenOutIsNamedAndTheOthersAreNotBlamed) {
    folder->alter_bundle(second, 256, [](auto& records) { records.erase(records.begin() + 44); });
    EXPECT_EQ(found(), (Names{"records_cut audit 511", "record_missing audit 300"}));
}

TEST_F(Damaged, RecordsTakenOutAndTheLaterOnesMovedUpAreNamed) {
    std::vector<Bytes> all = logs.logs[LogName::audit].records;
    all.erase(all.begin() + 100, all.begin() + 102);
    for (std::size_t bundle = 0; bundle < 3; ++bundle) {
        const std::size_t first = bundle * 256;
        const std::size_t last = std::min<std::size_t>(first + 256, all.size());
        folder->write(
            "audit/" + merkle::entries_path(bundle, bundle < 2 ? 256 : 88),
            merkle::encode_entry_bundle(std::span(all).subspan(first, last - first)).value());
    }
    EXPECT_EQ(found(), (Names{"records_cut audit 598", "record_missing audit 100+2"}));
}

TEST_F(Damaged, TwoRecordsThatChangedPlacesAreBothNamed) {
    folder->alter_bundle(second, 256, [](auto& records) { std::swap(records[3], records[200]); });
    EXPECT_EQ(found(), (Names{"record_moved audit 259", "record_moved audit 456"}));
}

TEST_F(Damaged, ARecordPutInIsNamed) {
    folder->alter_bundle(third, 88, [&](auto& records) {
        records.insert(records.begin() + 5, encode_leaf({.event = Event::administered}));
    });
    EXPECT_EQ(found(), (Names{"records_cut audit 600", "record_extra audit 517",
                              "record_missing audit 599"}));
}

TEST_F(Damaged, AMissingBundleNamesItsRecords) {
    folder->remove(second);
    EXPECT_EQ(found(), (Names{"file_missing audit", "record_missing audit 256+256"}));
}

TEST_F(Damaged, ABundleCutShortNamesWhatIsGone) {
    const Bytes bytes = folder->read(third);
    folder->write(third, ByteView(bytes).first(bytes.size() - 1));
    EXPECT_EQ(found(), (Names{"records_cut audit 599", "record_missing audit 599"}));
}

TEST_F(Damaged, AnAlteredTileIsNamedAndTheRecordIsNotBlamed) {
    Bytes tile = folder->read("audit/tile/0/001");
    tile[44 * 32] ^= 1;
    folder->write("audit/tile/0/001", tile);
    EXPECT_EQ(found(), (Names{"tile_altered audit 300"}));
}

TEST_F(Damaged, ATileAboveTheRecordsIsDerivedAgain) {
    Bytes tile = folder->read("audit/tile/1/000.p/2");
    tile[40] ^= 1;
    folder->write("audit/tile/1/000.p/2", tile);
    EXPECT_EQ(found(), (Names{"tile_altered audit"}));
    folder->remove("audit/tile/1/000.p/2");
    EXPECT_EQ(found(), (Names{"tile_missing audit"}));
}

// A cached hash that was altered with its record does not hide the alteration.
TEST_F(Damaged, ARecordAndItsTileAlteredTogetherContradictTheHead) {
    Bytes altered;
    folder->alter_bundle(second, 256, [&](auto& records) {
        records[44].back() ^= 1;
        altered = records[44];
    });
    Bytes tile = folder->read("audit/tile/0/001");
    const Digest hash = merkle::leaf_hash(altered);
    std::ranges::copy(hash.bytes, tile.begin() + 44 * 32);
    folder->write("audit/tile/0/001", tile);
    EXPECT_EQ(found(), (Names{"tile_altered audit", "checkpoint_contradicted audit"}));
}

TEST_F(Damaged, DifferentDamageToRecordAndTileBlamesNeitherAlone) {
    folder->alter_bundle(second, 256, [](auto& records) { records[44].back() ^= 1; });
    Bytes tile = folder->read("audit/tile/0/001");
    tile[0] ^= 1;
    folder->write("audit/tile/0/001", tile);
    EXPECT_TRUE(has(found(), "record_disputed audit 256"));
    EXPECT_TRUE(has(found(), "record_disputed audit 300"));
}

TEST_F(Damaged, AHeadByAnotherKeyIsRefused) {
    Ed25519Key other = log_key(9);
    logs.logs[LogName::audit].notes.back() =
        logs.head(LogName::audit, logs.logs[LogName::audit].records, other);
    const EvidenceFolder forged(logs);
    EXPECT_EQ(names(forged.findings()), (Names{"checkpoint_altered audit"}));
}

TEST_F(Damaged, ALogRewrittenUnderAnotherKeyIsFound) {
    logs.logs[LogName::audit].records.resize(400);
    logs.logs[LogName::audit].notes.clear();
    Ed25519Key other = log_key(9);
    logs.sign(LogName::audit, other);
    const EvidenceFolder forged(logs);
    EXPECT_EQ(names(forged.findings()), (Names{"checkpoint_altered audit"}));
}

TEST_F(Damaged, ATruncatedLogUnderItsHeadIsFound) {
    logs.logs[LogName::audit].records.resize(550);
    const EvidenceFolder cut(logs);
    EXPECT_TRUE(has(names(cut.findings()), "record_missing audit 550+50"));
}

// The folder is consistent in itself: only who has seen the later head can tell.
TEST_F(Damaged, ALogTruncatedBehindAHeadSeenElsewhereIsFound) {
    const std::string seen = logs.logs[LogName::audit].notes.back();
    logs.logs[LogName::audit].notes.pop_back();
    logs.logs[LogName::audit].records.resize(299);
    const EvidenceFolder cut(logs);
    EXPECT_EQ(names(cut.findings()), Names());
    EXPECT_EQ(names(cut.findings({{}, {seen}})), (Names{"log_truncated audit 299"}));
}

TEST_F(Damaged, AnotherHistoryUnderTheRightKeyContradictsAHeadSeenElsewhere) {
    const std::string seen = logs.logs[LogName::audit].notes[1];
    logs.logs[LogName::audit].records[150] = encode_leaf({.event = Event::administered});
    logs.logs[LogName::audit].notes.clear();
    logs.sign(LogName::audit);
    const EvidenceFolder forged(logs);
    EXPECT_EQ(names(forged.findings()), Names());
    EXPECT_EQ(names(forged.findings({{}, {seen}})), (Names{"checkpoint_contradicted audit"}));
}

TEST_F(Damaged, AnEarlierHeadSeenElsewhereIsContinued) {
    for (const std::string& note : logs.logs[LogName::audit].notes) {
        EXPECT_EQ(found({{}, {note}}), Names());
    }
}

TEST_F(Damaged, AnExpectedHeadThatTheLogDidNotSignIsNoMeasure) {
    Ed25519Key other = log_key(9);
    const std::string forged = logs.head(LogName::audit, {}, other);
    EXPECT_EQ(found({{}, {forged}}), (Names{"checkpoint_altered audit"}));
    EXPECT_EQ(found({{}, {"not a note"}}),
              (Names{"checkpoint_altered audit", "checkpoint_altered directory"}));
}

// It would be compared with nothing, and whoever gave it would take that for a comparison.
TEST_F(Damaged, AnExpectedHeadOfAnotherLogIsAMistake) {
    const std::string right = logs.logs[LogName::audit].notes.back();
    for (const char* origin : {"cher/audit", "cher/directory", "indre/auditor"}) {
        const std::string other =
            logs.head_as(origin, logs.logs[LogName::audit].records, logs.audit_key);
        EXPECT_EQ(found({{}, {other}}), (Names{"checkpoint_altered"})) << origin;
        EXPECT_EQ(found({{}, {right, other}}), (Names{"checkpoint_altered"})) << origin;
    }
}

// Within a tile, at its edges and beyond it: no head is passed over.
TEST_F(Damaged, EveryHeadIsHeldToTheRecordsBelowIt) {
    auto& audit = logs.logs[LogName::audit];
    const std::vector<Bytes> records = audit.records;
    const std::vector<std::size_t> sizes = {1, 2, 255, 256, 257, 299, 300, 511, 512, 513, 600};
    for (std::size_t wrong = 0; wrong <= sizes.size(); ++wrong) {
        audit.notes.clear();
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            std::vector<Bytes> signed_records(
                records.begin(), records.begin() + static_cast<std::ptrdiff_t>(sizes[i]));
            if (i == wrong) signed_records.back() = encode_leaf({.event = Event::administered});
            audit.notes.push_back(logs.head(LogName::audit, signed_records, logs.audit_key));
        }
        const EvidenceFolder each(logs);
        const Findings findings = each.findings();
        if (wrong == sizes.size()) {
            EXPECT_EQ(names(findings), Names());
            continue;
        }
        ASSERT_EQ(names(findings), (Names{"checkpoint_contradicted audit"})) << sizes[wrong];
        EXPECT_EQ(findings[0].detail, "head of size " + std::to_string(sizes[wrong]));
    }
}

TEST_F(Damaged, WhatIsWantedIsKeptAndNothingOfAWrongRecord) {
    const VerifyRequest request{
        {}, {}, [](const Leaf& leaf) { return leaf.event == Event::administered; }};
    const auto whole = folder->verify(request)->trail;
    ASSERT_EQ(whole.size(), 598);
    for (std::size_t i = 1; i < whole.size(); ++i) {
        ASSERT_EQ(whole[i].index, whole[i - 1].index + 1) << "in the order of the log";
    }
    EXPECT_TRUE(folder->verify()->trail.empty());
    folder->alter_bundle(second, 256, [](auto& records) {
        records[44] = encode_leaf({.event = Event::administered});
    });
    const auto rest = folder->verify(request)->trail;
    EXPECT_EQ(rest.size(), 597);
    EXPECT_EQ(std::ranges::find(rest, 300, &TrailEntry::index), rest.end());
}

TEST_F(Damaged, HeadsThatContradictEachOtherAreFound) {
    auto& audit = logs.logs[LogName::audit];
    std::vector<Bytes> other(audit.records.begin(), audit.records.begin() + 400);
    other[7] = encode_leaf({.event = Event::administered});
    audit.notes.insert(audit.notes.end() - 1, logs.head(LogName::audit, other, logs.audit_key));
    const EvidenceFolder forked(logs);
    EXPECT_EQ(names(forked.findings()), (Names{"checkpoint_contradicted audit"}));
}

TEST_F(Damaged, HeadsOutOfOrderAreFound) {
    auto notes = logs.logs[LogName::audit].notes;
    std::swap(notes[0], notes[1]);
    folder->write("audit/checkpoints/000", as_bytes(join_notes(notes)));
    EXPECT_EQ(found(), (Names{"checkpoint_altered audit"}));
}

TEST_F(Damaged, AFileThatIsNoPartOfItIsFound) {
    folder->write("audit/tile/entries/003.p/1", Bytes{0, 0});
    EXPECT_EQ(found(), (Names{"file_unexpected"}));
}

TEST_F(Damaged, AHeadThatClaimsMoreThanAnyFolderHoldsCostsNothing) {
    const merkle::VerifierKey key = logs.verifier_key(LogName::audit);
    const std::string huge =
        merkle::sign_checkpoint({key.name(), UINT64_MAX, Digest{}}, key, logs.audit_key).value();
    folder->write("audit/checkpoint", as_bytes(huge));
    folder->write("audit/checkpoints/000", as_bytes(huge));
    EXPECT_TRUE(has(found(), "record_missing audit 600+168"));
}

}  // namespace
}  // namespace relais::evidence
