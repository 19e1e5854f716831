// The forms of a folder: what stops them from compiling is said with its file; nothing of the
// machine or of the files that they include gets into the bundle.
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "schemas/compiler/compiler.h"
#include "schemas/forms/form_schema.h"
#include "schemas/workflow/kind.h"
#include "tests/unit/schemas/compiler/folder.h"

namespace relais::compiler {
namespace {

std::string detail_of(const KindsFolder& folder) {
    const Result<Bytes> compiled = compile_kind(folder.kind());
    return compiled.ok() ? "compiled" : compiled.error().detail;
}

TEST(FormFiles, AParseErrorIsSaidWithItsFileAndLineAndNotWithItsMachine) {
    const KindsFolder folder;
    folder.replace("offer.fbs", "bed:string", "bed:strin");
    const std::string detail = detail_of(folder);
    EXPECT_TRUE(detail.starts_with("admission/offer.fbs:")) << detail;
    EXPECT_EQ(detail.find(folder.root().string()), std::string::npos);
}

TEST(FormFiles, ABrokenRuleOfFormsIsSaidWithItsFileAndField) {
    const KindsFolder folder;
    folder.replace("offer.fbs", "bed:string (label: \"Lit\", ", "bed:string (");
    EXPECT_EQ(detail_of(folder), "offer.fbs: Offer.bed: no label");
}

TEST(FormFiles, AnUndeclaredAttributeIsRefused) {
    const KindsFolder folder;
    folder.replace("offer.fbs", "bed:string (label: \"Lit\", ", "bed:string (lable: \"Lit\", ");
    EXPECT_NE(detail_of(folder).find("offer.fbs:"), std::string::npos) << detail_of(folder);
}

TEST(FormFiles, AFileWithoutRootTypeServesToBeIncluded) {
    const KindsFolder folder;
    const Bytes before = compile_kind(folder.kind()).value();
    folder.write("more.fbs", "namespace x; table Unused { a:int; }\n");
    EXPECT_EQ(compile_kind(folder.kind()).value(), before);
}

TEST(FormFiles, AFormThatNoActUsesIsRefused) {
    const KindsFolder folder;
    folder.write("more.fbs",
                 "include \"form.fbs\"; table More (label: \"M\") { a:bool = null (label: \"A\"); "
                 "} root_type More;\n");
    EXPECT_EQ(detail_of(folder), "declaration.toml:1: form \"More\": no act uses it");
}

TEST(FormFiles, TwoFormsOfOneNameAreRefused) {
    const KindsFolder folder;
    std::filesystem::copy(folder.kind() / "offer.fbs", folder.kind() / "offer2.fbs");
    EXPECT_NE(detail_of(folder).find("name declared twice"), std::string::npos)
        << detail_of(folder);
}

TEST(FormFiles, AMissingFormIsAnUnknownOne) {
    const KindsFolder folder;
    std::filesystem::remove(folder.kind() / "offer.fbs");
    EXPECT_NE(detail_of(folder).find("act \"offer\": unknown form \"Offer\""), std::string::npos);
}

TEST(FormFiles, NoFolderAndNoDeclarationAreNotFound) {
    const KindsFolder folder;
    std::filesystem::remove(folder.kind() / "declaration.toml");
    EXPECT_EQ(compile_kind(folder.kind()).code(), ErrorCode::not_found);
    EXPECT_EQ(compile_kind(folder.root() / "none").code(), ErrorCode::not_found);
}

TEST(FormFiles, TheBundleHoldsNoFileNameAndNoTableOfAnotherForm) {
    const Bytes bundle = compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/admission").value();
    const std::string text(as_text(bundle));
    for (const char* absent : {".fbs", "schemas/", "//"}) {
        // "https://" of a code system apart.
        std::size_t at = text.find(absent);
        while (at != std::string::npos && at > 6 && text.substr(at - 6, 8) == "https://") {
            at = text.find(absent, at + 1);
        }
        EXPECT_EQ(at, std::string::npos) << absent;
    }
    const auto kind = workflow::Kind::load(bundle).value();
    const std::string offer(as_text(kind.form("Offer")->schema));
    EXPECT_EQ(offer.find("Dossier"), std::string::npos);
    EXPECT_EQ(offer.find("Identity"), std::string::npos);
    EXPECT_NE(std::string(as_text(kind.form("Dossier")->schema)).find("relais.kinds.Identity"),
              std::string::npos);
}

// The same comments and layout, another machine: only what is said counts.
TEST(FormFiles, AnInnerCommentDoesNotChangeTheBundle) {
    const KindsFolder folder;
    const Bytes before = compile_kind(folder.kind()).value();
    folder.replace("offer.fbs", "table Offer", "// a word to the reader\n\ntable Offer");
    folder.replace("declaration.toml", "version = 1", "# a word\nversion   =   1");
    EXPECT_EQ(compile_kind(folder.kind()).value(), before);
    folder.replace("offer.fbs", "label: \"Lit\"", "label: \"Le lit\"");
    EXPECT_NE(compile_kind(folder.kind()).value(), before);
}

}  // namespace
}  // namespace relais::compiler
