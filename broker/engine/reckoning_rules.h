// reckoning_rules.h: what is wrong with a mailbox, judged from the counts of its days. Pure: the
// one place where the rules of a reckoning stand.
//
// Who is judged by which day: units work by their opening hours, and what is switched off at night
// can say of a day only on the next one.
//
//   not_polling      on the last day on which it was open, none of its stations was connected from
//                    its opening on, or from six where it opens earlier
//   no_statement     they were, and none has stated the open day before that
//   holds_fewer      of the days that were stated: the station that holds most holds fewer than
//                    were accepted. What was released after the last statement waits for the next
//   sent_differs     of the days that were stated: a station counts otherwise than the broker
//   stopped_sending  on its last open days nothing was sent, and on at least 4 of the 5 open days
//                    before those something was. Not said beside not_polling, which explains it
#pragma once

#include <functional>
#include <span>

#include "broker/engine/day_records.h"
#include "schemas/envelope/reckoning.h"

namespace relais::broker {

struct MailboxFacts {
    Address mailbox;
    CivilDay from;                 // the first day that it can be asked about
    std::optional<WallTime> seen;  // when a station was last connected for it
    // From when on somebody works there that day; absent where it is closed.
    std::function<std::optional<WallTime>(CivilDay)> opens;
    MailboxDays days;    // as far back as they are kept
    bool polled = true;  // whether connections of the last day can be judged
};

// As of the end of day `last`. `before`: what the last reckoning found for the mailbox; what goes
// on keeps its beginning.
[[nodiscard]] std::vector<Finding> reckon(const MailboxFacts& facts, CivilDay last,
                                          std::span<const Finding> before);

}  // namespace relais::broker
