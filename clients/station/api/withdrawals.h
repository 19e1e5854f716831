// withdrawals.h: whether an act that the broker quotes took the request back from one of those who
// were asked. The broker is believed for nothing of it: the act is signed, and the table of the
// kind says whom it can end.
#pragma once

#include "clients/station/sync/judge.h"
#include "schemas/workflow/thread.h"

namespace relais::station {

// `quoted`: by Judge::check_quoted. `thread`: as `mailbox` knows it, opened by `opening`; what
// others did there it does not see, and what the table asks of them is taken as met.
[[nodiscard]] bool withdraws(const QuotedAct& quoted, const workflow::Thread& thread,
                             workflow::ActIndex opening, const Address& mailbox);

// Only what is proven hides acts and delays from a mailbox.
enum class Withdrawal : std::uint8_t {
    proven,
    unchecked,  // for now: the directory, the kind or the opening act is not here yet
    unproven,
};
// `quoted`: as Judge::check_quoted gave it. `thread` and `opening`: none where the opening act is
// not seen here.
[[nodiscard]] Withdrawal judge_withdrawal(const Result<QuotedAct>& quoted,
                                          const std::optional<workflow::Thread>& thread,
                                          std::optional<workflow::ActIndex> opening,
                                          const Address& mailbox);

}  // namespace relais::station
