// markers.h: words that stand for a patient, in every form in which they could leave a process, and
// the search for them in files. A secrecy test plants them, writes, and searches.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "core/codecs/codecs.h"

namespace relais::test {

struct MarkerForm {
    std::string name;
    std::string bytes;
};

// As it is, in hexadecimal of either case, in UTF-16 of either byte order, and in base 64 (the URL
// alphabet where it differs) at each of the three places where it can begin within a group of three
// bytes.
inline std::vector<MarkerForm> forms_of(std::string_view marker) {
    std::vector<MarkerForm> forms = {{"text", std::string(marker)}, {"hex", hex(as_bytes(marker))}};
    std::string upper;
    for (const char c : forms[1].bytes) upper.push_back(c >= 'a' ? static_cast<char>(c - 32) : c);
    forms.push_back({"HEX", upper});
    std::string little;
    std::string big;
    for (const char c : marker) {
        little.append({c, '\0'});
        big.append({'\0', c});
    }
    forms.push_back({"UTF-16LE", little});
    forms.push_back({"UTF-16BE", big});
    for (std::size_t before = 0; before < 3; ++before) {
        const std::string shifted = std::string(before, '.') + std::string(marker);
        // The characters that hold bits of the marker alone.
        const std::size_t first = (8 * before + 5) / 6;
        const std::size_t last = 8 * shifted.size() / 6;
        const auto within = [&](const std::string& whole) {
            return whole.substr(first, last - first);
        };
        const std::string place = std::to_string(before);
        const std::string common = within(base64(as_bytes(shifted)));
        const std::string url = within(base64url(as_bytes(shifted)));
        forms.push_back({"base64+" + place, common});
        if (url != common) forms.push_back({"base64url+" + place, url});
    }
    return forms;
}

inline std::string whole_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// "<file>: <marker>" for every marker found in any file under `folder`, in any form; also in the
// files' names.
inline std::vector<std::string> markers_in(const std::filesystem::path& folder,
                                           const std::vector<std::string>& markers) {
    std::vector<std::string> found;
    for (const auto& item : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string name = item.path().filename().string();
        const std::string text = item.is_regular_file() ? whole_file(item.path()) : "";
        for (const std::string& marker : markers) {
            const auto standing = [&](const MarkerForm& form) {
                return text.find(form.bytes) != std::string::npos ||
                       name.find(form.bytes) != std::string::npos;
            };
            if (std::ranges::any_of(forms_of(marker), standing)) {
                found.push_back(name + ": " + marker);
            }
        }
    }
    return found;
}

}  // namespace relais::test
