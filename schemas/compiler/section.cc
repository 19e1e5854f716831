#include "schemas/compiler/section.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "schemas/compiler/durations.h"

namespace relais::compiler {

namespace {

unsigned line_of(const toml::node& node) { return static_cast<unsigned>(node.source().begin.line); }

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string listed(std::span<const std::string_view> names) {
    std::string text;
    for (const std::string_view name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

}  // namespace

Section::Section(const toml::table& table, std::string kind, Mistakes& mistakes)
    : table_(&table),
      kind_(std::move(kind)),
      what_(kind_),
      line_(std::max(1u, line_of(table))),
      mistakes_(mistakes) {}

bool Section::has(std::string_view key) const { return table_->contains(key); }

const toml::node* Section::ask(std::string_view key, Presence presence) {
    asked_.emplace(key);
    const toml::node* node = table_->get(key);
    if (node == nullptr && presence == Presence::mandatory) {
        mistake("key " + quoted(key) + " is missing");
    }
    return node;
}

void Section::wrong_type(const toml::node& node, std::string_view key, std::string_view expected) {
    mistake(line_of(node), "key " + quoted(key) + " must be " + std::string(expected));
}

std::string Section::name() {
    const Word word = this->word("name", Presence::mandatory);
    if (word.line == 0) return {};
    what_ = kind_ + " " + quoted(word.text);
    if (!is_slug(word.text)) {
        mistake(word.line, "a name is 1 to 40 characters of a-z, 0-9 and '-', not '-' at an end");
    }
    return word.text;
}

std::string Section::title(std::string_view key, std::size_t bytes_max) {
    const Word word = this->word(key, Presence::mandatory);
    if (word.line != 0 && !is_title(word.text, bytes_max)) {
        mistake(word.line, "key " + quoted(key) + " must be one line of 1 to " +
                               std::to_string(bytes_max) + " bytes");
    }
    return word.text;
}

Word Section::word(std::string_view key, Presence presence) {
    const toml::node* node = ask(key, presence);
    if (node == nullptr) return {};
    const auto* text = node->as_string();
    if (text == nullptr) {
        wrong_type(*node, key, "a text");
        return {};
    }
    return {text->get(), line_of(*node)};
}

std::vector<Word> Section::words(std::string_view key, Presence presence) {
    const toml::node* node = ask(key, presence);
    if (node == nullptr) return {};
    const auto* array = node->as_array();
    if (array == nullptr) {
        wrong_type(*node, key, "a list of texts");
        return {};
    }
    std::vector<Word> words;
    for (const toml::node& item : *array) {
        if (const auto* text = item.as_string()) {
            words.push_back({text->get(), line_of(item)});
        } else {
            wrong_type(item, key, "a list of texts");
        }
    }
    return words;
}

bool Section::flag(std::string_view key) {
    const toml::node* node = ask(key, Presence::optional);
    if (node == nullptr) return false;
    const auto* value = node->as_boolean();
    if (value == nullptr) wrong_type(*node, key, "true or false");
    return value != nullptr && value->get();
}

std::int64_t Section::integer(std::string_view key, std::int64_t min, std::int64_t max) {
    const toml::node* node = ask(key, Presence::mandatory);
    if (node == nullptr) return min;
    const auto* value = node->as_integer();
    if (value == nullptr || value->get() < min || value->get() > max) {
        wrong_type(*node, key,
                   "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        return min;
    }
    return value->get();
}

std::chrono::seconds Section::duration(std::string_view key) {
    const Word word = this->word(key, Presence::mandatory);
    if (word.line == 0) return {};
    const auto duration = parse_duration(word.text);
    if (!duration) {
        mistake(word.line, "key " + quoted(key) + " is not a duration: " + quoted(word.text));
    }
    return duration.value_or(std::chrono::seconds(0));
}

std::pair<std::chrono::seconds, std::chrono::seconds> Section::bounds(std::string_view key) {
    const std::vector<Word> words = this->words(key, Presence::mandatory);
    if (words.empty()) return {};
    const auto min = parse_duration(words.front().text);
    const auto max = parse_duration(words.back().text);
    if (words.size() != 2 || !min || !max || *min > *max) {
        mistake(words.front().line,
                "key " + quoted(key) + " must be two durations, the least first");
        return {};
    }
    return {*min, *max};
}

std::optional<std::size_t> Section::one_of(std::string_view key,
                                           std::span<const std::string_view> names,
                                           Presence presence) {
    const Word word = this->word(key, presence);
    if (word.line == 0) return std::nullopt;
    const auto found = std::ranges::find(names, word.text);
    if (found == names.end()) {
        mistake(word.line, "key " + quoted(key) + " must be one of " + listed(names) + ", not " +
                               quoted(word.text));
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - names.begin());
}

std::vector<Section> Section::sections(const std::string& key, const std::string& kind,
                                       std::size_t count_max) {
    std::vector<Section> sections;
    const toml::node* node = ask(key, Presence::optional);
    if (node == nullptr) return sections;
    const auto* array = node->as_array();
    if (array == nullptr) {
        wrong_type(*node, key, "a list of tables");
        return sections;
    }
    for (const toml::node& item : *array) {
        if (const auto* table = item.as_table()) {
            sections.emplace_back(*table, kind, mistakes_);
        } else {
            wrong_type(item, key, "a list of tables");
        }
    }
    if (sections.size() > count_max) {
        sections[count_max].mistake("more than " + std::to_string(count_max) + " of them");
    }
    return sections;
}

void Section::refuse_other_keys() {
    for (const auto& [key, node] : *table_) {
        if (asked_.contains(key.str())) continue;
        const auto line = static_cast<unsigned>(key.source().begin.line);
        mistake(line, "unknown key " + quoted(key.str()));
    }
}

}  // namespace relais::compiler
