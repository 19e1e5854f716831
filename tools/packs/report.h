// report.h: what was read of the files of a pack, and what was not: by file and line, for whoever
// decides whether to publish. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace relais::packs {

enum class Encoding : std::uint8_t { utf8, windows_1252, iso_8859_15 };
inline constexpr std::size_t kEncodings = 3;

// A line that could not be used.
struct BrokenLine {
    std::size_t line = 0;  // from 1
    std::string why;
};

struct FileReport {
    std::string name;
    std::size_t used = 0;                             // lines
    std::size_t repeated = 0;                         // the same as one before, passed over
    std::array<std::size_t, kEncodings> encodings{};  // lines that are not ASCII, by Encoding
    std::vector<BrokenLine> broken{};

    void refuse(std::size_t line, std::string why) { broken.push_back({line, std::move(why)}); }
};

struct ReadReport {
    std::vector<FileReport> files;
    std::vector<std::string> absent{};   // published with the others, and not in the folder
    std::vector<std::string> ignored{};  // in the folder, and of no name that is read

    [[nodiscard]] std::size_t broken() const;
    // Lines of that file that are used; 0 where it is absent.
    [[nodiscard]] std::size_t used(std::string_view file) const;
    // One line a file, then one for each broken line, `most` of them at most.
    [[nodiscard]] std::string text(std::size_t most) const;
};

}  // namespace relais::packs
