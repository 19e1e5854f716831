// record_codec.h: the store's own records as bytes: envelopes, log entries, threads, timer keys.
// Read back only by this program from its own database, and yet checked: a damaged byte is
// `corrupt`, never a wild read.
#pragma once

#include "broker/engine/store.h"

namespace relais::broker {

[[nodiscard]] Bytes encode_thread(const StoredThread& thread);
Result<StoredThread> decode_thread(const ThreadId& id, ByteView bytes);

// Without its member, who stands beside it.
[[nodiscard]] Bytes encode_member_step(const indicators::MemberStep& step);
Result<indicators::MemberStep> decode_member_step(ByteView bytes);

// Without the hash of its leaf, which decode_stored leaves empty.
[[nodiscard]] Bytes encode_stored(ByteView bytes, const Accepted& accepted,
                                  const std::vector<Place>& places);
// What of it stands before the bytes.
[[nodiscard]] Bytes encode_stored_front(const Accepted& accepted, const std::vector<Place>& places);
Result<StoredEnvelope> decode_stored(ByteView bytes);

// Without key and value, which stand beside it.
[[nodiscard]] Bytes encode_register_record(const RegisterRecord& record);
Result<RegisterRecord> decode_register_record(ByteView bytes);

[[nodiscard]] Bytes encode_log_record(const LogRecord& record);
Result<LogRecord> decode_log_record(ByteView bytes);

// The part of a timer that tells it from others of the same time and kind.
[[nodiscard]] Bytes encode_timer_key(const Timer& timer);
Result<Timer> decode_timer(EngineTime at, TimerKind kind, ByteView key);

}  // namespace relais::broker
