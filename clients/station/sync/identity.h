// identity.h: who this station is, and where its broker is. Fixed at enrolment, kept sealed.
#pragma once

#include <optional>

#include "clients/station/store/station_store.h"
#include "clients/station/vault/vault.h"
#include "core/crypto/ed25519.h"
#include "core/crypto/x25519.h"

namespace relais::station {

struct Identity {
    Name domain;
    Digest authority;  // fingerprint of the domain authority, pinned
    Name organisation;
    StationId station;
    std::string endpoint;  // of the broker
    CurvePublic broker_curve;
};

// Errors: not_found  not enrolled; corrupt.
Result<Identity> load_identity(StationStore& store);
Result<void> save_identity(StationStore& store, const Identity& identity);

// The station's own keys. The organisation's authority is held by its first station (or the one
// that was recovered) alone.
struct StationKeys {
    CurveKeyPair curve;
    P256Key sealing;
    P256Key signing;
    std::optional<P256Key> authority;
    std::optional<Ed25519Key> witness{};  // made when this station first becomes a witness

    static StationKeys generate();
};

Result<StationKeys> load_keys(const Vault& vault);
void put_keys(Vault& vault, const StationKeys& keys);
// A new witness's key, in place of any: a key serves once in the directory. The vault is not saved.
void make_witness_key(Vault& vault, StationKeys& keys);
void remove_witness_key(Vault& vault, StationKeys& keys);

}  // namespace relais::station
