// held_keys.h: a broker's own keys without a folder.
#pragma once

#include <map>
#include <memory>

#include "broker/engine/broker_signer.h"
#include "core/base/check.h"
#include "core/crypto/p256.h"
#include "tests/support/territory.h"

namespace relais::broker {

class HeldKeys final : public OwnKeys {
public:
    // `signer` has to outlive it.
    void hold(const P256Public& key, Signer& signer) { signers_[key] = &signer; }
    void lose(const P256Public& key) { signers_.erase(key); }

    [[nodiscard]] bool holds(const P256Public& key) const override {
        return signers_.contains(key);
    }
    [[nodiscard]] Signature sign(const P256Public& key, ByteView message) override {
        const auto found = signers_.find(key);
        RELAIS_CHECK(found != signers_.end());
        return found->second->sign(message);
    }
    Result<P256Public> make_next(const P256Public&) override {
        made_.push_back(std::make_unique<P256Key>(P256Key::generate()));
        hold(made_.back()->public_key(), *made_.back());
        return made_.back()->public_key();
    }
    void settle(const P256Public& in_use) override { settled.push_back(in_use); }

    std::vector<P256Public> settled;

private:
    std::map<P256Public, Signer*> signers_;
    std::vector<std::unique_ptr<P256Key>> made_;
};

// What signs as a broker, beside an engine or without one.
struct OwnSigner {
    OwnSigner() { keys.hold(territory.broker_key()->public_key(), *territory.broker_key()); }

    test::TestTerritory territory;
    SharedDirectory directory{territory.state()};
    HeldKeys keys;
    BrokerSigner signer{keys, directory};
};

}  // namespace relais::broker
