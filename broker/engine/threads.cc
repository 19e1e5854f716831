#include "broker/engine/threads.h"

#include <algorithm>
#include <set>
#include <utility>

#include "broker/engine/overtaken.h"
#include "schemas/indicators/indicator.h"
#include "schemas/workflow/permission.h"

namespace relais::broker {

namespace {

Timer timer_of(const ThreadId& thread, const RunningClock& clock, TimerKind kind, EngineTime at) {
    return {.at = at, .kind = kind, .thread = thread, .clock = clock.clock, .party = clock.party};
}

// Whose clock it is: a leaf that names it lets the thread be replayed from the audit alone.
const Address& owner_of(const workflow::Thread& thread, const Timer& timer) {
    return timer.party ? thread.parties[*timer.party].mailbox : thread.opener;
}

// Whether it sees the act itself, and needs no notice of what the act does.
bool took_part(const Envelope* envelope, const ThreadId& thread, const Address& mailbox) {
    if (envelope == nullptr || envelope->header().thread != thread) return false;
    const Header& header = envelope->header();
    return header.from == mailbox ||
           std::ranges::find(header.to, mailbox, &Recipient::mailbox) != header.to.end();
}

}  // namespace

Result<workflow::Outcome> Threads::judge(const workflow::Kind& kind,
                                         const std::optional<StoredThread>& thread,
                                         workflow::ActIndex act, const Envelope& envelope) const {
    const Header& header = envelope.header();
    const workflow::ActInput input =
        input_of(kind, act, envelope, thread ? &thread->thread : nullptr);
    if (!thread) return workflow::open_thread(kind, header.thread, input, &registers_);
    if (thread->thread.kind != header.kind) return fail(ErrorCode::wrong_kind_version, kind.name);
    return workflow::apply_act(kind, thread->thread, input, &registers_);
}

workflow::ActInput Threads::input_of(const workflow::Kind& kind, workflow::ActIndex act,
                                     const Envelope& envelope,
                                     const workflow::Thread* thread) const {
    return workflow::act_input(parts_.state(), kind, act, envelope.header(), envelope.digest(),
                               parts_.state().size(), parts_.time.wall(), thread);
}

Result<std::optional<Threads::Followed>> Threads::judge_followed(
    const workflow::Kind& kind, const std::optional<StoredThread>& following,
    workflow::ActIndex act, const Envelope& envelope) const {
    const Header& header = envelope.header();
    const std::optional<ThreadId> follows = following ? following->thread.follows : header.follows;
    if (!follows) return std::optional<Followed>();
    RELAIS_ASSIGN(auto thread, parts_.store.thread(*follows));
    if (!thread) return std::optional<Followed>();
    const bool member = workflow::is_member(parts_.state(), thread->thread.groups, header.from,
                                            parts_.state().size());
    if (!member && !thread->thread.takes_part(header.from)) {
        if (following) return std::optional<Followed>();
        return fail(ErrorCode::recipient_refused, "takes no part in what it follows");
    }
    RELAIS_ASSIGN(auto other, parts_.kinds.get(thread->thread.kind));
    auto outcome =
        workflow::apply_followed(*other, thread->thread, {kind.name, kind.acts[act].name},
                                 input_of(kind, act, envelope, nullptr), &registers_);
    if (outcome.ok()) {
        return std::optional(
            Followed{std::move(other), *std::move(thread), std::move(outcome).value()});
    }
    if (fails_step(outcome.code())) return outcome.error();
    return std::optional<Followed>();
}

Result<void> Threads::commit(const workflow::Kind& kind, std::optional<StoredThread> before,
                             workflow::Outcome outcome, const Cause& cause) {
    const bool changed = !before || outcome.thread.last_change != before->thread.last_change;
    StoredThread next{std::move(outcome.thread), 0, {}};
    if (before) {
        next.last_change = before->last_change;
        next.clocks = std::move(before->clocks);
        next.history = std::move(before->history);
    }
    if (changed && cause.envelope != nullptr) next.last_change = cause.number;
    const std::vector<RunningClock> ran = next.clocks;
    Change change{kind, std::move(next), cause};
    for (const workflow::Consequence& consequence : outcome.consequences) {
        RELAIS_TRY(std::visit([&](const auto& each) { return run(change, each); }, consequence));
    }
    RELAIS_TRY(tell_counterpart(change));
    RELAIS_TRY(note_step(change));
    const std::vector<workflow::Party> nobody;
    RELAIS_TRY(ring(change, ran, before ? std::as_const(before->thread.parties) : nobody));
    return parts_.store.put_thread(std::move(change.thread));
}

Result<void> Threads::note_step(Change& change) {
    indicators::History& history = change.thread.history;
    indicators::Step step = step_of(change);
    const bool acted = step.trigger == indicators::Trigger::act;
    if (acted && change.kind.acts[step.index].side == workflow::Side::member) {
        RELAIS_ASSIGN(const Mailbox* const member,
                      parts_.mailboxes.open(change.cause.envelope->header().from));
        return parts_.store.add_member_step(change.thread.thread.id, member->channel,
                                            {static_cast<std::uint32_t>(history.size()),
                                             change.thread.thread.steps, std::move(step)});
    }
    if (history.size() < indicators::kStepsMax) {
        history.push_back(std::move(step));
    } else {
        keep_said(change, std::move(step));
    }
    return {};
}

// What a party said last of the length of a clock holds however long the thread becomes, as it does
// for stations: behind the course that figures are counted from, once for each act of each party.
void Threads::keep_said(Change& change, indicators::Step step) {
    if (step.trigger != indicators::Trigger::act || !step.party) return;
    const workflow::Act& act = change.kind.acts[step.index];
    const bool says = std::ranges::any_of(change.kind.clocks, [&](const workflow::Clock& clock) {
        return clock.by_public != 0 && workflow::may_say(act, clock.by_public);
    });
    if (!says) return;
    indicators::History& history = change.thread.history;
    const auto behind = history.begin() + static_cast<std::ptrdiff_t>(indicators::kStepsMax);
    const auto again = std::remove_if(behind, history.end(), [&](const indicators::Step& before) {
        return before.party == step.party && before.index == step.index;
    });
    history.erase(again, history.end());
    history.push_back(std::move(step));
}

indicators::Step Threads::step_of(const Change& change) const {
    const workflow::Thread& now = change.thread.thread;
    const Cause& cause = change.cause;
    indicators::Step step;
    step.state = now.state;
    step.at = parts_.time.wall();
    if (cause.envelope == nullptr) {
        step.trigger = indicators::Trigger::clock_end;
        step.index = cause.clock.value_or(0);
        step.called = first_reached(change, false);
    } else if (const Header& header = cause.envelope->header(); header.thread != now.id) {
        step.trigger = indicators::Trigger::followed;
        step.index = indicators::first_row_for(change.kind, {cause.kind, header.act}).value_or(0);
    } else {
        step.index = change.kind.act(header.act).value_or(0);
        const bool opens = change.kind.acts[step.index].opens;
        step.trigger = opens ? indicators::Trigger::opened : indicators::Trigger::act;
        if (const auto party = now.party(header.from)) {
            step.party = static_cast<std::uint16_t>(*party);
        }
        step.called = first_reached(change, opens);
        step.publics = header.publics;
    }
    return step;
}

// Members are those whom the act that opens is sealed to: at once, or once it is released to them.
std::uint16_t Threads::first_reached(const Change& change, bool opens) const {
    const workflow::Thread& now = change.thread.thread;
    if (now.groups.empty()) {
        if (!opens) return 0;
        return static_cast<std::uint16_t>(
            std::ranges::count(now.parties, Release::at_once, &workflow::Party::waits));
    }
    if (!opens) return static_cast<std::uint16_t>(change.members.size());
    if (now.groups_wait != Release::at_once) return 0;
    const Envelope& envelope = *change.cause.envelope;
    return static_cast<std::uint16_t>(std::ranges::count_if(envelope.boxes(), [&](const auto& box) {
        return box.mailbox && box.release == Release::at_once &&
               !workflow::has_left(parts_.state(), envelope.header(), box);
    }));
}

workflow::ClockCause Threads::clock_cause(const Change& change) {
    const Envelope* const envelope = change.cause.envelope;
    return {change.kind, change.thread.thread, envelope == nullptr ? nullptr : &envelope->header()};
}

std::chrono::seconds Threads::length_of(const Change& change,
                                        const workflow::StartClock& start) const {
    const indicators::History& history = change.thread.history;
    return workflow::clock_length(
        clock_cause(change), start, [&](std::size_t party, std::uint16_t number) {
            const auto last = std::find_if(history.rbegin(), history.rend(), [&](const auto& step) {
                return step.trigger == indicators::Trigger::act && step.party == party &&
                       workflow::may_say(change.kind.acts[step.index], number);
            });
            return last == history.rend() ? nullptr : &last->publics;
        });
}

Result<void> Threads::run(Change& change, const workflow::StartClock& start) {
    RELAIS_TRY(run(change, workflow::StopClock{start.clock, start.party}));
    const workflow::Clock& declared = change.kind.clocks[start.clock];
    const std::chrono::seconds length = length_of(change, start);
    RunningClock clock{start.clock, start.party, reckon(change, start, length, workflow::clock_end),
                       std::nullopt};
    if (declared.remind_half) {
        clock.half = reckon(change, start, length, workflow::clock_half);
    }
    const ThreadId& id = change.thread.thread.id;
    RELAIS_TRY(parts_.store.add_timer(timer_of(id, clock, TimerKind::clock_end, clock.end)));
    if (clock.half) {
        RELAIS_TRY(parts_.store.add_timer(timer_of(id, clock, TimerKind::clock_half, *clock.half)));
    }
    change.thread.clocks.push_back(clock);
    return {};
}

EngineTime Threads::reckon(const Change& change, const workflow::StartClock& start,
                           std::chrono::seconds length, ClockRule rule) const {
    const WallTime wall = parts_.time.wall();
    const auto hours_of = [&](const Address& mailbox) {
        const auto* unit = parts_.state().unit(mailbox.organisation(), mailbox.unit());
        return std::optional(unit == nullptr ? calendar::Hours{} : unit->hours);
    };
    const auto at = rule(clock_cause(change), start, wall, length, hours_of);
    return parts_.time.time() + (at.value_or(wall + length) - wall);
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
    const auto post = [&](const Address& mailbox, const Notice& said) -> Result<void> {
        if (took_part(change.cause.envelope, thread.id, mailbox)) return {};
        return parts_.post(mailbox, change.cause.lane, said);
    };
    Notice unsigned_notice = notice;  // of an act that is not for it
    unsigned_notice.act.reset();
    RELAIS_TRY(post(thread.opener, notice));
    for (std::size_t i = 0; i < thread.parties.size(); ++i) {
        const workflow::Party& each = thread.parties[i];
        const bool reached = each.waits == Release::at_once;
        if (!reached || (party && *party != i)) continue;
        const bool over = is_withdrawn(change.kind, each);
        for (const Address& reader : readers_of(each)) {
            RELAIS_TRY(post(reader, over ? unsigned_notice : notice));
        }
    }
    return {};
}

// The withdrawal quotes the act that was chosen instead, its proof.
Result<void> Threads::run(Change& change, const workflow::Withdrawn& withdrawn) {
    const workflow::Thread& thread = change.thread.thread;
    const workflow::Party& party = thread.parties[withdrawn.party];
    if (party.waits != Release::at_once) return {};
    for (const Address& mailbox : readers_of(party)) {
        if (took_part(change.cause.envelope, thread.id, mailbox)) continue;
        RELAIS_TRY(
            parts_.post(mailbox, change.cause.lane, notice_of(change, NoticeKind::withdrawn)));
    }
    return {};
}

Result<void> Threads::run(Change& change, const workflow::Promoted& promoted) {
    Notice notice = notice_of(change, NoticeKind::promoted);
    const workflow::Party& party = change.thread.thread.parties[promoted.party];
    notice.mailbox = party.mailbox.text();
    if (party.waits == Release::at_once) {
        for (const Address& mailbox : readers_of(party)) {
            RELAIS_TRY(parts_.post(mailbox, change.cause.lane, notice));
        }
    }
    return parts_.post(change.thread.thread.opener, change.cause.lane, notice);
}

// Also where it did the act itself: it does not see what the others did before. The end of a clock
// of no party is told by end_clock(), as of each that is not for nobody.
Result<void> Threads::run(Change& change, const workflow::Told& told) {
    if (!told.party) return {};
    const Notice place = place_of(change, *told.party);
    const workflow::Party& party = change.thread.thread.parties[*told.party];
    if (party.waits != Release::at_once) return {};
    for (const Address& mailbox : readers_of(party)) {
        RELAIS_TRY(parts_.post(mailbox, change.cause.lane, place));
    }
    // An act of another thread brought it about, which its opener does not see.
    const Envelope* const cause = change.cause.envelope;
    const workflow::Thread& thread = change.thread.thread;
    if (cause == nullptr || cause->header().thread == thread.id) return {};
    return parts_.post(thread.opener, change.cause.lane, place);
}

Notice Threads::place_of(const Change& change, std::size_t party) {
    const workflow::Party& placed = change.thread.thread.parties[party];
    Notice notice{.kind = NoticeKind::placed};
    notice.thread = change.thread.thread.id;
    notice.mailbox = placed.mailbox.text();
    notice.state = change.kind.party_states[placed.state].name;
    return notice;
}

Result<void> Threads::release_box(Change& change, const HeldBox& box, const Envelope& envelope,
                                  StoredEnvelope& stored) {
    RELAIS_TRY(parts_.store.remove_held(box));
    if (workflow::has_left(parts_.state(), envelope.header(), envelope.boxes()[box.position])) {
        return {};
    }
    Mailbox& mailbox = parts_.mailboxes.by_channel(box.channel);
    RELAIS_ASSIGN(const Place place,
                  parts_.mailboxes.append(mailbox, box.lane,
                                          EnvelopeRef{box.number, box.position, box.old_epoch}));
    stored.places.push_back(place);
    if (mailbox.address != envelope.header().from) {
        RELAIS_TRY(parts_.days.arrived(box.channel, stored.accepted.time));
    }
    Leaf leaf = leaf_of(Event::released);
    leaf.mailbox = mailbox.address.text();
    leaf.message = envelope.header().id;
    leaf.thread = change.thread.thread.id;
    leaf.header = envelope.digest();
    if (box.condition == Release::absence) {
        const Header& header = envelope.header();
        leaf.subject = header.absent(*header.recipient_at(box.position)).text();
    }
    leaf.lane = box.lane;
    leaf.first = leaf.last = place.seq;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    change.released.push_back({change.thread.thread.id, mailbox.address, envelope.header().id,
                               box.number, box.lane, RunningClock{}});
    return {};
}

// Each envelope is read and written once, for however many of its boxes go out.
Result<void> Threads::release_boxes(Change& change, const std::vector<HeldBox>& boxes) {
    std::map<EnvelopeNumber, std::vector<const HeldBox*>> by_envelope;
    for (const HeldBox& box : boxes) by_envelope[box.number].push_back(&box);
    for (const auto& [number, released] : by_envelope) {
        RELAIS_ASSIGN(StoredEnvelope stored, parts_.store.envelope(number));
        RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(std::move(stored.bytes)));
        for (const HeldBox* box : released) {
            RELAIS_TRY(release_box(change, *box, envelope, stored));
        }
        RELAIS_TRY(parts_.store.set_places(number, stored.places));
    }
    return {};
}

