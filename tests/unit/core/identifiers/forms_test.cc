// What is accepted as text: lengths, characters, separators, lists; and what is said about it.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/limits.h"
#include "core/identifiers/identifiers.h"

namespace relais {
namespace {

using Kind = IdentifierKind;
using Fault = IdentifierFault;

// One valid text of each kind.
const std::vector<std::pair<Kind, std::string>> kValid = {
    {Kind::ins, "279035121518989"},
    {Kind::ins_nir, "180032B02040123"},
    {Kind::ins_nia, "700019999999971"},
    {Kind::rpps, "01234567897"},
    {Kind::idnps, "801234567897"},
    {Kind::finess, "2A0000014"},
    {Kind::idnst, "1950047225"},
    {Kind::siren, "732829320"},
    {Kind::siret, "73282932000074"},
    {Kind::cip13, "3400935955838"},
    {Kind::ucd13, "3400893213322"},
    {Kind::cip7, "3595583"},
    {Kind::cis, "69170898"},
    {Kind::atc, "N02BE01"},
    {Kind::cim10, "J18.9"},
    {Kind::departement, "2A"},
    {Kind::cog, "2B020"},
};

Fault fault(Kind kind, std::string_view text) { return check_identifier(kind, text).fault; }

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

TEST(IdentifierKinds, NamesAndKindsCorrespondBothWays) {
    std::set<std::string_view> names;
    for (const Kind kind : identifier_kinds()) {
        EXPECT_EQ(identifier_kind(identifier_name(kind)), kind);
        EXPECT_FALSE(identifier_label(kind).empty());
        names.insert(identifier_name(kind));
    }
    for (const char* name : {"ins", "rpps", "idnps", "finess", "idnst", "siren", "siret", "cip13",
                             "ucd13", "cip7", "cis", "atc", "cim10", "departement", "cog"}) {
        EXPECT_TRUE(names.contains(name)) << name;
    }
    EXPECT_EQ(names.size(), identifier_kinds().size());
    for (const char* name : {"", "INS", "ins ", "adeli", "cip"}) {
        EXPECT_FALSE(identifier_kind(name).has_value()) << name;
    }
}

TEST(IdentifierForms, EachKindHasAValidExample) {
    std::set<Kind> seen;
    for (const auto& [kind, text] : kValid) {
        const IdentifierVerdict verdict = check_identifier(kind, text);
        EXPECT_EQ(verdict.severity, IdentifierSeverity::none) << text;
        EXPECT_EQ(verdict.normalised, text);
        seen.insert(kind);
    }
    EXPECT_EQ(seen.size(), identifier_kinds().size());
}

TEST(IdentifierForms, CaseNeverMattersAndUpperCaseIsKept) {
    for (const auto& [kind, text] : kValid) {
        EXPECT_EQ(check_identifier(kind, lower(text)).normalised, text);
    }
}

TEST(IdentifierForms, OneCharacterMoreOrLessIsRefused) {
    for (const auto& [kind, text] : kValid) {
        // A shorter code of these may be a code of a higher level, or an extension one.
        if (kind == Kind::cim10) continue;
        EXPECT_FALSE(check_identifier(kind, text + "0").accepted()) << text;
        EXPECT_FALSE(check_identifier(kind, "0" + text).accepted()) << text;
        EXPECT_FALSE(check_identifier(kind, text.substr(0, text.size() - 1)).accepted()) << text;
    }
}

TEST(IdentifierForms, LengthIsToldApartFromForm) {
    for (const auto& [kind, text] : kValid) {
        const bool counted = kind <= Kind::ins_nia || kind == Kind::rpps || kind == Kind::finess ||
                             kind == Kind::siren || kind == Kind::siret;
        if (!counted) continue;
        EXPECT_EQ(fault(kind, text + "0"), Fault::length) << text;
        EXPECT_EQ(fault(kind, ""), Fault::length);
        EXPECT_EQ(fault(kind, text.substr(0, text.size() - 1) + "X"), Fault::format) << text;
    }
}

TEST(IdentifierForms, EmptyTextIsRefusedByEveryKind) {
    for (const Kind kind : identifier_kinds()) {
        EXPECT_FALSE(check_identifier(kind, "").accepted()) << identifier_name(kind);
        EXPECT_FALSE(check_identifier(kind, "   ").accepted()) << identifier_name(kind);
    }
}

TEST(IdentifierForms, DigitsOfOtherScriptsAreAFaultOfForm) {
    // Full-width, Arabic-Indic, superscript and mathematical two; each is a digit to a loose
    // reader.
    for (const char* two : {"\xEF\xBC\x92", "\xD9\xA2", "\xC2\xB2", "\xF0\x9D\x9F\x90"}) {
        for (const auto& [kind, text] : kValid) {
            for (std::size_t at = 0; at < text.size(); ++at) {
                std::string wrong = text;
                wrong.replace(at, 1, two);
                EXPECT_EQ(fault(kind, wrong), Fault::format) << identifier_name(kind) << wrong;
            }
        }
    }
}

TEST(IdentifierForms, SpacesAndDotsAreDroppedWhereTheRuleSaysAndNowhereElse) {
    for (const auto& [kind, text] : kValid) {
        const bool spaces = kind <= Kind::ins_nia || kind == Kind::siren || kind == Kind::siret;
        const bool dots = kind <= Kind::ins_nia;
        for (const char* space : {" ", "\xC2\xA0", "\xE2\x80\xAF"}) {
            const IdentifierVerdict inside =
                check_identifier(kind, text.substr(0, 1) + space + text.substr(1));
            EXPECT_EQ(inside.accepted(), spaces) << identifier_name(kind);
            EXPECT_EQ(inside.normalised, spaces ? text : "") << identifier_name(kind);
            EXPECT_EQ(check_identifier(kind, text + space).accepted(), spaces);
        }
        EXPECT_EQ(check_identifier(kind, "." + text).accepted(), dots) << identifier_name(kind);
        EXPECT_FALSE(check_identifier(kind, text.substr(0, 1) + "-" + text.substr(1)).accepted());
        EXPECT_FALSE(check_identifier(kind, text + "\t").accepted());
        EXPECT_FALSE(check_identifier(kind, text + std::string(1, '\0')).accepted());
    }
}

TEST(IdentifierForms, TextAboveTheLimitIsRefusedEvenWhenItsSeparatorsWouldBeDropped) {
    const std::string ins = "279035121518989";
    const std::size_t room = limits::kIdentifierTextBytesMax - ins.size();
    EXPECT_TRUE(check_identifier(Kind::ins, ins + std::string(room, ' ')).accepted());
    EXPECT_EQ(fault(Kind::ins, ins + std::string(room + 1, ' ')), Fault::length);
}

TEST(IdentifierForms, ZerosIdentifyNothingThoughTheySatisfyTheKey) {
    EXPECT_EQ(fault(Kind::rpps, "00000000000"), Fault::format);
    EXPECT_EQ(fault(Kind::idnps, "800000000000"), Fault::format);
    EXPECT_EQ(fault(Kind::finess, "000000000"), Fault::format);
    EXPECT_EQ(fault(Kind::idnst, "1000000000"), Fault::format);
    EXPECT_EQ(fault(Kind::siren, "000000000"), Fault::format);
    EXPECT_EQ(fault(Kind::siret, "00000000000000"), Fault::format);
    EXPECT_EQ(fault(Kind::cip7, "0000000"), Fault::format);
    EXPECT_EQ(fault(Kind::cis, "00000000"), Fault::format);
}

TEST(IdentifierForms, MatriculesStartWithOneOfTheirDigits) {
    for (char first = '0'; first <= '9'; ++first) {
        // The key is wrong for most: what counts is whether the shape lets the key be looked at.
        const std::string text = first + std::string("00019999999980");
        const bool nir = first == '1' || first == '2';
        const bool nia = first == '7' || first == '8';
        EXPECT_EQ(fault(Kind::ins_nir, text) == Fault::format, !nir) << first;
        EXPECT_EQ(fault(Kind::ins_nia, text) == Fault::format, !nia) << first;
        EXPECT_EQ(fault(Kind::ins, text) == Fault::format, !nir && !nia) << first;
    }
}

TEST(IdentifierForms, MonthsOfAMatriculeAre01To12Or20To99) {
    for (int month = 0; month <= 99; ++month) {
        const std::string pair = {static_cast<char>('0' + month / 10),
                                  static_cast<char>('0' + month % 10)};
        const bool given_out = (month >= 1 && month <= 12) || month >= 20;
        EXPECT_EQ(fault(Kind::ins, "179" + pair + "3604400199") == Fault::format, !given_out)
            << pair;
    }
}

TEST(IdentifierForms, PlacesOfAMatriculeReachOverseasAndAbroadButNotZero) {
    for (const char* place : {"01", "20", "2A", "2B", "75", "96", "97", "98", "99"}) {
        const std::string text = std::string("17903") + place + "04400199";
        EXPECT_NE(fault(Kind::ins, text), Fault::format) << place;
    }
    for (const char* place : {"00", "2C", "1A", "A2", "AB"}) {
        const std::string text = std::string("17903") + place + "04400199";
        EXPECT_EQ(fault(Kind::ins, text), Fault::format) << place;
    }
}

TEST(IdentifierForms, ACorsicanCptsIsAStructureLikeAnother) {
    EXPECT_EQ(check_identifier(Kind::idnst, "12A0000014").severity, IdentifierSeverity::none);
    EXPECT_EQ(check_identifier(Kind::idnst, "12a0000014").normalised, "12A0000014");
    EXPECT_EQ(fault(Kind::finess, "2C0000014"), Fault::format);
    EXPECT_EQ(fault(Kind::finess, "20A000014"), Fault::format);
}

TEST(IdentifierForms, NationalIdentifiersOfAnotherTypeAreRefused) {
    for (const char type : {'0', '1', '2', '3', '4', '5', '6', '7', '9'}) {
        EXPECT_EQ(fault(Kind::idnps, type + std::string("01234567897")), Fault::format) << type;
    }
    for (const char type : {'0', '2', '3', '4', '5', '6', '7', '8', '9'}) {
        EXPECT_EQ(fault(Kind::idnst, type + std::string("950047225")), Fault::format) << type;
    }
    EXPECT_EQ(fault(Kind::idnps, "80123456789"), Fault::length);
    EXPECT_EQ(fault(Kind::idnst, "195004722"), Fault::length);
}

TEST(IdentifierForms, RangesOfMedicineCodesComeBeforeTheirKey) {
    EXPECT_EQ(fault(Kind::cip13, "3400893213320"), Fault::ucd_range);
    EXPECT_EQ(fault(Kind::cip13, "3401060000010"), Fault::prefix);
    EXPECT_EQ(fault(Kind::cip13, "3400935955839"), Fault::key);
    EXPECT_EQ(fault(Kind::ucd13, "3400893213323"), Fault::key);
    EXPECT_EQ(fault(Kind::ucd13, "4400893213322"), Fault::prefix);
    EXPECT_EQ(fault(Kind::cip13, "340093595583X"), Fault::format);
}

TEST(IdentifierForms, AtcEndsAtALevelFromTwoToFive) {
    const std::string whole = "N02BE01";
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        const bool level = length == 3 || length == 4 || length == 5 || length == 7;
        EXPECT_EQ(fault(Kind::atc, whole.substr(0, length)) == Fault::none, level) << length;
    }
    std::size_t groups = 0;
    for (char group = 'A'; group <= 'Z'; ++group) {
        groups += fault(Kind::atc, group + std::string("02BE01")) == Fault::none ? 1 : 0;
    }
    EXPECT_EQ(groups, 14u);
    for (const char* text : {"N0ABE01", "N0215", "N02B501", "N02BE0A", "102BE01"}) {
        EXPECT_EQ(fault(Kind::atc, text), Fault::format) << text;
    }
}

TEST(IdentifierForms, Cim10HasACategoryAndAtMostThreeCharactersMore) {
    for (const char* text : {"I50", "J18.9", "J189", "S37.800", "S37800", "T31.20", "C16.9+0",
                             "M45+0", "B24.+0", "F03+00"}) {
        EXPECT_EQ(fault(Kind::cim10, text), Fault::none) << text;
    }
    for (const char* text :
         {"", "I5", "150", "I5A", "J18.", "J18..9", "J18.9012", "J18.9.", "J18.A", "JJ8.9", "J18.+",
          "J18.9+", "J18.90+", "J18.+9+", "J18.A+0", "J18.++0", "J+8.9", "J18 .9"}) {
        EXPECT_EQ(fault(Kind::cim10, text), Fault::format) << text;
    }
}

TEST(IdentifierForms, ThereAre101Departements) {
    const std::string_view alphabet = "0123456789ABC";
    std::size_t known = 0;
    const auto count = [&](const std::string& text) {
        const Fault found = fault(Kind::departement, text);
        EXPECT_TRUE(found == Fault::none || found == Fault::unknown) << text;
        known += found == Fault::none ? 1 : 0;
    };
    for (const char a : alphabet) {
        count({a});
        for (const char b : alphabet) {
            count({a, b});
            for (const char c : alphabet) count({a, b, c});
        }
    }
    EXPECT_EQ(known, 101u);
    for (const char* text :
         {"00", "20", "96", "97", "2C", "975", "977", "978", "984", "988", "99"}) {
        EXPECT_EQ(fault(Kind::departement, text), Fault::unknown) << text;
    }
    for (const char* text : {"01", "19", "21", "95", "2A", "2B", "971", "973", "976"}) {
        EXPECT_EQ(fault(Kind::departement, text), Fault::none) << text;
    }
}

TEST(IdentifierForms, CogTakesPlacesInFranceAndAbroad) {
    for (const char* text : {"36044", "2A004", "97411", "99134", "99999"}) {
        EXPECT_EQ(fault(Kind::cog, text), Fault::none) << text;
    }
    for (const char* text : {"00000", "2C004", "2AA04", "360445", "A2004"}) {
        EXPECT_EQ(fault(Kind::cog, text), Fault::format) << text;
    }
}

TEST(IdentifierForms, RandomBytesAreJudgedWithoutHarmAndAcceptedOnlyAsPlainAscii) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 20'000; ++round) {
        const auto& [kind, text] = kValid[random() % kValid.size()];
        std::string wrong = text;
        for (std::size_t edits = 1 + random() % 3; edits > 0 && !wrong.empty(); --edits) {
            wrong[random() % wrong.size()] = static_cast<char>(random() % 256);
        }
        const IdentifierVerdict verdict = check_identifier(kind, wrong);
        EXPECT_EQ(verdict.normalised.empty(), !verdict.accepted());
        for (const char c : verdict.normalised) {
            EXPECT_TRUE(c > ' ' && c < 0x7F && (c < 'a' || c > 'z')) << identifier_name(kind);
        }
    }
}

