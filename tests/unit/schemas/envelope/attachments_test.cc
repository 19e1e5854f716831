// The list of attached files, how they are cut, and the chunks that a header signs for.
#include "schemas/envelope/attachments.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/base/limits.h"
#include "tests/support/envelopes.h"
#include "tests/support/printers.h"
#include "tests/unit/schemas/envelope/raw.h"

namespace relais {
namespace {

AttachedFile file(std::uint64_t bytes, const std::string& name = "courrier.pdf") {
    Digest digest;
    digest.bytes.fill(7);
    return {name, "application/pdf", bytes, digest};
}

ErrorCode verdict(const std::vector<AttachedFile>& files) {
    return parse_files(encode_files(files)).code();
}

TEST(AttachedFiles, TheyComeBackAsTheyWereWritten) {
    const std::vector<AttachedFile> files = {file(5), file(300'000, "échographie.png")};
    const auto parsed = parse_files(encode_files(files));
    ASSERT_TRUE(parsed.ok());
    ASSERT_EQ(parsed->size(), 2U);
    EXPECT_EQ((*parsed)[1].name, files[1].name);
    EXPECT_EQ((*parsed)[1].media, files[1].media);
    EXPECT_EQ((*parsed)[1].bytes, files[1].bytes);
    EXPECT_EQ((*parsed)[1].digest, files[1].digest);
}

TEST(AttachedFiles, ANameIsNeverAPath) {
    for (const char* name : {"", ".", "..", ".profile", "/etc/passwd", "a/b", "a\\b", "a\nb"}) {
        EXPECT_EQ(verdict({file(5, name)}), ErrorCode::invalid_field) << name;
    }
    EXPECT_EQ(verdict({file(5, "lettre du 3.11.pdf")}), ErrorCode::ok);
}

TEST(AttachedFiles, AMediaTypeIsTwoWords) {
    for (const char* media : {"", "pdf", "/pdf", "application/", "a/b/c", "A/b", "a b/c"}) {
        EXPECT_FALSE(is_media_type(media)) << media;
    }
    EXPECT_TRUE(is_media_type("application/vnd.ms-excel+xml"));
}

TEST(AttachedFiles, NoneTooManyAndEmptyOnesAreRefused) {
    EXPECT_EQ(verdict({}), ErrorCode::invalid_field);
    EXPECT_EQ(verdict({file(0)}), ErrorCode::invalid_field);
    EXPECT_EQ(verdict(std::vector(limits::kAttachedFilesMax, file(1))), ErrorCode::ok);
    EXPECT_EQ(verdict(std::vector(limits::kAttachedFilesMax + 1, file(1))),
              ErrorCode::invalid_field);
}

TEST(AttachedFiles, MoreChunksThanAnEnvelopeHasAreRefused) {
    const std::uint64_t most = limits::kChunksPerEnvelopeMax * limits::kChunkBytes;
    EXPECT_EQ(verdict({file(most)}), ErrorCode::ok);
    EXPECT_EQ(verdict({file(most), file(1)}), ErrorCode::invalid_field);
    EXPECT_EQ(verdict({file(UINT64_MAX)}), ErrorCode::invalid_field);
}

TEST(AttachedFiles, ACutListIsAnError) {
    const Bytes whole = encode_files(std::vector{file(5)});
    for (std::size_t size = 0; size + 8 < whole.size(); ++size) {
        EXPECT_FALSE(parse_files(ByteView(whole).first(size)).ok()) << size;
    }
}

TEST(ChunkPlaces, FilesAreCutOneAfterTheOther) {
    const std::vector<AttachedFile> files = {file(limits::kChunkBytes + 1), file(10)};
    const auto places = chunk_places(files);
    ASSERT_EQ(places.size(), 3U);
    EXPECT_EQ(places[0].bytes, limits::kChunkBytes);
    EXPECT_EQ(places[1].offset, limits::kChunkBytes);
    EXPECT_EQ(places[1].bytes, 1U);
    EXPECT_EQ(places[2].file, 1U);
    EXPECT_EQ(places[2].offset, 0U);
}

TEST(ChunkPlaces, SizesArePowersOfTwoFromFourKibibytes) {
    const std::size_t least = limits::kChunkPaddedBytesMin;
    EXPECT_EQ(padded_chunk_bytes(1), least);
    EXPECT_EQ(padded_chunk_bytes(least), least);
    EXPECT_EQ(padded_chunk_bytes(least + 1), 2 * least);
    EXPECT_EQ(padded_chunk_bytes(limits::kChunkBytes), limits::kChunkBytes);
    const auto places = chunk_places(std::vector{file(limits::kChunkBytes + 1)});
    EXPECT_EQ(padded_bytes(places), limits::kChunkBytes + least);
    EXPECT_EQ(padded_bytes({2, limits::kChunkBytes + least + 32, {}}), padded_bytes(places));
}

class SignedChunks : public testing::Test {
protected:
    SignedChunks() {
        for (std::uint8_t i = 0; i < 5; ++i) chunks[i].bytes.fill(i);
        summary = ChunkSummary{5, 100, chunks_root(chunks)};
    }
    std::vector<Digest> chunks{5};
    std::optional<ChunkSummary> summary;
};

TEST_F(SignedChunks, ThoseOfTheHeaderPass) {
    EXPECT_TRUE(check_chunks(summary, chunks).ok());
    EXPECT_TRUE(check_chunks(std::nullopt, {}).ok());
}

TEST_F(SignedChunks, ExchangedCutLongerOrAlteredOnesDoNot) {
    const auto changed = [&](const std::function<void(std::vector<Digest>&)>& change) {
        auto other = chunks;
        change(other);
        return check_chunks(summary, other).code();
    };
    EXPECT_EQ(changed([](auto& list) { std::swap(list[0], list[4]); }),
              ErrorCode::attachment_invalid);
    EXPECT_EQ(changed([](auto& list) { list.pop_back(); }), ErrorCode::attachment_invalid);
    EXPECT_EQ(changed([](auto& list) { list.push_back(list[0]); }), ErrorCode::attachment_invalid);
    EXPECT_EQ(changed([](auto& list) { list[2].bytes[9] ^= 1; }), ErrorCode::attachment_invalid);
    EXPECT_EQ(changed([](auto& list) { list.clear(); }), ErrorCode::attachment_invalid);
    EXPECT_EQ(check_chunks(std::nullopt, chunks).code(), ErrorCode::attachment_invalid);
}

TEST(HeaderOfChunks, ItsCountAndBytesAreWithinBounds) {
    test::SeededRandom random{1};
    const auto verdict_of = [&](std::uint32_t count, std::uint64_t bytes) {
        Header header = test::full_header(random);
        header.chunks = ChunkSummary{count, bytes, {}};
        return parse_header(encode_header(header)).code();
    };
    EXPECT_EQ(verdict_of(1, 1), ErrorCode::ok);
    EXPECT_EQ(verdict_of(0, 1), ErrorCode::invalid_field);
    EXPECT_EQ(verdict_of(1, 0), ErrorCode::invalid_field);
    EXPECT_EQ(verdict_of(1, limits::kChunkSealedBytesMax + 1), ErrorCode::invalid_field);
    EXPECT_EQ(verdict_of(limits::kChunksPerEnvelopeMax + 1, 1), ErrorCode::invalid_field);
    EXPECT_EQ(verdict_of(UINT32_MAX, UINT64_MAX), ErrorCode::invalid_field);
}

}  // namespace
}  // namespace relais
