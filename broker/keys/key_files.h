// key_files.h: the keys that a broker process holds, and nothing more: they sign notices and heads
// and receive connections; none can speak for an organisation or open an envelope. One file each in
// <data>/keys, mode 0600, made by `relais-admin init`.
#pragma once

#include <filesystem>
#include <optional>

#include "core/crypto/ed25519.h"
#include "core/crypto/p256.h"
#include "core/crypto/x25519.h"

namespace relais::broker {

struct BrokerKeys {
    P256Key broker;  // notices, health probe
    Ed25519Key directory_log;
    Ed25519Key audit_log;
    CurveKeyPair curve;      // the broker's socket
    CurveKeyPair enrolment;  // the enrolment process's socket
    // Made by the broker, for an entry of the domain to name; whether one does the directory says.
    std::optional<P256Key> next_broker{};

    static BrokerKeys generate();
};

// Errors: already_exists  one of the files; io_failed.
Result<void> write_keys(const std::filesystem::path& folder, const BrokerKeys& keys);
// Errors: not_found; malformed; wrong_permissions  a file that others may read, or another owner's.
Result<BrokerKeys> read_keys(const std::filesystem::path& folder);

// The next key, in the place of one that was made before.
// Errors: those of write_file.
Result<void> write_next_key(const std::filesystem::path& folder, const P256Key& key);
// It takes the place of `broker.key`, of which nothing is left. Errors: io_failed.
Result<void> promote_next_key(const std::filesystem::path& folder);

}  // namespace relais::broker
