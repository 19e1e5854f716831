// broker_signer.h: signs as the broker. Its key ends, so it is renewed while it serves: a key is
// made beside the one in use, the authority of the domain signs an entry that names it, and from
// that entry on it signs. With which key is never kept here: the directory says it each time.
#pragma once

#include "broker/engine/shared_directory.h"

namespace relais::broker {

// The private halves of the broker's own key. A port. Thread rule: any thread.
class OwnKeys {
public:
    virtual ~OwnKeys() = default;

    [[nodiscard]] virtual bool holds(const P256Public& key) const = 0;
    // With a key that is held.
    [[nodiscard]] virtual Signature sign(const P256Public& key, ByteView message) = 0;
    // Makes the next key, durably, in the place of one that was made and is not `in_use`.
    // Errors: those of a file.
    virtual Result<P256Public> make_next(const P256Public& in_use) = 0;
    // Where the next key is in use: it takes the place of the former one, of which nothing is left
    // for a later run. What the files do not allow now is tried again at the next start.
    virtual void settle(const P256Public& in_use) = 0;
};

class BrokerSigner final : public Signer {
public:
    // Both have to outlive it.
    BrokerSigner(OwnKeys& keys, const SharedDirectory& directory)
        : keys_(keys), directory_(directory) {}

    // The last entry that names a key held here, or nullptr. An earlier one than the domain's last
    // where a restore brought back the directory of after a renewal, and the keys of before it.
    static const directory::Domain* named(const directory::DirectoryState& state,
                                          const OwnKeys& keys);

    struct Signed {
        P256Public key;
        Signature signature;
    };
    // From any thread. The domain names a key that is held.
    [[nodiscard]] Signed sign_named(ByteView message);
    [[nodiscard]] Signature sign(ByteView message) override {
        return sign_named(message).signature;
    }

    // From the engine's thread.
    [[nodiscard]] const directory::Domain* named() const { return named(directory_.mine(), keys_); }
    [[nodiscard]] bool holds(const P256Public& key) const { return keys_.holds(key); }
    // Errors: ahead_of_directory  the domain names no key yet; those of a file.
    Result<P256Public> make_next();
    // After a commit.
    void keep();

private:
    OwnKeys& keys_;
    const SharedDirectory& directory_;
    std::optional<P256Public> settled_;
};

}  // namespace relais::broker
