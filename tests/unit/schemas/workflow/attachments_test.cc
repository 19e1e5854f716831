// What a kind says of attachments: none unless declared, and within the bounds of the declaration.
#include "schemas/workflow/permission.h"
#include "tests/support/envelopes.h"
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

class DeclaredAttachments : public testing::Test {
protected:
    // `deposit` of the small admission, with that declaration.
    static Result<Kind> kind_with(std::uint8_t count, std::uint32_t bytes,
                                  std::vector<std::string> media) {
        auto builder = test::bed_request();
        auto declared = std::make_unique<fb::AttachmentsDeclaredT>();
        declared->count = count;
        declared->bytes = bytes;
        declared->media = std::move(media);
        builder.bundle.acts[1]->attachments = std::move(declared);
        return builder.load();
    }
    static ErrorCode code_of(std::uint8_t count, std::uint32_t bytes,
                             std::vector<std::string> media) {
        return kind_with(count, bytes, std::move(media)).code();
    }
    test::SeededRandom random{1};
};

TEST_F(DeclaredAttachments, TheyComeBackAsDeclared) {
    const Kind kind = kind_with(3, 8192, {"application/pdf", "image/png"}).value();
    const AttachmentRule& rule = kind.acts[1].attachments;
    EXPECT_EQ(rule.count, 3);
    EXPECT_EQ(rule.bytes, 8192U);
    EXPECT_TRUE(rule.allows("image/png"));
    EXPECT_FALSE(rule.allows("image/jpeg"));
    EXPECT_EQ(kind.acts[0].attachments.count, 0) << "none unless declared";
    EXPECT_FALSE(kind.acts[0].attachments.allows("image/png"));
}

TEST_F(DeclaredAttachments, ADeclarationIsWithinItsBounds) {
    const std::vector<std::string> pdf = {"application/pdf"};
    EXPECT_EQ(code_of(1, 4096, pdf), ErrorCode::ok);
    EXPECT_EQ(code_of(0, 4096, pdf), ErrorCode::invalid_field);
    EXPECT_EQ(code_of(33, 4096, pdf), ErrorCode::invalid_field);
    EXPECT_EQ(code_of(1, 4095, pdf), ErrorCode::invalid_field);
    EXPECT_EQ(code_of(1, (256U << 20) + 1, pdf), ErrorCode::invalid_field);
    EXPECT_EQ(code_of(1, 4096, {}), ErrorCode::invalid_field);
    EXPECT_EQ(code_of(1, 4096, {"pdf"}), ErrorCode::invalid_field);
}

TEST_F(DeclaredAttachments, AHeaderHasThemWhereItsActMay) {
    const Kind kind = kind_with(3, 8192, {"application/pdf"}).value();
    const auto verdict = [&](const char* act, std::uint32_t chunks, std::uint64_t padded) {
        Header header = test::make_header({.publics = {}}, random);
        header.lane = Lane::urgent;
        header.chunks = ChunkSummary{chunks, padded + 16 * chunks, {}};
        return check_shape(kind, kind.acts[*kind.act(act)], header).code();
    };
    EXPECT_EQ(verdict("deposit", 1, 8192), ErrorCode::ok);
    EXPECT_EQ(verdict("deposit", 2, 8192), ErrorCode::ok);
    EXPECT_EQ(verdict("deposit", 2, 8193), ErrorCode::attachment_refused);
    EXPECT_EQ(verdict("decline", 1, 4096), ErrorCode::attachment_refused);
}

}  // namespace
}  // namespace relais::workflow
