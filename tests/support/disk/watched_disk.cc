#include "tests/support/disk/watched_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>

namespace relais::test {

namespace {

WatchedDisk* active_disk = nullptr;

bool recorded(const std::string& name) { return !name.ends_with("-shm"); }

std::filesystem::path new_folder() {
    static std::atomic<int> count = 0;
    const std::filesystem::path memory = "/dev/shm";
    std::error_code failed;
    const auto parent = std::filesystem::is_directory(memory, failed)
                            ? memory
                            : std::filesystem::temp_directory_path();
    const auto folder =
        parent / ("relais-disk-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directory(folder);
    return std::filesystem::canonical(folder);
}

void write_whole(const std::filesystem::path& path, const Bytes& bytes) {
    const mode_t before = ::umask(077);  // folders of this user alone, as programs make theirs
    std::filesystem::create_directories(path.parent_path());
    ::umask(before);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    RELAIS_CHECK(fd >= 0);
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t put = ::write(fd, bytes.data() + at, bytes.size() - at);
        RELAIS_CHECK(put > 0);
        at += static_cast<std::size_t>(put);
    }
    ::close(fd);
}

}  // namespace

WatchedDisk* WatchedDisk::active() { return active_disk; }

WatchedDisk::WatchedDisk() : folder_(new_folder()), prefix_(folder_.string() + "/") {
    RELAIS_CHECK(active_disk == nullptr);
    active_disk = this;
}

WatchedDisk::~WatchedDisk() {
    active_disk = nullptr;
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void WatchedDisk::hold(const Files& files) {
    RELAIS_CHECK(open_.empty());
    active_disk = nullptr;  // what the test itself does is not watched
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        std::filesystem::remove_all(entry.path());
    }
    names_.clear();
    sizes_.clear();
    for (const auto& [name, bytes] : files) {
        write_whole(folder_ / name, bytes);
        names_[name] = static_cast<int>(sizes_.size());
        sizes_.push_back(bytes.size());
    }
    before_ = files;
    changes_.clear();
    calls_ = 0;
    fail_in_ = 0;
    fired_ = dead_ = false;
    failed_.clear();
    active_disk = this;
}

Files WatchedDisk::held() const {
    Files files;
    active_disk = nullptr;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        files[entry.path().string().substr(prefix_.size())] =
            Bytes(std::istreambuf_iterator<char>(in), {});
    }
    active_disk = const_cast<WatchedDisk*>(this);
    return files;
}

DiskImage WatchedDisk::image() const {
    DiskImage image(before_);
    for (const DiskChange& change : changes_) image.apply(change);
    return image;
}

void WatchedDisk::fail_call(std::uint64_t n, int error) {
    fail_in_ = n;
    error_ = error;
    fired_ = false;
}

void WatchedDisk::fail_next(const std::string& what, int error) {
    fail_what_ = what;
    error_ = error;
    fired_ = false;
}

std::optional<std::string> WatchedDisk::name_of(const char* path) const {
    const std::string_view view = path == nullptr ? "" : path;
    if (view == folder_.native()) return "";
    if (!view.starts_with(prefix_)) return std::nullopt;
    return std::string(view.substr(prefix_.size()));
}

WatchedDisk::Open* WatchedDisk::find(int descriptor) {
    const auto found = open_.find(descriptor);
    return found == open_.end() ? nullptr : &found->second;
}

int WatchedDisk::call(const char* what, const std::string& name) {
    if (dead_) return EIO;
    ++calls_;
    const bool named = !fail_what_.empty() && fail_what_ == what;
    if (!named && (fail_in_ == 0 || --fail_in_ != 0)) return 0;
    fail_what_.clear();
    fired_ = true;
    failed_ = std::string(what) + " " + name;
    return error_;
}

void WatchedDisk::record(DiskChange change) { changes_.push_back(std::move(change)); }

void WatchedDisk::opened(int descriptor, const std::string& name, int flags) {
    if ((flags & O_DIRECTORY) != 0 || name.empty()) {
        open_[descriptor] = {name, -1};
        return;
    }
    const auto known = names_.find(name);
    if (known == names_.end()) {
        const int file = static_cast<int>(sizes_.size());
        sizes_.push_back(0);
        names_[name] = file;
        record({.kind = DiskChange::Kind::create, .file = file, .name = name});
    }
    open_[descriptor] = {name, names_[name]};
    if ((flags & O_TRUNC) != 0 && known != names_.end()) resized(open_[descriptor], 0);
}

void WatchedDisk::wrote(const Open& open, std::uint64_t offset, ByteView bytes) {
    auto& size = sizes_.at(static_cast<std::size_t>(open.file));
    size = std::max<std::uint64_t>(size, offset + bytes.size());
    if (!recorded(open.name)) return;
    record({.kind = DiskChange::Kind::write,
            .file = open.file,
            .offset = offset,
            .bytes = to_bytes(bytes)});
}

void WatchedDisk::resized(const Open& open, std::uint64_t size) {
    sizes_.at(static_cast<std::size_t>(open.file)) = size;
    if (!recorded(open.name)) return;
    record({.kind = DiskChange::Kind::resize, .file = open.file, .offset = size});
}

void WatchedDisk::synced(const Open& open, bool well) {
    using Kind = DiskChange::Kind;
    if (open.file < 0) {
        if (well) record({.kind = Kind::sync_folder, .name = open.name});
        return;
    }
    record({.kind = well ? Kind::sync : Kind::sync_failed, .file = open.file});
}

void WatchedDisk::unlinked(const std::string& name) {
    names_.erase(name);
    record({.kind = DiskChange::Kind::unlink, .name = name});
}

void WatchedDisk::renamed(const std::string& from, const std::string& to) {
    names_[to] = names_.at(from);
    names_.erase(from);
    record({.kind = DiskChange::Kind::rename, .name = from, .to = to});
}

void WatchedDisk::made_folder(const std::string& name) {
    record({.kind = DiskChange::Kind::make_folder, .name = name});
}

std::uint64_t WatchedDisk::room_left() const {
    std::uint64_t used = 0;
    for (const auto& [name, file] : names_) used += sizes_.at(static_cast<std::size_t>(file));
    return used >= room_ ? 0 : room_ - used;
}

bool WatchedDisk::has_room(const Open& open, std::uint64_t end) const {
    if (room_ == 0 || open.file < 0) return true;
    const std::uint64_t size = sizes_.at(static_cast<std::size_t>(open.file));
    return end <= size || end - size <= room_left();
}

}  // namespace relais::test
