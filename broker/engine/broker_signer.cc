#include "broker/engine/broker_signer.h"

#include <ranges>

#include "core/base/check.h"

namespace relais::broker {

const directory::Domain* BrokerSigner::named(const directory::DirectoryState& state,
                                             const OwnKeys& keys) {
    for (const auto& [validity, domain] : state.domain_history().versions() | std::views::reverse) {
        if (keys.holds(domain.broker_key)) return &domain;
    }
    return nullptr;
}

BrokerSigner::Signed BrokerSigner::sign_named(ByteView message) {
    const P256Public key = directory_.read([this](const directory::DirectoryState& state) {
        const directory::Domain* domain = named(state, keys_);
        RELAIS_CHECK(domain != nullptr);
        return domain->broker_key;
    });
    return {key, keys_.sign(key, message)};
}

Result<P256Public> BrokerSigner::make_next() {
    const directory::Domain* domain = named();
    if (domain == nullptr) return fail(ErrorCode::ahead_of_directory, "no domain entry");
    return keys_.make_next(domain->broker_key);
}

void BrokerSigner::keep() {
    const directory::Domain* domain = named();
    if (domain == nullptr || domain->broker_key == settled_) return;
    settled_ = domain->broker_key;
    keys_.settle(*settled_);
}

}  // namespace relais::broker
