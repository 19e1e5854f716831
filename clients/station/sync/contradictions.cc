#include "clients/station/sync/contradictions.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/limits.h"

namespace relais::station {

namespace {

using Json = nlohmann::json;

constexpr const char* kContradictionsValue = "contradictions";

Result<Json> read(StationStore& store) {
    RELAIS_ASSIGN(const auto bytes, store.value(kContradictionsValue));
    if (!bytes) return Json::array();
    Json kept = Json::parse(as_text(*bytes), nullptr, false);
    if (!kept.is_array()) return fail(ErrorCode::corrupt, kContradictionsValue);
    return kept;
}

}  // namespace

Result<void> keep_contradiction(StationStore& store, const Contradiction& contradiction) {
    RELAIS_ASSIGN(Json kept, read(store));
    const bool known = std::ranges::any_of(kept, [&](const Json& item) {
        return item.value("first", "") == contradiction.first &&
               item.value("second", "") == contradiction.second;
    });
    if (known || kept.size() >= limits::kContradictionsKeptMax) return {};
    kept.push_back({{"code", static_cast<unsigned>(contradiction.code)},
                    {"about", contradiction.about},
                    {"first", contradiction.first},
                    {"second", contradiction.second},
                    {"seen_ms", contradiction.seen.ms}});
    return store.set_value(kContradictionsValue, as_bytes(kept.dump(-1, ' ', true)));
}

Result<std::vector<Contradiction>> contradictions(StationStore& store) {
    RELAIS_ASSIGN(const Json kept, read(store));
    std::vector<Contradiction> all;
    for (const Json& item : kept) {
        if (!item.is_object()) return fail(ErrorCode::corrupt, kContradictionsValue);
        all.push_back({error_from_number(static_cast<std::uint16_t>(item.value("code", 0U))),
                       item.value("about", ""),
                       item.value("first", ""),
                       item.value("second", ""),
                       {item.value("seen_ms", std::int64_t{0})}});
    }
    return all;
}

}  // namespace relais::station
