// statements.h: what stations and persons sign about envelopes afterwards: delivered (remis),
// opened (ouvert), taken in charge (pris en charge); and what a station counts of a day.
#pragma once

#include <span>

#include "core/base/ids.h"
#include "core/base/names.h"
#include "core/base/ports.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace relais {

// A body and its signature; its context says which body it is.
struct Statement {
    Bytes body;
    Signature signature;
};

// Errors: malformed  also where much stands beside the body and its signature; too_large.
Result<Statement> parse_statement(ByteView bytes);
[[nodiscard]] Bytes encode_statement(const Statement& statement);

// Signs `body` under `context` (core/base/contexts.h).
[[nodiscard]] Statement make_statement(std::string_view context, Bytes body, Signer& signer);
// Errors: bad_signature.
Result<void> verify_statement(std::string_view context, const Statement& statement,
                              const P256Public& key, const Verifier& verifier);

// "This station holds entries `first` to `last` of this lane"; `root` is the RFC 9162 tree whose
// leaf hashes are the entries' digests.
// An entry that the station holds and its reader refuses: a box that does not open, a content that
// is not the signed one, a form that is none.
struct EntryFault {
    std::uint32_t index;  // in the range
    ErrorCode code;
};

struct DeliveredStatement {
    StationId station;
    Address mailbox;
    Incarnation incarnation;
    Lane lane;
    ChannelSeq first;
    ChannelSeq last;
    Digest root;
    std::vector<EntryFault> faults{};  // in order
};
// Errors: malformed; invalid_field  an empty or reversed range, or one longer than a batch; faults
// out of it, out of order or without a code.
Result<DeliveredStatement> parse_delivered(ByteView body);
[[nodiscard]] Bytes encode_delivered(const DeliveredStatement& statement);

enum class Word : std::uint8_t { opened = 1, taken = 2 };

// By the station: "someone of this mailbox opened it".
struct OpenedStatement {
    StationId station;
    Address mailbox;
    MessageId message;
    Digest header;
    Word word;
    WallTime time;
};
Result<OpenedStatement> parse_opened(ByteView body);
[[nodiscard]] Bytes encode_opened(const OpenedStatement& statement);

// By the person; stays in the mailbox.
struct PersonMark {
    PersonId person;
    Address mailbox;
    MessageId message;
    Digest header;
    Word word;
    WallTime time;
};
Result<PersonMark> parse_mark(ByteView body);
[[nodiscard]] Bytes encode_mark(const PersonMark& mark);

// By the station, of a day that is over: what it sent from the mailbox, what it holds in it.
struct DayStatement {
    StationId station;
    Address mailbox;
    CivilDay day;
    std::uint64_t sent;
    std::uint64_t held;
};
// Errors: malformed; invalid_field  a day or count outside its range.
Result<DayStatement> parse_day(ByteView body);
[[nodiscard]] Bytes encode_day(const DayStatement& statement);

// What a statement, notice or mark is called in a delivered range: the leaf hash of its bytes.
[[nodiscard]] Digest statement_digest(ByteView statement_bytes);

}  // namespace relais
