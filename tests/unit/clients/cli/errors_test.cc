// Every error can be shown to a professional: what happened, what to do, an exit code that means
// what the documentation says.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "clients/cli/text.h"
#include "core/base/error.h"

namespace relais::cli {
namespace {

bool is_sentence(std::string_view text) {
    return !text.empty() && text.ends_with('.') && printable(text) == text;
}

TEST(Errors, EachHasAFrenchSentenceAndANextStep) {
    for (const ErrorInfo& info : error_table()) {
        if (info.code == ErrorCode::ok) continue;
        EXPECT_TRUE(is_sentence(info.french)) << info.name;
        EXPECT_TRUE(info.next_step.ends_with('.')) << info.name;
        EXPECT_NE(info.french, info.next_step) << info.name;
        EXPECT_NE(info.french, info.english) << info.name;
    }
}

TEST(Errors, ExitCodesAreTheDocumentedOnes) {
    std::set<int> seen;
    for (const ErrorInfo& info : error_table()) seen.insert(info.exit_code);
    EXPECT_EQ(seen, (std::set<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(Errors, WhatCanBeTriedAgainSaysSoInItsExitCode) {
    for (const ErrorInfo& info : error_table()) {
        // A lock of this machine passes too, but it is this machine's; what was handed over without
        // the act that releases it, what too few witnessed, or who fell silent, is a fault until
        // it is mended.
        const bool other =
            info.code == ErrorCode::locked || info.code == ErrorCode::release_unproven ||
            info.code == ErrorCode::witnesses_missing || info.code == ErrorCode::silence_found;
        if (info.retry == Retry::never || other) continue;
        EXPECT_EQ(info.exit_code, 6) << info.name;
    }
}

TEST(Errors, OnesThatScriptsDependOnKeepTheirExitCode) {
    const std::map<ErrorCode, int> known = {
        {ErrorCode::internal, 1},          {ErrorCode::usage, 2},
        {ErrorCode::missing_field, 3},     {ErrorCode::not_attested, 4},
        {ErrorCode::conflict, 5},          {ErrorCode::act_refused, 5},
        {ErrorCode::unreachable, 6},       {ErrorCode::not_decided, 6},
        {ErrorCode::proof_invalid, 7},     {ErrorCode::fingerprint_mismatch, 7},
        {ErrorCode::wrong_passphrase, 8},  {ErrorCode::locked, 8},
        {ErrorCode::unknown_recipient, 9}, {ErrorCode::unknown_thread, 9},
    };
    for (const auto& [code, exit_code] : known) {
        EXPECT_EQ(error_info(code).exit_code, exit_code) << error_name(code);
    }
}

}  // namespace
}  // namespace relais::cli
