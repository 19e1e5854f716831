#include "schemas/packs/code_table.h"

#include <algorithm>
#include <array>

#include "schemas/packs/text_lines.h"

namespace relais::packs {

namespace {

// U+00C0 to U+00FF, by the second byte of their UTF-8 (0x80 to 0xBF): letters alone.
constexpr std::string_view kLatin =
    "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty";
static_assert(kLatin.size() == 64);

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (const std::string_view word : split(text, ' ')) {
        if (!word.empty()) words.emplace_back(word);
    }
    return words;
}

}  // namespace

std::string folded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
        if (byte == 0xC3 && next >= 0x80 && next <= 0xBF) {
            plain.push_back(kLatin[next - 0x80u]);
            ++i;
        } else if (byte == 0xC5 && (next == 0x92 || next == 0x93)) {
            plain += "oe";
            ++i;
        } else {
            const bool upper = byte >= 'A' && byte <= 'Z';
            plain.push_back(static_cast<char>(upper ? byte + 32u : byte));
        }
    }
    return plain;
}

Result<CodeTable> CodeTable::make(List list, std::vector<Row> rows) {
    if (rows.size() != list.rows) return fail(ErrorCode::malformed, "list " + list.name);
    CodeTable table(std::move(list), std::move(rows));
    for (std::size_t i = 0; i < table.rows_.size(); ++i) {
        const bool fresh = table.places_.emplace(code_key(table.rows_[i].code), i).second;
        const bool rising = i == 0 || table.rows_[i - 1].code < table.rows_[i].code;
        if (!fresh || !rising) {
            return fail(ErrorCode::malformed, "list " + table.list_.name + ": codes out of order");
        }
    }
    return table;
}

const Row* CodeTable::find(std::string_view code) const {
    const auto found = places_.find(code_key(code));
    return found == places_.end() ? nullptr : &rows_[found->second];
}

std::vector<const Row*> CodeTable::search(std::string_view text, std::size_t most) const {
    const std::string key = code_key(text);
    const std::vector<std::string> words = words_of(folded(text));
    std::vector<const Row*> found;
    if (words.empty()) return found;
    for (const Row& row : rows_) {
        const std::string label = folded(row.label);
        const bool named = std::ranges::all_of(
            words, [&](const std::string& word) { return label.find(word) != std::string::npos; });
        if (!named && !code_key(row.code).starts_with(key)) continue;
        found.push_back(&row);
        if (found.size() == most) break;
    }
    return found;
}

std::string CodeTable::fact(const Row& row, std::string_view name) const {
    const auto place = std::ranges::find(list_.facts, name);
    if (place == list_.facts.end()) return {};
    return row.facts[static_cast<std::size_t>(place - list_.facts.begin())];
}

}  // namespace relais::packs
