#include "tests/fuzz/flat_layout.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace relais::fuzz {

namespace {

constexpr std::size_t kObjectsMax = 2000;
constexpr std::size_t kVtableBytesMax = 4 + 2 * 64;

template <typename Number>
void put(Bytes& bytes, std::size_t place, Number value) {
    if (place <= bytes.size() && sizeof value <= bytes.size() - place) {
        std::memcpy(bytes.data() + place, &value, sizeof value);
    }
}

const std::size_t* one_of(const std::vector<std::size_t>& places, test::SeededRandom& random) {
    return places.empty() ? nullptr : &places[random.below(places.size())];
}

std::uint32_t distance(std::size_t from, std::size_t to) {
    return static_cast<std::uint32_t>(to - from);  // backwards: around, as a reader would add it
}

void change_vtable(Bytes& bytes, const FlatLayout& layout, test::SeededRandom& random) {
    const auto* entry = one_of(layout.entries, random);
    const auto* other = one_of(layout.entries, random);
    if (entry == nullptr) return;
    std::uint16_t value = 0;  // the field is left out
    if (!random.one_in(3)) std::memcpy(&value, bytes.data() + *other, sizeof value);
    if (random.one_in(8)) value = static_cast<std::uint16_t>(extreme(random));
    put(bytes, *entry, value);
}

void change_value(Bytes& bytes, const FlatLayout& layout, test::SeededRandom& random) {
    const auto* slot = one_of(layout.slots, random);
    if (slot == nullptr) return;
    const std::uint64_t value = extreme(random);
    switch (random.below(4)) {
        case 0: return put(bytes, *slot, static_cast<std::uint8_t>(value));
        case 1: return put(bytes, *slot, static_cast<std::uint16_t>(value));
        case 2: return put(bytes, *slot, static_cast<std::uint32_t>(value));
        default: return put(bytes, *slot, value);
    }
}

void change_offset(Bytes& bytes, const FlatLayout& layout, test::SeededRandom& random) {
    const auto* offset = one_of(layout.offsets, random);
    const auto* object = one_of(layout.objects, random);
    if (offset == nullptr || object == nullptr) return;
    const std::size_t to = random.one_in(6) ? *offset : *object;
    put(bytes, *offset, distance(*offset, to));
}

void change_length(Bytes& bytes, const FlatLayout& layout, test::SeededRandom& random) {
    const auto* length = one_of(layout.lengths, random);
    if (length == nullptr) return;
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + *length, sizeof value);
    switch (random.below(4)) {
        case 0: ++value; break;
        case 1: --value; break;
        case 2: value = static_cast<std::uint32_t>(bytes.size() - *length - sizeof value); break;
        default: value = static_cast<std::uint32_t>(extreme(random));
    }
    put(bytes, *length, value);
}

// Of a text or list, one of its bytes.
void change_content(Bytes& bytes, const FlatLayout& layout, test::SeededRandom& random) {
    const auto* length = one_of(layout.lengths, random);
    if (length == nullptr) return;
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data() + *length, sizeof size);
    if (size == 0) return;
    put(bytes, *length + 4 + random.below(size), static_cast<std::uint8_t>(random.next()));
}

void share_items(Bytes& bytes, const FlatLayout& layout, test::SeededRandom& random) {
    if (layout.lists.empty()) return;
    const FlatLayout::List& list = layout.lists[random.below(layout.lists.size())];
    std::uint32_t to = 0;
    const std::size_t chosen = list.first + 4 * random.below(list.count);
    std::memcpy(&to, bytes.data() + chosen, sizeof to);
    for (std::size_t i = 0; i < list.count; ++i) {
        const std::size_t place = list.first + 4 * i;
        put(bytes, place, distance(place, chosen + to));
    }
}

}  // namespace

std::uint64_t extreme(test::SeededRandom& random) {
    constexpr std::uint64_t kValues[] = {
        0,      1,      2,          4,          0x7F,       0x80,        0xFF,      0x100,
        0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, INT64_MAX, UINT64_MAX};
    if (random.one_in(4)) return random.next() >> random.below(64);
    return kValues[random.below(std::size(kValues))];
}

FlatLayout::FlatLayout(ByteView bytes) : bytes_(bytes) {
    if (inside(0, 4)) follow(0);
}

bool FlatLayout::inside(std::size_t place, std::size_t size) const {
    return place <= bytes_.size() && size <= bytes_.size() - place;
}

std::uint32_t FlatLayout::u32(std::size_t place) const {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + place, sizeof value);
    return value;
}

std::uint16_t FlatLayout::u16(std::size_t place) const {
    std::uint16_t value = 0;
    std::memcpy(&value, bytes_.data() + place, sizeof value);
    return value;
}

// A table begins with the way back to its vtable, which may also be ahead.
std::size_t FlatLayout::vtable_of(std::size_t table) const {
    return table - static_cast<std::size_t>(static_cast<std::int32_t>(u32(table)));
}

// A vtable begins with its size and the table's.
bool FlatLayout::is_table(std::size_t place) const {
    if (place % 4 != 0 || !inside(place, 4)) return false;
    const std::size_t vtable = vtable_of(place);
    if (vtable % 2 != 0 || !inside(vtable, 4)) return false;
    const std::size_t size = u16(vtable);
    return size >= 4 && size % 2 == 0 && size <= kVtableBytesMax && inside(vtable, size) &&
           u16(vtable + 2) >= 4 && inside(place, u16(vtable + 2));
}

// An offset, if that is what stands there.
void FlatLayout::follow(std::size_t offset) {
    const std::size_t place = offset + u32(offset);
    if (place <= offset || !inside(place, 4) || objects.size() >= kObjectsMax) return;
    const bool table = is_table(place);
    const bool list = !table && u32(place) <= bytes_.size() && inside(place + 4, u32(place));
    if (!table && !list) return;
    offsets.push_back(offset);
    if (!seen_.insert(place).second) return;
    objects.push_back(place);
    if (table) read_table(place);
    if (list) read_list(place);
}

void FlatLayout::read_table(std::size_t place) {
    const std::size_t vtable = vtable_of(place);
    for (std::size_t entry = vtable + 4; entry < vtable + u16(vtable); entry += 2) {
        entries.push_back(entry);
        const std::size_t slot = place + u16(entry);
        if (u16(entry) == 0 || !inside(slot, 4)) continue;
        slots.push_back(slot);
        if (slot % 4 == 0) follow(slot);
    }
}

// Of offsets where each leads to an object, else of anything.
void FlatLayout::read_list(std::size_t place) {
    lengths.push_back(place);
    const std::size_t count = u32(place);
    const std::size_t first = place + 4;
    if (count == 0 || !inside(first, 4 * count)) return;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t offset = first + 4 * i;
        const std::size_t to = offset + u32(offset);
        if (to <= offset || !inside(to, 4)) return;
        if (!is_table(to) && !(u32(to) <= bytes_.size() && inside(to + 4, u32(to)))) return;
    }
    lists.push_back({first, count});
    for (std::size_t i = 0; i < count; ++i) follow(first + 4 * i);
}

void change_flat(Bytes& bytes, test::SeededRandom& random) {
    const FlatLayout layout(bytes);
    switch (random.below(6)) {
        case 0: return change_vtable(bytes, layout, random);
        case 1: return change_value(bytes, layout, random);
        case 2: return change_offset(bytes, layout, random);
        case 3: return change_length(bytes, layout, random);
        case 4: return change_content(bytes, layout, random);
        default: return share_items(bytes, layout, random);
    }
}

}  // namespace relais::fuzz
