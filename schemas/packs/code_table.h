// code_table.h: a list of a pack in memory: a code looked up, labels searched. Immutable once made;
// any thread.
#pragma once

#include <map>
#include <span>

#include "schemas/packs/pack.h"

namespace relais::packs {

class CodeTable {
public:
    // The rows of the parts, in their order. Errors: malformed  they are not the rows that the list
    // says, or two of them have one code.
    static Result<CodeTable> make(List list, std::vector<Row> rows);

    [[nodiscard]] const List& list() const { return list_; }
    [[nodiscard]] std::span<const Row> rows() const { return rows_; }
    // Null where there is none; codes are compared as code_key() has them.
    [[nodiscard]] const Row* find(std::string_view code) const;
    // Rows whose code begins with the text, or whose label holds every word of it, in any case and
    // without accents: at most `most`, in the order of the codes. Cost: the whole list.
    [[nodiscard]] std::vector<const Row*> search(std::string_view text, std::size_t most) const;
    // What the row says of a fact; empty where it says nothing, or the list has no such fact.
    [[nodiscard]] std::string fact(const Row& row, std::string_view name) const;

private:
    CodeTable(List list, std::vector<Row> rows) : list_(std::move(list)), rows_(std::move(rows)) {}

    List list_;
    std::vector<Row> rows_;
    std::map<std::string, std::size_t, std::less<>> places_;  // by code_key()
};

// Lower case, Latin letters without their accents, "œ" as "oe": for comparing, never shown.
[[nodiscard]] std::string folded(std::string_view text);

}  // namespace relais::packs
