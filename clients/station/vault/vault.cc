#include "clients/station/vault/vault.h"

#include <nlohmann/json.hpp>

#include "clients/station/seal/aead.h"
#include "clients/station/seal/hkdf.h"
#include "core/base/system.h"
#include "core/codecs/codecs.h"
#include "core/files/lock.h"

namespace relais::station {

namespace {

using Json = nlohmann::json;

constexpr unsigned kFormat = 1;
constexpr std::size_t kVaultBytesMax = 4 << 20;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kKeyBytes = 32;

// nonce ‖ ciphertext ‖ tag; `name` is associated, so that secrets cannot be exchanged for each
// other.
Bytes seal_under(const Secret& key, std::string_view name, const Secret& secret) {
    SystemRandom random;
    Bytes sealed(seal::kNonceBytes);
    random.fill(sealed);
    append(sealed, seal::aead_seal(key, sealed, as_bytes(name), secret.expose()));
    return sealed;
}

Result<Secret> open_under(const Secret& key, std::string_view name, ByteView sealed) {
    if (sealed.size() < seal::kNonceBytes) return fail(ErrorCode::corrupt, "vault");
    return seal::aead_open(key, sealed.first(seal::kNonceBytes), as_bytes(name),
                           sealed.subspan(seal::kNonceBytes));
}

Bytes random_bytes(std::size_t size) {
    SystemRandom random;
    Bytes bytes(size);
    random.fill(bytes);
    return bytes;
}

Result<Bytes> bytes_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) {
        return fail(ErrorCode::malformed, std::string("vault: ") + key);
    }
    return parse_base64(found->get_ref<const std::string&>());
}

// 0, which no number of a vault is, where it is absent or another thing than a number of 32 bits.
unsigned number_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_unsigned()) return 0;
    const auto value = found->get<std::uint64_t>();
    return value > UINT32_MAX ? 0 : static_cast<unsigned>(value);
}

// The object of that name; malformed where it is absent or no object.
Result<Json> object_of(const Json& root, const char* key) {
    const auto found = root.find(key);
    if (found == root.end() || !found->is_object()) {
        return fail(ErrorCode::malformed, std::string("vault: ") + key);
    }
    return *found;
}

Result<ScryptCost> cost_of(const Json& root) {
    RELAIS_ASSIGN(const Json scrypt, object_of(root, "scrypt"));
    return ScryptCost{number_of(scrypt, "log2_n"), number_of(scrypt, "r"), number_of(scrypt, "p")};
}

}  // namespace

Result<Vault> Vault::create(const std::filesystem::path& file, const Secret& passphrase,
                            const ScryptCost& cost) {
    Vault vault(file, {cost, random_bytes(kSaltBytes), {}, {}, {}});
    RELAIS_ASSIGN(const Secret key, scrypt(passphrase, vault.contents_.salt, cost, kKeyBytes));
    Bytes master = random_bytes(kKeyBytes);
    vault.master_ = Secret::copy_of(master);
    wipe(master);
    vault.contents_.sealed_master = seal_under(key, "master", vault.master_);
    vault.fresh_ = true;
    return vault;
}

Result<Vault::Contents> Vault::read(const std::filesystem::path& file) {
    RELAIS_ASSIGN(const Secret text, read_secret_file(file, kVaultBytesMax));
    const Json root = Json::parse(as_text(text.expose()), nullptr, false);
    if (!root.is_object() || number_of(root, "format") != kFormat) {
        return fail(ErrorCode::malformed, file.string() + " is no vault of this version");
    }
    Contents contents;
    RELAIS_ASSIGN(contents.cost, cost_of(root));
    RELAIS_ASSIGN(contents.salt, bytes_of(root, "salt"));
    RELAIS_ASSIGN(contents.sealed_master, bytes_of(root, "master"));
    // Kept by name: items() refers to the object, which has to outlive the loop.
    RELAIS_ASSIGN(const Json secrets, object_of(root, "secrets"));
    RELAIS_ASSIGN(const Json persons, object_of(root, "persons"));
    for (const auto& [name, value] : secrets.items()) {
        RELAIS_ASSIGN(contents.secrets[name],
                      parse_base64(value.is_string() ? value.get<std::string>() : "!"));
    }
    for (const auto& [name, slot] : persons.items()) {
        RELAIS_ASSIGN(const PersonId person, uuid_from<PersonId>(name));
        if (!slot.is_object()) return fail(ErrorCode::malformed, "vault: persons");
        RELAIS_ASSIGN(Bytes salt, bytes_of(slot, "salt"));
        RELAIS_ASSIGN(Bytes sealed, bytes_of(slot, "key"));
        contents.persons[person] = {std::move(salt), std::move(sealed)};
    }
    return contents;
}

