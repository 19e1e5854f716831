#include "tools/fsck/check.h"

#include <algorithm>

#include "core/codecs/codecs.h"
#include "tools/fsck/facts.h"

namespace relais::fsck {

namespace {

const char* lane_name(Lane lane) {
    constexpr const char* kNames[kLanes] = {"routine", "urgent", "crisis"};
    return kNames[static_cast<std::size_t>(lane)];
}

Result<void> check_database(Facts& facts) {
    RELAIS_ASSIGN(const auto lines, facts.listing.integrity());
    for (const std::string& line : lines) facts.report.add(problem::kDatabase, "relais.db", line);
    return {};
}

// Tables that cannot be walked to their end are a finding; the others are judged all the same.
bool unreadable(const Result<void>& result) { return result.code() == ErrorCode::corrupt; }

}  // namespace

Result<std::shared_ptr<const workflow::Kind>> Facts::kind(const Digest& digest) {
    std::shared_ptr<const workflow::Kind>& known = kinds[digest];
    if (known) return known;
    RELAIS_ASSIGN(const auto bytes, store.bundle(digest));
    if (!bytes) return fail(ErrorCode::unknown_kind, "its bundle is not here");
    RELAIS_ASSIGN(workflow::Kind loaded, workflow::Kind::load(*bytes));
    known = std::make_shared<const workflow::Kind>(std::move(loaded));
    return known;
}

const Leaf* Facts::leaf(LeafIndex index) const {
    const auto found =
        std::ranges::lower_bound(trail, index.value, {}, &evidence::TrailEntry::index);
    return found == trail.end() || found->index != index.value ? nullptr : &found->leaf;
}

std::string Facts::name(broker::ChannelId channel) const {
    const auto found = mailboxes.find(channel);
    return found == mailboxes.end() ? "channel " + std::to_string(channel) : found->second.text();
}

std::string Facts::name(const broker::LaneKey& lane) const {
    return name(lane.channel) + " " + lane_name(lane.lane);
}

std::string Facts::name(const broker::Place& place) const {
    return name(broker::LaneKey{place.channel, place.lane}) + " " + std::to_string(place.seq.value);
}

Result<Report> check_store(broker::SqliteStore& store, const std::filesystem::path& chunks,
                           const ChunksNow& now) {
    broker::StoreListing listing(store);
    RELAIS_TRY(listing.begin());
    Facts facts{store, listing, chunks, now};
    for (const auto check :
         {check_database, check_logs, check_directory, check_envelopes, check_lanes, check_cursors,
          check_held, check_answers, check_chunks, check_threads, check_timers, check_registers,
          check_rings, check_members, check_days}) {
        const Result<void> done = check(facts);
        if (unreadable(done)) {
            facts.report.add(problem::kUnreadable, "relais.db", done.error().detail);
        } else if (!done.ok()) {
            return done.error();
        }
    }
    return std::move(facts.report);
}

}  // namespace relais::fsck
