#include "broker/keys/own_keys.h"

#include "core/base/check.h"

namespace relais::broker {

OwnKeyFiles::OwnKeyFiles(std::filesystem::path folder, BrokerKeys& keys)
    : folder_(std::move(folder)) {
    const P256Public own = keys.broker.public_key();
    keys_.emplace(own, std::move(keys.broker));
    if (!keys.next_broker) return;
    next_ = keys.next_broker->public_key();
    keys_.emplace(*next_, *std::move(keys.next_broker));
}

bool OwnKeyFiles::holds(const P256Public& key) const {
    const std::lock_guard lock(mutex_);
    return keys_.contains(key);
}

// Signing is thread-safe, and a key stays where it is: the lock is for the map alone.
Signature OwnKeyFiles::sign(const P256Public& key, ByteView message) {
    P256Key* signer = nullptr;
    {
        const std::lock_guard lock(mutex_);
        const auto found = keys_.find(key);
        RELAIS_CHECK(found != keys_.end());
        signer = &found->second;
    }
    return signer->sign(message);
}

Result<P256Public> OwnKeyFiles::make_next(const P256Public& in_use) {
    const std::lock_guard lock(mutex_);
    promote(in_use);
    if (next_ == in_use) return fail(ErrorCode::io_failed, folder_.string());
    P256Key key = P256Key::generate();
    RELAIS_TRY(write_next_key(folder_, key));
    next_ = key.public_key();
    keys_.emplace(*next_, std::move(key));
    return *next_;
}

void OwnKeyFiles::settle(const P256Public& in_use) {
    const std::lock_guard lock(mutex_);
    promote(in_use);
}

void OwnKeyFiles::promote(const P256Public& in_use) {
    if (next_ == in_use && promote_next_key(folder_).ok()) next_.reset();
}

}  // namespace relais::broker
