// chunk_shelf.h: sealed chunks of attachments in a station's folder: one file a message, each chunk
// at a place of its own, complete or in part. What stands there is what the broker has too:
// ciphertext, whose key only the sealed content gives. Whether a chunk is here is known by its
// digest alone: no row says so, and nothing has to be repaired after a crash.
//
// Any thread; two writers of one message put the same bytes in the same place.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace relais::station {

class ChunkShelf {
public:
    explicit ChunkShelf(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // Writes a chunk into its place; durable after sync(). Makes folder and file where needed.
    // Errors: storage_full, io_failed, wrong_permissions.
    Result<void> write(const MessageId& message, std::uint32_t index, ByteView chunk);
    Result<void> sync(const MessageId& message);
    // A chunk of that size. Errors: not_found  not all of it is there; io_failed.
    Result<Bytes> read(const MessageId& message, std::uint32_t index, std::size_t size) const;
    // The places, rising, of the chunks that are not here as their digests say. Reads them all.
    // Requires as many sizes as digests.
    [[nodiscard]] std::vector<std::uint32_t> missing(const MessageId& message,
                                                     std::span<const Digest> digests,
                                                     std::span<const std::uint32_t> sizes) const;

    void remove(const MessageId& message);
    // Files that have not changed since `age` ago.
    [[nodiscard]] std::vector<MessageId> older_than(std::chrono::seconds age) const;

private:
    [[nodiscard]] std::filesystem::path file(const MessageId& message) const;
    std::filesystem::path folder_;
};

}  // namespace relais::station
