// keyring.h: the private keys of mailbox epochs that were granted to this station, kept sealed.
#pragma once

#include "clients/station/store/station_store.h"
#include "core/crypto/p256.h"
#include "schemas/directory/state.h"

namespace relais::station {

class Keyring {
public:
    Keyring(StationStore& store, const P256Key& sealing) : store_(store), sealing_(sealing) {}

    // Opens every grant to this station that is not kept yet. A grant that does not open is passed
    // over: it is the grantor's fault, and `get` then says not_granted. How many were new.
    Result<std::size_t> learn(const directory::DirectoryState& directory, const StationId& station);
    // Errors: not_granted; corrupt.
    Result<P256Key> get(const Address& mailbox, EpochNumber number);
    Result<void> put(const Address& mailbox, EpochNumber number, const P256Key& key);

private:
    StationStore& store_;
    const P256Key& sealing_;
};

}  // namespace relais::station
