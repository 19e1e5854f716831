// text.h: how the program writes and reads small things: ids, fingerprints, durations, dates,
// names. Pure, the local time zone apart.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/calendar/hours.h"

namespace relais::cli {

// An id as people see it: its last 8 hexadecimal digits, since UUIDv7 made together begin alike.
[[nodiscard]] std::string short_id(ByteView id);
template <typename Tag>
std::string short_id(const FixedBytes<Tag, 16>& id) {
    return short_id(id.view());
}
// Whether what was typed means this id: its first or last characters, 6 at least; case and '-' do
// not matter.
[[nodiscard]] bool means_id(std::string_view typed, ByteView id);

// The first 40 hexadecimal digits in groups of 4, as they are read on the telephone.
[[nodiscard]] std::string fingerprint_groups(const Digest& fingerprint);
// Whether what was read out is this fingerprint: 40 digits at least, and no other.
// Errors: invalid_field  not hexadecimal digits, or fewer than 40.
Result<bool> same_fingerprint(std::string_view typed, const Digest& fingerprint);

// "30s", "20min", "4h", "7d". Errors: usage.
Result<std::chrono::seconds> parse_duration(const std::string& text);
// The same, or a number of seconds, 0 included. Errors: usage.
Result<std::chrono::seconds> parse_wait(const std::string& text);
// "4 h", "20 min", "7 j".
[[nodiscard]] std::string french_duration(std::chrono::seconds duration);

// "22/11/2026 14:30" or "2026-11-22 14:30", in the local time zone; a day alone is its beginning,
// or the midnight after it. Errors: usage.
enum class DayEnd { begin, end };
Result<WallTime> parse_local_time(const std::string& text, DayEnd day);
// The same by the clock of a unit; by the local one where this machine does not know its zone.
Result<WallTime> parse_unit_time(const std::string& text, DayEnd day, const calendar::Hours& hours);
// "22/11/2026 14:30", in the local time zone.
[[nodiscard]] std::string local_time(WallTime time);
// "heure de Paris": by the clock of which city the unit lives, as its zone names it.
[[nodiscard]] std::string zone_hour(const calendar::Hours& hours);
// By the clock of a unit, which is named where the local one shows another time: "22/11/2026 18:30
// (heure de Reunion)".
[[nodiscard]] std::string unit_time(WallTime time, const calendar::Hours& hours);
// The end of something, not within it: "22/11/2026 14:30", and for a midnight the day before it, as
// it was typed: "21/11/2026 inclus".
[[nodiscard]] std::string local_end(WallTime end);
[[nodiscard]] std::string unit_end(WallTime end, const calendar::Hours& hours);

// Small letters without accents, for searching.
[[nodiscard]] std::string fold(std::string_view text);
// Requires `folded` from fold(). An empty one is in every text.
[[nodiscard]] bool contains(std::string_view text, const std::string& folded);

// What a terminal may be given: control characters, line feeds apart, and marks that turn the
// writing direction are replaced, since titles and details come from others.
[[nodiscard]] std::string printable(std::string_view text);

// The lines of `text`, each behind `margin`.
[[nodiscard]] std::string indented(std::string_view text, std::string_view margin);

}  // namespace relais::cli
