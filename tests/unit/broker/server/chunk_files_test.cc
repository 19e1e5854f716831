// Chunks as files: told of when they are whole and in their place, read as their name says or not
// at all, removed in order, and swept.
#include "broker/server/chunk_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "broker/store/chunk_file.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::broker {
namespace {

class ChunkFilesTest : public testing::Test {
protected:
    void start() {
        files = ChunkFiles::start(
                    path(),
                    [this](Input input) {
                        const std::lock_guard lock(mutex);
                        told.push_back(std::move(input));
                        changed.notify_all();
                    },
                    [this](SendFrame frame) {
                        const bool read = std::holds_alternative<wire::Chunk>(frame.frame.body);
                        std::unique_lock held(gate, std::defer_lock);
                        if (read) held.lock();
                        const std::lock_guard lock(mutex);
                        sent.push_back(std::move(frame));
                        changed.notify_all();
                    })
                    .value();
    }
    [[nodiscard]] std::filesystem::path path() const { return folder.path() / "chunks"; }
    Bytes store(std::uint64_t number = 1) {
        Bytes bytes = random.bytes(5000);
        files->put(StoreChunk{2, station, number, sha256(bytes), bytes});
        return bytes;
    }
    template <typename List>
    void wait_for(const List& list, std::size_t count) {
        std::unique_lock lock(mutex);
        ASSERT_TRUE(
            changed.wait_for(lock, std::chrono::minutes(1), [&] { return list.size() >= count; }));
    }
    wire::Body ask(const Digest& digest) {
        const std::size_t before = sent.size();
        files->put(SendChunk{2, 9, digest});
        wait_for(sent, before + 1);
        return sent.back().frame.body;
    }
    [[nodiscard]] ErrorCode outcome(std::size_t i) const {
        return std::get<ChunkStored>(told.at(i).request).code;
    }

    test::TestFolder folder;
    test::SeededRandom random{5};
    StationId station = random.make<StationId>();
    // How many answers of that kind went to the session.
    template <typename Body>
    std::size_t count(SessionId session) {
        const std::lock_guard lock(mutex);
        return static_cast<std::size_t>(std::ranges::count_if(sent, [&](const SendFrame& each) {
            return each.session == session && std::holds_alternative<Body>(each.frame.body);
        }));
    }

