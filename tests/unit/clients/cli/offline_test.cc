// What a station does without its broker: look things up, prepare, sign, queue, show. Each rule
// with the exit code and the document that a script would see.
#include <unistd.h>

#include <csignal>

#include "clients/cli/sending.h"
#include "clients/cli/text.h"
#include "core/codecs/codecs.h"
#include "tests/unit/clients/cli/fixture.h"

namespace relais::cli::test {
namespace {

using nlohmann::json;

class Offline : public PracticeTest {
protected:
    // The arguments of a whole, valid request to the geriatric ward.
    static std::vector<std::string> request() {
        return {"new",      "admission",
                "--to",     "geriatrie.ch-valmont",
                "--public", "urgency=asap",
                "--form",   "call=" + example("call.json"),
                "--form",   "deposit=" + example("deposit.json"),
                "--json"};
    }
    // Kept as a draft by the secretary; its number.
    std::string prepare() {
        std::vector<std::string> line = request();
        line.insert(line.end(), {"--as", "Roy"});
        const Ran ran = run(line);
        EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
        return ran.json().value("draft", "");
    }
};

TEST_F(Offline, AWardIsFoundWhateverTheAccents) {
    const json found = run({"directory", "Gériatrie", "--json"}).json();
    ASSERT_EQ(found["organisations"].size(), 1U);
    const json& hospital = found["organisations"][0];
    EXPECT_EQ(hospital["name"], "ch-valmont");
    EXPECT_EQ(hospital["state"], "confirmed");
    EXPECT_EQ(hospital["units"][0]["mailbox"], "geriatrie.ch-valmont@indre");
    EXPECT_TRUE(hospital["units"][0]["sealable"].get<bool>());
}

TEST_F(Offline, TheDirectorySaysWhoseProfessionIsAttested) {
    const json all = run({"directory", "--json"}).json()["organisations"];
    for (const json& organisation : all) {
        for (const json& person : organisation["persons"]) {
            EXPECT_EQ(person["attested"].get<bool>(), person["profession"] == "10")
                << person.dump();
        }
    }
}

TEST_F(Offline, OnlyUnitsThatTakeAKindAreListedForIt) {
    const json found = run({"directory", "--takes", "admission", "--json"}).json();
    ASSERT_EQ(found["organisations"].size(), 1U);
    EXPECT_EQ(found["organisations"][0]["units"].size(), 2U);
    EXPECT_TRUE(found["organisations"][0]["persons"].empty());
    EXPECT_TRUE(run({"directory", "--takes", "autre", "--json"}).json()["organisations"].empty());
}

TEST_F(Offline, TheHoursOfAUnitAreShownAndWhoTakesOver) {
    directory::Unit ward = territory_.geriatrics.unit;
    ward.hours = {"", calendar::Holidays::metropole, {{0b0011111, 480, 1080}}};
    ward.fallback = Address::parse("cardiologie.ch-valmont@indre").value();
    territory_.append("ch-valmont", *territory_.hospital.authority, ward);
    learn();
    const auto unit = [&] {
        return run({"directory", "gériatrie", "--json"}).json()["organisations"][0]["units"][0];
    };
    EXPECT_EQ(unit()["opening"], json({"lun-ven 08:00-18:00"}));
    EXPECT_EQ(unit()["holidays"], "metropole");
    EXPECT_EQ(unit()["zone"], "Europe/Paris");
    EXPECT_EQ(unit()["fallback"], "cardiologie.ch-valmont@indre");
    const std::string said = run({"directory", "gériatrie"}).out;
    EXPECT_NE(said.find("    horaires : lun-ven 08:00-18:00, fermé les jours fériés (métropole), "
                        "heure de Paris\n"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("recours sans réponse à temps : cardiologie.ch-valmont@indre"),
              std::string::npos);

    ward.hours.zone = "Europe/Pari";
    territory_.append("ch-valmont", *territory_.hospital.authority, ward);
    learn();
    EXPECT_FALSE(unit()["zone_known"].get<bool>());
    EXPECT_NE(run({"directory", "gériatrie"}).out.find("fuseau « Europe/Pari » inconnu"),
              std::string::npos);
}

TEST_F(Offline, ASecretaryPreparesAndTheDoctorSigns) {
    const std::string draft = prepare();
    const json kept = run({"drafts", "--json"}).json()["drafts"];
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_TRUE(kept[0]["complete"].get<bool>());
    EXPECT_EQ(kept[0]["prepared_by"]["title"], "Dominique Roy");

    const Ran sent = run_as_doctor({"send", draft, "--json"});
    ASSERT_EQ(sent.code, 0) << sent.err;
    ASSERT_EQ(sent.json()["messages"].size(), 2U);
    EXPECT_EQ(sent.json()["messages"][0]["act"], "call");
    EXPECT_EQ(sent.json()["messages"][1]["state"], "queued");
    EXPECT_TRUE(run({"drafts", "--json"}).json()["drafts"].empty());
}

TEST_F(Offline, WhatIsKnownOfARecipientIsSaidBeforeSending) {
    const auto known = [&] {
        std::vector<std::string> line = request();
        line.insert(line.end(), {"--as", "Roy"});
        return run(line).json()["recipients"][0];
    };
    const json open = known();
    EXPECT_EQ(open["mailbox"], "geriatrie.ch-valmont@indre");
    EXPECT_TRUE(open["takes"].get<bool>());
    EXPECT_TRUE(open["confirmed"].get<bool>());
    EXPECT_FALSE(open["rung"].get<bool>());
    EXPECT_FALSE(open.contains("closed_until"));
    EXPECT_FALSE(open.contains("last_sign")) << "it never heard of it";

    const auto in_three_days = std::chrono::weekday(
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) +
        std::chrono::days(3));
    directory::Unit ward = territory_.geriatrics.unit;
    ward.hours.opening = {
        {static_cast<std::uint8_t>(1 << (in_three_days.iso_encoding() - 1)), 8 * 60, 18 * 60}};
    ward.rings = {{directory::RingWay::email, "garde@ch-valmont.test", std::chrono::minutes(10)}};
    territory_.append("ch-valmont", *territory_.hospital.authority, ward);
    learn();
    EXPECT_TRUE(known().contains("closed_until"));
    EXPECT_TRUE(known()["rung"].get<bool>());
    std::vector<std::string> line = request();
    line.pop_back();
    line.insert(line.end(), {"--as", "Roy"});
    EXPECT_NE(run(line).out.find("geriatrie.ch-valmont@indre : fermé jusqu'au "),
              std::string::npos);
    EXPECT_NE(
        run({"directory", "geriatrie"})
            .out.find("prévenu hors de Relais : e-mail à garde@ch-valmont.test, après 10 min"),
        std::string::npos);
}

TEST_F(Offline, ALastSignIsSaidByItsDayAndByWhatItWas) {
    const CivilDay day{20'000};  // 4 October 2024
    const station::LastSign held{day, station::Sign::delivered};
    EXPECT_EQ(last_sign_text(held, day + 9), "dernier signe il y a 9 jours (remis le 04/10/2024)");
    EXPECT_EQ(last_sign_text(held, day + 1), "dernier signe hier (remis le 04/10/2024)");
    EXPECT_EQ(last_sign_text(station::LastSign{day, station::Sign::acted}, day),
              "dernier signe aujourd'hui (acte signé le 04/10/2024)");
    EXPECT_EQ(last_sign_text(std::nullopt, day), "aucun signe encore sur ce poste");
    std::vector<std::string> line = request();
    line.pop_back();
    line.insert(line.end(), {"--as", "Roy"});
    EXPECT_NE(run(line).out.find("geriatrie.ch-valmont@indre : aucun signe encore sur ce poste"),
              std::string::npos);
}

TEST_F(Offline, ASecretaryCannotSignWhatADoctorMust) {
    const std::string draft = prepare();
    const Ran ran = run({"send", draft, "--as", "Roy", "--json"});
    EXPECT_EQ(ran.code, 4);
    EXPECT_EQ(ran.json()["error"]["name"], "role_refused");
    EXPECT_EQ(run({"drafts", "--json"}).json()["drafts"].size(), 1U);  // nothing is lost
    EXPECT_TRUE(run({"outbox", "--json"}).json()["messages"].empty());
}

TEST_F(Offline, OnePersonsPassphraseDoesNotSignForAnother) {
    const std::string draft = prepare();
    const Ran ran = run({"send", draft, "--as", "Martin", "--json"});  // no passphrase of their own
    EXPECT_NE(ran.code, 0);
    EXPECT_TRUE(run({"outbox", "--json"}).json()["messages"].empty());
}

TEST_F(Offline, WhereTwoPersonsShareAStationTheLineSaysWhoActs) {
    const std::string draft = prepare();
    const Ran ran = run({"send", draft, "--json"});
    EXPECT_EQ(ran.code, 2);
    const std::string detail = ran.json()["error"]["detail"];
    EXPECT_NE(detail.find("--as"), std::string::npos);
    EXPECT_NE(detail.find("Dominique Roy"), std::string::npos);
}

TEST_F(Offline, AnErrorStandsAtItsFieldAndNothingIsKept) {
    std::vector<std::string> line = request();
    const std::string bad =
        write("appel.json", R"({"age_band": "from_85_to_94", "reason": "", "phone": "12"})");
    line[7] = "call=" + bad;
    const Ran ran = run(line);
    EXPECT_EQ(ran.code, 3);
    bool at_phone = false;
    bool at_reason = false;
    const json findings = ran.json()["findings"];
    for (const json& finding : findings) {
        at_phone |= finding["act"] == "call" && finding["path"] == "phone";
        at_reason |= finding["path"] == "reason" && finding["code"] == "missing_field";
    }
    EXPECT_TRUE(at_phone) << ran.out;
    EXPECT_TRUE(at_reason);
    EXPECT_TRUE(run({"drafts", "--json"}).json()["drafts"].empty());
}

TEST_F(Offline, AnIncompleteDraftIsKeptWhereThatIsAsked) {
    const Ran ran = run({"new", "admission", "--incomplete", "--json"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    const std::string draft = ran.json()["draft"];
    EXPECT_FALSE(ran.json()["complete"].get<bool>());
    EXPECT_EQ(run_as_doctor({"send", draft}).code, 3);
    const Ran more = run({"draft", draft, "--to", "geriatrie.ch-valmont", "--public",
                          "urgency=stat", "--form", "call=" + example("call.json"), "--form",
                          "deposit=" + example("deposit.json"), "--json"});
    ASSERT_EQ(more.code, 0) << more.err;
    EXPECT_TRUE(more.json()["complete"].get<bool>());
    const Ran less = run({"draft", draft, "--form", "call=" + write("vide.json", "{}")});
    EXPECT_NE((less.out + less.err).find("remplace celui du brouillon, qui avait aussi : "),
              std::string::npos)
        << less.out << less.err;
}

TEST_F(Offline, ADraftIsDeletedOnlyByItsNumber) {
    const std::string draft = prepare();
    EXPECT_EQ(run({"draft", "000000000000", "--delete"}).code, 9);
    EXPECT_EQ(run({"draft", draft.substr(draft.size() - 8), "--delete"}).code, 0);
    EXPECT_TRUE(run({"drafts", "--json"}).json()["drafts"].empty());
}

TEST_F(Offline, WhatIsUnknownIsSaidByItsOwnCode) {
    std::vector<std::string> line = request();
    line[3] = "inconnu.ch-valmont";
    EXPECT_EQ(run(line).json()["error"]["name"], "unknown_recipient");
    line = request();
    line[1] = "inconnu";
    EXPECT_EQ(run(line).json()["error"]["name"], "unknown_kind");
    line = request();
    line[5] = "inconnu=1";
    EXPECT_EQ(run(line).json()["error"]["name"], "unknown_field");
    line = request();
    line[5] = "urgency=peut-être";
    EXPECT_EQ(run(line).code, 3);
    EXPECT_EQ(run({"show", "abcdef01"}).code, 9);
}

TEST_F(Offline, ARepeatedOptionDoesNotSwallowWhatFollows) {
    std::vector<std::string> line = request();
    std::rotate(line.begin() + 1, line.begin() + 2, line.begin() + 6);  // the kind after --public
    const Ran ran = run(line);
    EXPECT_EQ(ran.code, 0) << ran.err;
}

TEST_F(Offline, WhatIsQueuedIsSeenInTheOutboxAndInItsThread) {
    const std::string draft = prepare();
    const json sent = run_as_doctor({"send", draft, "--json"}).json();
    const json outbox = run({"outbox", "--json"}).json()["messages"];
    ASSERT_EQ(outbox.size(), 2U);
    const json shown = run({"show", sent["thread"], "--json"}).json();
    ASSERT_EQ(shown["items"].size(), 2U);
    EXPECT_EQ(shown["items"][0]["sending"], "queued");
    EXPECT_EQ(run({"inbox", "--json"}).json()["threads"].size(), 1U);
}

TEST_F(Offline, TheFormsOfAnActAreExplained) {
    const json shown = run({"form", "admission", "call", "--json"}).json();
    ASSERT_EQ(shown["acts"].size(), 1U);
    EXPECT_EQ(shown["acts"][0]["public"][0]["name"], "urgency");
    EXPECT_FALSE(shown["acts"][0]["form"]["fields"].empty());
    EXPECT_EQ(run({"form", "admission", "inconnu"}).code, 9);
}

TEST_F(Offline, StatusSaysWhoAndWhereAndThatThereIsNoConnection) {
    const json status = run({"status", "--json"}).json();
    EXPECT_EQ(status["organisation"]["name"], "cabinet");
    EXPECT_EQ(status["organisation"]["state"], "confirmed");
    EXPECT_FALSE(status["connected"].get<bool>());
    EXPECT_EQ(status["persons"].size(), 2U);
    EXPECT_EQ(status["mailboxes"][0]["mailbox"], "cabinet@indre");
    EXPECT_FALSE(status["authority"].get<bool>());
}

TEST_F(Offline, ASecondAttestationOfOnesRppsIsToldToItsHolder) {
    const auto elsewhere = [&] {
        json all = json::array();
        const json status = run({"status", "--json"}).json();
        for (const json& person : status["persons"]) {
            for (const json& other : person["attested_elsewhere"]) all.push_back(other);
        }
        return all;
    };
    const auto other =
        territory_.add_person(territory_.hospital, {.rpps = territory_.doctor.person.rpps});
    learn();
    EXPECT_TRUE(elsewhere().empty()) << "declared, and attested by nobody";
    territory_.attest(other);
    learn();
    ASSERT_EQ(elsewhere().size(), 1U);
    EXPECT_EQ(elsewhere()[0]["organisation"], territory_.hospital.name.text());
    EXPECT_NE(run({"status"}).out.find("RPPS attesté aussi pour Dr Camille Martin"),
              std::string::npos);
    territory_.attest(other, true);
    learn();
    EXPECT_TRUE(elsewhere().empty());
}

TEST_F(Offline, AWrongPassphraseIsAProblemOfThisMachine) {
    const Ran ran = run({"status", "--json"}, "une autre phrase que celle du poste");
    EXPECT_EQ(ran.code, 8);
    EXPECT_EQ(ran.json()["error"]["name"], "wrong_passphrase");
}

TEST_F(Offline, AWatchEndsWellAtASignalAndLeavesTheLink) {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigset_t before;
    ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &stop, &before), 0);
    ::alarm(60);       // a watch that does not stop ends the test instead of hanging it
    ::raise(SIGTERM);  // waits until the watch looks
    const Ran first = run({"watch"});
    EXPECT_EQ(first.code, 0) << first.err;
    ::raise(SIGTERM);
    EXPECT_EQ(run({"watch"}).code, 0);  // the lock of the first is gone
    ::alarm(0);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(Offline, AnExportIsANewPrivateFolder) {
    const std::string draft = prepare();
    ASSERT_EQ(run_as_doctor({"send", draft}).code, 0);
    const std::string folder = folder_.file("export");
    const Ran ran = run({"export", folder, "--json"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.json()["threads"], 1);
    EXPECT_EQ(std::filesystem::status(folder).permissions(), std::filesystem::perms::owner_all);
    EXPECT_TRUE(std::filesystem::exists(folder + "/directory.log"));
    EXPECT_EQ(run({"export", folder}).code, 8);
}

TEST_F(Offline, WhatNeedsTheServiceSaysThatItIsAway) {
    const std::string draft = prepare();
    ASSERT_EQ(run_as_doctor({"send", draft}).code, 0);
    const json message = run({"outbox", "--json"}).json()["messages"][0];
    EXPECT_EQ(run({"proof", message["message"]}).code, 6);  // not accepted yet
}

TEST_F(Offline, ARegisterIsReadFromTheCopyWithItsAge) {
    publish("capacity");
    const auto beds = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"register", "capacity", "beds"});
        return run(more);
    };
    const Ran never = beds({});
    EXPECT_EQ(never.code, 6);
    EXPECT_NE(never.err.find("« capacity beds » jamais lu sur ce poste"), std::string::npos)
        << never.err;

    const WallTime read = parse_local_time("28/11/2026 08:15", DayEnd::begin).value();
    const std::string key = "geriatrie.ch-valmont@indre/2";
    json copy = {{"read", read.ms}, {"position", 1}, {"latest", {{key, 3}}}};
    keep("register/capacity/beds", copy.dump());
    const Ran older = beds({});  // kept by a version that did not note what set a value
    EXPECT_EQ(older.code, 0);
    EXPECT_NE(older.out.find(key + " = 3\n"), std::string::npos) << older.out;

    const std::string digest = hex(territory_.state().kind("capacity")->kind.digest.view());
    copy["sets"][key] = {{"accepted", read.ms},
                         {"leaf", 7},
                         {"from", "geriatrie.ch-valmont@indre"},
                         {"thread", "018f0000-0000-7000-8000-000000000001"},
                         {"kind", digest},
                         {"act", "declare"}};
    keep("register/capacity/beds", copy.dump());
    const Ran known = beds({});
    EXPECT_EQ(known.code, 0) << known.err;
    EXPECT_NE(known.out.find("Registre lu le 28/11/2026 08:15"), std::string::npos) << known.out;
    EXPECT_NE(known.out.find("(geriatrie.ch-valmont@indre) ; Sorte de place : Hôpital de jour = "
                             "Places libres : 3  depuis le 28/11/2026 08:15"),
              std::string::npos)
        << known.out;
    const json document = beds({"--json"}).json();
    EXPECT_EQ(document["copied"], format_utc(read));
    EXPECT_EQ(document["entries"][0]["key"], key);
    EXPECT_EQ(document["entries"][0]["value_word"]["label"], "Places libres");
    // The copy has the last values only.
    EXPECT_EQ(beds({"--all"}).code, 6);
    EXPECT_EQ(beds({"--at", "7"}).code, 6);
}

TEST_F(Offline, WhenARegisterIsReadIsATimeOrALeaf) {
    for (const char* wrong : {"demain", "7x", "-1", "2026-11-31", "01/01/2999"}) {
        const Ran ran = run({"register", "admission", "beds", "--at=" + std::string(wrong)});
        EXPECT_EQ(ran.code, 2) << wrong;
        EXPECT_NE(ran.err.find("--at"), std::string::npos) << ran.err;
    }
    EXPECT_EQ(run({"register", "admission", "beds", "--at", "2024-11-30 08:00"}).code, 6);
}

TEST_F(Offline, AbsencesAreAskedOfATimeToCome) {
    directory::Absence away{territory_.geriatrics.unit.name};
    away.periods = {{parse_local_time("24/12/2090 14:00", DayEnd::begin).value(),
                     parse_local_time("02/01/2091", DayEnd::end).value()}};
    territory_.append("ch-valmont", *territory_.hospital.authority, away);
    learn();
    const auto at = [&](const char* time) {
        return run({"absence", "list", "--all", "--at", time});
    };
    const char* kAway = "geriatrie.ch-valmont@indre : absent du";
    EXPECT_NE(at("02/01/2091 18:00").out.find(kAway), std::string::npos);
    EXPECT_NE(at("24/12/2090").out.find(kAway), std::string::npos) << "at some time of that day";
    EXPECT_EQ(at("24/12/2090 10:00").out.find(kAway), std::string::npos);
    EXPECT_EQ(at("23/12/2090").out.find(kAway), std::string::npos);
    EXPECT_NE(at("04/01/2091").out.find("Aucune absence annoncée à ce moment."), std::string::npos);
    EXPECT_EQ(at("01/01/2020").code, 2);
    EXPECT_EQ(at("demain").code, 2);
}

TEST_F(Offline, AGroupTakesOnlyKindsThatCanBePostedToGroups) {
    const Ran ran = run({"group", "set", "alertes", "--title", "Alertes", "--takes", "admission"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("aucune action de ce type d'échange ne va à un groupe"),
              std::string::npos)
        << ran.err;
    EXPECT_NE(run({"group", "set", "alertes"}).err.find("demande --title et --takes"),
              std::string::npos);
}

TEST_F(Offline, WhoMayNotPostToAGroupIsToldSo) {
    publish("alert");
    directory::Group group{Name::parse("alertes").value(), "Alertes", {"alert"}};
    const auto refused = [&] {
        territory_.append("cpts-indre", *territory_.cpts.authority, group);
        learn();
        return run({"new", "alert", "--to", "#alertes.cpts-indre", "--incomplete", "--as", "Roy",
                    "--json"})
            .out;
    };
    EXPECT_NE(refused().find("n'est pas de celles qui peuvent y écrire : celles de "
                             "l'organisation qui tient le groupe."),
              std::string::npos)
        << refused();
    group.posting = directory::Posting::members;
    EXPECT_NE(refused().find("tient le groupe, ses membres."), std::string::npos);
    group.kinds = {"note"};
    EXPECT_NE(refused().find("ce groupe ne reçoit pas ce type d'échange"), std::string::npos);
}

TEST_F(Offline, AMandateIsForActsThatMayBeDoneForAnother) {
    const auto mandate = [&](const std::string& act) {
        return run({"org", "mandate", "--by", "Roy", "--for", "Martin", "--act", act}).err;
    };
    EXPECT_NE(mandate("admission/sing").find("action inconnue"), std::string::npos);
    EXPECT_NE(mandate("admission/call").find("ne se fait pas pour quelqu'un d'autre"),
              std::string::npos);
    EXPECT_EQ(mandate("admission/answer").find("quelqu'un d'autre"), std::string::npos);
    EXPECT_EQ(mandate("admission/*").find("quelqu'un d'autre"), std::string::npos);
}

TEST_F(Offline, AnRppsWithAWrongKeyIsSaid) {
    const auto add = [&](const std::string& rpps) {
        const Ran ran = run(
            {"org", "person", "add", "--title", "Dr Essai", "--profession", "10", "--rpps", rpps});
        return ran.out + ran.err;
    };
    EXPECT_NE(add("99700000014").find("--rpps « 99700000014 »"), std::string::npos);
    EXPECT_EQ(add("99700000013").find("--rpps"), std::string::npos);
    EXPECT_NE(add("997").find("--rpps « 997 »"), std::string::npos);
}

TEST_F(Offline, AFingerprintThatDiffersIsNeverConfirmed) {
    const Ran ran = run({"confirm", "ch-valmont", "--fingerprint",
                         "0000 0000 0000 0000 0000 0000 0000 0000 0000 0000", "--json"});
    EXPECT_EQ(ran.code, 7);
    EXPECT_EQ(ran.json()["error"]["name"], "fingerprint_mismatch");
}

TEST_F(Offline, ARequestIsFilledFieldByFieldAtTheTerminal) {
    ScriptedDialogue dialogue{"geriatrie", "2"};  // to whom (a beginning), how urgent
    const Ran ran = run({"new", "admission", "--form", "call=" + example("call.json"), "--form",
                         "deposit=" + example("deposit.json"), "--as", "Roy", "--json"},
                        dialogue);
    // Both forms are given, so that only the recipients are asked for; the urgency is missing.
    EXPECT_EQ(ran.code, 3);
    EXPECT_NE(dialogue.said().find("À qui ?"), std::string::npos);
}

}  // namespace
}  // namespace relais::cli::test
