// FIPS 180 and RFC 4231 vectors, and the rules of hashing in parts.
#include "core/crypto/sha256.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "core/codecs/codecs.h"

namespace relais {
namespace {

std::string sha(std::string_view text) { return hex(sha256(as_bytes(text)).view()); }

std::string mac(std::string_view key_hex, std::string_view data) {
    const Secret key = Secret::copy_of(parse_hex(key_hex).value());
    return hex(hmac_sha256(key, {as_bytes(data)}).view());
}

std::string repeated(std::string_view unit, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += unit;
    return text;
}

// The examples of FIPS 180.
TEST(Sha256, IsThatOfThePublishedVectors) {
    EXPECT_EQ(sha(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, BeginsAnewAfterEachEnd) {
    Sha256 hasher;
    EXPECT_EQ(hasher.finish(), sha256(ByteView{}));
    hasher.update(as_bytes("ab"));
    hasher.update(as_bytes("c"));
    EXPECT_EQ(hasher.finish(), sha256(as_bytes("abc")));
    hasher.update(as_bytes("abc"));
    EXPECT_EQ(hasher.finish(), sha256(as_bytes("abc")));
}

RC_GTEST_PROP(Sha256, PartsHashAsTheirJoin, (const Bytes& a, const Bytes& b, const Bytes& c)) {
    Bytes joined = a;
    append(joined, b);
    append(joined, c);
    RC_ASSERT(sha256({a, b, c}) == sha256(joined));
    Sha256 hasher;
    for (const Bytes* part : {&a, &b, &c}) hasher.update(*part);
    RC_ASSERT(hasher.finish() == sha256(joined));
}

TEST(Sha256, ThreadsDoNotDisturbEachOther) {
    const auto work = [](std::string_view text, bool& same) {
        const Digest expected = sha256(as_bytes(text));
        same = true;
        for (int i = 0; i < 2000; ++i) same = same && sha256({as_bytes(text), {}}) == expected;
    };
    bool first = false;
    bool second = false;
    std::thread other(work, "one text", std::ref(first));
    work("another text, longer", second);
    other.join();
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
}

// RFC 4231, cases 1 to 4, 6 and 7 (case 5 is truncated, which we do not offer).
TEST(HmacSha256, IsThatOfThePublishedVectors) {
    const std::string aa131 = repeated("aa", 131);
    EXPECT_EQ(mac(repeated("0b", 20), "Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(mac(hex(as_bytes("Jefe")), "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(mac(repeated("aa", 20), repeated("\xDD", 50)),
              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    EXPECT_EQ(mac("0102030405060708090a0b0c0d0e0f10111213141516171819", repeated("\xCD", 50)),
              "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    EXPECT_EQ(mac(aa131, "Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(mac(aa131,
                  "This is a test using a larger than block-size key and a larger than block-size "
                  "data. The key needs to be hashed before being used by the HMAC algorithm."),
              "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(HmacSha256, AnEmptyKeyIsAKey) {
    EXPECT_EQ(mac("", ""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

RC_GTEST_PROP(HmacSha256, PartsAuthenticateAsTheirJoinUnderThatKeyAlone,
              (const Bytes& a, const Bytes& b, const Bytes& key)) {
    Bytes joined = a;
    append(joined, b);
    const Digest mac = hmac_sha256(Secret::copy_of(key), {a, b});
    RC_ASSERT(mac == hmac_sha256(Secret::copy_of(key), {joined}));
    Bytes other = key;
    other.push_back(1);
    RC_ASSERT(mac != hmac_sha256(Secret::copy_of(other), {joined}));
    joined.push_back(0);
    RC_ASSERT(mac != hmac_sha256(Secret::copy_of(key), {joined}));
}

TEST(EqualConstantTime, SaysWhatEqualSays) {
    EXPECT_TRUE(equal_constant_time({}, {}));
    EXPECT_TRUE(equal_constant_time(Bytes{1, 2, 3}, Bytes{1, 2, 3}));
    EXPECT_FALSE(equal_constant_time(Bytes{1, 2, 3}, Bytes{1, 2, 4}));
    EXPECT_FALSE(equal_constant_time(Bytes{0, 2, 3}, Bytes{1, 2, 3}));
    EXPECT_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 2, 3}));
    EXPECT_FALSE(equal_constant_time({}, Bytes{0}));
}

}  // namespace
}  // namespace relais
