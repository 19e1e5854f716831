// Chunks of attachments: rows, sums and files of a store that an engine left are clean, and what
// goes wrong with them is found.
#include <gtest/gtest.h>

#include "broker/store/chunk_file.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"
#include "schemas/envelope/attachments.h"
#include "tests/support/folder.h"
#include "tests/unit/tools/fsck/fixture.h"

namespace relais::fsck {
namespace {

class Chunks : public testing::Test {
protected:
    Chunks() {
        using broker::AdmissionCase;
        std::vector<Digest> digests;
        for (int i = 0; i < 3; ++i) digests.push_back(upload());
        waiting_ = digests.back();
        digests.pop_back();
        const Bytes call = sent_.make(AdmissionCase::kOpener, "call");
        RELAIS_CHECK(accepted(call));
        Header header = sent_.make_header(AdmissionCase::kOpener, "deposit");
        header.chunks = ChunkSummary{2, 2 * 4112, chunks_root(digests)};
        RELAIS_CHECK(accepted(test::make_envelope(header, *stored_.bench.territory.doctor.key,
                                                  stored_.bench.random, Release::chosen, digests)));
        referenced_ = digests[0];
        for (const auto& [digest, bytes] : stored_.bench.chunk_files) {
            const auto path = broker::chunk_path(folder_.path(), digest);
            std::filesystem::create_directories(path.parent_path());
            write_file(path, bytes, 0600, Replace::no).value();
        }
    }
    Digest upload() {
        const Bytes bytes = stored_.bench.random.bytes(4112);
        const auto session = sent_.session(broker::AdmissionCase::kOpener);
        RELAIS_CHECK(broker::code_of(stored_.bench.upload(session, bytes)) == ErrorCode::ok);
        return sha256(bytes);
    }
    bool accepted(const Bytes& envelope) {
        return std::holds_alternative<wire::Receipt>(
            sent_.send(broker::AdmissionCase::kOpener, envelope));
    }
    std::string said(const ChunksNow& now = {}) {
        const Report report = check_store(stored_.bench.sqlite(), folder_.path(), now).value();
        std::string text;
        for (const Problem& problem : report.problems) text += problem.describe() + "\n";
        return text;
    }
    void expect_wrong() {
        const std::string text = said();
        EXPECT_TRUE(text.starts_with("chunk_wrong: ")) << text;
    }

    test::TestFolder folder_;
    StoredTerritory stored_;
    broker::AdmissionCase sent_{stored_.bench};
    Digest referenced_;
    Digest waiting_;
};

TEST_F(Chunks, WhatAnEngineLeftIsClean) {
    EXPECT_EQ(said(), "");
    EXPECT_EQ(check_store(stored_.bench.sqlite(), folder_.path())->chunks, 3U);
}

TEST_F(Chunks, AMissingFileIsFound) {
    std::filesystem::remove(broker::chunk_path(folder_.path(), referenced_));
    expect_wrong();
}

// The broker goes on: an envelope ends between the view and the look at its files.
TEST_F(Chunks, AFileThatIsNotNamedAnyMoreIsNotMissing) {
    std::filesystem::remove(broker::chunk_path(folder_.path(), referenced_));
    EXPECT_EQ(said([&]() -> Result<std::set<Digest>> { return std::set{waiting_}; }), "");
    EXPECT_NE(said([&]() -> Result<std::set<Digest>> { return std::set{referenced_}; }), "");
    bool asked = false;
    write_file(broker::chunk_path(folder_.path(), referenced_),
               stored_.bench.chunk_files.at(referenced_), 0600, Replace::no)
        .value();
    EXPECT_EQ(said([&]() -> Result<std::set<Digest>> {
                  asked = true;
                  return std::set<Digest>{};
              }),
              "");
    EXPECT_FALSE(asked) << "nothing was amiss";
}

TEST_F(Chunks, AnAlteredFileIsFound) {
    const auto path = broker::chunk_path(folder_.path(), waiting_);
    Bytes bytes = read_file(path, 5000).value();
    bytes[17] ^= 1;
    write_file(path, bytes, 0600, Replace::yes).value();
    expect_wrong();
}

class AlteredRow : public Chunks, public testing::WithParamInterface<const char*> {};

TEST_P(AlteredRow, IsFound) {
    stored_.execute(GetParam());
    EXPECT_NE(said().find("chunk_wrong: "), std::string::npos) << said();
}
INSTANTIATE_TEST_SUITE_P(
    Store, AlteredRow,
    testing::Values("DELETE FROM chunk_ref WHERE position = 1",
                    "UPDATE chunk_ref SET position = 7 WHERE position = 0",
                    "UPDATE chunk_ref SET number = 900",
                    "UPDATE chunk_ref SET bytes = bytes + 16 WHERE position = 0",
                    "UPDATE chunk_usage SET kept = kept + 1", "UPDATE chunk_usage SET waiting = 0",
                    "DELETE FROM chunk_usage"),
    [](const auto& each) { return "Number" + std::to_string(each.index); });

}  // namespace
}  // namespace relais::fsck
