// How a thread reads: remis, ouvert, pris en charge and répondu are four facts; what failed is
// said.
#include "clients/cli/show_threads.h"

#include <gtest/gtest.h>

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
                                   "Demande",
                                   "En attente",
                                   "Demande envoyée",
                                   {},
                                   "",
                                   2,
                                   false};
    EXPECT_EQ(thread_line_json(line)["problems"], 2);
    Output out;
    ::testing::internal::CaptureStdout();
    print_thread_line(out, line);
    std::fflush(stdout);
    EXPECT_NE(::testing::internal::GetCapturedStdout().find("2 message(s) en défaut"),
              std::string::npos);
}

TEST(ShowThread, ALineOfTheInboxSaysThatSomebodyWasToldOffTheNetwork) {
    station::ThreadLine line{{},   Address::parse("cabinet@indre").value(), "", "", "", {}, "", 0,
                             false};
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
