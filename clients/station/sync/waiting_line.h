// waiting_line.h: the envelopes of a station that cannot go yet, in the order in which they were
// queued: one was refused for now, or its chunks are still on their way, or it stands behind such a
// one. Whoever shares a lane of a mailbox or a thread with one that waits waits as well, for
// counters rise and acts follow each other; the others pass. Sans-io; confined to one thread.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "schemas/envelope/header.h"

namespace relais::station {

struct Waiting {
    MessageId message;
    std::uint64_t serial = 0;
    std::set<std::pair<Address, Lane>> lanes;
    ThreadId thread;

    static Waiting of(const Header& header, std::uint64_t serial);
};

// What those that wait keep from going.
class HeldUp {
public:
    [[nodiscard]] bool empty() const { return lanes_.empty() && threads_.empty(); }
    [[nodiscard]] bool holds(const Waiting& waiting) const;
    void add(const Waiting& waiting);

private:
    std::set<std::pair<Address, Lane>> lanes_;
    std::set<ThreadId> threads_;
};

// What became of one that nothing held up any more.
enum class Went : std::uint8_t {
    not_yet,  // it waits on
    sent,     // to be answered
    over,     // there is nothing to be sent any more
};

class WaitingLine {
public:
    using Go = std::function<Result<Went>(const Waiting&)>;

    // Queued after all that were added before.
    void add(Waiting waiting) { line_.push_back({std::move(waiting)}); }
    // One that was sent again was refused for now again. False: it is not here.
    bool put_off_again(const MessageId& message);
    // One that was sent was refused for now: it takes its place.
    void put_off(Waiting waiting);
    // Answered for good: what stands behind it is free, if it was here.
    void answered(const MessageId& message);

    // Lets those go that nothing holds up. One that was refused goes after a delay from the first
    // pass on, alone: what stands behind it goes once it is answered. Gives what those that stay
    // hold up. Errors: those of `go`.
    Result<HeldUp> pass(BootTime now, const Go& go);

    [[nodiscard]] std::size_t size() const { return line_.size(); }
    void clear() { line_.clear(); }

private:
    enum class State : std::uint8_t { waits, put_off, under_way };
    struct Place {
        Waiting waiting;
        State state = State::waits;
        std::optional<BootTime> again_at{};  // of one that was put off
    };
    static Result<bool> stays(Place& place, const HeldUp& held_up, BootTime now, const Go& go);

    std::vector<Place> line_;  // in the order of their serials
};

}  // namespace relais::station
