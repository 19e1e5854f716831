// pack_shelf.h: the reference packs in force on this station: their lists, read from the store when
// they are first asked for. Not shared between threads.
#pragma once

#include <map>
#include <memory>

#include "clients/station/sync/replica.h"
#include "schemas/forms/context.h"
#include "schemas/packs/code_table.h"

namespace relais::station {

// A list in force, with the pack that it is of.
struct HeldList {
    packs::CodeTable table;
    std::string pack;  // "medicaments"
    std::uint32_t version = 0;
};

// A pack in force, as far as it is here.
struct HeldPack {
    directory::PackPublished published;
    std::optional<packs::Manifest> manifest{};  // absent: not here yet
    bool complete = false;                      // all its parts are here
};

class PackShelf final : public forms::CodeLists {
public:
    PackShelf(StationStore& store, const Replica& replica) : store_(store), replica_(replica) {}

    // In the order of their names. Errors: corrupt  a manifest that does not parse; the store's.
    [[nodiscard]] Result<std::vector<HeldPack>> packs() const;
    // The list of that name; of two packs that have one, the first by name counts. Errors:
    // not_found no pack in force has it, or it has not come yet; corrupt; the store's.
    [[nodiscard]] Result<std::shared_ptr<const HeldList>> list(std::string_view name) const;

    // A list that cannot be read is like one that is not here.
    [[nodiscard]] forms::CodeAnswer find(std::string_view list,
                                         std::string_view code) const override;

private:
    [[nodiscard]] Result<std::shared_ptr<const HeldList>> read(const HeldPack& pack,
                                                               const packs::List& list) const;

    StationStore& store_;
    const Replica& replica_;
    // By manifest and list: what is published under a digest does not change.
    mutable std::map<std::pair<Digest, std::string>, std::shared_ptr<const HeldList>> read_;
};

}  // namespace relais::station
