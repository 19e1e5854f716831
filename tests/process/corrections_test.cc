// corrections_test.cc: what is corrected or withdrawn, between real stations and by the command:
// the letter, whatever its author wrote in the case since; to the attention of whom it was; and
// what an approved text does not have is not published.
#include <gtest/gtest.h>

#include <algorithm>

#include "clients/station/api/carried.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/child.h"
#include "tests/process/support/exchanged_kinds.h"

namespace relais::test {
namespace {

using directory::OrganisationKind;
using nlohmann::json;

class WrittenSince : public ExchangedKinds {
protected:
    explicit WrittenSince(const std::vector<std::string>& kinds) {
        publish(kinds);
        doctors_ = serve(practice_, "medecins", kinds);
    }
    std::string filled(const json& values) {
        const auto path = territory_.folder("form.json");
        const std::string text = values.dump();
        must(write_file(path, as_bytes(text), 0600, Replace::yes));
        return path.string();
    }
    // Each act of the case with how it stands, as that post shows it.
    std::vector<std::string> how(Post& post, const Address& mailbox, const std::string& thread) {
        constexpr const char* kWords[] = {" stands", " superseded", " retracted"};
        post.synchronise();
        std::vector<std::string> all;
        for (const auto& item : seen(post, mailbox, thread).items) {
            if (!item.opened) continue;
            all.push_back(item.opened->header.act +
                          kWords[static_cast<std::size_t>(item.corrected)]);
        }
        return all;
    }
    static station::ThreadView seen(Post& post, const Address& mailbox, const std::string& thread) {
        return must(
            station::view_thread(post.station(), must(uuid_from<ThreadId>(thread)), mailbox));
    }
    using Each = std::vector<std::string>;

