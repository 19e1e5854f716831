// Reference packs as text: written one way, read strictly, searched.
#include "schemas/packs/pack.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "schemas/packs/code_table.h"

namespace relais::packs {
namespace {

FilledList diagnoses() {
    return {{"icd10", "urn:oid:1.2.3", "Diagnostics", {}, 0, {}},
            {{"R53", "Fatigue de fiction", {}}, {"I50.0", "Cœur fatigué, gauche", {}}}};
}

FilledList drugs() {
    return {
        {"cis", "", "Spécialités", {"atc", "mitm"}, 0, {}},
        {{"60000002", "FICTAMOX 250", {"J01CA04", ""}}, {"60000001", "FICTAMOX 500", {"", "oui"}}}};
}

PackFiles written() { return write_pack("fiction", 7, "Fiction", {diagnoses(), drugs()}).value(); }

std::string text_of(const Bytes& bytes) { return std::string(as_text(bytes)); }
Bytes bytes_of(const std::string& text) { return to_bytes(as_bytes(text)); }

TEST(Pack, IsTextThatAStockToolCanCheck) {
    const PackFiles files = written();
    ASSERT_EQ(files.parts.size(), 2U);
    EXPECT_EQ(text_of(files.parts[0]),
              "relais-pack-part/1\n60000001\tFICTAMOX 500\t\toui\n"
              "60000002\tFICTAMOX 250\tJ01CA04\t\n");
    EXPECT_EQ(text_of(files.parts[1]),
              "relais-pack-part/1\nI50.0\tCœur fatigué, gauche\nR53\tFatigue de fiction\n");
    const auto part = [&](std::size_t i) {
        return "part " + hex(sha256(files.parts[i]).view()) + " " +
               std::to_string(files.parts[i].size()) + "\n";
    };
    EXPECT_EQ(text_of(files.manifest),
              "relais-pack/1\nname fiction\nversion 7\ntitle Fiction\n"
              "list cis 2 -\ntitle Spécialités\nfacts atc mitm\n" +
                  part(0) + "list icd10 2 urn:oid:1.2.3\ntitle Diagnostics\n" + part(1));
}

TEST(Pack, TheSameRowsGiveTheSameBytesInWhateverOrder) {
    FilledList turned = drugs();
    std::swap(turned.rows[0], turned.rows[1]);
    const PackFiles other = write_pack("fiction", 7, "Fiction", {turned, diagnoses()}).value();
    EXPECT_EQ(other.manifest, written().manifest);
    EXPECT_EQ(other.parts, written().parts);
}

TEST(Pack, IsReadAsItWasWritten) {
    const PackFiles files = written();
    const Manifest manifest = parse_manifest(files.manifest).value();
    EXPECT_EQ(manifest.name, "fiction");
    EXPECT_EQ(manifest.version, 7U);
    ASSERT_EQ(manifest.lists.size(), 2U);
    EXPECT_EQ(manifest.lists[0].facts, (std::vector<std::string>{"atc", "mitm"}));
    EXPECT_EQ(manifest.lists[0].codes, "");
    EXPECT_EQ(manifest.lists[1].codes, "urn:oid:1.2.3");
    EXPECT_EQ(manifest.lists[0].rows, 2U);
    EXPECT_TRUE(manifest.names(sha256(files.parts[1])));
    EXPECT_FALSE(manifest.names(sha256(files.manifest)));
    const auto rows = parse_part(files.parts[0], 2).value();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0], (Row{"60000001", "FICTAMOX 500", {"", "oui"}}));
    EXPECT_TRUE(check_part(files.parts[0]).ok());
}

TEST(Pack, ALongListIsCutIntoPartsThatFitAFrame) {
    FilledList list{{"cip13", "", "Présentations", {}, 0, {}}, {}};
    for (int i = 0; i < 20'000; ++i) {
        list.rows.push_back({std::to_string(1'000'000 + i), std::string(60, 'x'), {}});
    }
    const PackFiles files = write_pack("long", 1, "Long", {list}).value();
    EXPECT_EQ(files.parts.size(), 3U);
    const Manifest manifest = parse_manifest(files.manifest).value();
    std::vector<Row> rows;
    for (const Bytes& part : files.parts) {
        EXPECT_LE(part.size(), kPartBytesMax);
        const auto read = parse_part(part, 0).value();
        rows.insert(rows.end(), read.begin(), read.end());
    }
    const auto table = CodeTable::make(manifest.lists[0], rows);
    ASSERT_TRUE(table.ok());
    EXPECT_NE(table->find("1019999"), nullptr);
    rows.pop_back();
    EXPECT_FALSE(CodeTable::make(manifest.lists[0], rows).ok()) << "a row is lacking";
    EXPECT_FALSE(CodeTable::make(manifest.lists[0], {}).ok());
}

