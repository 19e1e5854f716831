// section.h: one table of a declaration, asked key by key. What is missing, of another type or
// never asked for becomes a mistake with its line; the caller gets a value in any case and goes on.
// Internal to this module.
#pragma once

#include <toml++/toml.h>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/compiler/mistakes.h"

namespace relais::compiler {

// A text of the declaration and the line it stands on.
struct Word {
    std::string text;
    unsigned line = 0;
};

enum class Presence : std::uint8_t { mandatory, optional };

class Section {
public:
    // `kind` is what the table is: act. `what` is what mistakes call it: act "offer". Keeps
    // references to both arguments.
    Section(const toml::table& table, std::string kind, Mistakes& mistakes);

    [[nodiscard]] const std::string& what() const { return what_; }
    [[nodiscard]] unsigned line() const { return line_; }
    [[nodiscard]] bool has(std::string_view key) const;

    // The name of the section: a slug.
    std::string name();
    // One line of 1 to `bytes_max` bytes.
    std::string title(std::string_view key, std::size_t bytes_max);
    Word word(std::string_view key, Presence presence);
    std::vector<Word> words(std::string_view key, Presence presence);
    // False where it is absent.
    bool flag(std::string_view key);
    std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
    std::chrono::seconds duration(std::string_view key);
    // Two durations, the first not above the second.
    std::pair<std::chrono::seconds, std::chrono::seconds> bounds(std::string_view key);
    // The place of the word in `names`; nothing where it is absent or another.
    std::optional<std::size_t> one_of(std::string_view key, std::span<const std::string_view> names,
                                      Presence presence);
    // The tables of an array of tables; `kind` names each.
    std::vector<Section> sections(const std::string& key, const std::string& kind,
                                  std::size_t count_max);

    void mistake(const std::string& why) { mistakes_.add(line_, what_, why); }
    void mistake(unsigned line, const std::string& why) { mistakes_.add(line, what_, why); }
    void rename(std::string what) { what_ = std::move(what); }

    // A mistake for each key that nothing above asked for. Call it last.
    void refuse_other_keys();

private:
    const toml::node* ask(std::string_view key, Presence presence);
    void wrong_type(const toml::node& node, std::string_view key, std::string_view expected);

    const toml::table* table_;
    std::string kind_;
    std::string what_;
    unsigned line_ = 0;
    std::set<std::string, std::less<>> asked_;
    Mistakes& mistakes_;
};

}  // namespace relais::compiler