TEST(IdentifierMessages, EachFaultIsNamedInFrenchWithWhatWasExpected) {
    const std::vector<std::pair<IdentifierVerdict, std::string>> cases = {
        {check_identifier(Kind::ins, "279035121518988"), "clé de contrôle incorrecte"},
        {check_identifier(Kind::siret, "732"), "longueur incorrecte ; attendu : 14 chiffres."},
        {check_identifier(Kind::cis, "ABCDEFGH"), "forme incorrecte ; attendu : 8 chiffres."},
        {check_identifier(Kind::cip13, "3401060000014"), "commençant par 3400"},
        {check_identifier(Kind::cip13, "3400893213322"), "UCD"},
        {check_identifier(Kind::departement, "20"), "code inconnu"},
    };
    for (const auto& [verdict, expected] : cases) {
        const std::string message = identifier_message(verdict);
        EXPECT_TRUE(message.starts_with(identifier_label(verdict.kind))) << message;
        EXPECT_NE(message.find(expected), std::string::npos) << message;
        EXPECT_EQ(message.find("annuaire"), std::string::npos) << message;
    }
    EXPECT_EQ(identifier_message(check_identifier(Kind::cis, "69170898")), "");
}

TEST(IdentifierMessages, AWarningLeavesTheLastWordToTheDirectory) {
    const IdentifierVerdict verdict = check_identifier(Kind::rpps, "01234567898");
    ASSERT_EQ(verdict.severity, IdentifierSeverity::warning);
    EXPECT_NE(identifier_message(verdict).find("annuaire national fait foi"), std::string::npos);
}

TEST(IdentifierMessages, NoMessageOrErrorRepeatsTheValue) {
    for (const auto& [kind, text] : kValid) {
        std::string wrong = text;
        wrong.back() = wrong.back() == '9' ? '8' : static_cast<char>(wrong.back() + 1);
        EXPECT_EQ(identifier_message(check_identifier(kind, wrong)).find(wrong), std::string::npos);
        const auto result = require_identifier(kind, text + "?");
        ASSERT_EQ(result.code(), ErrorCode::bad_identifier) << text;
        EXPECT_EQ(result.error().describe().find(text), std::string::npos) << text;
    }
}

TEST(RequireIdentifier, GivesTheNormalisedTextOrNamesKindAndFault) {
    EXPECT_EQ(require_identifier(Kind::ins, "2 84 05 2a 321 025 52").value(), "284052A32102552");
    EXPECT_EQ(require_identifier(Kind::rpps, "01234567898").value(), "01234567898");
    EXPECT_EQ(require_identifier(Kind::cip13, "3400935955839").error().detail, "cip13: key");
    EXPECT_EQ(require_identifier(Kind::cip13, "3400893213322").error().detail, "cip13: ucd_range");
}

}  // namespace
}  // namespace relais
