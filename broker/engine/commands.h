// commands.h: what reaches the engine, checked as far as it can be without the engine's state, and
// what leaves it. Signatures have been verified on worker threads (checks.h) against the keys of
// the moment; the engine makes sure that those keys still stand.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "schemas/directory/entries.h"
#include "schemas/envelope/envelope.h"
#include "schemas/envelope/statements.h"
#include "schemas/wire/frame.h"

namespace relais::broker {

// One connection, as the server counts them; never used twice in a run. 0: none.
using SessionId = std::uint64_t;

enum class Principal : std::uint8_t {
    station,    // a CURVE key of the directory
    enrolment,  // the enrolment process, speaking for strangers
    registrar,  // the operator's local socket
};

// A signature checked ahead: with the key that the directory gave then, if it gave one.
struct SignatureCheck {
    std::optional<P256Public> key;
    Result<void> verdict;
};

struct Submission {
    Result<Envelope> envelope;
    Digest bytes_digest;  // SHA-256 of all its bytes
    SignatureCheck signature;
    bool again = false;  // the station says that it was accepted before a restore
};

struct Acknowledgement {
    Result<DeliveredStatement> statement;
    Bytes encoded;  // the Statement, to be kept and shown
    SignatureCheck signature;
};

struct Marking {
    Result<PersonMark> mark;
    Bytes encoded_mark;
    SignatureCheck mark_signature;
    Result<OpenedStatement> opened;
    Bytes encoded_opened;
    SignatureCheck opened_signature;
};

struct DayStating {
    Result<DayStatement> statement;
    Bytes encoded;  // the Statement, to be kept
    SignatureCheck signature;
};

// A chunk that a station uploads; whether its bytes are those of its digest.
struct ChunkPut {
    Digest digest;
    Bytes bytes;
    bool sound;
};
// What became of writing one: `ok` once it is durable. Of the station that uploaded it.
struct ChunkStored {
    Digest digest;
    ErrorCode code;
};
// Chunk files that are on the disk.
struct ChunksFound {
    std::vector<Digest> digests;
};

// What became of one Ring: `ok` once the relay or the receiver took it.
struct Rung {
    ThreadId thread;
    MessageId message;
    Address mailbox;
    std::uint8_t step;
    std::uint8_t attempt;
    directory::RingWay way;
    ErrorCode code;
};

// A frame that is none of ours.
struct Malformed {
    Error error;
};
struct Disconnected {};
// Connections that the server did not let in (unknown or revoked keys), or ended for what they did
// to it, since the last report. Of one that was a session's, the input names the station.
struct KeysRefused {
    std::uint32_t count;
    ErrorCode code = ErrorCode::unknown_key;
};

using Request =
    std::variant<Malformed, Disconnected, KeysRefused, wire::Hello, Submission, wire::Attach,
                 Acknowledgement, Marking, wire::FollowDirectory, wire::AppendEntries,
                 wire::PublishBundle, wire::FetchBundle, wire::FetchProof, wire::FetchConsistency,
                 wire::OpenInvitation, wire::FetchProposals, wire::DecideProposal, wire::AskStatus,
                 wire::Probe, wire::FetchLeaves, wire::FetchCheckpoints, wire::Administer,
                 wire::Enrol, wire::EnrolmentStatus, ChunkPut, ChunkStored, ChunksFound,
                 wire::AskChunks, wire::FetchChunk, wire::OfferAgain, wire::FollowCheckpoints,
                 wire::Cosign, wire::FetchRegister, Rung, DayStating>;

// "Submission", "Attach", ...: for leaves and logs.
[[nodiscard]] std::string_view request_name(const Request& request);

struct Input {
    SessionId session = 0;
    Principal principal = Principal::station;
    StationId station;         // of a station's session
    std::uint64_t number = 0;  // of the request; its reply repeats it
    Request request;
};

struct SendFrame {
    SessionId session;
    wire::Frame frame;
};
// Ends the connection after what was sent to it.
struct CutSession {
    SessionId session;
};
// The set of CURVE keys that may connect has changed: ask the directory again.
struct KeysChanged {};
// Whether any invitation is open.
struct InvitationsOpen {
    bool open;
};

// Makes a chunk durable, then says ChunkStored with the same session, station and number.
struct StoreChunk {
    SessionId session;
    StationId station;
    std::uint64_t number;
    Digest digest;
    Bytes bytes;
};
// Answers that request with the chunk's bytes.
struct SendChunk {
    SessionId session;
    std::uint64_t number;
    Digest digest;
};
// Files that nothing refers to any more. Carried out in order with StoreChunk.
struct RemoveChunks {
    std::vector<Digest> digests;
};

// A message was erased: the notice that says so goes into the journal of erasures.
struct Erased {
    Bytes statement;
};

// Tells a mailbox outside that something waits there, then says Rung. All that may leave: no
// content, no person, no number that names more than the thread among the mailbox's own.
struct Ring {
    ThreadId thread;
    MessageId message;
    Address mailbox;
    std::uint8_t step;
    std::uint8_t attempt;  // from 1
    directory::RingWay way;
    std::string to;     // address, or https URL
    std::string title;  // of the kind
    Lane lane;
    std::string urgency;               // label of the public code that says it; empty: none does
    std::optional<WallTime> deadline;  // absent: nobody has to answer by a time
    std::string zone;                  // of the unit, for the deadline
};

using Output = std::variant<SendFrame, CutSession, KeysChanged, InvitationsOpen, StoreChunk,
                            SendChunk, RemoveChunks, Erased, Ring>;

}  // namespace relais::broker