    std::mutex gate;  // while a test holds it no chunk that was read goes out
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Input> told;
    std::vector<SendFrame> sent;
    std::unique_ptr<ChunkFiles> files;
};

TEST_F(ChunkFilesTest, ASessionThatAsksForTooMuchAtOnceIsBusyAndTakesTheTurnOfNobody) {
    start();
    const Digest digest = sha256(store());
    wait_for(told, 1);
    std::unique_lock held(gate);
    for (std::uint64_t number = 1; number <= 100; ++number) {
        files->put(SendChunk{2, number, digest});
    }
    const std::size_t refused = count<wire::Refusal>(2);
    EXPECT_GE(refused, 100 - limits::kChunkReadsWaitingMax - 1);  // one may be read already
    EXPECT_EQ(std::get<wire::Refusal>(sent.at(0).frame.body).code, ErrorCode::busy);
    files->put(SendChunk{4, 1, digest});
    held.unlock();
    wait_for(sent, 101);
    EXPECT_EQ(count<wire::Chunk>(2), 100 - refused);
    const auto other = std::ranges::find(sent, SessionId{4}, &SendFrame::session);
    ASSERT_NE(other, sent.end());
    EXPECT_LE(other - sent.begin() - static_cast<std::ptrdiff_t>(refused), 2) << "in its turn";
}

TEST_F(ChunkFilesTest, NothingIsReadForASessionThatIsOver) {
    start();
    const Digest digest = sha256(store());
    wait_for(told, 1);
    std::unique_lock held(gate);
    for (std::uint64_t number = 1; number <= limits::kChunkReadsWaitingMax; ++number) {
        files->put(SendChunk{2, number, digest});
    }
    files->forget(2);
    files->put(SendChunk{4, 1, digest});
    files->put(SendChunk{2, 9, digest});  // begun anew: after all that was forgotten
    held.unlock();
    {
        const auto is_sent = [&](SessionId session, std::uint64_t number) {
            return std::ranges::any_of(sent, [&](const SendFrame& each) {
                return each.session == session && each.frame.number == number;
            });
        };
        std::unique_lock lock(mutex);
        ASSERT_TRUE(changed.wait_for(lock, std::chrono::minutes(1),
                                     [&] { return is_sent(4, 1) && is_sent(2, 9); }));
    }
    EXPECT_LE(count<wire::Chunk>(2), 2U) << "what was under way, and this";
}

TEST_F(ChunkFilesTest, AChunkIsToldOfOnceItsFileIsThere) {
    start();
    const Bytes bytes = store(7);
    wait_for(told, 1);
    EXPECT_EQ(outcome(0), ErrorCode::ok);
    EXPECT_EQ(told[0].number, 7U);
    EXPECT_EQ(told[0].session, 2U);
    EXPECT_EQ(told[0].station, station);
    EXPECT_EQ(read_chunk(path(), sha256(bytes)).value(), bytes);
    const auto body = ask(sha256(bytes));
    EXPECT_EQ(std::get<wire::Chunk>(body).bytes, bytes);
}

TEST_F(ChunkFilesTest, WhatIsAlteredOrGoneIsNeverSent) {
    start();
    const Bytes bytes = store();
    wait_for(told, 1);
    {
        std::fstream file(chunk_path(path(), sha256(bytes)),
                          std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(100);
        file.put(static_cast<char>(bytes[100] ^ 1));
    }
    EXPECT_EQ(std::get<wire::Refusal>(ask(sha256(bytes))).code, ErrorCode::corrupt);
    EXPECT_EQ(std::get<wire::Refusal>(ask(random.make<Digest>())).code, ErrorCode::corrupt);
}

TEST_F(ChunkFilesTest, OrdersAreCarriedOutInTheirOrder) {
    start();
    const Bytes bytes = store();
    files->put(RemoveChunks{{sha256(bytes)}});
    files->put(StoreChunk{2, station, 2, sha256(bytes), bytes});
    store(3);
    wait_for(told, 3);
    EXPECT_EQ(read_chunk(path(), sha256(bytes)).value(), bytes) << "written again after it went";
    files->put(RemoveChunks{{sha256(bytes)}});
    store(4);
    wait_for(told, 4);
    EXPECT_FALSE(read_chunk(path(), sha256(bytes)).ok());
}

TEST_F(ChunkFilesTest, AWriteThatFailsIsSaidAsSuch) {
    start();
    std::filesystem::remove_all(path());
    std::ofstream(path()) << "in the way";
    store();
    wait_for(told, 1);
    EXPECT_NE(outcome(0), ErrorCode::ok);
}

TEST_F(ChunkFilesTest, TheSweepTellsOfEveryChunkAndRemovesWhatIsNone) {
    start();
    const Bytes one = store();
    const Bytes two = store(2);
    wait_for(told, 2);
    const auto half = chunk_path(path(), sha256(one)).string() + ".new";
    std::ofstream(half) << "of a write that was cut short";
    files->start_sweep();
    wait_for(told, 3);
    auto found = std::get<ChunksFound>(told[2].request).digests;
    std::ranges::sort(found);
    std::vector<Digest> both = {sha256(one), sha256(two)};
    std::ranges::sort(both);
    EXPECT_EQ(found, both);
    EXPECT_FALSE(std::filesystem::exists(half));
}

TEST_F(ChunkFilesTest, WhatWasHandedOverIsWrittenBeforeTheEnd) {
    start();
    std::vector<Bytes> all;
    for (std::uint64_t i = 0; i < 20; ++i) all.push_back(store(i));
    files.reset();
    for (const Bytes& bytes : all) EXPECT_TRUE(read_chunk(path(), sha256(bytes)).ok());
}

}  // namespace
}  // namespace relais::broker
