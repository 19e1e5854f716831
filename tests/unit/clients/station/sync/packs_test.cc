// Reference packs on a station: fetched by digest once the directory names them, looked up whole or
// not at all, and what that makes of a form that is sent or read.
#include "clients/station/sync/pack_shelf.h"

#include "core/crypto/sha256.h"
#include "schemas/forms/forms.h"
#include "schemas/packs/pack.h"
#include "tests/unit/clients/station/sync/sync_fixture.h"

namespace relais::station {
namespace {

using forms::CodeAnswer;

packs::PackFiles pack_of(std::uint32_t version, const std::vector<std::string>& codes) {
    packs::FilledList list{{"icd10", "", "Diagnostics", {}, 0, {}}, {}};
    for (const std::string& code : codes) list.rows.push_back({code, "Code " + code, {}});
    packs::FilledList other{{"cis", "", "Spécialités", {}, 0, {}},
                            {{"60000001", "FICTAMOX 500", {}}}};
    return packs::write_pack("fiction", version, "Fiction", {list, other}).value();
}

class PacksTest : public SyncTest {
protected:
    void publish(const packs::PackFiles& pack, std::uint32_t version, bool withdrawn = false) {
        const DirectorySize size = replica_->size();
        territory_.append("cpts-indre", *territory_.cpts.authority,
                          directory::PackPublished{test::name("fiction"), version,
                                                   sha256(pack.manifest), 1000, withdrawn});
        hear(0, wire::DirectoryEntries{size, log_bytes(size.value), ""});
    }
    // Answers what is asked for, from the pack; how many files were.
    std::size_t give(const packs::PackFiles& pack) {
        const auto asked = said_of<wire::FetchBundle>();
        for (const auto& [number, fetch] : asked) {
            if (fetch.digest == sha256(pack.manifest)) hear(number, wire::Bundle{pack.manifest});
            for (const Bytes& part : pack.parts) {
                if (fetch.digest == sha256(part)) hear(number, wire::Bundle{part});
            }
        }
        return asked.size();
    }
    [[nodiscard]] CodeAnswer::Known known(const std::string& code) const {
        return shelf.find("icd10", code).known;
    }

