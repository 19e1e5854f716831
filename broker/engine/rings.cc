#include "broker/engine/rings.h"

#include <algorithm>
#include <utility>

#include "core/calendar/calendar.h"

namespace relais::broker {

namespace {

constexpr std::size_t kLooksPerStep = 64;
constexpr std::uint8_t kAttemptsMax = 4;  // one more where a crash leaves the last one unknown
constexpr Milliseconds kRetryAfter = std::chrono::minutes(1);  // then four times as long each time
constexpr int kRetryGrows = 4;
constexpr Milliseconds kNoRoomAfter = std::chrono::seconds(10);  // the transport's own, never met

constexpr const char* kRelay = "/relay";  // the receiver of every mail; no host is called so

Milliseconds retry_after(std::uint8_t attempts) {
    Milliseconds delay = kRetryAfter;
    for (int i = 1; i < attempts; ++i) delay *= kRetryGrows;
    return delay;
}

const char* way_name(directory::RingWay way) {
    return way == directory::RingWay::email ? "email" : "webhook";
}

// The host of a webhook's URL, however it is spelt there.
std::string host_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#\\"));
    if (url.starts_with('[')) {
        url = url.substr(0, url.find(']'));
    } else {
        url = url.substr(0, url.find(':'));
    }
    while (url.ends_with('.')) url.remove_suffix(1);
    std::string host(url);
    std::ranges::transform(host, host.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return host;
}

std::string receiver_of(const directory::RingStep& step) {
    return step.way == directory::RingWay::email ? kRelay : host_of(step.to);
}

bool same_clock(const RunningClock& clock, const StoredRing& ring) {
    return clock.clock == ring.clock && clock.party == ring.party && clock.end == ring.end;
}

// Each name that has as many calls under way as its most; sorted, once each.
template <typename Most>
std::vector<std::string> spent(std::vector<std::string> taken, Most most) {
    std::ranges::sort(taken);
    std::vector<std::string> names;
    for (auto name = taken.begin(); name != taken.end();) {
        const auto end = std::upper_bound(name, taken.end(), *name);
        if (static_cast<std::size_t>(end - name) >= most(*name)) names.push_back(*name);
        name = end;
    }
    return names;
}

}  // namespace

Result<void> Rings::begin(const Arrival& arrival) {
    RELAIS_TRY(stop(arrival.thread, arrival.mailbox));
    const directory::Unit* unit = parts_.state().unit(arrival.mailbox);
    if (unit == nullptr || unit->rings.empty()) return {};
    RELAIS_ASSIGN(const Mailbox* const mailbox, parts_.mailboxes.open(arrival.mailbox));
    EngineTime due = parts_.time.time();
    for (std::size_t step = 0; step < unit->rings.size(); ++step) {
        due = due + unit->rings[step].after;
        if (due >= arrival.clock.end) break;  // nobody is rung about what is over
        RELAIS_TRY(parts_.store.put_ring({.thread = arrival.thread,
                                          .channel = mailbox->channel,
                                          .step = static_cast<std::uint8_t>(step),
                                          .message = arrival.message,
                                          .number = arrival.number,
                                          .lane = arrival.lane,
                                          .clock = arrival.clock.clock,
                                          .party = arrival.clock.party,
                                          .end = arrival.clock.end,
                                          .due = due}));
    }
    return {};
}

Result<void> Rings::stop(const ThreadId& thread, const Address& address) {
    const Mailbox* mailbox = parts_.mailboxes.find(address);
    if (mailbox == nullptr) return {};
    RELAIS_ASSIGN(const auto rings, parts_.store.rings_of(thread, mailbox->channel));
    for (const StoredRing& ring : rings) RELAIS_TRY(parts_.store.remove_ring(ring));
    return {};
}

Result<void> Rings::stop(const ThreadId& thread, const Address& address, const MessageId& message) {
    const Mailbox* mailbox = parts_.mailboxes.find(address);
    if (mailbox == nullptr) return {};
    RELAIS_ASSIGN(const auto rings, parts_.store.rings_of(thread, mailbox->channel));
    for (const StoredRing& ring : rings) {
        if (ring.message == message) RELAIS_TRY(parts_.store.remove_ring(ring));
    }
    return {};
}

// Acts and the ends of clocks say nothing to this class when they stop a clock: whether it still
// runs is asked when it matters.
Result<bool> Rings::wanted(const StoredRing& ring) {
    RELAIS_ASSIGN(const auto thread, parts_.store.thread(ring.thread));
    if (!thread) return false;
    const bool runs = std::ranges::any_of(
        thread->clocks, [&](const RunningClock& clock) { return same_clock(clock, ring); });
    if (!runs) return false;
    RELAIS_ASSIGN(const auto places, parts_.store.places(ring.number));
    return !places.empty();
}

// Hours of a zone that this machine does not know hold nothing back.
std::optional<EngineTime> Rings::within(directory::RingHours hours,
                                        const calendar::Hours& opening) const {
    const EngineTime now = parts_.time.time();
    const WallTime wall = parts_.time.wall();
    if (hours == directory::RingHours::always || parts_.time.suspect()) return now;
    if (hours == directory::RingHours::while_open) {
        const auto opens = calendar::next_opening(opening, wall);
        return opens.ok() ? now + (*opens - wall) : now;
    }
    const auto closes = calendar::next_closing(opening, wall);
    if (!closes.ok()) return now;
    if (!*closes) return std::nullopt;
    return now + (**closes - wall);
}

// How pressing it is, in the words of the kind: two requests of one lane may differ by days.
Result<std::string> Rings::urgency_of(const StoredRing& ring, const workflow::Kind& kind) const {
    const auto field = std::ranges::find(kind.publics, true, &workflow::PublicDeclared::urgency);
    if (field == kind.publics.end()) return std::string();
    RELAIS_ASSIGN(StoredEnvelope stored, parts_.store.envelope(ring.number));
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(std::move(stored.bytes)));
    const auto value = envelope.header().public_value(field->number);
    const auto code = std::ranges::find_if(
        field->values, [&](const workflow::PublicValue& each) { return value == each.value; });
    return code == field->values.end() ? std::string() : code->label;
}

