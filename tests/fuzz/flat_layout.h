// flat_layout.h: where a FlatBuffer says what, found without its schema, and changes made there: a
// field left out, read from another's place or given an extreme value; an offset that leads to what
// another leads to, or back; a length that is not so; a list whose items are all the same. Bytes
// that are no FlatBuffer have no layout and stay as they are.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "core/base/bytes.h"
#include "tests/support/random.h"

namespace relais::fuzz {

class FlatLayout {
public:
    explicit FlatLayout(ByteView bytes);

    // All by their place in the bytes.
    std::vector<std::size_t> entries;  // of vtables: two bytes each
    std::vector<std::size_t> slots;    // of fields, in their tables
    std::vector<std::size_t> offsets;  // that lead to an object
    std::vector<std::size_t> objects;  // tables, texts, lists
    std::vector<std::size_t> lengths;  // of texts and lists
    struct List {
        std::size_t first;  // offset
        std::size_t count;
    };
    std::vector<List> lists;  // of offsets

private:
    [[nodiscard]] std::uint32_t u32(std::size_t place) const;
    [[nodiscard]] std::uint16_t u16(std::size_t place) const;
    [[nodiscard]] bool inside(std::size_t place, std::size_t size) const;
    [[nodiscard]] std::size_t vtable_of(std::size_t table) const;
    [[nodiscard]] bool is_table(std::size_t place) const;
    void follow(std::size_t offset);
    void read_table(std::size_t place);
    void read_list(std::size_t place);

    ByteView bytes_;
    std::set<std::size_t> seen_;
};

// One such change; none where there is nothing to change.
void change_flat(Bytes& bytes, test::SeededRandom& random);

// A number that readers get wrong.
[[nodiscard]] std::uint64_t extreme(test::SeededRandom& random);

}  // namespace relais::fuzz