// A fallback that an act calls in does not see that act, which is of another: it hears where it
// stands. The end of a clock is told to all.
Result<void> Threads::run(Change& change, const workflow::Released& released) {
    const workflow::Party& party = change.thread.thread.parties[released.party];
    const Address& address = party.mailbox;
    RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(address));
    RELAIS_ASSIGN(const auto boxes, parts_.store.held_boxes(change.thread.thread.id,
                                                            released.condition, mailbox->channel));
    RELAIS_TRY(release_boxes(change, boxes));
    if (change.cause.envelope != nullptr && released.condition == Release::overdue) {
        for (const Address& reader : readers_of(party)) {
            RELAIS_TRY(parts_.post(reader, change.cause.lane, place_of(change, released.party)));
        }
    }
    return await_absence(change, released);
}

// Of a member who has left since, nothing goes out any more. Where a clock releases, a notice says
// so: it is all that shows why.
Result<void> Threads::run(Change& change, const workflow::GroupsReleased& released) {
    const ThreadId& id = change.thread.thread.id;
    RELAIS_ASSIGN(const auto boxes, parts_.store.held_boxes(id, released.condition));
    const std::size_t before = change.released.size();
    RELAIS_TRY(release_boxes(change, boxes));
    for (std::size_t i = before; i < change.released.size(); ++i) {
        change.members.insert(change.released[i].mailbox);
    }
    if (!change.cause.clock) return {};
    Notice notice = notice_of(change, NoticeKind::overdue);
    notice.clock = change.kind.clocks[*change.cause.clock].name;
    notice.due = change.cause.due;
    for (const Address& member : change.members) {
        RELAIS_TRY(parts_.post(member, change.cause.lane, notice));
    }
    return {};
}

