// The published files, in their shape and their encodings, read into a pack; what cannot be read is
// named by its line.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/crypto/sha256.h"
#include "schemas/packs/code_table.h"
#include "tests/support/folder.h"
#include "tools/packs/drug_files.h"
#include "tools/packs/encodings.h"
#include "tools/packs/folder.h"

namespace relais::packs {
namespace {

namespace fs = std::filesystem;

class Import : public testing::Test {
protected:
    Import() { fs::copy(RELAIS_TEST_DATA "/packs/fiction", place()); }

    [[nodiscard]] fs::path place() const { return fs::path(folder_.path()) / "pack"; }
    [[nodiscard]] std::string text(const std::string& name) const {
        std::ifstream stream(place() / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(place() / name, std::ios::binary) << text;
    }
    void append(const std::string& name, const std::string& line) const {
        write(name, text(name) + line);
    }
    [[nodiscard]] ImportedPack read() const { return read_pack_folder(place()).value(); }
    // "file:line: why" of each broken line.
    [[nodiscard]] std::string broken() const {
        std::string all;
        for (const FileReport& file : read().report.files) {
            for (const BrokenLine& line : file.broken) {
                all += file.name + ":" + std::to_string(line.line) + ": " + line.why + "\n";
            }
        }
        return all;
    }
    [[nodiscard]] static CodeTable table(const ImportedPack& pack, const std::string& name) {
        const auto list = std::ranges::find(pack.lists, name, &List::name);
        std::vector<Row> rows;
        for (const Part& named : list->parts) {
            const auto part = std::ranges::find_if(pack.files.parts, [&](const Bytes& bytes) {
                return sha256(bytes) == named.digest;
            });
            const auto read = parse_part(*part, list->facts.size()).value();
            rows.insert(rows.end(), read.begin(), read.end());
        }
        return CodeTable::make(*list, rows).value();
    }

    test::TestFolder folder_;
};

TEST_F(Import, TheFilesAsPublishedBecomeThreeLists) {
    const ImportedPack pack = read();
    EXPECT_EQ(pack.name, "fiction");
    EXPECT_EQ(pack.version, 20261101U);
    EXPECT_EQ(pack.report.broken(), 0U) << pack.report.text(20);
    ASSERT_EQ(pack.lists.size(), 3U);
    EXPECT_EQ(pack.lists[0].name, "cip13");
    EXPECT_EQ(pack.lists[1].name, "cis");
    EXPECT_EQ(pack.lists[2].name, "icd10");
    EXPECT_EQ(pack.lists[1].rows, 7U);
    EXPECT_EQ(table(pack, "icd10").find("I50.0")->label, "Cœur fatigué de fiction, gauche");
}

// Windows-1252, UTF-8, ISO-8859-15: one pack, one way of writing.
TEST_F(Import, EachFileIsReadInItsOwnEncoding) {
    const ImportedPack pack = read();
    const CodeTable drugs = table(pack, "cis");
    EXPECT_EQ(drugs.find("60000005")->label, "FICTŒSTRA 1 mg, comprimé");
    EXPECT_EQ(drugs.find("60000006")->label, "SÉRUM D’ESSAI, solution injectable");
    EXPECT_EQ(drugs.fact(*drugs.find("60000003"), "etat"), "Commercialisée");
    const auto encodings = [&](const std::string& name) {
        const auto file = std::ranges::find(pack.report.files, name, &FileReport::name);
        return file->encodings;
    };
    EXPECT_EQ(encodings("CIS_bdpm.txt")[1], 7U) << "Windows-1252";
    EXPECT_EQ(encodings("CIS_CIP_bdpm.txt")[0], 3U) << "UTF-8";
    EXPECT_EQ(encodings("CIS_CIP_Dispo_Spec.txt")[2], 1U) << "ISO-8859-15";
}

TEST_F(Import, AShortageIsSaidOfTheDrugAndOfItsPresentations) {
    const ImportedPack pack = read();
    const CodeTable drugs = table(pack, "cis");
    const CodeTable boxes = table(pack, "cip13");
    const Row& box = *boxes.find("3400936000193");
    EXPECT_EQ(boxes.fact(box, "disponibilite"), "Rupture de stock");
    EXPECT_EQ(boxes.fact(box, "depuis"), "2026-12-02");
    EXPECT_EQ(boxes.fact(box, "mise-a-jour"), "2026-12-14");
    EXPECT_EQ(boxes.fact(box, "cis"), "60000001");
    EXPECT_EQ(box.label, "FICTAMOX 500 mg/5 ml, poudre pour suspension buvable, 1 flacon de 60 ml");
    const Row& drug = *drugs.find("60000001");
    EXPECT_EQ(drugs.fact(drug, "disponibilite"), "Rupture de stock (certaines présentations)");
    EXPECT_EQ(drugs.fact(drug, "mitm"), "oui");
    EXPECT_EQ(drugs.fact(drug, "atc"), "J01CA04");
    // Said of the drug as a whole: of each of its presentations too.
    EXPECT_EQ(drugs.fact(*drugs.find("60000003"), "disponibilite"), "Tension d'approvisionnement");
    EXPECT_EQ(boxes.fact(*boxes.find("3400930000014"), "disponibilite"),
              "Tension d'approvisionnement");
    EXPECT_EQ(drugs.fact(*drugs.find("60000002"), "disponibilite"), "");
    EXPECT_EQ(drugs.fact(*drugs.find("60000006"), "atc"), "B05") << "partial, as published";
}

TEST_F(Import, TheSameFilesGiveTheSamePack) {
    EXPECT_EQ(read().files.manifest, read().files.manifest);
    const Bytes before = read().files.manifest;
    append("icd10.csv", "Z99;Nouveau code de fiction\n");
    EXPECT_NE(read().files.manifest, before);
}

// ---- what cannot be read

TEST_F(Import, BrokenLinesAreNamedAndTheOthersRead) {
    append("CIS_bdpm.txt",
           "6000\tTROP COURT\t\t\t\t\t\r\n60000009\tPEU\r\n60000008\t\t\t\t\t\t\r\n");
    append("CIS_CIP_bdpm.txt",
           "69999999\t0\tboîte\t\t\t\t3400936000193\r\n"
           "60000002\t0\tboîte\t\t\t\t3400936000194\r\n");
    append("CIS_CIP_Dispo_Spec.txt",
           "60000002\t\t7\tInconnu\t01/12/2026\t\t\t\r\n"
           "\t\t1\tRupture\t01/12/2026\t\t\t\r\n"
           "60000002\t\t1\tRupture\t31/02/2026\t\t\t\r\n"
           "60000002\t3400930000015\t1\tRupture\t01/12/2026\t\t\t\r\n");
    append("icd10.csv", "R5;Trop court\nR54\nR55;\nR56;\"sans fin\n");
    EXPECT_EQ(broken(),
              "CIS_bdpm.txt:8: not a CIS code\n"
              "CIS_bdpm.txt:9: 2 fields, at least 7 expected\n"
              "CIS_bdpm.txt:10: no name, or too long\n"
              "CIS_CIP_bdpm.txt:4: no drug has CIS \"69999999\"\n"
              "CIS_CIP_bdpm.txt:5: not a CIP13 code\n"
              "CIS_CIP_Dispo_Spec.txt:4: unknown status \"7\"\n"
              "CIS_CIP_Dispo_Spec.txt:5: no drug has CIS \"\"\n"
              "CIS_CIP_Dispo_Spec.txt:6: not a date: \"31/02/2026\"\n"
              "CIS_CIP_Dispo_Spec.txt:7: no presentation has CIP13 \"3400930000015\"\n"
              "icd10.csv:9: not an ICD-10 code\n"
              "icd10.csv:10: 2 fields expected\n"
              "icd10.csv:11: no label, or too long\n"
              "icd10.csv:12: 2 fields expected\n");
    const ImportedPack pack = read();
    EXPECT_EQ(pack.lists[1].rows, 7U) << "what can be read is read";
    EXPECT_NE(pack.report.text(2).find("and 11 more"), std::string::npos);
    EXPECT_NE(pack.report.text(50).find("CIS_bdpm.txt: 7 lines used, 0 repeated, 3 broken; 7 in "
                                        "Windows-1252"),
              std::string::npos)
        << pack.report.text(50);
}

TEST_F(Import, ALineThatStandsTwiceIsPassedOverAndOneThatContradictsIsBroken) {
    append("icd10.csv", "R53;Fatigue de fiction\nr53;Autre chose\n");
    append("CIS_MITM.txt",
           "60000001\tJ01CA04\tFICTAMOX\thttps://exemple.invalid/\r\n"
           "60000001\tJ01\tFICTAMOX\thttps://exemple.invalid/\r\n");
    EXPECT_EQ(broken(),
              "CIS_MITM.txt:4: a second ATC code for this drug\n"
              "icd10.csv:10: code R53 stands twice, differently\n");
    const ImportedPack pack = read();
    EXPECT_EQ(pack.report.files.back().repeated, 1U);
    EXPECT_EQ(table(pack, "icd10").find("R53")->label, "Fatigue de fiction");
}

TEST_F(Import, AFileThatWasCutIsSaidToBe) {
    const std::string whole = text("CIS_CIP_Dispo_Spec.txt");
    write("CIS_CIP_Dispo_Spec.txt", whole.substr(0, whole.size() - 20));
    EXPECT_EQ(broken(), "CIS_CIP_Dispo_Spec.txt:3: the file ends within this line: it was cut\n");
}

TEST_F(Import, BytesThatAreNoTextAreBroken) {
    append("CIS_bdpm.txt",
           "60000007\tA\x81"
           "B\t\t\t\t\t\r\n");
    append("icd10.csv", std::string("R54;nul\0ici\n", 12));
    EXPECT_EQ(broken(),
              "CIS_bdpm.txt:8: not text in any encoding that these files have\n"
              "icd10.csv:9: not text in any encoding that these files have\n");
}

TEST(Encodings, OneFileMayMixUtf8AndAnother) {
    FileReport report;
    const std::string file =
        "\xEF\xBB\xBF"
        "caf\xC3\xA9\n"
        "caf\xE9\n"
        "\xBDuvre\n"
        "plain\n";
    const auto lines = decode_lines(as_bytes(file), report);
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0].text, "café");
    EXPECT_EQ(lines[1].text, "café");
    EXPECT_EQ(lines[2].text, "œuvre") << "ISO-8859-15, since nothing is of Windows-1252";
    EXPECT_EQ(lines[3].number, 4U);
    EXPECT_EQ(report.encodings, (std::array<std::size_t, kEncodings>{1, 0, 2}));

