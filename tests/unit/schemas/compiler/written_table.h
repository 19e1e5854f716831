// written_table.h: the rows of a declaration.toml, read and judged a second time, from their words
// alone: what the compiled table must say. Of guards it knows those that the kinds use; another one
// is an exception, and to be added here.
#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace relais::compiler {

// Where an act meets a case, in the words of the declaration.
struct Situation {
    std::string act;
    std::string thread;                          // state; empty: the act opens
    std::string party;                           // state of the one party; empty: none
    std::map<std::string, std::string> publics;  // "urgency": "stat"
    bool crowd = false;                          // many persons did every act before
    std::optional<std::int64_t> held{};          // what every register holds, under any key
};

struct WrittenVerdict {
    enum class Row { none, denied, fits };  // denied: but for what a register holds
    Row row = Row::none;
    std::string state{};  // of the thread then; empty: as before
};

class WrittenTable {
public:
    explicit WrittenTable(const std::filesystem::path& folder);
    // Throws where a guard is not understood.
    [[nodiscard]] WrittenVerdict judge(const Situation& at) const;
    [[nodiscard]] const toml::table& declaration() const { return declaration_; }

private:
    toml::table declaration_;
};

// Whether the row's list of states under `key` has this one; one that lists none has all.
[[nodiscard]] bool lists_state(const toml::table& row, const char* key, const std::string& state);

}  // namespace relais::compiler
