// The published RFC 6962 proof vectors (transparency-dev), one case a line, one mutation a case.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"

namespace relais::merkle {
namespace {

using Json = nlohmann::json;

std::vector<Json> read_lines(const std::string& name) {
    std::ifstream file(std::string(RELAIS_TEST_DATA) + "/vectors/" + name);
    std::vector<Json> rows;
    for (std::string line; std::getline(file, line);) rows.push_back(Json::parse(line));
    return rows;
}

// Some cases carry hashes that are not 32 bytes, which a Digest cannot be. Each stands here for
// another digest, one for each value, so that equal stays equal; one of no bytes equals nothing.
Digest digest_of(const Json& row, const std::string& field) {
    const std::string text = row.at(field);
    const Bytes bytes = parse_base64(text).value();
    if (bytes.empty()) return sha256(as_bytes("absent " + field));
    return bytes.size() == Digest::kSize ? Digest::from(bytes) : sha256(bytes);
}

std::vector<Digest> proof_of(const Json& row) {
    std::vector<Digest> proof;
    if (row.at("proof").is_null()) return proof;
    for (const std::string text : row.at("proof")) {
        const Bytes bytes = parse_base64(text).value();
        proof.push_back(bytes.empty() ? Digest{} : Digest::from(bytes));
    }
    return proof;
}

// What the file says of a case, and what we said.
struct Tally {
    int accepted = 0;
    int refused = 0;

    void add(const Json& row, const Result<void>& verdict) {
        const bool refuse = row.at("wantErr");
        EXPECT_EQ(verdict.code(), refuse ? ErrorCode::proof_invalid : ErrorCode::ok)
            << row.at("case");
        ++(refuse ? refused : accepted);
    }
};

TEST(TreeVectors, EveryInclusionCaseGetsItsVerdict) {
    Tally tally;
    for (const Json& row : read_lines("rfc6962_inclusion.jsonl")) {
        tally.add(row, verify_inclusion(digest_of(row, "leafHash"), row.at("leafIdx"),
                                        row.at("treeSize"), proof_of(row), digest_of(row, "root")));
    }
    EXPECT_EQ(tally.accepted, 2);
    EXPECT_EQ(tally.refused, 71);
}

TEST(TreeVectors, EveryConsistencyCaseGetsItsVerdict) {
    Tally tally;
    for (const Json& row : read_lines("rfc6962_consistency.jsonl")) {
        tally.add(row, verify_consistency(row.at("size1"), digest_of(row, "root1"), row.at("size2"),
                                          digest_of(row, "root2"), proof_of(row)));
    }
    EXPECT_EQ(tally.accepted, 3);
    EXPECT_EQ(tally.refused, 70);
}

// The test tree of Certificate Transparency: eight leaves, and its root at each size.
TEST(TreeVectors, TheReferenceTreeHasItsPublishedRoots) {
    const char* leaves[] = {"",
                            "00",
                            "10",
                            "2021",
                            "3031",
                            "40414243",
                            "5051525354555657",
                            "606162636465666768696a6b6c6d6e6f"};
    const char* roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                           "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                           "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                           "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                           "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                           "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                           "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                           "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                           "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    CompactRange range;
    EXPECT_EQ(hex(range.root().view()), roots[0]);
    for (std::size_t i = 0; i < std::size(leaves); ++i) {
        range.append(leaf_hash(parse_hex(leaves[i]).value()));
        EXPECT_EQ(hex(range.root().view()), roots[i + 1]);
    }
}

}  // namespace
}  // namespace relais::merkle
