#include "broker/engine/auditor.h"

#include <algorithm>

namespace relais::broker {

namespace {

constexpr std::uint32_t kOwnLeaves = 10;  // in a window
constexpr Milliseconds kWindow = std::chrono::minutes(1);
constexpr std::size_t kWindowsMax = 512;  // beyond: one for all stations
constexpr const char* kCounts = "refusal_counts";
constexpr std::size_t kCountBytes = StationId::kSize + 2 + 4;  // station, code, count

}  // namespace

Auditor::Auditor(MerkleLog& log, Random& random, const TimeKeeper& time)
    : log_(log), random_(random), time_(time) {}

Result<LeafRef> Auditor::record(Leaf leaf) {
    leaf.salt = fresh_salt();
    leaf.time = time_.wall();
    return log_.append(encode_leaf(leaf));
}

// Drawn many at once: each draw is a call of the system.
Salt Auditor::fresh_salt() {
    if (salts_left_ == 0) {
        random_.fill(salts_);
        salts_left_ = salts_.size() / Salt::kSize;
    }
    const std::size_t at = --salts_left_ * Salt::kSize;
    return Salt::from(ByteView(salts_).subspan(at, Salt::kSize));
}

Auditor::Window& Auditor::window(const std::optional<StationId>& station, ErrorCode code) {
    Key key{station.value_or(StationId{}), code};
    if (windows_.size() >= kWindowsMax && !windows_.contains(key)) key.first = StationId{};
    remember(key);
    const auto [found, made] = windows_.try_emplace(key);
    if (made) found->second.begun = time_.time();
    return found->second;
}

Result<std::optional<LeafRef>> Auditor::refuse(Leaf leaf) {
    Window& refusals = window(leaf.station, leaf.code);
    if (++refusals.seen > kOwnLeaves) {
        ++refusals.counted;
        unsaved_ = true;
        return std::optional<LeafRef>();
    }
    RELAIS_ASSIGN(const LeafRef ref, record(std::move(leaf)));
    return std::optional<LeafRef>(ref);
}

void Auditor::count_refusals(const std::optional<StationId>& station, ErrorCode code,
                             std::uint32_t count) {
    window(station, code).counted += count;
    unsaved_ = true;
}

Result<void> Auditor::record_count(const Key& key, std::uint32_t count) {
    Leaf leaf{.event = Event::refusals_counted};
    leaf.code = key.second;
    if (!key.first.is_zero()) leaf.station = key.first;
    leaf.count = count;
    RELAIS_TRY(record(std::move(leaf)));
    return {};
}

Result<void> Auditor::flush_counts(bool all) {
    for (auto item = windows_.begin(); item != windows_.end();) {
        const auto& [key, refusals] = *item;
        if (!all && time_.time() - refusals.begun < kWindow) {
            ++item;
            continue;
        }
        if (refusals.counted > 0) {
            RELAIS_TRY(record_count(key, refusals.counted));
            unsaved_ = true;
        }
        remember(key);
        item = windows_.erase(item);
    }
    return {};
}

Result<void> Auditor::save(Store& store) {
    if (!unsaved_) return {};
    Bytes bytes;
    for (const auto& [key, refusals] : windows_) {
        if (refusals.counted == 0) continue;
        append(bytes, key.first.view());
        append_u16(bytes, static_cast<std::uint16_t>(key.second));
        append_u32(bytes, refusals.counted);
    }
    return store.set_value(kCounts, bytes);
}

Result<void> Auditor::recover(Store& store) {
    RELAIS_ASSIGN(const auto bytes, store.value(kCounts));
    if (!bytes || bytes->empty()) return {};
    if (bytes->size() % kCountBytes != 0) return fail(ErrorCode::corrupt, kCounts);
    for (ByteView rest = *bytes; !rest.empty(); rest = rest.subspan(kCountBytes)) {
        const ByteView code = rest.subspan(StationId::kSize, 2);
        const Key key{StationId::from(rest.first(StationId::kSize)),
                      static_cast<ErrorCode>(code[0] << 8 | code[1])};
        RELAIS_TRY(record_count(key, read_u32(rest.subspan(StationId::kSize + 2))));
    }
    return store.set_value(kCounts, {});
}

void Auditor::keep() {
    undo_.clear();
    unsaved_ = false;
}

void Auditor::remember(const Key& key) {
    if (undo_.contains(key)) return;
    const auto known = windows_.find(key);
    undo_.emplace(key, known == windows_.end() ? std::nullopt : std::optional(known->second));
}

void Auditor::roll_back() {
    for (const auto& [key, before] : undo_) {
        windows_.erase(key);
        if (before) windows_.emplace(key, *before);
    }
    keep();
}

bool Auditor::has_counts() const { return !windows_.empty(); }

}  // namespace relais::broker