Result<Vault> Vault::open(const std::filesystem::path& file, const Secret& passphrase) {
    RELAIS_ASSIGN(Contents contents, read(file));
    Vault vault(file, std::move(contents));
    RELAIS_ASSIGN(const Secret key,
                  scrypt(passphrase, vault.contents_.salt, vault.contents_.cost, kKeyBytes));
    auto master = open_under(key, "master", vault.contents_.sealed_master);
    if (!master.ok()) return fail(ErrorCode::wrong_passphrase, file.string());
    vault.master_ = std::move(master).value();
    return vault;
}

Result<void> Vault::reload() {
    RELAIS_ASSIGN(Contents now, read(file_));
    if (now.sealed_master != contents_.sealed_master || now.salt != contents_.salt) {
        return fail(ErrorCode::conflict, file_.string() + " is another vault than before");
    }
    for (const std::string& name : changed_secrets_) {
        now.secrets.erase(name);
        const auto own = contents_.secrets.find(name);
        if (own != contents_.secrets.end()) now.secrets.insert(*own);
    }
    for (const PersonId& person : changed_persons_) {
        now.persons.erase(person);
        const auto own = contents_.persons.find(person);
        if (own != contents_.persons.end()) now.persons.insert(*own);
    }
    contents_ = std::move(now);
    return {};
}

Result<void> Vault::write(Replace replace) const {
    Json root = {
        {"format", kFormat},
        {"scrypt",
         {{"log2_n", contents_.cost.log2_n}, {"r", contents_.cost.r}, {"p", contents_.cost.p}}},
        {"salt", base64(contents_.salt)},
        {"master", base64(contents_.sealed_master)},
        {"secrets", Json::object()},
        {"persons", Json::object()}};
    for (const auto& [name, sealed] : contents_.secrets) root["secrets"][name] = base64(sealed);
    for (const auto& [person, slot] : contents_.persons) {
        root["persons"][uuid(person)] = {{"salt", base64(slot.salt)}, {"key", base64(slot.sealed)}};
    }
    return write_file(file_, as_bytes(root.dump(1) + "\n"), 0600, replace);
}

Result<void> Vault::save() {
    const auto lock = FileLock::wait_for(file_);
    if (fresh_ && lock.code() == ErrorCode::not_found) {
        RELAIS_TRY(write(Replace::no));
    } else {
        if (!lock.ok()) return lock.error();
        const Result<void> same = reload();
        if (fresh_ && same.code() == ErrorCode::conflict) {
            return fail(ErrorCode::already_exists, file_.string());
        }
        RELAIS_TRY(same);
        RELAIS_TRY(write(Replace::yes));
    }
    fresh_ = false;
    changed_secrets_.clear();
    changed_persons_.clear();
    return {};
}

void Vault::put(const std::string& name, const Secret& secret) {
    contents_.secrets[name] = seal_under(master_, name, secret);
    changed_secrets_.insert(name);
}

void Vault::remove(const std::string& name) {
    contents_.secrets.erase(name);
    changed_secrets_.insert(name);
}

bool Vault::has(const std::string& name) const { return contents_.secrets.contains(name); }

Result<Secret> Vault::get(const std::string& name) const {
    const auto found = contents_.secrets.find(name);
    if (found == contents_.secrets.end()) return fail(ErrorCode::not_here, name);
    auto secret = open_under(master_, name, found->second);
    if (!secret.ok()) return fail(ErrorCode::corrupt, "vault: " + name);
    return secret;
}

Result<void> Vault::put_person(const PersonId& person, const P256Key& key,
                               const Secret& passphrase) {
    PersonSlot slot{random_bytes(kSaltBytes), {}};
    RELAIS_ASSIGN(const Secret under, scrypt(passphrase, slot.salt, contents_.cost, kKeyBytes));
    slot.sealed = seal_under(under, uuid(person), key.scalar());
    contents_.persons[person] = std::move(slot);
    changed_persons_.insert(person);
    return {};
}

bool Vault::has_person(const PersonId& person) const { return contents_.persons.contains(person); }

void Vault::remove_person(const PersonId& person) {
    contents_.persons.erase(person);
    changed_persons_.insert(person);
}

Result<P256Key> Vault::person_key(const PersonId& person, const Secret& passphrase) const {
    const auto found = contents_.persons.find(person);
    if (found == contents_.persons.end())
        return fail(ErrorCode::not_here, "signing key of this person");
    RELAIS_ASSIGN(const Secret under,
                  scrypt(passphrase, found->second.salt, contents_.cost, kKeyBytes));
    const auto scalar = open_under(under, uuid(person), found->second.sealed);
    if (!scalar.ok()) return fail(ErrorCode::wrong_passphrase, "of the person who signs");
    return P256Key::from_scalar(*scalar);
}

Secret Vault::row_key() const { return seal::hkdf_expand(master_, as_bytes("relais/v1/rows"), 32); }

}  // namespace relais::station
