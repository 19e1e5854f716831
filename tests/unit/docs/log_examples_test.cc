// The proof file of the page, verified as a stranger would.
#include <gtest/gtest.h>

#include "core/crypto/ed25519.h"
#include "core/merkle/proof_file.h"
#include "core/merkle/tree.h"
#include "schemas/audit/leaf.h"
#include "schemas/audit/proof_extra.h"
#include "tests/unit/docs/examples.h"

namespace relais {
namespace {

using test::bytes_at;
using test::id_at;
using test::text_at;

merkle::LogTrust trust() {
    return {"indre/audit", merkle::VerifierKey::parse(text_at("/proof/verifier_key")).value()};
}

TEST(ProofExample, FileMadeElsewhereVerifiesAgainstTheVerifierKey) {
    const auto proof = merkle::parse_proof(test::example_file("proof.txt"));
    ASSERT_TRUE(proof.ok()) << proof.error().describe();
    EXPECT_EQ(proof->index, 2U);
    ASSERT_EQ(proof->path.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(hex(proof->path[i].view()), text_at("/proof/path/" + std::to_string(i)));
    }
    const auto head = merkle::verify_proof(*proof, id_at<Digest>("/proof/leaf_hash"), trust());
    ASSERT_TRUE(head.ok()) << head.error().describe();
    EXPECT_EQ(hex(head->head().root.view()), text_at("/proof/root"));
    EXPECT_EQ(merkle::format_proof(*proof).value(), test::example_file("proof.txt"));
}

TEST(ProofExample, LogKeyIsThatOfTheSeedAndOfTheVerifierKey) {
    const auto key = Ed25519Key::from_seed(test::secret_at("/proof/log_seed")).value();
    EXPECT_EQ(hex(key.public_key().view()), text_at("/proof/log_public"));
    EXPECT_EQ(key.public_key(), trust().log.key());
}

TEST(ProofExample, ExtraHoldsTheLeafAndTheHeaderThatItIsAbout) {
    const auto proof = merkle::parse_proof(test::example_file("proof.txt")).value();
    const ProofExtra extra = parse_proof_extra(proof.extra).value();
    EXPECT_EQ(hex(extra.leaf), text_at("/proof/leaf"));
    EXPECT_EQ(hex(merkle::leaf_hash(extra.leaf).view()), text_at("/proof/leaf_hash"));
    EXPECT_EQ(hex(extra.header.bytes), text_at("/header/bytes"));
    const Leaf leaf = parse_leaf(extra.leaf).value();
    EXPECT_EQ(leaf.event, Event::submitted);
    EXPECT_EQ(leaf.code, ErrorCode::ok);
    EXPECT_EQ(leaf.header, header_digest(extra.header.bytes));
    EXPECT_EQ(leaf.directory_size.value, 43U);
    EXPECT_EQ(hex(leaf.salt.view()), text_at("/proof/leaf_fields/salt"));
    EXPECT_EQ(hex(leaf.header->view()), text_at("/proof/leaf_fields/header"));
    EXPECT_EQ(hex(leaf.station->view()), text_at("/proof/leaf_fields/station"));
    EXPECT_EQ(hex(leaf.person->view()), text_at("/proof/leaf_fields/person"));
    EXPECT_EQ(hex(leaf.message->view()), text_at("/proof/leaf_fields/message"));
    EXPECT_EQ(hex(leaf.thread->view()), text_at("/proof/leaf_fields/thread"));
    EXPECT_EQ(leaf.mailbox, text_at("/proof/leaf_fields/mailbox"));
}

TEST(ProofExample, OneByteOfTheLeafAlteredNoLongerVerifies) {
    const auto proof = merkle::parse_proof(test::example_file("proof.txt")).value();
    Bytes leaf = bytes_at("/proof/leaf");
    leaf.back() ^= 1;
    const auto head = merkle::verify_proof(proof, merkle::leaf_hash(leaf), trust());
    EXPECT_EQ(head.code(), ErrorCode::proof_invalid);
}

}  // namespace
}  // namespace relais
