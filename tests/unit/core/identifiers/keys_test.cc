// Properties of the control keys. Each oracle here is written another way than the code it judges:
// products and whole numbers where the code folds digit by digit.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "core/identifiers/identifiers.h"

namespace relais {
namespace {

constexpr std::uint64_t kSeed = 20'260'101;
constexpr int kRounds = 200;

std::string digits(std::mt19937_64& random, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text.push_back(static_cast<char>('0' + random() % 10));
    return text;
}

IdentifierFault flaw(IdentifierKind kind, const std::string& text) {
    return check_identifier(kind, text).fault;
}

std::string two_digits(std::uint64_t number) {
    return std::string(number < 10 ? "0" : "") + std::to_string(number);
}

// A matricule with its right key; `place` has two characters, `numeric` is what they count as.
std::string matricule(std::mt19937_64& random, const std::string& place,
                      const std::string& numeric) {
    const std::string head =
        (random() % 2 == 0 ? "1" : "2") + digits(random, 2) + two_digits(1 + random() % 12);
    const std::string tail = digits(random, 6);
    return head + place + tail + two_digits(97 - std::stoull(head + numeric + tail) % 97);
}

// The key that a generator makes: the only last digit that the identifier accepts.
std::string with_key(IdentifierKind kind, const std::string& body) {
    std::string found;
    int accepted = 0;
    for (char key = '0'; key <= '9'; ++key) {
        if (flaw(kind, body + key) != IdentifierFault::none) continue;
        found = body + key;
        ++accepted;
    }
    EXPECT_EQ(accepted, 1) << identifier_name(kind) << " " << body;
    return found;
}

using Neighbours = std::function<void(const std::string&, char, char)>;

void for_each_wrong_digit(const std::string& text, const std::function<void(std::string)>& visit) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] < '0' || text[at] > '9') continue;
        for (char digit = '0'; digit <= '9'; ++digit) {
            if (digit == text[at]) continue;
            std::string wrong = text;
            wrong[at] = digit;
            visit(wrong);
        }
    }
}

void for_each_transposition(const std::string& text, const Neighbours& visit) {
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        if (text[at] == text[at + 1]) continue;
        std::string wrong = text;
        std::swap(wrong[at], wrong[at + 1]);
        visit(wrong, text[at], text[at + 1]);
    }
}

TEST(NirKey, EachWrongDigitAndEachTranspositionIsRefused) {
    std::mt19937_64 random(kSeed);
    for (int round = 0; round < kRounds; ++round) {
        const std::string place = two_digits(1 + random() % 99);
        const std::string right = matricule(random, place, place);
        ASSERT_EQ(flaw(IdentifierKind::ins, right), IdentifierFault::none) << right;
        for_each_wrong_digit(right, [&](const std::string& wrong) {
            EXPECT_FALSE(check_identifier(IdentifierKind::ins_nir, wrong).accepted()) << wrong;
        });
        for_each_transposition(right, [&](const std::string& wrong, char, char) {
            EXPECT_FALSE(check_identifier(IdentifierKind::ins_nir, wrong).accepted()) << wrong;
        });
    }
}

TEST(NirKey, AWrongDigitThatKeepsTheShapeIsAFaultOfTheKey) {
    std::mt19937_64 random(kSeed + 1);
    for (int round = 0; round < kRounds; ++round) {
        std::string wrong = matricule(random, "36", "36");
        // Year, commune and order number take any digit.
        const std::size_t at = std::array<std::size_t, 4>{1, 2, 8, 12}[random() % 4];
        wrong[at] = wrong[at] == '9' ? '0' : static_cast<char>(wrong[at] + 1);
        EXPECT_EQ(flaw(IdentifierKind::ins_nir, wrong), IdentifierFault::key) << wrong;
    }
}

TEST(NirKey, CorsicaCountsAs19And18AtThePlaceOfBirth) {
    std::mt19937_64 random(kSeed + 2);
    for (int round = 0; round < kRounds; ++round) {
        const std::string south = matricule(random, "2A", "19");
        const std::string north = matricule(random, "2B", "18");
        EXPECT_EQ(flaw(IdentifierKind::ins_nir, south), IdentifierFault::none) << south;
        EXPECT_EQ(flaw(IdentifierKind::ins_nir, north), IdentifierFault::none) << north;
        std::string swapped = south;
        swapped[6] = 'B';
        EXPECT_EQ(flaw(IdentifierKind::ins_nir, swapped), IdentifierFault::key) << swapped;
        EXPECT_EQ(flaw(IdentifierKind::ins_nir, matricule(random, "2A", "20")),
                  IdentifierFault::key);
    }
}

