#include "broker/engine/rings.h"

#include <algorithm>
#include <utility>

#include "core/calendar/calendar.h"

namespace relais::broker {

namespace {

constexpr std::size_t kCallsPerStep = 64;
constexpr std::uint8_t kAttemptsMax = 4;  // one more where a crash leaves the last one unknown
constexpr Milliseconds kRetryAfter = std::chrono::minutes(1);  // then four times as long each time
constexpr int kRetryGrows = 4;

Milliseconds retry_after(std::uint8_t attempts) {
    Milliseconds delay = kRetryAfter;
    for (int i = 1; i < attempts; ++i) delay *= kRetryGrows;
    return delay;
}

const char* way_name(directory::RingWay way) {
    return way == directory::RingWay::email ? "email" : "webhook";
}

bool same_clock(const RunningClock& clock, const StoredRing& ring) {
    return clock.clock == ring.clock && clock.party == ring.party && clock.end == ring.end;
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

Result<void> Rings::call(StoredRing ring) {
    RELAIS_ASSIGN(const bool still_wanted, wanted(ring));
    const Address& mailbox = parts_.mailboxes.by_channel(ring.channel).address;
    const directory::Unit* unit = parts_.state().unit(mailbox);
    const bool declared = unit != nullptr && ring.step < unit->rings.size() &&
                          !parts_.state().suspended(mailbox.organisation());
    if (!still_wanted || !declared) return parts_.store.remove_ring(ring);
    const directory::RingStep& step = unit->rings[ring.step];
    const auto due = within(step.hours, unit->hours);
    if (!due || *due >= ring.end) return parts_.store.remove_ring(ring);
    if (*due > parts_.time.time()) {
        ring.due = *due;
        return parts_.store.put_ring(ring);
    }
    ++ring.attempts;
    ring.under_way = true;
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
                      .zone = unit->hours.zone});
    return {};
}

Result<void> Rings::call_due() {
    for (std::size_t i = 0; i < kCallsPerStep; ++i) {
        RELAIS_ASSIGN(const auto ring, parts_.store.first_ring());
        if (!ring || ring->due > parts_.time.time()) return {};
        RELAIS_TRY(call(*ring));
    }
    return {};
}

Result<void> Rings::finished(const Rung& rung) {
    Leaf leaf = leaf_of(rung.code == ErrorCode::ok ? Event::rung : Event::ring_failed);
    leaf.code = rung.code;
    leaf.mailbox = rung.mailbox.text();
    leaf.message = rung.message;
    leaf.thread = rung.thread;
    leaf.first = {rung.step + std::uint64_t{1}};
    leaf.count = rung.attempt;
    leaf.subject = way_name(rung.way);
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    RELAIS_ASSIGN(const Mailbox* const mailbox, parts_.mailboxes.open(rung.mailbox));
    RELAIS_ASSIGN(auto ring, parts_.store.ring(rung.thread, mailbox->channel, rung.step));
    // Stopped, or begun anew, meanwhile.
    const bool the_same =
        ring && ring->under_way && ring->message == rung.message && ring->attempts == rung.attempt;
    if (!the_same) return {};
    const bool again = error_info(rung.code).retry == Retry::later && ring->attempts < kAttemptsMax;
    if (rung.code == ErrorCode::ok || !again) return parts_.store.remove_ring(*ring);
    ring->under_way = false;
    ring->due = parts_.time.time() + retry_after(ring->attempts);
    return parts_.store.put_ring(*ring);
}

Result<std::optional<EngineTime>> Rings::next() {
    RELAIS_ASSIGN(const auto ring, parts_.store.first_ring());
    if (!ring) return std::optional<EngineTime>();
    return std::optional(ring->due);
}

std::vector<Ring> Rings::take_calls() { return std::exchange(calls_, {}); }

}  // namespace relais::broker
