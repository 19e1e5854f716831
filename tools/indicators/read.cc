#include "tools/indicators/read.h"

#include "broker/store/listing.h"
#include "schemas/packs/pack.h"
#include "tools/indicators/tally.h"

namespace relais::indicators {

namespace {

Result<void> add_kinds(broker::SqliteStore& store, broker::StoreListing& listing, Tally& tally) {
    RELAIS_ASSIGN(const auto digests, listing.bundles());
    for (const Digest& digest : digests) {
        RELAIS_ASSIGN(const auto bundle, store.bundle(digest));
        if (bundle && !packs::is_pack_file(*bundle)) tally.add_kind(*bundle);
    }
    return {};
}

}  // namespace

Result<Report> read_figures(broker::SqliteStore& store, const std::vector<Period>& periods,
                            WallTime now) {
    RELAIS_ASSIGN(Tally tally, Tally::begin(periods, now));
    broker::StoreListing listing(store);
    RELAIS_TRY(listing.begin());
    RELAIS_TRY(add_kinds(store, listing, tally));
    RELAIS_TRY(listing.each_thread([&](const broker::StoredThread& thread) -> Result<void> {
        tally.add_thread(thread.thread.kind, thread.history);
        return {};
    }));
    for (const std::string& name : tally.registers()) {
        RELAIS_TRY(listing.each_register_entry(
            name, [&](const std::string& key, std::int64_t value, WallTime at) -> Result<void> {
                tally.add_entry(name, key, value, at);
                return {};
            }));
    }
    return tally.report();
}

}  // namespace relais::indicators
