// words.h: a line of a test's own little language, word by word.
#pragma once

#include <sstream>
#include <string>
#include <vector>

namespace relais::test {

inline std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

}  // namespace relais::test
