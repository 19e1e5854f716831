#include "clients/station/sync/gaps.h"

#include <nlohmann/json.hpp>

#include "core/codecs/codecs.h"

namespace relais::station {

namespace {

using Json = nlohmann::json;

constexpr const char* kGapsValue = "gaps";
constexpr std::size_t kGapsKeptMax = 256;

Result<void> write(StationStore& store, const std::vector<Gap>& all) {
    Json json = Json::array();
    const std::size_t skipped = all.size() > kGapsKeptMax ? all.size() - kGapsKeptMax : 0;
    for (std::size_t i = skipped; i < all.size(); ++i) {
        const Gap& gap = all[i];
        json.push_back({{"station", uuid(gap.station)},
                        {"mailbox", gap.mailbox},
                        {"lane", static_cast<unsigned>(gap.lane)},
                        {"first", gap.first},
                        {"last", gap.last}});
    }
    return store.set_value(kGapsValue, as_bytes(json.dump()));
}

}  // namespace

Result<std::vector<Gap>> gaps(StationStore& store) {
    std::vector<Gap> all;
    RELAIS_ASSIGN(const auto bytes, store.value(kGapsValue));
    if (!bytes) return all;
    const Json json = Json::parse(as_text(*bytes), nullptr, false);
    if (!json.is_array()) return fail(ErrorCode::corrupt, kGapsValue);
    for (const Json& item : json) {
        if (!item.is_object()) return fail(ErrorCode::corrupt, kGapsValue);
        RELAIS_ASSIGN(const auto station, uuid_from<StationId>(item.value("station", "")));
        all.push_back(
            {station, item.value("mailbox", ""), static_cast<Lane>(item.value("lane", 0U)),
             item.value("first", std::uint64_t{0}), item.value("last", std::uint64_t{0})});
    }
    return all;
}

Result<void> note_gap(StationStore& store, const Gap& gap) {
    RELAIS_ASSIGN(auto all, gaps(store));
    all.push_back(gap);
    return write(store, all);
}

Result<void> fill_gap(StationStore& store, const StationId& station, const std::string& mailbox,
                      Lane lane, std::uint64_t counter) {
    RELAIS_ASSIGN(const auto all, gaps(store));
    std::vector<Gap> left;
    bool filled = false;
    for (const Gap& gap : all) {
        const bool here = gap.station == station && gap.mailbox == mailbox && gap.lane == lane &&
                          gap.first <= counter && counter <= gap.last;
        filled = filled || here;
        if (!here || gap.first < counter) {
            left.push_back(gap);
            if (here) left.back().last = counter - 1;
        }
        if (here && counter < gap.last) {
            left.push_back(gap);
            left.back().first = counter + 1;
        }
    }
    return filled ? write(store, left) : Result<void>{};
}

}  // namespace relais::station
