#include "broker/ringing/address_guard.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace relais::broker {

namespace {

struct Block4 {
    std::uint32_t first;
    unsigned bits;
};
// IANA's special purpose registry, multicast and the reserved rest.
constexpr Block4 kRefused4[] = {
    {0x00000000, 8},   // this network
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // shared with a provider
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link-local, and the metadata services of clouds
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // 6to4 relays
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarks
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // reserved, broadcast
};

using Bytes16 = std::array<std::uint8_t, 16>;

bool is_public4(std::uint32_t address) {
    return std::ranges::none_of(kRefused4, [&](const Block4& block) {
        return (address ^ block.first) >> (32 - block.bits) == 0;
    });
}

std::uint32_t embedded4(const Bytes16& address, std::size_t at) {
    return std::uint32_t{address[at]} << 24 | std::uint32_t{address[at + 1]} << 16 |
           std::uint32_t{address[at + 2]} << 8 | address[at + 3];
}

bool starts_with(const Bytes16& address, std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), address.begin());
}

bool is_mapped4(const Bytes16& address) {
    return starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
}

// Of global unicast 2000::/3, what is neither a tunnel nor documentation; and IPv4 as it is
// translated.
bool is_public6(const Bytes16& address) {
    if (is_mapped4(address)) return is_public4(embedded4(address, 12));
    if (starts_with(address, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) {
        return is_public4(embedded4(address, 12));
    }
    if ((address[0] & 0xE0) != 0x20) return false;
    if (starts_with(address, {0x20, 0x02})) return is_public4(embedded4(address, 2));  // 6to4
    if (starts_with(address, {0x20, 0x01, 0x0D, 0xB8})) return false;
    // 2001:0::/23: Teredo, benchmarks, ORCHID.
    return !(starts_with(address, {0x20, 0x01}) && address[2] <= 0x01);
}

Bytes16 bytes_of(const sockaddr& address) {
    Bytes16 bytes{};
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return bytes;
}

std::uint32_t number_of(const sockaddr& address) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return ntohl(in.sin_addr.s_addr);
}

}  // namespace

bool is_public_address(const sockaddr& address) {
    if (address.sa_family == AF_INET) return is_public4(number_of(address));
    return address.sa_family == AF_INET6 && is_public6(bytes_of(address));
}

bool is_loopback_address(const sockaddr& address) {
    if (address.sa_family == AF_INET) return number_of(address) >> 24 == 127;
    if (address.sa_family != AF_INET6) return false;
    const Bytes16 bytes = bytes_of(address);
    constexpr Bytes16 kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return bytes == kLoopback || (is_mapped4(bytes) && bytes[12] == 127);
}

}  // namespace relais::broker
