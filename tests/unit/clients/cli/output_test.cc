// What goes to standard output and what to standard error, for people and for programs.
#include "clients/cli/output.h"

#include <gtest/gtest.h>

namespace relais::cli {
namespace {

using nlohmann::json;

struct Said {
    int code;
    std::string out;
    std::string err;
};

template <typename Say>
Said say(bool as_json, bool colour, Say body) {
    Output output(as_json, colour);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = body(output);
    std::fflush(stdout);
    Said said{code, ::testing::internal::GetCapturedStdout(), {}};
    said.err = ::testing::internal::GetCapturedStderr();
    return said;
}

TEST(Output, WithJsonThereIsOneDocumentAndNothingElse) {
    const Said said = say(true, true, [](Output& out) {
        out.heading("Titre");
        out.line("ligne");
        out.alarm("alarme");
        out.result({{"a", 1}});
        return out.finish({});
    });
    EXPECT_EQ(json::parse(said.out), (json{{"a", 1}}));
    EXPECT_EQ(said.err, "");
}

TEST(Output, WithoutJsonTheDocumentIsNotPrinted) {
    const Said said = say(false, false, [](Output& out) {
        out.line("ligne");
        out.result({{"a", 1}});
        return out.finish({});
    });
    EXPECT_EQ(said.out, "ligne\n");
}

TEST(Output, AnErrorIsADocumentToProgramsAndThreeLinesToPeople) {
    const Said said = say(true, false, [](Output& out) {
        out.result({{"a", 1}});
        return out.finish(fail(ErrorCode::conflict, "place déjà prise"));
    });
    const json error = json::parse(said.out)["error"];
    EXPECT_EQ(error["code"], 301);
    EXPECT_EQ(error["name"], "conflict");
    EXPECT_EQ(error["detail"], "place déjà prise");
    EXPECT_FALSE(error["next_step"].get<std::string>().empty());
    EXPECT_NE(said.err.find("Détail  : place déjà prise"), std::string::npos);
    EXPECT_NE(said.err.find("À faire : "), std::string::npos);
    EXPECT_EQ(said.code, 5);
}

TEST(Output, WhatIsAttachedStandsBesideTheErrorAndBesideTheResult) {
    const Said failed = say(true, false, [](Output& out) {
        out.attach("thread", "n");
        return out.finish(fail(ErrorCode::unreachable));
    });
    EXPECT_EQ(json::parse(failed.out)["thread"], "n");
    EXPECT_EQ(failed.code, 6);
    const Said done = say(true, false, [](Output& out) {
        out.attach("thread", "n");
        out.result({{"a", 1}});
        return out.finish({});
    });
    EXPECT_EQ(json::parse(done.out), (json{{"a", 1}, {"thread", "n"}}));
}

TEST(Output, EventsAreALineEach) {
    const Said said = say(true, false, [](Output& out) {
        out.event({{"event", "a"}});
        out.event({{"event", "b"}});
        return out.finish({});
    });
    EXPECT_EQ(said.out, "{\"event\":\"a\"}\n{\"event\":\"b\"}\n");
}

TEST(Output, ATitleFromElsewhereCannotDriveTheTerminal) {
    const Said said = say(false, false, [](Output& out) {
        out.line("avant\x1b[2Japrès");
        return out.finish({});
    });
    EXPECT_EQ(said.out, "avant?[2Japrès\n");
}

TEST(Output, ColourIsForTerminalsAlone) {
    const auto shout = [](Output& out) {
        out.alarm("alarme");
        return out.finish({});
    };
    EXPECT_EQ(say(false, false, shout).out, "alarme\n");
    EXPECT_NE(say(false, true, shout).out.find("\x1b["), std::string::npos);
}

}  // namespace
}  // namespace relais::cli