TEST(Pack, WhatIsNotOfTheFormIsNotWritten) {
    const auto code = [](FilledList list, const std::string& name = "fiction",
                         std::uint32_t version = 1) {
        return write_pack(name, version, "Fiction", {std::move(list)}).code();
    };
    EXPECT_EQ(code(diagnoses(), "Fiction!"), ErrorCode::invalid_field);
    EXPECT_EQ(code(diagnoses(), "fiction", 0), ErrorCode::invalid_field);
    const auto with = [](const Row& row) {
        FilledList list = drugs();
        list.rows.push_back(row);
        return list;
    };
    EXPECT_EQ(code(with({"6 0", "X", {"", ""}})), ErrorCode::invalid_field);
    EXPECT_EQ(code(with({"60", "a\tb", {"", ""}})), ErrorCode::invalid_field);
    EXPECT_EQ(code(with({"60", "a\nb", {"", ""}})), ErrorCode::invalid_field);
    EXPECT_EQ(code(with({"60", "", {"", ""}})), ErrorCode::invalid_field);
    EXPECT_EQ(code(with({"60", "X", {""}})), ErrorCode::invalid_field);
    EXPECT_EQ(code(with({"60000001", "X", {"", ""}})), ErrorCode::already_exists);
    FilledList dotted = diagnoses();
    dotted.rows.push_back({"i500", "Le même", {}});
    EXPECT_EQ(code(dotted), ErrorCode::already_exists) << "I50.0 with and without its dot is one";
    EXPECT_EQ(write_pack("fiction", 1, "F", {drugs(), drugs()}).code(), ErrorCode::already_exists);
    EXPECT_EQ(write_pack("fiction", 1, "F", {}).code(), ErrorCode::invalid_field);
}

// One change to a file that is good, and each is refused.
struct Damage {
    std::string rule;
    std::string from;
    std::string to;
};
void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.rule; }

class DamagedManifest : public testing::TestWithParam<Damage> {};

TEST_P(DamagedManifest, IsRefused) {
    std::string text = text_of(written().manifest);
    const std::size_t at = text.find(GetParam().from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, GetParam().from.size(), GetParam().to);
    EXPECT_EQ(parse_manifest(bytes_of(text)).code(), ErrorCode::malformed);
}

INSTANTIATE_TEST_SUITE_P(Rules, DamagedManifest,
                         testing::Values(Damage{"head", "relais-pack/1", "relais-pack/2"},
                                         Damage{"no_name", "name fiction\n", ""},
                                         Damage{"name", "name fiction", "name Fiction"},
                                         Damage{"version_zero", "version 7", "version 0"},
                                         Damage{"version_padded", "version 7", "version 07"},
                                         Damage{"version_signed", "version 7", "version -7"},
                                         Damage{"version_huge", "version 7", "version 4294967296"},
                                         Damage{"title", "title Fiction", "title "},
                                         Damage{"list_name", "list cis", "list CIS"},
                                         Damage{"list_order", "list icd10", "list aaa"},
                                         Damage{"rows", "list cis 2", "list cis x"},
                                         Damage{"rows_huge", "list cis 2", "list cis 200001"},
                                         Damage{"fact_twice", "facts atc mitm", "facts atc atc"},
                                         Damage{"fact_name", "facts atc mitm", "facts ATC mitm"},
                                         Damage{"two_spaces", "facts atc mitm", "facts atc  mitm"},
                                         Damage{"digest", "\npart ", "\npart 0"},
                                         Damage{"unknown_line", "list icd10", "liste icd10"},
                                         Damage{"utf8", "Spécialités",
                                                "Sp\xE9"
                                                "cialités"}),
                         [](const auto& param) { return param.param.rule; });

