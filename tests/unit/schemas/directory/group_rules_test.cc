// Groups: whose word they are, who comes and goes, and what the directory answers of every moment.
#include "core/base/limits.h"
#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class GroupRules : public DirectoryTest {
protected:
    GroupRules() { cpts_accepts(Group{test::name("veille"), "Veille", {"admission"}}); }

    void cpts_accepts(EntryBody body) {
        const auto applied = t.apply(t.draft("cpts-indre", *t.cpts.authority, std::move(body)));
        EXPECT_TRUE(applied.ok()) << applied.error().describe();
    }
    void cpts_refuses(EntryBody body, ErrorCode code) {
        refused("cpts-indre", t.cpts.authority, std::move(body), code);
    }
    [[nodiscard]] Membership joins(const std::vector<Address>& mailboxes) const {
        return {group, mailboxes, {}};
    }
    [[nodiscard]] Membership leaves(const std::vector<Address>& mailboxes) const {
        return {group, {}, mailboxes};
    }
    [[nodiscard]] DirectorySize now() const { return t.state().size(); }

    Address group = Address::parse_group("#veille.cpts-indre@indre").value();
    Address geriatrics = t.mailbox("geriatrie.ch-valmont");
    Address cardiology = t.mailbox("cardiologie.ch-valmont");
    Address practice = t.mailbox("cabinet");
};

TEST_F(GroupRules, IsKeptByAnOrganisationAndAnswersForEveryMoment) {
    const DirectorySize empty = now();
    cpts_accepts(joins({practice, geriatrics}));
    const DirectorySize two = now();
    cpts_accepts(leaves({practice}));
    EXPECT_TRUE(t.state().members(group, empty).empty());
    EXPECT_EQ(t.state().members(group, two), (std::vector<Address>{practice, geriatrics}))
        << "by rising address";
    EXPECT_EQ(t.state().members(group), std::vector<Address>{geriatrics});
    EXPECT_TRUE(t.state().member(group, practice, two));
    EXPECT_FALSE(t.state().member(group, practice));
    EXPECT_EQ(t.state().groups(), std::vector<Address>{group});
    EXPECT_EQ(t.state().group(group)->title, "Veille");
}

TEST_F(GroupRules, SinceWhenOneIsAMemberWithoutABreak) {
    cpts_accepts(joins({practice}));
    const DirectorySize joined = now();
    cpts_accepts(joins({geriatrics}));
    EXPECT_EQ(t.state().member_since(group, practice), joined);
    cpts_accepts(leaves({practice}));
    EXPECT_EQ(t.state().member_since(group, practice), std::nullopt);
    EXPECT_EQ(t.state().member_since(group, practice, joined), joined);
    cpts_accepts(joins({practice}));
    EXPECT_EQ(t.state().member_since(group, practice), now()) << "it was away";
    EXPECT_EQ(t.state().member_since(group, practice, joined), joined);
}

TEST_F(GroupRules, OthersMayLeaveItAndNothingElse) {
    cpts_accepts(joins({practice, geriatrics}));
    hospital_refuses(joins({cardiology}), ErrorCode::not_a_signer);
    hospital_refuses(leaves({practice}), ErrorCode::not_a_signer);
    ASSERT_TRUE(t.apply(t.draft("ch-valmont", *t.hospital.authority, leaves({geriatrics}))).ok());
    EXPECT_FALSE(t.state().member(group, geriatrics));
    EXPECT_TRUE(t.state().member(group, practice));
}

TEST_F(GroupRules, WhatIsNotThereNeitherComesNorGoes) {
    cpts_accepts(joins({practice}));
    cpts_refuses(joins({practice}), ErrorCode::bad_entry);
    cpts_refuses(joins({t.mailbox("urgences.ch-valmont")}), ErrorCode::unknown_object);
    cpts_refuses(leaves({geriatrics}), ErrorCode::unknown_object);
    Membership other = joins({geriatrics});
    other.group = Address::parse_group("#autre.cpts-indre@indre").value();
    cpts_refuses(other, ErrorCode::unknown_object);
    Group posted{test::name("veille"), "Veille", {"admission"}};
    posted.posters = {t.mailbox("inconnu")};
    cpts_refuses(posted, ErrorCode::unknown_object);
}

TEST_F(GroupRules, AMailboxThatIsGoneIsNoMember) {
    cpts_accepts(joins({geriatrics, practice}));
    const DirectorySize before = now();
    t.revoke(t.geriatrics);
    EXPECT_EQ(t.state().members(group), std::vector<Address>{practice});
    EXPECT_TRUE(t.state().member(group, geriatrics, before));
}

TEST_F(GroupRules, AGroupThatEndsLosesItsMembersAndMayComeBackEmpty) {
    cpts_accepts(joins({practice}));
    hospital_refuses(Revocation{RevokedObject::group, {}, "veille", RevocationReason::other},
                     ErrorCode::unknown_object);
    cpts_accepts(Revocation{RevokedObject::group, {}, "veille", RevocationReason::other});
    EXPECT_EQ(t.state().group(group), nullptr);
    EXPECT_TRUE(t.state().groups().empty());
    EXPECT_FALSE(t.state().member(group, practice));
    cpts_refuses(joins({practice}), ErrorCode::unknown_object);
    cpts_accepts(Group{test::name("veille"), "Veille", {"admission"}});
    EXPECT_TRUE(t.state().members(group).empty());
}

TEST_F(GroupRules, MembersHaveABound) {
    std::vector<Address> all;
    for (std::size_t i = 0; i < limits::kGroupMembersMax; ++i) {
        const std::string unit = "u" + std::to_string(i);
        ASSERT_TRUE(t.apply(t.draft("ch-valmont", *t.hospital.authority,
                                    Unit{test::name(unit), "Unité", "", "", {"admission"}}))
                        .ok());
        all.push_back(t.mailbox(unit + ".ch-valmont"));
    }
    for (std::size_t i = 0; i < all.size(); i += limits::kMembershipsPerEntryMax) {
        const auto last = std::min(all.size(), i + limits::kMembershipsPerEntryMax);
        ASSERT_TRUE(t.apply(t.draft("cpts-indre", *t.cpts.authority,
                                    joins({all.begin() + static_cast<std::ptrdiff_t>(i),
                                           all.begin() + static_cast<std::ptrdiff_t>(last)})))
                        .ok());
    }
    EXPECT_EQ(t.apply(t.draft("cpts-indre", *t.cpts.authority, joins({practice}))).code(),
              ErrorCode::too_large);
}

}  // namespace
}  // namespace relais::directory
