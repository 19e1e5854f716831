#include "clients/station/sync/identity.h"

#include <nlohmann/json.hpp>

#include "core/codecs/codecs.h"

namespace relais::station {

namespace {

using Json = nlohmann::json;

constexpr const char* kIdentity = "identity";
constexpr const char* kCurve = "curve";
constexpr const char* kSealing = "sealing";
constexpr const char* kSigning = "signing";
constexpr const char* kAuthority = "authority";
constexpr const char* kWitness = "witness";

Result<P256Key> key_of(const Vault& vault, const char* name) {
    RELAIS_ASSIGN(const Secret scalar, vault.get(name));
    return P256Key::from_scalar(scalar);
}

}  // namespace

Result<Identity> load_identity(StationStore& store) {
    RELAIS_ASSIGN(const auto bytes, store.value(kIdentity));
    if (!bytes) return fail(ErrorCode::not_found, "this station is not enrolled");
    const Json json = Json::parse(as_text(*bytes), nullptr, false);
    if (!json.is_object()) return fail(ErrorCode::corrupt, "identity");
    const auto text = [&](const char* key) { return json.value(key, std::string()); };
    RELAIS_ASSIGN(Name domain, Name::parse(text("domain")));
    RELAIS_ASSIGN(const Digest authority, hex_from<Digest>(text("authority")));
    RELAIS_ASSIGN(Name organisation, Name::parse(text("organisation")));
    RELAIS_ASSIGN(const StationId station, uuid_from<StationId>(text("station")));
    RELAIS_ASSIGN(const CurvePublic curve, hex_from<CurvePublic>(text("broker_curve")));
    return Identity{std::move(domain), authority,        std::move(organisation),
                    station,           text("endpoint"), curve};
}

Result<void> save_identity(StationStore& store, const Identity& identity) {
    const Json json = {{"domain", identity.domain.text()},
                       {"authority", hex(identity.authority.view())},
                       {"organisation", identity.organisation.text()},
                       {"station", uuid(identity.station)},
                       {"endpoint", identity.endpoint},
                       {"broker_curve", hex(identity.broker_curve.view())}};
    return store.set_value(kIdentity, as_bytes(json.dump()));
}

StationKeys StationKeys::generate() {
    return {generate_curve_keys(), P256Key::generate(), P256Key::generate(), std::nullopt};
}

Result<StationKeys> load_keys(const Vault& vault) {
    RELAIS_ASSIGN(Secret curve, vault.get(kCurve));
    RELAIS_ASSIGN(CurveKeyPair curve_keys, curve_keys_of(std::move(curve)));
    RELAIS_ASSIGN(P256Key sealing, key_of(vault, kSealing));
    RELAIS_ASSIGN(P256Key signing, key_of(vault, kSigning));
    StationKeys keys{std::move(curve_keys), std::move(sealing), std::move(signing), std::nullopt};
    if (vault.has(kAuthority)) {
        RELAIS_ASSIGN(P256Key authority, key_of(vault, kAuthority));
        keys.authority = std::move(authority);
    }
    if (vault.has(kWitness)) {
        RELAIS_ASSIGN(const Secret seed, vault.get(kWitness));
        RELAIS_ASSIGN(Ed25519Key witness, Ed25519Key::from_seed(seed));
        keys.witness = std::move(witness);
    }
    return keys;
}

void put_keys(Vault& vault, const StationKeys& keys) {
    vault.put(kCurve, keys.curve.secret_key);
    vault.put(kSealing, keys.sealing.scalar());
    vault.put(kSigning, keys.signing.scalar());
    if (keys.authority) vault.put(kAuthority, keys.authority->scalar());
}

void make_witness_key(Vault& vault, StationKeys& keys) {
    keys.witness = Ed25519Key::generate();
    vault.put(kWitness, keys.witness->seed());
}

void remove_witness_key(Vault& vault, StationKeys& keys) {
    keys.witness.reset();
    vault.remove(kWitness);
}

}  // namespace relais::station