TEST(Pack, AManifestThatWasCutIsRefused) {
    const Bytes whole = written().manifest;
    const std::string text = text_of(whole);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto parsed = parse_manifest(ByteView(whole).first(size));
        // A cut at the end of a list's lines leaves a manifest; its digest is another.
        EXPECT_TRUE(!parsed.ok() || text[size - 1] == '\n') << size;
    }
    EXPECT_FALSE(parse_manifest(ByteView(whole).first(whole.size() - 1)).ok());
    EXPECT_EQ(parse_manifest(Bytes(kManifestBytesMax + 1)).code(), ErrorCode::too_large);
}

TEST(Pack, APartIsReadStrictly) {
    const auto code = [](const std::string& rows, std::size_t facts = 0) {
        return parse_part(bytes_of("relais-pack-part/1\n" + rows), facts).code();
    };
    EXPECT_EQ(code("A1\tX\nB1\tY\n"), ErrorCode::ok);
    EXPECT_EQ(code("B1\tY\nA1\tX\n"), ErrorCode::malformed) << "order";
    EXPECT_EQ(code("A1\tX\nA1\tX\n"), ErrorCode::malformed) << "twice";
    EXPECT_EQ(code("A1\tX\nB1\tY"), ErrorCode::malformed) << "cut";
    EXPECT_EQ(code("A1\n"), ErrorCode::malformed);
    EXPECT_EQ(code("A1\tX\tY\n"), ErrorCode::malformed) << "a fact too many";
    EXPECT_EQ(code("A1\tX\n", 1), ErrorCode::malformed) << "a fact is lacking";
    EXPECT_EQ(code("A 1\tX\n"), ErrorCode::malformed);
    EXPECT_EQ(code("A1\tX\r\n"), ErrorCode::malformed);
    EXPECT_EQ(code("A1\t\n"), ErrorCode::malformed);
    EXPECT_EQ(parse_part(bytes_of("A1\tX\n"), 0).code(), ErrorCode::malformed);
    EXPECT_EQ(parse_part(Bytes(kPartBytesMax + 1), 0).code(), ErrorCode::too_large);
    EXPECT_FALSE(check_part(bytes_of("relais-pack-part/1\n")).ok()) << "no row";
    EXPECT_TRUE(check_part(bytes_of("relais-pack-part/1\nA1\tX\tY\tZ\n")).ok());
}

CodeTable table_of(FilledList filled) {
    std::ranges::sort(filled.rows, {}, &Row::code);
    filled.list.rows = filled.rows.size();
    return CodeTable::make(filled.list, filled.rows).value();
}

TEST(CodeTable, FindsACodeWithAndWithoutItsDot) {
    const CodeTable table = table_of(diagnoses());
    ASSERT_NE(table.find("I50.0"), nullptr);
    EXPECT_EQ(table.find("i500"), table.find("I50.0"));
    EXPECT_EQ(table.find("I50"), nullptr);
    EXPECT_EQ(table.find(""), nullptr);
}

TEST(CodeTable, SearchesWordsWithoutCaseOrAccentAndTheBeginningOfCodes) {
    const CodeTable table = table_of(diagnoses());
    const auto found = [&](const std::string& text) {
        std::string codes;
        for (const Row* row : table.search(text, 10)) codes += row->code + " ";
        return codes;
    };
    EXPECT_EQ(found("COEUR"), "I50.0 ");
    EXPECT_EQ(found("gauche cœur"), "I50.0 ");
    EXPECT_EQ(found("fatigue"), "I50.0 R53 ");
    EXPECT_EQ(found("i50"), "I50.0 ");
    EXPECT_EQ(found("coeur droit"), "");
    EXPECT_EQ(found("  "), "");
    EXPECT_EQ(table.search("fatigue", 1).size(), 1U);
}

TEST(CodeTable, AFactIsNamed) {
    const CodeTable table = table_of(drugs());
    EXPECT_EQ(table.fact(*table.find("60000001"), "mitm"), "oui");
    EXPECT_EQ(table.fact(*table.find("60000002"), "mitm"), "");
    EXPECT_EQ(table.fact(*table.find("60000002"), "nothing"), "");
}

}  // namespace
}  // namespace relais::packs
