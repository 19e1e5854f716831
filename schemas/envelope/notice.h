// notice.h: what the broker itself says in a mailbox: signed by its key, never more than the acts
// and statements it quotes.
#pragma once

#include <optional>
#include <vector>

#include "schemas/envelope/reckoning.h"
#include "schemas/envelope/signature.h"
#include "schemas/envelope/statements.h"

namespace relais {

// As in schemas/envelope.fbs.
enum class NoticeKind : std::uint8_t {
    delivered = 1,
    opened = 2,
    taken = 3,
    expired = 4,
    reminder = 5,
    overdue = 6,
    withdrawn = 7,
    promoted = 8,
    ended = 9,
    erased = 10,
    placed = 11,
    reckoned = 12,
    delegated = 13,
};

// A message that a delivered statement covers, with its place and path in the statement's tree.
struct DeliveredItem {
    MessageId message;
    std::uint32_t index;
    std::vector<Digest> path;
};

struct Notice {
    NoticeKind kind{};
    WallTime time{};
    std::optional<ThreadId> thread{};
    std::optional<MessageId> message{};
    std::string mailbox{};  // the correspondent concerned; may be empty
    std::string clock{};
    std::string state{};
    std::optional<SignedHeader> act{};  // withdrawn, ended: the act that decided
    Bytes statement{};                  // delivered, opened, taken: the station's, encoded
    std::vector<DeliveredItem> delivered{};
    std::optional<Digest> header{};        // erased
    std::optional<Reckoning> reckoning{};  // reckoned
    EngineTime due{};                      // reminder, overdue: when that clock ends
};

// Errors: malformed; invalid_field.
Result<Notice> parse_notice(ByteView body);
[[nodiscard]] Bytes encode_notice(const Notice& notice);

}  // namespace relais
