// submissions.cc: from a submission to its receipt or refusal.
#include "broker/engine/submissions.h"

#include <algorithm>

#include "broker/engine/checks.h"
#include "broker/engine/overtaken.h"
#include "core/base/limits.h"
#include "core/merkle/tree.h"
#include "schemas/workflow/delegation.h"
#include "schemas/workflow/permission.h"

namespace relais::broker {

namespace {

Leaf leaf_about(const StationId& station, const Submission& submission) {
    Leaf leaf = leaf_of(Event::submitted);
    leaf.station = station;
    if (!submission.envelope.ok()) return leaf;
    const Header& header = submission.envelope->header();
    leaf.person = header.by;
    leaf.mailbox = header.from.text();
    leaf.message = header.id;
    leaf.thread = header.thread;
    leaf.header = submission.envelope->digest();
    leaf.lane = header.lane;
    leaf.subject = header.act;
    return leaf;
}

// The places that the envelope will take, known before it is written since the engine alone
// appends.
std::vector<Place> places_of(const std::vector<Mailbox*>& mailboxes,
                             const std::vector<Release>& holds, Lane lane) {
    std::vector<Place> places;
    for (std::size_t i = 0; i < holds.size(); ++i) {
        if (holds[i] != Release::at_once || mailboxes[i] == nullptr) continue;
        places.push_back({mailboxes[i]->channel, lane, mailboxes[i]->lane(lane).last.next()});
    }
    return places;
}

// A delegate's box waits for what its party's own waits for, and then for the absence.
Release hold_of_delegate(const Envelope& envelope, const KeyBox& box,
                         const workflow::Thread& thread) {
    const auto party = thread.stood_in_for(envelope.mailbox_at(box.position));
    const bool waits = party && thread.parties[*party].waits != Release::at_once;
    return waits ? thread.parties[*party].waits : Release::absence;
}

// What a recipient has not been told of yet waits with the rest: by box position.
std::vector<Release> holds_of(const Envelope& envelope, const workflow::Thread& thread) {
    std::vector<Release> holds;
    for (const KeyBox& box : envelope.boxes()) {
        Release hold = box.release;
        const auto party = thread.party(envelope.mailbox_at(box.position));
        if (hold == Release::at_once && party) hold = thread.parties[*party].waits;
        if (hold == Release::absence) hold = hold_of_delegate(envelope, box, thread);
        if (hold == Release::at_once && box.mailbox) hold = thread.groups_wait;
        holds.push_back(hold);
    }
    return holds;
}

}  // namespace

Submissions::Submissions(Parts& parts, Threads& threads, const Registers& registers,
                         ChunkKeeper& chunks, Erasures& erasures, const Restoration& restoration,
                         const SubmissionLimits& limits)
    : parts_(parts),
      threads_(threads),
      registers_(registers),
      chunks_(chunks),
      erasures_(erasures),
      restoration_(restoration),
      limits_(limits) {}

Result<wire::Body> Submissions::submit(const StationId& station, const Submission& submission) {
    if (submission.envelope.ok()) {
        RELAIS_ASSIGN(auto before, answered_before(station, submission));
        if (before) return *std::move(before);
    }
    Result<Plan> plan = judge(station, submission);
    if (plan.ok()) {
        RELAIS_ASSIGN(auto since, registers_.leave_out_said_before(*plan->kind, plan->outcome,
                                                                   plan->envelope.header()));
        // What a restored broker is offered comes in any order, and was accepted before.
        const bool restored = submission.again && restoration_.told();
        if (since && !restored) return refuse_said_before(station, submission, *std::move(since));
        return accept(submission, std::move(plan).value());
    }
    if (fails_step(plan.code())) return plan.error();
    if (plan.code() == ErrorCode::erased) return refuse_erased(station, submission);
    if (submission.again) {
        const auto may_come = restoration_.may_come(plan.code());
        if (may_come == Restoration::MayCome::soon) {
            return not_restored_yet(station, plan.code(), Retry::later);
        }
        if (may_come == Restoration::MayCome::some_day) {
            return not_restored_yet(station, plan.code(), Retry::never);
        }
    }
    return refuse(station, submission, plan.error());
}

// Its sender, and whoever else has it, may not have heard of the erasure before the restore: they
// do with the answer that is kept, once.
Result<wire::Body> Submissions::refuse_erased(const StationId& station,
                                              const Submission& submission) {
    RELAIS_ASSIGN(wire::Body body, refuse(station, submission, fail(ErrorCode::erased)));
    const MessageId& id = submission.envelope->header().id;
    RELAIS_ASSIGN(const auto kept, parts_.store.remembered(id, station));
    if (kept) RELAIS_TRY(erasures_.tell_again(*submission.envelope));
    return body;
}

// Nothing is kept of it: the same bytes are judged anew when they are offered again.
wire::Body Submissions::not_restored_yet(const StationId& station, ErrorCode lacks, Retry retry) {
    parts_.auditor.count_refusals(station, ErrorCode::not_restored_yet, 1);
    return wire::Refusal{ErrorCode::not_restored_yet, retry, std::string(error_name(lacks)),
                         std::nullopt};
}

Result<std::optional<wire::Body>> Submissions::answered_before(const StationId& station,
                                                               const Submission& submission) {
    const MessageId& id = submission.envelope->header().id;
    RELAIS_ASSIGN(const auto known, parts_.store.remembered(id, station));
    if (!known) return std::optional<wire::Body>();
    if (known->envelope != tag_of(submission.bytes_digest)) {
        RELAIS_ASSIGN(wire::Body body,
                      refuse(station, submission, fail(ErrorCode::duplicate_mismatch)));
        return std::optional(std::move(body));
    }
    if (known->code != ErrorCode::ok) {
        RELAIS_ASSIGN(wire::Body body, refuse_again(*known));
        return std::optional(std::move(body));
    }
    // Time, directory size and hash are the leaf's own: nothing of the answer is kept twice.
    RELAIS_ASSIGN(const auto leaves,
                  parts_.store.read_leaves(wire::LogName::audit, known->leaf.value, 1));
    if (leaves.size() != 1) return fail(ErrorCode::corrupt, "leaf of a remembered message");
    RELAIS_ASSIGN(const Leaf leaf, parse_leaf(leaves[0]));
    const Accepted accepted{leaf.time, leaf.directory_size, known->leaf,
                            merkle::leaf_hash(leaves[0])};
    return std::optional<wire::Body>(wire::Receipt{id, accepted, true});
}

Result<wire::Body> Submissions::refuse_again(const Remembered& known) {
    wire::Refusal refusal{known.code, error_info(known.code).retry, known.detail, std::nullopt};
    RELAIS_ASSIGN(const auto winning, accepted_act(known.number));
    if (winning) refusal.winning = winning->envelope.signed_header();
    return wire::Body(std::move(refusal));
}

Result<Submissions::Plan> Submissions::judge(const StationId& station,
                                             const Submission& submission) {
    if (!submission.envelope.ok()) return submission.envelope.error();
    const Envelope& envelope = *submission.envelope;
    const Header& header = envelope.header();
    RELAIS_ASSIGN(const bool erased, parts_.store.has_erasure(envelope.digest()));
    if (erased) return fail(ErrorCode::erased);
    RELAIS_TRY(judge_signature(station, submission));
    RELAIS_TRY(judge_head(header));
    RELAIS_ASSIGN(auto thread, parts_.store.thread(header.thread));
    RELAIS_ASSIGN(auto kind, judge_kind(submission, !thread.has_value()));
    const auto act = kind->act(header.act);
    if (!act) return fail(ErrorCode::act_refused, "no such act: " + header.act);
    const workflow::Act& declared = kind->acts[*act];
    if (!thread && !declared.opens) return fail(ErrorCode::unknown_thread);
    RELAIS_TRY(workflow::check_shape(*kind, declared, header));
    const Result<void> signer = workflow::check_signer(parts_.state(), *kind, declared, header,
                                                       parts_.state().size(), parts_.time.wall());
    const bool dated =
        signer.code() == ErrorCode::not_affiliated || signer.code() == ErrorCode::no_mandate;
    if (dated && parts_.time.suspect()) {
        return fail(ErrorCode::busy, "the clock is suspect: no date refuses anybody for good");
    }
    RELAIS_TRY(signer);
    RELAIS_TRY(judge_recipients(header, *kind, declared.opens));
    RELAIS_TRY(judge_groups(envelope, *kind, declared.opens));
    RELAIS_TRY(judge_fallbacks(header, *kind, declared));
    RELAIS_TRY(workflow::check_delegates(parts_.state(), *kind, thread ? &thread->thread : nullptr,
                                         header));
    RELAIS_ASSIGN(auto outcome, threads_.judge(*kind, thread, *act, envelope));
    RELAIS_ASSIGN(auto followed, threads_.judge_followed(*kind, thread, *act, envelope));
    RELAIS_ASSIGN(auto old_epochs, judge_boxes(envelope, declared));
    RELAIS_ASSIGN(auto counted, judge_counters(header));
    RELAIS_ASSIGN(auto mailboxes, mailboxes_of(envelope));
    RELAIS_TRY(chunks_.judge(envelope));
    auto holds = holds_of(envelope, outcome.thread);
    return Plan{envelope,           std::move(kind),      *act,
                std::move(counted), std::move(mailboxes), std::move(old_epochs),
                std::move(thread),  std::move(outcome),   std::move(followed),
                std::move(holds)};
}

EngineTime Submissions::end_of(const Plan& plan) const {
    const auto asked = plan.envelope.header().expires_after;
    const auto life = asked.count() != 0 ? asked : plan.kind->retention;
    return parts_.time.time() +
           std::clamp<std::chrono::seconds>(life, limits::kExpiresMin, limits::kExpiresMax);
}

Result<wire::Body> Submissions::accept(const Submission& submission, Plan plan) {
    const Envelope& envelope = plan.envelope;
    const Header& header = envelope.header();
    Leaf leaf = leaf_about(header.station, submission);
    leaf.directory_size = parts_.state().size();
    leaf.count = static_cast<std::uint32_t>(envelope.boxes().size() - 1);
    RELAIS_ASSIGN(const LeafRef ref, parts_.auditor.record(std::move(leaf)));
    const Accepted accepted{parts_.time.wall(), parts_.state().size(), ref.index, ref.hash};
    RELAIS_ASSIGN(const EnvelopeNumber number,
                  parts_.store.add_envelope(envelope.bytes(), accepted,
                                            places_of(plan.mailboxes, plan.holds, header.lane)));
    RELAIS_TRY(chunks_.reference(number, envelope));
    RELAIS_TRY(deliver(plan, number, accepted));
    if (std::ranges::find(plan.holds, Release::absence) != plan.holds.end()) {
        threads_.wait_for_absence({header.thread, submission.again});
    }
    RELAIS_TRY(parts_.days.sent(plan.mailboxes[0]->channel, header.station));
    RELAIS_TRY(parts_.store.remember(
        header.id, header.station,
        {tag_of(submission.bytes_digest), ErrorCode::ok, number, ref.index, EngineTime{}}));
    for (std::size_t i = 0; i < header.to.size(); ++i) {
        RELAIS_TRY(parts_.store.set_counter(header.station, plan.counted[i], header.lane,
                                            header.to[i].counter));
    }
    RELAIS_TRY(parts_.store.add_timer(
        {.at = end_of(plan), .kind = TimerKind::envelope_end, .envelope = number}));
    const Threads::Cause cause{&envelope,    number,          header.lane, accepted,
                               std::nullopt, plan.kind->name, {}};
    RELAIS_TRY(threads_.commit(*plan.kind, std::move(plan.thread), std::move(plan.outcome), cause));
    if (auto& followed = plan.followed) {
        RELAIS_TRY(threads_.commit(*followed->kind, std::move(followed->thread),
                                   std::move(followed->outcome), cause));
    }
    return wire::Body(wire::Receipt{header.id, accepted, false});
}

Result<void> Submissions::deliver(const Plan& plan, EnvelopeNumber number,
                                  const Accepted& accepted) {
    const Header& header = plan.envelope.header();
    for (const KeyBox& box : plan.envelope.boxes()) {
        if (plan.mailboxes[box.position] == nullptr) continue;
        Mailbox& mailbox = *plan.mailboxes[box.position];
        const bool old_epoch = plan.old_epochs[box.position];
        const Release hold = plan.holds[box.position];
        if (hold == Release::at_once) {
            RELAIS_TRY(parts_.mailboxes.append(mailbox, header.lane,
                                               EnvelopeRef{number, box.position, old_epoch}));
            if (mailbox.address == header.from) continue;
            RELAIS_TRY(parts_.days.arrived(mailbox.channel, accepted.time));
        } else {
            RELAIS_TRY(parts_.store.hold_box({header.thread, hold, mailbox.channel, number,
                                              box.position, header.lane, old_epoch}));
        }
    }
    return {};
}

// Acts are shown to those alone who take part in the thread and have been told of it; to a party
// whose part is over, the one that ended it and none that came after.
Result<Submissions::Winner> Submissions::winner_over(const StationId& station,
                                                     const Header& header) {
    RELAIS_ASSIGN(const auto thread, parts_.store.thread(header.thread));
    if (!thread || thread->thread.last_change == header.answers) return Winner{};
    const auto* record = parts_.state().station(station);
    const workflow::Thread& about = thread->thread;
    const auto party = about.party(header.from);
    const bool told = party ? about.parties[*party].waits == Release::at_once
                            : header.from == about.opener ||
                                  (about.groups_wait == Release::at_once &&
                                   workflow::is_member(parts_.state(), about.groups, header.from,
                                                       parts_.state().size()));
    const bool concerned = told && record != nullptr && parts_.state().serves(*record, header.from);
    if (!concerned) return Winner{};
    RELAIS_ASSIGN(const auto kind, parts_.kinds.get(about.kind));
    RELAIS_ASSIGN(const auto last, accepted_act(thread->last_change));
    if (!last) return Winner{};
    const Header& act = last->envelope.header();
    const bool over = party && is_withdrawn(*kind, about.parties[*party]);
    const bool shown =
        !over || withdrew(*kind, *thread, about.parties[*party], act, last->accepted);
    if (!shown || !was_overtaken(*kind, *thread, header, act)) return Winner{};
    return Winner{thread->last_change, last->envelope.signed_header()};
}

Result<std::optional<Submissions::AcceptedAct>> Submissions::accepted_act(EnvelopeNumber number) {
    if (number == 0) return std::optional<AcceptedAct>();
    auto stored = parts_.store.envelope(number);
    if (stored.code() == ErrorCode::not_found) return std::optional<AcceptedAct>();  // expired
    if (!stored.ok()) return stored.error();
    RELAIS_ASSIGN(Envelope envelope, Envelope::parse(std::move(stored->bytes)));
    return std::optional(AcceptedAct{std::move(envelope), stored->accepted.time});
}

// What its sender, or somebody of theirs, said of the same on another station is not undone by what
// was on its way.
Result<wire::Body> Submissions::refuse_said_before(const StationId& station,
                                                   const Submission& submission,
                                                   Registers::SaidSince since) {
    if (parts_.time.suspect()) return refuse(station, submission, fail(ErrorCode::busy, "clock"));
    RELAIS_ASSIGN(const Header standing, parse_header(since.act.bytes));
    RELAIS_ASSIGN(const auto known, parts_.store.remembered(standing.id, standing.station));
    return refuse(station, submission, fail(ErrorCode::conflict, since.name),
                  {known ? known->number : EnvelopeNumber{0}, std::move(since.act)});
}

// An act that the table refuses may have lost its place to another one that its sender had not
// seen.
Result<wire::Body> Submissions::refuse(const StationId& station, const Submission& submission,
                                       const Error& error, Winner winner) {
    wire::Refusal refusal{error.code, error_info(error.code).retry,
                          error.detail.substr(0, limits::kDetailBytesMax), std::nullopt};
    if (error.code == ErrorCode::act_refused && submission.envelope.ok()) {
        RELAIS_ASSIGN(winner, winner_over(station, submission.envelope->header()));
        if (winner.act) refusal.code = ErrorCode::conflict;
    }
    refusal.winning = std::move(winner.act);
    Leaf leaf = leaf_about(station, submission);
    leaf.code = refusal.code;
    RELAIS_ASSIGN(const auto ref, parts_.auditor.refuse(std::move(leaf)));
    const bool final = refusal.retry == Retry::never && submission.envelope.ok() &&
                       submission.envelope->header().station == station &&
                       refusal.code != ErrorCode::duplicate_mismatch;
    // Where the refusal was only counted the answer is not kept either: both are bounded alike.
    if (final && ref) {
        const MessageId& id = submission.envelope->header().id;
        const EngineTime forget_at = parts_.time.time() + limits::kDedupKeptAfterExpiry;
        RELAIS_TRY(parts_.store.remember(id, station,
                                         {tag_of(submission.bytes_digest), refusal.code,
                                          winner.number, ref->index, forget_at, refusal.detail}));
        RELAIS_TRY(parts_.store.add_timer(
            {.at = forget_at, .kind = TimerKind::forget, .message = id, .station = station}));
    }
    return wire::Body(std::move(refusal));
}

Result<void> Submissions::expire_place(const Place& place, const Envelope& envelope,
                                       bool& undelivered) {
    RELAIS_ASSIGN(const auto records, parts_.store.read_log(place, 1));
    const bool standing = !records.empty() && records[0].first == place;
    const auto* ref = standing ? std::get_if<EnvelopeRef>(&records[0].second) : nullptr;
    if (ref == nullptr) return fail(ErrorCode::corrupt, "place of an envelope");
    const Header& header = envelope.header();
    const Mailbox& mailbox = parts_.mailboxes.by_channel(place.channel);
    if (ref->position != 0 && place.seq > mailbox.lane(place.lane).delivered) {
        undelivered = true;
        Notice notice{.kind = NoticeKind::expired};
        notice.thread = header.thread;
        notice.message = header.id;
        notice.mailbox = mailbox.address.text();
        RELAIS_TRY(parts_.post(header.from, place.lane, std::move(notice)));
        Leaf leaf = leaf_of(Event::expired);
        leaf.mailbox = mailbox.address.text();
        leaf.message = header.id;
        leaf.thread = header.thread;
        leaf.header = envelope.digest();
        leaf.lane = place.lane;
        leaf.first = leaf.last = place.seq;
        RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    }
    return parts_.store.put_log(place, Tombstone{envelope.digest(), header.id});
}

// A box that nothing has released ends with its envelope. Who sent it is told while the thread goes
// on, where it might still have been wanted; one that is over has said how it ended. Nothing is
// said of a delegate's: the party itself had its own.
Result<void> Submissions::expire_held(EnvelopeNumber number, const Envelope& envelope,
                                      bool& undelivered) {
    const Header& header = envelope.header();
    RELAIS_ASSIGN(const auto thread, parts_.store.thread(header.thread));
    if (!thread) return fail(ErrorCode::corrupt, "envelope without a thread");
    RELAIS_ASSIGN(const auto kind, parts_.kinds.get(thread->thread.kind));
    const bool over = kind->thread_states[thread->thread.state].terminal;
    const std::vector<Release> holds = holds_of(envelope, thread->thread);
    for (const KeyBox& box : envelope.boxes()) {
        const Release hold = holds[box.position];
        const Recipient* recipient = header.recipient_at(box.position);
        const bool of_delegate = recipient != nullptr && recipient->standing == Standing::delegate;
        if (over || hold == Release::at_once || of_delegate) continue;
        const Address& address = envelope.mailbox_at(box.position);
        RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(address));
        RELAIS_ASSIGN(const auto held,
                      parts_.store.held_boxes(header.thread, hold, mailbox->channel));
        if (std::ranges::find(held, number, &HeldBox::number) == held.end()) continue;
        undelivered = true;
        Leaf leaf = leaf_of(Event::expired);
        leaf.mailbox = address.text();
        leaf.message = header.id;
        leaf.thread = header.thread;
        leaf.header = envelope.digest();
        leaf.lane = header.lane;
        leaf.subject = "held";
        RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
        Notice notice{.kind = NoticeKind::expired};
        notice.thread = header.thread;
        notice.message = header.id;
        notice.mailbox = address.text();
        RELAIS_TRY(parts_.post(header.from, header.lane, std::move(notice)));
    }
    return parts_.store.remove_held_of(number);
}

Result<std::vector<Place>> Submissions::end_envelope(EnvelopeNumber number) {
    RELAIS_ASSIGN(StoredEnvelope stored, parts_.store.envelope(number));
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(std::move(stored.bytes)));
    bool undelivered = false;
    for (const Place& place : stored.places) {
        RELAIS_TRY(expire_place(place, envelope, undelivered));
    }
    RELAIS_TRY(expire_held(number, envelope, undelivered));
    const Header& header = envelope.header();
    if (!undelivered) {
        Leaf leaf = leaf_of(Event::purged);
        leaf.message = header.id;
        leaf.thread = header.thread;
        leaf.header = envelope.digest();
        RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    }
    RELAIS_TRY(chunks_.unreference(number, envelope));
    RELAIS_TRY(parts_.store.remove_envelope(number));
    RELAIS_TRY(parts_.store.add_timer({.at = parts_.time.time() + limits::kDedupKeptAfterExpiry,
                                       .kind = TimerKind::forget,
                                       .message = header.id,
                                       .station = header.station}));
    return std::move(stored.places);
}

}  // namespace relais::broker
