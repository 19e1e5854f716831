// sync_days.cc: counts what each day came to, by the time that the broker gave each message, and
// states the days that are over, those without any message too. What changes a day that was stated
// (a box that is released later) has it stated again.
#include <algorithm>

#include "clients/station/sync/sync.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/calendar/days.h"

namespace relais::station {

namespace {

constexpr std::size_t kDaysInFlightMax = 64;
constexpr Milliseconds kDaysPause{60'000};

bool to_state(const StoredDay& day) {
    if (day.state == DayState::not_compared) return false;
    return day.state == DayState::open || day.sent != day.stated_sent ||
           day.held != day.stated_held;
}

}  // namespace

// A mailbox counts from the day of the entry by which this station serves it, though it connects
// first on a later one: all of those days comes to a station that has nothing of it yet. One that
// received without counting, as a former version did, counts from the next day on.
Result<void> Sync::begin_days(const Address& mailbox, bool fresh) {
    RELAIS_ASSIGN(const auto from, parts_.store.counted_from(mailbox));
    if (from) return {};
    const CivilDay today = calendar::day_of(welcome_->time);
    if (!fresh) return parts_.store.count_from(mailbox, today + 1);
    const auto* own = parts_.replica.state().station(parts_.identity.station);
    const CivilDay served = own == nullptr ? today : calendar::day_of(own->written);
    return parts_.store.count_from(mailbox, std::min(today, served));
}

// What a restored broker has lost is not counted there.
Result<void> Sync::begin_days_anew(CivilDay day) {
    for (const Address& mailbox : mailboxes()) {
        RELAIS_TRY(parts_.store.count_from(mailbox, day));
    }
    return {};
}

Result<void> Sync::count(const Address& mailbox, WallTime accepted, bool sent) {
    RELAIS_ASSIGN(StoredDay day, parts_.store.day(mailbox, calendar::day_of(accepted)));
    ++(sent ? day.sent : day.held);
    if (days_settled_ && day.day < *days_settled_) days_settled_.reset();
    return parts_.store.put_day(mailbox, day);
}

// What others sent, once: a restored broker shows it again, as of another day where it was sent
// again. Of what this station sent itself, what its outbox does not know: it was put back from a
// copy, and others counted it.
Result<void> Sync::count_held(const wire::Delivery& delivery, const Digest& digest) {
    const auto* envelope = std::get_if<EnvelopeEntry>(&delivery.entry);
    if (envelope == nullptr) return {};
    const auto header = parse_header(envelope->header.bytes);
    const bool sent = header.ok() && header->from == delivery.mailbox;
    if (sent) {
        if (header->station != parts_.identity.station) return {};
        RELAIS_ASSIGN(const auto known, parts_.store.outgoing(header->id));
        if (known) return {};
    }
    RELAIS_ASSIGN(const bool here,
                  parts_.store.has_digest(delivery.mailbox, digest, delivery.incarnation));
    return here ? Result<void>{} : count(delivery.mailbox, envelope->accepted.time, sent);
}

// At the first receipt, or where a restored broker has accepted it anew.
Result<void> Sync::count_sent(const MessageId& message, const wire::Receipt& receipt) {
    RELAIS_ASSIGN(const auto stored, parts_.store.outgoing(message));
    if (!stored || (stored->receipt && receipt.duplicate)) return {};
    const auto envelope = Envelope::parse(stored->envelope);
    if (!envelope.ok()) return {};
    return count(envelope->header().from, receipt.accepted.time, true);
}

// Once what the mailboxes held is here and every envelope that may have been accepted before the
// connection broke is answered.
Result<void> Sync::state_days(BootTime now) {
    const CivilDay today = calendar::day_of(wall_ + -Milliseconds(limits::kDayOverAfter));
    if (days_settled_ && *days_settled_ >= today) return {};
    if (!caught_up() || envelopes_in_flight_ != 0) return {};
    if (days_pause_) {
        if (!days_at_) days_at_ = now + kDaysPause;
        if (now < *days_at_) return {};
        days_at_.reset();
        days_pause_ = false;
    }
    const CivilDay first = today + -limits::kDaysStatedMax;
    bool all = days_in_flight_.empty();
    for (const auto& [mailbox, lanes] : lanes_) {
        RELAIS_ASSIGN(const bool none, state_days_of(mailbox, first, today + -1));
        all = all && none;
    }
    if (!all) return {};
    days_settled_ = today;
    return parts_.store.forget_days(today + -limits::kDaysKept);
}

// True where nothing was left to state.
Result<bool> Sync::state_days_of(const Address& mailbox, CivilDay first, CivilDay last) {
    RELAIS_ASSIGN(const auto from, parts_.store.counted_from(mailbox));
    if (!from) return true;
    first = std::max(first, *from);
    RELAIS_ASSIGN(const auto known, parts_.store.days(mailbox, first, last));
    bool none = true;
    auto next = known.begin();
    for (CivilDay day = first; day <= last; day = day + 1) {
        const bool stored = next != known.end() && next->day == day;
        const StoredDay counted = stored ? *next++ : StoredDay{.day = day};
        if (!to_state(counted)) continue;
        none = false;
        if (days_in_flight_.size() >= kDaysInFlightMax) return none;
        if (!days_in_flight_.emplace(mailbox, day).second) continue;
        const DayStatement body{parts_.identity.station, mailbox, day, counted.sent, counted.held};
        const Statement statement =
            make_statement(contexts::kDay, encode_day(body), parts_.keys.signing);
        send(wire::StateDay{encode_statement(statement)},
             SentDay{mailbox, day, counted.sent, counted.held});
    }
    return none;
}

Result<void> Sync::day_answered(const SentDay& sent, const wire::Body& body) {
    days_in_flight_.erase({sent.mailbox, sent.day});
    RELAIS_ASSIGN(StoredDay day, parts_.store.day(sent.mailbox, sent.day));
    if (const auto* counted = std::get_if<wire::DayCounted>(&body)) {
        if (counted->mailbox != sent.mailbox || counted->day != sent.day) {
            raise(fail(ErrorCode::malformed, "answer to a statement"));
            return {};
        }
        day.state = DayState::answered;
        day.stated_sent = sent.sent;
        day.stated_held = sent.held;
        day.counted_sent = counted->sent;
        day.counted_held = counted->held;
        return parts_.store.put_day(sent.mailbox, day);
    }
    const auto* refusal = std::get_if<wire::Refusal>(&body);
    if (refusal == nullptr || refusal->retry != Retry::never) {
        days_pause_ = true;
        return {};
    }
    day.state = DayState::not_compared;
    return parts_.store.put_day(sent.mailbox, day);
}

}  // namespace relais::station
