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

namespace relais::wire {

inline constexpr std::uint16_t kProtocolVersion = 1;

// Requests of a station -------------------------------------------------------------------------

struct Hello {
    std::uint16_t protocol;
    std::string software;
};
struct Submit {
    Bytes envelope;
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
enum class Command : std::uint8_t { trust_clock = 1, close_invitation = 2 };
struct Administer {
    Command command;
    std::optional<Locator> locator;
};

// Replies ---------------------------------------------------------------------------------------

struct Welcome {
    Name domain;
    Incarnation incarnation;
    StationId station;
    WallTime time;
    DirectorySize directory_size;
    bool clock_suspect;
    std::string endpoint;
    std::string enrolment_endpoint;
};
struct Done {};
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
                 Enrol, EnrolmentStatus, EnrolmentDecision>;

struct Frame {
    std::uint64_t number;  // of the request, repeated by its reply; 0 for a push
    Body body;
};

// Errors: too_large  over 1 MiB; malformed; invalid_field  named in the detail.
Result<Frame> parse_frame(ByteView bytes);
[[nodiscard]] Bytes encode_frame(const Frame& frame);

}  // namespace relais::wire