TEST(NirKey, ALetterAnywhereElseIsAFaultOfForm) {
    const std::string right = "100012A99999909";
    ASSERT_EQ(flaw(IdentifierKind::ins_nir, right), IdentifierFault::none);
    for (std::size_t at = 0; at < right.size(); ++at) {
        if (at == 6) continue;
        for (const char letter : {'A', 'B'}) {
            std::string wrong = right;
            wrong[at] = letter;
            EXPECT_EQ(flaw(IdentifierKind::ins_nir, wrong), IdentifierFault::format) << wrong;
        }
    }
}

TEST(NirKey, EachBodyHasOneKeyAndItIsNever00Or98Or99) {
    std::mt19937_64 random(kSeed + 3);
    bool key_97_seen = false;
    for (int round = 0; round < 1000; ++round) {
        const std::string body = matricule(random, "75", "75").substr(0, 13);
        int accepted = 0;
        for (std::uint64_t key = 0; key <= 99; ++key) {
            if (flaw(IdentifierKind::ins_nir, body + two_digits(key)) != IdentifierFault::none) {
                continue;
            }
            ++accepted;
            EXPECT_TRUE(key >= 1 && key <= 97) << body << " " << key;
            key_97_seen = key_97_seen || key == 97;
        }
        EXPECT_EQ(accepted, 1) << body;
    }
    EXPECT_TRUE(key_97_seen);
}

TEST(NiaKey, IsTheKeyOfANir) {
    const std::string body = "7000199999999";
    const std::string key = two_digits(97 - std::stoull(body) % 97);
    EXPECT_EQ(flaw(IdentifierKind::ins_nia, body + key), IdentifierFault::none);
    for_each_wrong_digit(body + key, [](const std::string& wrong) {
        EXPECT_FALSE(check_identifier(IdentifierKind::ins_nia, wrong).accepted()) << wrong;
    });
}

struct KeyCase {
    IdentifierKind kind;
    std::string head;
    std::size_t free_digits;
};

std::string case_name(const testing::TestParamInfo<KeyCase>& info) {
    return std::string(identifier_name(info.param.kind)) + "_" + info.param.head;
}

class LuhnKeys : public testing::TestWithParam<KeyCase> {
protected:
    // A random identifier with its key.
    std::string right(std::mt19937_64& random) const {
        return with_key(GetParam().kind, GetParam().head + digits(random, GetParam().free_digits));
    }
};

TEST_P(LuhnKeys, EachWrongDigitIsFound) {
    std::mt19937_64 random(kSeed + 4);
    for (int round = 0; round < kRounds; ++round) {
        for_each_wrong_digit(right(random), [&](const std::string& wrong) {
            EXPECT_NE(flaw(GetParam().kind, wrong), IdentifierFault::none) << wrong;
        });
    }
}

