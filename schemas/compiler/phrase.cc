#include "schemas/compiler/phrase.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "schemas/workflow/public_value.h"

namespace relais::compiler {

Phrase cut(const Word& sentence) {
    std::string spaced;
    for (const char c : sentence.text) spaced += c == ',' ? std::string(" , ") : std::string(1, c);
    std::istringstream stream(spaced);
    Phrase phrase;
    for (std::string word; stream >> word;) phrase.push_back({word, sentence.line});
    return phrase;
}

bool begins(const Phrase& phrase, const std::vector<std::string_view>& words) {
    if (phrase.size() < words.size()) return false;
    return std::equal(words.begin(), words.end(), phrase.begin(),
                      [](std::string_view a, const Word& b) { return a == b.text; });
}

namespace {

std::optional<std::int64_t> bounded(const fb::PublicDeclaredT& field, const std::string& text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    if (!whole || value < field.min || value > field.max) return std::nullopt;
    if (field.type == fb::PublicType::day && !workflow::day_of_digits(value)) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::int64_t> public_value(const fb::PublicDeclaredT& field,
                                         const std::string& text) {
    if (field.type == fb::PublicType::boolean) {
        if (text != "true" && text != "false") return std::nullopt;
        return text == "true" ? 1 : 0;
    }
    if (field.type != fb::PublicType::code) return bounded(field, text);
    for (const auto& declared : field.values) {
        if (declared->code == text) return declared->value;
    }
    return std::nullopt;
}

}  // namespace relais::compiler
