// power_campaign.h: cuts the power at every change that a recorded workload made to its disk, and
// looks at what a restart finds.
//
// What may be found follows from the record alone: the contents as they stood when something was
// last acknowledged, or those of the commit under way, whole; never less, never a mixture. The
// contents are compared to the last byte; what they mean is judged by the test, wherever they are
// new and now and then elsewhere. Confined to one thread.
#pragma once

#include <functional>

#include "tests/support/campaign.h"
#include "tests/support/disk/watched_disk.h"

namespace relais {
class Database;
}

namespace relais::test {

// Everything that a database holds, as one digest, hexadecimal; first SQLite's own check of every
// page. Not of a column of that name: words for people, which nothing depends on.
// Errors: corrupt  it complains; those of reading.
[[nodiscard]] Result<std::string> contents_of(Database& database, const std::string& but = "");

struct Recorded {
    Files before;
    std::vector<DiskChange> changes;
    std::vector<std::size_t> acknowledged;  // how many changes there were each time, rising
};

struct PowerTest {
    // Opens what the disk holds, as a restart does, and gives its contents (contents_of); the
    // program's own end of it must leave nothing open. An error is a failure of the campaign.
    std::function<Result<std::string>()> reopen;
    // Judges what was opened last, after `changes` of the record: whether all that was acknowledged
    // is there, and whether it works on. Empty: nothing to complain of.
    std::function<std::string(std::size_t changes)> judge;
    std::function<void()> close;
};

struct CampaignOptions {
    std::uint64_t seed = 1;
    std::size_t fates = 2;         // power cuts at each change, beyond the end of the process alone
    std::size_t judge_every = 50;  // of the points whose contents are not new
    std::size_t points_max = 0;    // 0: all of them
    std::string replay{};          // "CHANGE:FATE" of one point; empty: all
};

struct CampaignResult {
    std::size_t points = 0;    // disks looked at
    std::size_t contents = 0;  // different ones found
    std::size_t judged = 0;
    std::vector<std::string> failures;  // "123:45 what is wrong", at most ten
};

[[nodiscard]] CampaignResult cut_power(WatchedDisk& disk, const Recorded& recorded,
                                       const PowerTest& test, const CampaignOptions& options);

}  // namespace relais::test
