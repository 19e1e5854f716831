// own_keys.h: the broker's own key and the next one, in the folder of its keys. A running broker
// makes the next one itself, so that no other process ever has it.
#pragma once

#include <map>
#include <mutex>

#include "broker/engine/broker_signer.h"
#include "broker/keys/key_files.h"

namespace relais::broker {

class OwnKeyFiles final : public OwnKeys {
public:
    // Takes `keys.broker` and `keys.next_broker` over, as read_keys gave them.
    OwnKeyFiles(std::filesystem::path folder, BrokerKeys& keys);

    [[nodiscard]] bool holds(const P256Public& key) const override;
    [[nodiscard]] Signature sign(const P256Public& key, ByteView message) override;
    Result<P256Public> make_next(const P256Public& in_use) override;
    void settle(const P256Public& in_use) override;

private:
    void promote(const P256Public& in_use);

    std::filesystem::path folder_;
    mutable std::mutex mutex_;
    std::map<P256Public, P256Key> keys_;  // none leaves before the process ends
    std::optional<P256Public> next_;      // in its file
};

}  // namespace relais::broker
