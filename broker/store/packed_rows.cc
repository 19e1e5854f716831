#include "broker/store/packed_rows.h"

#include <algorithm>

#include "core/base/check.h"

namespace relais::broker {

namespace {

constexpr unsigned kPositionBits = 40;
constexpr std::uint64_t kPositionMax = (std::uint64_t{1} << kPositionBits) - 1;
constexpr std::size_t kPackBytesMax = 128 * 1024;
constexpr std::size_t kPacksLoadedMax = 4;

Error corrupt_pack() { return fail(ErrorCode::corrupt, "pack of records"); }

// LEB128.
void append_length(Bytes& out, std::size_t length) {
    for (; length >= 0x80; length >>= 7) out.push_back(static_cast<std::uint8_t>(length | 0x80));
    out.push_back(static_cast<std::uint8_t>(length));
}

Result<std::size_t> take_length(ByteView& rest) {
    std::size_t length = 0;
    for (unsigned shift = 0; shift < 28 && !rest.empty(); shift += 7) {
        const std::uint8_t byte = rest.front();
        rest = rest.subspan(1);
        length |= static_cast<std::size_t>(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) return length;
    }
    return corrupt_pack();
}

}  // namespace

PackedRows::Key PackedRows::key_of(Owner owner, Position first) {
    RELAIS_CHECK(first <= kPositionMax && owner < (Owner{1} << 23));
    return static_cast<Key>(Position{owner} << kPositionBits | first);
}

PackedRows::Owner PackedRows::owner_of(Key key) {
    return static_cast<Owner>(static_cast<Position>(key) >> kPositionBits);
}

PackedRows::Position PackedRows::first_of(Key key) {
    return static_cast<Position>(key) & kPositionMax;
}

ByteView PackedRows::Pack::record(std::size_t place) const {
    const Span span = records.at(place);
    return ByteView(bytes).subspan(span.at, span.size);
}

void PackedRows::Pack::append(ByteView front, ByteView rest) {
    const std::size_t size = front.size() + rest.size();
    append_length(bytes, size);
    records.push_back({static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(size)});
    relais::append(bytes, front);
    relais::append(bytes, rest);
    live += size;
}

Result<PackedRows::Pack> PackedRows::decode(std::uint64_t count, ByteView bytes) {
    Pack pack;
    pack.bytes = to_bytes(bytes);
    ByteView rest = pack.bytes;
    while (!rest.empty()) {
        RELAIS_ASSIGN(const std::size_t length, take_length(rest));
        if (length > rest.size()) return corrupt_pack();
        const std::size_t at = pack.bytes.size() - rest.size();
        pack.records.push_back(
            {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(length)});
        pack.live += length;
        rest = rest.subspan(length);
    }
    if (pack.records.size() != count || count == 0) return corrupt_pack();
    return pack;
}

Result<std::optional<PackedRows::Last>> PackedRows::stored(const char* sql, Key from, Key to) {
    Query query = database_.query(sql);
    RELAIS_ASSIGN(const bool found, query.bind(from).bind(to).row());
    if (!found) return std::optional<Last>();
    return std::optional(Last{query.integer(0), query.number(1)});
}

Result<std::optional<PackedRows::Last>*> PackedRows::last(Owner owner) {
    const auto known = last_.find(owner);
    if (known != last_.end()) return &known->second;
    RELAIS_ASSIGN(auto found, stored(sql_.at_most, key_of(owner, 0), key_of(owner + 1, 0) - 1));
    return &last_.emplace(owner, found).first->second;
}

Result<std::optional<PackedRows::Position>> PackedRows::end(Owner owner) {
    RELAIS_ASSIGN(const auto* const pack, last(owner));
    if (!*pack) return std::optional<Position>();
    return std::optional(first_of((*pack)->key) + (*pack)->count);
}

Result<PackedRows::Pack*> PackedRows::load(Key key) {
    const auto known = packs_.find(key);
    if (known != packs_.end()) return &known->second;
    Query query = database_.query(sql_.get);
    RELAIS_ASSIGN(const bool found, query.bind(key).row());
    if (!found) return corrupt_pack();
    RELAIS_ASSIGN(Pack pack, decode(query.number(0), query.blob(1)));
    loaded_.push_back(key);
    keep_few();
    return &packs_.insert_or_assign(key, std::move(pack)).first->second;
}

// What is pending stays.
void PackedRows::keep_few() {
    while (loaded_.size() > kPacksLoadedMax) {
        const auto oldest = packs_.find(loaded_.front());
        loaded_.pop_front();
        if (oldest == packs_.end() || oldest->second.dirty) continue;
        if (spare_.size() < kPacksLoadedMax) spare_.push_back(std::move(oldest->second.bytes));
        packs_.erase(oldest);
    }
}

Result<std::optional<PackedRows::Key>> PackedRows::at_or_after(Owner owner, Position position) {
    if (position > kPositionMax) return std::optional<Key>();  // a peer may ask for anything
    const Key key = key_of(owner, position);
    const auto covers = [&](Key first, std::size_t count) {
        return owner_of(first) == owner && position - first_of(first) < count;
    };
    auto next = packs_.upper_bound(key);
    if (next != packs_.begin()) {
        const auto& [first, pack] = *std::prev(next);
        if (covers(first, pack.records.size())) return std::optional(first);
    }
    RELAIS_ASSIGN(const auto before, stored(sql_.at_most, key_of(owner, 0), key));
    if (before && covers(before->key, before->count)) return std::optional(before->key);
    RELAIS_ASSIGN(const auto after, stored(sql_.at_least, key, key_of(owner + 1, 0) - 1));
    std::optional<Key> found;
    if (after) found = after->key;
    if (next != packs_.end() && owner_of(next->first) == owner) {
        found = std::min(next->first, found.value_or(next->first));
    }
    return found;
}

// The pack that takes `more` bytes at `position`: the last one while it has room, or a new one.
Result<PackedRows::Pack*> PackedRows::tail(std::optional<Last>& end_pack, Owner owner,
                                           Position position, std::size_t more) {
    if (end_pack) {
        if (position != first_of(end_pack->key) + end_pack->count) return corrupt_pack();
        Pack* pack = end_pack->pending;
        const std::size_t bound = pack != nullptr ? kPackBytesMax : extended_below_;
        if (pack == nullptr && !end_pack->full) {
            RELAIS_ASSIGN(pack, load(end_pack->key));
        }
        const bool fits = pack != nullptr && pack->bytes.size() < bound &&
                          pack->bytes.size() + more <= kPackBytesMax;
        if (fits) return pack;
    }
    const Key key = key_of(owner, position);
    Pack pack;
    if (!spare_.empty()) {
        pack.bytes = std::move(spare_.back());
        pack.bytes.clear();
        spare_.pop_back();
    }
    end_pack = Last{key, 0};
    return &packs_.insert_or_assign(key, std::move(pack)).first->second;
}

Result<void> PackedRows::append(Owner owner, Position position, ByteView front, ByteView rest) {
    RELAIS_ASSIGN(auto* const end_pack, last(owner));
    RELAIS_ASSIGN(Pack* const pack, tail(*end_pack, owner, position, front.size() + rest.size()));
    pack->append(front, rest);
    pack->dirty = true;
    ++(*end_pack)->count;
    (*end_pack)->pending = pack;
    return {};
}

Result<void> PackedRows::replace(Owner owner, Position position, ByteView record) {
    RELAIS_ASSIGN(const auto key, at_or_after(owner, position));
    if (!key || first_of(*key) > position) return fail(ErrorCode::not_found, "record");
    RELAIS_ASSIGN(Pack* const pack, load(*key));
    const std::size_t place = position - first_of(*key);
    if (place >= pack->records.size()) return corrupt_pack();
    Pack changed;
    changed.bytes.reserve(pack->bytes.size() + record.size());
    for (std::size_t i = 0; i < pack->records.size(); ++i) {
        changed.append(i == place ? record : pack->record(i));
    }
    changed.dirty = true;
    *pack = std::move(changed);
    RELAIS_ASSIGN(auto* const end_pack, last(owner));
    if (*end_pack && (*end_pack)->key == *key) (*end_pack)->pending = pack;
    return {};
}

Result<ByteView> PackedRows::get(Owner owner, Position position) {
    RELAIS_ASSIGN(const auto key, at_or_after(owner, position));
    if (!key || first_of(*key) > position) return ByteView();
    RELAIS_ASSIGN(const Pack* const pack, load(*key));
    const std::size_t place = position - first_of(*key);
    if (place >= pack->records.size()) return corrupt_pack();
    return pack->record(place);
}

Result<std::vector<PackedRows::Record>> PackedRows::read(Owner owner, Position from,
                                                         std::size_t count) {
    std::vector<Record> records;
    while (records.size() < count) {
        RELAIS_ASSIGN(const auto key, at_or_after(owner, from));
        if (!key) break;
        RELAIS_ASSIGN(const Pack* const pack, load(*key));
        const Position first = first_of(*key);
        for (from = std::max(from, first); from < first + pack->records.size(); ++from) {
            if (records.size() == count) break;
            const ByteView record = pack->record(from - first);
            if (!record.empty()) records.push_back({from, to_bytes(record)});
        }
    }
    return records;
}

Result<std::vector<PackedRows::Owner>> PackedRows::owners() {
    std::vector<Owner> owners;
    for (Key from = 0;;) {
        RELAIS_ASSIGN(const auto next, stored(sql_.at_least, from, INT64_MAX));
        if (!next) return owners;
        owners.push_back(owner_of(next->key));
        from = key_of(owners.back() + 1, 0);
    }
}

// The last pack stays though all its records are gone: it holds the end of its sequence.
Result<void> PackedRows::write(Key key, const Pack& pack) {
    RELAIS_ASSIGN(auto* const end_pack, last(owner_of(key)));
    const bool is_last = *end_pack && (*end_pack)->key == key;
    if (is_last) {
        (*end_pack)->pending = nullptr;
        (*end_pack)->full = pack.bytes.size() >= extended_below_;
    }
    if (pack.live == 0 && *end_pack && !is_last) {
        return database_.query(sql_.remove).bind(key).run();
    }
    Query query = database_.query(sql_.put);
    return query.bind(key).bind(std::uint64_t{pack.records.size()}).bind(pack.bytes).run();
}

Result<void> PackedRows::flush() {
    for (auto& [key, pack] : packs_) {
        if (!pack.dirty) continue;
        RELAIS_TRY(write(key, pack));
        pack.dirty = false;
        loaded_.push_back(key);
    }
    keep_few();
    return {};
}

void PackedRows::forget() {
    packs_.clear();
    loaded_.clear();
    last_.clear();
}

}  // namespace relais::broker
