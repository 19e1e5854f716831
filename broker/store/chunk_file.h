// chunk_file.h: the files of sealed chunks: where they stand, and how they are read, by whoever
// serves them and by whoever checks the store; and the folder in which the broker writes them.
#pragma once

#include <array>
#include <filesystem>
#include <functional>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace relais::broker {

// Any thread. `<folder>/ab/<digest in hex>`, ab its first two digits.
[[nodiscard]] std::filesystem::path chunk_path(const std::filesystem::path& folder,
                                               const Digest& digest);
// The chunk, checked against its name. Errors: corrupt  also where it is not there; io_failed.
Result<Bytes> read_chunk(const std::filesystem::path& folder, const Digest& digest);

// Confined to one thread.
class ChunkFolder {
public:
    // Makes the folder. Errors: those of make_private_folder and sync_folder.
    static Result<ChunkFolder> open(const std::filesystem::path& folder);

    // Durable when it returns, its name included. Errors: those of write_file: nothing under that
    // name that was not there before. storage_full  also where less than 16 MiB of the disk would
    // be left: what ends things must still commit, however many chunks are on their way here.
    Result<void> write(const Digest& digest, ByteView bytes);
    // What cannot be removed is found by the next sweep.
    void remove(const Digest& digest);
    // Tells of every chunk there is, and removes what a write that was cut short left behind.
    void sweep(const std::function<void(const Digest&)>& found);

private:
    explicit ChunkFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
    [[nodiscard]] bool has_room(std::size_t bytes) const;

    std::filesystem::path folder_;
    std::array<bool, 256> synced_{};  // the folders within it, by their first byte
};

}  // namespace relais::broker
