#include "tests/support/disk/power_campaign.h"

#include <algorithm>
#include <cstdio>

#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "core/database/database.h"

namespace relais::test {

namespace {

constexpr std::size_t kFailuresShown = 10;
constexpr std::size_t kPointsToldOf = 10'000;

Result<std::vector<std::string>> texts(Database& database, const std::string& sql) {
    Query query = database.query(sql.c_str());
    std::vector<std::string> list;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return list;
        list.emplace_back(query.text(0));
    }
}

Result<void> add_table(Database& database, const std::string& table, const std::string& but,
                       Sha256& hash) {
    RELAIS_ASSIGN(const auto columns,
                  texts(database, "SELECT name FROM pragma_table_info('" + table + "')"));
    Query query = database.query(("SELECT * FROM " + table).c_str());
    hash.update(as_bytes(table));
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return {};
        for (int column = 0; column < static_cast<int>(columns.size()); ++column) {
            if (columns[static_cast<std::size_t>(column)] == but) continue;
            const ByteView bytes = query.blob(column);
            Bytes size;
            append_u64(size, query.is_null(column) ? UINT64_MAX : bytes.size());
            hash.update(size);
            hash.update(bytes);
        }
    }
}

// A campaign under way.
class Campaign {
public:
    Campaign(WatchedDisk& disk, const Recorded& recorded, const PowerTest& test,
             const CampaignOptions& options)
        : disk_(disk), recorded_(recorded), test_(test), options_(options) {}

    CampaignResult run() {
        DiskImage image(recorded_.before);
        auto mark = recorded_.acknowledged.begin();
        for (std::size_t n = 0; n <= recorded_.changes.size() && !enough(); ++n) {
            if (n > 0) image.apply(recorded_.changes[n - 1]);
            // Only the end of the process: all that was written is there. What is new is the commit
            // that this change completed.
            look(image, n, 0);
            while (mark != recorded_.acknowledged.end() && *mark <= n) {
                acknowledged_ = seen_.empty() ? 0 : seen_.size() - 1;
                ++mark;
            }
            if (image.waiting() == 0 && n > 0) continue;  // every fate is the same
            look(image, n, 1);
            for (std::size_t i = 1; i < options_.fates && !enough(); ++i) {
                look(image, n, fate(n, i));
            }
        }
        result_.contents = seen_.size();
        return std::move(result_);
    }

private:
    [[nodiscard]] bool enough() const {
        return result_.failures.size() >= kFailuresShown ||
               (options_.points_max != 0 && result_.points >= options_.points_max) ||
               budget_.over();
    }
    [[nodiscard]] std::uint64_t fate(std::size_t n, std::size_t i) const {
        return 2 + (options_.seed * 1'000'003 + n * 101 + i) % 1'000'000'007;
    }

    void look(const DiskImage& image, std::size_t n, std::uint64_t seed) {
        const std::string point = std::to_string(n) + ":" + std::to_string(seed);
        const bool wanted = options_.replay.empty() || options_.replay == point;
        if (!wanted && seed != 0) return;
        ++result_.points;
        if (result_.points % kPointsToldOf == 0) {
            std::printf("%zu points, change %zu of %zu\n", result_.points, n,
                        recorded_.changes.size());
            std::fflush(stdout);
        }
        disk_.hold(image.after_power_cut(seed));
        const auto contents = test_.reopen();
        if (!contents.ok()) {
            complain(point, "does not open: " + contents.error().describe());
        } else {
            // Contents never come back: nothing that was written is ever undone.
            const bool known = std::find(seen_.begin(), seen_.end(), *contents) != seen_.end();
            const bool fresh = seed == 0 && !known;
            if (fresh) seen_.push_back(*contents);
            if (seed == 0 && *contents != seen_.back()) complain(point, "a commit is undone");
            const auto allowed = seen_.begin() + static_cast<std::ptrdiff_t>(acknowledged_);
            if (std::find(allowed, seen_.end(), *contents) == seen_.end()) {
                complain(point, "neither what was acknowledged nor what was under way");
            }
            const bool sampled =
                options_.judge_every != 0 && result_.points % options_.judge_every == 0;
            if (fresh || sampled || !options_.replay.empty()) {
                ++result_.judged;
                complain(point, test_.judge(n));
            }
        }
        test_.close();
    }

    void complain(const std::string& point, const std::string& what) {
        if (what.empty() || result_.failures.size() >= kFailuresShown) return;
        result_.failures.push_back(point + " " + what);
    }

    Budget budget_;
    WatchedDisk& disk_;
    const Recorded& recorded_;
    const PowerTest& test_;
    const CampaignOptions& options_;
    CampaignResult result_;
    std::vector<std::string> seen_;  // contents in the order in which they were committed
    std::size_t acknowledged_ = 0;   // of seen_: what has to be there at least
};

}  // namespace

Result<std::string> contents_of(Database& database, const std::string& but) {
    RELAIS_ASSIGN(const auto complaints, texts(database, "SELECT * FROM pragma_integrity_check"));
    if (complaints != std::vector<std::string>{"ok"}) {
        return fail(ErrorCode::corrupt, complaints.empty() ? "no answer" : complaints.front());
    }
    Sha256 hash;
    RELAIS_ASSIGN(const auto version, texts(database, "PRAGMA user_version"));
    hash.update(as_bytes(version.front()));
    RELAIS_ASSIGN(const auto tables, texts(database,
                                           "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                           " ORDER BY name"));
    for (const std::string& table : tables) RELAIS_TRY(add_table(database, table, but, hash));
    return hex(hash.finish().view());
}

CampaignResult cut_power(WatchedDisk& disk, const Recorded& recorded, const PowerTest& test,
                         const CampaignOptions& options) {
    return Campaign(disk, recorded, test, options).run();
}

}  // namespace relais::test
