// What a draft is kept as: text, so that a name that is none is refused when it is attached.
#include "clients/station/api/draft.h"

#include <gtest/gtest.h>

#include <fstream>

#include "clients/station/api/attachments.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"

namespace relais::station {
namespace {

constexpr const char* kLatin1 = "caf\xe9";

Draft draft_with(DraftAct act) {
    Draft draft{.id = {},
                .kind = "admission",
                .kind_digest = {},
                .thread = {},
                .from = Address::parse("cabinet-dupont@essai").value()};
    draft.acts.push_back(std::move(act));
    return draft;
}

TEST(Draft, TextThatIsNoUtf8IsRefused) {
    EXPECT_EQ(encode_draft(draft_with({"call", {{"reason", kLatin1}}, {}})).code(),
              ErrorCode::usage);
    EXPECT_EQ(encode_draft(draft_with({"call", {}, {{"place", kLatin1}}})).code(),
              ErrorCode::usage);
    EXPECT_EQ(encode_draft(draft_with({"call", {}, {}, {{std::string("/") + kLatin1, {}}}})).code(),
              ErrorCode::usage);
    EXPECT_TRUE(encode_draft(draft_with({"call", {{"reason", "caf\u00e9"}}, {}})).ok());
}

TEST(Draft, AFileWhosePathIsNoUtf8IsNotAttached) {
    const test::TestFolder folder;
    for (const std::string name : {"caf\xe9/lettre.pdf", "lettre-caf\xe9.pdf"}) {
        const auto path = folder.path() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << "%PDF-1.7\n";
        EXPECT_EQ(examine_file(path, {}).code(), ErrorCode::usage) << name;
    }
    const auto path = folder.path() / "lettre.pdf";
    std::ofstream(path) << "%PDF-1.7\n";
    EXPECT_TRUE(examine_file(path, {}).ok());
}

}  // namespace
}  // namespace relais::station
