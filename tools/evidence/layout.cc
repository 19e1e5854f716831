#include "tools/evidence/layout.h"

#include "core/merkle/tiles.h"

namespace relais::evidence {

std::string log_folder(wire::LogName log) {
    return log == wire::LogName::audit ? "audit" : "directory";
}

std::string notes_path(std::uint64_t number) {
    std::string digits = std::to_string(number);
    if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
    return "checkpoints/" + digits;
}

std::string record_path(std::uint64_t index, std::uint64_t size) {
    const std::uint64_t bundle = index / merkle::kTileWidth;
    const std::size_t width = merkle::tile_width(0, bundle, size);
    return merkle::entries_path(bundle, width == 0 ? merkle::kTileWidth : width);
}

std::uint64_t tile_count(unsigned level, std::uint64_t size) {
    if (level >= merkle::kTileLevels) return 0;
    const std::uint64_t hashes = size >> (merkle::kTileHeight * level);
    return (hashes + merkle::kTileWidth - 1) / merkle::kTileWidth;
}

std::string join_notes(const std::vector<std::string>& notes) {
    std::string text;
    for (const std::string& note : notes) {
        if (!text.empty()) text += "\n";
        text += note;
    }
    return text;
}

// A note has one empty line, between its text and its signatures: every second empty line divides.
std::vector<std::string> split_notes(std::string_view text) {
    std::vector<std::string> notes;
    std::size_t begin = 0;
    bool inside = false;
    for (std::size_t at = text.find("\n\n"); at != std::string_view::npos;
         at = text.find("\n\n", at + 1)) {
        if (inside) {
            notes.emplace_back(text.substr(begin, at + 1 - begin));
            begin = at + 2;
        }
        inside = !inside;
    }
    if (begin < text.size()) notes.emplace_back(text.substr(begin));
    return notes;
}

Result<std::set<std::string>> list_files(const std::filesystem::path& folder) {
    std::error_code failed;
    if (!std::filesystem::is_directory(folder, failed)) {
        return fail(ErrorCode::not_found, folder.string());
    }
    std::set<std::string> files;
    std::filesystem::recursive_directory_iterator item(folder, failed);
    for (; !failed && item != std::filesystem::recursive_directory_iterator();
         item.increment(failed)) {
        if (item->is_directory(failed) && !item->is_symlink(failed)) continue;
        files.insert(item->path().lexically_relative(folder).string());
    }
    if (failed) return fail(ErrorCode::io_failed, folder.string());
    return files;
}

}  // namespace relais::evidence