    std::optional<Address> doctors_;
};

class LettersWrittenSince : public WrittenSince {
protected:
    LettersWrittenSince() : WrittenSince({"liaison"}) {}
    void write(const std::string& thread, const char* text) {
        relais(ward_, {"act", thread, "write", "--to", doctors_->text(), "--form",
                       filled({{"text", text}})});
    }
    void expect(const std::string& thread, const Each& acts) {
        EXPECT_EQ(how(ward_, geriatrics_, thread), acts);
        EXPECT_EQ(how(practice_, *doctors_, thread), acts);
    }
};

TEST_F(LettersWrittenSince, AreCorrectedAndWithdrawnAllTheSame) {
    json values = example_of(kind_folder("liaison"), "simple");
    const std::string thread =
        relais(ward_, {"new", "liaison", "--act", "simple", "--to", doctors_->text(), "--from",
                       geriatrics_.text(), "--form", filled(values), "--send"})["thread"];
    write(thread, "La photographie suit.");
    // A correction begins as the letter; word for word it is none, as a draft neither.
    const json draft = relais(ward_, {"act", thread, "correct-simple", "--draft"});
    EXPECT_EQ(draft["acts"][0]["form"]["text"], values["text"]) << draft.dump(2);
    EXPECT_EQ(relais(ward_, {"send", draft["draft"]}, 2)["error"]["name"], "usage");
    values["text"] = "Plaie du talon droit.";
    relais(ward_, {"act", thread, "correct-simple", "--form", filled(values)});
    expect(thread, {"simple superseded", "write stands", "correct-simple stands"});

    write(thread, "Elle est partie.");
    relais(ward_, {"act", thread, "withdraw", "--public", "withdraw-reason=WRONG_PATIENT", "--form",
                   (kind_folder("liaison") / "examples/withdraw.json").string()});
    expect(thread, {"simple retracted", "write retracted", "correct-simple retracted",
                    "write retracted", "withdraw stands"});
    // Who follows the case takes up nobody of it.
    auto next =
        must(station::new_thread_draft(practice_.station(), "liaison", *doctors_, "entry-letter"));
    next.follows = must(uuid_from<ThreadId>(thread));
    EXPECT_TRUE(must(station::carry_over(practice_.station(), next)).empty());

    const json listed = relais(practice_, {"inbox", "--all"})["threads"][0];
    EXPECT_EQ(listed["kind"], "liaison") << listed.dump(2);
    EXPECT_EQ(listed["state_name"], "withdrawn") << listed.dump(2);
}

class NoticesWrittenSince : public WrittenSince {
protected:
    NoticesWrittenSince() : WrittenSince({"protocol", "substitution"}) {
        join(pharmacy_, {"pharmacie-des-halles",
                         "Pharmacie des Halles",
                         OrganisationKind::pharmacy,
                         "360000056",
                         {"Paul Pharmacien", "21", "10100000074"}});
        territory_.synchronise_all();
        pharmacy_.synchronise();
    }
    Post pharmacy_{territory_.folder("pharmacie")};
};

// As the guide has it: whom a correction is for, and to whose attention, need not be said again.
TEST_F(NoticesWrittenSince, AreCorrectedToTheAttentionOfWhomTheyWere) {
    const std::string basis = "legal-basis=GENERIC_HYBRID";
    json values = example_of(kind_folder("substitution"), "notice");
    const std::string thread =
        relais(pharmacy_,
               {"new", "substitution", "--act", "notice", "--to", doctors_->text(), "--attention",
                "Dupont", "--public", basis, "--form", filled(values), "--send"})["thread"];
    const auto correct = [&](const char* quantity, const std::vector<std::string>& more) {
        values["prescribed"]["quantity"] = quantity;
        std::vector<std::string> line = {"act", thread,   "correct",     "--public",
                                         basis, "--form", filled(values)};
        line.insert(line.end(), more.begin(), more.end());
        relais(pharmacy_, line);
        practice_.synchronise();
        return seen(practice_, *doctors_, thread).items.back().text;
    };
    EXPECT_TRUE(correct("3 flacons", {}).starts_with("À l'attention de : "));
    EXPECT_TRUE(correct("4 flacons", {"--attention", "Dupont"}).starts_with("À l'attention de : "));

    // Whoever names nobody hears that, and nothing of agreements.
    const json nobody =
        relais(pharmacy_,
               {"new", "substitution", "--act", "protocol-notice", "--to", doctors_->text(),
                "--public", "legal-basis=LOCAL_PROTOCOL", "--public", "supply=OUT_OF_STOCK",
                "--public", "protocol=12", "--public", "version=1", "--public", "class=1", "--form",
                (kind_folder("substitution") / "examples/protocol-notice.json").string(), "--send"},
               3);
    EXPECT_NE(nobody.dump().find("À l'attention de qui"), std::string::npos) << nobody.dump(2);
    EXPECT_EQ(nobody.dump().find("Pas d'accord"), std::string::npos) << nobody.dump(2);
    // Nor is anything sent that no row takes.
    const json basis_refused =
        relais(pharmacy_,
               {"new", "substitution", "--act", "notice", "--to", doctors_->text(), "--public",
                "legal-basis=LOCAL_PROTOCOL", "--form", filled(values), "--send"},
               3);
    EXPECT_NE(basis_refused.dump().find("attendu : GENERIC_HYBRID"), std::string::npos)
        << basis_refused.dump(2);
}

// Of the text of the example: class 1 has a shortage and a tension, class 2 a shortage.
TEST_F(NoticesWrittenSince, AClassIsPublishedForSituationsOfItsTextAlone) {
    Post& cpts = territory_.cpts;
    Exchange protocol(kind_folder("protocol"), {&cpts, &practice_});
    const Publics version = {{"protocol", "12"}, {"version", "1"}};
    protocol.open(cpts, cpts.mailbox(), "draft", {*doctors_}, version);
    const auto refused = [&](const char* number, const std::vector<std::string>& situations) {
        Publics publics = version;
        publics["class"] = number;
        for (const char* each : {"on-out-of-stock", "on-tension", "on-discontinued", "on-local"}) {
            const bool said = std::ranges::find(situations, each) != situations.end();
            publics[each] = said ? "true" : "false";
        }
        const auto draft = protocol.prepare_next(cpts, cpts.mailbox(), "publish", publics);
        Each fields;
        for (const auto& [act, found] : must(station::check_draft(cpts.station(), draft))) {
            if (!found.path.starts_with("on-")) continue;
            EXPECT_EQ(found.severity, forms::Severity::error) << act;
            fields.push_back(found.path);
        }
        return fields;
    };
    EXPECT_EQ(refused("1", {"on-out-of-stock", "on-tension"}), Each());
    EXPECT_EQ(refused("2", {"on-out-of-stock"}), Each());
    EXPECT_EQ(refused("2", {"on-out-of-stock", "on-discontinued", "on-local"}),
              (Each{"on-discontinued", "on-local"}));
}

}  // namespace
}  // namespace relais::test