// Absent where there is room for no call of this lane.
std::optional<RingsSpent> Rings::spent_for(Lane lane) const {
    const auto i = static_cast<std::size_t>(lane);
    if (under_way_.size() >= limits::kRingCallsMax[i]) return std::nullopt;
    std::vector<std::string> receivers;
    std::vector<std::string> organisations;
    for (const UnderWay& call : under_way_) {
        receivers.push_back(call.receiver);
        organisations.emplace_back(call.mailbox.organisation());
    }
    return RingsSpent{spent(std::move(receivers),
                            [&](const std::string& receiver) {
                                return receiver == kRelay ? limits::kRingCallsToRelayMax[i]
                                                          : limits::kRingCallsToHostMax[i];
                            }),
                      spent(std::move(organisations), [&](const std::string&) {
                          return limits::kRingCallsOfOrganisationMax[i];
                      })};
}

bool Rings::has_room(const StoredRing& ring) const {
    const auto full = spent_for(ring.lane);
    return full && !std::ranges::binary_search(full->receivers, ring.receiver) &&
           !std::ranges::binary_search(full->organisations, ring.organisation);
}

// Makes the call where it is still wanted and has room.
Result<void> Rings::look_at(StoredRing ring) {
    RELAIS_ASSIGN(const bool still_wanted, wanted(ring));
    const Address& mailbox = parts_.mailboxes.by_channel(ring.channel).address;
    const directory::Unit* unit = parts_.state().unit(mailbox);
    const bool declared = unit != nullptr && ring.step < unit->rings.size() &&
                          !parts_.state().suspended(mailbox.organisation());
    if (!still_wanted || !declared) return parts_.store.remove_ring(ring);
    const directory::RingStep& step = unit->rings[ring.step];
    const auto due = within(step.hours, unit->hours);
    if (!due || *due >= ring.end) return parts_.store.remove_ring(ring);
    ring.stage = RingStage::planned;
    if (*due > parts_.time.time()) {
        ring.due = *due;
        return parts_.store.put_ring(ring);
    }
    ring.receiver = receiver_of(step);
    ring.organisation = mailbox.organisation();
    if (has_room(ring)) return begin_call(ring, mailbox, step, unit->hours.zone);
    ring.stage = RingStage::waiting;
    return parts_.store.put_ring(ring);
}

