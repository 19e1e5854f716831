#include "tools/evidence/trail.h"

#include <array>
#include <charconv>

#include "core/codecs/codecs.h"

namespace relais::evidence {

namespace {

constexpr std::uint16_t kEventNumberMax = 255;

std::string_view lane_name(Lane lane) {
    constexpr std::string_view kNames[kLanes] = {"routine", "urgent", "crisis"};
    return kNames[static_cast<std::size_t>(lane)];
}

bool has_lane(Event event) {
    return event == Event::submitted || event == Event::delivered || event == Event::expired ||
           event == Event::released;
}

// Reads up to six numbers, divided as in 2026-11-21T23:30:00.
std::optional<std::array<int, 6>> date_parts(std::string_view text, std::size_t& count) {
    constexpr std::string_view kDividers = "--T::";
    std::array<int, 6> parts{};
    const char* at = text.data();
    const char* end = text.data() + text.size();
    for (count = 0; count < parts.size() && at != end; ++count) {
        if (count > 0 && *at++ != kDividers[count - 1]) return std::nullopt;
        if (at == end || *at == '-') return std::nullopt;  // from_chars would take a sign
        const auto [next, failed] = std::from_chars(at, end, parts[count]);
        const auto digits = static_cast<std::size_t>(next - at);
        if (failed != std::errc() || digits != (count == 0 ? 4 : 2)) return std::nullopt;
        at = next;
    }
    if (at != end) return std::nullopt;
    return parts;
}

}  // namespace

bool TrailFilter::takes(const Leaf& leaf) const {
    if (thread && leaf.thread != thread) return false;
    if (message && leaf.message != message) return false;
    if (!event.empty() && event_name(leaf.event) != event) return false;
    if (from && leaf.time < *from) return false;
    if (to && leaf.time >= *to) return false;
    if (actor.empty()) return true;
    return (leaf.station && uuid(*leaf.station) == actor) ||
           (leaf.person && uuid(*leaf.person) == actor) || leaf.mailbox == actor;
}

Result<WallTime> parse_time(std::string_view text) {
    std::size_t count = 0;
    const auto parts = date_parts(text, count);
    const Error wrong =
        fail(ErrorCode::invalid_field, "a time is written 2026-11-21 or 2026-11-21T23:30 (UTC)");
    if (!parts || (count != 3 && count < 5)) return wrong;
    const auto& [year, month, day, hour, minute, second] = *parts;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return wrong;
    const auto at = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                    std::chrono::minutes(minute) + std::chrono::seconds(second);
    return WallTime{std::chrono::duration_cast<Milliseconds>(at.time_since_epoch()).count()};
}

Result<void> check_event(const std::string& name) {
    std::string names;
    for (std::uint16_t number = 1; number <= kEventNumberMax; ++number) {
        const std::string_view known = event_name(static_cast<Event>(number));
        if (known == "unknown") continue;
        if (known == name) return {};
        names += (names.empty() ? "" : ", ") + std::string(known);
    }
    return fail(ErrorCode::invalid_field, "events are: " + names);
}

std::string trail_line(const TrailEntry& entry) {
    const Leaf& leaf = entry.leaf;
    std::string number = std::to_string(entry.index);
    number.insert(0, number.size() < 7 ? 7 - number.size() : 0, ' ');
    std::string line = number + "  " + format_utc(leaf.time) + "  ";
    line += event_name(leaf.event);
    if (leaf.code != ErrorCode::ok) line += " refused:" + std::string(error_name(leaf.code));
    if (!leaf.subject.empty()) line += "  " + leaf.subject;
    if (!leaf.mailbox.empty()) line += "  " + leaf.mailbox;
    if (has_lane(leaf.event)) line += "  " + std::string(lane_name(leaf.lane));
    if (leaf.first.value != 0 || leaf.last.value != 0) {
        line += "  " + std::to_string(leaf.first.value);
        if (leaf.last > leaf.first) line += "-" + std::to_string(leaf.last.value);
    }
    if (leaf.count > 1) line += "  x" + std::to_string(leaf.count);
    if (leaf.thread) line += "  thread " + uuid(*leaf.thread);
    if (leaf.message) line += "  message " + uuid(*leaf.message);
    if (leaf.person) line += "  person " + uuid(*leaf.person);
    if (leaf.station) line += "  station " + uuid(*leaf.station);
    return line;
}

nlohmann::json trail_json(const TrailEntry& entry) {
    const Leaf& leaf = entry.leaf;
    nlohmann::json json = {
        {"index", entry.index}, {"time", format_utc(leaf.time)}, {"event", event_name(leaf.event)}};
    if (leaf.code != ErrorCode::ok) json["code"] = error_name(leaf.code);
    if (leaf.station) json["station"] = uuid(*leaf.station);
    if (leaf.person) json["person"] = uuid(*leaf.person);
    if (!leaf.mailbox.empty()) json["mailbox"] = leaf.mailbox;
    if (leaf.message) json["message"] = uuid(*leaf.message);
    if (leaf.thread) json["thread"] = uuid(*leaf.thread);
    if (leaf.header) json["header"] = hex(leaf.header->view());
    if (has_lane(leaf.event)) json["lane"] = lane_name(leaf.lane);
    if (leaf.first.value != 0) json["first"] = leaf.first.value;
    if (leaf.last.value != 0) json["last"] = leaf.last.value;
    if (leaf.count != 0) json["count"] = leaf.count;
    if (!leaf.subject.empty()) json["subject"] = leaf.subject;
    if (leaf.directory_size.value != 0) json["directory_size"] = leaf.directory_size.value;
    if (!leaf.statement.empty()) json["statement"] = base64(leaf.statement);
    return json;
}

}  // namespace relais::evidence
