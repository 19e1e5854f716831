// secret.h: the one type for keys and passphrases. Move-only, wiped when it dies, no stream
// operator, no comparison. Reading needs expose(), a name that a search can find.
#pragma once

#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "core/base/bytes.h"

namespace relais {

// Overwrites memory in a way the compiler may not remove.
inline void wipe(std::span<std::uint8_t> bytes) {
    if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
}

class Secret {
public:
    Secret() = default;
    // `size` zero bytes, to be filled through expose_mutable().
    explicit Secret(std::size_t size) : bytes_(size) {}
    // Copies, and leaves the wiping of the original to the caller.
    static Secret copy_of(ByteView bytes) {
        Secret secret(bytes.size());
        if (!bytes.empty()) std::memcpy(secret.bytes_.data(), bytes.data(), bytes.size());
        return secret;
    }
    static Secret copy_of(std::string_view text) { return copy_of(as_bytes(text)); }

    Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe(bytes_);
            bytes_ = std::exchange(other.bytes_, {});
        }
        return *this;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(bytes_); }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] ByteView expose() const { return bytes_; }
    [[nodiscard]] std::span<std::uint8_t> expose_mutable() { return bytes_; }
    [[nodiscard]] Secret duplicate() const { return copy_of(expose()); }

private:
    Bytes bytes_;  // never resized: a reallocation would leave a copy behind
};

}  // namespace relais
