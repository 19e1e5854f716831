// What an operator reads before signing: each change, once, in words.
#include <gtest/gtest.h>

#include "schemas/compiler/compiler.h"
#include "schemas/compiler/durations.h"
#include "tests/unit/schemas/compiler/folder.h"

namespace relais::compiler {
namespace {

const Bytes& published() {
    static const Bytes bundle = compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/admission").value();
    return bundle;
}

// One change to a file of the kind, and the whole difference.
struct Change {
    std::string rule;
    std::string file;
    std::string from;
    std::string to;
    std::string difference;
};

std::vector<Change> changes() {
    const std::string toml = "declaration.toml";
    const std::string reason =
        "\"Raison\"; choice; help \"Pourquoi pas tout de suite.\"; example \"bed_expected\"; "
        "values: "
        "bed_expected (1) \"Place attendue\", physician_away (2) \"Avis d'un médecin absent pour "
        "l'instant\", information_awaited (3) \"Renseignement demandé\", other (4) \"Autre\"";
    return {
        {"version", toml, "version = 1", "version = 2",
         "changed version\n    was: 1\n    now: 2\n"},
        {"clock", toml, "default = \"4h\"", "default = \"90min\"",
         "changed clock \"answer\"\n    was: \"Délai de réponse\"; 4h, from 5min to 2d; set by the "
         "sender; reminds at half\n    now: \"Délai de réponse\"; 90min, from 5min to 2d; set by "
         "the "
         "sender; reminds at half\n"},
        {"role", toml, "professions = [\"10\", \"60\", \"secretary\"]",
         "professions = [\"10\", \"60\"]",
         "changed role \"requester-staff\"\n    was: \"Équipe du demandeur\"; organisations: cpts, "
         "practice, hospital, ehpad, samu; professions: 10, 60, secretary\n    now: \"Équipe du "
         "demandeur\"; organisations: cpts, practice, hospital, ehpad, samu; professions: 10, "
         "60\n"},
        {"row", toml, "when = [\"no party in held\"]", "when = [\"quorum 2\", \"bed is day\"]",
         "changed row 1 of act \"offer\"\n    was: thread: called, overdue; party: called, "
         "received, "
         "deferred, lapsed, countered; when no party in (held); then party held, start hold\n    "
         "now: thread: "
         "called, overdue; party: called, received, deferred, lapsed, countered; when quorum 2, "
         "bed is 2; "
         "then "
         "party held, start hold\n"},
        {"mandatory_field", "offer.fbs", "(label: \"Lit\", ", "(label: \"Lit\", mandatory, ",
         "changed form \"Offer\", field bed\n    was: \"Lit\"; text (line, 40 bytes); help \"S'il "
         "est connu ; il peut être dit plus tard.\"; example \"312 porte\"\n    now: \"Lit\"; text "
         "(line, 40 bytes); "
         "mandatory; help \"S'il est connu ; il peut être dit plus tard.\"; example \"312 "
         "porte\"\n"},
        {"choice", "deferral.fbs", "  /// Autre\n  other = 4\n",
         "  /// Autre\n  other = 4,\n  /// Grève\n  strike = 5\n",
         "changed form \"Deferral\", field reason\n    was: " + reason + "\n    now: " + reason +
             ", strike (5) \"Grève\"\n"},
        {"value", toml, "code = \"day\", label = \"Hôpital de jour\"",
         "code = \"night\", label = \"Hôpital de jour\"",
         "removed public field \"bed\", value \"day\": \"Hôpital de jour\"; 2\n"
         "added   public field \"bed\", value \"night\": \"Hôpital de jour\"; 2\n"},
    };
}

void PrintTo(const Change& change, std::ostream* out) { *out << change.rule; }

class Difference : public testing::TestWithParam<Change> {};

TEST_P(Difference, SaysTheChangeAndNothingElse) {
    const KindsFolder folder;
    folder.replace(GetParam().file, GetParam().from, GetParam().to);
    const Result<Bytes> proposed = compile_kind(folder.kind());
    ASSERT_TRUE(proposed.ok()) << proposed.error().describe();
    const auto difference = describe_difference(published(), *proposed);
    ASSERT_TRUE(difference.ok());
    EXPECT_EQ(*difference, GetParam().difference);
}

INSTANTIATE_TEST_SUITE_P(Kind, Difference, testing::ValuesIn(changes()),
                         [](const auto& param) { return param.param.rule; });

TEST(Difference, IsNeverEmptyBetweenTwoBundles) {
    const KindsFolder folder;
    folder.replace(
        "answer.fbs", "answer:string (label: \"Réponse\", mandatory, multiline, bytes_max: 2000,",
        "answer:string (label: \"Réponse\", mandatory, multiline, bytes_max: 2000, id: 1,");
    folder.replace("answer.fbs", "}\n", "more:string (label: \"Autre\", id: 0); }\n");
    const Bytes first = compile_kind(folder.kind()).value();
    folder.replace("answer.fbs", "id: 1", "id: 9");
    folder.replace("answer.fbs", "id: 0", "id: 1");
    folder.replace("answer.fbs", "id: 9", "id: 0");
    const Bytes second = compile_kind(folder.kind()).value();
    EXPECT_EQ(describe_difference(first, second).value(),
              "changed the order or the encoding of fields only\n");
}

TEST(Difference, OfTheSameBundleIsEmpty) {
    EXPECT_EQ(describe_difference(published(), published()).value(), "");
}

TEST(Difference, OfAFirstPublicationIsAllOfIt) {
    const std::string text = describe_difference({}, published()).value();
    for (const char* line :
         {"added   kind: admission\n", "added   retention: 30d\n",
          "added   act \"receive\": \"Accuser réception\", \"Réception accusée\"; from the party "
          "to "
          "opener; signed by: physician, ward-staff; lanes: urgent; release: at_once\n",
          "added   thread state \"closed\": \"Dossier clos\"; terminal\n",
          "added   row 1 of clock \"hold\": thread: called; party: held; then party "
          "lapsed, "
          "promote (standby) to held and start hold, start after-lapse\n",
          "added   form \"Call\", field needs.oxygen_flow: \"Débit d'oxygène\"; decimal; from "}) {
        EXPECT_NE(text.find(line), std::string::npos) << line;
    }
    EXPECT_EQ(text.find("removed"), std::string::npos);
    EXPECT_EQ(text.find("changed"), std::string::npos);
}

TEST(Difference, OfOtherBytesIsMalformed) {
    EXPECT_EQ(describe_difference(published(), Bytes(40, 1)).code(), ErrorCode::malformed);
    EXPECT_EQ(describe_difference(Bytes(40, 1), published()).code(), ErrorCode::malformed);
}

// The published bundle comes from a directory: whatever its bytes, reading it ends.
TEST(Difference, AnAlteredBundleIsReadOrRefused) {
    const Bytes& sound = published();
    std::size_t refused = 0;
    for (std::size_t at = 0; at < sound.size(); at += 11) {
        Bytes altered = sound;
        altered[at] = static_cast<std::uint8_t>(altered[at] ^ 0x81);
        refused += describe_difference(altered, sound).ok() ? 0u : 1u;
    }
    EXPECT_GT(refused, 100u);
}

TEST(Durations, AreAWholeNumberAndAUnit) {
    using std::chrono::seconds;
    EXPECT_EQ(parse_duration("30s"), seconds(30));
    EXPECT_EQ(parse_duration("5min"), seconds(300));
    EXPECT_EQ(parse_duration("4h"), seconds(4 * 3600));
    EXPECT_EQ(parse_duration("90d"), seconds(90 * 24 * 3600));
    for (const char* text : {"", "4", "h", "0h", "-4h", "4H", "4 h", " 4h", "4h ", "1.5h", "91d",
                             "4m", "99999999999d", "4hours"}) {
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
    }
}

TEST(Durations, AreWrittenInTheGreatestUnitThatFits) {
    for (const char* text : {"30s", "5min", "4h", "14d", "90min", "61s", "36h"}) {
        EXPECT_EQ(format_duration(*parse_duration(text)), text);
    }
    EXPECT_EQ(format_duration(*parse_duration("120min")), "2h");
}

}  // namespace
}  // namespace relais::compiler
