// An alert of ours as CAP, and an alert of others as our form: where each thing goes, what is cut,
// and what is told because it has no place.
#include <gtest/gtest.h>

#include "tests/support/cap/cap_schema.h"
#include "tests/unit/clients/cap/fixture.h"

namespace relais::cap {
namespace {

using nlohmann::json;

Imported imported(const std::string& document, std::string* told = nullptr) {
    Findings findings;
    const Read document_read = read(document);
    const auto taken = import_message(document_read.message.value(), findings);
    if (told != nullptr) *told = shown(findings);
    return taken.value();
}

ErrorCode refusal(const std::string& document) {
    Findings findings;
    return import_message(read(document).message.value(), findings).code();
}

void expect_accepted(const std::string& file, const json& values) {
    forms::Findings findings;
    const auto checked = forms::check(form(file), values, InsEnvironment::test, findings);
    ASSERT_TRUE(checked.ok()) << checked.error().detail;
    EXPECT_EQ(*checked, values) << "normalised already";
}

TEST(CapForm, AFullMessageFillsAFormThatItsSchemaAccepts) {
    std::string told;
    const Imported taken = imported(full_document(), &told);
    EXPECT_EQ(told, "");
    EXPECT_EQ(taken.envelope.status, "Exercise");
    EXPECT_EQ(taken.envelope.type, "Update");
    EXPECT_EQ(taken.envelope.severity, "Extreme");
    expect_accepted("alert.fbs", taken.form);
    EXPECT_EQ(taken.form["headline"], "Fuite de chlore : confinement immédiat");
    EXPECT_EQ(taken.form["categories"], (json{"CBRNE", "Health"}));
    EXPECT_EQ(taken.form["exchange"]["addresses"],
              (json{"medecins.cabinet-exemple@indre", "Salle de crise"}));
    EXPECT_EQ(taken.form["exchange"]["references"].size(), 2U);
    EXPECT_EQ(taken.form["origin"], json::parse(R"({
        "source": "SIDPC de l'Exemple",
        "message": {"sender": "sidpc@prefecture-exemple.test", "identifier": "FR-36-2026-0417",
                    "sent": "2026-12-14T07:21:00+01:00"}})"));
}

// The chain of those who passed it on: the first stays the origin.
TEST(CapForm, WhatIsRelayedTwiceKeepsItsOriginAndNamesTheRelay) {
    const Imported once = imported(full_document());
    Envelope ours = envelope("Update");
    Findings findings;
    const json message = message_of(ours, once.form, findings).value();
    EXPECT_EQ(message["source"], "SIDPC de l'Exemple");
    const Imported twice = imported(write_message(message, findings).value());
    EXPECT_EQ(twice.form["origin"]["message"], once.form["origin"]["message"]);
    ASSERT_EQ(twice.form["origin"]["relays"].size(), 1U);
    EXPECT_EQ(twice.form["origin"]["relays"][0]["identifier"], ours.key.identifier);
    EXPECT_EQ(twice.form["origin"]["relays"][0]["sender"], ours.key.sender);
    expect_accepted("alert.fbs", twice.form);
}

TEST(CapForm, OurExamplesAreValidCap) {
    for (const char* act : {"alert", "alert-extreme", "exercise", "exercise-extreme", "test"}) {
        expect_accepted("alert.fbs", example(act));
        Findings findings;
        const auto message = message_of(envelope("Alert"), example(act), findings);
        ASSERT_TRUE(message.ok()) << act << message.error().detail;
        const auto document = write_message(*message, findings);
        ASSERT_TRUE(document.ok()) << act << document.error().detail;
        EXPECT_EQ(test::schema_objection(*document), "") << act;
        EXPECT_EQ(shown(findings), "") << act;
    }
}

TEST(CapForm, ALongHeadlineIsCutAndKeptWhole) {
    std::string headline;
    for (int i = 0; i < 141; ++i) headline += "é";
    std::string told;
    const Imported taken =
        imported(with(full_document(), "Fuite de chlore : confinement immédiat", headline), &told);
    EXPECT_EQ(
        told,
        "info/headline : plus de 140 signes : coupé, gardé entier dans « Titre d'origine »\n");
    EXPECT_EQ(taken.form["exchange"]["headline"], headline);
    EXPECT_EQ(taken.form["headline"], headline.substr(0, 2 * 139) + "…");
    expect_accepted("alert.fbs", taken.form);

    std::string just;
    for (int i = 0; i < 140; ++i) just += "é";
    const Imported whole =
        imported(with(full_document(), "Fuite de chlore : confinement immédiat", just), &told);
    EXPECT_EQ(told, "");
    EXPECT_EQ(whole.form["headline"], just);
    expect_accepted("alert.fbs", whole.form);
}

TEST(CapForm, WhatHasNoPlaceIsTold) {
    std::string document = with(full_document(), "</geocode>",
                                "</geocode><altitude>100</altitude><ceiling>300</ceiling>");
    document = with(document, "<digest>", "<derefUri>AAAA</derefUri><digest>");
    document = with(document, "120000", "99999999999");
    document = with(document, "<info>",
                    "<info><language>en</language><category>Health</category><event>Leak</event>"
                    "<urgency>Past</urgency><severity>Minor</severity>"
                    "<certainty>Likely</certainty></info>\n<info>");
    std::string told;
    const Imported taken = imported(document, &told);
    EXPECT_EQ(told,
              "info : non repris : moins grave que celui qui est repris ; s'il vise d'autres lieux "
              "ou d'autres personnes, faites-en une alerte\n"
              "info/resource/size : non repris\n"
              "info/resource/derefUri : contenu embarqué non repris : enregistrez-le et "
              "joignez-le à l'envoi\n"
              "info/area/altitude : non repris\n"
              "info/area/ceiling : non repris\n");
    EXPECT_EQ(taken.envelope.severity, "Extreme") << "of the one in French";
    expect_accepted("alert.fbs", taken.form);
}

std::string info_in(const std::string& language, const std::string& severity) {
    return "<info><language>" + language + "</language><category>Health</category><event>" +
           severity + " " + language + "</event><urgency>Immediate</urgency><severity>" + severity +
           "</severity><certainty>Likely</certainty></info>\n";
}

// The severity that is taken of several, and what is said.
std::string taken_of(const std::string& infos, std::string* event = nullptr) {
    const std::string& small = small_document();
    const std::size_t begin = small.find("<info>");
    const std::size_t end = small.find("</alert>");
    std::string told;
    const Imported taken = imported(small.substr(0, begin) + infos + small.substr(end), &told);
    if (event != nullptr) *event = taken.form.value("event", json::object()).dump();
    return taken.envelope.severity + "\n" + told;
}

TEST(CapForm, OfSeveralInOneLanguageTheGravestIsTakenAndWhatIsLeftIsSaid) {
    const std::string graver = "info/headline : absent : l'événement en tient lieu\n";
    EXPECT_EQ(taken_of(info_in("fr-FR", "Minor") + info_in("fr-FR", "Extreme")),
              "Extreme\n"
              "info : non repris : moins grave que celui qui est repris ; s'il vise d'autres "
              "lieux ou d'autres personnes, faites-en une alerte\n" +
                  graver);
    EXPECT_EQ(taken_of(info_in("fr", "Severe") + info_in("fr", "Severe")),
              "Severe\n"
              "info[2] : non repris : aussi grave que celui qui est repris ; s'il vise d'autres "
              "lieux ou d'autres personnes, faites-en une alerte\n" +
                  graver);
}

TEST(CapForm, AGraverOneInAnotherLanguageIsNotLeftForOneInFrench) {
    EXPECT_TRUE(taken_of(info_in("fr", "Minor") + info_in("en", "Extreme")).starts_with("Extreme"));
    EXPECT_TRUE(taken_of(info_in("en", "Unknown") + info_in("fr", "Minor")).starts_with("Unknown"))
        << "what is not known is not held minor";
}

TEST(CapForm, TheSameInAnotherLanguageIsLeft) {
    EXPECT_EQ(taken_of(info_in("en", "Severe") + info_in("fr", "Severe")),
              "Severe\n"
              "info : non repris : le formulaire n'en tient qu'un\n"
              "info/headline : absent : l'événement en tient lieu\n");
}

TEST(CapForm, LanguageTagsAreComparedWithoutCase) {
    for (const char* french : {"fr", "FR", "fr-FR", "Fr-FR", "fR", "fra", "FRA-fr", "fre"}) {
        std::string event;
        taken_of(info_in("en", "Severe") + info_in(french, "Severe"), &event);
        EXPECT_NE(event.find(french), std::string::npos) << event;
    }
    for (const char* other : {"frr", "fro-FR", "frp", "en-FR"}) {
        std::string event;
        taken_of(info_in("en", "Severe") + info_in(other, "Severe"), &event);
        EXPECT_EQ(event.find(other), std::string::npos) << event;
    }
}

TEST(CapForm, AMessageThatSaysNoLanguageIsInEnglishAndOneWithoutHeadlineIsNamedByItsEvent) {
    std::string told;
    const Imported taken = imported(small_document(), &told);
    EXPECT_EQ(taken.form["exchange"]["language"], "en-US");
    EXPECT_EQ(taken.form["headline"], "Event");
    EXPECT_EQ(told, "info/headline : absent : l'événement en tient lieu\n");
    expect_accepted("alert.fbs", taken.form);
}

TEST(CapForm, OnlyWhatIsForPeopleIsImported) {
    EXPECT_EQ(refusal(with(small_document(), "Actual", "System")), ErrorCode::invalid_field);
    EXPECT_EQ(refusal(with(small_document(), "Actual", "Draft")), ErrorCode::invalid_field);
    const std::string referring =
        with(small_document(), "</scope>",
             "</scope><references>a,1,2026-12-14T07:00:00-00:00</references>");
    for (const char* type : {"Ack", "Error"}) {
        EXPECT_EQ(refusal(with(referring, ">Alert<", std::string(">") + type + "<")),
                  ErrorCode::invalid_field);
    }
    const std::string silent = small_document().substr(0, small_document().find("<info>"));
    EXPECT_EQ(refusal(silent + "</alert>"), ErrorCode::invalid_field);
    EXPECT_EQ(refusal(with(small_document(), "Actual", "Exercise")), ErrorCode::ok);
    EXPECT_EQ(refusal(with(small_document(), "Actual", "Test")), ErrorCode::ok);
}

TEST(CapForm, TheReferencesOfTheCaseComeBeforeThoseOfTheForm) {
    Envelope update = envelope("Update");
    const MessageKey earlier{"alertes.cpts-exemple@indre", "1", "2026-12-14T07:00:00-00:00"};
    update.references = {earlier};
    json values = example("alert-extreme");
    Findings findings;
    EXPECT_EQ(message_of(update, values, findings).value()["references"],
              key_text(earlier) +
                  " sidpc@prefecture-exemple.test,FR-36-2026-0416,2026-12-14T07:12:00+01:00");
    values["exchange"]["references"] = json::array();
    values["exchange"]["references"].push_back({{"sender", earlier.sender},
                                                {"identifier", earlier.identifier},
                                                {"sent", "2026-12-14T07:00:00Z"}});
    EXPECT_EQ(message_of(update, values, findings).value()["references"], key_text(earlier))
        << "named once";
}

TEST(CapForm, ACancellationSaysItsReasonInTheNote) {
    expect_accepted("cancellation.fbs", example("cancel"));
    Envelope cancel = envelope("Cancel");
    cancel.references = {{"a", "1", "2026-12-14T07:00:00-00:00"}};
    Findings findings;
    const json message = message_of(cancel, example("cancel"), findings).value();
    const std::string document = write_message(message, findings).value();
    EXPECT_EQ(test::schema_objection(document), "");
    EXPECT_FALSE(message.contains("info"));
    std::string told;
    const Imported taken = imported(document, &told);
    EXPECT_EQ(taken.form["reason"], example("cancel")["reason"]);
    EXPECT_EQ(taken.form["exchange"]["incidents"], example("cancel")["exchange"]["incidents"]);
    EXPECT_EQ(told, "");
    expect_accepted("cancellation.fbs", taken.form);

    const Imported theirs = imported(
        with(with(full_document(), "Update", "Cancel"), "<note>Exercice annuel.</note>", ""),
        &told);
    EXPECT_EQ(theirs.form["reason"],
              "Fuite de chlore : confinement immédiat\nNuage vers le nord-est.\nVent faible.\n"
              "Fermez portes et fenêtres.");
    EXPECT_NE(told, "");
    expect_accepted("cancellation.fbs", theirs.form);
    imported(with(full_document(), "Update", "Cancel"), &told);
    EXPECT_EQ(told, "info : non repris : la note donne le motif de l'annulation\n");
}

TEST(CapForm, WhatCapCannotWriteIsRefused) {
    Findings findings;
    const auto refused = [&](const char* place, const json& value) {
        json values = example("alert-extreme");
        values[json::json_pointer(place)] = value;
        const auto message = message_of(envelope("Alert"), values, findings);
        if (!message.ok()) return message.error().detail;
        const auto document = write_message(*message, findings);
        return document.ok() ? std::string() : document.error().detail;
    };
    EXPECT_TRUE(refused("/exchange/addresses", {"a\"b"}).starts_with("exchange.addresses"));
    EXPECT_TRUE(refused("/exchange/incidents", {"a\"b"}).starts_with("exchange.incidents"));
    EXPECT_TRUE(refused("/origin/message/sender", "a b").starts_with("origin.message"));
    EXPECT_TRUE(refused("/origin/relays/0/identifier", "a,b").starts_with("origin.relays"));
    EXPECT_TRUE(refused("/exchange/references/0/sender", "<").starts_with("exchange.references"));
    EXPECT_TRUE(refused("/expires", "2026-12-14T19:30:00+20:00").starts_with("expires"));
    findings.clear();
    EXPECT_TRUE(refused("/web", "pas une adresse").starts_with("info/web"));
    findings.clear();
    EXPECT_TRUE(refused("/areas/0/circles/0", "ici").starts_with("info/area/circle"));
    findings.clear();
    EXPECT_EQ(refused("/expires", "2026-12-14T19:30:00.5+01:00"), "");
    EXPECT_EQ(shown(findings), "info/expires : fraction de seconde non écrite\n");
}

}  // namespace
}  // namespace relais::cap
