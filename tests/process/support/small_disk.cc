#include "tests/process/support/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "core/base/check.h"

namespace relais::test {

bool may_mount() {
    static const bool may = ::unshare(CLONE_NEWNS) == 0 &&
                            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    return may;
}

SmallDisk::SmallDisk(std::filesystem::path folder, std::size_t bytes) : folder_(std::move(folder)) {
    using std::filesystem::copy_options;
    const std::filesystem::path before = folder_.string() + ".before";
    const auto mode = std::filesystem::status(folder_).permissions();
    std::filesystem::rename(folder_, before);
    std::filesystem::create_directory(folder_);
    const std::string options = "size=" + std::to_string(bytes) + ",mode=0700";
    RELAIS_CHECK(::mount("tmpfs", folder_.c_str(), "tmpfs", 0, options.c_str()) == 0);
    std::filesystem::permissions(folder_, mode);
    for (const auto& item : std::filesystem::directory_iterator(before)) {
        if (item.is_socket()) continue;
        std::filesystem::copy(item, folder_ / item.path().filename(), copy_options::recursive);
        std::filesystem::permissions(folder_ / item.path().filename(), item.status().permissions());
    }
    std::filesystem::remove_all(before);
}

SmallDisk::~SmallDisk() { ::umount2(folder_.c_str(), MNT_DETACH); }

void SmallDisk::fill() {
    const int file = ::open(filler().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    RELAIS_CHECK(file >= 0);
    for (std::size_t bytes = 1U << 20; bytes >= 512;) {
        const std::vector<char> block(bytes, 'x');
        if (::write(file, block.data(), bytes) < 0) bytes /= 2;
    }
    ::close(file);
}

void SmallDisk::empty() { std::filesystem::remove(filler()); }

void SmallDisk::set_read_only(bool read_only) {
    unsigned long flags = MS_REMOUNT;
    if (read_only) flags |= MS_RDONLY;
    RELAIS_CHECK(::mount("none", folder_.c_str(), nullptr, flags, nullptr) == 0);
}

}  // namespace relais::test
