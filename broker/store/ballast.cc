#include "broker/store/ballast.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace relais::broker {

namespace {

constexpr off_t kBallastBytes = 16 << 20;

// Whole: with all of its blocks, as posix_fallocate made it.
bool left_by_a_former_run(const std::string& path) {
    struct stat status {};
    constexpr blkcnt_t kBlocks = kBallastBytes / 512;
    return ::stat(path.c_str(), &status) == 0 && status.st_size == kBallastBytes &&
           status.st_blocks >= kBlocks;
}

}  // namespace

void Ballast::release() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
    held_ = false;
}

void Ballast::restore() {
    if (path_.empty() || held_) return;
    std::error_code failed;
    held_ = left_by_a_former_run(path_);
    if (held_) return;
    const auto parent = std::filesystem::path(path_).parent_path();
    const auto space = std::filesystem::space(parent, failed);
    if (failed || space.available < 2 * static_cast<std::uintmax_t>(kBallastBytes)) return;
    const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return;
    held_ = ::posix_fallocate(file, 0, kBallastBytes) == 0;
    ::close(file);
    if (!held_) std::filesystem::remove(path_, failed);
}

}  // namespace relais::broker
