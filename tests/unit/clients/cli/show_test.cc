// How a thread reads: remis, ouvert, pris en charge and répondu are four facts; what failed is
// said.
#include "clients/cli/show_threads.h"

#include <gtest/gtest.h>

#include "clients/cli/text.h"

namespace relais::cli {
namespace {

using nlohmann::json;
using station::TimelineItem;

station::ThreadView view_of(std::vector<TimelineItem> items) {
    const Address own = Address::parse("cabinet@indre").value();
    return {{}, nullptr, std::nullopt, "Services appelés", own, {own}, std::move(items), {}, 0};
}

std::string printed(const station::ThreadView& view) {
    Output out;
    ::testing::internal::CaptureStdout();
    print_thread(out, view);
    std::fflush(stdout);
    return ::testing::internal::GetCapturedStdout();
}

std::string receipt_line(const TimelineItem::Receipt& receipt) {
    TimelineItem item;
    item.title = "Demande envoyée";
    item.receipts = {receipt};
    const std::string text = printed(view_of({item}));
    const std::size_t at = text.find("→");
    return text.substr(at, text.find('\n', at) - at);
}

TEST(ShowThread, RemisOuvertPrisEnChargeAndReponduAreNeverMixed) {
    const std::string to = "geriatrie.ch-valmont@indre";
    EXPECT_EQ(receipt_line({to, false, false, false, false}), "→ " + to + " : pas encore remis");
    EXPECT_EQ(receipt_line({to, true, false, false, false}), "→ " + to + " : remis");
    EXPECT_EQ(receipt_line({to, true, true, false, false}), "→ " + to + " : remis, ouvert");
    EXPECT_EQ(receipt_line({to, true, true, true, false}),
              "→ " + to + " : remis, ouvert, pris en charge");
    EXPECT_EQ(receipt_line({to, false, false, false, true}), "→ " + to + " : répondu");
}

TEST(ShowThread, WhatIsHeldBackOnPurposeSaysUntilWhenAndIsNotLate) {
    TimelineItem::Receipt receipt{.mailbox = "garde@indre"};
    const auto line = [&](station::Held held) {
        receipt.held = held;
        return receipt_line(receipt);
    };
    const std::string about = "→ garde@indre : ";
    EXPECT_EQ(line({.until = Release::chosen}),
              about + "retenu jusqu'à ce que cette boîte soit choisie");
    EXPECT_EQ(line({.until = Release::turn}), about + "retenu jusqu'à son tour");
    EXPECT_EQ(line({.until = Release::confirmed}), about + "retenu jusqu'à la confirmation");
    EXPECT_EQ(line({.until = Release::overdue}),
              about + "retenu jusqu'à un délai passé sans réponse");
    const WallTime end{1'790'000'000'000};
    EXPECT_EQ(line({.until = Release::overdue, .end = end}),
              about + "retenu jusqu'au " + local_time(end) + ", si personne n'a répondu d'ici là");
    EXPECT_EQ(line({.until = Release::overdue, .over = true}),
              about + "retenu, ne sera plus remis");
}

TEST(ShowThread, WhereEachPartyStandsAndTheDelaysThatRunAreSaid) {
    station::ThreadView view = view_of({});
    const Address ward = Address::parse("geriatrie.ch-valmont@indre").value();
    const WallTime hold{1'790'000'000'000};
    const WallTime answer{1'790'000'600'000};
    view.deadlines = {{"hold", "Place retenue", hold, ward},
                      {"answer", "Délai de réponse", answer, std::nullopt}};
    view.parties = {{ward, "held", "Place proposée, retenue", view.deadlines.front()}};
    view.taken = station::Taken{{}, "Dr Exemple", hold};
    const std::string text = printed(view);
    for (const std::string& said :
         {"geriatrie.ch-valmont@indre : Place proposée, retenue — Place retenue : jusqu'au " +
              local_time(hold),
          "  Délai de réponse : jusqu'au " + local_time(answer),
          "Pris en charge par Dr Exemple depuis le " + local_time(hold)}) {
        EXPECT_NE(text.find(said), std::string::npos) << said;
    }
    EXPECT_EQ(text.find("\n  Place retenue"), std::string::npos) << "said with its party";
}

TEST(ShowThread, AMessageThatFailedShowsWhyAndWhatToDo) {
    TimelineItem item;
    item.type = TimelineItem::Type::problem;
    item.code = ErrorCode::digest_mismatch;
    item.title = "Message refusé : contenu différent";
    item.text = "N'en tenez pas compte.\n";
    const std::string text = printed(view_of({item}));
    EXPECT_NE(text.find("Message refusé"), std::string::npos);
    EXPECT_NE(text.find("    N'en tenez pas compte."), std::string::npos);
}

TEST(ShowThread, ATitleCannotDriveTheTerminal) {
    TimelineItem item;
    item.title = "avant\x1b]0;titre\x07";
    EXPECT_EQ(printed(view_of({item})).find('\x1b'), std::string::npos);
}

TEST(ShowThread, AThreadSeenFromSeveralBoxesSaysSo) {
    station::ThreadView view = view_of({});
    view.mailboxes.push_back(Address::parse("garde.cabinet@indre").value());
    EXPECT_NE(printed(view).find("--mailbox"), std::string::npos);
}

TEST(ShowThread, ALineOfTheInboxCountsItsProblems) {
    const station::ThreadLine line{{},
                                   Address::parse("cabinet@indre").value(),
                                   "admission",
                                   "Demande",
                                   "called",
                                   "En attente",
                                   "Demande envoyée",
                                   {},
                                   "",
                                   2,
                                   false};
    EXPECT_EQ(thread_line_json(line)["problems"], 2);
    EXPECT_EQ(thread_line_json(line)["kind"], "admission");
    EXPECT_EQ(thread_line_json(line)["state_name"], "called");
    Output out;
    ::testing::internal::CaptureStdout();
    print_thread_line(out, line);
    std::fflush(stdout);
    EXPECT_NE(::testing::internal::GetCapturedStdout().find("2 message(s) en défaut"),
              std::string::npos);
}

TEST(ShowThread, ALineOfTheInboxSaysTheNextDelayAndWhoHasItInHand) {
    station::ThreadLine line{
        {}, Address::parse("cabinet@indre").value(), "", "", "", "", "", {}, "", 0, false};
    EXPECT_FALSE(thread_line_json(line).contains("deadline"));
    EXPECT_FALSE(thread_line_json(line).contains("taken"));
    const WallTime end{1'790'000'000'000};
    line.deadline = station::Deadline{"answer", "Délai de réponse", end};
    line.taken = station::Taken{{}, "Dr Exemple", end};
    const json expected = {
        {"clock", "answer"}, {"label", "Délai de réponse"}, {"end", format_utc(end)}};
    EXPECT_EQ(thread_line_json(line)["deadline"], expected);
    EXPECT_EQ(thread_line_json(line)["taken"]["by"], "Dr Exemple");
    Output out;
    ::testing::internal::CaptureStdout();
    print_thread_line(out, line);
    std::fflush(stdout);
    const std::string text = ::testing::internal::GetCapturedStdout();
    EXPECT_NE(text.find("Délai de réponse : jusqu'au " + local_time(end)), std::string::npos);
    EXPECT_NE(text.find("Pris en charge par Dr Exemple"), std::string::npos);
}

TEST(ShowThread, ALineOfTheInboxSaysThatSomebodyWasToldOffTheNetwork) {
    station::ThreadLine line{
        {}, Address::parse("cabinet@indre").value(), "", "", "", "", "", {}, "", 0, false};
    const auto printed_line = [&] {
        Output out;
        ::testing::internal::CaptureStdout();
        print_thread_line(out, line);
        std::fflush(stdout);
        return ::testing::internal::GetCapturedStdout();
    };
    EXPECT_EQ(printed_line().find("hors réseau"), std::string::npos);
    line.off_network = true;
    EXPECT_NE(printed_line().find("hors réseau, non chiffré de bout en bout"), std::string::npos);
    EXPECT_TRUE(thread_line_json(line)["off_network"].get<bool>());
}

}  // namespace
}  // namespace relais::cli
