// A manifest or a part of a reference pack that is read can be written in one way only; what a list
// holds is found by its code.
#include "schemas/packs/code_table.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

bool accepts_part(ByteView input) {
    bool read_at_all = false;
    for (std::size_t facts = 0; facts <= packs::kFactsMax; ++facts) {
        const auto rows = packs::parse_part(input, facts);
        if (!rows.ok()) continue;
        read_at_all = true;
        RELAIS_CHECK(bytes_equal(packs::encode_part(*rows), input));
        packs::List list{"liste", "", "Liste", {}, rows->size(), {}};
        const auto table = packs::CodeTable::make(list, *rows);
        if (!table.ok()) continue;  // two codes that differ by a dot alone
        for (const packs::Row& row : *rows) RELAIS_CHECK(*table->find(row.code) == row);
    }
    return read_at_all;
}

}  // namespace

bool accepts(ByteView input) {
    if (!packs::is_manifest(input)) return accepts_part(input);
    const auto manifest = packs::parse_manifest(input);
    if (!manifest.ok()) return false;
    RELAIS_CHECK(bytes_equal(packs::encode_manifest(*manifest), input));
    return true;
}

}  // namespace relais::fuzz
