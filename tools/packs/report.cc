#include "tools/packs/report.h"

#include <algorithm>

namespace relais::packs {

namespace {

constexpr std::array<const char*, kEncodings> kNames = {"UTF-8", "Windows-1252", "ISO-8859-15"};

std::string file_line(const FileReport& file) {
    std::string text = file.name + ": " + std::to_string(file.used) + " lines used, " +
                       std::to_string(file.repeated) + " repeated, " +
                       std::to_string(file.broken.size()) + " broken";
    for (std::size_t i = 0; i < kEncodings; ++i) {
        if (file.encodings[i] == 0) continue;
        text += "; " + std::to_string(file.encodings[i]) + " in " + kNames[i];
    }
    return text + "\n";
}

}  // namespace

std::size_t ReadReport::broken() const {
    std::size_t count = 0;
    for (const FileReport& file : files) count += file.broken.size();
    return count;
}

std::size_t ReadReport::used(std::string_view file) const {
    const auto found = std::ranges::find(files, file, &FileReport::name);
    return found == files.end() ? 0 : found->used;
}

std::string ReadReport::text(std::size_t most) const {
    std::string text;
    for (const FileReport& file : files) text += file_line(file);
    for (const std::string& name : absent) text += name + ": NOT IN THE FOLDER\n";
    for (const std::string& name : ignored) text += name + ": ignored, no such name is read\n";
    std::size_t shown = 0;
    for (const FileReport& file : files) {
        for (const BrokenLine& broken : file.broken) {
            if (++shown > most) break;
            text += "  " + file.name + ":" + std::to_string(broken.line) + ": " + broken.why + "\n";
        }
    }
    if (broken() > most) text += "  and " + std::to_string(broken() - most) + " more\n";
    return text;
}

}  // namespace relais::packs
