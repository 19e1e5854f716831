// The form, signing and verification of checkpoints; no damage passes.
#include "core/merkle/checkpoint.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/codecs/codecs.h"
#include "core/merkle/tree.h"
#include "tests/unit/core/merkle/signers.h"

namespace relais::merkle {
namespace {

const std::string kRoot = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

Checkpoint head_of(std::uint64_t size) {
    return {"indre.example/audit", size, leaf_hash(as_bytes("root " + std::to_string(size)))};
}

std::string signed_head(const Checkpoint& head) {
    auto log = log_signer();
    return sign_checkpoint(head, log.key, log.signer).value();
}

LogTrust trust_in(const TestSigner& log) { return {log.key.name(), log.key}; }

TEST(Checkpoint, TheTextIsThreeLines) {
    const Checkpoint head{"example.com/behind-the-sofa", 20852163,
                          Digest::from(parse_base64(kRoot).value())};
    EXPECT_EQ(head.text(), "example.com/behind-the-sofa\n20852163\n" + kRoot + "\n");
    EXPECT_EQ(parse_checkpoint(head.text()).value(), head);
}

TEST(Checkpoint, SizesToTheLastReadBack) {
    for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{10}, ~std::uint64_t{0}}) {
        EXPECT_EQ(parse_checkpoint(head_of(size).text()).value().size, size);
    }
    const Checkpoint empty{"a", 0, empty_root()};
    EXPECT_EQ(parse_checkpoint(empty.text()).value(), empty);
}

TEST(Checkpoint, ExtensionLinesOfOthersAreKeptSoThatTheTextStaysWhatWasSigned) {
    const std::string text = "go.sum database tree\n7\n" + kRoot + "\nfirst\nsecond one\n";
    const auto head = parse_checkpoint(text).value();
    EXPECT_EQ(head.extensions, (std::vector<std::string>{"first", "second one"}));
    EXPECT_EQ(head.text(), text);
}

TEST(Checkpoint, OtherFormsAreMalformed) {
    const std::string bad[] = {
        "",
        "a\n",
        "a\n1\n",
        "a\n1\n" + kRoot,                                        // no last newline
        "\n1\n" + kRoot + "\n",                                  // no origin
        "a\n\n" + kRoot + "\n",                                  // no size
        "a\n01\n" + kRoot + "\n",                                // leading zero
        "a\n00\n" + kRoot + "\n",                                // leading zero
        "a\n+1\n" + kRoot + "\n",                                // sign
        "a\n-1\n" + kRoot + "\n",                                // sign
        "a\n 1\n" + kRoot + "\n",                                // space
        "a\n1 \n" + kRoot + "\n",                                // space
        "a\n0x1\n" + kRoot + "\n",                               // not decimal
        "a\n18446744073709551616\n" + kRoot + "\n",              // 2^64
        "a\n1\nAAAA\n",                                          // not 32 bytes
        "a\n1\n" + kRoot.substr(0, 43) + "\n",                   // padding missing
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",  // unused bits set
        "a\n1\n" + kRoot + "\n\n",                               // empty extension line
        "a\n1\n" + kRoot + "\nx\n\ny\n",                         // empty extension line
        "a\n1\n" + kRoot + "\nx",                                // extension line without an end
        "a\tb\n1\n" + kRoot + "\n",                              // control character
        "\xFF\n1\n" + kRoot + "\n",                              // not UTF-8
        "a\n0\n" + kRoot + "\n",                                 // an empty tree has one root
    };
    for (const std::string& text : bad) {
        EXPECT_EQ(parse_checkpoint(text).code(), ErrorCode::malformed) << text;
    }
}

RC_GTEST_PROP(Checkpoint, WhatReadsWritesBackAsTheSameText,
              (std::uint64_t size, const std::string& noise)) {
    const std::string text = head_of(std::max<std::uint64_t>(size, 1)).text() + noise;
    const auto read = parse_checkpoint(text);
    if (read.ok()) RC_ASSERT(read->text() == text);
    RC_ASSERT(noise.empty() == (read.ok() && read->extensions.empty()));
}

TEST(Checkpoint, SignedByTheLogItVerifies) {
    const auto log = log_signer();
    const Checkpoint head = head_of(42);
    const auto verified = verify_checkpoint(signed_head(head), trust_in(log)).value();
    EXPECT_EQ(verified.head(), head);
    EXPECT_EQ(verified.text(), head.text());
    EXPECT_EQ(verified.note(), signed_head(head));
    EXPECT_TRUE(verified.witnessed().empty());
}

TEST(Checkpoint, NoSmallDamageAnywhereIsAccepted) {
    const auto trust = trust_in(log_signer());
    for (const std::string& bad : every_small_damage(signed_head(head_of(42)))) {
        ASSERT_FALSE(verify_checkpoint(bad, trust).ok()) << bad;
    }
}

TEST(Checkpoint, OfAnotherLogIsRefused) {
    const auto log = log_signer();
    const TestSigner other("autre.example/audit", NoteKeyType::ed25519, 3);
    const std::string note = signed_head(head_of(42));
    EXPECT_EQ(verify_checkpoint(note, {"autre.example/audit", log.key}).code(),
              ErrorCode::note_invalid);
    EXPECT_EQ(verify_checkpoint(note, trust_in(other)).code(), ErrorCode::note_invalid);
}

TEST(Checkpoint, ASignedTextThatIsNoCheckpointIsRefused) {
    auto log = log_signer();
    const auto note = sign_note("indre.example/audit\n01\nx\n", log.key, log.signer).value();
    EXPECT_EQ(verify_checkpoint(note, trust_in(log)).code(), ErrorCode::malformed);
}

TEST(Checkpoint, ALogSignsOnlyItsOwnSoundHeads) {
    auto log = log_signer();
    const auto code = [&](const Checkpoint& head) {
        return sign_checkpoint(head, log.key, log.signer).code();
    };
    Checkpoint other = head_of(1);
    other.origin = "autre.example/audit";
    EXPECT_EQ(code(other), ErrorCode::invalid_field);
    EXPECT_EQ(code(head_of(0)), ErrorCode::malformed);
    Checkpoint framed = head_of(1);
    framed.extensions = {"x\ny"};
    EXPECT_EQ(code(framed), ErrorCode::malformed);
    TestSigner witness("indre.example/audit", NoteKeyType::cosignature, 1);
    EXPECT_EQ(sign_checkpoint(head_of(1), witness.key, witness.signer).code(),
              ErrorCode::invalid_field);
}

TEST(Checkpoint, TrustInKeysOfTheWrongTypeOrInOneKeyTwiceIsAConfigurationError) {
    const auto log = log_signer();
    const auto witness = witness_signer(1);
    const std::string note = signed_head(head_of(42));
    const auto code = [&](const VerifierKey& key, std::vector<VerifierKey> witnesses) {
        return verify_checkpoint(note, {log.key.name(), key, std::move(witnesses)}).code();
    };
    EXPECT_EQ(code(log.key, {witness.key}), ErrorCode::ok);
    EXPECT_EQ(code(witness.key, {}), ErrorCode::bad_configuration);
    EXPECT_EQ(code(log.key, {log.key}), ErrorCode::bad_configuration);
    const auto renamed =
        VerifierKey::make("autre", NoteKeyType::cosignature, witness.key.key()).value();
    EXPECT_EQ(code(log.key, {witness.key, renamed}), ErrorCode::bad_configuration);
}

}  // namespace
}  // namespace relais::merkle
