#include "schemas/compiler/draft.h"

#include <algorithm>

#include "core/base/limits.h"

namespace relais::compiler {

void Register::add(const std::string& name, Section& section) {
    // A missing name is a mistake of its own.
    if (!name.empty() && find(name)) section.mistake("name declared twice");
    names_.push_back({name, section.line()});
}

std::optional<std::size_t> Register::find(std::string_view name) const {
    const auto found = std::ranges::find(names_, name, &Word::text);
    if (found == names_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names_.begin());
}

std::optional<std::size_t> Register::resolve(const Word& word, Section& section) const {
    const auto place = find(word.text);
    if (!place) section.mistake(word.line, "unknown " + kind_ + " \"" + word.text + "\"");
    return place;
}

std::uint16_t Register::mask(const std::vector<Word>& words, Section& section) const {
    std::uint16_t mask = 0;
    for (const Word& word : words) {
        const auto place = resolve(word, section);
        // More names than bits are a mistake that is already noted.
        if (!place || *place >= 16) continue;
        const auto bit = static_cast<std::uint16_t>(1u << *place);
        if ((mask & bit) != 0) section.mistake(word.line, "\"" + word.text + "\" named twice");
        mask = static_cast<std::uint16_t>(mask | bit);
    }
    return mask;
}

}  // namespace relais::compiler
