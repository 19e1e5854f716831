// header.h: the clear, signed part of an envelope, as a value. It names no patient.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/base/names.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace relais {

// Why a mailbox is among the recipients (schemas/envelope.fbs).
enum class Standing : std::uint8_t { party = 0, fallback = 1, delegate = 2 };

struct Recipient {
    Address mailbox;        // or a group
    std::uint64_t counter;  // of (station, address, lane); from 1, rising
    Standing standing = Standing::party;
    std::optional<PersonId> attention{};  // the person of that mailbox whom it is for
    std::uint16_t in_place_of = 0;        // of a delegate: the n-th recipient, from 1
};

struct PublicField {
    std::uint16_t number;
    std::int64_t value;
};

// What a station's replica of the directory was: its size, and the root of the tree over it.
struct DirectoryHead {
    DirectorySize size;
    Digest root;
    bool operator==(const DirectoryHead&) const = default;
};

// Of the sealed chunks that an envelope refers to.
struct ChunkSummary {
    std::uint32_t count;
    std::uint64_t bytes;
    Digest root;
    bool operator==(const ChunkSummary&) const = default;
};

// Fields as in schemas/envelope.fbs.
struct Header {
    MessageId id;
    ThreadId thread;
    std::optional<ThreadId> follows;
    Digest kind;
    std::string act;
    std::optional<Digest> answers;
    PersonId by;
    std::optional<PersonId> on_behalf_of;
    StationId station;
    Address from;
    std::vector<Recipient> to;  // mailboxes, then groups
    Lane lane;
    std::chrono::seconds respond_within;  // 0: the kind's default
    std::chrono::seconds expires_after;   // 0: the default
    WallTime time;
    DirectoryHead head;
    std::vector<PublicField> publics;  // by rising number
    Digest content_digest;
    std::uint32_t content_bytes;  // of the padded content
    std::optional<ChunkSummary> chunks{};

    [[nodiscard]] std::optional<std::int64_t> public_value(std::uint16_t number) const;
    // The recipients that are mailboxes, and those that are groups.
    [[nodiscard]] std::span<const Recipient> mailboxes() const;
    [[nodiscard]] std::span<const Recipient> groups() const;
    // Whose box stands at that position of the envelope; null for the sender's own and for those of
    // members of groups.
    [[nodiscard]] const Recipient* recipient_at(std::size_t position) const;
    // The mailbox that a delegate among the recipients stands in for.
    [[nodiscard]] const Address& absent(const Recipient& delegate) const;
};

// Errors: too_large, malformed  not a header; unsupported_version; invalid_field  a field out of
// its
//         form (named in the detail): ids that are no UUIDv7, repeated recipients, a counter of 0,
//         a mailbox after a group.
Result<Header> parse_header(ByteView bytes);

[[nodiscard]] Bytes encode_header(const Header& header);

// RFC 9162 leaf hash of the header's bytes: the name of an act everywhere.
[[nodiscard]] Digest header_digest(ByteView bytes);

}  // namespace relais
