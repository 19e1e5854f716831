// threads_delegates.cc: what a delegate gets in the place of a party that is away.
#include <algorithm>

#include "broker/engine/threads.h"

namespace relais::broker {

std::vector<Address> readers_of(const workflow::Party& party) {
    std::vector<Address> readers = {party.mailbox};
    if (party.delegated) readers.push_back(*party.delegate);
    return readers;
}

// What the party's own box waited for has come: its delegate's waits for the absence alone.
Result<void> Threads::await_absence(const Change& change, const workflow::Released& released) {
    const workflow::Party& party = change.thread.thread.parties[released.party];
    if (!party.delegate) return {};
    RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(*party.delegate));
    const ThreadId& id = change.thread.thread.id;
    RELAIS_ASSIGN(const auto boxes,
                  parts_.store.held_boxes(id, released.condition, mailbox->channel));
    for (HeldBox box : boxes) {
        RELAIS_TRY(parts_.store.remove_held(box));
        box.condition = Release::absence;
        RELAIS_TRY(parts_.store.hold_box(box));
    }
    if (!boxes.empty()) wait_for_absence({id});
    return {};
}

Result<void> Threads::call_delegates_in(const Waiting& waiting) {
    RELAIS_ASSIGN(auto thread, parts_.store.thread(waiting.thread));
    if (!thread) return {};
    RELAIS_ASSIGN(const auto kind, parts_.kinds.get(thread->thread.kind));
    const Cause cause;
    Change change{*kind, *std::move(thread), cause};
    for (std::size_t party = 0; party < change.thread.thread.parties.size(); ++party) {
        RELAIS_TRY(call_delegate_in(change, party, waiting.again));
    }
    return change.released.empty() ? Result<void>()
                                   : parts_.store.put_thread(std::move(change.thread));
}

// After a restore an absence that is over counts too: what its delegate did then is offered again.
Result<void> Threads::call_delegate_in(Change& change, std::size_t index, bool again) {
    const ThreadId id = change.thread.thread.id;
    const workflow::Party party = change.thread.thread.parties[index];
    if (!party.delegate) return {};
    // While the clock is suspect no date tells who is away: those alone who were called in before.
    const WallTime now = parts_.time.wall();
    const bool dated = !parts_.time.suspect();
    const directory::AbsencePeriod* period =
        dated ? parts_.state().away(party.mailbox, now) : nullptr;
    const bool away = period != nullptr && period->delegate == party.delegate;
    const bool was_away =
        dated && again && parts_.state().stood_in(*party.delegate, party.mailbox, now);
    if (!party.delegated && !away && !was_away) return {};
    RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(*party.delegate));
    RELAIS_ASSIGN(auto boxes, parts_.store.held_boxes(id, Release::absence, mailbox->channel));
    const bool over = change.kind.thread_states[change.thread.thread.state].terminal;
    if (over && away && !was_away) RELAIS_TRY(keep_recent(boxes, period->from));
    if (boxes.empty()) return {};
    const std::size_t before = change.released.size();
    RELAIS_TRY(release_boxes(change, boxes));
    const std::vector<Rings::Arrival> arrivals(
        change.released.begin() + static_cast<std::ptrdiff_t>(before), change.released.end());
    if (!party.delegated) {
        change.thread.thread.parties[index].delegated = true;
        Notice notice = notice_of(change, NoticeKind::delegated);
        notice.mailbox = party.mailbox.text();
        RELAIS_TRY(parts_.post(change.thread.thread.opener, boxes.front().lane, notice));
        RELAIS_TRY(rings_.stop(id, party.mailbox));
    }
    return ring_called(change, arrivals);
}

// Of a case that is over, only what came while the party was away.
Result<void> Threads::keep_recent(std::vector<HeldBox>& boxes, WallTime since) {
    std::vector<HeldBox> kept;
    for (const HeldBox& box : boxes) {
        RELAIS_ASSIGN(const StoredEnvelope stored, parts_.store.envelope(box.number));
        if (stored.accepted.time >= since) kept.push_back(box);
    }
    boxes = std::move(kept);
    return {};
}

// Where a delegate acts, or the party itself once its delegate was called in, the other one does
// not get the act: it hears what it led to, and sees that it was signed.
Result<void> Threads::tell_counterpart(const Change& change) {
    const Envelope* envelope = change.cause.envelope;
    const workflow::Thread& thread = change.thread.thread;
    if (envelope == nullptr || envelope->header().thread != thread.id) return {};
    const auto index = thread.party(envelope->header().from);
    if (!index) return {};
    const workflow::Party& party = thread.parties[*index];
    for (const Address& reader : readers_of(party)) {
        if (reader == envelope->header().from) continue;
        Notice notice = place_of(change, *index);
        notice.act = envelope->signed_header();
        RELAIS_TRY(parts_.post(reader, change.cause.lane, std::move(notice)));
    }
    return {};
}

}  // namespace relais::broker
