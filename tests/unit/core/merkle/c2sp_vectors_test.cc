// Notes, checkpoints and cosignatures that others published, and one damage to each.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/codecs/codecs.h"
#include "core/merkle/cosignature.h"
#include "tests/unit/core/merkle/signers.h"

namespace relais::merkle {
namespace {

using Json = nlohmann::json;

Json published() {
    std::ifstream file(std::string(RELAIS_TEST_DATA) + "/vectors/c2sp_notes.json");
    return Json::parse(file).at("notes");
}

std::vector<VerifierKey> keys_of(const Json& list) {
    std::vector<VerifierKey> keys;
    for (const std::string text : list) keys.push_back(VerifierKey::parse(text).value());
    return keys;
}

TEST(C2spVectors, EveryVerifierKeyReadsAndWritesBack) {
    int count = 0;
    for (const Json& vector : published()) {
        for (const std::string text : vector.at("keys")) {
            const auto key = VerifierKey::parse(text);
            ASSERT_TRUE(key.ok()) << text;
            EXPECT_EQ(key->text(), text);
            ++count;
        }
    }
    EXPECT_EQ(count, 10);
}

TEST(C2spVectors, EveryNoteVerifiesUnderEachOfItsKeys) {
    int notes = 0;
    for (const Json& vector : published()) {
        const std::string note = vector.at("note");
        const auto keys = keys_of(vector.at("keys"));
        const auto verified = verify_note(note, keys);
        ASSERT_TRUE(verified.ok()) << vector.at("source");
        EXPECT_EQ(verified->text(), vector.at("text").get<std::string>());
        EXPECT_EQ(verified->signatures().size(), keys.size());
        for (const VerifierKey& key : keys) EXPECT_TRUE(verify_note(note, std::span(&key, 1)).ok());
        ++notes;
    }
    EXPECT_EQ(notes, 5);
}

TEST(C2spVectors, NoNoteVerifiesWithAnotherTextOrWithoutItsKeys) {
    for (const Json& vector : published()) {
        std::string note = vector.at("note");
        const auto keys = keys_of(vector.at("keys"));
        EXPECT_EQ(verify_note(note, {}).code(), ErrorCode::note_invalid);
        const auto stranger = log_signer();
        EXPECT_EQ(verify_note(note, std::span(&stranger.key, 1)).code(), ErrorCode::note_invalid);
        note[2] = static_cast<char>(note[2] ^ 0x01);
        EXPECT_EQ(verify_note(note, keys).code(), ErrorCode::note_invalid) << vector.at("source");
    }
}

TEST(C2spVectors, EveryCheckpointReadsAndCarriesItsWitnesses) {
    int checkpoints = 0;
    for (const Json& vector : published()) {
        if (!vector.contains("checkpoint")) continue;
        const Json& expected = vector.at("checkpoint");
        LogTrust trust{expected.at("origin"),
                       VerifierKey::parse(std::string(expected.at("log"))).value(),
                       keys_of(expected.at("witnesses"))};
        trust.witnesses_min = trust.witnesses.size();
        const auto checkpoint = verify_checkpoint(std::string(vector.at("note")), trust);
        ASSERT_TRUE(checkpoint.ok()) << vector.at("source");
        EXPECT_EQ(checkpoint->head().size, expected.at("size"));
        EXPECT_EQ(base64(checkpoint->head().root.view()), expected.at("root").get<std::string>());
        for (const Witnessed& witnessed : checkpoint->witnessed()) {
            EXPECT_EQ(witnessed.time.ms, expected.at("seconds").get<std::int64_t>() * 1000);
        }
        trust.witnesses_min += 1;
        EXPECT_EQ(verify_checkpoint(std::string(vector.at("note")), trust).code(),
                  ErrorCode::note_invalid);
        ++checkpoints;
    }
    EXPECT_EQ(checkpoints, 2);
}

}  // namespace
}  // namespace relais::merkle
