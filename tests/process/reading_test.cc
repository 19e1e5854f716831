// What people read of a case at the command line, on a real broker: where it stands, who has it in
// hand, why something was refused.
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>

#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/child.h"

namespace relais::test {
namespace {

using nlohmann::json;

// Two posts of one ward, and the practice that calls it.
class Reading : public testing::Test {
protected:
    Reading() {
        std::filesystem::create_directory(credentials_);
        must(write_file(credentials_ / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
        territory_.enrol_station(second_, territory_.hospital, {{"geriatrie"}, {}, true},
                                 "Second poste",
                                 station::NewPerson{"Dr Odile Oudin", "10", "10100000041"});
        territory_.attest(second_, second_.person());
        admission_.call({"geriatrie", "medecine"});
        second_.synchronise();
        number_ = uuid(admission_.id);
    }
    // `relais` on that station, as a process of its own.
    Said relais(Post& post, std::vector<std::string> arguments) {
        post.close();
        arguments.insert(arguments.begin(), {"--station", post.folder().path.string()});
        return run_program(program("relais"), arguments, {},
                           {"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    }
    json shown(Post& post) {
        const Said said = relais(post, {"show", number_, "--no-mark", "--json"});
        EXPECT_EQ(said.code, 0) << said.text;
        return json::parse(said.text.substr(said.text.find('{')));
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    std::filesystem::path credentials_ = territory_.folder("credentials");
    Post second_{territory_.folder("geriatrie-2")};
    Post& first_ = territory_.geriatrie;
    Post& practice_ = territory_.practice;
    std::string number_;
};

TEST_F(Reading, WhoTakesWhatAColleagueHasIsToldByWhomAndTakesNothing) {
    EXPECT_EQ(relais(first_, {"take", number_}).code, 0);
    const Said late = relais(second_, {"take", number_});
    EXPECT_EQ(late.code, 5) << late.text;
    EXPECT_TRUE(late.says("déjà pris en charge par Dr Gilles Gérard")) << late.text;
    EXPECT_FALSE(late.says("Pris en charge : ")) << late.text;
    EXPECT_TRUE(relais(second_, {"inbox"}).says("Pris en charge par Dr Gilles Gérard"));
    EXPECT_EQ(shown(second_)["taken"]["person"]["title"], "Dr Gilles Gérard");
    EXPECT_EQ(relais(first_, {"take", number_}).code, 0) << "one's own word is no news";
}

TEST_F(Reading, OfTwoWhoTakeAtTheSameMomentOneHasItAndTheOtherIsToldSo) {
    for (int round = 0; round < 3; ++round) {
        auto other = std::async(std::launch::async, [&] {
            return relais(second_, {"take", number_});
        });
        const Said one = relais(first_, {"take", number_});
        const Said two = other.get();
        EXPECT_EQ(std::min(one.code, two.code), 0) << one.text << two.text;
        EXPECT_EQ(std::max(one.code, two.code), 5) << one.text << two.text;
        const Said& loser = one.code == 0 ? two : one;
        const std::string winner = one.code == 0 ? "Dr Gilles Gérard" : "Dr Odile Oudin";
        EXPECT_TRUE(loser.says("déjà pris en charge par " + winner)) << loser.text;
        for (Post* post : {&first_, &second_}) {
            EXPECT_EQ(shown(*post)["taken"]["person"]["title"], winner);
        }
        admission_.call({"geriatrie", "medecine"});
        number_ = uuid(admission_.id);
    }
}

TEST_F(Reading, ACaseThatIsOverStaysInTheInboxUntilWhatEndedItWasOpened) {
    EXPECT_EQ(relais(first_, {"show", number_}).code, 0);
    const Said cancelled =
        relais(practice_, {"act", number_, "cancel", "--public", "cancel-reason=ELSEWHERE"});
    ASSERT_EQ(cancelled.code, 0) << cancelled.text;
    const Said unread = relais(first_, {"inbox"});
    EXPECT_TRUE(unread.says("1 message(s) à ouvrir")) << unread.text;
    EXPECT_EQ(relais(first_, {"show", number_}).code, 0);
    const Said read = relais(first_, {"inbox"});
    EXPECT_TRUE(read.says("Aucun dossier en cours")) << read.text;
    EXPECT_TRUE(relais(first_, {"inbox", "--all"}).says("Demande annulée"));
}

TEST_F(Reading, ACaseOfWhichTheBeginningWasErasedIsOverAndSaysWhy) {
    {
        auto op = territory_.broker.connect();
        for (const MessageId& message : admission_.opening) {
            must(admin::erase(op, {uuid(message), "request"}, {}));
        }
    }
    for (Post* each : {&first_, &practice_}) {
        EXPECT_EQ(relais(*each, {"sync"}).code, 0);
        EXPECT_FALSE(relais(*each, {"inbox"}).says(number_.substr(0, 8)));
        const Said all = relais(*each, {"inbox", "--all"});
        EXPECT_TRUE(all.says("Effacé")) << all.text;
        const json thread = shown(*each);
        EXPECT_EQ(thread["possible"], json::array());
        EXPECT_EQ(thread["state"]["ended"], true);
    }
}

TEST_F(Reading, ARefusalIsAnAlarmUntilSomebodyHasNotedIt) {
    for (int i = 0; i < 2; ++i) {  // the second comes too late
        const Said queued = relais(practice_, {"act", number_, "cancel", "--offline", "--public",
                                               "cancel-reason=ELSEWHERE"});
        ASSERT_EQ(queued.code, 0) << queued.text;
    }
    const Said told = relais(practice_, {"sync"});
    EXPECT_TRUE(told.says("1 envoi(s) refusé(s)")) << told.text;
    EXPECT_TRUE(relais(practice_, {"status"}).says("1 envoi(s) refusé(s)"));
    EXPECT_TRUE(relais(practice_, {"outbox"}).says("relais outbox --noted"));
    const Said wrong = relais(practice_, {"outbox", "--noted", uuid(admission_.opening.front())});
    EXPECT_EQ(wrong.code, 2) << "it was accepted: " << wrong.text;

    EXPECT_TRUE(relais(practice_, {"outbox", "--noted", "all"}).says("rien de refusé"));
    EXPECT_FALSE(relais(practice_, {"status"}).says("refusé(s)"));
    EXPECT_TRUE(relais(practice_, {"outbox", "--all"}).says("✗")) << "it is not forgotten";
}

TEST_F(Reading, AnActThatIsNotPossibleIsToldWithTheStateThatTheCaseIsIn) {
    const Said refused = relais(practice_, {"act", number_, "admitted"});
    EXPECT_EQ(refused.code, 5) << refused.text;
    EXPECT_TRUE(refused.says("état du dossier : « Services appelés »")) << refused.text;
}

// Which ward speaks is said by whoever serves two of them, unless only one of them can do the act.
TEST_F(Reading, AStationOfTwoWardsOfACaseSaysWhichOneActs) {
    Post& both = second_;
    must(territory_.hospital.registrar().extend_station(both.station().identity().station,
                                                        {"medecine"}));
    both.synchronise();
    territory_.synchronise_all();
    Admission call(territory_);
    call.call({"geriatrie", "medecine"});
    const std::string geriatrics = both.mailbox("geriatrie").text();
    const std::string medicine = both.mailbox("medecine").text();
    const std::vector<std::string> decline = {"act", uuid(call.id), "decline", "--public",
                                              "decline-reason=NO_BED"};
    const Said either = relais(both, decline);
    EXPECT_EQ(either.code, 2) << either.text;
    EXPECT_TRUE(either.says("--mailbox : ")) << either.text;
    EXPECT_TRUE(either.says(geriatrics)) << either.text;
    EXPECT_TRUE(either.says(medicine)) << either.text;
    auto named = decline;
    named.insert(named.end(), {"--mailbox", medicine});
    const Said declined = relais(both, named);
    EXPECT_EQ(declined.code, 0) << declined.text;
    const Said other = relais(both, decline);
    EXPECT_EQ(other.code, 0) << other.text;
    practice_.synchronise();
    const auto view = call.view(practice_);
    for (const auto& party : view.parties) EXPECT_EQ(party.state, "declined") << party.label;
}

TEST_F(Reading, TheCallerSeesEachWardAndUntilWhenAPlaceIsHeldAWardItselfAlone) {
    admission_.act(first_, "geriatrie", "offer", {}, {{"bed", "full"}});
    territory_.synchronise_all();
    const std::string held = first_.mailbox("geriatrie").text();
    const std::string asked = territory_.medecine.mailbox("medecine").text();
    const json whole = shown(practice_);
    ASSERT_EQ(whole["parties"].size(), 2U) << whole.dump(2);
    EXPECT_EQ(whole["parties"][0]["mailbox"], held);
    EXPECT_EQ(whole["parties"][0]["state"], "held");
    EXPECT_EQ(whole["parties"][0]["label"], "Place proposée, retenue");
    EXPECT_EQ(whole["parties"][1]["state"], "called");
    EXPECT_FALSE(whole["parties"][1].contains("until"));
    const json hold = whole["deadlines"][0];
    EXPECT_EQ(hold["clock"], "hold");
    EXPECT_EQ(hold["label"], "Place retenue");
    EXPECT_EQ(hold["mailbox"], held);
    EXPECT_EQ(hold["end"], whole["parties"][0]["until"]);

    const json own = shown(first_);
    ASSERT_EQ(own["parties"].size(), 1U) << own.dump(2);
    EXPECT_EQ(own["parties"][0], whole["parties"][0]);
    const json other = shown(territory_.medecine);
    ASSERT_EQ(other["parties"].size(), 1U) << other.dump(2);
    EXPECT_EQ(other["parties"][0]["mailbox"], asked);
    EXPECT_EQ(other["deadlines"].dump().find(held), std::string::npos) << other.dump(2);
    EXPECT_TRUE(relais(practice_, {"inbox"}).says("Place retenue : jusqu'au "));
}

}  // namespace
}  // namespace relais::test
