// bare_crypto.h: the operations of sealing and opening alone, by OpenSSL with everything that can be
// prepared prepared: no envelope, no copies, no secrets wiped. Confined to one thread.
#pragma once

#include <cstddef>
#include <memory>

namespace relais::bench {

class BareCrypto {
public:
    explicit BareCrypto(std::size_t content_bytes);
    ~BareCrypto();
    BareCrypto(const BareCrypto&) = delete;
    BareCrypto& operator=(const BareCrypto&) = delete;

    // SHA-256 and AES-256-GCM of the content; then for each box an ephemeral key, one ECDH, the
    // seven HMACs of HPKE's key schedule, AES-256-GCM of 32 bytes.
    void seal(int boxes);
    // One ECDH, seven HMACs, AES-256-GCM of 32 bytes; AES-256-GCM and SHA-256 of the content.
    void open();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace relais::bench
