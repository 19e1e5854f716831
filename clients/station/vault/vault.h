// vault.h: the secrets of a station's folder, in one file, each sealed (AES-256-GCM). The station's
// passphrase opens a master key (scrypt), which opens the station's own secrets and the key of the
// rows of its database. A person's signing key is sealed under that person's passphrase, so that
// two persons on one station cannot sign for each other.
//
// A stolen file shows nothing without a passphrase. Not thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "core/base/ids.h"
#include "core/crypto/p256.h"
#include "core/crypto/scrypt.h"
#include "core/files/files.h"

namespace relais::station {

class Vault {
public:
    // A new vault, not yet written. `cost` is weaker in tests only.
    static Result<Vault> create(const std::filesystem::path& file, const Secret& passphrase,
                                const ScryptCost& cost = {});
    // Errors: not_found; malformed; wrong_passphrase; wrong_permissions.
    static Result<Vault> open(const std::filesystem::path& file, const Secret& passphrase);

    // Puts what was put and removed here into the file, durably and whole, and takes over what
    // others wrote there since it was read: one program may wait with a vault open while another
    // changes it. Waits for whoever writes it now. Errors, after which a later save does it all:
    // conflict  another vault took its place; already_exists  a new vault, and its file is there;
    // storage_full, io_failed.
    Result<void> save();
    // Takes over what others wrote. Errors: as open; conflict.
    Result<void> reload();

    // Named secrets under the master key: "curve", "authority", ...
    void put(const std::string& name, const Secret& secret);
    void remove(const std::string& name);
    // Errors: not_here  no such secret; corrupt.
    [[nodiscard]] Result<Secret> get(const std::string& name) const;
    [[nodiscard]] bool has(const std::string& name) const;

    // A person's signing key under that person's passphrase.
    Result<void> put_person(const PersonId& person, const P256Key& key, const Secret& passphrase);
    // Errors: not_here; wrong_passphrase.
    [[nodiscard]] Result<P256Key> person_key(const PersonId& person,
                                             const Secret& passphrase) const;
    [[nodiscard]] bool has_person(const PersonId& person) const;
    void remove_person(const PersonId& person);

    // The key of the database's rows: 32 bytes, from the master key.
    [[nodiscard]] Secret row_key() const;

private:
    struct PersonSlot {
        Bytes salt;
        Bytes sealed;
    };
    // What stands in the file.
    struct Contents {
        ScryptCost cost;
        Bytes salt;
        Bytes sealed_master;
        std::map<std::string, Bytes> secrets;
        std::map<PersonId, PersonSlot> persons;
    };
    Vault(std::filesystem::path file, Contents contents)
        : file_(std::move(file)), contents_(std::move(contents)) {}
    static Result<Contents> read(const std::filesystem::path& file);
    [[nodiscard]] Result<void> write(Replace replace) const;

    std::filesystem::path file_;
    Contents contents_;  // with what is not saved yet
    Secret master_;
    bool fresh_ = false;  // never written
    std::set<std::string> changed_secrets_;
    std::set<PersonId> changed_persons_;
};

}  // namespace relais::station
