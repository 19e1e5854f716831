// A signature that was found good is not checked again; everything else is, every time.
#include "core/crypto/remembering_verifier.h"

#include <gtest/gtest.h>

#include "core/crypto/p256.h"

namespace relais {
namespace {

class CountingVerifier final : public Verifier {
public:
    Result<void> verify(const P256Public& key, ByteView message,
                        const Signature& signature) const override {
        ++checks;
        return inner_.verify(key, message, signature);
    }
    mutable int checks = 0;

private:
    P256Verifier inner_;
};

class Remembering : public testing::Test {
protected:
    P256Key key = P256Key::generate();
    Bytes message = {1, 2, 3};
    Signature signature = key.sign(message);
    CountingVerifier inner;
    RememberingVerifier verifier{inner, 2};
};

TEST_F(Remembering, AGoodSignatureIsCheckedOnce) {
    EXPECT_TRUE(verifier.verify(key.public_key(), message, signature).ok());
    EXPECT_TRUE(verifier.verify(key.public_key(), message, signature).ok());
    EXPECT_EQ(inner.checks, 1);
}

TEST_F(Remembering, AnotherKeyMessageOrSignatureIsAnotherQuestion) {
    ASSERT_TRUE(verifier.verify(key.public_key(), message, signature).ok());
    P256Key other = P256Key::generate();
    Signature altered = signature;
    altered.bytes[40] ^= 1;
    EXPECT_FALSE(verifier.verify(other.public_key(), message, signature).ok());
    EXPECT_FALSE(verifier.verify(key.public_key(), Bytes{1, 2, 4}, signature).ok());
    EXPECT_FALSE(verifier.verify(key.public_key(), message, altered).ok());
    EXPECT_EQ(inner.checks, 4);
}

TEST_F(Remembering, ABadSignatureIsCheckedEveryTime) {
    signature.bytes[0] ^= 1;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(verifier.verify(key.public_key(), message, signature).code(),
                  ErrorCode::bad_signature);
    }
    EXPECT_EQ(inner.checks, 3);
}

TEST_F(Remembering, TheOldestIsForgottenFirst) {
    for (const Bytes& each : {message, Bytes{1, 2, 4}, Bytes{1, 2, 5}}) {
        const Signature own = each == message ? signature : key.sign(each);
        ASSERT_TRUE(verifier.verify(key.public_key(), each, own).ok());
    }
    ASSERT_EQ(inner.checks, 3);
    EXPECT_TRUE(verifier.verify(key.public_key(), message, signature).ok());
    EXPECT_EQ(inner.checks, 4);
}

}  // namespace
}  // namespace relais
