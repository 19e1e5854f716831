#include "tools/backup/parts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "core/files/file_error.h"
#include "core/files/files.h"
#include "core/files/lock.h"

namespace relais::backup {

namespace {

struct WatchedParts {
    std::mutex mutex;
    std::multiset<std::filesystem::path> paths;
};

// Never destroyed: a signal may come while the process ends.
WatchedParts& watched_parts() {
    static auto* const parts = new WatchedParts;
    return *parts;
}

bool is_ignored(int signal) {
    struct sigaction action {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// The mutex stays held: nothing gets its name any more while what it consists of is removed.
[[noreturn]] void end_by_signal(const sigset_t& signals) {
    int number = 0;
    while (::sigwait(&signals, &number) != 0) {
    }
    WatchedParts& parts = watched_parts();
    parts.mutex.lock();
    std::error_code ignored;
    for (const auto& path : parts.paths) std::filesystem::remove_all(path, ignored);
    ::signal(number, SIG_DFL);
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    ::kill(::getpid(), number);
    for (;;) ::pause();
}

Result<void> empty_folder(const std::filesystem::path& path) {
    std::error_code failed;
    for (std::filesystem::directory_iterator at(path, failed), end; !failed && at != end;
         at.increment(failed)) {
        std::filesystem::remove_all(at->path(), failed);
        if (failed) break;
    }
    if (failed) return fail(ErrorCode::io_failed, path.string() + ": " + failed.message());
    return {};
}

}  // namespace

void remove_parts_on_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        if (!is_ignored(signal)) sigaddset(&signals, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread([signals] { end_by_signal(signals); }).detach();
}

WatchedPart::WatchedPart(std::filesystem::path path) : path_(std::move(path)) {
    WatchedParts& parts = watched_parts();
    const std::scoped_lock lock(parts.mutex);
    parts.paths.insert(path_);
}

WatchedPart::WatchedPart(WatchedPart&& other) noexcept : path_(std::exchange(other.path_, {})) {}

void WatchedPart::release() {
    if (path_.empty()) return;
    WatchedParts& parts = watched_parts();
    const std::scoped_lock lock(parts.mutex);
    const auto found = parts.paths.find(path_);
    if (found != parts.paths.end()) parts.paths.erase(found);
    path_.clear();
}

PartFolder::PartFolder(std::filesystem::path path, int fd)
    : path_(std::move(path)), fd_(fd), watched_(path_) {}

PartFolder::PartFolder(PartFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      fd_(std::exchange(other.fd_, -1)),
      watched_(std::move(other.watched_)) {}

Result<PartFolder> PartFolder::take(const std::filesystem::path& path) {
    for (;;) {
        RELAIS_TRY(make_private_folder(path));
        const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT) continue;  // its holder removed it just now
        if (fd < 0) return file_error(errno, path);
        const auto held = lock_opened(fd, path, Wait::no);
        if (!held.ok() || !*held) ::close(fd);
        if (!held.ok()) return held.error();
        if (!*held) continue;
        PartFolder folder(path, fd);
        RELAIS_TRY(empty_folder(path));
        return folder;
    }
}

PartFolder::~PartFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    watched_.release();
    if (fd_ >= 0) ::close(fd_);
}

Result<void> PartFolder::give_name(const std::filesystem::path& name) {
    watched_.release();
    std::error_code failed;
    std::filesystem::remove(name, failed);  // an empty folder
    std::filesystem::rename(path_, name, failed);
    if (failed) return fail(ErrorCode::io_failed, name.string() + ": " + failed.message());
    path_.clear();
    return {};
}

}  // namespace relais::backup
