// sha256.h: SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104), through OpenSSL's EVP.
#pragma once

#include <initializer_list>
#include <memory>

#include "core/base/ids.h"
#include "core/base/secret.h"

namespace relais {

[[nodiscard]] Digest sha256(ByteView bytes);
// Of the parts one after the other, without joining them.
[[nodiscard]] Digest sha256(std::initializer_list<ByteView> parts);

// Incremental, for what does not fit in memory. Not thread-safe.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void update(ByteView bytes);
    // Ends the computation and begins a new one.
    [[nodiscard]] Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

[[nodiscard]] Digest hmac_sha256(const Secret& key, std::initializer_list<ByteView> parts);
// In constant time.
[[nodiscard]] bool equal_constant_time(ByteView a, ByteView b);

}  // namespace relais