TEST_P(LuhnKeys, EachTranspositionIsFoundBut09And90) {
    std::mt19937_64 random(kSeed + 5);
    for (int round = 0; round < kRounds; ++round) {
        const std::string text = right(random);
        // The digits before the free ones have other rules than the key.
        const std::size_t fixed = GetParam().head.size();
        const auto judged = [&](const std::string& wrong, char left, char other) {
            if (wrong.substr(0, fixed) != text.substr(0, fixed)) return;
            const bool blind = (left == '0' && other == '9') || (left == '9' && other == '0');
            EXPECT_EQ(flaw(GetParam().kind, wrong),
                      blind ? IdentifierFault::none : IdentifierFault::key)
                << text << " " << wrong;
        };
        for_each_transposition(text, judged);
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, LuhnKeys,
                         testing::Values(KeyCase{IdentifierKind::rpps, "1", 9},
                                         KeyCase{IdentifierKind::idnps, "81", 9},
                                         KeyCase{IdentifierKind::finess, "36", 6},
                                         KeyCase{IdentifierKind::finess, "2A", 6},
                                         KeyCase{IdentifierKind::finess, "2B", 6},
                                         KeyCase{IdentifierKind::idnst, "136", 6},
                                         KeyCase{IdentifierKind::siren, "7", 7},
                                         KeyCase{IdentifierKind::siret, "7", 12}),
                         case_name);

TEST(FinessKey, CorsicaCountsAs21And22) {
    std::mt19937_64 random(kSeed + 6);
    for (int round = 0; round < kRounds; ++round) {
        const std::string body = digits(random, 6);
        const std::string south = with_key(IdentifierKind::finess, "2A" + body);
        const std::string north = with_key(IdentifierKind::finess, "2B" + body);
        // A number that no department claims, of the same digits, keeps the same key.
        EXPECT_EQ(south.back(), with_key(IdentifierKind::siren, "21" + body).back());
        EXPECT_EQ(north.back(), with_key(IdentifierKind::siren, "22" + body).back());
    }
}

TEST(SiretKey, OnlySitesOfLaPosteMayHaveADigitSumThatIsAMultipleOfFive) {
    // 3 + 5 + 6, and the five digits of the site.
    EXPECT_EQ(flaw(IdentifierKind::siret, "35600000000001"), IdentifierFault::none);
    EXPECT_EQ(flaw(IdentifierKind::siret, "35600000010000"), IdentifierFault::none);
    EXPECT_EQ(flaw(IdentifierKind::siret, "35600000000002"), IdentifierFault::key);
    // The same digit sum in other companies.
    EXPECT_EQ(flaw(IdentifierKind::siret, "36500000000001"), IdentifierFault::key);
    EXPECT_EQ(flaw(IdentifierKind::siret, "35600000100000"), IdentifierFault::key);
}

class EanKeys : public testing::TestWithParam<KeyCase> {};

TEST_P(EanKeys, EachWrongDigitIsFoundAndEachTranspositionButOfDigitsFiveApart) {
    std::mt19937_64 random(kSeed + 7);
    const IdentifierKind kind = GetParam().kind;
    const std::string head = GetParam().head;
    for (int round = 0; round < kRounds; ++round) {
        const std::string right = with_key(kind, head + digits(random, GetParam().free_digits));
        for_each_wrong_digit(right, [&](const std::string& wrong) {
            EXPECT_NE(flaw(kind, wrong), IdentifierFault::none) << wrong;
        });
        const auto judged = [&](const std::string& wrong, char left, char other) {
            if (!wrong.starts_with(head)) return;
            const bool blind = left - other == 5 || other - left == 5;
            EXPECT_EQ(flaw(kind, wrong), blind ? IdentifierFault::none : IdentifierFault::key)
                << right << " " << wrong;
        };
        for_each_transposition(right, judged);
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EanKeys,
                         testing::Values(KeyCase{IdentifierKind::cip13, "34009", 7},
                                         KeyCase{IdentifierKind::cip13, "34001", 7},
                                         KeyCase{IdentifierKind::ucd13, "34008", 7}),
                         case_name);

TEST(Cip7Key, EachWrongDigitAndEachTranspositionIsRefused) {
    std::mt19937_64 random(kSeed + 8);
    for (int round = 0; round < kRounds; ++round) {
        const std::string body = "3" + digits(random, 5);
        int sum = 0;
        for (int i = 0; i < 6; ++i) sum += (body[static_cast<std::size_t>(i)] - '0') * (i + 2);
        if (sum % 11 == 10) continue;
        const std::string right = body + std::to_string(sum % 11);
        ASSERT_EQ(flaw(IdentifierKind::cip7, right), IdentifierFault::none) << right;
        for_each_wrong_digit(right, [](const std::string& wrong) {
            EXPECT_EQ(flaw(IdentifierKind::cip7, wrong), IdentifierFault::key) << wrong;
        });
        for_each_transposition(right, [](const std::string& wrong, char, char) {
            EXPECT_EQ(flaw(IdentifierKind::cip7, wrong), IdentifierFault::key) << wrong;
        });
    }
}

TEST(Cip7Key, ABodyWhoseRemainderIsTenHasNoValidKey) {
    // 5 x 2 = 10.
    for (char key = '0'; key <= '9'; ++key) {
        EXPECT_EQ(flaw(IdentifierKind::cip7, std::string("500000") + key), IdentifierFault::key);
    }
}

TEST(Cip7Key, ACip13IsItsCip7BetweenThePrefixAndAnEanKey) {
    for (const std::string cip7 : {"3595583", "3874998", "3000012"}) {
        EXPECT_EQ(flaw(IdentifierKind::cip7, cip7), IdentifierFault::none);
        EXPECT_EQ(with_key(IdentifierKind::cip13, "34009" + cip7).size(), 13u);
    }
    EXPECT_EQ(with_key(IdentifierKind::cip13, "340093595583"), "3400935955838");
}

}  // namespace
}  // namespace relais
