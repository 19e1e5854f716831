// Which chunks are durable, and whose: uploads, references, and the sums of both.
#include <gtest/gtest.h>

#include "broker/store/chunk_table.h"
#include "broker/store/schema.h"
#include "broker/store/sqlite_store.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::broker {
namespace {

class ChunkTableTest : public testing::Test {
protected:
    ChunkRecord upload(const StationId& station, std::uint32_t bytes, std::int64_t at) {
        const ChunkRecord chunk{random.make<Digest>(), bytes};
        EXPECT_TRUE(chunks.add_upload({station, chunk, {at}}).ok());
        return chunk;
    }
    void expect_usage(const StationId& station, std::uint64_t waiting, std::uint64_t kept) {
        const ChunkUsage usage = chunks.usage(station).value();
        EXPECT_EQ(usage.waiting, waiting);
        EXPECT_EQ(usage.kept, kept);
    }

    test::TestFolder folder;
    test::SeededRandom random{3};
    std::unique_ptr<SqliteStore> store = SqliteStore::open(folder.file("domain.db"), {}).value();
    ChunkRecords& chunks = store->chunks();
    StationId one = random.make<StationId>();
    StationId two = random.make<StationId>();
};

TEST_F(ChunkTableTest, AnUploadIsItsStationsAlone) {
    const ChunkRecord chunk = upload(one, 100, 5);
    EXPECT_EQ(chunks.bytes_of(one, chunk.digest).value(), 100U);
    EXPECT_FALSE(chunks.bytes_of(two, chunk.digest).value());
    EXPECT_TRUE(chunks.wanted(chunk.digest).value());
    EXPECT_FALSE(chunks.wanted(random.make<Digest>()).value());
    expect_usage(one, 100, 0);
    expect_usage(two, 0, 0);
}

TEST_F(ChunkTableTest, AReferenceTakesThePlaceOfTheUpload) {
    const std::vector<ChunkRecord> both = {upload(one, 100, 5), upload(one, 50, 6)};
    ASSERT_TRUE(chunks.reference(7, one, both).ok());
    expect_usage(one, 0, 150);
    EXPECT_TRUE(chunks.oldest_uploads(10).value().empty());
    EXPECT_TRUE(chunks.references(7, both[1].digest).value());
    EXPECT_FALSE(chunks.references(8, both[1].digest).value());
    EXPECT_EQ(chunks.bytes_of(one, both[0].digest).value(), 100U);
    const auto ended = chunks.unreference(7).value();
    EXPECT_EQ(ended, (std::vector{both[0].digest, both[1].digest})) << "in order";
    expect_usage(one, 0, 0);
    EXPECT_FALSE(chunks.wanted(both[0].digest).value());
    EXPECT_TRUE(chunks.unreference(7).value().empty());
}

TEST_F(ChunkTableTest, AChunkOfTwoEnvelopesIsWantedUntilBothEnd) {
    const std::vector<ChunkRecord> chunk = {upload(one, 100, 5)};
    ASSERT_TRUE(chunks.reference(7, one, chunk).ok());
    ASSERT_TRUE(chunks.reference(8, one, chunk).ok());
    expect_usage(one, 0, 200);
    ASSERT_TRUE(chunks.unreference(7).ok());
    EXPECT_TRUE(chunks.wanted(chunk[0].digest).value());
    ASSERT_TRUE(chunks.unreference(8).ok());
    EXPECT_FALSE(chunks.wanted(chunk[0].digest).value());
}

TEST_F(ChunkTableTest, TheOldestUploadsComeFirst) {
    const ChunkRecord late = upload(one, 1, 30);
    const ChunkRecord early = upload(two, 2, 10);
    const ChunkRecord middle = upload(one, 3, 20);
    const auto oldest = chunks.oldest_uploads(2).value();
    ASSERT_EQ(oldest.size(), 2U);
    EXPECT_EQ(oldest[0].chunk.digest, early.digest);
    EXPECT_EQ(oldest[0].station, two);
    EXPECT_EQ(oldest[1].chunk.digest, middle.digest);
    ASSERT_TRUE(chunks.remove_upload(one, late.digest).ok());
    ASSERT_TRUE(chunks.remove_upload(one, late.digest).ok()) << "again changes nothing";
    expect_usage(one, 3, 0);
}

TEST_F(ChunkTableTest, ARollbackUndoesTheSumsToo) {
    upload(one, 100, 5);
    ASSERT_TRUE(store->begin().ok());
    upload(one, 50, 6);
    store->rollback();
    expect_usage(one, 100, 0);
}

TEST_F(ChunkTableTest, AStoreOfTheFirstVersionIsTakenForward) {
    const std::string path = folder.file("old.db");
    {
        auto database = Database::open(path, {Database::Mode::create, ""}).value();
        auto first = store_migrations();
        first.resize(1);
        ASSERT_TRUE(migrate(database, path, first).ok());
        ASSERT_TRUE(database.execute("INSERT INTO value (name, bytes) VALUES ('x', x'07')").ok());
    }
    const auto opened = SqliteStore::open(path, {}).value();
    EXPECT_EQ(opened->value("x").value(), Bytes{7});
    EXPECT_TRUE(opened->chunks().add_upload({one, {random.make<Digest>(), 1}, {1}}).ok());
    EXPECT_TRUE(std::filesystem::exists(path + ".v1"));
}

}  // namespace
}  // namespace relais::broker
