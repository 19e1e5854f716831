#include "broker/engine/day_desk.h"

#include "broker/engine/checks.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/calendar/days.h"

namespace relais::broker {

Result<Mailbox*> DayDesk::judge(const Session& session, const DayStating& stating) const {
    if (!stating.statement.ok()) return stating.statement.error();
    const DayStatement& statement = *stating.statement;
    if (statement.station != session.station) return fail(ErrorCode::forbidden, "another station");
    const auto* record = parts_.state().station(session.station);
    if (record == nullptr) return fail(ErrorCode::unknown_key);
    const P256Public& key = record->station.signing;
    RELAIS_TRY(confirm(stating.signature, key, [&] {
        return verify_encoded(contexts::kDay, stating.encoded, key, parts_.verifier);
    }));
    if (!parts_.state().serves(*record, statement.mailbox)) {
        return fail(ErrorCode::not_your_mailbox, statement.mailbox.text());
    }
    RELAIS_TRY(judge_day(statement.day));
    return parts_.mailboxes.open(statement.mailbox);
}

// Some minutes later than midnight: what the clock may step back without being suspected would
// otherwise add to a day that was stated.
Result<void> DayDesk::judge_day(CivilDay day) const {
    const WallTime over = calendar::start_of(day + 1) + limits::kDayOverAfter;
    if (parts_.time.suspect() || parts_.time.wall() < over) {
        return fail(ErrorCode::day_not_over, format_day(day));
    }
    RELAIS_ASSIGN(const CivilDay first, parts_.days.first_day());
    const CivilDay oldest = parts_.days.today() + -limits::kDaysKept;
    if (day < first || day < oldest) return fail(ErrorCode::wrong_position, format_day(day));
    return {};
}

Result<wire::DayCounted> DayDesk::state(const Session& session, const DayStating& stating) {
    RELAIS_ASSIGN(const Mailbox* const mailbox, judge(session, stating));
    const DayStatement& said = *stating.statement;
    RELAIS_TRY(note(*mailbox, stating));
    RELAIS_ASSIGN(const std::uint64_t sent,
                  parts_.store.days().sent(mailbox->channel, said.day, said.station));
    RELAIS_ASSIGN(const DayHeld held, parts_.store.days().held(mailbox->channel, said.day));
    if (sent != said.sent || held.count > said.held) RELAIS_TRY(reckoner_.differs(said.day));
    return wire::DayCounted{said.mailbox, said.day, sent, held.count};
}

Result<void> DayDesk::note(const Mailbox& mailbox, const DayStating& stating) {
    const DayStatement& said = *stating.statement;
    RELAIS_ASSIGN(auto before, parts_.store.days().stated(mailbox.channel, said.day, said.station));
    if (before && before->sent == said.sent && before->held == said.held) return {};
    const std::uint32_t times = before ? before->times + 1 : 1;
    if (times > limits::kDayStatedMax) return fail(ErrorCode::quota_reached, format_day(said.day));
    Leaf leaf = leaf_of(Event::day_stated);
    leaf.station = said.station;
    leaf.mailbox = said.mailbox.text();
    leaf.first = {static_cast<std::uint64_t>(said.day.number)};
    leaf.statement = stating.encoded;
    RELAIS_ASSIGN(const LeafRef ref, parts_.auditor.record(std::move(leaf)));
    return parts_.store.days().set_stated(mailbox.channel, said.day, said.station,
                                          {said.sent, said.held, times, ref.index});
}

// A time that a wrong clock says would hide what follows.
Result<void> DayDesk::connected(const Mailbox& mailbox, const StationId& station) {
    if (parts_.time.suspect()) return {};
    return parts_.store.days().set_seen(mailbox.channel, station, parts_.time.wall());
}

Result<std::optional<CivilDay>> DayDesk::turn() {
    const CivilDay today = parts_.days.today();
    if (parts_.time.suspect() || (turned_ && today <= *turned_)) return std::optional<CivilDay>();
    for (const auto& [id, session] : sessions_.all()) RELAIS_TRY(seen(session));
    return std::optional(today);
}

Result<void> DayDesk::seen(const Session& session) {
    if (parts_.time.suspect()) return {};
    for (const auto& [channel, subscription] : session.subscriptions) {
        RELAIS_TRY(parts_.store.days().set_seen(channel, session.station, parts_.time.wall()));
    }
    return {};
}

std::optional<EngineTime> DayDesk::next() {
    if (parts_.time.suspect()) return std::nullopt;
    const CivilDay following = (turned_ ? *turned_ : parts_.days.today()) + 1;
    return parts_.time.time() + (calendar::start_of(following) - parts_.time.wall());
}

}  // namespace relais::broker
