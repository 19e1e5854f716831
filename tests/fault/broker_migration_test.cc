// Power cuts while a store is taken to a newer schema: whenever they come, the next start finishes,
// with the same contents as if nothing had happened; the copy of the former version is whole or not
// there, and is there once the migration is over. See docs/testing.md.
#include <gtest/gtest.h>

#include <cerrno>

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

    test::Files store_with_work() {
        BrokerScene scene(disk_, seed_);
        scene.work(6);
        return scene.end_well();
    }
    Open open_and_migrate() {
        half_way_ = ".v" + std::to_string(store_migrations().size() + 1);  // between two steps
        return [&](std::unique_ptr<Database>& database) -> Result<void> {
            RELAIS_ASSIGN(Database opened,
                          Database::open(disk_.file(kFile), {Database::Mode::existing, ""}));
            database = std::make_unique<Database>(std::move(opened));
            return migrate(*database, disk_.file(kFile), with_two_more());
        };
    }
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
        test::tell_reached("power cuts of a migration", std::to_string(result.points) + " points",
                           seed_);
        EXPECT_EQ(result.contents, 1u);
        EXPECT_GT(result.points, 50u);
        for (const std::string& failure : result.failures) {
            ADD_FAILURE() << "RELAIS_SEED=" << seed_ << " " << failure;
        }
    }
    // Each call of `open` fails in turn, on those files; the process ends, half of the time the
    // power with it; the next start does as if nothing had happened.
    void fail_throughout(const test::Files& files, const Open& open) {
        const std::string before = contents(files);
        std::unique_ptr<Database> database;
        open(database).value();
        const std::string after = test::contents_of(*database).value();
        database.reset();
        std::uint64_t call = 1;
        for (test::Budget budget; !budget.over(); ++call) {
            disk_.hold(files);
            disk_.fail_call(call, call % 3 == 0 ? ENOSPC : EIO);
            const auto failed = open(database);
            EXPECT_TRUE(failed.ok() || disk_.fired()) << failed.error().describe();
            if (!disk_.fired()) break;
            disk_.die();
            database.reset();
            const std::string where = disk_.failed() + ", call " + std::to_string(call);
            disk_.hold(disk_.image().after_power_cut(call % 2 == 0 ? 0 : 2 + seed_ + call));
            const auto again = open(database);
            ASSERT_TRUE(again.ok()) << where << ": " << again.error().describe();
            EXPECT_EQ(test::contents_of(*database).value(), after) << where;
            EXPECT_EQ(copy_wrong(before), "") << where;
            disk_.die();
            database.reset();
        }
        test::tell_reached("failed calls of a migration", std::to_string(call - 1) + " calls",
                           seed_);
        EXPECT_GT(call, 100u);
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
    cut_throughout(store_with_work(), open_and_migrate());
}

TEST_F(BrokerMigration, IsFinishedByTheNextStartWhicheverCallFails) {
    fail_throughout(store_with_work(), open_and_migrate());
}

}  // namespace
}  // namespace relais::broker
