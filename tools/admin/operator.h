// operator.h: what every command of the operator needs: the configuration, the running broker, the
// directory as it stands, and the registrar's key behind its passphrase.
#pragma once

#include <filesystem>
#include <optional>

#include "broker/config/config.h"
#include "broker/local_client/local_client.h"
#include "clients/station/vault/passphrase.h"
#include "clients/station/vault/vault.h"
#include "schemas/directory/state.h"
#include "tools/admin/output.h"

namespace relais::admin {

// Where the registrar's (or the authority's) sealed key is, and how its passphrase comes.
struct SignerFile {
    std::filesystem::path file;
    station::PassphraseSource passphrase;
};

// A signing key of the domain, unlocked, with the vault that also keeps open invitations.
struct DomainSigner {
    station::Vault vault;
    P256Key key;
};
inline constexpr const char* kSignerKey = "signing";

// Errors: not_found, wrong_passphrase, wrong_permissions, malformed.
Result<DomainSigner> unlock_signer(const SignerFile& file);

// A new key, sealed in a new file under a passphrase that is asked for twice.
// Errors: already_exists; those of the passphrase and of the vault.
Result<P256Key> make_signer(const std::filesystem::path& file,
                            const station::PassphraseSource& source, unsigned log2_n);

class Operator {
public:
    // Errors: those of the configuration; unreachable  the broker does not run.
    static Result<Operator> connect(const std::filesystem::path& config_file);

    [[nodiscard]] const broker::Config& config() const { return config_; }
    [[nodiscard]] broker::LocalClient& client() { return client_; }
    // The directory, every entry verified against the authority of the configuration.
    Result<directory::DirectoryState> directory();
    // Signs an entry of the domain's chain that continues the directory as it stands.
    Result<directory::SignedEntry> sign(P256Key& signer, directory::EntryBody body);
    Result<void> append(const std::vector<Bytes>& entries);
    // The broker's own words about itself.
    Result<nlohmann::json> status();

private:
    Operator(broker::Config config, broker::LocalClient client)
        : config_(std::move(config)), client_(std::move(client)) {}
    broker::Config config_;
    broker::LocalClient client_;
};

// Whether the key is the domain authority's. Errors: not_a_signer  a registrar's, or a stranger's.
Result<void> check_authority(const Operator& op, const DomainSigner& signer);
// Whether the broker accepts, commits and signs with the key that the domain names.
// Errors: bad_signature; what the broker answers.
Result<void> probe(Operator& op, const directory::Domain& domain);

inline constexpr std::chrono::seconds kBrokerKeyLifetime{365 * 24 * 3600};

// The wall clock, for what is signed and for expiries.
[[nodiscard]] WallTime wall_now();
// "4h", "7d", "30min", "90s". Errors: invalid_field.
Result<std::chrono::seconds> parse_duration(const std::string& text);
// The first 40 digits in groups of four: what people read to each other.
[[nodiscard]] std::string readable_fingerprint(const Digest& fingerprint);

}  // namespace relais::admin
