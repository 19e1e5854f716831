// Witnesses' cosignatures: made, verified, counted.
#include "core/merkle/cosignature.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "core/merkle/tree.h"
#include "tests/unit/core/merkle/signers.h"

namespace relais::merkle {
namespace {

constexpr WallTime kNow{1'700'000'000'999};

std::string log_note() {
    auto log = log_signer();
    const Checkpoint head{log.key.name(), 42, leaf_hash(as_bytes("root"))};
    return sign_checkpoint(head, log.key, log.signer).value();
}

VerifiedCheckpoint seen() {
    const auto log = log_signer();
    return verify_checkpoint(log_note(), {log.key.name(), log.key}).value();
}

NoteSignature cosigned(TestSigner witness, WallTime now = kNow) {
    return cosign(seen(), witness.key, witness.signer, now).value();
}

LogTrust trust_with(std::vector<VerifierKey> witnesses, std::size_t least) {
    const auto log = log_signer();
    return {log.key.name(), log.key, std::move(witnesses), least};
}

TEST(Cosignature, TheMessageIsTwoLinesAndTheCheckpointsText) {
    EXPECT_EQ(cosignature_message(1679315147, "origin\n1\nroot\n"),
              "cosignature/v1\ntime 1679315147\norigin\n1\nroot\n");
}

TEST(Cosignature, VerifiesWithItsTimeInWholeSeconds) {
    const auto witness = witness_signer(1);
    const auto line = cosigned(witness_signer(1));
    EXPECT_EQ(line.payload.size(), 72U);
    const WallTime time = verify_cosignature(seen().text(), line, witness.key).value();
    EXPECT_EQ(time.ms, 1'700'000'000'000);
}

TEST(Cosignature, AnyChangedBitTextOrKeyFails) {
    const auto witness = witness_signer(1);
    const auto line = cosigned(witness_signer(1));
    const std::string text = seen().text();
    for (std::size_t bit = 0; bit < 8 * line.payload.size(); ++bit) {
        NoteSignature bad = line;
        bad.payload[bit / 8] = static_cast<std::uint8_t>(bad.payload[bit / 8] ^ (1U << (bit % 8)));
        ASSERT_EQ(verify_cosignature(text, bad, witness.key).code(), ErrorCode::note_invalid)
            << bit;
    }
    EXPECT_FALSE(verify_cosignature(text + "x\n", line, witness.key).ok());
    EXPECT_FALSE(verify_cosignature(text, line, witness_signer(2).key).ok());
    NoteSignature renamed = line;
    renamed.key_name = "autre";
    EXPECT_FALSE(verify_cosignature(text, renamed, witness.key).ok());
    for (const std::size_t size : {0U, 8U, 71U, 73U}) {
        NoteSignature resized = line;
        resized.payload.resize(size);
        EXPECT_FALSE(verify_cosignature(text, resized, witness.key).ok()) << size;
    }
}

TEST(Cosignature, ATimeThatNoClockCanHoldFailsEvenSigned) {
    auto witness = witness_signer(1);
    const std::uint64_t last = std::numeric_limits<std::int64_t>::max() / 1000;
    for (const std::uint64_t seconds : {last, last + 1, ~std::uint64_t{0}}) {
        NoteSignature line{witness.key.name(), witness.key.id(), {}};
        append_u64(line.payload, seconds);
        const std::string message = cosignature_message(seconds, seen().text());
        append(line.payload, witness.signer.sign(as_bytes(message)).view());
        EXPECT_EQ(verify_cosignature(seen().text(), line, witness.key).ok(), seconds == last);
    }
}

TEST(Cosignature, IsMadeOnlyWithAWitnessKeyAndATimeSince1970) {
    auto log = log_signer();
    auto witness = witness_signer(1);
    EXPECT_EQ(cosign(seen(), log.key, log.signer, kNow).code(), ErrorCode::invalid_field);
    EXPECT_EQ(cosign(seen(), witness.key, witness.signer, {-1}).code(), ErrorCode::invalid_field);
    EXPECT_TRUE(cosign(seen(), witness.key, witness.signer, {0}).ok());
}

TEST(Cosignature, StandsInTheCheckpointBesideTheLogs) {
    std::string note = log_note();
    note = add_signature(note, cosigned(witness_signer(1))).value();
    note = add_signature(note, cosigned(witness_signer(2), {5000})).value();
    const auto trust = trust_with({witness_signer(2).key, witness_signer(1).key}, 2);
    const auto checkpoint = verify_checkpoint(note, trust).value();
    ASSERT_EQ(checkpoint.witnessed().size(), 2U);
    EXPECT_EQ(checkpoint.witnessed()[0].witness, "temoin1.example");
    EXPECT_EQ(checkpoint.witnessed()[1].time.ms, 5000);
}

TEST(Cosignature, TheNumberOfWitnessesAskedForMustBeMetByDifferentOnes) {
    const auto first = witness_signer(1);
    const auto second = witness_signer(2);
    std::string note = add_signature(log_note(), cosigned(witness_signer(1))).value();
    note = add_signature(note, cosigned(witness_signer(1), {5000})).value();
    note = add_signature(note, cosigned(witness_signer(3))).value();
    const auto code = [&](std::size_t least) {
        return verify_checkpoint(note, trust_with({first.key, second.key}, least)).code();
    };
    EXPECT_EQ(code(0), ErrorCode::ok);
    EXPECT_EQ(code(1), ErrorCode::ok);
    EXPECT_EQ(code(2), ErrorCode::note_invalid);
}

TEST(Cosignature, WithoutTheLogsSignatureIsNotACheckpoint) {
    const std::string note = seen().text() + "\n" + cosigned(witness_signer(1)).line();
    const auto trust = trust_with({witness_signer(1).key}, 1);
    EXPECT_EQ(verify_checkpoint(note, trust).code(), ErrorCode::note_invalid);
}

TEST(Cosignature, ALogsSignatureIsNoCosignatureAndTheOtherWayRound) {
    // One private key, both types: the signed bytes differ, so neither stands for the other.
    TestSigner as_log("indre.example/audit", NoteKeyType::ed25519, 1);
    TestSigner as_witness("indre.example/audit", NoteKeyType::cosignature, 1);
    NoteSignature line = cosigned(witness_signer(1));
    line.payload = cosign(seen(), as_witness.key, as_witness.signer, kNow).value().payload;
    line.key_name = as_log.key.name();
    line.key_id = as_log.key.id();
    line.payload.erase(line.payload.begin(), line.payload.begin() + 8);
    EXPECT_FALSE(verify_note(seen().text() + "\n" + line.line(), std::span(&as_log.key, 1)).ok());
}

// Of two keys that have one name and one id; a pair found by search.
TestSigner twin(std::uint64_t number) {
    Bytes bytes(24, 0);
    append_u64(bytes, number);
    Secret seed(bytes.size());
    std::ranges::copy(bytes, seed.expose_mutable().begin());
    return {"temoin.example", NoteKeyType::cosignature, seed};
}

TEST(Cosignature, OfTwoKeysUnderOneNameAndIdEachIsReadByItsOwn) {
    const VerifierKey first = twin(3964).key;
    const VerifierKey second = twin(104083).key;
    ASSERT_EQ(first.id(), second.id());
    ASSERT_NE(first, second);
    const LogTrust trust = trust_with({first, second}, 1);
    const NoteSignature by_first = cosigned(twin(3964));
    const NoteSignature by_second = cosigned(twin(104083));
    const auto keys_of = [&](const std::string& note) {
        const auto read = verify_checkpoint(note, trust).value();
        std::vector<Ed25519Public> keys;
        for (const Witnessed& each : read.witnessed()) keys.push_back(each.key);
        return keys;
    };
    const std::string one = log_note() + by_first.line();
    const std::string other = log_note() + by_second.line();
    EXPECT_EQ(keys_of(one), std::vector{first.key()});
    EXPECT_EQ(keys_of(other), std::vector{second.key()});
    EXPECT_EQ(keys_of(one + by_second.line()), (std::vector{first.key(), second.key()}));
    NoteSignature bad = by_second;
    bad.payload.back() ^= 1;
    EXPECT_EQ(verify_checkpoint(one + bad.line(), trust).code(), ErrorCode::note_invalid);
}

}  // namespace
}  // namespace relais::merkle
