// threads_rings.cc: whom an outcome has rung.
#include <algorithm>
#include <set>

#include "broker/engine/threads.h"

namespace relais::broker {

namespace {

// The one of these clocks that ends first, of those that concern the mailbox.
const RunningClock* first_end(const std::vector<RunningClock>& clocks,
                              const workflow::Thread& thread, const Address& mailbox) {
    const RunningClock* first = nullptr;
    for (const RunningClock& clock : clocks) {
        const bool concerns =
            !clock.party || mailbox == thread.opener || thread.party(mailbox) == clock.party;
        if (concerns && (first == nullptr || clock.end < first->end)) first = &clock;
    }
    return first;
}

std::vector<RunningClock> without(const std::vector<RunningClock>& clocks,
                                  const std::vector<RunningClock>& known) {
    const auto same = [](const RunningClock& one, const RunningClock& other) {
        return one.clock == other.clock && one.party == other.party && one.end == other.end;
    };
    std::vector<RunningClock> rest;
    for (const RunningClock& clock : clocks) {
        const bool is_known = std::ranges::any_of(
            known, [&](const RunningClock& other) { return same(clock, other); });
        if (!is_known) rest.push_back(clock);
    }
    return rest;
}

}  // namespace

Result<void> Threads::ring(const Change& change, const std::vector<RunningClock>& ran,
                           const std::vector<workflow::Party>& before) {
    const workflow::Thread& thread = change.thread.thread;
    const Envelope* envelope = change.cause.envelope;
    if (envelope != nullptr && envelope->header().thread == thread.id) {
        const Address& from = envelope->header().from;
        const auto acting = thread.party(from);
        for (const Address& mailbox :
             acting ? readers_of(thread.parties[*acting]) : std::vector<Address>{from}) {
            RELAIS_TRY(rings_.stop(thread.id, mailbox));
        }
        const auto started = without(change.thread.clocks, ran);
        if (!started.empty()) RELAIS_TRY(ring_recipients(change, started));
    }
    std::vector<Rings::Arrival> called;
    for (const Rings::Arrival& arrival : change.released) {
        const auto party = thread.party(arrival.mailbox);
        if (party ? *party >= before.size() : thread.groups.empty()) continue;
        const bool called_in = !party || before[*party].waits != Release::at_once;
        if (called_in) called.push_back(arrival);
    }
    return ring_called(change, called);
}

// Each mailbox once, of the clock that ends first for it.
Result<void> Threads::ring_called(const Change& change, std::span<const Rings::Arrival> arrivals) {
    std::set<Address> called;
    for (Rings::Arrival arrival : arrivals) {
        const RunningClock* clock =
            first_end(change.thread.clocks, change.thread.thread, arrival.mailbox);
        if (clock == nullptr || !called.insert(arrival.mailbox).second) continue;
        arrival.clock = *clock;
        RELAIS_TRY(rings_.begin(arrival));
    }
    return {};
}

// Those whom the act reaches. Where all that it sends is held back it reaches nobody, and only its
// sender's side can let it go in time: that one is rung.
Result<void> Threads::ring_recipients(const Change& change,
                                      const std::vector<RunningClock>& started) {
    const workflow::Thread& thread = change.thread.thread;
    const Header& header = change.cause.envelope->header();
    const auto boxes = change.cause.envelope->boxes().subspan(1);
    bool nobody_knows = !boxes.empty() && change.released.empty();
    for (const KeyBox& box : boxes) {
        const Address& mailbox = change.cause.envelope->mailbox_at(box.position);
        const auto party = thread.party(mailbox);
        const Release waits = party ? thread.parties[*party].waits
                                    : (box.mailbox ? thread.groups_wait : Release::at_once);
        const bool reached = box.release == Release::at_once && waits == Release::at_once &&
                             !workflow::has_left(parts_.state(), header, box);
        if (!reached) continue;
        nobody_knows = false;
        RELAIS_TRY(ring_of(change, started, mailbox));
    }
    return nobody_knows ? ring_of(change, started, header.from) : Result<void>();
}

// Of the act that is the cause, for the clock that ends first for the mailbox.
Result<void> Threads::ring_of(const Change& change, const std::vector<RunningClock>& started,
                              const Address& mailbox) {
    const workflow::Thread& thread = change.thread.thread;
    const Header& header = change.cause.envelope->header();
    const RunningClock* clock = first_end(started, thread, mailbox);
    if (clock == nullptr) return {};
    return rings_.begin({thread.id, mailbox, header.id, change.cause.number, header.lane, *clock});
}

}  // namespace relais::broker
