// folder.h: a copy of schemas/kinds for one test, to be altered and compiled; removed with the
// test.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "core/base/check.h"

namespace relais::compiler {

inline std::string read_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    RELAIS_CHECK(stream.good());
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

class KindsFolder {
public:
    explicit KindsFolder(std::string kind = "admission") : kind_(std::move(kind)) {
        static std::atomic<int> count = 0;
        root_ = std::filesystem::temp_directory_path() /
                ("relais-kinds-" + std::to_string(getpid()) + "-" + std::to_string(count++));
        std::filesystem::copy(RELAIS_SOURCE_DIR "/schemas/kinds", root_,
                              std::filesystem::copy_options::recursive);
    }
    ~KindsFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    KindsFolder(const KindsFolder&) = delete;
    KindsFolder& operator=(const KindsFolder&) = delete;

    [[nodiscard]] std::filesystem::path kind() const { return root_ / kind_; }
    [[nodiscard]] const std::filesystem::path& root() const { return root_; }

    void write(const std::string& file, const std::string& text) const {
        std::ofstream stream(kind() / file, std::ios::binary);
        stream << text;
        RELAIS_CHECK(stream.good());
    }
    // Replaces the first `from` of a file, and says where. Requires one.
    std::size_t replace(const std::string& file, const std::string& from,
                        const std::string& to) const {
        std::string text = read_file(kind() / file);
        const std::size_t at = text.find(from);
        RELAIS_CHECK(at != std::string::npos);
        write(file, text.replace(at, from.size(), to));
        return at;
    }

    // The last one, where there is any.
    void replace_last(const std::string& file, const std::string& from,
                      const std::string& to) const {
        std::string text = read_file(kind() / file);
        const std::size_t at = text.rfind(from);
        if (at != std::string::npos) write(file, text.replace(at, from.size(), to));
    }

private:
    std::string kind_;
    std::filesystem::path root_;
};

}  // namespace relais::compiler
