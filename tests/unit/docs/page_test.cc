// docs/formats.md prints the values of the examples: a reader who follows it sees what the code
// gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/unit/docs/examples.h"

namespace relais {
namespace {

std::string without_spaces(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
}

std::string page() {
    std::ifstream stream(std::string(RELAIS_SOURCE_DIR) + "/docs/formats.md", std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return without_spaces(text.str());
}

class PrintedValue : public testing::TestWithParam<const char*> {};

TEST_P(PrintedValue, stands_on_the_page_as_the_example_has_it) {
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
