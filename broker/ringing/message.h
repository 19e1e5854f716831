// message.h: what leaves the broker when it rings: the kind's title, the urgency, the deadline, the
// mailbox that is rung, the thread's short number and a link. Neither content nor a person's name
// is at hand here. Pure; the formats are in docs/protocol.md, "Ringing".
#pragma once

#include <string>

#include "broker/engine/commands.h"
#include "broker/ringing/options.h"
#include "core/base/ports.h"

namespace relais::broker {

// Signed over a webhook's body, by the broker key.
inline constexpr std::string_view kRingContext = "relais/v1/ring";

// The same for each attempt of one step, so that a receiver can tell a second one: 32 hex digits.
[[nodiscard]] std::string ring_id(const Ring& ring);
// The last eight digits of its id, as people type it.
[[nodiscard]] std::string short_number(const ThreadId& thread);

// A whole message (RFC 5322, MIME), lines ended by CRLF. Nothing of the ring can end a header: what
// is not printable ASCII is encoded (RFC 2047), the body is base64.
[[nodiscard]] std::string mail_text(const Ring& ring, const RingingOptions& options, WallTime now);
// The JSON of a webhook.
[[nodiscard]] std::string hook_text(const Ring& ring, const RingingOptions& options, WallTime now);

// A header's value as encoded words of at most 75 characters, on lines of their own.
[[nodiscard]] std::string encoded_words(std::string_view text);

}  // namespace relais::broker