Result<void> Threads::run(Change& change, const workflow::Registered& registered) {
    return registers_.set(change.kind, registered, change.cause.accepted,
                          change.cause.envelope->signed_header());
}

namespace {

// Members whom the act that led to the present state reached, and who are members still; not those
// who answered.
Result<void> tell_members(Parts& parts, const StoredThread& thread, Lane lane, const Notice& notice,
                          const std::set<ChannelId>& answered = {}) {
    if (thread.thread.groups.empty() || thread.thread.groups_wait != Release::at_once) return {};
    auto stored = parts.store.envelope(thread.last_change);
    if (stored.code() == ErrorCode::not_found) return {};  // its time is over
    if (!stored.ok()) return stored.error();
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(std::move(stored->bytes)));
    for (const KeyBox& box : envelope.boxes()) {
        if (!box.mailbox || workflow::has_left(parts.state(), envelope.header(), box)) continue;
        RELAIS_ASSIGN(const Mailbox* const mailbox, parts.mailboxes.open(*box.mailbox));
        if (answered.contains(mailbox->channel)) continue;
        RELAIS_TRY(parts.post(*box.mailbox, lane, notice));
    }
    return {};
}

}  // namespace

// The end of a clock shows in no act: the members of groups hear of it by a notice too.
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
    const Notice notice = notice_of(change, NoticeKind::ended);
    if (change.cause.clock) {
        RELAIS_TRY(tell_members(parts_, change.thread, change.cause.lane, notice));
    }
    return tell(change, std::nullopt, notice);
}

