// shared_directory.h: the directory as the engine writes it and worker threads read it: they look
// up the key that a signature should verify with while the engine goes on. The engine alone writes,
// rarely.
#pragma once

#include <mutex>
#include <shared_mutex>

#include "schemas/directory/state.h"

namespace relais::broker {

class SharedDirectory {
public:
    explicit SharedDirectory(directory::DirectoryState state) : state_(std::move(state)) {}

    // From any thread: runs `read` on the state under a shared lock and returns what it returns,
    // which may not point into the state.
    template <typename Read>
    auto read(Read read) const {
        const std::shared_lock lock(mutex_);
        return read(state_);
    }

    // From the engine's thread, which is the only one that changes the state: no lock needed.
    [[nodiscard]] const directory::DirectoryState& mine() const { return state_; }
    void replace(directory::DirectoryState state) {
        const std::unique_lock lock(mutex_);
        state_ = std::move(state);
    }

private:
    mutable std::shared_mutex mutex_;
    directory::DirectoryState state_;
};

}  // namespace relais::broker