    FileReport other;
    const std::string windows =
        "l\x92"
        "\xE9t\xE9\n"
        "\xBD dose\n"
        "\x9Cuvre\n";
    const auto read = decode_lines(as_bytes(windows), other);
    EXPECT_EQ(read[0].text, "l’été");
    EXPECT_EQ(read[1].text, "½ dose") << "one sign of Windows-1252 decides for the file";
    EXPECT_EQ(read[2].text, "œuvre");
    EXPECT_TRUE(other.broken.empty());
}

TEST(Dates, AreReadAsTheyAreWrittenInFrance) {
    EXPECT_EQ(iso_day("02/12/2026"), "2026-12-02");
    for (const char* wrong : {"", "2/12/2026", "2026-12-02", "31/02/2026", "02/13/2026", "02/12/26",
                              "aa/12/2026", "02/12/2026 "}) {
        EXPECT_EQ(iso_day(wrong), "") << wrong;
    }
}

TEST_F(Import, WhatIsLackingIsNamed) {
    const auto refused = [&](const std::string& file) {
        const std::string kept = text(file);
        fs::remove(place() / file);
        const auto result = read_pack_folder(place());
        write(file, kept);
        return result.ok() ? std::string() : result.error().detail;
    };
    EXPECT_NE(refused("pack.toml").find("pack.toml"), std::string::npos);
    EXPECT_EQ(refused("CIS_bdpm.txt"), "CIS_bdpm.txt");
    EXPECT_EQ(refused("CIS_MITM.txt"), "") << "the others may be absent";
    EXPECT_EQ(refused("icd10.csv"), "");
    for (const char* file : {"CIS_bdpm.txt", "CIS_CIP_bdpm.txt", "CIS_CIP_Dispo_Spec.txt",
                             "CIS_MITM.txt", "icd10.csv"}) {
        fs::remove(place() / file);
    }
    EXPECT_EQ(read_pack_folder(place()).code(), ErrorCode::not_found);
    write("pack.toml", "name = \"x\"\nversion = 0\ntitle = \"X\"\n");
    EXPECT_EQ(read_pack_folder(place()).code(), ErrorCode::bad_configuration);
    write("pack.toml", "name = \"x\"\nversion = =\n");
    EXPECT_NE(read_pack_folder(place()).error().detail.find("pack.toml:2"), std::string::npos);
}

TEST_F(Import, ACsvSaysItsColumnsAndItsSeparator) {
    write("icd10.csv", "Libellé,chapitre,CODE\n\"Fatigue, \"\"grande\"\"\",XVIII,r53\n");
    EXPECT_EQ(table(read(), "icd10").find("R53")->label, "Fatigue, \"grande\"");
    write("icd10.csv", "R53;Fatigue\n");
    EXPECT_EQ(broken(), "icd10.csv:1: columns \"code\" and \"label\" expected\n");
}

}  // namespace
}  // namespace relais::packs
