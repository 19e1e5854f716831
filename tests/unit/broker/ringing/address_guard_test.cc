// Which addresses a unit may have rung: public ones, whatever form they are written in.
#include "broker/ringing/address_guard.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace relais::broker {
namespace {

struct AnyAddress {
    sockaddr_storage storage{};
    [[nodiscard]] const sockaddr& get() const {
        return *static_cast<const sockaddr*>(static_cast<const void*>(&storage));
    }
};

AnyAddress address(const std::string& text) {
    AnyAddress any;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        std::memcpy(&any.storage, &v4, sizeof v4);
    } else {
        EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
        std::memcpy(&any.storage, &v6, sizeof v6);
    }
    return any;
}

TEST(AddressGuard, PublicAddressesMayBeRung) {
    for (const char* text :
         {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
          "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255", "2a01:4f8::1",
          "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
        EXPECT_TRUE(is_public_address(address(text).get())) << text;
    }
}

TEST(AddressGuard, NoOtherMay) {
    for (const char* text : {"0.0.0.0",
                             "10.0.0.1",
                             "10.255.255.255",
                             "100.64.0.1",
                             "127.0.0.1",
                             "127.255.255.254",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.8",
                             "192.168.1.1",
                             "198.18.0.1",
                             "224.0.0.1",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "fe80::1",
                             "fc00::1",
                             "fd12::1",
                             "fec0::1",
                             "ff02::1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "64:ff9b::a00:1",
                             "2002:a00:1::",
                             "2002:7f00:1::",
                             "2001::1",
                             "2001:db8::1",
                             "::127.0.0.1",
                             "64:ff9b:1::a00:1"}) {
        EXPECT_FALSE(is_public_address(address(text).get())) << text;
    }
}

TEST(AddressGuard, AnotherFamilyIsNoAddress) {
    sockaddr local{};
    local.sa_family = AF_UNIX;
    EXPECT_FALSE(is_public_address(local));
    EXPECT_FALSE(is_loopback_address(local));
}

TEST(AddressGuard, LoopbackIsKnownInEachForm) {
    for (const char* text : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
        EXPECT_TRUE(is_loopback_address(address(text).get())) << text;
    }
    for (const char* text : {"126.0.0.1", "128.0.0.1", "10.0.0.1", "::2", "::ffff:10.0.0.1"}) {
        EXPECT_FALSE(is_loopback_address(address(text).get())) << text;
    }
}

}  // namespace
}  // namespace relais::broker
