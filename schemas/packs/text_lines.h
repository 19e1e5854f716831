// text_lines.h: the lines of a pack's files, counted for what is said of them. Private to the
// module.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace relais::packs {

class TextLines {
public:
    explicit TextLines(std::string_view text) : text_(text) {}

    [[nodiscard]] bool ended() const { return text_.empty(); }
    // The next line, without its line feed. Errors: malformed  none is left, or it has none.
    Result<std::string_view> next() {
        ++number_;
        const std::size_t end = text_.find('\n');
        if (end == std::string_view::npos) return wrong("no line, or one without an end");
        const std::string_view line = text_.substr(0, end);
        text_.remove_prefix(end + 1);
        return line;
    }
    // Whether the next line begins so.
    [[nodiscard]] bool comes(std::string_view word) const {
        return text_.starts_with(word) && text_.substr(word.size()).starts_with(' ');
    }
    // What follows the word in the next line. Errors: malformed  it begins otherwise.
    Result<std::string_view> after(std::string_view word) {
        if (!comes(word)) {
            ++number_;
            return wrong("\"" + std::string(word) + "\" expected");
        }
        RELAIS_ASSIGN(const std::string_view line, next());
        return line.substr(word.size() + 1);
    }
    [[nodiscard]] Error wrong(const std::string& why) const {
        return fail(ErrorCode::malformed, "line " + std::to_string(number_) + ": " + why);
    }

private:
    std::string_view text_;
    std::size_t number_ = 0;
};

// Fields between separators; one more than there are separators.
[[nodiscard]] inline std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> fields;
    for (;;) {
        const std::size_t end = text.find(separator);
        fields.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return fields;
        text.remove_prefix(end + 1);
    }
}

// Digits alone, without a zero in front, at most `most`.
[[nodiscard]] inline std::optional<std::uint32_t> number(std::string_view text,
                                                         std::uint32_t most) {
    std::uint32_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    const bool plain = problem == std::errc{} && stop == end && !text.starts_with('+') &&
                       !(text.size() > 1 && text.starts_with('0'));
    return plain && value <= most ? std::optional(value) : std::nullopt;
}

}  // namespace relais::packs
