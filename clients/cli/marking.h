// marking.h: that somebody here read a message, or has it in hand, said to whoever sent it: signed
// by the person who reads, in the name of the service. One thread.
#pragma once

#include "clients/cli/context.h"
#include "clients/station/api/threads.h"

namespace relais::cli {

// Marks what was received and not marked yet as *ouvert*; of it `only`, where one is named. Without
// a person whose key is at hand nothing is marked, and that is said. Errors: those of signing and
// of the store; that the service is away is none.
Result<void> mark_opened(Context& context, station::Station& station,
                         const station::ThreadView& view,
                         const std::optional<MessageId>& only = std::nullopt);

// Marks one message that was received as *pris en charge*, unless that person has.
// Errors: also not_found; conflict  a colleague has it in hand, or said so just before, who and
// since when is in the detail; those of Context::signer.
Result<void> mark_taken(Context& context, station::Station& station,
                        const station::ThreadView& view, const station::TimelineItem& item);

}  // namespace relais::cli
