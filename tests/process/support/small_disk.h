// small_disk.h: a file system of its own and of a size of one's choice over a folder that is
// already there with its content, which it takes over: full and read-only are then the kernel's
// word. In a mount namespace of this test program, gone with it.
#pragma once

#include <filesystem>

namespace relais::test {

// To be called before any thread is made. False where this process may not mount: the test is then
// to be skipped, saying so.
[[nodiscard]] bool may_mount();

class SmallDisk {
public:
    SmallDisk(std::filesystem::path folder, std::size_t bytes);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    void fill();  // to the last block
    void empty();
    // Requires that nothing is open for writing there.
    void set_read_only(bool read_only);

private:
    [[nodiscard]] std::filesystem::path filler() const { return folder_ / "filler"; }
    std::filesystem::path folder_;
};

}  // namespace relais::test
