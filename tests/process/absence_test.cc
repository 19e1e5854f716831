// What a ward says of itself at the command line, on a real broker: its hours, and that it is away;
// then its delegate reads and answers, identity and record included; and what each of the three
// sees of it.
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/relais_line.h"

namespace relais::test {
namespace {

class AbsencesInUse : public testing::Test {
protected:
    // `relais` on that station, as a process of its own.
    Said relais(Post& post, std::vector<std::string> arguments) {
        return line_(post, std::move(arguments));
    }
    void leave(const std::vector<std::string>& rest = {"--delegate", "medecine.ch-valmont"}) {
        std::vector<std::string> add = {"absence", "add", "geriatrie.ch-valmont", "--until",
                                        "31/12/2099"};
        add.insert(add.end(), rest.begin(), rest.end());
        const Said said = relais(territory_.hospital, add);
        ASSERT_EQ(said.code, 0) << said.text;
        territory_.synchronise_all();
    }
    bool knows(Post& post) { return station::view_thread(post.station(), admission_.id).ok(); }

    RunningTerritory territory_;
    const RelaisLine line_{territory_.folder("credentials")};
    Admission admission_{territory_};
};

TEST_F(AbsencesInUse, WhatIsSaidAgainOfAWardLeavesTheRestAsItWas) {
    const auto say = [&](std::vector<std::string> what) {
        what.insert(what.begin(), {"org", "unit", "add", "geriatrie"});
        const Said said = relais(territory_.hospital, what);
        EXPECT_EQ(said.code, 0) << said.text;
        return said;
    };
    const Said opened = say({"--open", "lun-ven 08:00-18:00", "--fallback", "medecine.ch-valmont"});
    EXPECT_TRUE(opened.says("Service changé : geriatrie.ch-valmont@")) << opened.text;
    EXPECT_TRUE(opened.says("fermé les jours fériés : métropole")) << opened.text;
    EXPECT_FALSE(opened.says("Aucun poste ne le dessert")) << opened.text;
    const Said called = say({"--phone", "02 54 00 00 01"});
    EXPECT_FALSE(called.says("horaires")) << called.text;
    const Said shown = relais(territory_.hospital, {"org", "show"});
    EXPECT_TRUE(shown.says("tél. 02 54 00 00 01  [reçoit : admission]")) << shown.text;
    EXPECT_TRUE(shown.says("horaires : lun-ven 08:00-18:00, fermé les jours fériés (métropole)"))
        << shown.text;
    EXPECT_TRUE(shown.says("recours sans réponse à temps : medecine.ch-valmont@")) << shown.text;
    EXPECT_TRUE(say({"--phone", "02 54 00 00 01"}).says("Rien à changer"));
    say({"--open", "none", "--fallback", "none", "--holidays", "none"});
    EXPECT_FALSE(relais(territory_.hospital, {"org", "show"}).says("horaires"));

    const Said wrong =
        relais(territory_.hospital, {"org", "unit", "add", "geriatrie", "--zone", "Europe/Pari"});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_TRUE(wrong.says("fuseau inconnu de ce poste")) << wrong.text;
    directory::Unit unit = *territory_.hospital.station().directory().unit(
        "ch-valmont", "geriatrie");  // by whatever program
    unit.hours.zone = "Europe/Pari";
    EXPECT_EQ(territory_.hospital.registrar().add_unit(unit).code(), ErrorCode::invalid_field);
}

TEST_F(AbsencesInUse, AStationOfSomebodyRevokedAndOfAUnitRemovedTakesOthers) {
    const auto org = [&](std::vector<std::string> line) {
        line.insert(line.begin(), "org");
        const Said said = relais(territory_.hospital, line);
        EXPECT_EQ(said.code, 0) << said.text;
    };
    const auto person = [&](const std::string& title, const std::string& rpps) {
        org({"person", "add", "--title", title, "--profession", "10", "--rpps", rpps});
    };
    const auto unit = [&](const std::string& name) {
        org({"unit", "add", name, "--title", "Service " + name, "--takes", "admission", "--no-ring",
             "--here"});
    };
    person("Dr Odile Oudin", "10100000041");
    unit("pneumologie");
    org({"revoke", "person", "Dr Odile Oudin", "--reason", "left"});
    org({"unit", "remove", "pneumologie"});
    person("Dr Diane Durand", "10100000066");
    unit("neurologie");
    const auto& station = territory_.hospital.station().self()->station;
    EXPECT_EQ(std::ranges::count(station.units, "pneumologie"), 0);
    EXPECT_EQ(std::ranges::count(station.units, "neurologie"), 1);
}

// Nobody is revoked in the place of somebody else, nor a ward left without a post in silence.
TEST_F(AbsencesInUse, WhoAndWhatIsRevokedIsNamedWholeAndSaid) {
    const auto org = [&](std::vector<std::string> line, int code) {
        line.insert(line.begin(), "org");
        Said said = relais(territory_.hospital, line);
        EXPECT_EQ(said.code, code) << said.text;
        return said;
    };
    for (const char* rpps : {"10100000041", "10100000066"}) {
        org({"person", "add", "--title", "Dr Vera Voisin", "--profession", "10", "--rpps", rpps},
            0);
    }
    for (const char* typed : {"Dr Vera Voisin", "Vera"}) {
        const Said two = org({"revoke", "person", typed, "--reason", "error"}, 2);
        EXPECT_TRUE(two.says("RPPS 10100000041, n° ") && two.says("RPPS 10100000066, n° "))
            << two.text;
    }
    EXPECT_TRUE(org({"revoke", "person", "10100000066"}, 0).says("RPPS 10100000066"));
    EXPECT_TRUE(org({"revoke", "person", "Vera"}, 2).says("le nom entier"));
    EXPECT_TRUE(org({"show"}, 0).says("RPPS 10100000041"));

    const std::string title = territory_.medecine.station().self()->station.title;
    const Said revoked = org({"revoke", "station", title, "--reason", "lost"}, 0);
    EXPECT_TRUE(revoked.says("Plus aucun poste ne lit medecine.ch-valmont")) << revoked.text;
    const Said told = relais(territory_.practice,
                             {"new", "admission", "--to", "medecine.ch-valmont", "--incomplete"});
    EXPECT_TRUE(told.says("aucun de ses postes n'a de clé")) << told.text;
}

TEST_F(AbsencesInUse, TheDelegateReadsAnswersAndIsChosenInThePlaceOfTheWard) {
    leave();
    admission_.call({"geriatrie"});
    ASSERT_TRUE(knows(territory_.medecine));
    EXPECT_TRUE(admission_.reads(territory_.medecine, "call"));
    EXPECT_FALSE(admission_.reads(territory_.medecine, "deposit"));
    EXPECT_TRUE(admission_.reads(territory_.geriatrie, "call")) << "its own box stays its own";
    const auto asked = admission_.view(territory_.practice);
    EXPECT_TRUE(std::ranges::any_of(asked.items, [](const station::TimelineItem& item) {
        return item.notice == NoticeKind::delegated;
    }));

    admission_.act(territory_.medecine, "medecine", "offer", {}, {{"bed", "full"}});
    EXPECT_TRUE(admission_.reads(territory_.practice, "offer"));
    const auto away = admission_.view(territory_.geriatrie);
    EXPECT_TRUE(std::ranges::any_of(away.items, [](const station::TimelineItem& item) {
        return item.notice == NoticeKind::placed;
    })) << "the ward hears what was done in its place";
    EXPECT_EQ(away.state->parties[0].state,
              admission_.view(territory_.medecine).state->parties[0].state);

    admission_.act(territory_.practice, "", "choose", {"geriatrie"});
    EXPECT_TRUE(admission_.reads(territory_.medecine, "deposit")) << "identity and record";
    EXPECT_TRUE(admission_.reads(territory_.geriatrie, "deposit"));
    admission_.act(territory_.medecine, "medecine", "admitted");
    EXPECT_EQ(admission_.view(territory_.practice).state->state,
              admission_.view(territory_.geriatrie).state->state)
        << "the ward follows what its delegate does";
}

TEST_F(AbsencesInUse, TheSenderIsToldBeforeItSends) {
    const auto form = [&](const std::string& act) {
        const std::filesystem::path path = territory_.folder(act + ".json");
        must(write_file(path, as_bytes(example(act).dump()), 0600, Replace::yes));
        return act + "=" + path.string();
    };
    const std::vector<std::string> call = {
        "new",    "admission",  "--to",   "geriatrie.ch-valmont", "--public", "urgency=stat",
        "--form", form("call"), "--form", form("deposit")};
    leave();
    const Said away = relais(territory_.practice, call);
    EXPECT_TRUE(away.says("absent jusqu'au")) << away.text;
    EXPECT_TRUE(away.says("lu par son délégué medecine.ch-valmont")) << away.text;
    EXPECT_FALSE(away.says("lui-même")) << away.text;
    const Said behind = relais(territory_.hospital, {"org", "unit", "add", "geriatrie",
                                                     "--fallback", "medecine.ch-valmont"});
    ASSERT_EQ(behind.code, 0) << behind.text;
    const Said both = relais(territory_.hospital,
                             {"absence", "add", "medecine.ch-valmont", "--until", "31/12/2099"});
    ASSERT_EQ(both.code, 0) << both.text;
    territory_.synchronise_all();
    const Said nobody = relais(territory_.practice, call);
    EXPECT_TRUE(nobody.says("lui-même absent jusqu'au")) << nobody.text;
    EXPECT_TRUE(nobody.says("son recours medecine.ch-valmont")) << nobody.text;
    EXPECT_TRUE(nobody.says("est absent jusqu'au")) << nobody.text;
}

TEST_F(AbsencesInUse, WhoIsBackIsNotReplacedAndWhoHasNoDelegateNeither) {
    leave();
    const Said back = relais(territory_.hospital, {"absence", "end", "geriatrie.ch-valmont"});
    ASSERT_EQ(back.code, 0) << back.text;
    territory_.synchronise_all();
    admission_.call({"geriatrie"});
    EXPECT_FALSE(knows(territory_.medecine));
    leave({});
    admission_.call({"geriatrie"});
    EXPECT_FALSE(knows(territory_.medecine));
    const Said listed = relais(territory_.practice, {"absence", "list", "--all"});
    EXPECT_TRUE(listed.says("sans délégué")) << listed.text;
}

// A trap of the field: a service that nobody is told of waits in silence.
TEST_F(AbsencesInUse, AServiceThatNobodyIsToldOfIsSaidToBeOne) {
    const std::vector<std::string> add = {"org",     "unit",     "add",     "garde",
                                          "--title", "La garde", "--takes", "admission"};
    const auto with = [&](std::vector<std::string> more) {
        std::vector<std::string> all = add;
        all.insert(all.end(), more.begin(), more.end());
        const Said said = relais(territory_.hospital, all);
        EXPECT_EQ(said.code, 0) << said.text;
        return said.says("Personne ne sera prévenu");
    };
    EXPECT_TRUE(with({}));
    EXPECT_FALSE(with({"--ring", "garde@ch-valmont.test"}));
    EXPECT_FALSE(with({"--no-ring"})) << "said on purpose";

    std::vector<std::string> secret = add;
    secret.insert(secret.end(), {"--ring", "https://moi:mot-de-passe@ch-valmont.test/relais"});
    const Said refused = relais(territory_.hospital, secret);
    EXPECT_EQ(refused.code, 2) << refused.text;
    EXPECT_TRUE(refused.says("que tout l'annuaire lit")) << refused.text;
}

TEST_F(AbsencesInUse, AStationIsAskedForNoMoreMailboxesThanItMayServe) {
    Post& post = territory_.hospital;
    const StationId id = post.station().identity().station;
    std::vector<std::string> units;
    const std::size_t served = post.station().directory().station(id)->station.units.size();
    for (std::size_t i = served; i < limits::kUnitsPerStationMax; ++i) {
        units.push_back("service-" + std::to_string(i));
        must(post.registrar().add_unit({must(Name::parse(units.back())), "Service", "", "", {}}));
    }
    must(post.registrar().extend_station(id, units));
    const std::string said = "un poste dessert 64 boîtes au plus ; invitez un autre poste";
    const Said one = relais(post, {"org", "unit", "add", "de-trop", "--title", "Trop", "--here"});
    EXPECT_EQ(one.code, 3) << one.text;
    EXPECT_TRUE(one.says(said)) << one.text;
    post.synchronise();
    EXPECT_EQ(post.station().directory().unit("ch-valmont", "de-trop"), nullptr);
    EXPECT_TRUE(relais(post, {"org", "serve", "geriatrie", "medecine"}).says(said));
    EXPECT_EQ(relais(post, {"org", "serve", units.back()}).code, 0) << "which it serves";
}

TEST_F(AbsencesInUse, MistakesAreSaid) {
    Post& hospital = territory_.hospital;
    const auto refuses = [&](std::vector<std::string> arguments, const char* why) {
        arguments.insert(arguments.begin(), {"absence"});
        const Said said = relais(hospital, arguments);
        EXPECT_NE(said.code, 0) << said.text;
        EXPECT_TRUE(said.says(why)) << said.text;
    };
    refuses({"add", "geriatrie.ch-valmont", "--until", "hier"}, "31/12/2026");
    refuses({"add", "geriatrie.ch-valmont", "--until", "01/01/2020"}, "à venir");
    refuses({"add", "cabinet-dupont", "--until", "31/12/2099"}, "pas un service");
    refuses({"add", "geriatrie.ch-valmont", "--until", "31/12/2099", "--delegate",
             "geriatrie.ch-valmont"},
            "une autre boîte");
    refuses({"end", "geriatrie.ch-valmont"}, "aucune absence");
    leave();
    refuses({"add", "geriatrie.ch-valmont", "--until", "30/12/2099"}, "chevauchent");
}

}  // namespace
}  // namespace relais::test
