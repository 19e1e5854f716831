// docs/formats.md prints the values of the examples: a reader who follows it sees what the code
// gives. docs/security.md names tests: they exist.
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

TEST(SecurityPage, NamesOnlyTestsThatExist) {
    static const std::regex kNamed(R"(`([A-Z]\w+\.[A-Z]\w+)`)");
    const std::string text = file_text(kRoot / "docs/security.md");
    const std::set<std::string> tests = all_tests();
    std::size_t named = 0;
    for (std::sregex_iterator name(text.begin(), text.end(), kNamed), end; name != end; ++name) {
        if ((*name)[1] == "Suite.Name") continue;
        ++named;
        EXPECT_TRUE(tests.contains((*name)[1].str())) << (*name)[1];
    }
    EXPECT_GT(named, 20U);
}

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
