#include "broker/engine/threads.h"

#include <algorithm>

namespace relais::broker {

namespace {

Timer timer_of(const ThreadId& thread, const RunningClock& clock, TimerKind kind, EngineTime at) {
    return {.at = at, .kind = kind, .thread = thread, .clock = clock.clock, .party = clock.party};
}

// Whose clock it is: a leaf that names it lets the thread be replayed from the audit alone.
const Address& owner_of(const workflow::Thread& thread, const Timer& timer) {
    return timer.party ? thread.parties[*timer.party].mailbox : thread.opener;
}

bool took_part(const Envelope* envelope, const Address& mailbox) {
    if (envelope == nullptr) return false;
    const Header& header = envelope->header();
    return header.from == mailbox ||
           std::ranges::find(header.to, mailbox, &Recipient::mailbox) != header.to.end();
}

}  // namespace

Result<workflow::Outcome> Threads::judge(const workflow::Kind& kind,
                                         const std::optional<StoredThread>& thread,
                                         workflow::ActIndex act, const Envelope& envelope) const {
    const Header& header = envelope.header();
    workflow::ActInput input{act, header.from, {}, header.publics, header.by, envelope.digest()};
    for (const Recipient& recipient : header.to) input.to.push_back(recipient.mailbox);
    if (!thread) return workflow::open_thread(kind, header.thread, input);
    if (thread->thread.kind != header.kind) return fail(ErrorCode::wrong_kind_version, kind.name);
    return workflow::apply_act(kind, thread->thread, input);
}

Result<void> Threads::commit(const workflow::Kind& kind, std::optional<StoredThread> before,
                             workflow::Outcome outcome, const Cause& cause) {
    const bool changed = !before || outcome.thread.last_change != before->thread.last_change;
    StoredThread next{std::move(outcome.thread), 0, {}};
    if (before) {
        next.last_change = before->last_change;
        next.clocks = std::move(before->clocks);
    }
    if (changed && cause.envelope != nullptr) next.last_change = cause.number;
    Change change{kind, std::move(next), cause};
    for (const workflow::Consequence& consequence : outcome.consequences) {
        RELAIS_TRY(std::visit([&](const auto& each) { return run(change, each); }, consequence));
    }
    return parts_.store.put_thread(std::move(change.thread));
}

Result<void> Threads::run(Change& change, const workflow::StartClock& start) {
    RELAIS_TRY(run(change, workflow::StopClock{start.clock, start.party}));
    const workflow::Clock& declared = change.kind.clocks[start.clock];
    std::chrono::seconds length = declared.length;
    if (declared.from_header && change.cause.envelope != nullptr) {
        const auto asked = change.cause.envelope->header().respond_within;
        if (asked.count() != 0) length = asked;
    }
    const EngineTime now = parts_.time.time();
    RunningClock clock{start.clock, start.party, now + length, std::nullopt};
    if (declared.remind_half) clock.half = now + std::chrono::milliseconds(length) / 2;
    const ThreadId& id = change.thread.thread.id;
    RELAIS_TRY(parts_.store.add_timer(timer_of(id, clock, TimerKind::clock_end, clock.end)));
    if (clock.half) {
        RELAIS_TRY(parts_.store.add_timer(timer_of(id, clock, TimerKind::clock_half, *clock.half)));
    }
    change.thread.clocks.push_back(clock);
    return {};
}

Result<void> Threads::drop_timers(const StoredThread& thread, const RunningClock& clock) {
    const ThreadId& id = thread.thread.id;
    RELAIS_TRY(parts_.store.remove_timer(timer_of(id, clock, TimerKind::clock_end, clock.end)));
    if (!clock.half) return {};
    return parts_.store.remove_timer(timer_of(id, clock, TimerKind::clock_half, *clock.half));
}

// Without a party: the thread's own clock, or every party's.
Result<void> Threads::run(Change& change, const workflow::StopClock& stop) {
    std::vector<RunningClock> kept;
    for (const RunningClock& clock : change.thread.clocks) {
        const bool meant = clock.clock == stop.clock && (!stop.party || clock.party == stop.party);
        if (meant) {
            RELAIS_TRY(drop_timers(change.thread, clock));
        } else {
            kept.push_back(clock);
        }
    }
    change.thread.clocks = std::move(kept);
    return {};
}

Notice Threads::notice_of(const Change& change, NoticeKind kind) {
    Notice notice{.kind = kind};
    notice.thread = change.thread.thread.id;
    notice.state = change.kind.thread_states[change.thread.thread.state].name;
    if (change.cause.envelope != nullptr) notice.act = change.cause.envelope->signed_header();
    return notice;
}

Result<void> Threads::tell(const Change& change, std::optional<std::size_t> party,
                           const Notice& notice) {
    const workflow::Thread& thread = change.thread.thread;
    std::vector<Address> mailboxes = {thread.opener};
    for (std::size_t i = 0; i < thread.parties.size(); ++i) {
        if (!party || *party == i) mailboxes.push_back(thread.parties[i].mailbox);
    }
    for (const Address& mailbox : mailboxes) {
        if (took_part(change.cause.envelope, mailbox)) continue;
        RELAIS_TRY(parts_.post(mailbox, change.cause.lane, notice));
    }
    return {};
}

// The withdrawal quotes the act that was chosen instead, its proof.
Result<void> Threads::run(Change& change, const workflow::Withdrawn& withdrawn) {
    const Address& mailbox = change.thread.thread.parties[withdrawn.party].mailbox;
    if (took_part(change.cause.envelope, mailbox)) return {};
    return parts_.post(mailbox, change.cause.lane, notice_of(change, NoticeKind::withdrawn));
}

Result<void> Threads::run(Change& change, const workflow::Promoted& promoted) {
    Notice notice = notice_of(change, NoticeKind::promoted);
    const Address& mailbox = change.thread.thread.parties[promoted.party].mailbox;
    notice.mailbox = mailbox.text();
    RELAIS_TRY(parts_.post(mailbox, change.cause.lane, notice));
    return parts_.post(change.thread.thread.opener, change.cause.lane, notice);
}

Result<void> Threads::release_box(Change& change, const HeldBox& box, Mailbox& mailbox) {
    RELAIS_ASSIGN(const Place place,
                  parts_.mailboxes.append(mailbox, box.lane,
                                          EnvelopeRef{box.number, box.position, box.old_epoch}));
    RELAIS_ASSIGN(StoredEnvelope stored, parts_.store.envelope(box.number));
    stored.places.push_back(place);
    RELAIS_TRY(parts_.store.set_places(box.number, stored.places));
    RELAIS_TRY(parts_.store.remove_held(box));
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(std::move(stored.bytes)));
    Leaf leaf = leaf_of(Event::released);
    leaf.mailbox = mailbox.address.text();
    leaf.message = envelope.header().id;
    leaf.thread = change.thread.thread.id;
    leaf.header = envelope.digest();
    leaf.lane = box.lane;
    leaf.first = leaf.last = place.seq;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return {};
}