    PackShelf shelf{*store_, *replica_};
};

TEST_F(PacksTest, APackIsFetchedManifestFirstAndThenLookedUp) {
    const packs::PackFiles pack = pack_of(1, {"R53", "I50.0"});
    get_ready();
    EXPECT_EQ(known("R53"), CodeAnswer::Known::no_list);
    EXPECT_TRUE(shelf.packs()->empty());
    publish(pack, 1);
    ASSERT_EQ(shelf.packs()->size(), 1U);
    EXPECT_FALSE(shelf.packs()->front().manifest) << "named, and not here yet";
    EXPECT_EQ(give(pack), 1U);
    EXPECT_FALSE(shelf.packs()->front().complete);
    EXPECT_EQ(known("R53"), CodeAnswer::Known::no_list) << "not whole: nothing is unknown yet";
    EXPECT_EQ(give(pack), 2U);
    EXPECT_TRUE(shelf.packs()->front().complete);
    EXPECT_EQ(known("R53"), CodeAnswer::Known::yes);
    EXPECT_EQ(known("i500"), CodeAnswer::Known::yes);
    EXPECT_EQ(known("R54"), CodeAnswer::Known::no);
    EXPECT_EQ(shelf.find("icd10", "R53").label, "Code R53");
    EXPECT_EQ(shelf.find("icd10", "R54").source, "fiction, version 1");
    EXPECT_EQ(shelf.find("atc", "J01").known, CodeAnswer::Known::no_list);
    EXPECT_EQ(give(pack), 0U) << "what is here is not asked for";
}

TEST_F(PacksTest, OnlyTheVersionInForceIsFetchedAndCounts) {
    const packs::PackFiles first = pack_of(1, {"R53"});
    const packs::PackFiles second = pack_of(2, {"R54"});
    get_ready();
    publish(first, 1);
    give(first);
    give(first);
    EXPECT_EQ(known("R53"), CodeAnswer::Known::yes);
    publish(second, 2);
    EXPECT_EQ(known("R53"), CodeAnswer::Known::no_list) << "the new one is not here yet";
    give(second);
    EXPECT_EQ(give(second), 1U) << "the list that did not change is here";
    EXPECT_EQ(known("R53"), CodeAnswer::Known::no);
    EXPECT_EQ(known("R54"), CodeAnswer::Known::yes);
    publish(second, 2, true);
    EXPECT_EQ(known("R54"), CodeAnswer::Known::no_list) << "withdrawn";
}

TEST_F(PacksTest, AFileThatIsNotTheOneNamedIsAnAlarm) {
    const packs::PackFiles pack = pack_of(1, {"R53"});
    get_ready();
    publish(pack, 1);
    const auto asked = said_of<wire::FetchBundle>();
    ASSERT_EQ(asked.size(), 1U);
    hear(asked[0].first, wire::Bundle{pack_of(1, {"R99"}).manifest});
    EXPECT_EQ(alarm(), ErrorCode::digest_mismatch);
    EXPECT_FALSE(shelf.packs()->front().manifest);
}

TEST_F(PacksTest, APackOfAnotherSignerIsNotTaken) {
    const packs::PackFiles pack = pack_of(1, {"R53"});
    get_ready();
    const DirectorySize size = replica_->size();
    const auto forged = territory_.draft(
        "ch-valmont", *territory_.hospital.authority,
        directory::PackPublished{test::name("fiction"), 1, sha256(pack.manifest), 10, false});
    hear(0, wire::DirectoryEntries{size, {forged.bytes}, ""});
    EXPECT_EQ(alarm(), ErrorCode::not_a_signer);
    EXPECT_TRUE(shelf.packs()->empty());
}

// ---- and the forms

class CodedForm : public PacksTest {
protected:
    void hold(const std::vector<std::string>& codes) {
        const packs::PackFiles pack = pack_of(1, codes);
        get_ready();
        publish(pack, 1);
        give(pack);
        give(pack);
    }
    // The findings of a call with that reason, as whoever sends or reads it has them.
    forms::Findings found(const std::string& code, forms::Severity unknown) {
        const LoadedKind kind = load_kind(bundle()).value();
        nlohmann::json values = nlohmann::json::parse(
            R"({"age_band": "from_75_to_84", "sex": "F", "residence": "home", "mode": "full",
                "speciality": "geriatrics", "reason": "Chutes", "clinical_state": "Stable",
                "needs": {"bmr_carrier": "no"}, "phone": "02 61 91 00 00",
                "valid_until": "2030-11-25T12:00:00+01:00"})");
        values["reason_code"] = code;
        forms::Findings findings;
        const forms::Context context(InsEnvironment::test, {}, &shelf, unknown);
        (void)forms::check(kind.forms.at("Call"), values, context, findings);
        return findings;
    }
};

TEST_F(CodedForm, ACodeThatTheListDoesNotHaveIsRefusedToWhoeverSends) {
    hold({"R53", "R54"});
    EXPECT_TRUE(found("R53", forms::Severity::error).empty());
    EXPECT_TRUE(found("r53", forms::Severity::error).empty());
    const auto unknown = found("R99", forms::Severity::error);
    ASSERT_EQ(unknown.size(), 1U);
    EXPECT_EQ(unknown[0].path, "reason_code");
    EXPECT_EQ(unknown[0].code, ErrorCode::invalid_field);
    EXPECT_EQ(unknown[0].severity, forms::Severity::error);
    EXPECT_EQ(unknown[0].message, "Code inconnu de la liste « icd10 » (fiction, version 1).");
}

// The sender's pack may be newer than the reader's: what was signed is read, and said.
TEST_F(CodedForm, AndIsReadWithAWarning) {
    hold({"R53"});
    const auto unknown = found("R99", forms::Severity::warning);
    ASSERT_EQ(unknown.size(), 1U);
    EXPECT_EQ(unknown[0].severity, forms::Severity::warning);
    Judge judge(*store_, *replica_, *kinds_, *keyring_, territory_.verifier(), &shelf);
    const auto opened = judge.open(make({}), ward_);
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(opened->warnings.empty()) << "R53";
}

TEST_F(CodedForm, WithoutAPackItIsSaidThatNothingWasChecked) {
    const auto unchecked = found("R99", forms::Severity::error);
    ASSERT_EQ(unchecked.size(), 1U);
    EXPECT_EQ(unchecked[0].severity, forms::Severity::warning);
    EXPECT_EQ(unchecked[0].message,
              "Code non vérifié : ce poste n'a pas de référentiel « icd10 ».");
    Judge judge(*store_, *replica_, *kinds_, *keyring_, territory_.verifier(), &shelf);
    const auto opened = judge.open(make({}), ward_);
    ASSERT_TRUE(opened.ok());
    ASSERT_EQ(opened->warnings.size(), 1U);
    EXPECT_EQ(opened->warnings[0].path, "reason_code");
}

}  // namespace
}  // namespace relais::station
