// The three keys of attachments of an act: all or none, each within its bounds.
#include <gtest/gtest.h>

#include "schemas/compiler/compiler.h"
#include "schemas/workflow/kind.h"
#include "tests/unit/schemas/compiler/folder.h"

namespace relais::compiler {
namespace {

const std::string kDeclared =
    "attachment_count = 20\nattachment_kib = 51200\n"
    "attachment_media = [\"application/pdf\", \"image/jpeg\", \"image/png\"]\n";

// What the compiler says of the admission with these lines in place of the three; empty: nothing.
std::string said(const std::string& lines) {
    const KindsFolder folder;
    folder.replace("declaration.toml", kDeclared, lines);
    const auto compiled = compile_kind(folder.kind());
    return compiled.ok() ? "" : compiled.error().detail;
}

TEST(AttachmentKeys, TheAdmissionsDepositMayCarryFiftyMebibytes) {
    const KindsFolder folder;
    const auto kind = workflow::Kind::load(compile_kind(folder.kind()).value()).value();
    const auto& rule = kind.acts[*kind.act("deposit")].attachments;
    EXPECT_EQ(rule.count, 20);
    EXPECT_EQ(rule.bytes, 50U << 20);
    EXPECT_TRUE(rule.allows("application/pdf"));
    for (const workflow::Act& act : kind.acts) {
        const bool record = act.form == "Dossier";
        EXPECT_EQ(act.attachments.count > 0, record) << act.name;
    }
}

TEST(AttachmentKeys, NoneOfThemMeansNone) { EXPECT_EQ(said(""), ""); }

TEST(AttachmentKeys, OneAloneIsAMistake) {
    EXPECT_NE(said("attachment_count = 2\n").find("attachment_kib"), std::string::npos);
    EXPECT_NE(said("attachment_kib = 2000\n").find("attachment_count"), std::string::npos);
    EXPECT_NE(said("attachment_count = 2\nattachment_kib = 2000\n").find("attachment_media"),
              std::string::npos);
}

TEST(AttachmentKeys, EachIsWithinItsBounds) {
    const auto with = [](const char* count, const char* kib, const char* media) {
        return said(std::string("attachment_count = ") + count + "\nattachment_kib = " + kib +
                    "\nattachment_media = " + media + "\n");
    };
    EXPECT_EQ(with("1", "4", "[\"image/png\"]"), "");
    EXPECT_NE(with("0", "4", "[\"image/png\"]"), "");
    EXPECT_NE(with("33", "4", "[\"image/png\"]"), "");
    EXPECT_NE(with("1", "3", "[\"image/png\"]"), "");
    EXPECT_NE(with("1", "262145", "[\"image/png\"]"), "");
    EXPECT_NE(with("1", "4", "[]").find("no media type"), std::string::npos);
    EXPECT_NE(with("1", "4", "[\"PDF\"]").find("not a media type"), std::string::npos);
}

TEST(AttachmentKeys, AnOperatorReadsTheChange) {
    const KindsFolder folder;
    const Bytes before = compile_kind(folder.kind()).value();
    folder.replace("declaration.toml", "attachment_count = 20", "attachment_count = 2");
    const std::string text =
        describe_difference(before, compile_kind(folder.kind()).value()).value();
    EXPECT_NE(text.find("2 files, 51200 KiB"), std::string::npos) << text;
}

}  // namespace
}  // namespace relais::compiler
