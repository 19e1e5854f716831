// packs_test.cc: reference packs on real processes: the published files, imported and signed by
// `relais-admin pack import`, reach another organisation's station; its codes are looked up there,
// and decide what may be sent.
#include <gtest/gtest.h>

#include <fstream>

#include "core/files/files.h"
#include "tests/process/support/child.h"
#include "tests/process/support/exchange.h"
#include "tests/process/support/running_territory.h"

namespace relais::test {
namespace {

namespace fs = std::filesystem;

class Packs : public testing::Test {
protected:
    Packs() {
        fs::create_directory(credentials_);
        must(write_file(credentials_ / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
        fs::copy(RELAIS_TEST_DATA "/packs/fiction", folder_);
    }
    Said admin(std::vector<std::string> arguments, Post& post) {
        post.close();
        arguments.insert(arguments.end(), {"--station", post.folder().path.string()});
        return run_program(program("relais-admin"), arguments, {},
                           {"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    }
    Said import(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments = {"pack", "import", folder_.string(), "--yes"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return admin(arguments, territory_.cpts);
    }
    Said relais(std::vector<std::string> arguments, Post& post) {
        post.close();
        arguments.insert(arguments.end(), {"--station", post.folder().path.string()});
        return run_program(program("relais"), arguments, {},
                           {"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    }
    void append(const std::string& file, const std::string& line) {
        const Bytes before = must(read_file(folder_ / file, 1 << 20));
        must(write_file(folder_ / file, as_bytes(std::string(as_text(before)) + line), 0644,
                        Replace::yes));
    }
    void set_version(const std::string& version) {
        must(write_file(
            folder_ / "pack.toml",
            as_bytes("name = \"fiction\"\nversion = " + version + "\ntitle = \"Fiction\"\n"), 0644,
            Replace::yes));
    }

    RunningTerritory territory_;
    fs::path credentials_ = territory_.folder("credentials");
    fs::path folder_ = territory_.folder("pack");
};

TEST_F(Packs, ImportedTheyAreLookedUpOnAnotherOrganisationsStation) {
    EXPECT_TRUE(relais({"pack", "list"}, territory_.practice).says("Aucun référentiel"));
    const Said imported = import();
    ASSERT_EQ(imported.code, 0) << imported.text;
    EXPECT_TRUE(imported.says("CIS_bdpm.txt: 7 lines used, 0 repeated, 0 broken")) << imported.text;
    EXPECT_TRUE(imported.says("list icd10: 7 codes; 7 added, 0 removed, 0 changed"));
    EXPECT_TRUE(imported.says("Published, signed by cpts-brenne: ")) << imported.text;

    const Said list = relais({"pack", "list"}, territory_.practice);
    EXPECT_TRUE(list.says("fiction version 20261101  Référentiels de fiction, pour essais\n"))
        << list.text;
    EXPECT_TRUE(list.says("icd10  Diagnostics (CIM-10) : 7 codes")) << list.text;
    const Said shown = relais({"pack", "show", "cis", "60000001"}, territory_.practice);
    EXPECT_TRUE(shown.says("FICTAMOX 500 mg/5 ml")) << shown.text;
    EXPECT_TRUE(shown.says("disponibilite : Rupture de stock")) << shown.text;
    EXPECT_TRUE(shown.says("mitm : oui")) << shown.text;
    EXPECT_TRUE(relais({"pack", "search", "icd10", "coeur", "gauche"}, territory_.practice)
                    .says("I50.0  Cœur fatigué de fiction, gauche"));
    const Said unknown = relais({"pack", "show", "icd10", "Z99"}, territory_.practice);
    EXPECT_NE(unknown.code, 0);
    EXPECT_TRUE(unknown.says("code inconnu de la liste icd10 (fiction, version 20261101)"))
        << unknown.text;
}

TEST_F(Packs, ACodeDecidesWhatMayBeSent) {
    Post& practice = territory_.practice;
    const Address from = practice.mailbox();
    const Address ward = territory_.hospital.mailbox("geriatrie");
    practice.synchronise();
    auto draft = must(station::new_thread_draft(practice.station(), "admission", from));
    draft.to = {ward};
    draft.acts[0].form = example_of(kind_folder("admission"), "call");
    draft.acts[0].publics = {{"urgency", "asap"}};
    draft.acts[1].form = example_of(kind_folder("admission"), "deposit");
    const auto findings = [&](const std::string& code) {
        draft.acts[0].form["reason_code"] = code;
        std::string all;
        for (const auto& item : must(station::check_draft(practice.station(), draft))) {
            all += item.finding.path + ": " + item.finding.message + "\n";
        }
        return all;
    };
    EXPECT_EQ(findings("R53"),
              "reason_code: Code non vérifié : ce poste n'a pas de référentiel « icd10 ».\n");
    ASSERT_EQ(import().code, 0);
    practice.synchronise();
    EXPECT_EQ(findings("R53"), "");
    EXPECT_EQ(findings("R99"),
              "reason_code: Code inconnu de la liste « icd10 » (fiction, version 20261101).\n");
    auto signer = practice.signer();
    EXPECT_EQ(station::send_draft(practice.station(), draft, signer).code(),
              ErrorCode::invalid_field);
    EXPECT_EQ(findings("R53"), "");
    EXPECT_TRUE(station::send_draft(practice.station(), draft, signer).ok());
}

TEST_F(Packs, WhatCannotBeReadIsNamedAndNothingIsPublished) {
    append("CIS_CIP_Dispo_Spec.txt", "60000002\t\t7\tInconnu\t01/12/2026\t\t\t\r\n");
    append("icd10.csv", "R53;Autre libellé\n");
    const Said refused = import();
    EXPECT_NE(refused.code, 0);
    EXPECT_TRUE(refused.says("CIS_CIP_Dispo_Spec.txt:4: unknown status \"7\"")) << refused.text;
    EXPECT_TRUE(refused.says("icd10.csv:9: code R53 stands twice, differently")) << refused.text;
    EXPECT_TRUE(refused.says("2 broken lines; nothing was published")) << refused.text;
    EXPECT_TRUE(relais({"pack", "list"}, territory_.practice).says("Aucun référentiel"));
    const Said skipped = import({"--skip-broken"});
    EXPECT_EQ(skipped.code, 0) << skipped.text;
    EXPECT_TRUE(relais({"pack", "show", "icd10", "R53"}, territory_.practice).says("de fiction"));
}

// A file under another name, or one that a failed download left empty, would end every shortage.
TEST_F(Packs, WithoutAvailabilityNoDrugIsPublishedUnlessItIsAskedFor) {
    const auto file = folder_ / "CIS_CIP_Dispo_Spec.txt";
    const auto misnamed = folder_ / "CIS_CIP_dispo_spec.txt";
    std::filesystem::rename(file, misnamed);
    Said refused = import();
    EXPECT_NE(refused.code, 0);
    EXPECT_TRUE(refused.says("CIS_CIP_Dispo_Spec.txt: NOT IN THE FOLDER")) << refused.text;
    EXPECT_TRUE(refused.says("CIS_CIP_dispo_spec.txt: ignored")) << refused.text;
    EXPECT_TRUE(refused.says("every shortage would end; nothing was published")) << refused.text;
    std::ofstream{file};
    refused = import();
    EXPECT_NE(refused.code, 0);
    EXPECT_TRUE(refused.says("every shortage would end")) << refused.text;
    EXPECT_TRUE(relais({"pack", "list"}, territory_.practice).says("Aucun référentiel"));
    EXPECT_EQ(import({"--without-availability"}).code, 0);
}

TEST_F(Packs, NeitherAnotherOrganisationNorAnOlderVersionIsTaken) {
    const Said other = admin({"pack", "import", folder_.string(), "--yes"}, territory_.practice);
    EXPECT_NE(other.code, 0);
    EXPECT_TRUE(other.says("signed by the anchor organisation")) << other.text;
    ASSERT_EQ(import().code, 0);
    append("icd10.csv", "R54;Nouveau code de fiction\n");
    for (const char* version : {"20261101", "20261031"}) {
        set_version(version);
        const Said older = import();
        EXPECT_NE(older.code, 0) << version;
        EXPECT_TRUE(older.says("the last version is 20261101")) << older.text;
    }
    set_version("20261129");
    const Said newer = import();
    EXPECT_EQ(newer.code, 0) << newer.text;
    EXPECT_TRUE(newer.says("list icd10: 8 codes; 1 added, 0 removed, 0 changed")) << newer.text;
    EXPECT_TRUE(newer.says("list cis: 7 codes; 0 added, 0 removed, 0 changed")) << newer.text;
    EXPECT_TRUE(relais({"pack", "show", "icd10", "R54"}, territory_.practice).says("Nouveau"));
    EXPECT_EQ(admin({"pack", "withdraw", "fiction"}, territory_.cpts).code, 0);
    EXPECT_TRUE(relais({"pack", "list"}, territory_.practice).says("Aucun référentiel"));
}

}  // namespace
}  // namespace relais::test
