#include "clients/station/api/station.h"

#include <algorithm>

#include "clients/station/api/attachments.h"

namespace relais::station {

namespace {

constexpr Milliseconds kPauseMin{250};
constexpr Milliseconds kPauseMax{15'000};
constexpr Milliseconds kTurn{100};
constexpr Milliseconds kTidyEvery = std::chrono::hours(24);

Milliseconds pause_after(int failures) {
    const int doublings = std::min(failures, 8);
    return std::min(kPauseMin * (1 << doublings), kPauseMax);
}

// A replica that holds entries which the store does not, since their transaction failed, is read
// again from the store. Where that cannot be read now either, the replica stays what it was:
// verified, though not kept.
Result<void> reload_if_ahead(StationStore& store, const Identity& identity, Replica& replica) {
    if (replica.size().value == 0) return {};
    RELAIS_ASSIGN(const auto last, store.directory_entries(replica.size().value - 1));
    if (!last.empty()) return {};
    Replica kept(identity.domain, identity.authority);
    RELAIS_TRY(kept.load(store));
    replica = std::move(kept);
    return {};
}

}  // namespace

Result<std::unique_ptr<StationStore>> open_store(const StationFolder& folder, const Vault& vault,
                                                 Database::Mode mode, Random& random) {
    return StationStore::open(folder.database().string(), mode, RowSealer(vault.row_key(), random));
}

Station::Station(StationFolder folder, Vault vault, Identity identity, StationKeys keys,
                 std::unique_ptr<StationStore> store)
    : folder_(std::move(folder)),
      vault_(std::move(vault)),
      identity_(std::move(identity)),
      keys_(std::move(keys)),
      store_(std::move(store)),
      chunks_(folder_.chunks()),
      replica_(identity_.domain, identity_.authority),
      kinds_(*store_),
      packs_(*store_, replica_),
      keyring_(*store_, keys_.sealing),
      judge_(*store_, replica_, kinds_, keyring_, verifier_, &packs_),
      sync_({*store_, identity_, keys_, replica_, kinds_, keyring_, judge_, verifier_, &chunks_}) {}

Result<std::unique_ptr<Station>> Station::open(const StationFolder& folder,
                                               const Secret& passphrase) {
    RELAIS_ASSIGN(Vault vault, Vault::open(folder.vault(), passphrase));
    static SystemRandom random;  // stateless; the row sealer keeps a reference
    RELAIS_ASSIGN(auto store, open_store(folder, vault, Database::Mode::existing, random));
    RELAIS_ASSIGN(Identity identity, load_identity(*store));
    RELAIS_ASSIGN(StationKeys keys, load_keys(vault));
    std::unique_ptr<Station> station(new Station(folder, std::move(vault), std::move(identity),
                                                 std::move(keys), std::move(store)));
    RELAIS_TRY(station->refresh());
    return station;
}

Result<void> Station::refresh() { return replica_.load(*store_); }

const directory::StationRecord* Station::self() const {
    return replica_.state().station(identity_.station);
}

InsEnvironment Station::environment() const {
    const directory::Domain* domain = replica_.state().domain();
    return domain != nullptr && domain->test ? InsEnvironment::test : InsEnvironment::production;
}

Result<void> Station::connect() {
    if (!link_lock_) {
        RELAIS_ASSIGN(FileLock lock, FileLock::take(folder_.link_lock()));
        link_lock_ = std::move(lock);
        RELAIS_TRY(refresh());
        RELAIS_TRY(tidy_if_due());
    }
    return reconnect_if_due();
}

Result<void> Station::tidy_if_due() {
    if (boot_time() < tidy_at_) return {};
    tidy_at_ = boot_time() + kTidyEvery;
    return tidy_attachments(*this);
}

bool Station::connected() const { return link_up_; }

Result<void> Station::reconnect_if_due() {
    if (link_ != nullptr || boot_time() < connect_at_) return {};
    RELAIS_TRY(reload_if_ahead(*store_, identity_, replica_));  // before anything is asked for
    RELAIS_ASSIGN(link_, Link::open(identity_.endpoint, identity_.broker_curve, keys_.curve));
    return {};
}

void Station::break_link() {
    link_.reset();
    link_up_ = false;
    sync_.disconnected();
    connect_at_ = boot_time() + pause_after(failures_++);
}

// What is in memory is ahead of what is kept: it is taken up again from the store, and what the
// broker sent is asked for again.
Result<void> Station::forget_unkept() {
    store_->rollback();
    break_link();
    return reload_if_ahead(*store_, identity_, replica_);
}

Result<void> Station::take_arrivals(const Link::Arrivals& arrivals) {
    if (arrivals.connected) {
        link_up_ = true;
        sync_.connected();
    }
    sync_.tell_time(now());
    // Frames that cannot be kept are lost to this link: it is made anew, and asks for them again.
    Result<void> done = store_->begin();
    for (auto frame = arrivals.frames.begin(); done.ok() && frame != arrivals.frames.end();
         ++frame) {
        done = sync_.receive(*frame);
    }
    if (done.ok() && link_up_) done = sync_.flush(boot_time());
    if (done.ok()) done = store_->commit();
    for (const MessageId& message : sync_.take_erased()) {
        if (done.ok()) chunks_.remove(message);
    }
    if (!done.ok()) RELAIS_TRY(forget_unkept());
    return done;
}

// False where nothing is read at the other end: the link is broken, to begin again.
bool Station::send_frames() {
    for (const Bytes& frame : sync_.take_frames()) {
        if (link_->send(frame)) continue;
        break_link();
        return false;
    }
    return true;
}

Result<SyncEvents> Station::turn(std::chrono::milliseconds patience, int extra) {
    RELAIS_TRY(take_turn(patience, extra));
    return std::exchange(untold_, {});
}

Result<SyncEvents> Station::take_turn(std::chrono::milliseconds patience, int extra) {
    RELAIS_CHECK(link_lock_.has_value());  // connect() first
    RELAIS_TRY(tidy_if_due());
    RELAIS_TRY(reconnect_if_due());
    if (link_ == nullptr) {
        const Milliseconds pause = std::min<Milliseconds>(patience, connect_at_ - boot_time());
        Link::pause(std::max(pause, Milliseconds(0)), extra);
        return SyncEvents{};
    }
    RELAIS_TRY(take_arrivals({}));  // what was queued since is sent before the wait
    if (!send_frames()) return SyncEvents{};
    const Link::Arrivals arrivals = link_->wait(patience, extra);
    RELAIS_TRY(take_arrivals(arrivals));
    SyncEvents events = sync_.take_events();
    const auto alarm = std::exchange(events.alarm, std::nullopt);  // told by the error
    const auto cut = std::exchange(events.cut, std::nullopt);
    untold_.add(events);
    if (alarm || cut) {
        break_link();
        return alarm ? *alarm : fail(*cut);
    }
    if (sync_.welcome()) failures_ = 0;
    if (send_frames() && arrivals.broken) break_link();
    if (arrivals.refused) return fail(ErrorCode::unknown_key);
    return events;
}

// Nothing waits here; what the broker may have sent meanwhile is known to be here once it has
// answered a request that came after: any will do that needs no right and changes nothing.
Result<void> Station::synchronise(std::chrono::milliseconds patience) {
    RELAIS_TRY(connect());
    BootTime until = boot_time() + patience;
    std::optional<std::uint64_t> last_word;
    std::optional<ErrorCode> put_off;
    while (boot_time() < until) {
        const bool answered = last_word && sync_.take_reply(*last_word).has_value();
        RELAIS_ASSIGN(const bool idle, sync_.idle());
        if (idle && answered) return {};
        if (answered || !sync_.ready()) last_word.reset();
        if (idle) last_word = sync_.ask(wire::FetchProposals{});
        RELAIS_ASSIGN(const SyncEvents events, take_turn(kTurn));
        if (events.received != 0) last_word.reset();
        if (events.answered != 0) put_off.reset();
        if (events.put_off) put_off = events.put_off;
        if (events.chunks != 0) until = boot_time() + patience;  // attachments take their time
    }
    // Of a full disk it would not be said whose.
    if (put_off) return fail(ErrorCode::busy, std::string(error_info(*put_off).french));
    return fail(ErrorCode::unreachable, identity_.endpoint);
}

Result<wire::Body> Station::ask(wire::Body request, std::chrono::milliseconds patience) {
    RELAIS_TRY(connect());
    const BootTime until = boot_time() + patience;
    while (!sync_.ready() && boot_time() < until) RELAIS_TRY(take_turn(kTurn));
    if (!sync_.ready()) return fail(ErrorCode::unreachable, identity_.endpoint);
    const std::uint64_t number = sync_.ask(std::move(request));
    while (boot_time() < until) {
        RELAIS_TRY(take_turn(kTurn));
        auto reply = sync_.take_reply(number);
        if (!reply) continue;
        if (const auto* refusal = std::get_if<wire::Refusal>(&*reply)) {
            return fail(refusal->code, refusal->detail);
        }
        return *std::move(reply);
    }
    return fail(ErrorCode::timed_out, "the broker does not answer");
}

Result<void> Station::append(const std::vector<directory::SignedEntry>& entries,
                             std::chrono::milliseconds patience) {
    wire::AppendEntries request;
    for (const directory::SignedEntry& entry : entries) request.entries.push_back(entry.bytes);
    RELAIS_TRY(ask(std::move(request), patience));
    // The reply comes with the commit; the entries themselves follow.
    const BootTime until = boot_time() + patience;
    const directory::Entry& last = entries.back().entry;
    while (directory().chain_end(last.chain).number <= last.number) {
        if (boot_time() >= until) return fail(ErrorCode::timed_out, "directory entries");
        RELAIS_TRY(take_turn(kTurn));
    }
    return {};
}

}  // namespace relais::station
