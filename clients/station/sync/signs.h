// signs.h: when this station last had a sign of each mailbox that it exchanges with: an act that
// was signed there, or a receipt that a station of it signed for a message of ours (remis, ouvert,
// pris en charge). A day, of a unit: no hour, and no person. It is what these messages said anyway;
// nothing of it is asked, and none of it leaves the station. Confined to the station's thread.
#pragma once

#include <map>
#include <string>

#include "clients/station/store/station_store.h"
#include "clients/station/sync/judge.h"

namespace relais::station {

// The higher says more of what was done; of one day the highest is kept.
enum class Sign : std::uint8_t { delivered = 1, opened = 2, taken = 3, acted = 4 };

struct LastSign {
    CivilDay day;  // on which the broker accepted it
    Sign sign{};

    auto operator<=>(const LastSign&) const = default;
};

// Keeps what an entry shows that was judged and is stored: nothing where it is not valid, where it
// is ours, or where a receipt has no signature of that mailbox. Within a transaction. Errors: the
// store's.
Result<void> note_sign(StationStore& store, const Judge& judge, const StoredEntry& entry);

// By mailbox; of a store that was made before signs were kept, from all that it holds. Errors: the
// store's; corrupt.
Result<std::map<std::string, LastSign>> last_signs(StationStore& store, const Judge& judge);

}  // namespace relais::station
