// HPKE contexts against the vectors of RFC 9180 (tests/data/vectors): the i-th call uses the i-th
// nonce, and what is out of order does not open.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "clients/station/seal/hpke.h"
#include "core/codecs/codecs.h"
#include "tests/support/random.h"

namespace relais::seal {
namespace {

Bytes from_hex(const nlohmann::json& item, const char* key) {
    return parse_hex(item.at(key).get<std::string>()).value();
}

nlohmann::json hpke_vectors() {
    std::ifstream file(RELAIS_TEST_DATA "/vectors/hpke_p256_hkdf_sha256.json");
    return nlohmann::json::parse(file);
}

TEST(HpkeContexts, SealEachRecordToThePublishedBytes) {
    for (const auto& vector : hpke_vectors()) {
        const auto& setup = vector.at("setup");
        const auto aead = static_cast<HpkeAead>(std::stoi(setup.at("aead_id").get<std::string>()));
        const P256Key ephemeral =
            P256Key::from_scalar(Secret::copy_of(from_hex(setup, "skEm"))).value();
        const P256Key recipient =
            P256Key::from_scalar(Secret::copy_of(from_hex(setup, "skRm"))).value();
        auto sender = HpkeContext::send_with(ephemeral, recipient.public_key(),
                                             from_hex(setup, "info"), aead);
        auto receiver =
            HpkeContext::receive(recipient, from_hex(setup, "enc"), from_hex(setup, "info"), aead);
        ASSERT_TRUE(sender.ok() && receiver.ok());
        EXPECT_EQ(hex(sender->enc()), hex(from_hex(setup, "enc")));
        std::uint64_t sequence = 0;
        int checked = 0;
        for (const auto& item : vector.at("encryptions")) {
            const auto wanted = std::stoull(item.at("sequence number").get<std::string>());
            for (; sequence < wanted; ++sequence) {  // records between those that are published
                ASSERT_TRUE(receiver->open({}, sender->seal({}, {})).ok());
            }
            const Bytes sealed = sender->seal(from_hex(item, "aad"), from_hex(item, "pt"));
            EXPECT_EQ(hex(sealed), hex(from_hex(item, "ct"))) << "sequence " << wanted;
            const auto opened = receiver->open(from_hex(item, "aad"), sealed);
            ASSERT_TRUE(opened.ok());
            EXPECT_EQ(hex(opened->expose()), hex(from_hex(item, "pt")));
            ++sequence;
            ++checked;
        }
        EXPECT_GE(checked, 3);
    }
}

TEST(HpkeContexts, ARecordOutOfOrderOrUnderOtherDataDoesNotOpenAndCostsNoPlace) {
    const P256Key recipient = P256Key::generate();
    auto sender = HpkeContext::send(recipient.public_key(), {}).value();
    auto receiver = HpkeContext::receive(recipient, sender.enc(), {}).value();
    const Bytes aad = {1};
    const Bytes first = sender.seal(aad, Bytes(10, 1));
    const Bytes second = sender.seal(aad, Bytes(10, 2));
    EXPECT_EQ(receiver.open(aad, second).code(), ErrorCode::content_undecryptable);
    EXPECT_EQ(receiver.open({}, first).code(), ErrorCode::content_undecryptable);
    EXPECT_TRUE(receiver.open(aad, first).ok());
    EXPECT_EQ(receiver.open(aad, first).code(), ErrorCode::content_undecryptable) << "twice";
    EXPECT_TRUE(receiver.open(aad, second).ok());
}

TEST(HpkeContexts, AnotherKeyOrInfoOpensNothing) {
    const P256Key recipient = P256Key::generate();
    const Bytes info = {7};
    auto sender = HpkeContext::send(recipient.public_key(), info).value();
    const Bytes sealed = sender.seal({}, Bytes(10, 1));
    const P256Key other = P256Key::generate();
    EXPECT_FALSE(HpkeContext::receive(other, sender.enc(), info).value().open({}, sealed).ok());
    EXPECT_FALSE(HpkeContext::receive(recipient, sender.enc(), {}).value().open({}, sealed).ok());
    EXPECT_EQ(HpkeContext::receive(recipient, Bytes(65, 4), info).code(),
              ErrorCode::box_unopenable);
    EXPECT_TRUE(HpkeContext::receive(recipient, sender.enc(), info).value().open({}, sealed).ok());
}

}  // namespace
}  // namespace relais::seal