Result<void> Threads::run(Change& change, const workflow::Released& released) {
    const Address& address = change.thread.thread.parties[released.party].mailbox;
    RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(address));
    RELAIS_ASSIGN(const auto boxes, parts_.store.held_boxes(change.thread.thread.id,
                                                            released.condition, mailbox->channel));
    for (const HeldBox& box : boxes) RELAIS_TRY(release_box(change, box, *mailbox));
    return {};
}

Result<void> Threads::run(Change& change, const workflow::Ended&) {
    for (const RunningClock& clock : change.thread.clocks) {
        RELAIS_TRY(drop_timers(change.thread, clock));
    }
    change.thread.clocks.clear();
    const workflow::Thread& thread = change.thread.thread;
    Leaf leaf = leaf_of(Event::thread_ended);
    leaf.thread = thread.id;
    leaf.mailbox = thread.opener.text();
    leaf.subject = change.kind.thread_states[thread.state].name;
    if (change.cause.envelope != nullptr) leaf.header = change.cause.envelope->digest();
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return tell(change, std::nullopt, notice_of(change, NoticeKind::ended));
}

namespace {

// A row without effects: the table says that the end of this clock concerns nobody.
bool changes_nothing(const workflow::Thread& before, const workflow::Outcome& outcome) {
    return outcome.consequences.empty() && outcome.thread.state == before.state &&
           std::ranges::equal(outcome.thread.parties, before.parties, {}, &workflow::Party::state,
                              &workflow::Party::state);
}

}  // namespace

Result<void> Threads::end_clock(const Timer& timer) {
    RELAIS_ASSIGN(auto thread, parts_.store.thread(timer.thread));
    if (!thread) return fail(ErrorCode::corrupt, "timer without a thread");
    RELAIS_ASSIGN(const auto kind, parts_.kinds.get(thread->thread.kind));
    std::erase_if(thread->clocks, [&](const RunningClock& clock) {
        return clock.clock == timer.clock && clock.party == timer.party;
    });
    const std::string& name = kind->clocks[timer.clock].name;
    Leaf leaf = leaf_of(Event::clock_ended);
    leaf.thread = timer.thread;
    leaf.mailbox = owner_of(thread->thread, timer).text();
    leaf.subject = name;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));

    const auto outcome = workflow::apply_clock_end(*kind, thread->thread, timer.clock, timer.party);
    const Cause cause;
    if (outcome.ok()) {
        RELAIS_TRY(commit(*kind, thread, *outcome, cause));
    } else {
        RELAIS_TRY(parts_.store.put_thread(*thread));  // overtaken by an act: only the clock goes
    }
    if (!outcome.ok() || changes_nothing(thread->thread, *outcome)) return {};
    Change change{*kind, StoredThread{outcome->thread, 0, {}}, cause};
    Notice notice = notice_of(change, NoticeKind::overdue);
    notice.clock = name;
    return tell(change, timer.party, notice);
}

Result<void> Threads::remind(const Timer& timer) {
    RELAIS_ASSIGN(auto thread, parts_.store.thread(timer.thread));
    if (!thread) return fail(ErrorCode::corrupt, "timer without a thread");
    RELAIS_ASSIGN(const auto kind, parts_.kinds.get(thread->thread.kind));
    for (RunningClock& clock : thread->clocks) {
        if (clock.clock == timer.clock && clock.party == timer.party) clock.half.reset();
    }
    RELAIS_TRY(parts_.store.put_thread(*thread));
    const std::string& name = kind->clocks[timer.clock].name;
    Leaf leaf = leaf_of(Event::clock_reminded);
    leaf.thread = timer.thread;
    leaf.mailbox = owner_of(thread->thread, timer).text();
    leaf.subject = name;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    const Cause cause;
    const Change change{*kind, *thread, cause};
    Notice notice = notice_of(change, NoticeKind::reminder);
    notice.clock = name;
    return tell(change, timer.party, notice);
}

}  // namespace relais::broker
