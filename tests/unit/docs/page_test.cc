// docs/formats.md prints the values of the examples: a reader who follows it sees what the code
// gives. docs/security.md and docs/testing.md name tests: they exist.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/unit/docs/examples.h"

namespace relais {
namespace {

std::string without_spaces(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
}

std::string file_text(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

const std::filesystem::path kRoot = RELAIS_SOURCE_DIR;

std::string page() { return without_spaces(file_text(kRoot / "docs/formats.md")); }

// "Suite.Name" of every test of the tree.
std::set<std::string> all_tests() {
    static const std::regex kTest(
        R"(\b(?:TEST(?:_F|_P)?|RC_GTEST_PROP)\(\s*(\w+),\s*(\w+)\s*[,)])");
    std::set<std::string> names;
    for (const auto& file : std::filesystem::recursive_directory_iterator(kRoot / "tests")) {
        if (file.path().extension() != ".cc") continue;
        const std::string text = file_text(file.path());
        for (std::sregex_iterator test(text.begin(), text.end(), kTest), end; test != end; ++test) {
            names.insert((*test)[1].str() + "." + (*test)[2].str());
        }
    }
    return names;
}

const std::regex kNamedTest(R"(`([A-Z]\w+\.[A-Z]\w+)`)");

// The cells of each row of the table of that page whose first column has that title.
std::vector<std::vector<std::string>> table_of(const char* page_path, const std::string& title) {
    std::istringstream lines(file_text(kRoot / page_path));
    std::vector<std::vector<std::string>> rows;
    bool within = false;
    for (std::string line; std::getline(lines, line);) {
        const bool head = line.starts_with("| " + title + " |");
        within = head || (within && line.starts_with("|"));
        if (!within || head || line.starts_with("| ---")) continue;
        std::istringstream cells(line.substr(1));
        std::vector<std::string>& row = rows.emplace_back();
        for (std::string cell; std::getline(cells, cell, '|');) {
            const auto first = cell.find_first_not_of(' ');
            const auto last = cell.find_last_not_of(' ');
            row.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
        }
    }
    return rows;
}

TEST(SecurityPage, EachThreatSaysByWhatItIsMetByWhomItIsCaughtAndWhichTestKeepsItSo) {
    static const std::regex kNamed(R"(`([A-Z]\w+\.[A-Z]\w+|fuzz_\w+)`)");
    enum Column : std::size_t { threat, control, caught, where, guarantee, tests, columns };
    const auto rows = table_of("docs/security.md", "threat");
    EXPECT_GT(rows.size(), 70U);
    for (const auto& row : rows) {
        ASSERT_EQ(row.size(), columns) << row.front();
        for (const std::size_t column : {threat, control, caught, where}) {
            EXPECT_FALSE(row[column].empty()) << row[threat] << ": column " << column;
        }
        EXPECT_TRUE(std::regex_search(row[tests], kNamed)) << row[threat] << ": no test";
    }
}

TEST(TestingPage, EachDefectThatOthersHadHasItsTest) {
    enum Column : std::size_t { defect, seen_in, control, tests, columns };
    const auto rows = table_of("docs/testing.md", "defect");
    EXPECT_GE(rows.size(), 19U);
    for (const auto& row : rows) {
        ASSERT_EQ(row.size(), columns) << row.front();
        for (const std::string& cell : row) EXPECT_FALSE(cell.empty()) << row[defect];
        EXPECT_TRUE(std::regex_search(row[tests], kNamedTest)) << row[defect] << ": no test";
    }
}

class NamingPage : public testing::TestWithParam<const char*> {};

TEST_P(NamingPage, NamesOnlyTestsThatExist) {
    const std::string text = file_text(kRoot / GetParam());
    const std::set<std::string> tests = all_tests();
    std::size_t named = 0;
    for (std::sregex_iterator name(text.begin(), text.end(), kNamedTest), end; name != end;
         ++name) {
        if ((*name)[1] == "Suite.Name") continue;
        ++named;
        EXPECT_TRUE(tests.contains((*name)[1].str())) << (*name)[1];
    }
    EXPECT_GT(named, 20U);
}

INSTANTIATE_TEST_SUITE_P(Pages, NamingPage, testing::Values("docs/security.md", "docs/testing.md"));

class PrintedValue : public testing::TestWithParam<const char*> {};

TEST_P(PrintedValue, StandsOnThePageAsTheExampleHasIt) {
    EXPECT_NE(page().find(without_spaces(test::text_at(GetParam()))), std::string::npos)
        << GetParam() << " is " << test::text_at(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Formats, PrintedValue,
    testing::Values("/header/bytes", "/header/digest", "/header/message", "/header/signature",
                    "/keys/person/public", "/keys/person/fingerprint", "/batch/root",
                    "/content/payload", "/content/salt", "/content/digest", "/content/form/remark",
                    "/envelope/content_key", "/keys/epoch/scalar", "/keys/epoch/public",
                    "/keys/ephemeral/scalar", "/envelope/boxes/1/enc",
                    "/envelope/boxes/1/shared_secret", "/envelope/boxes/1/key",
                    "/envelope/boxes/1/base_nonce", "/envelope/boxes/1/sealed_key",
                    "/grant/sealed_key", "/recovery/secret", "/recovery/sheet",
                    "/recovery/signing/public", "/recovery/sealing/public", "/entry/digest",
                    "/entry/leaf_hash", "/enrolment/mac", "/enrolment/proposal",
                    "/enrolment/answers/approved", "/enrolment/answers/refused", "/proof/leaf_hash",
                    "/proof/root", "/proof/verifier_key", "/proof/checkpoint"));

}  // namespace
}  // namespace relais
