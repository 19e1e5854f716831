// What leaves the broker when it rings: the form of a mail and of a webhook, which nothing in them
// can break, whatever the title of a kind.
#include "broker/ringing/message.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/codecs/codecs.h"

namespace relais::broker {
namespace {

constexpr WallTime kNow{1'790'000'000'000};  // 2026-09-21 14:13:20 UTC, a Monday

RingingOptions options_of() {
    return {.domain = Name::parse("indre").value(),
            .link = "https://relais.test/dossier/",
            .ca = "",
            .allow = {},
            .relay = "",
            .from = "relais@indre.test",
            .tls = true,
            .user = ""};
}

Ring ring_of(const std::string& title) {
    ThreadId thread{};
    thread.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0xAB, 0xCD, 0xEF, 0x12};
    return {.thread = thread,
            .message = {},
            .mailbox = Address::parse("geriatrie.ch-valmont@indre").value(),
            .step = 0,
            .attempt = 2,
            .way = directory::RingWay::email,
            .to = "astreinte@ch-valmont.test",
            .title = title,
            .lane = Lane::urgent,
            .urgency = "",
            .deadline = kNow + Milliseconds(std::chrono::hours(4)),
            .zone = ""};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find("\r\n", at);
        RC_ASSERT(end != std::string::npos);
        lines.push_back(text.substr(at, end - at));
        at = end + 2;
    }
    return lines;
}

std::string decoded_words(const std::string& words) {
    std::string text;
    for (std::size_t at = 0; (at = words.find("=?UTF-8?B?", at)) != std::string::npos;) {
        at += 10;
        text += as_text(parse_base64(words.substr(at, words.find("?=", at) - at)).value());
    }
    return text;
}

std::string body_of(const std::string& mail) {
    const auto lines = lines_of(mail);
    const auto empty = std::ranges::find(lines, "");
    std::string body;
    for (auto line = empty + 1; line != lines.end(); ++line) {
        body += as_text(parse_base64(*line).value());
    }
    return body;
}

TEST(RingMessage, AMailSaysWhatWaitsWhereAndUntilWhen) {
    const std::string mail = mail_text(ring_of("Demande d'admission directe"), options_of(), kNow);
    EXPECT_EQ(mail.find("From: Relais <relais@indre.test>\r\n"), 0U);
    EXPECT_NE(mail.find("\r\nTo: <astreinte@ch-valmont.test>\r\n"), std::string::npos);
    EXPECT_NE(mail.find("\r\nDate: Mon, 21 Sep 2026 14:13:20 +0000\r\n"), std::string::npos);
    EXPECT_NE(mail.find("\r\nAuto-Submitted: auto-generated\r\n"), std::string::npos);
    EXPECT_EQ(body_of(mail),
              "Quelque chose attend la boîte geriatrie.ch-valmont@indre.\r\n\r\n"
              "Type d'échange : Demande d'admission directe\r\n"
              "Urgence : urgente\r\n"
              "Échéance : lundi 21 septembre 2026 à 20:13\r\n"
              "Dossier : abcdef12\r\n"
              "Lien : https://relais.test/dossier/abcdef12\r\n"
              "\r\nCe message ne contient aucune donnée de santé et n'en attend aucune : n'y "
              "répondez pas, ouvrez Relais.\r\n");
}

TEST(RingMessage, TheDeadlineIsInTheUnitsZone) {
    Ring ring = ring_of("Demande");
    ring.zone = "America/Martinique";
    EXPECT_NE(body_of(mail_text(ring, options_of(), kNow)).find("2026 à 14:13"), std::string::npos);
    ring.zone = "Europe/Nowhere";
    EXPECT_NE(body_of(mail_text(ring, options_of(), kNow)).find("2026-09-21T18:13:20.000Z"),
              std::string::npos);
}

TEST(RingMessage, WithoutALinkThereIsNone) {
    RingingOptions options = options_of();
    options.link = "";
    EXPECT_EQ(body_of(mail_text(ring_of("x"), options, kNow)).find("Lien"), std::string::npos);
    EXPECT_FALSE(nlohmann::json::parse(hook_text(ring_of("x"), options, kNow)).contains("link"));
}

