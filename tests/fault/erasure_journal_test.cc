// D8: the journal of erasures, on whose lines a restore relies: each is whole and there once, after
// every power cut, every call that fails and a disk that was full.
#include "broker/store/erasure_journal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "broker/store/sqlite_store.h"
#include "core/codecs/codecs.h"
#include "tests/support/campaign.h"
#include "tests/support/disk/watched_disk.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

class Journal : public testing::Test {
protected:
    Journal() { disk_.hold({}); }

    // Of a process that begins.
    [[nodiscard]] ErasureJournal journal() const {
        return ErasureJournal(disk_.file("erasures"), *store_);
    }
    Bytes erase() {
        const Bytes statement = random_.bytes(200 + random_.below(300));
        store_->begin().value();
        store_->put_erasure({0, random_.make<Digest>(), random_.make<MessageId>(), statement})
            .value();
        store_->commit().value();
        statements_.push_back(base64(statement));
        return statement;
    }
    // Whole lines; what follows the last of them is no line.
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> lines;
        const auto files = disk_.held();
        const auto file = files.find("erasures");
        if (file == files.end()) return lines;
        std::string_view text = as_text(file->second);
        for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
            lines.emplace_back(text.substr(0, end));
            text.remove_prefix(end + 1);
        }
        return lines;
    }
    // The next process completes it, and one more erasure is appended.
    void expect_whole(const std::string& where) {
        ASSERT_TRUE(journal().complete().ok()) << where;
        const Bytes more = random_.bytes(100);
        ASSERT_TRUE(journal().append(more).ok()) << where;
        auto found = lines();
        ASSERT_FALSE(found.empty()) << where;
        EXPECT_EQ(found.back(), base64(more)) << where;
        found.pop_back();
        std::ranges::sort(found);
        std::vector<std::string> all = statements_;
        std::ranges::sort(all);
        EXPECT_EQ(found, all) << where;
    }

    std::uint64_t seed_ = test::campaign_seed(1);
    test::SeededRandom random_{seed_};
    test::TestFolder folder_;
    test::WatchedDisk disk_;
    std::unique_ptr<SqliteStore> store_ =
        SqliteStore::open(folder_.file("relais.db"), {Database::Mode::create, "", ""}).value();
    std::vector<std::string> statements_;
};

TEST_F(Journal, EveryLineIsWholeAndThereOnceAfterEveryCut) {
    std::vector<std::size_t> said;
    for (int i = 0; i < 6; ++i) {
        journal().append(erase()).value();
        said.push_back(disk_.changes().size());
    }
    const auto changes = disk_.changes();
    test::DiskImage image(disk_.before());
    const std::uint64_t fates = test::long_campaign() ? 2000 : 60;
    std::size_t points = 0;
    for (std::size_t n = 1; n <= changes.size(); ++n) {
        image.apply(changes[n - 1]);
        for (std::uint64_t fate = 0; fate < fates; ++fate, ++points) {
            const std::string where = std::to_string(n) + ":" + std::to_string(fate);
            disk_.hold(image.after_power_cut(fate));
            const auto before = lines();
            for (std::size_t i = 0; i < said.size() && said[i] <= n; ++i) {
                EXPECT_EQ(std::ranges::count(before, statements_[i]), 1) << where;
            }
            expect_whole(where);
            if (HasFailure()) return;
        }
    }
    test::tell_reached("power cuts of the journal of erasures", std::to_string(points) + " points",
                       seed_);
}

TEST_F(Journal, ThereIsOneBeforeAnythingWasErased) {
    journal().open().value();
    EXPECT_EQ(disk_.image().after_power_cut(1), (test::Files{{"erasures", {}}}));
}

TEST_F(Journal, ACallThatFailsSpoilsNoOtherLine) {
    journal().append(erase()).value();
    const test::Files begun = disk_.held();
    const Bytes next = erase();
    std::uint64_t failed = 0;
    for (std::uint64_t call = 1;; ++call) {
        disk_.hold(begun);
        disk_.fail_call(call, EIO);  // of a write, half is there
        const bool appended = journal().append(next).ok();
        if (!disk_.fired()) break;
        const std::string where = disk_.failed();
        EXPECT_TRUE(!appended || lines().size() == 2u) << where;
        expect_whole(where);
        ++failed;
    }
    EXPECT_GE(failed, 3U) << "to open, to write, to sync";
}

TEST_F(Journal, ALineThatDidNotFitIsWrittenWithTheNextErasure) {
    ErasureJournal kept = journal();
    kept.append(erase()).value();
    disk_.fail_next("write", ENOSPC);  // half of the line is there
    EXPECT_FALSE(kept.append(erase()).ok());
    kept.append(erase()).value();
    EXPECT_EQ(lines(), statements_);
    expect_whole("after the next start");
}

TEST_F(Journal, OneThatCannotBeMadeIsAnErrorThatNamesIt) {
    const std::string missing = disk_.file("no-such-folder/erasures");
    const auto opened = ErasureJournal(missing, *store_).open();
    ASSERT_EQ(opened.code(), ErrorCode::io_failed);
    EXPECT_NE(opened.error().describe().find(missing), std::string::npos);
    EXPECT_TRUE(ErasureJournal({}, *store_).open().ok());
}

}  // namespace
}  // namespace relais::broker
