// own_kind_test.cc: a kind that does not come with Relais (tests/process/kinds/loan), added to a
// running territory by `relais-admin kind add` and exchanged to its end; and those that no broker
// takes: that would publish a text or an identity, or whose digest or signature is wrong.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/files/files.h"
#include "schemas/compiler/compiler.h"
#include "tests/process/support/child.h"
#include "tests/process/support/exchange.h"
#include "tests/process/support/running_territory.h"
#include "tests/support/kinds.h"

namespace relais::test {
namespace {

class OwnKind : public testing::Test {
protected:
    OwnKind() {
        std::filesystem::create_directory(credentials_);
        must(write_file(credentials_ / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
        // Beside what the kinds share, as an operator keeps it.
        const std::filesystem::path source = RELAIS_SOURCE_DIR;
        std::filesystem::create_directory(kinds_);
        std::filesystem::copy(source / "schemas/kinds/form.fbs", kinds_);
        std::filesystem::copy(source / "tests/process/kinds/loan", folder_,
                              std::filesystem::copy_options::recursive);
    }
    // `relais-admin kind add` on the station of the CPTS, as a process of its own.
    Said add() {
        territory_.cpts.close();
        return run_program(program("relais-admin"),
                           {"kind", "add", folder_.string(), "--yes", "--station",
                            territory_.cpts.folder().path.string()},
                           {}, {"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    }
    void declare(const std::string& text) const {
        must(write_file(folder_ / "declaration.toml", as_bytes(text), 0644, Replace::yes));
    }
    [[nodiscard]] std::string declared() const {
        return std::string(as_text(must(read_file(folder_ / "declaration.toml", 1 << 20))));
    }
    void geriatrics_take_it() {
        must(territory_.hospital.registrar().add_unit({must(Name::parse("geriatrie")),
                                                       "Gériatrie aiguë",
                                                       "",
                                                       "02 54 00 00 00",
                                                       {"admission", "loan"}}));
        territory_.synchronise_all();
    }
    bool published() {
        territory_.practice.synchronise();
        return territory_.practice.station().directory().kind("loan") != nullptr;
    }

    RunningTerritory territory_;
    std::filesystem::path credentials_ = territory_.folder("credentials");
    std::filesystem::path kinds_ = territory_.folder("kinds");
    std::filesystem::path folder_ = kinds_ / "loan";
    Exchange loan_{folder_, {&territory_.practice, &territory_.geriatrie}};
    const Address practice_ = territory_.practice.mailbox();
    const Address ward_ = territory_.hospital.mailbox("geriatrie");
};

TEST_F(OwnKind, AddedToARunningTerritoryItIsExchangedToItsEnd) {
    Post& practice = territory_.practice;
    Post& ward = territory_.geriatrie;
    const pid_t broker = territory_.broker.child().pid();
    EXPECT_EQ(station::new_thread_draft(practice.station(), "loan", practice_).code(),
              ErrorCode::unknown_kind);
    const Said added = add();
    ASSERT_EQ(added.code, 0) << added.text;
    EXPECT_TRUE(added.says("loan version 1 (Prêt de matériel)")) << added.text;
    EXPECT_TRUE(added.says("Published, signed by cpts-brenne.")) << added.text;

    const Publics device = {{"device", "CONCENTRATOR"}};
    auto draft = loan_.prepare(practice, practice_, "request", {ward_}, device);
    auto signer = practice.signer();
    EXPECT_EQ(station::send_draft(practice.station(), draft, signer).code(),
              ErrorCode::recipient_refused)
        << "the ward does not take it yet";
    geriatrics_take_it();
    loan_.open(practice, draft);
    const auto asked = loan_.item(ward, ward_, "request");
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->opened->form, example_of(folder_, "request"));
    EXPECT_NE(asked->text.find("Concentrateur d'oxygène"), std::string::npos) << asked->text;
    loan_.act(ward, ward_, "lend", {{"days", "7"}});
    EXPECT_EQ(loan_.state(practice, practice_), "lent");
    loan_.act(practice, practice_, "return");
    for (Post* post : {&practice, &ward}) {
        const auto view = must(station::view_thread(post->station(), loan_.id));
        EXPECT_EQ(view.state_label, "Appareil rendu");
        EXPECT_TRUE(view.possible.empty()) << "nothing after its end";
    }
    EXPECT_EQ(loan_.send(ward, loan_.prepare_next(ward, ward_, "refuse")), ErrorCode::act_refused);
    EXPECT_TRUE(territory_.broker.running());
    EXPECT_EQ(territory_.broker.child().pid(), broker) << "it was never restarted";
}

TEST_F(OwnKind, AddedAgainItIsPublishedOnceAndChangedItNeedsAVersionAboveIt) {
    ASSERT_EQ(add().code, 0);
    territory_.cpts.synchronise();
    const auto size = territory_.cpts.station().replica().size();
    const Said again = add();
    EXPECT_EQ(again.code, 0) << again.text;
    EXPECT_TRUE(again.says("already published, nothing to do")) << again.text;
    const std::string good = declared();
    std::string changed = good;
    changed.replace(changed.find("max = 30"), 8, "max = 31");
    declare(changed);
    const Said refused = add();
    EXPECT_EQ(refused.code, 2) << refused.text;
    EXPECT_TRUE(refused.says("version 1 is published")) << refused.text;
    EXPECT_TRUE(refused.says("raise `version` in declaration.toml to 2")) << refused.text;
    territory_.cpts.synchronise();
    EXPECT_EQ(territory_.cpts.station().replica().size(), size) << "nothing was published";
    changed.replace(changed.find("version = 1"), 11, "version = 2");
    declare(changed);
    EXPECT_EQ(add().code, 0);
}

// What is public is read by the broker: a truth value, a code of a list, a small number.
TEST_F(OwnKind, OneThatPublishesATextOrAnIdentityIsNotCompiled) {
    const std::string good = declared();
    const std::string before = "type = \"integer\"\nmin = 1\nmax = 30";
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"type = \"text\"", "must be one of boolean, code, integer, day, not \"text\""},
        {"type = \"ins\"", "must be one of boolean, code, integer, day, not \"ins\""},
        {"type = \"date\"", "must be one of boolean, code, integer, day, not \"date\""},
        {"type = \"integer\"\nmin = 100000000000000\nmax = 299999999999999",
         "must be a whole number from -1000000000 to 1000000000"},
    };
    for (const auto& [after, said] : cases) {
        std::string bad = good;
        bad.replace(bad.find(before), before.size(), after);
        declare(bad);
        const Said refused = add();
        EXPECT_NE(refused.code, 0) << after;
        EXPECT_TRUE(refused.says("public \"days\": key ")) << refused.text;
        EXPECT_TRUE(refused.says(said)) << refused.text;
        EXPECT_FALSE(published()) << after;
    }
    // Nor is a patient named in a form of a kind that has none.
    declare(good);
    const std::filesystem::path form = folder_ / "loan.fbs";
    const std::string fields(as_text(must(read_file(form, 1 << 20))));
    std::string named = fields;
    const std::string need = "  /// Ce qu'il faut savoir";
    named.replace(named.find(need), need.size(),
                  "  patient:relais.kinds.Identity (label: \"Patient\");\n" + need);
    named.insert(named.find("namespace"), "include \"identity.fbs\";\n");
    must(write_file(form, as_bytes(named), 0644, Replace::yes));
    std::filesystem::copy(kind_folder("identity.fbs"), kinds_);
    const Said refused = add();
    EXPECT_NE(refused.code, 0);
    EXPECT_TRUE(refused.says("patient is \"never\", but a form holds an identity block"))
        << refused.text;
    EXPECT_FALSE(published());
    must(write_file(form, as_bytes(fields), 0644, Replace::yes));
    EXPECT_EQ(add().code, 0);
    EXPECT_TRUE(published());
}

// A compiler that somebody changed convinces nobody: the broker judges what it is given.
TEST_F(OwnKind, NorIsItTakenByTheBrokerFromAnotherCompiler) {
    auto& cpts = territory_.cpts;
    cpts.synchronise();
    const auto offered = [&](const KindBuilder& kind) {
        return cpts.station().ask(wire::PublishBundle{kind.bytes()}, kPatience).code();
    };
    EXPECT_EQ(offered(least_kind()), ErrorCode::ok);
    KindBuilder text = least_kind();
    text.add_public(1, "patient-name", static_cast<fb::PublicType>(5));
    EXPECT_EQ(offered(text), ErrorCode::invalid_field);
    KindBuilder number = least_kind();
    const int place = number.add_public(1, "matricule", fb::PublicType::integer);
    number.bundle.publics[static_cast<std::size_t>(place)]->max = 299'999'999'999'999;
    EXPECT_EQ(offered(number), ErrorCode::invalid_field);
    // A kind that says it is without patients, and asks who the patient is.
    KindBuilder named = circular();
    auto form = std::make_unique<fb::FormDeclaredT>();
    form->name = named.bundle.acts[0]->form = "Dossier";
    form->label = "Dossier";
    form->schema = must(station::load_kind(must(compiler::compile_kind(kind_folder("admission")))))
                       .kind.form("Dossier")
                       ->schema;
    named.bundle.forms.push_back(std::move(form));
    EXPECT_EQ(offered(named), ErrorCode::invalid_field);
    EXPECT_EQ(offered(circular()), ErrorCode::ok);
}

TEST_F(OwnKind, OneWhoseDigestOrSignatureIsWrongIsNotPublished) {
    Post& cpts = territory_.cpts;
    cpts.synchronise();
    auto& station = cpts.station();
    const Bytes bundle = must(compiler::compile_kind(folder_));
    must(station.ask(wire::PublishBundle{bundle}, kPatience));
    const directory::KindPublished honest{must(Name::parse("loan")), 1,
                                          must(station::load_kind(bundle)).kind.digest,
                                          static_cast<std::uint32_t>(bundle.size()), false};
    const auto signed_by = [&](P256Key& key, const directory::KindPublished& body) {
        station::ChainWriter writer(station.directory(), station.identity().organisation, key,
                                    station.now());
        writer.add(body);
        return writer.take().front();
    };
    const auto answered = [&](const Bytes& entry) {
        return station.ask(wire::AppendEntries{{entry}}, kPatience).code();
    };
    P256Key& authority = *station.keys().authority;

    directory::KindPublished other = honest;
    other.digest.bytes[0] ^= 1;
    EXPECT_EQ(answered(signed_by(authority, other).bytes), ErrorCode::unknown_kind)
        << "the digest of no bundle";
    other.digest = station.directory().kind("admission")->kind.digest;
    EXPECT_EQ(answered(signed_by(authority, other).bytes), ErrorCode::bad_entry)
        << "of another kind's";

    P256Key& stranger = *territory_.hospital.station().keys().authority;
    EXPECT_EQ(answered(signed_by(stranger, honest).bytes), ErrorCode::not_a_signer);
    auto altered = signed_by(authority, honest);
    const auto& signature = altered.signature.bytes;
    const auto at =
        std::search(altered.bytes.begin(), altered.bytes.end(), signature.begin(), signature.end());
    ASSERT_NE(at, altered.bytes.end());
    at[10] ^= 1;
    EXPECT_EQ(answered(altered.bytes), ErrorCode::bad_signature);
    EXPECT_FALSE(published());
    EXPECT_EQ(answered(signed_by(authority, honest).bytes), ErrorCode::ok);
    EXPECT_TRUE(published());
}

}  // namespace
}  // namespace relais::test
