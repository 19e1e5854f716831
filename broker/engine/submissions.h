// submissions.h: decides on envelopes: the whole of a request is judged before anything is written,
// and the answer, refusals included, is kept for whoever sends the same bytes again (D2).
#pragma once

#include "broker/engine/chunk_keeper.h"
#include "broker/engine/commands.h"
#include "broker/engine/erasures.h"
#include "broker/engine/restoration.h"
#include "broker/engine/threads.h"

namespace relais::broker {

struct SubmissionLimits {
    std::uint64_t undelivered_max = 1'000'000;  // of one mailbox; beyond: mailbox_full
};

class Submissions {
public:
    Submissions(Parts& parts, Threads& threads, const Registers& registers, ChunkKeeper& chunks,
                Erasures& erasures, const Restoration& restoration, const SubmissionLimits& limits);

    // A Receipt or a Refusal. Errors: only those that fail the step.
    Result<wire::Body> submit(const StationId& station, const Submission& submission);
    // Removes an envelope at the end of its life: tells the sender where it was not delivered,
    // leaves tombstones, and plans the forgetting of its id. Gives the places where it stood.
    Result<std::vector<Place>> end_envelope(EnvelopeNumber number);
    // The step was not committed: a directory that grew in it may have been read.
    void roll_back() { roots_.clear(); }

private:
    // An envelope found good, with all that its acceptance will write.
    struct Plan {
        const Envelope& envelope;
        std::shared_ptr<const workflow::Kind> kind;
        workflow::ActIndex act;
        std::vector<ChannelId> counted;   // by recipient: whose counter rises, a group's too
        std::vector<Mailbox*> mailboxes;  // by box position: the sender's first; null: left a group
        std::vector<bool> old_epochs;     // by box position
        std::optional<StoredThread> thread;
        workflow::Outcome outcome;
        std::optional<Threads::Followed> followed;
        std::vector<Release> holds;  // by box position: what it waits for; at_once: nothing
    };

    Result<std::optional<wire::Body>> answered_before(const StationId& station,
                                                      const Submission& submission);
    Result<Plan> judge(const StationId& station, const Submission& submission);
    Result<void> judge_signature(const StationId& station, const Submission& submission) const;
    Result<void> judge_head(const Header& header);
    Result<std::shared_ptr<const workflow::Kind>> judge_kind(const Submission& submission,
                                                             bool opens);
    Result<void> judge_recipients(const Header& header, const workflow::Kind& kind, bool opens);
    Result<void> judge_fallbacks(const Header& header, const workflow::Kind& kind,
                                 const workflow::Act& act) const;
    Result<void> judge_groups(const Envelope& envelope, const workflow::Kind& kind,
                              bool opens) const;
    Result<std::vector<bool>> judge_boxes(const Envelope& envelope, const workflow::Act& act) const;
    Result<bool> judge_epoch(const Address& mailbox, const KeyBox& box) const;
    Result<std::vector<ChannelId>> judge_counters(const Header& header);
    Result<std::vector<Mailbox*>> mailboxes_of(const Envelope& envelope);
    Result<wire::Body> accept(const Submission& submission, Plan plan);
    Result<void> deliver(const Plan& plan, EnvelopeNumber number, const Accepted& accepted);
    // The act that took the place of one that is refused; 0 for none, or none to be shown.
    struct Winner {
        EnvelopeNumber number;
        std::optional<SignedHeader> act;
    };
    Result<wire::Body> refuse(const StationId& station, const Submission& submission,
                              const Error& error, Winner winner = {});
    Result<wire::Body> refuse_erased(const StationId& station, const Submission& submission);
    Result<wire::Body> refuse_said_before(const StationId& station, const Submission& submission,
                                          Registers::SaidSince since);
    Result<wire::Body> refuse_again(const Remembered& known);
    wire::Body not_restored_yet(const StationId& station, ErrorCode lacks, Retry retry);
    Result<Winner> winner_over(const StationId& station, const Header& header);
    struct AcceptedAct {
        Envelope envelope;
        WallTime accepted;
    };
    // None where there is none, or its time is over.
    Result<std::optional<AcceptedAct>> accepted_act(EnvelopeNumber number);
    [[nodiscard]] EngineTime end_of(const Plan& plan) const;
    Result<void> expire_held(EnvelopeNumber number, const Envelope& envelope, bool& undelivered);
    Result<void> expire_place(const Place& place, const Envelope& envelope, bool& undelivered);

    Parts& parts_;
    Threads& threads_;
    const Registers& registers_;
    ChunkKeeper& chunks_;
    Erasures& erasures_;
    const Restoration& restoration_;
    SubmissionLimits limits_;
    std::map<std::uint64_t, Digest> roots_;  // of the directory at recent sizes
};

}  // namespace relais::broker
