// alerts.h: which kinds of exchange carry alerts of the Common Alerting Protocol, and what of an
// act CAP names: read from the kind's declaration, so that no kind is named here. A form says that
// it is one by giving CAP as the code system of a field; public fields `status` and `severity` have
// the codes of CAP; an act that opens is an Alert, one that supersedes an Update, one that retracts
// a Cancel. One thread.
#pragma once

#include <memory>

#include "clients/cap/alert_form.h"
#include "clients/cli/context.h"
#include "clients/station/api/threads.h"

namespace relais::cli {

// The kind that is named, or the only one in force that carries alerts.
// Errors: unknown_kind  none; usage  several, or the one that is named does not.
Result<std::shared_ptr<const station::LoadedKind>> find_alert_kind(station::Station& station,
                                                                   const std::string& name);

// msgType of an act; empty: it is none of CAP's.
[[nodiscard]] std::string message_type(const station::LoadedKind& kind, const workflow::Act& act);

// The code of a public field of an act that was opened; empty where it has none.
[[nodiscard]] std::string public_code(const station::Opened& opened, const char* field);

// The items of a view that are CAP messages and were opened, in their order.
[[nodiscard]] std::vector<const station::TimelineItem*> cap_items(const station::ThreadView& view);

// What an item is to CAP: its key, and those of the messages of the case before it.
[[nodiscard]] cap::MessageKey key_of(const station::TimelineItem& item);
[[nodiscard]] cap::Envelope envelope_of(const station::ThreadView& view,
                                        const station::TimelineItem& item);

// The act of the kind that would say such a message: of those in `among`, the first of whose rows
// takes its status and severity. Errors: act_refused.
Result<workflow::ActIndex> act_for(const station::LoadedKind& kind,
                                   const std::vector<workflow::ActIndex>& among,
                                   const workflow::Thread* thread, const cap::Envelope& message);

}  // namespace relais::cli
