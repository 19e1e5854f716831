#include "clients/station/sync/keyring.h"

#include <algorithm>

#include "clients/station/seal/envelope_seal.h"

namespace relais::station {

Result<std::size_t> Keyring::learn(const directory::DirectoryState& directory,
                                   const StationId& station) {
    const auto* own = directory.station(station);
    if (own == nullptr) return std::size_t{0};
    const auto* organisation = directory.organisation(own->organisation);
    std::size_t learned = 0;
    for (const auto& [unit, epochs] : organisation->epochs) {
        const Address mailbox = Address::of(unit, organisation->name, directory.domain_name());
        for (const directory::EpochRecord& record : epochs) {
            const directory::Epoch& epoch = record.epoch;
            const auto grant =
                std::ranges::find(epoch.grants, std::optional(station), &directory::Grant::station);
            if (grant == epoch.grants.end()) continue;
            RELAIS_ASSIGN(const auto known, store_.epoch_key(mailbox, epoch.number));
            if (known) continue;
            const auto key = seal::open_grant(*grant, mailbox, epoch.number, epoch.key, sealing_);
            if (!key.ok()) continue;
            RELAIS_TRY(store_.add_epoch_key(mailbox, epoch.number, key->scalar()));
            ++learned;
        }
    }
    return learned;
}

Result<P256Key> Keyring::get(const Address& mailbox, EpochNumber number) {
    RELAIS_ASSIGN(const auto scalar, store_.epoch_key(mailbox, number));
    if (!scalar) return fail(ErrorCode::not_granted, mailbox.text());
    return P256Key::from_scalar(*scalar);
}

Result<void> Keyring::put(const Address& mailbox, EpochNumber number, const P256Key& key) {
    return store_.add_epoch_key(mailbox, number, key.scalar());
}

}  // namespace relais::station
