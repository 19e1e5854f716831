// register_words.h: an entry of a register in the words of the kind whose act set it: the parts of
// its key, and its value. Pure functions of the directory; any thread.
#pragma once

#include "schemas/directory/state.h"
#include "schemas/workflow/kind.h"

namespace relais::station {

struct RegisterWord {
    std::string label;  // empty: the kind has none
    std::string value;  // as the register holds it
    std::string text;   // for people
};
struct RegisterWords {
    std::vector<RegisterWord> key;
    RegisterWord value;
};

// Where the kind has no such act, or none of its rows sets a key like that, parts are as they are
// held, without labels.
[[nodiscard]] RegisterWords register_words(const directory::DirectoryState& directory,
                                           const workflow::Kind& kind, const std::string& name,
                                           const std::string& act, const std::string& key,
                                           std::int64_t value);

}  // namespace relais::station
