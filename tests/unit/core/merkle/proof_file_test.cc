// The form and the verification of proof files; no damage passes.
#include "core/merkle/proof_file.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "tests/unit/core/merkle/naive_tree.h"
#include "tests/unit/core/merkle/signers.h"

namespace relais::merkle {
namespace {

constexpr std::size_t kSize = 11;

std::string checkpoint_note(std::size_t size = kSize) {
    auto log = log_signer();
    const Checkpoint head{log.key.name(), size, naive::root(naive::leaves(size))};
    return sign_checkpoint(head, log.key, log.signer).value();
}

ProofFile proof_of(std::size_t index) {
    return {{}, index, naive::path(index, naive::leaves(kSize)), checkpoint_note()};
}

Digest leaf(std::size_t index) { return naive::leaves(index + 1).back(); }

LogTrust trust() {
    const auto log = log_signer();
    return {log.key.name(), log.key};
}

// The verdict on a file's bytes: reading and verifying.
ErrorCode verdict(std::string_view text, const Digest& leaf_hash) {
    const auto proof = parse_proof(text);
    return proof.ok() ? verify_proof(*proof, leaf_hash, trust()).code() : proof.code();
}

TEST(ProofFile, TheTextIsThatOfTheSpecification) {
    ProofFile proof = proof_of(0);
    proof.path.resize(2);
    proof.extra = {1, 2, 3};
    proof.index = 73894;
    EXPECT_EQ(format_proof(proof).value(),
              "c2sp.org/tlog-proof@v1\nextra AQID\nindex 73894\n" + base64(proof.path[0].view()) +
                  "\n" + base64(proof.path[1].view()) + "\n\n" + checkpoint_note());
}

TEST(ProofFile, EveryLeafsProofReadsBackAndVerifiesForThatLeafAlone) {
    for (std::size_t index = 0; index < kSize; ++index) {
        const std::string text = format_proof(proof_of(index)).value();
        EXPECT_EQ(parse_proof(text).value(), proof_of(index));
        const auto head = verify_proof(parse_proof(text).value(), leaf(index), trust());
        ASSERT_TRUE(head.ok());
        EXPECT_EQ(head->head().size, kSize);
        for (std::size_t other = 0; other < kSize; ++other) {
            EXPECT_EQ(verdict(text, leaf(other)),
                      other == index ? ErrorCode::ok : ErrorCode::proof_invalid);
        }
    }
}

TEST(ProofFile, OfATreeOfOneLeafHasNoHash) {
    const ProofFile proof{{}, 0, {}, checkpoint_note(1)};
    const std::string text = format_proof(proof).value();
    EXPECT_EQ(text, "c2sp.org/tlog-proof@v1\nindex 0\n\n" + checkpoint_note(1));
    EXPECT_EQ(verdict(text, leaf(0)), ErrorCode::ok);
}

TEST(ProofFile, NoSmallDamageAnywhereIsAccepted) {
    const std::string text = format_proof(proof_of(10)).value();
    ASSERT_EQ(verdict(text, leaf(10)), ErrorCode::ok);
    for (const std::string& bad : every_small_damage(text)) {
        ASSERT_NE(verdict(bad, leaf(10)), ErrorCode::ok) << bad;
    }
}

TEST(ProofFile, AGoodPathUnderAnotherLogsHeadIsRefused) {
    const ProofFile proof = proof_of(3);
    LogTrust other = trust();
    other.log = TestSigner("indre.example/audit", NoteKeyType::ed25519, 9).key;
    EXPECT_EQ(verify_proof(proof, leaf(3), other).code(), ErrorCode::note_invalid);
    LogTrust witnessed = trust();
    witnessed.witnesses = {witness_signer(1).key};
    witnessed.witnesses_min = 1;
    EXPECT_EQ(verify_proof(proof, leaf(3), witnessed).code(), ErrorCode::note_invalid);
}

TEST(ProofFile, APathForAnotherSizeIsRefused) {
    ProofFile proof = proof_of(3);
    proof.checkpoint = checkpoint_note(kSize + 1);
    EXPECT_EQ(verify_proof(proof, leaf(3), trust()).code(), ErrorCode::proof_invalid);
}

TEST(ProofFile, OtherFormsAreMalformed) {
    const std::string header = "c2sp.org/tlog-proof@v1\n";
    const std::string hash = base64(leaf(0).view()) + "\n";
    const std::string end = "\n" + checkpoint_note();
    const std::string bad[] = {
        "",
        header,
        header + "index 0\n",
        header + "index 0\n\n",                         // no checkpoint
        "c2sp.org/tlog-proof@v2\nindex 0\n" + end,      // another version
        header + end,                                   // no index
        header + "index \n" + end,                      // no number
        header + "index 00\n" + end,                    // leading zero
        header + "index -5\n" + end,                    // sign
        header + "index 18446744073709551616\n" + end,  // 2^64
        header + "Index 0\n" + end,                     // capital
        header + "index 0\nindex 0\n" + end,            // twice
        header + "extra \nindex 0\n" + end,             // extra without data
        header + "extra\nindex 0\n" + end,              // extra without data
        header + "extra !!!!\nindex 0\n" + end,         // not base64
        header + "extra AA==\nextra AA==\nindex 0\n" + end,
        header + "index 0\nextra AA==\n" + end,           // order
        header + "index 0\n!!\n" + end,                   // not base64
        header + "index 0\nAAAA\n" + end,                 // not 32 bytes
        header + "index 0\n" + hash + checkpoint_note(),  // no empty line
        header + "index 0\r\n" + end,                     // control character
        header + "index 0\n\n" + end,                     // the checkpoint starts with a newline
        header + "index 0\n" + end + "x",                 // after the note
        header + "index 0\n\nno checkpoint\n\n" +
            checkpoint_note().substr(checkpoint_note().find("\n\n") + 2),
    };
    for (const std::string& text : bad) {
        EXPECT_EQ(parse_proof(text).code(), ErrorCode::malformed) << text;
    }
    EXPECT_TRUE(parse_proof(header + "index 0\n" + hash + end).ok());
}

TEST(ProofFile, MoreHashesOrBytesThanAnyLogNeedsAreRefused) {
    ProofFile proof = proof_of(0);
    proof.path.assign(limits::kProofHashesMax, leaf(0));
    EXPECT_TRUE(format_proof(proof).ok());
    proof.path.push_back(leaf(0));
    EXPECT_EQ(format_proof(proof).code(), ErrorCode::too_large);
    proof.path.clear();
    proof.extra = Bytes(limits::kProofFileBytesMax, 1);
    EXPECT_EQ(format_proof(proof).code(), ErrorCode::too_large);
}

RC_GTEST_PROP(ProofFile, WhatFormatsReadsBackAsItself,
              (const Bytes& extra, std::uint64_t index, std::uint8_t hashes)) {
    const ProofFile proof{extra, index, naive::leaves(hashes % 64), checkpoint_note()};
    const std::string text = format_proof(proof).value();
    RC_ASSERT(parse_proof(text).value() == proof);
}

RC_GTEST_PROP(ProofFile, ReadingArbitraryBytesNeverAccepts, (const std::string& bytes)) {
    RC_ASSERT(!parse_proof(bytes).ok());
    RC_ASSERT(!parse_proof("c2sp.org/tlog-proof@v1\nindex 0\n\n" + bytes).ok());
}

}  // namespace
}  // namespace relais::merkle
