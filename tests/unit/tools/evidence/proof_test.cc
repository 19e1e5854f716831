// One proof file: it holds only for its leaf, its header, its log and the key that is trusted.
#include "tools/evidence/proof.h"

#include <gtest/gtest.h>

#include "core/merkle/prover.h"
#include "schemas/audit/proof_extra.h"
#include "tests/unit/tools/evidence/logs.h"

namespace relais::evidence {
namespace {

class Proof : public testing::Test {
protected:
    Proof() : key(test::make_p256_key(logs.random)) {
        logs.add_leaves(9);
        header = test::make_header({}, logs.random);
        Leaf leaf{.event = Event::submitted};
        signed_header = test::sign_header(header, key);
        leaf.header = header_digest(signed_header.bytes);
        leaf.message = header.id;
        index = logs.add_leaf(leaf);
        logs.add_leaves(4);
        logs.sign(LogName::audit);
        const auto& records = logs.logs[LogName::audit].records;
        RecordTiles tiles(records);
        file.extra = encode_proof_extra({records[index], signed_header});
        file.index = index;
        file.path = merkle::inclusion_proof(tiles, index, records.size()).value();
        file.checkpoint = logs.logs[LogName::audit].notes.back();
    }
    ErrorCode check(const std::vector<merkle::VerifierKey>& keys) const {
        return check_proof(merkle::format_proof(file).value(), keys).code();
    }
    ErrorCode check() const { return check({logs.verifier_key(LogName::audit)}); }

    TestLogs logs;
    P256Key key;
    Header header = test::make_header({}, logs.random);
    SignedHeader signed_header;
    std::uint64_t index = 0;
    merkle::ProofFile file;
};

TEST_F(Proof, HoldsForItsLeafUnderTheLogsKey) {
    const auto checked =
        check_proof(merkle::format_proof(file).value(),
                    {logs.verifier_key(LogName::directory), logs.verifier_key(LogName::audit)});
    ASSERT_TRUE(checked.ok()) << checked.error().describe();
    EXPECT_EQ(checked->index, index);
    EXPECT_EQ(checked->header.id, header.id);
    EXPECT_EQ(checked->head.origin, "indre/audit");
}

TEST_F(Proof, HoldsUnderNoOtherKey) {
    EXPECT_EQ(check({}), ErrorCode::note_invalid);
    EXPECT_EQ(check({logs.verifier_key(LogName::directory)}), ErrorCode::note_invalid);
    EXPECT_EQ(check({*merkle::VerifierKey::make("indre/audit", merkle::NoteKeyType::ed25519,
                                                log_key(9).public_key())}),
              ErrorCode::note_invalid);
}

// A log that was restored goes on under a later name, with the same key.
TEST_F(Proof, HoldsUnderALaterNameOfTheLogsKey) {
    const auto& records = logs.logs[LogName::audit].records;
    file.checkpoint = logs.head_as("indre/audit/0011223344556677", records, logs.audit_key);
    EXPECT_EQ(check(), ErrorCode::ok);
    EXPECT_EQ(check({logs.verifier_key(LogName::directory)}), ErrorCode::note_invalid);
    Ed25519Key other = log_key(9);
    file.checkpoint = logs.head_as("indre/audit/0011223344556677", records, other);
    EXPECT_EQ(check(), ErrorCode::note_invalid);
    for (const char* origin :
         {"indre/audit/", "indre/audit/001122334455667", "indre/audit/x",
          "indre/audit/00112233445566AA", "indre/auditor", "cher/audit/0011223344556677"}) {
        file.checkpoint = logs.head_as(origin, records, logs.audit_key);
        EXPECT_EQ(check(), ErrorCode::note_invalid) << origin;
    }
    // A directory is never begun anew.
    file.checkpoint = logs.head_as("indre/directory/0011223344556677", records, logs.directory_key);
    EXPECT_EQ(check({logs.verifier_key(LogName::directory)}), ErrorCode::note_invalid);
}

TEST_F(Proof, HoldsForNoOtherLeafOrPlace) {
    const merkle::ProofFile good = file;
    file.extra = encode_proof_extra({logs.logs[LogName::audit].records[0], signed_header});
    EXPECT_EQ(check(), ErrorCode::proof_invalid);
    file = good;
    ++file.index;
    EXPECT_EQ(check(), ErrorCode::proof_invalid);
    file = good;
    file.path.pop_back();
    EXPECT_EQ(check(), ErrorCode::proof_invalid);
    file = good;
    EXPECT_EQ(check(), ErrorCode::ok);
}

TEST_F(Proof, HoldsForNoOtherHeader) {
    const Header other = test::make_header({}, logs.random);
    file.extra = encode_proof_extra(
        {logs.logs[LogName::audit].records[index], test::sign_header(other, key)});
    EXPECT_EQ(check(), ErrorCode::proof_invalid);
}

TEST_F(Proof, EveryFlippedByteIsFound) {
    const std::string good = merkle::format_proof(file).value();
    std::size_t harmless = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        const auto checked = check_proof(bad, {logs.verifier_key(LogName::audit)});
        if (!checked.ok()) continue;
        // The signature of the header is not the audit log's to prove.
        EXPECT_EQ(checked->index, index) << i;
        EXPECT_EQ(header_digest(encode_header(checked->header)), checked->leaf.header) << i;
        ++harmless;
    }
    EXPECT_LT(harmless, 100U) << "the 64 bytes of that signature are 86 characters";
}

}  // namespace
}  // namespace relais::evidence