TEST(RingMessage, TheUrgencyIsSaidInTheWordsOfTheKindWhereItHasSome) {
    Ring ring = ring_of("x");
    EXPECT_EQ(nlohmann::json::parse(hook_text(ring, options_of(), kNow)).count("urgency_label"),
              0u);
    ring.urgency = "Patient en attente au cabinet";
    const auto hook = nlohmann::json::parse(hook_text(ring, options_of(), kNow));
    EXPECT_EQ(hook["urgency"], "urgent") << "the lane, as before";
    EXPECT_EQ(hook["urgency_label"], ring.urgency);
    const std::string mail = mail_text(ring, options_of(), kNow);
    const std::string subject = mail.substr(mail.find("Subject: "), mail.find("Date: "));
    EXPECT_NE(decoded_words(subject).find(ring.urgency), std::string::npos);
}

TEST(RingMessage, WhereNobodyHasToAnswerByATimeNoneIsSaid) {
    Ring ring = ring_of("x");
    ring.deadline.reset();
    EXPECT_FALSE(nlohmann::json::parse(hook_text(ring, options_of(), kNow)).contains("deadline"));
    EXPECT_NE(body_of(mail_text(ring, options_of(), kNow)).find("Échéance : aucune\r\n"),
              std::string::npos);
}

TEST(RingMessage, AWebhookSaysTheSame) {
    const auto hook =
        nlohmann::json::parse(hook_text(ring_of("Demande \"x\" \\ é"), options_of(), kNow));
    EXPECT_EQ(hook, (nlohmann::json{{"type", "relais.ring/1"},
                                    {"id", ring_id(ring_of(""))},
                                    {"attempt", 2},
                                    {"sent", "2026-09-21T14:13:20.000Z"},
                                    {"domain", "indre"},
                                    {"mailbox", "geriatrie.ch-valmont@indre"},
                                    {"kind", "Demande \"x\" \\ é"},
                                    {"urgency", "urgent"},
                                    {"deadline", "2026-09-21T18:13:20.000Z"},
                                    {"thread", "abcdef12"},
                                    {"link", "https://relais.test/dossier/abcdef12"}}));
}

TEST(RingMessage, AttemptsOfOneStepShareAnIdAndOthersDoNot) {
    const Ring ring = ring_of("x");
    Ring again = ring;
    again.attempt = 3;
    EXPECT_EQ(ring_id(ring), ring_id(again));
    Ring next = ring;
    next.step = 1;
    EXPECT_NE(ring_id(ring), ring_id(next));
    Ring other = ring;
    other.message.bytes[0] = 1;
    EXPECT_NE(ring_id(ring), ring_id(other));
}

// Whatever a title holds: line ends, what looks like a header, characters of several bytes.
RC_GTEST_PROP(RingMessage, NothingEndsALineOrAHeader, ()) {
    std::string title;
    for (const int part : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8))) {
        constexpr const char* kParts[] = {"\r\nBcc: x@y.test", "\r\n\r\n", "\n", "é",
                                          "\xF0\x9F\x9A\x91",  "=?",       "a",  "."};
        title += kParts[part];
    }
    const std::string mail = mail_text(ring_of(title), options_of(), kNow);
    const auto lines = lines_of(mail);
    const auto end_of_headers = std::ranges::find(lines, "");
    for (const std::string& line : lines) {
        RC_ASSERT(line.size() <= 76);
        RC_ASSERT(std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7F; }));
    }
    std::string subject;
    for (auto line = lines.begin(); line != end_of_headers; ++line) {
        RC_ASSERT(!line->starts_with("Bcc"));
        subject += decoded_words(*line);
    }
    RC_ASSERT(subject == "Relais : " + title + ", urgente, dossier abcdef12");
    RC_ASSERT(body_of(mail).find(title) != std::string::npos);
}

}  // namespace
}  // namespace relais::broker
