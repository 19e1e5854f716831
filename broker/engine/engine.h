// engine.h: the broker's core. Sans-io and deterministic: inputs and a reading of the clocks go in,
// the store changes in one transaction, frames come out, and only after the commit. No socket,
// file, thread or randomness of its own.
//
// A step that cannot be committed leaves nothing behind; where the disk is full, what ends things
// is tried again on the ballast and new messages are refused. Any other failure of the store is
// returned: the process stops, and a restart recovers.
#pragma once

#include <functional>

#include "broker/engine/absences.h"
#include "broker/engine/checks.h"
#include "broker/engine/day_desk.h"
#include "broker/engine/directory_keeper.h"
#include "broker/engine/enrolment_desk.h"
#include "broker/engine/receipts.h"
#include "broker/engine/restoration.h"
#include "broker/engine/submissions.h"
#include "broker/engine/witness_desk.h"

namespace relais::broker {

struct EngineKeys {
    OwnKeys& broker;        // P-256
    Signer& directory_log;  // Ed25519
    Signer& audit_log;      // Ed25519
    Ed25519Public directory_log_public;
    Ed25519Public audit_log_public;
};

struct EngineOptions {
    Name domain;
    Digest authority;  // fingerprint of the domain authority
    SubmissionLimits submissions;
    // Whether this start is a restore, though the folder does not say so: sequences then begin a
    // new incarnation, and the audit log goes on under another name.
    bool new_incarnation = false;
    ChunkLimits chunks{};
    // The notices of erasures that are kept beside the store, for a run that begins by a restore.
    std::function<Result<std::vector<Bytes>>()> erasures_beside{};
};

// Counts for metrics and status; monotone within a run except the last five.
struct EngineCounts {
    std::uint64_t steps = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t deliveries = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t rung = 0;
    std::uint64_t ring_failures = 0;
    std::uint64_t undelivered = 0;
    std::uint64_t sessions = 0;
    std::uint64_t leaves = 0;
    std::uint64_t directory_entries = 0;
    WallTime broker_key_until;  // the end of the key that signs
    WitnessCounts witnesses;
};

class Engine {
public:
    Engine(Store& store, Random& random, const Verifier& verifier, const EngineKeys& keys,
           SharedDirectory& directory, const EngineOptions& options);

    // Reads the store, or begins a new one. Errors: wrong_domain; corrupt; the store's own; of a
    // restore, which then has not begun, those of the erasures beside it.
    Result<void> open(const ClockReading& now);
    // Takes the inputs in their order. `outputs` are to be carried out in theirs.
    struct Step {
        std::vector<Output> outputs;
        bool more = false;  // something waits to be sent: step again without waiting
    };
    Result<Step> step(std::vector<Input> inputs, const ClockReading& now);
    // The last leaf and the last checkpoint, before a stop.
    Result<void> close(const ClockReading& now);

    // What stations are told of where to reach this broker; said before the first step.
    void announce(std::string endpoint, std::string enrolment_endpoint);

    // When step() should be called again though nothing arrives.
    Result<std::optional<Milliseconds>> next_wake(const ClockReading& now);
    [[nodiscard]] EngineCounts counts() const;
    // For what is signed beside the engine: from any thread.
    [[nodiscard]] BrokerSigner& broker_signer() { return broker_signer_; }
    [[nodiscard]] bool clock_suspect() const { return time_.suspect(); }
    // Whether new messages can be taken in; false while the disk is full.
    [[nodiscard]] bool has_room() const { return store_.has_reserve(); }

private:
    struct Answer {
        std::optional<wire::Body> body;
    };

    Result<void> try_open(const ClockReading& now);
    Result<void> try_begin(const ClockReading& now);
    Result<void> try_close(const ClockReading& now);
    Result<void> load(const ClockReading& now);
    Result<void> load_identity();
    Result<void> begin_domain(const ClockReading& now);
    Result<void> begin_run(const std::optional<std::string>& restored);
    Result<void> enter_erasures();
    Result<void> begin_days(bool restored);
    Result<void> purge_expired();
    Result<void> erase(const wire::Administer& administer);
    Result<void> run_step(std::vector<Input>& inputs, const ClockReading& now, bool essential);
    Result<void> commit_step();
    Result<void> advance_time(const ClockReading& now);
    Result<void> turn_day();
    Result<void> run_timers();
    Result<void> run_timer(const Timer& timer);
    Result<std::optional<Timer>> first_to_run(TimerKind kind);
    Result<std::optional<Timer>> due_timer();
    Result<void> checkpoint_if_due();
    void forget_erased_bytes();
    Result<void> take(Input& input, bool essential);
    // Chunks that are to be written or read are answered once they were.
    Result<std::optional<wire::Body>> decide(Input& input);
    Result<std::optional<wire::Body>> take_chunk(Input& input, ChunkPut& put);
    Result<std::optional<wire::Body>> take_chunk(Input& input, const wire::FetchChunk& fetch);
    Result<void> answer(const Input& input, Result<wire::Body> body);
    void send(SessionId session, std::uint64_t number, wire::Body body);
    Result<void> directory_changed();
    void undo_step();
    [[nodiscard]] Session* session_of(const Input& input);
    // Of a request that acts on one: take() has refused it where there is none.
    [[nodiscard]] Session& own_session(const Input& input);
    // Whether an envelope has to wait behind one that was refused for now; and what an answer
    // changes.
    [[nodiscard]] static bool stalled(const Session& session, const Submission& submission);
    static void note_stall(Session& session, const Submission& submission, Retry retry);

