#include "tests/support/engine/faulty_store.h"

#include <algorithm>

namespace relais::broker {

std::optional<Error> FaultyStore::hit() {
    if (fail_in_ == 0 || --fail_in_ != 0) return std::nullopt;
    fired_ = true;
    return fail(failure_, "by the test");
}

Result<void> FaultyStore::begin() {
    return read([&] { return inner_.begin(); });
}

Result<void> FaultyStore::commit() {
    if (auto failed = hit()) return *failed;
    if (commits_to_fail_ > 0) {
        --commits_to_fail_;
        return fail(commit_failure_, "by the test");
    }
    ++commits_;
    return inner_.commit();
}

Result<std::optional<Bytes>> FaultyStore::value(const std::string& name) {
    return read([&] { return inner_.value(name); });
}
Result<void> FaultyStore::set_value(const std::string& name, ByteView bytes) {
    return write([&] { return inner_.set_value(name, bytes); });
}
Result<std::optional<TimeRecord>> FaultyStore::time() {
    return read([&] { return inner_.time(); });
}
Result<void> FaultyStore::set_time(const TimeRecord& record) {
    return write([&] { return inner_.set_time(record); });
}
Result<std::map<Address, ChannelId>> FaultyStore::channels() {
    return read([&] { return inner_.channels(); });
}
Result<ChannelId> FaultyStore::add_channel(const Address& mailbox) {
    return write([&] { return inner_.add_channel(mailbox); });
}
Result<ChannelSeq> FaultyStore::last_seq(ChannelId channel, Lane lane) {
    return read([&] { return inner_.last_seq(channel, lane); });
}
Result<void> FaultyStore::put_log(const Place& place, const LogRecord& record) {
    return write([&] { return inner_.put_log(place, record); });
}
Result<std::vector<std::pair<Place, LogRecord>>> FaultyStore::read_log(const Place& place,
                                                                       std::size_t count) {
    most_asked_ = std::max(most_asked_, count);
    ++log_reads_;
    return read([&] { return inner_.read_log(place, count); });
}
Result<EnvelopeNumber> FaultyStore::add_envelope(ByteView bytes, const Accepted& accepted,
                                                 const std::vector<Place>& places) {
    return write([&] { return inner_.add_envelope(bytes, accepted, places); });
}
Result<void> FaultyStore::erase_envelope(EnvelopeNumber number) {
    return write([&] { return inner_.erase_envelope(number); });
}
Result<void> FaultyStore::put_erasure(const StoredErasure& erasure) {
    return write([&] { return inner_.put_erasure(erasure); });
}
Result<bool> FaultyStore::has_erasure(const Digest& header) {
    return read([&] { return inner_.has_erasure(header); });
}
Result<std::vector<StoredErasure>> FaultyStore::erasures(std::uint64_t after, std::size_t count) {
    return read([&] { return inner_.erasures(after, count); });
}
Result<StoredEnvelope> FaultyStore::envelope(EnvelopeNumber number) {
    return read([&] { return inner_.envelope(number); });
}
Result<void> FaultyStore::set_places(EnvelopeNumber number, const std::vector<Place>& places) {
    return write([&] { return inner_.set_places(number, places); });
}
Result<void> FaultyStore::remove_envelope(EnvelopeNumber number) {
    return write([&] { return inner_.remove_envelope(number); });
}
Result<std::optional<Remembered>> FaultyStore::remembered(const MessageId& id,
                                                          const StationId& station) {
    return read([&] { return inner_.remembered(id, station); });
}
Result<void> FaultyStore::remember(const MessageId& id, const StationId& station,
                                   const Remembered& answer) {
    return write([&] { return inner_.remember(id, station, answer); });
}
Result<void> FaultyStore::forget(const MessageId& id, const StationId& station) {
    return write([&] { return inner_.forget(id, station); });
}
Result<std::vector<EnvelopeNumber>> FaultyStore::envelopes_of(const MessageId& id) {
    return read([&] { return inner_.envelopes_of(id); });
}
Result<std::uint64_t> FaultyStore::counter(const StationId& station, ChannelId channel, Lane lane) {
    return read([&] { return inner_.counter(station, channel, lane); });
}
Result<void> FaultyStore::set_counter(const StationId& station, ChannelId channel, Lane lane,
                                      std::uint64_t value) {
    return write([&] { return inner_.set_counter(station, channel, lane, value); });
}
Result<ChannelSeq> FaultyStore::cursor(ChannelId channel, const StationId& station, Lane lane) {
    return read([&] { return inner_.cursor(channel, station, lane); });
}
Result<ChannelSeq> FaultyStore::furthest_cursor(ChannelId channel, Lane lane) {
    return read([&] { return inner_.furthest_cursor(channel, lane); });
}
Result<void> FaultyStore::set_cursor(ChannelId channel, const StationId& station, Lane lane,
                                     ChannelSeq seq) {
    return write([&] { return inner_.set_cursor(channel, station, lane, seq); });
}
Result<std::optional<StoredThread>> FaultyStore::thread(const ThreadId& id) {
    return read([&] { return inner_.thread(id); });
}
Result<void> FaultyStore::put_thread(StoredThread thread) {
    return write([&] { return inner_.put_thread(std::move(thread)); });
}
Result<void> FaultyStore::add_member_step(const ThreadId& thread, ChannelId channel,
                                          const indicators::MemberStep& step) {
    return write([&] { return inner_.add_member_step(thread, channel, step); });
}
Result<std::set<ChannelId>> FaultyStore::members_acted(const ThreadId& thread,
                                                       std::uint32_t after) {
    return read([&] { return inner_.members_acted(thread, after); });
}
Result<std::optional<RegisterRecord>> FaultyStore::last_register_record(const std::string& name,
                                                                        const std::string& key) {
    return read([&] { return inner_.last_register_record(name, key); });
}
Result<std::uint64_t> FaultyStore::register_size(const std::string& name) {
    return read([&] { return inner_.register_size(name); });
}
Result<void> FaultyStore::add_register_record(const std::string& name,
                                              const RegisterRecord& record) {
    return write([&] { return inner_.add_register_record(name, record); });
}
Result<std::vector<RegisterRecord>> FaultyStore::register_records(const std::string& name,
                                                                  std::uint64_t from,
                                                                  std::size_t count) {
    return read([&] { return inner_.register_records(name, from, count); });
}
Result<void> FaultyStore::add_timer(const Timer& timer) {
    return write([&] { return inner_.add_timer(timer); });
}
Result<void> FaultyStore::remove_timer(const Timer& timer) {
    return write([&] { return inner_.remove_timer(timer); });
}
Result<std::optional<Timer>> FaultyStore::next_timer(const Timer& timer) {
    return read([&] { return inner_.next_timer(timer); });
}

Result<std::optional<Timer>> FaultyStore::first_timer(TimerKind kind) {
    return read([&] { return inner_.first_timer(kind); });
}
Result<void> FaultyStore::put_ring(const StoredRing& ring) {
    return write([&] { return inner_.put_ring(ring); });
}
Result<std::optional<StoredRing>> FaultyStore::ring(const ThreadId& thread, ChannelId channel,
                                                    std::uint8_t step) {
    return read([&] { return inner_.ring(thread, channel, step); });
}
Result<std::vector<StoredRing>> FaultyStore::rings_of(const ThreadId& thread, ChannelId channel) {
    return read([&] { return inner_.rings_of(thread, channel); });
}
Result<void> FaultyStore::remove_ring(const StoredRing& ring) {
    return write([&] { return inner_.remove_ring(ring); });
}
Result<std::optional<StoredRing>> FaultyStore::first_ring() {
    return read([&] { return inner_.first_ring(); });
}
Result<std::optional<StoredRing>> FaultyStore::first_ring_waiting(Lane lane,
                                                                  const RingsSpent& spent) {
    return read([&] { return inner_.first_ring_waiting(lane, spent); });
}
Result<void> FaultyStore::interrupt_rings() {
    return write([&] { return inner_.interrupt_rings(); });
}
Result<void> FaultyStore::hold_box(const HeldBox& box) {
    return write([&] { return inner_.hold_box(box); });
}
Result<std::vector<ThreadId>> FaultyStore::threads_awaiting_absence(ChannelId channel,
                                                                    const ThreadId& after,
                                                                    std::size_t count) {
    return read([&] { return inner_.threads_awaiting_absence(channel, after, count); });
}
Result<std::vector<HeldBox>> FaultyStore::held_boxes(const ThreadId& thread, Release condition,
                                                     ChannelId channel) {
    return read([&] { return inner_.held_boxes(thread, condition, channel); });
}
Result<std::vector<HeldBox>> FaultyStore::held_boxes(const ThreadId& thread, Release condition) {
    return read([&] { return inner_.held_boxes(thread, condition); });
}
Result<void> FaultyStore::remove_held(const HeldBox& box) {
    return write([&] { return inner_.remove_held(box); });
}
Result<void> FaultyStore::remove_held_of(EnvelopeNumber number) {
    return write([&] { return inner_.remove_held_of(number); });
}
Result<void> FaultyStore::append_leaf(wire::LogName log, std::uint64_t index, ByteView leaf) {
    return write([&] { return inner_.append_leaf(log, index, leaf); });
}
Result<std::uint64_t> FaultyStore::log_size(wire::LogName log) {
    return read([&] { return inner_.log_size(log); });
}
Result<std::vector<Bytes>> FaultyStore::read_leaves(wire::LogName log, std::uint64_t first,
                                                    std::size_t count) {
    most_asked_ = std::max(most_asked_, count);
    return read([&] { return inner_.read_leaves(log, first, count); });
}
Result<void> FaultyStore::put_tile(wire::LogName log, const merkle::FullTile& tile) {
    return write([&] { return inner_.put_tile(log, tile); });
}
Result<void> FaultyStore::put_checkpoint(wire::LogName log, std::uint64_t size,
                                         const std::string& note) {
    return write([&] { return inner_.put_checkpoint(log, size, note); });
}
Result<std::string> FaultyStore::last_checkpoint(wire::LogName log) {
    return read([&] { return inner_.last_checkpoint(log); });
}
Result<std::vector<std::string>> FaultyStore::checkpoints(wire::LogName log,
                                                          std::uint64_t from_size,
                                                          std::size_t count) {
    most_asked_ = std::max(most_asked_, count);
    return read([&] { return inner_.checkpoints(log, from_size, count); });
}
Result<std::vector<EngineTime>> FaultyStore::directory_times() {
    return read([&] { return inner_.directory_times(); });
}
Result<void> FaultyStore::put_directory_time(std::uint64_t index, EngineTime at) {
    return write([&] { return inner_.put_directory_time(index, at); });
}
Result<std::optional<Bytes>> FaultyStore::bundle(const Digest& digest) {
    ++bundles_read_;
    return read([&] { return inner_.bundle(digest); });
}
Result<bool> FaultyStore::has_bundle(const Digest& digest) {
    return read([&] { return inner_.has_bundle(digest); });
}
Result<void> FaultyStore::put_bundle(const Digest& digest, ByteView bytes) {
    return write([&] { return inner_.put_bundle(digest, bytes); });
}
Result<void> FaultyStore::put_invitation(const StoredInvitation& invitation) {
    return write([&] { return inner_.put_invitation(invitation); });
}
Result<std::vector<StoredInvitation>> FaultyStore::invitations() {
    return read([&] { return inner_.invitations(); });
}
Result<void> FaultyStore::remove_invitation(const Locator& locator) {
    return write([&] { return inner_.remove_invitation(locator); });
}
Result<void> FaultyStore::put_proposal(const StoredProposal& proposal) {
    return write([&] { return inner_.put_proposal(proposal); });
}
Result<std::vector<StoredProposal>> FaultyStore::proposals(const Locator& locator) {
    return read([&] { return inner_.proposals(locator); });
}
Result<std::vector<Place>> FaultyStore::places(EnvelopeNumber number) {
    return read([&] { return inner_.places(number); });
}

Result<bool> FaultyStore::FaultyChunks::wanted(const Digest& digest) {
    return store_.read([&] { return store_.inner_.chunks().wanted(digest); });
}

Result<std::optional<std::uint32_t>> FaultyStore::FaultyChunks::bytes_of(const StationId& station,
                                                                         const Digest& digest) {
    return store_.read([&] { return store_.inner_.chunks().bytes_of(station, digest); });
}

Result<ChunkUsage> FaultyStore::FaultyChunks::usage(const StationId& station) {
    return store_.read([&] { return store_.inner_.chunks().usage(station); });
}

Result<void> FaultyStore::FaultyChunks::add_upload(const ChunkUpload& upload) {
    return store_.write([&] { return store_.inner_.chunks().add_upload(upload); });
}

Result<void> FaultyStore::FaultyChunks::remove_upload(const StationId& station,
                                                      const Digest& digest) {
    return store_.write([&] { return store_.inner_.chunks().remove_upload(station, digest); });
}

Result<std::vector<ChunkUpload>> FaultyStore::FaultyChunks::oldest_uploads(std::size_t count) {
    return store_.read([&] { return store_.inner_.chunks().oldest_uploads(count); });
}

Result<void> FaultyStore::FaultyChunks::reference(std::uint64_t envelope, const StationId& station,
                                                  std::span<const ChunkRecord> chunks) {
    return store_.write(
        [&] { return store_.inner_.chunks().reference(envelope, station, chunks); });
}

Result<bool> FaultyStore::FaultyChunks::references(std::uint64_t envelope, const Digest& digest) {
    return store_.read([&] { return store_.inner_.chunks().references(envelope, digest); });
}

Result<std::vector<Digest>> FaultyStore::FaultyChunks::unreference(std::uint64_t envelope) {
    return store_.write([&] { return store_.inner_.chunks().unreference(envelope); });
}

Result<DayHeld> FaultyStore::FaultyDays::held(ChannelId channel, CivilDay day) {
    return store_.read([&] { return store_.inner_.days().held(channel, day); });
}

Result<void> FaultyStore::FaultyDays::set_held(ChannelId channel, CivilDay day,
                                               const DayHeld& held) {
    return store_.write([&] { return store_.inner_.days().set_held(channel, day, held); });
}

Result<std::uint64_t> FaultyStore::FaultyDays::sent(ChannelId channel, CivilDay day,
                                                    const StationId& station) {
    return store_.read([&] { return store_.inner_.days().sent(channel, day, station); });
}

Result<void> FaultyStore::FaultyDays::set_sent(ChannelId channel, CivilDay day,
                                               const StationId& station, std::uint64_t count) {
    return store_.write(
        [&] { return store_.inner_.days().set_sent(channel, day, station, count); });
}

Result<std::optional<DayStated>> FaultyStore::FaultyDays::stated(ChannelId channel, CivilDay day,
                                                                 const StationId& station) {
    return store_.read([&] { return store_.inner_.days().stated(channel, day, station); });
}

Result<void> FaultyStore::FaultyDays::set_stated(ChannelId channel, CivilDay day,
                                                 const StationId& station,
                                                 const DayStated& stated) {
    return store_.write(
        [&] { return store_.inner_.days().set_stated(channel, day, station, stated); });
}

Result<std::optional<CivilDay>> FaultyStore::FaultyDays::last_stated(ChannelId channel) {
    return store_.read([&] { return store_.inner_.days().last_stated(channel); });
}

Result<MailboxDays> FaultyStore::FaultyDays::days(ChannelId channel, CivilDay first,
                                                  CivilDay last) {
    return store_.read([&] { return store_.inner_.days().days(channel, first, last); });
}

Result<void> FaultyStore::FaultyDays::forget_days(ChannelId channel, CivilDay before) {
    return store_.write([&] { return store_.inner_.days().forget_days(channel, before); });
}

Result<std::optional<WallTime>> FaultyStore::FaultyDays::last_seen(ChannelId channel) {
    return store_.read([&] { return store_.inner_.days().last_seen(channel); });
}

Result<void> FaultyStore::FaultyDays::set_seen(ChannelId channel, const StationId& station,
                                               WallTime at) {
    return store_.write([&] { return store_.inner_.days().set_seen(channel, station, at); });
}

}  // namespace relais::broker
