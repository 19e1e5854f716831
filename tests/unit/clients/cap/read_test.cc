// Documents of others: what is kept of a good one, and what is said of one that is not.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/cap/cap_schema.h"
#include "tests/unit/clients/cap/fixture.h"

namespace relais::cap {
namespace {

using nlohmann::json;

TEST(CapRead, EveryElementIsKeptUnderItsName) {
    ASSERT_EQ(test::schema_objection(full_document()), "");
    const Read full = read(full_document());
    ASSERT_TRUE(full.message.ok()) << full.message.error().detail;
    EXPECT_EQ(shown(full.findings), "");
    const json& message = *full.message;
    EXPECT_EQ(message.size(), 14U);
    EXPECT_EQ(message["restriction"], "Professionnels de santé & secours");
    EXPECT_EQ(message["code"], (json{"ORSAN-NRC", "essai"}));
    ASSERT_EQ(message["info"].size(), 1U);
    const json& info = message["info"][0];
    EXPECT_EQ(info.size(), 21U);
    EXPECT_EQ(info["category"], (json{"CBRNE", "Health"}));
    EXPECT_EQ(info["description"], "Nuage vers le nord-est.\nVent faible.");
    EXPECT_EQ(info["parameter"], json::parse(R"([{"valueName": "ONU", "value": "1017"}])"));
    EXPECT_EQ(info["resource"][0].size(), 5U);
    EXPECT_EQ(info["area"][0].size(), 4U);
}

// One change to a document, what is said of it, and whether the schema refuses it too.
struct Case {
    std::string rule;
    std::string what;
    std::string by;
    std::string said;  // begins so
    bool of_schema = true;
};

class CapRefused : public testing::TestWithParam<Case> {};

std::vector<Case> refused() {
    return {
        {"time_with_z", "07:21:00+01:00</sent>", "07:21:00Z</sent>", "ligne 5, sent : date"},
        {"time_without_offset", "07:21:00+01:00</sent>", "07:21:00</sent>", "ligne 5, sent : date"},
        {"time_with_comma", "07:21:00+01:00</sent>", "07:21:00,01:00</sent>",
         "ligne 5, sent : date"},
        {"day_of_no_calendar", "2026-12-14T19", "2026-02-30T19", "ligne 31, info/expires : date"},
        {"status_unknown", "Exercise", "exercise",
         "ligne 6, status : valeur attendue, à la lettre près, parmi Actual, Exercise"},
        {"status_with_space", "Exercise<", "Exercise <", "ligne 6, status : valeur attendue"},
        {"type_unknown", "Update", "Changed", "ligne 7, msgType : valeur attendue"},
        {"scope_unknown", "Private", "Secret", "ligne 9, scope : valeur attendue"},
        {"category_unknown", "CBRNE", "Chemical", "ligne 19, info/category : valeur attendue"},
        {"response_unknown", "Shelter", "Hide", "ligne 22, info/responseType : valeur attendue"},
        {"urgency_unknown", "Immediate", "Now", "ligne 24, info/urgency : valeur attendue"},
        {"severity_unknown", "Extreme", "extreme", "ligne 25, info/severity : valeur attendue"},
        {"certainty_of_1_0", "Observed", "Very Likely", "ligne 26, info/certainty : valeur"},
        {"sender_with_space", "sidpc@", "sidpc @", "ligne 4, sender : ni espace"},
        {"sender_with_comma", "sidpc@", "sidpc,@", "ligne 4, sender : ni espace"},
        {"identifier_with_ampersand", "FR-36-2026-0417", "FR&amp;36", "ligne 3, identifier : ni"},
        {"identifier_empty", "FR-36-2026-0417", "", "ligne 3, identifier : vide"},
        {"reference_without_time", "a@b.test,1,2026-12-14T07:00:00-00:00", "a@b.test,1",
         "ligne 15, references : triplets", false},
        {"incidents_quote_open", "\"usine Exemple\"", "\"usine Exemple",
         "ligne 16, incidents : liste", false},
        {"language_wrong", "fr-FR", "fr_FR", "ligne 18, info/language : code de langue"},
        {"web_with_space", "exemple.test/chlore<", "exemple.test/ch lore<",
         "ligne 37, info/web : adresse", false},
        {"size_not_whole", "120000", "12.5", "ligne 43, info/resource/size : nombre entier"},
        {"polygon_open", "46.9,1.8 46.8,1.6<", "46.9,1.8<", "ligne 49, info/area/polygon : quatre",
         false},
        {"circle_without_radius", "46.82,1.71 4", "46.82,1.71", "ligne 50, info/area/circle : «",
         false},
        {"element_missing", "<scope>Private</scope>", "", "ligne 2, scope : absent"},
        {"element_twice", "<scope>Private</scope>", "<scope>Private</scope><scope>Private</scope>",
         "ligne 9, scope : répété"},
        {"order_changed", "<source>SIDPC de l'Exemple</source>\n  <scope>Private</scope>",
         "<scope>Private</scope>\n  <source>SIDPC de l'Exemple</source>",
         "ligne 9, source : mal placé"},
        {"element_unknown", "<code>essai</code>", "<colour>red</colour>",
         "ligne 13, colour : élément inconnu"},
        {"element_in_a_text", "Exercice annuel.", "<b>Exercice</b>", "ligne 14, note : un texte"},
        {"text_between", "<code>essai</code>", "essai", "ligne 2, texte hors"},
        {"attribute", "<note>", "<note a=\"b\">", "ligne 14, note : attribut inconnu"},
        {"other_namespace", "<code>essai</code>", "<x xmlns=\"urn:x\"/>", "ligne 13, x : hors"},
        {"geocode_without_value", "<value>36044</value>", "",
         "ligne 51, info/area/geocode/value : absent"},
        {"event_empty", "Fuite de chlore</event>", "</event>", "ligne 21, info/event : vide",
         false},
        {"update_without_references",
         "<references>a@b.test,1,2026-12-14T07:00:00-00:00 "
         "a@b.test,2,2026-12-14T07:10:00+01:00</references>",
         "", "references : absent : un message Update cite", false},
        {"private_without_addresses",
         "<addresses>medecins.cabinet-exemple@indre \"Salle de crise\"</addresses>", "",
         "addresses : absent : la portée est Private", false},
        {"restricted_without_restriction",
         "<scope>Private</scope>\n  <restriction>Professionnels de santé &amp; "
         "secours</restriction>",
         "<scope>Restricted</scope>", "restriction : absent : la portée est Restricted", false},
    };
}

TEST_P(CapRefused, IsToldWithLineAndElement) {
    const Case& change = GetParam();
    const std::string document = with(full_document(), change.what, change.by);
    const Read wrong = read(document);
    ASSERT_EQ(wrong.message.code(), ErrorCode::invalid_field);
    EXPECT_TRUE(wrong.message.error().detail.starts_with(change.said))
        << wrong.message.error().detail;
    EXPECT_EQ(shown(wrong.findings), wrong.message.error().detail + "\n") << "and nothing else";
    EXPECT_EQ(test::schema_objection(document).empty(), !change.of_schema);
}

INSTANTIATE_TEST_SUITE_P(CapRead, CapRefused, testing::ValuesIn(refused()),
                         [](const auto& tested) { return tested.param.rule; });

TEST(CapRead, EverythingWrongIsToldAtOnce) {
    const std::string document =
        with(with(full_document(), "Immediate", "Now"), "Exercise", "Drill");
    EXPECT_EQ(std::ranges::count(shown(read(document).findings), '\n'), 2);
}

TEST(CapRead, AnotherVersionAndAnotherDocumentAreNamedAsSuch) {
    const Read old = read(with(small_document(), "cap:1.2", "cap:1.1"));
    EXPECT_EQ(old.message.code(), ErrorCode::unsupported_version);
    EXPECT_EQ(read(with(small_document(), "urn:oasis:names:tc:emergency:cap:1.2", "urn:x"))
                  .message.code(),
              ErrorCode::malformed);
    EXPECT_EQ(read("<alert/>").message.code(), ErrorCode::malformed);
    EXPECT_EQ(read("<html><body/></html>").message.code(), ErrorCode::malformed);
}

TEST(CapRead, APrefixASchemaLocationAndASignatureDoNotDisturb) {
    std::string document = with(small_document(), "<alert xmlns=",
                                "<alert xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                                "xsi:schemaLocation=\"a b\" xmlns=");
    document = with(document, "</alert>",
                    "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><a/></Signature>"
                    "</alert>");
    EXPECT_EQ(test::schema_objection(document), "");
    const Read signed_one = read(document);
    ASSERT_TRUE(signed_one.message.ok());
    EXPECT_EQ(shown(signed_one.findings),
              "ligne 15, Signature : signature XML ni vérifiée ni gardée\n");
    EXPECT_EQ(*signed_one.message, *read(small_document()).message);

    const std::string prefixed =
        "<c:alert xmlns:c=\"urn:oasis:names:tc:emergency:cap:1.2\"><c:identifier>1</c:identifier>"
        "<c:sender>a</c:sender><c:sent>2026-12-14T07:21:00-00:00</c:sent><c:status>Test</c:status>"
        "<c:msgType>Alert</c:msgType><c:scope>Public</c:scope></c:alert>";
    EXPECT_TRUE(read(prefixed).message.ok());
}

TEST(CapRead, FindingsAreBoundedAndQuoteNothing) {
    std::string document = small_document();
    for (int i = 0; i < 300; ++i) document = with(document, "<info>", "<secret7/>\n<info>");
    const Read wrong = read(document);
    EXPECT_EQ(wrong.message.code(), ErrorCode::invalid_field);
    EXPECT_EQ(wrong.findings.size(), 100U);
    EXPECT_EQ(shown(wrong.findings).find("secret7"), std::string::npos);
}

}  // namespace
}  // namespace relais::cap
