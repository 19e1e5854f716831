#include "tests/unit/schemas/compiler/written_table.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "tests/support/words.h"
#include "tests/unit/schemas/compiler/folder.h"

namespace relais::compiler {

namespace {

using test::words_of;
using Words = std::vector<std::string>;

Words texts_of(const toml::table& row, const char* key) {
    Words texts;
    const toml::array* array = row[key].as_array();
    if (array == nullptr) return texts;
    for (const toml::node& node : *array) texts.push_back(node.value_or(std::string()));
    return texts;
}

bool begins(const Words& words, const Words& with) {
    return words.size() > with.size() && std::equal(with.begin(), with.end(), words.begin());
}

// "register R KEY... is [not] VALUE"
bool register_holds(const Words& guard, const Situation& at) {
    const bool negated = guard[guard.size() - 2] == "not";
    return (at.held == std::stoll(guard.back())) != negated;
}

bool holds(const Words& guard, const Situation& at) {
    const auto lists_party = [&] {
        return std::find(guard.begin() + 3, guard.end(), at.party) != guard.end();
    };
    if (begins(guard, {"no", "party", "in"})) return at.party.empty() || !lists_party();
    if (begins(guard, {"no", "other", "party", "in"})) return true;  // the one party acts itself
    if (begins(guard, {"some", "party", "in"})) return !at.party.empty() && lists_party();
    if (begins(guard, {"all", "parties", "in"})) return at.party.empty() || lists_party();
    if (guard.front() == "quorum") return at.crowd;
    if (guard.size() == 3 && guard[1] == "is") {
        const auto given = at.publics.find(guard[0]);
        return given != at.publics.end() && given->second == guard[2];
    }
    throw std::invalid_argument("a guard that written_table.cc does not know: " + guard.front());
}

// The first row whose conditions hold, of those that meet the states.
void judge_row(const toml::table& row, const Situation& at, WrittenVerdict& verdict) {
    bool denied = false;
    for (const std::string& text : texts_of(row, "when")) {
        const Words guard = words_of(text);
        if (guard.front() == "register") {
            denied |= !register_holds(guard, at);
        } else if (!holds(guard, at)) {
            return;
        }
    }
    if (denied) {
        verdict.row = WrittenVerdict::Row::denied;
        return;
    }
    verdict.row = WrittenVerdict::Row::fits;
    for (const std::string& text : texts_of(row, "effects")) {
        const Words effect = words_of(text);
        if (effect.front() == "thread") verdict.state = effect[1];
    }
}

}  // namespace

bool lists_state(const toml::table& row, const char* key, const std::string& state) {
    return !row.contains(key) || std::ranges::count(texts_of(row, key), state) != 0;
}

WrittenTable::WrittenTable(const std::filesystem::path& folder)
    : declaration_(toml::parse(read_file(folder / "declaration.toml"))) {}

WrittenVerdict WrittenTable::judge(const Situation& at) const {
    WrittenVerdict verdict;
    for (const toml::node& node : *declaration_["row"].as_array()) {
        const toml::table& row = *node.as_table();
        const bool met = row["act"].value_or(std::string()) == at.act &&
                         (at.thread.empty() || lists_state(row, "thread", at.thread)) &&
                         (at.party.empty() || lists_state(row, "party", at.party));
        if (met) judge_row(row, at, verdict);
        if (verdict.row == WrittenVerdict::Row::fits) return verdict;
    }
    return verdict;
}

}  // namespace relais::compiler
