// A store that an engine left is clean at every stage; and each thing that can go wrong in it is
// found under its name.
#include <gtest/gtest.h>

#include "tests/unit/tools/fsck/fixture.h"

namespace relais::fsck {
namespace {

using broker::AdmissionCase;

TEST(Clean, AStoreWithThreadsUnderWay) {
    StoredTerritory stored;
    const Report report = stored.check();
    EXPECT_EQ(stored.described(), "");
    EXPECT_EQ(report.threads, 2);
    EXPECT_EQ(report.threads_replayed, 2);
    EXPECT_EQ(report.envelopes, 7);
    EXPECT_GT(report.entries, report.envelopes);
    EXPECT_EQ(stored.bench.count_leaves(Event::opened), 1);
    EXPECT_GT(stored.bench.count_leaves(Event::released), 0);
    EXPECT_GT(stored.bench.count_leaves(Event::delivered), 3);
}

std::vector<std::string> described(const Report& report) {
    std::vector<std::string> lines;
    for (const Problem& problem : report.problems) lines.push_back(problem.describe());
    std::ranges::sort(lines);
    return lines;
}

using Lines = std::vector<std::string>;

TEST(Clean, AStoreThatWasNotUsedYet) {
    broker::EngineBench bench;
    name_log_keys(bench);
    bench.idle(std::chrono::seconds(5));
    const Report report = check_store(bench.sqlite()).value();
    EXPECT_EQ(described(report), Lines{});
    EXPECT_EQ(report.leaves_signed, report.leaves);
    EXPECT_GT(report.mailboxes, 0);
    EXPECT_EQ(report.entries, 0);
    EXPECT_EQ(report.envelopes, 0);
    EXPECT_EQ(report.threads, 0);
    EXPECT_EQ(report.threads_replayed, 0);
}

// `relais-admin init` writes the first entry before a broker ever runs: a store without it was not
// made to its end, and says so. Nothing else is wrong with it, and what else is wrong is found.
const Lines kWithoutAnEntry = {"directory_differs: directory: has no entry"};

TEST(Unfinished, AStoreWithoutTheEntryOfItsDomain) {
    broker::EngineBench bench({.settled = false});
    bench.idle(std::chrono::seconds(5));
    const Report report = check_store(bench.sqlite()).value();
    EXPECT_EQ(described(report), kWithoutAnEntry);
    EXPECT_GT(report.leaves, 0);
    EXPECT_EQ(report.directory_entries, 0);
    EXPECT_EQ(report.mailboxes, 0);
    EXPECT_EQ(report.envelopes, 0);
    EXPECT_EQ(report.threads, 0);
    EXPECT_EQ(report.threads_replayed, 0);
}

TEST(Unfinished, AnAlteredLeafIsFoundThereAsWell) {
    broker::EngineBench bench({.settled = false});
    bench.idle(std::chrono::seconds(5));
    {
        Leaf leaf = parse_leaf(bench.raw_leaves().front()).value();
        Bytes salt = to_bytes(leaf.salt.view());
        salt[0] ^= 1;
        leaf.salt = Salt::from(salt);
        Database& database = bench.sqlite().database();
        broker::Unpacked tables(database);
        database.query("UPDATE audit_leaf SET bytes = ? WHERE position = 0")
            .bind(encode_leaf(leaf))
            .run()
            .value();
        tables.pack();
    }
    Lines found = described(check_store(bench.sqlite()).value());
    for (const std::string& known : kWithoutAnEntry) std::erase(found, known);
    EXPECT_EQ(found,
              Lines{"log_damaged: audit: log contradicts a head that it signed: head of size 1: "
                    "checkpoint_contradicted"});
}

TEST(Clean, AfterClocksEnded) {
    StoredTerritory stored;
    stored.bench.idle(std::chrono::hours(48));
    EXPECT_GT(stored.bench.count_leaves(Event::clock_ended), 0);
    EXPECT_EQ(stored.described(), "");
    EXPECT_EQ(stored.check().threads_replayed, 2);
}

// A clock of one of several parties: the leaf says whose.
TEST(Clean, AfterTheClockOfAPartyEnded) {
    StoredTerritory stored;
    auto& bench = stored.bench;
    for (const int ward : {1, 0}) {
        const Bytes offer = stored.waiting.make(ward, "offer");
        bench.ask(bench.input(stored.chosen.session(ward), wire::Submit{offer}));
    }
    EXPECT_EQ(stored.waiting.state_of(1), "held");
    bench.idle(std::chrono::hours(12));
    EXPECT_NE(stored.waiting.state_of(1), "held");
    EXPECT_EQ(stored.described(), "");
}

TEST(Clean, AfterEverythingExpired) {
    StoredTerritory stored;
    stored.bench.idle(std::chrono::hours(24 * 400));
    EXPECT_EQ(stored.described(), "");
    const Report report = stored.check();
    EXPECT_EQ(report.envelopes, 0);
    EXPECT_EQ(report.threads, 2);
    EXPECT_EQ(report.threads_replayed, 0);
}

struct Harm {
    const char* name;
    const char* sql;
    const char* problem;
};

class Damaged : public testing::TestWithParam<Harm> {};

TEST_P(Damaged, IsFoundByName) {
    StoredTerritory stored;
    stored.execute(GetParam().sql);
    EXPECT_TRUE(stored.problems().contains(GetParam().problem)) << stored.described();
}

constexpr Harm kHarms[] = {
    {"EntryGone", "DELETE FROM log WHERE seq = 2", problem::kGap},
    {"LastEntryGone",
     "DELETE FROM log WHERE seq = (SELECT MAX(seq) FROM log WHERE channel = 4) AND channel = 4",
     problem::kDelivered},
    {"EntryOfAnotherBox", "UPDATE log SET position = 0 WHERE type = 0 AND position = 1",
     problem::kEntry},
    {"EntryOfAnotherEnvelope", "UPDATE log SET number = 2 WHERE type = 0 AND number = 1",
     problem::kPlaces},
    {"EntryOfNoEnvelope", "UPDATE log SET number = 99 WHERE type = 0 AND number = 1",
     problem::kEntry},
    {"TombstoneOfWhatStillLives",
     "UPDATE log SET type = 3, body = zeroblob(32), message = zeroblob(16) WHERE type = 1",
     problem::kEntry},
    {"MarkGone", "UPDATE log SET type = 1 WHERE type = 2", problem::kEntry},
    {"EnvelopeGone", "DELETE FROM envelope WHERE number = 1", problem::kLost},
    {"EnvelopeUnreadable", "UPDATE envelope SET bytes = zeroblob(900) WHERE number = 3",
     problem::kEnvelope},
    {"EnvelopesSwapped",
     "UPDATE envelope SET bytes = (SELECT bytes FROM envelope AS e WHERE e.number = 3)"
     " WHERE number = 4",
     problem::kEnvelope},
    {"EnvelopeOfAnotherLeaf", "UPDATE envelope SET leaf = leaf + 1 WHERE number = 1",
     problem::kEnvelope},
    {"EnvelopeOfAnotherSize", "UPDATE envelope SET directory_size = 1 WHERE number = 1",
     problem::kEnvelope},
    {"PlacesForgotten", "UPDATE envelope SET places = x'' WHERE number = 1", problem::kPlaces},
    {"LeafGone", "DELETE FROM audit_leaf WHERE position = 40", problem::kLog},
    {"LeavesCutOff", "DELETE FROM audit_leaf WHERE position > 40", problem::kLog},
    {"LeavesSwapped",
     "UPDATE audit_leaf SET position = -1 WHERE position = 40;"
     "UPDATE audit_leaf SET position = 40 WHERE position = 41;"
     "UPDATE audit_leaf SET position = 41 WHERE position = -1",
     problem::kLog},
    {"LeafPutIn", "INSERT INTO audit_leaf SELECT MAX(position) + 1, x'00' FROM audit_leaf",
     problem::kLog},
    {"DirectoryEntryGone", "DELETE FROM directory_entry WHERE position = 5", problem::kLog},
    {"DirectoryCutOff",
     "DELETE FROM directory_entry WHERE position = (SELECT MAX(position) FROM directory_entry)",
     problem::kLog},
    {"HeadOfTheDirectoryGone",
     "DELETE FROM checkpoint WHERE log = 2 AND"
     " size = (SELECT MAX(size) FROM checkpoint WHERE log = 2)",
     problem::kLog},
    {"HeadAltered",
     "UPDATE checkpoint SET note = (SELECT note FROM checkpoint AS c WHERE c.log = 2 LIMIT 1)"
     " WHERE log = 1",
     problem::kLog},
    {"TimesGoBack", "UPDATE directory_entry SET committed_ms = 99999999999999 WHERE position = 3",
     problem::kDirectory},
    {"ChannelGone", "DELETE FROM channel WHERE mailbox = 'geriatrie.ch-valmont@indre'",
     problem::kDirectory},
    {"ChannelRenamed",
     "UPDATE channel SET mailbox = 'autre.ch-valmont@indre'"
     " WHERE mailbox = 'geriatrie.ch-valmont@indre'",
     problem::kDirectory},
    {"BundleGone", "DELETE FROM bundle", problem::kBundle},
    {"BundleAltered", "UPDATE bundle SET bytes = zeroblob(100)", problem::kBundle},
    {"DomainForgotten", "DELETE FROM value WHERE name = 'domain'", problem::kIdentity},
    {"OtherAuthority", "UPDATE value SET bytes = zeroblob(32) WHERE name = 'authority'",
     problem::kLog},
    {"TimeForgotten", "DELETE FROM value WHERE name = 'time'", problem::kIdentity},
    {"ThreadGone", "DELETE FROM thread", problem::kThread},
    {"ThreadUnreadable", "UPDATE thread SET record = x'01'", problem::kUnreadable},
    {"ClockForgotten", "DELETE FROM timer WHERE kind = 1", problem::kTimer},
    {"ReminderForgotten", "DELETE FROM timer WHERE kind = 2", problem::kTimer},
    {"ClockMoved", "UPDATE timer SET at = at + 1 WHERE kind = 1", problem::kTimer},
    {"ExpiryForgotten", "DELETE FROM timer WHERE kind = 3", problem::kTimer},
    {"HeldBoxGone", "DELETE FROM held", problem::kHeld},
    {"HeldBoxOfAnother", "UPDATE held SET position = 0", problem::kHeld},
    {"HeldBoxOfNothing", "UPDATE held SET number = 99", problem::kHeld},
    {"NoticesOfAnotherMoment",
     "UPDATE log SET body = (SELECT l.body FROM log AS l WHERE l.type = 1 AND"
     " l.channel = log.channel AND l.lane = log.lane AND l.seq <> log.seq ORDER BY l.seq LIMIT 1)"
     " WHERE type = 1 AND channel = (SELECT channel FROM log WHERE type = 1 GROUP BY channel, lane"
     " HAVING COUNT(*) > 1 LIMIT 1)",
     problem::kDelivered},
    {"CursorAhead", "UPDATE cursor SET seq = seq + 1", problem::kCursor},
    {"CursorGone", "DELETE FROM cursor", problem::kCursor},
    {"CounterBack", "UPDATE counter SET value = 0", problem::kCounter},
    {"CounterGone", "DELETE FROM counter", problem::kCounter},
    {"AnswerGone", "DELETE FROM remembered", problem::kRemembered},
    {"AnswerOfOtherBytes", "UPDATE remembered SET digest = zeroblob(16)", problem::kRemembered},
    {"AnswerOfAnotherLeaf", "UPDATE remembered SET leaf = leaf + 1", problem::kRemembered},
    {"AnswerTurnedIntoARefusal", "UPDATE remembered SET code = 301 WHERE number > 0",
     problem::kRemembered},
};

INSTANTIATE_TEST_SUITE_P(Store, Damaged, testing::ValuesIn(kHarms),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Flipped, AnAlteredThreadStateDiffersFromItsReplay) {
    for (const int offset : {1, 5, 40, 60, 70}) {
        StoredTerritory stored;
        stored.flip("SELECT record FROM thread ORDER BY id LIMIT 1",
                    "UPDATE thread SET record = ? WHERE id = (SELECT MIN(id) FROM thread)", offset);
        EXPECT_NE(stored.described(), "") << offset;
    }
}

TEST(Flipped, AnAlteredNoticeIsNotTheBrokers) {
    StoredTerritory stored;
    stored.flip("SELECT body FROM log WHERE type = 1 ORDER BY channel, lane, seq LIMIT 1",
                "UPDATE log SET body = ? WHERE (channel, lane, seq) IN (SELECT channel, lane, seq"
                " FROM log WHERE type = 1 ORDER BY channel, lane, seq LIMIT 1)",
                -1);
    EXPECT_TRUE(stored.problems().contains(problem::kEntry)) << stored.described();
}

// Every byte of an envelope, by samples: its header, its boxes, its content.
TEST(Flipped, AnAlteredEnvelopeIsNotWhatWasAccepted) {
    StoredTerritory stored;
    const int size = static_cast<int>(stored.bench.sqlite().envelope(1)->bytes.size());
    for (int offset = 0; offset < size; offset += 37) {
        const auto flip = [&] {
            stored.flip("SELECT bytes FROM envelope WHERE number = 1",
                        "UPDATE envelope SET bytes = ? WHERE number = 1", offset);
        };
        flip();
        EXPECT_NE(stored.described(), "") << offset;
        flip();
    }
    EXPECT_EQ(stored.described(), "");
}

// Tiles say which leaf it is, whatever is cached beside it.
TEST(Flipped, AnAlteredLeafUnderAFullTileIsNamed) {
    StoredTerritory stored;
    for (int i = 0; i < 300; ++i) {
        stored.bench.ask_as_operator(wire::Administer{wire::Command::trust_clock, std::nullopt});
    }
    stored.bench.idle(std::chrono::seconds(5));
    ASSERT_EQ(stored.described(), "");
    stored.flip("SELECT bytes FROM audit_leaf WHERE position = 17",
                "UPDATE audit_leaf SET bytes = ? WHERE position = 17", -1);
    const Report report = stored.check();
    ASSERT_FALSE(report.problems.empty());
    EXPECT_EQ(report.problems[0].describe(),
              "log_damaged: audit, leaf 17: record altered: record: record_altered");
}

TEST(Flipped, AnAlteredTileIsNamed) {
    StoredTerritory stored;
    for (int i = 0; i < 300; ++i) {
        stored.bench.ask_as_operator(wire::Administer{wire::Command::trust_clock, std::nullopt});
    }
    stored.bench.idle(std::chrono::seconds(5));
    stored.flip("SELECT hashes FROM tile LIMIT 1", "UPDATE tile SET hashes = ?", 32 * 9);
    EXPECT_EQ(stored.described(),
              "log_damaged: audit, leaf 9: tile altered: record: tile_altered\n");
    stored.execute("DELETE FROM tile");
    EXPECT_TRUE(stored.problems().contains(problem::kLog));
}

}  // namespace
}  // namespace relais::fsck
