// leaf.h: one event of the audit log. Ids, closed codes, digests and signed statements: never
// content, never a patient.
#pragma once

#include <optional>

#include "core/base/ids.h"
#include "core/base/names.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace relais {

// Numbers as in schemas/audit.fbs.
enum class Event : std::uint16_t {
    broker_started = 1,
    broker_stopped = 2,
    clock_suspected = 3,
    clock_trusted = 4,
    station_attached = 10,
    station_cut = 11,
    submitted = 20,
    refusals_counted = 21,
    delivered = 22,
    opened = 23,
    taken = 24,
    expired = 25,
    purged = 26,
    released = 27,
    request_refused = 28,
    erased = 29,
    clock_reminded = 30,
    clock_ended = 31,
    thread_ended = 32,
    rung = 33,
    ring_failed = 34,
    found_faulty = 35,
    directory_appended = 40,
    witnessing_met = 42,
    witnessing_late = 43,
    invitation_opened = 50,
    enrolment_proposed = 51,
    enrolment_decided = 52,
    invitation_closed = 53,
    administered = 60,
    evidence_read = 61,
    chunk_stored = 70,
    chunk_fetched = 71,
    chunks_abandoned = 72,
    chunks_removed = 73,
    restored = 62,
    day_stated = 80,
    reckoned = 81,
};

// "delivered"; "unknown" for a number outside the enumeration.
[[nodiscard]] std::string_view event_name(Event event);

// Fields as in schemas/audit.fbs. Absent texts are empty, absent numbers 0.
struct Leaf {
    Salt salt{};
    WallTime time{};
    Event event{};
    ErrorCode code = ErrorCode::ok;
    std::optional<StationId> station{};
    std::optional<PersonId> person{};
    std::string mailbox{};
    std::optional<MessageId> message{};
    std::optional<ThreadId> thread{};
    std::optional<Digest> header{};
    Lane lane = Lane::routine;
    ChannelSeq first{};
    ChannelSeq last{};
    std::uint32_t count = 0;
    std::string subject{};
    DirectorySize directory_size{};
    Bytes statement{};  // restored: a signed note
};

[[nodiscard]] Bytes encode_leaf(const Leaf& leaf);
// Errors: malformed; too_large; invalid_field  an event or lane outside its enumeration.
Result<Leaf> parse_leaf(ByteView bytes);

}  // namespace relais
