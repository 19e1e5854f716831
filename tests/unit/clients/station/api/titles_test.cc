// What a notice of the broker says: which clock, and whether it is a turn or an offer that comes
// first, by the table of the kind.
#include "clients/station/api/thread_titles.h"

#include <gtest/gtest.h>

#include "core/base/contexts.h"
#include "core/crypto/p256.h"
#include "schemas/compiler/compiler.h"
#include "schemas/envelope/statements.h"

namespace relais::station {
namespace {

const workflow::Kind& admission() {
    static const workflow::Kind kind =
        workflow::Kind::load(
            compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/admission").value())
            .value();
    return kind;
}

std::string title(NoticeKind what, const std::string& clock, const std::string& state = "called") {
    Notice notice{.kind = what};
    notice.clock = clock;
    notice.state = state;
    notice.mailbox = "cardiologie.ch-valmont@indre";
    return notice_title(notice, &admission());
}

TEST(NoticeTitles, TheEndOfADelayAndItsHalfNameTheDelay) {
    EXPECT_EQ(title(NoticeKind::overdue, "answer"), "Délai écoulé : Délai de réponse");
    EXPECT_EQ(title(NoticeKind::overdue, "hold"), "Délai écoulé : Place retenue");
    EXPECT_EQ(title(NoticeKind::reminder, "letter"),
              "Rappel : la moitié du délai est passée : Lettre de sortie, le jour même");
}

TEST(NoticeTitles, WithoutTheKindNothingIsMadeUp) {
    Notice notice{.kind = NoticeKind::overdue};
    notice.clock = "answer";
    EXPECT_EQ(notice_title(notice, nullptr), "Délai écoulé");
    EXPECT_EQ(title(NoticeKind::overdue, "no-such-clock"), "Délai écoulé");
}

TEST(NoticeTitles, APromotionThatCallsIsATurnAndOneThatMovesUpAnOfferIsNot) {
    EXPECT_EQ(title(NoticeKind::promoted, "", "in-turn"),
              "À son tour : cardiologie.ch-valmont@indre");
    EXPECT_EQ(title(NoticeKind::promoted, "", "called"),
              "Proposition désormais en tête : cardiologie.ch-valmont@indre");
}

// Remis is not read: what the reader refuses is said to whoever sent it.
TEST(NoticeTitles, WhatWasDeliveredAndCannotBeReadThereIsSaid) {
    const auto delivered_with = [](std::vector<EntryFault> faults) {
        P256Key key = P256Key::generate();
        const DeliveredStatement body{{},  Address::parse("cardiologie.ch-valmont@indre").value(),
                                      {},  Lane::urgent,
                                      {1}, {3},
                                      {},  std::move(faults)};
        Notice notice{.kind = NoticeKind::delivered};
        notice.mailbox = "cardiologie.ch-valmont@indre";
        notice.delivered = {{{}, 1, {}}};
        notice.statement =
            encode_statement(make_statement(contexts::kDelivered, encode_delivered(body), key));
        return notice_title(notice, nullptr);
    };
    const std::string plain = "Remis à cardiologie.ch-valmont@indre";
    EXPECT_EQ(delivered_with({}), plain);
    EXPECT_EQ(delivered_with({{0, ErrorCode::box_unopenable}}), plain) << "another's message";
    EXPECT_EQ(delivered_with({{1, ErrorCode::box_unopenable}}),
              plain + " ; illisible à ce poste : " +
                  std::string(error_info(ErrorCode::box_unopenable).french));
}

TEST(RefusalReasons, NameTheStateByItsLabelAndTheRegisterByWhatTheKindSays) {
    EXPECT_EQ(refusal_reason(admission(), "offer", ErrorCode::act_refused, "state cancelled"),
              "État du dossier : « Demande annulée ».");
    EXPECT_EQ(refusal_reason(admission(), "offer", ErrorCode::act_refused, "state unheard-of"), "");
    EXPECT_EQ(refusal_reason(admission(), "offer", ErrorCode::role_refused, "state cancelled"), "");
    EXPECT_EQ(
        refusal_reason(admission(), "call", ErrorCode::act_refused, "state cancelled"),
        "Le dossier n'a pas été ouvert : cet échange ne le permet pas avec ces champs publics.")
        << "what was not opened is in no state";
    workflow::Kind kind = admission();
    kind.registers = {{.kind = "", .name = "approver", .label = "Approbateurs", .readers = {}}};
    EXPECT_EQ(refusal_reason(kind, "offer", ErrorCode::register_refused, "approver"),
              "Le registre « Approbateurs » ne le permet pas.");
    kind.registers.front().refuses = "Vous n'êtes pas l'un des approbateurs.";
    EXPECT_EQ(refusal_reason(kind, "offer", ErrorCode::register_refused, "approver"),
              "Vous n'êtes pas l'un des approbateurs.");
    EXPECT_EQ(
        refusal_reason(kind, "offer", ErrorCode::register_refused, "approver: no key or value"),
        "Vous n'êtes pas l'un des approbateurs.");
    EXPECT_EQ(refusal_reason(kind, "offer", ErrorCode::register_refused, "class"), "");
    EXPECT_EQ(refusal_reason(kind, "offer", ErrorCode::conflict, "approver"),
              "Le registre « Approbateurs » tient déjà ce que vous, ou votre maison, avez signé "
              "après ceci : le plus récent vaut. Si ceci doit valoir, signez-le de nouveau.");
    EXPECT_EQ(refusal_reason(kind, "offer", ErrorCode::conflict, "state cancelled"), "");
}

}  // namespace
}  // namespace relais::station
