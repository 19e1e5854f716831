#include "clients/station/sync/waiting_line.h"

#include <algorithm>

namespace relais::station {

namespace {

constexpr Milliseconds kAgainAfter{2000};

}  // namespace

Waiting Waiting::of(const Header& header, std::uint64_t serial) {
    Waiting waiting{header.id, serial, {}, header.thread};
    for (const Recipient& to : header.to) waiting.lanes.emplace(to.mailbox, header.lane);
    return waiting;
}

bool HeldUp::holds(const Waiting& waiting) const {
    return threads_.contains(waiting.thread) ||
           std::ranges::any_of(waiting.lanes,
                               [&](const auto& lane) { return lanes_.contains(lane); });
}

void HeldUp::add(const Waiting& waiting) {
    lanes_.insert(waiting.lanes.begin(), waiting.lanes.end());
    threads_.insert(waiting.thread);
}

bool WaitingLine::put_off_again(const MessageId& message) {
    const auto found =
        std::ranges::find(line_, message, [](const Place& place) { return place.waiting.message; });
    if (found == line_.end()) return false;
    found->state = State::put_off;
    found->again_at.reset();
    return true;
}

void WaitingLine::put_off(Waiting waiting) {
    const auto after = std::ranges::find_if(
        line_, [&](const Place& place) { return place.waiting.serial > waiting.serial; });
    line_.insert(after, {std::move(waiting), State::put_off});
}

void WaitingLine::answered(const MessageId& message) {
    std::erase_if(line_, [&](const Place& place) { return place.waiting.message == message; });
}

Result<HeldUp> WaitingLine::pass(BootTime now, const Go& go) {
    HeldUp held_up;
    std::vector<Place> kept;
    for (Place& place : line_) {
        RELAIS_ASSIGN(const bool stayed, stays(place, held_up, now, go));
        if (!stayed) continue;
        held_up.add(place.waiting);
        kept.push_back(std::move(place));
    }
    line_ = std::move(kept);
    return held_up;
}

Result<bool> WaitingLine::stays(Place& place, const HeldUp& held_up, BootTime now, const Go& go) {
    if (place.state == State::under_way) return true;
    const bool was_put_off = place.state == State::put_off;
    if (held_up.holds(place.waiting)) {
        place.state = State::waits;  // refused for what stands before it, or that comes first now
        return true;
    }
    if (was_put_off && !place.again_at) place.again_at = now + kAgainAfter;
    if (was_put_off && now < *place.again_at) return true;
    RELAIS_ASSIGN(const Went went, go(place.waiting));
    const bool tried = was_put_off && went == Went::sent;
    place.state = tried ? State::under_way : State::waits;
    return tried || went == Went::not_yet;
}

}  // namespace relais::station
