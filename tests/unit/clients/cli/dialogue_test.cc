// What is asked, and what counts as an answer.
#include "clients/cli/dialogue.h"

#include "tests/unit/clients/cli/fixture.h"

namespace relais::cli::test {
namespace {

const std::vector<std::string> kWards = {"Cardiologie", "Court séjour gériatrique", "Chirurgie"};

TEST(Dialogue, AnAnswerThatIsNotUnderstoodIsAskedForAgain) {
    ScriptedDialogue dialogue{"peut-être", "oui"};
    EXPECT_TRUE(ask_yes(dialogue, "Envoyer ?", false).value());
    EXPECT_NE(dialogue.said().find("✗ Répondez"), std::string::npos);
}

TEST(Dialogue, AnEmptyAnswerIsTheOneThatWasAnnounced) {
    ScriptedDialogue dialogue{"", ""};
    EXPECT_TRUE(ask_yes(dialogue, "Oui ?", true).value());
    EXPECT_FALSE(ask_yes(dialogue, "Non ?", false).value());
}

TEST(Dialogue, EndingTheInputAbandons) {
    ScriptedDialogue dialogue;
    EXPECT_EQ(ask_line(dialogue, "Nom : ").code(), ErrorCode::usage);
    EXPECT_EQ(ask_choices(dialogue, "Lequel ?", kWards, Pick::one).code(), ErrorCode::usage);
}

TEST(Dialogue, AChoiceIsMadeByNumberOrByTheBeginningOfItsLabel) {
    ScriptedDialogue dialogue{"2", "court sejour"};
    EXPECT_EQ(ask_choices(dialogue, "", kWards, Pick::one).value(), std::vector<std::size_t>{1});
    EXPECT_EQ(ask_choices(dialogue, "", kWards, Pick::one).value(), std::vector<std::size_t>{1});
}

TEST(Dialogue, ABeginningThatFitsTwoChoicesIsNoAnswer) {
    ScriptedDialogue dialogue{"c", "4", "0", "", "3"};
    EXPECT_EQ(ask_choices(dialogue, "", kWards, Pick::one).value(), std::vector<std::size_t>{2});
    EXPECT_EQ(dialogue.left(), 0U);
}

TEST(Dialogue, SeveralChoicesAreTakenOnceEach) {
    ScriptedDialogue dialogue{"1, 3, 1"};
    const std::vector<std::size_t> wanted{0, 2};
    EXPECT_EQ(ask_choices(dialogue, "", kWards, Pick::several).value(), wanted);
}

TEST(Dialogue, TwoAnswersWhereOneIsWantedAreAskedForAgain) {
    ScriptedDialogue dialogue{"1,2", "1"};
    EXPECT_EQ(ask_choices(dialogue, "", kWards, Pick::one).value(), std::vector<std::size_t>{0});
}

TEST(Dialogue, AnOptionalChoiceMayBeLeftEmpty) {
    ScriptedDialogue dialogue{"", ""};
    EXPECT_TRUE(ask_choices(dialogue, "", kWards, Pick::optional_one).value().empty());
    EXPECT_TRUE(ask_choices(dialogue, "", kWards, Pick::optional_several).value().empty());
}

TEST(Dialogue, WhereNobodyIsThereTheErrorSaysWhatToGiveInstead) {
    ScriptedDialogue dialogue;
    dialogue.leave();
    const auto needed = need_dialogue(dialogue, "donnez --form");
    EXPECT_EQ(needed.code(), ErrorCode::usage);
    EXPECT_NE(needed.error().detail.find("donnez --form"), std::string::npos);
}

}  // namespace
}  // namespace relais::cli::test
