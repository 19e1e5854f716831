// frame.h: every message that crosses a socket, as values. parse_frame is the one way in.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/names.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "schemas/wire/channel_entry.h"
#include "schemas/wire/days.h"
#include "schemas/wire/registers.h"

namespace relais::wire {

inline constexpr std::uint16_t kProtocolVersion = 1;

// Requests of a station -------------------------------------------------------------------------

struct Hello {
    std::uint16_t protocol;
    std::string software;
};
struct Submit {
    Bytes envelope;
    bool again = false;  // accepted before the broker was restored
};
struct LaneCursor {
    ChannelSeq next;
    std::uint32_t credit;
};
struct Attach {
    Address mailbox;
    std::optional<Incarnation> incarnation;  // absent: the station knows none yet
    std::array<LaneCursor, kLanes> lanes;    // by lane number
};
struct Acknowledge {
    Bytes statement;  // Statement over a DeliveredStatement
};
struct MarkEntry {
    Bytes mark;    // Statement over a PersonMark
    Bytes opened;  // Statement over an OpenedStatement
};
struct FollowDirectory {
    DirectorySize from;
};
struct AppendEntries {
    std::vector<Bytes> entries;  // SignedEntry each; all or none
};
struct PublishBundle {
    Bytes bundle;
};
struct FetchBundle {
    Digest digest;
};
enum class LogName : std::uint8_t { audit = 1, directory = 2 };
struct FetchProof {
    LeafIndex leaf;
    Digest leaf_hash;
};
struct FetchConsistency {
    LogName log;
    std::uint64_t from_size;
};
enum class InvitationPurpose : std::uint8_t { organisation = 1, station = 2, recovery = 3 };
struct OpenInvitation {
    Locator locator;
    InvitationPurpose purpose;
    std::chrono::seconds lifetime;
};
struct FetchProposals {};
struct DecideProposal {
    Locator locator;
    Digest proposal;
    bool approved;
    Digest answer_mac;
};

struct PutChunk {
    Digest digest;
    Bytes bytes;
};
struct AskChunks {
    std::vector<Digest> digests;
};
struct FetchChunk {
    Address mailbox;
    MessageId message;
    Digest digest;
};
// What a restored broker may lack. Notes may be empty.
struct OfferAgain {
    DirectorySize from{};
    std::vector<Bytes> entries{};   // SignedEntry each
    std::string directory{};        // a head that covers them
    std::vector<Digest> proof{};    // of consistency, from their end to the head
    std::vector<Bytes> erasures{};  // Statement over a Notice each
    std::string audit{};            // last head of the audit log under its former name
};

// Requests of the operator ------------------------------------------------------------------------

struct AskStatus {};
struct Probe {};
struct FetchLeaves {
    LogName log;
    std::uint64_t from;
};
struct FetchCheckpoints {
    LogName log;
    std::uint64_t from_size;
};
enum class Command : std::uint8_t {
    trust_clock = 1,
    close_invitation = 2,
    erase = 3,
    note_backup = 4,
    settle = 5,
    make_broker_key = 6,
};
enum class ErasureReason : std::uint8_t { request = 1, mistake = 2, order = 3 };
struct Administer {
    Command command;
    std::optional<Locator> locator{};
    std::optional<MessageId> message{};     // erase
    std::optional<ErasureReason> reason{};  // erase
    std::optional<Address> from{};          // erase: who sent it; absent: there is one of that id
};

// Replies ---------------------------------------------------------------------------------------

// The last leaf that tells of a restore.
struct Restored {
    LeafIndex leaf;
    Digest leaf_hash;
    std::string origin;  // the audit log's name since
    bool open;           // what stations hold beyond the backup is taken
};
struct Welcome {
    Name domain;
    Incarnation incarnation;
    StationId station;
    WallTime time;
    DirectorySize directory_size;
    bool clock_suspect;
    std::string endpoint;
    std::string enrolment_endpoint;
    std::optional<Restored> restored{};
};
struct Done {
    std::optional<P256Public> made{};  // make_broker_key
};
struct LaneEnd {
    ChannelSeq acknowledged;  // by this station; 0: none
    ChannelSeq last;          // 0: empty
};
struct Attached {
    Incarnation incarnation;
    std::array<LaneEnd, kLanes> lanes;
};
struct Receipt {
    MessageId id;
    Accepted accepted;
    bool duplicate;
};
struct Refusal {
    ErrorCode code;
    Retry retry;
    std::string detail;
    std::optional<SignedHeader> winning;  // conflict: the act that was accepted first
};
struct Bundle {
    Bytes bytes;
};
struct Proof {
    Bytes leaf;
    LeafIndex index;
    std::vector<Digest> hashes;
    std::string checkpoint;
};
struct Consistency {
    std::uint64_t from_size;
    std::vector<Digest> hashes;
    std::string checkpoint;
    std::string witnessed{};  // the last head that enough organisations cosigned; empty: none
    std::vector<Digest> witnessed_hashes{};  // from it to `checkpoint`
};
struct Status {
    std::string json;
};
struct Probed {
    Bytes time;  // what was signed and committed
    Signature signature;
};
struct Leaves {
    std::uint64_t from;
    std::vector<Bytes> leaves;
};
struct Checkpoints {
    std::vector<std::string> notes;
};
struct Proposal {
    Locator locator;
    Bytes payload;
    Digest mac;
};
struct Proposals {
    std::vector<Proposal> proposals;
};

struct ChunksMissing {
    std::vector<std::uint32_t> places;  // in the list that was asked, rising
};
struct Chunk {
    Digest digest;
    Bytes bytes;
};

// Pushes ----------------------------------------------------------------------------------------

struct Delivery {
    Address mailbox;
    Incarnation incarnation;
    Lane lane;
    ChannelSeq seq;
    ChannelEntry entry;
};
struct DirectoryEntries {
    DirectorySize from;
    std::vector<Bytes> entries;
    std::string checkpoint;  // may be empty
};
struct Cut {
    ErrorCode code;
};

// Witnesses --------------------------------------------------------------------------------------

struct FollowCheckpoints {
    std::uint64_t audit;
    std::uint64_t directory;
};
struct Cosign {
    LogName log;
    std::uint64_t size;
    std::string cosignature;
};
struct NewCheckpoint {
    LogName log;
    std::uint64_t from_size;
    std::vector<Digest> hashes;
    std::string checkpoint;
};

// Enrolment -------------------------------------------------------------------------------------

struct Enrol {
    Locator locator;
    Bytes payload;
    Digest mac;
};
struct EnrolmentStatus {
    Locator locator;
    Digest proposal;
};
struct EnrolmentDecision {
    bool approved;
    Digest answer_mac;
    DirectorySize directory_size;
};

using Body =
    std::variant<Hello, Submit, Attach, Acknowledge, MarkEntry, FollowDirectory, AppendEntries,
                 PublishBundle, FetchBundle, FetchProof, FetchConsistency, OpenInvitation,
                 FetchProposals, DecideProposal, AskStatus, Probe, FetchLeaves, FetchCheckpoints,
                 Administer, Welcome, Done, Attached, Receipt, Refusal, Bundle, Proof, Consistency,
                 Proposals, Status, Probed, Leaves, Checkpoints, Delivery, DirectoryEntries, Cut,
                 Enrol, EnrolmentStatus, EnrolmentDecision, PutChunk, AskChunks, FetchChunk,
                 ChunksMissing, Chunk, OfferAgain, FollowCheckpoints, Cosign, NewCheckpoint,
                 FetchRegister, RegisterEntries, StateDay, DayCounted>;

struct Frame {
    std::uint64_t number;  // of the request, repeated by its reply; 0 for a push
    Body body;
};

// Errors: too_large  over 1 MiB; malformed; invalid_field  named in the detail.
Result<Frame> parse_frame(ByteView bytes);
[[nodiscard]] Bytes encode_frame(const Frame& frame);

}  // namespace relais::wire
