// sync_envelopes.cc: envelopes and marks on their way to the broker, in their order; what it
// refuses for now goes again after a delay, and holds up nothing but what has to come after it.
#include "clients/station/sync/sync.h"
#include "core/base/limits.h"

namespace relais::station {

namespace {

constexpr std::size_t kWindow = 256;       // envelopes in flight
constexpr std::size_t kWaitingMax = 4096;  // no more is read then
constexpr std::size_t kMarksAtOnce = 64;
constexpr Milliseconds kMarksAgainAfter{2000};

}  // namespace

Result<void> Sync::send_envelopes(BootTime now) {
    RELAIS_ASSIGN(HeldUp held_up,
                  line_.pass(now, [this](const Waiting& waiting) { return go(waiting); }));
    while (envelopes_in_flight_ < kWindow && line_.size() < kWaitingMax) {
        const std::size_t room = kWindow - envelopes_in_flight_;
        RELAIS_ASSIGN(const auto queued, parts_.store.queued(last_envelope_, room));
        for (const StoredOutgoing& item : queued) RELAIS_TRY(send_queued(item, held_up));
        if (queued.size() < room) return {};
    }
    return {};
}

Result<void> Sync::send_queued(const StoredOutgoing& item, HeldUp& held_up) {
    last_envelope_ = item.serial;
    RELAIS_ASSIGN(const bool over, item.receipt ? is_over(item) : Result<bool>(false));
    if (over) return parts_.store.keep_accepted(item.message, ErrorCode::ok);
    RELAIS_ASSIGN(const bool there, chunks_are_there(item));
    if (there && held_up.empty()) {
        submit(item);
        return {};
    }
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(item.envelope));
    Waiting waiting = Waiting::of(envelope.header(), item.serial);
    if (there && !held_up.holds(waiting)) {
        submit(item);
        return {};
    }
    held_up.add(waiting);
    line_.add(std::move(waiting));
    return {};
}

// One that waited.
Result<Went> Sync::go(const Waiting& waiting) {
    if (envelopes_in_flight_ >= kWindow) return Went::not_yet;
    RELAIS_ASSIGN(const auto item, parts_.store.outgoing(waiting.message));
    if (!item || item->state != SendState::queued) return Went::over;
    RELAIS_ASSIGN(const bool there, chunks_are_there(*item));
    if (!there) return Went::not_yet;
    submit(*item);
    return Went::sent;
}

void Sync::submit(const StoredOutgoing& item) {
    send(wire::Submit{item.envelope, item.receipt.has_value()},
         SentEnvelope{item.message, item.serial});
    ++envelopes_in_flight_;
}

Result<void> Sync::put_off(const SentEnvelope& sent) {
    if (line_.put_off_again(sent.message)) return {};
    RELAIS_ASSIGN(const auto item, parts_.store.outgoing(sent.message));
    if (!item) return {};  // erased meanwhile
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(item->envelope));
    line_.put_off(Waiting::of(envelope.header(), sent.serial));
    return {};
}

Result<void> Sync::send_marks(BootTime now) {
    if (!marks_put_off_.empty() && !marks_at_) marks_at_ = now + kMarksAgainAfter;
    if (marks_at_ && now >= *marks_at_) {
        marks_due_.insert(marks_due_.end(), marks_put_off_.begin(), marks_put_off_.end());
        marks_put_off_.clear();
        marks_at_.reset();
    }
    if (sent_.size() >= limits::kRequestsInFlightMax / 2) return {};  // the others come later
    for (std::size_t i = 0; i < kMarksAtOnce && !marks_due_.empty(); ++i) {
        RELAIS_ASSIGN(const auto marks, parts_.store.marks(marks_due_.front() - 1, 1));
        for (const StoredMark& mark : marks) send(mark.mark, SentMark{mark.serial});
        marks_due_.pop_front();
    }
    RELAIS_ASSIGN(const auto marks, parts_.store.marks(last_mark_, kMarksAtOnce));
    for (const StoredMark& mark : marks) {
        send(mark.mark, SentMark{mark.serial});
        last_mark_ = mark.serial;
    }
    return {};
}

}  // namespace relais::station