namespace {

// A row without effects: the table says that the end of this clock concerns nobody. One that only
// tells has an effect.
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
    Cause cause;
    cause.clock = timer.clock;
    cause.due = timer.at;
    if (outcome.ok()) {
        RELAIS_TRY(commit(*kind, thread, *outcome, cause));
    } else {
        RELAIS_TRY(parts_.store.put_thread(*thread));  // overtaken by an act: only the clock goes
    }
    if (!outcome.ok() || changes_nothing(thread->thread, *outcome)) return {};
    Change change{*kind, StoredThread{outcome->thread, 0, {}}, cause};
    Notice notice = notice_of(change, NoticeKind::overdue);
    notice.clock = name;
    notice.due = timer.at;
    return tell(change, timer.party, notice);
}

namespace {

bool starts(const workflow::Kind& kind, const indicators::Step& step, workflow::ClockIndex clock) {
    const auto trigger = step.trigger == indicators::Trigger::clock_end
                             ? workflow::TriggerKind::clock_end
                             : workflow::TriggerKind::act;
    return std::ranges::any_of(kind.rows, [&](const workflow::Row& row) {
        return step.trigger != indicators::Trigger::followed && row.trigger == trigger &&
               row.index == step.index &&
               std::ranges::any_of(row.effects, [&](const workflow::Effect& effect) {
                   return effect.op == workflow::EffectOp::start_clock && effect.clock == clock;
               });
    });
}

// How many steps the course had once that clock was started last.
std::uint32_t started_after(const workflow::Kind& kind, const indicators::History& course,
                            workflow::ClockIndex clock) {
    const auto last = std::find_if(course.rbegin(), course.rend(),
                                   [&](const auto& step) { return starts(kind, step, clock); });
    return static_cast<std::uint32_t>(std::distance(last, course.rend()));
}

}  // namespace

// Of the members of groups those who did nothing since the clock was started: they are waited for.
Result<void> Threads::remind(const Timer& timer) {
    RELAIS_ASSIGN(auto thread, parts_.store.thread(timer.thread));
    if (!thread) return fail(ErrorCode::corrupt, "timer without a thread");
    RELAIS_ASSIGN(const auto kind, parts_.kinds.get(thread->thread.kind));
    EngineTime due;
    for (RunningClock& clock : thread->clocks) {
        if (clock.clock != timer.clock || clock.party != timer.party) continue;
        clock.half.reset();
        due = clock.end;
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
    notice.due = due;
    RELAIS_TRY(tell(change, timer.party, notice));
    if (thread->thread.groups.empty()) return {};
    RELAIS_ASSIGN(const auto acted,
                  parts_.store.members_acted(timer.thread,
                                             started_after(*kind, thread->history, timer.clock)));
    return tell_members(parts_, *thread, cause.lane, notice, acted);
}

}  // namespace relais::broker
