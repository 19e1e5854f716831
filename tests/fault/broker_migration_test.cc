// Power cuts while a store is taken to a newer schema: whenever they come, the next start finishes,
// with the same contents as if nothing had happened; the copy of the former version is whole or not
// there, and is there once the migration is over. See docs/testing.md.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "broker/store/schema.h"
#include "tests/fault/broker_scene.h"
#include "tools/fsck/check.h"

namespace relais::broker {
namespace {

constexpr const char* kFile = "relais.db";

// What is to come, as it may be: a table rewritten, rows of another changed.
std::vector<Migration> with_two_more() {
    auto steps = store_migrations();
    steps.push_back([](Database& database) {
        return database.execute(
            "CREATE TABLE later (key INTEGER PRIMARY KEY, bytes BLOB NOT NULL, extra INTEGER);"
            "INSERT INTO later SELECT key, bytes, 1 FROM audit_leaf");
    });
    steps.push_back([](Database& database) {
        return database.execute(
            "CREATE INDEX later_by_extra ON later (extra);"
            "UPDATE later SET bytes = zeroblob(length(bytes)), extra = key");
    });
    return steps;
}

class BrokerMigration : public testing::Test {
protected:
    using Open = std::function<Result<void>(std::unique_ptr<Database>&)>;

    // Cuts the power throughout `open`, on those files; the contents that it leads to.
    void cut_throughout(const test::Files& files, const Open& open) {
        const std::string before = contents(files);
        disk_.hold(files);
        std::unique_ptr<Database> database;
        open(database).value();
        const std::size_t done = disk_.changes().size();
        database.reset();
        const test::Recorded recorded{files, disk_.changes(), {done}};
        const test::PowerTest test{[&]() -> Result<std::string> {
                                       RELAIS_TRY(open(database));
                                       return test::contents_of(*database);
                                   },
                                   [&](std::size_t) { return copy_wrong(before); },
                                   [&] {
                                       disk_.die();
                                       database.reset();
                                   }};
        const auto result =
            test::cut_power(disk_, recorded, test, {.seed = seed_, .fates = 3, .judge_every = 1});
        std::printf("%zu changes, %zu points\n", recorded.changes.size(), result.points);
        EXPECT_EQ(result.contents, 1u);
        EXPECT_GT(result.points, 50u);
        for (const std::string& failure : result.failures) {
            ADD_FAILURE() << "RELAIS_SEED=" << seed_ << " " << failure;
        }
    }
    std::string contents(const test::Files& files) {
        disk_.hold(files);
        return test::contents_of(
                   *std::make_unique<Database>(
                       Database::open(disk_.file(kFile), {Database::Mode::existing, ""}).value()))
            .value();
    }
    // After the start that finished: the copy is there, whole, as the store was.
    std::string copy_wrong(const std::string& before) {
        for (const auto& [name, bytes] : disk_.held()) {
            if (!name.starts_with("relais.db.v") || name.ends_with(".part")) continue;
            auto copy = Database::open(disk_.file(name), {Database::Mode::read_only, ""});
            if (!copy.ok()) return "the copy does not open: " + copy.error().describe();
            const auto kept = test::contents_of(*copy);
            if (!kept.ok()) return "the copy is damaged: " + kept.error().describe();
            return *kept == before || name.ends_with(half_way_) ? "" : "the copy is another";
        }
        return "no copy";
    }

    std::uint64_t seed_ = test::campaign_seed(1);
    test::WatchedDisk disk_;
    std::string half_way_ = ".none";
};

TEST_F(BrokerMigration, IsFinishedByTheNextStartWheneverThePowerGoes) {
    test::Files files;
    {
        BrokerScene scene(disk_, seed_);
        scene.work(6);
        files = scene.end_well();
    }
    half_way_ = ".v" + std::to_string(store_migrations().size() + 1);  // cut between two steps
    cut_throughout(files, [&](std::unique_ptr<Database>& database) -> Result<void> {
        RELAIS_ASSIGN(Database opened,
                      Database::open(disk_.file(kFile), {Database::Mode::existing, ""}));
        database = std::make_unique<Database>(std::move(opened));
        return migrate(*database, disk_.file(kFile), with_two_more());
    });
}

}  // namespace
}  // namespace relais::broker
