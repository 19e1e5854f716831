// Posts to groups and registers in a store: clean as the engine leaves them, and what goes wrong in
// them is found.
#include <gtest/gtest.h>

#include "schemas/workflow/permission.h"
#include "tests/support/kinds.h"
#include "tests/unit/tools/fsck/fixture.h"

namespace relais::fsck {
namespace {

using test::address;

const Address& group() {
    static const Address made = Address::parse_group("#veille.cpts-indre@indre").value();
    return made;
}

std::shared_ptr<test::SmallTerritory> territory_with_groups() {
    auto made =
        std::make_shared<test::SmallTerritory>(std::vector<std::string>{"admission", "circular"});
    made->publish_kind(made->cpts, "circular", 1, test::circular().load().value().digest);
    const auto add = [&](directory::EntryBody body) {
        made->append("cpts-indre", *made->cpts.authority, std::move(body));
    };
    add(directory::Group{test::name("veille"), "Veille", {"circular"}});
    add(directory::Membership{
        group(), {address(broker::kGeriatrics), address(broker::kCardiology)}, {}});
    return made;
}

class StoredGroups : public testing::Test {
protected:
    StoredGroups() {
        auto body = bench.territory.domain_body();
        body.audit_log = bench.audit_key();
        body.directory_log = bench.directory_key();
        bench.territory.append("", *bench.territory.authority(), body);
        for (const Bytes& bundle : {broker::admission_bundle(), test::circular().bytes()}) {
            bench.step(broker::together(bench.operator_input(wire::PublishBundle{bundle})));
        }
        bench.publish_directory();
        cpts = bench.connect(bench.territory.cpts_station);
        ward = bench.connect(bench.territory.geriatrics_station);
    }
    Header post(const char* act, Release release = Release::at_once) {
        const Header header = bench.header(cpts, {.from = "cpts-indre@indre",
                                                  .to = {group().text()},
                                                  .act = act,
                                                  .kind = kind.digest,
                                                  .by = bench.territory.coordinator.id});
        const auto readers = workflow::group_readers(bench.territory.state(), kind, header);
        const Bytes envelope =
            bench.envelope(header, bench.territory.coordinator, release, readers);
        EXPECT_EQ(broker::code_of(bench.ask(cpts, wire::Submit{envelope})), ErrorCode::ok);
        return header;
    }
    void answer(const Header& told) {
        const Header header = bench.header(ward, {.from = broker::kGeriatrics,
                                                  .to = {"cpts-indre@indre"},
                                                  .act = "answer",
                                                  .kind = kind.digest,
                                                  .by = bench.territory.geriatrician.id,
                                                  .thread = told.thread});
        const Bytes envelope = bench.envelope(header, bench.territory.geriatrician);
        EXPECT_EQ(broker::code_of(bench.ask(ward, wire::Submit{envelope})), ErrorCode::ok);
    }
    void execute(const std::string& sql) {
        broker::Unpacked tables(bench.sqlite().database());
        bench.sqlite().database().execute(sql).value();
        tables.pack();
    }
    std::string described() {
        bench.idle(std::chrono::seconds(5));
        std::string text;
        const Report report = check_store(bench.sqlite()).value();
        for (const Problem& problem : report.problems) text += problem.describe() + "\n";
        return text;
    }

    broker::EngineBench bench{{.settled = false, .territory = territory_with_groups()}};
    workflow::Kind kind = test::circular().load().value();
    broker::SessionId cpts = 0;
    broker::SessionId ward = 0;
};

TEST_F(StoredGroups, AreCleanHeldAnsweredAndReleased) {
    answer(post("tell"));
    post("tell-held", Release::confirmed);
    EXPECT_EQ(described(), "");
    EXPECT_EQ(check_store(bench.sqlite()).value().register_entries, 1u);
    bench.idle(std::chrono::minutes(11));
    EXPECT_EQ(bench.count_leaves(Event::released), 2u);
    EXPECT_EQ(described(), "");
    bench.idle(std::chrono::hours(24 * 400));
    EXPECT_EQ(described(), "");
}

TEST_F(StoredGroups, WhoHasLeftIsNotMissed) {
    post("tell-held", Release::confirmed);
    bench.territory.append("cpts-indre", *bench.territory.cpts.authority,
                           directory::Membership{group(), {}, {address(broker::kGeriatrics)}});
    bench.publish_directory();
    bench.idle(std::chrono::minutes(11));
    EXPECT_EQ(bench.count_leaves(Event::released), 1u);
    EXPECT_EQ(described(), "");
}

TEST_F(StoredGroups, ABoxInAnotherMembersMailboxIsFound) {
    post("tell");
    ASSERT_EQ(described(), "");
    execute("UPDATE log SET position = 3 WHERE type = 0 AND position = 2");
    EXPECT_NE(described().find("is not for this place"), std::string::npos) << described();
}

struct RegisterHarm {
    const char* harm;
    const char* undo;
};

TEST_F(StoredGroups, AnEntryOfARegisterIsWhatItsActSets) {
    answer(post("tell"));
    ASSERT_EQ(described(), "");
    const auto run = [&](const std::string& change) {
        bench.sqlite().database().execute("UPDATE register_entry SET " + change).value();
    };
    for (const auto& [harm, undo] : {RegisterHarm{"value = 2", "value = 1"},
                                     {"key = key || 'x'", "key = substr(key, 1, length(key) - 1)"},
                                     {"name = 'circular/other'", "name = 'circular/answered'"},
                                     {"name = 'admission/answered'", "name = 'circular/answered'"},
                                     {"position = 4", "position = 0"}}) {
        run(harm);
        EXPECT_NE(described().find(problem::kRegister), std::string::npos) << harm;
        run(undo);
        EXPECT_EQ(described(), "");
    }
}

TEST_F(StoredGroups, AStepOfRingingIsOfAThreadAndAMailboxThatAreThere) {
    post("tell");
    ASSERT_EQ(described(), "");
    execute(
        "INSERT INTO ring VALUES (zeroblob(16), 1, 0, zeroblob(16), 1, 0, 0, -1, 1, 9e15, 0, 0, "
        "'', "
        "'')");
    EXPECT_NE(described().find(problem::kRing), std::string::npos);
}

TEST_F(StoredGroups, AnActOfAMemberIsOfAThreadAndAMailboxThatAreThere) {
    answer(post("tell"));
    ASSERT_EQ(described(), "");
    execute("UPDATE member_step SET channel = 999");
    EXPECT_NE(described().find(problem::kMember), std::string::npos);
    execute("UPDATE member_step SET thread = zeroblob(16), channel = 1");
    EXPECT_NE(described().find(problem::kMember), std::string::npos);
}

}  // namespace
}  // namespace relais::fsck