Result<void> Rings::begin_call(StoredRing ring, const Address& mailbox,
                               const directory::RingStep& step, const std::string& zone) {
    ++ring.attempts;
    ring.stage = RingStage::under_way;
    RELAIS_TRY(parts_.store.put_ring(ring));
    RELAIS_ASSIGN(const auto thread, parts_.store.thread(ring.thread));
    RELAIS_ASSIGN(const auto kind, parts_.kinds.get(thread->thread.kind));
    RELAIS_ASSIGN(std::string urgency, urgency_of(ring, *kind));
    std::optional<WallTime> deadline;
    if (!kind->clocks[ring.clock].backstop) {
        deadline = parts_.time.wall() + (ring.end - parts_.time.time());
    }
    calls_.push_back({.thread = ring.thread,
                      .message = ring.message,
                      .mailbox = mailbox,
                      .step = ring.step,
                      .attempt = ring.attempts,
                      .way = step.way,
                      .to = step.to,
                      .title = kind->title,
                      .lane = ring.lane,
                      .urgency = std::move(urgency),
                      .deadline = deadline,
                      .zone = zone});
    under_way_.push_back(
        {ring.thread, ring.message, mailbox, ring.step, ring.attempts, ring.receiver});
    return {};
}

// Of those that have room by now the most urgent; of equals the one that waits longest.
Result<std::optional<StoredRing>> Rings::first_with_room() {
    for (const Lane lane : kLanesByUrgency) {
        const auto full = spent_for(lane);
        if (!full) continue;
        RELAIS_ASSIGN(auto ring, parts_.store.first_ring_waiting(lane, *full));
        if (ring) return ring;
    }
    room_made_ = false;
    return std::optional<StoredRing>();
}

// Those that wait come before those that have just become due.
Result<void> Rings::call_due() {
    for (std::size_t i = 0; i < kLooksPerStep; ++i) {
        std::optional<StoredRing> ring;
        if (room_made_) {
            RELAIS_ASSIGN(ring, first_with_room());
        }
        if (!ring) {
            RELAIS_ASSIGN(ring, parts_.store.first_ring());
            if (!ring || ring->due > parts_.time.time()) return {};
        }
        RELAIS_TRY(look_at(*std::move(ring)));
    }
    return {};
}

// Its room is free, whatever became of the ring meanwhile.
void Rings::leave_room(const Rung& rung) {
    const auto call = std::ranges::find_if(under_way_, [&](const UnderWay& each) {
        return each.thread == rung.thread && each.message == rung.message &&
               each.mailbox == rung.mailbox && each.step == rung.step &&
               each.attempt == rung.attempt;
    });
    if (call == under_way_.end()) return;
    under_way_.erase(call);
    room_made_ = true;
}

Result<void> Rings::record(const Rung& rung) {
    Leaf leaf = leaf_of(rung.code == ErrorCode::ok ? Event::rung : Event::ring_failed);
    leaf.code = rung.code;
    leaf.mailbox = rung.mailbox.text();
    leaf.message = rung.message;
    leaf.thread = rung.thread;
    leaf.first = {rung.step + std::uint64_t{1}};
    leaf.count = rung.attempt;
    leaf.subject = way_name(rung.way);
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return {};
}

Result<void> Rings::finished(const Rung& rung) {
    leave_room(rung);
    const bool made = rung.code != ErrorCode::quota_reached;
    if (made) RELAIS_TRY(record(rung));
    RELAIS_ASSIGN(const Mailbox* const mailbox, parts_.mailboxes.open(rung.mailbox));
    RELAIS_ASSIGN(auto ring, parts_.store.ring(rung.thread, mailbox->channel, rung.step));
    // Stopped, or begun anew, meanwhile.
    const bool the_same = ring && ring->stage == RingStage::under_way &&
                          ring->message == rung.message && ring->attempts == rung.attempt;
    if (!the_same) return {};
    if (!made) --ring->attempts;
    const bool again = error_info(rung.code).retry == Retry::later && ring->attempts < kAttemptsMax;
    if (rung.code == ErrorCode::ok || (made && !again)) return parts_.store.remove_ring(*ring);
    ring->stage = RingStage::planned;
    ring->due = parts_.time.time() + (made ? retry_after(ring->attempts) : kNoRoomAfter);
    return parts_.store.put_ring(*ring);
}

Result<std::optional<EngineTime>> Rings::next() {
    if (room_made_) return std::optional(parts_.time.time());
    RELAIS_ASSIGN(const auto ring, parts_.store.first_ring());
    if (!ring) return std::optional<EngineTime>();
    return std::optional(ring->due);
}

std::vector<Ring> Rings::take_calls() {
    under_way_before_ = under_way_;
    room_made_before_ = room_made_;
    return std::exchange(calls_, {});
}

void Rings::forget_calls() {
    under_way_ = under_way_before_;
    room_made_ = room_made_before_;
    calls_.clear();
}

}  // namespace relais::broker