    // One handler a request. An error that does not fail the step is the answer.
    Result<wire::Body> handle(const Input& input, const wire::Hello& hello);
    Result<wire::Body> handle(const Input& input, const Submission& submission);
    Result<wire::Body> handle(const Input& input, const wire::Attach& attach);
    Result<wire::Body> handle(const Input& input, const Acknowledgement& acknowledgement);
    Result<wire::Body> handle(const Input& input, const Marking& marking);
    Result<wire::Body> handle(const Input& input, const wire::FollowDirectory& follow);
    Result<wire::Body> handle(const Input& input, const wire::AppendEntries& append);
    Result<wire::Body> handle(const Input& input, const wire::PublishBundle& publish);
    Result<wire::Body> handle(const Input& input, const wire::FetchBundle& fetch);
    Result<wire::Body> handle(const Input& input, const wire::FetchRegister& fetch);
    Result<wire::Body> handle(const Input& input, const wire::FetchProof& fetch);
    Result<wire::Body> handle(const Input& input, const wire::FetchConsistency& fetch);
    Result<wire::Body> handle(const Input& input, const wire::OpenInvitation& open);
    Result<wire::Body> handle(const Input& input, const wire::FetchProposals& fetch);
    Result<wire::Body> handle(const Input& input, const wire::DecideProposal& decide);
    Result<wire::Body> handle(const Input& input, const wire::AskStatus& ask);
    Result<wire::Body> handle(const Input& input, const wire::Probe& probe);
    Result<wire::Body> handle(const Input& input, const wire::FetchLeaves& fetch);
    Result<wire::Body> handle(const Input& input, const wire::FetchCheckpoints& fetch);
    Result<wire::Body> handle(const Input& input, const wire::Administer& administer);
    Result<wire::Body> handle(const Input& input, const wire::Enrol& enrol);
    Result<wire::Body> handle(const Input& input, const wire::EnrolmentStatus& status);
    Result<wire::Body> handle(const Input& input, const ChunkStored& stored);
    Result<wire::Body> handle(const Input& input, const ChunksFound& found);
    Result<wire::Body> handle(const Input& input, const wire::AskChunks& ask);
    Result<wire::Body> handle(const Input& input, const wire::OfferAgain& offer);
    Result<wire::Body> handle(const Input& input, const wire::FollowCheckpoints& follow);
    Result<wire::Body> handle(const Input& input, const wire::Cosign& cosign);
    Result<wire::Body> handle(const Input& input, const Malformed& malformed);
    Result<wire::Body> handle(const Input& input, const Disconnected& disconnected);
    Result<wire::Body> handle(const Input& input, const KeysRefused& refused);
    Result<wire::Body> handle(const Input& input, const Rung& rung);
    Result<wire::Body> handle(const Input& input, const DayStating& stating);

    EngineOptions options_;
    Store& store_;
    Random& random_;
    Incarnation incarnation_;
    TimeKeeper time_;
    MerkleLog audit_log_;
    MerkleLog directory_log_;
    BrokerSigner broker_signer_;
    Auditor auditor_;
    Mailboxes mailboxes_;
    Kinds kinds_;
    DayCounts days_;
    Parts parts_;
    Registers registers_;
    Rings rings_;
    Threads threads_;
    Absences absences_;
    ChunkKeeper chunks_;
    Submissions submissions_;
    Sessions sessions_;
    Receipts receipts_;
    Reckoner reckoner_;
    DayDesk day_desk_;
    DirectoryKeeper directory_keeper_;
    Erasures erasures_;
    Restoration restoration_;
    EnrolmentDesk enrolment_;
    WitnessDesk witness_desk_;

    // Of the step under way.
    std::vector<Output> outputs_;
    std::vector<std::function<void()>> after_commit_;
    std::vector<SessionId> greeted_;  // begun in it
    std::vector<std::pair<SessionId, ChannelId>> attached_;
    WallTime stopped_at_;  // when the former run was last heard of
    std::string endpoint_;
    std::string enrolment_endpoint_;
    bool begun_ = false;  // the run: its first transaction was committed
    bool begun_by_restore_ = false;
    bool invitations_told_ = false;
    bool suspicion_told_ = false;  // by a leaf
    EngineTime checkpoint_at_;
    EngineTime time_saved_at_;
    EngineTime erased_bytes_at_;  // when they are tried again
    EngineCounts counts_;
    EngineCounts counts_before_;  // the step under way
};

}  // namespace relais::broker
