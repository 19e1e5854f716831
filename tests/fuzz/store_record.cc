// The broker's own records, as a damaged database gives them: what is accepted says the same once
// it was written again. The first byte says of which table.
#include "broker/store/record_codec.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

using namespace broker;

// decode, encode, decode, encode: the second writing is the first.
template <typename Decode, typename Encode>
bool holds(ByteView bytes, Decode decode, Encode encode) {
    const auto record = decode(bytes);
    if (!record.ok()) return false;
    const Bytes written = encode(*record);
    const auto again = decode(written);
    RELAIS_CHECK(again.ok());
    RELAIS_CHECK(encode(*again) == written);
    return true;
}

}  // namespace

bool accepts(ByteView input) {
    if (input.empty()) return false;
    const ByteView bytes = input.subspan(1);
    const auto thread = [](ByteView from) { return decode_thread({}, from); };
    const auto envelope = [](const StoredEnvelope& stored) {
        return encode_stored(stored.bytes, stored.accepted, stored.places);
    };
    const auto timer = [&](TimerKind kind) {
        return holds(
            bytes, [kind](ByteView from) { return decode_timer({}, kind, from); },
            encode_timer_key);
    };
    switch (input[0]) {
        case 0: return holds(bytes, thread, encode_thread);
        case 1: return holds(bytes, decode_member_step, encode_member_step);
        case 2: return holds(bytes, decode_stored, envelope);
        case 3: return holds(bytes, decode_register_record, encode_register_record);
        case 4: return holds(bytes, decode_log_record, encode_log_record);
        case 5: return timer(TimerKind::clock_end);
        case 6: return timer(TimerKind::clock_half);
        case 7: return timer(TimerKind::envelope_end);
        case 8: return timer(TimerKind::forget);
        default: return false;
    }
}

}  // namespace relais::fuzz
