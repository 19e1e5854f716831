#include "clients/station/api/silence.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/calendar/days.h"
#include "schemas/envelope/notice.h"

namespace relais::station {

namespace {

constexpr std::size_t kReckoningsRead = 256;
constexpr std::size_t kInvalidMax = 1000;
// When the reckoning of a day is surely here, on the next one; it is made at six.
constexpr std::chrono::hours kDueAt{7};

Result<HeldReckoning> held_reckoning(const StoredEntry& entry) {
    const auto* said = std::get_if<NoticeEntry>(&entry.delivery.entry);
    if (said == nullptr) return fail(ErrorCode::corrupt, "reckoning");
    RELAIS_ASSIGN(const Statement statement, parse_statement(said->statement));
    RELAIS_ASSIGN(Notice notice, parse_notice(statement.body));
    if (!notice.reckoning) return fail(ErrorCode::corrupt, "reckoning");
    return HeldReckoning{*std::move(notice.reckoning), notice.time};
}

bool earlier(const HeldReckoning& a, const HeldReckoning& b) {
    const auto key = [](const HeldReckoning& held) {
        return std::tuple(held.reckoning.last, held.reckoning.first, held.reckoning.revision);
    };
    return key(a) < key(b);
}

bool same_days(const Reckoning& a, const Reckoning& b) {
    return a.first == b.first && a.last == b.last;
}

Result<std::vector<HeldReckoning>> held_reckonings(Station& station) {
    RELAIS_ASSIGN(const auto entries, station.store().reckonings(kReckoningsRead));
    std::vector<HeldReckoning> all;
    for (const StoredEntry& entry : entries) {
        RELAIS_ASSIGN(HeldReckoning held, held_reckoning(entry));
        all.push_back(std::move(held));
    }
    return judged(std::move(all));
}

bool gets_reckonings(Station& station) {
    const auto mailbox = station.directory().coordinator();
    const auto* self = station.self();
    return mailbox && self != nullptr && station.directory().serves(*self, *mailbox);
}

Result<std::size_t> count_invalid_notices(Station& station) {
    RELAIS_ASSIGN(const auto entries,
                  station.store().entries_with(ErrorCode::bad_signature, kInvalidMax));
    return static_cast<std::size_t>(std::ranges::count_if(entries, [](const StoredEntry& entry) {
        return std::holds_alternative<NoticeEntry>(entry.delivery.entry);
    }));
}

}  // namespace

std::vector<HeldReckoning> judged(std::vector<HeldReckoning> all) {
    std::ranges::stable_sort(all, earlier);
    std::vector<HeldReckoning> kept;
    for (HeldReckoning& held : all) {
        if (!kept.empty() && same_days(kept.back().reckoning, held.reckoning)) kept.pop_back();
        kept.push_back(std::move(held));
    }
    std::optional<CivilDay> next;
    for (HeldReckoning& held : kept) {
        const Reckoning& reckoning = held.reckoning;
        if (reckoning.last >= calendar::day_of(held.posted)) {
            held.verdict = ErrorCode::invalid_field;
            continue;
        }
        if (next && reckoning.first != *next) held.verdict = ErrorCode::wrong_position;
        next = reckoning.last + 1;
    }
    return kept;
}

std::optional<CivilDay> first_missing(CivilDay from, const std::vector<HeldReckoning>& held,
                                      WallTime now) {
    const CivilDay today = calendar::day_of(now);
    const bool early = now < calendar::time_of(today, kDueAt);
    const CivilDay due = today + (early ? -2 : -1);
    CivilDay next = from;
    for (const HeldReckoning& each : held) {
        if (each.verdict == ErrorCode::invalid_field) continue;
        next = std::max(next, each.reckoning.last + 1);
    }
    return next <= due ? std::optional(next) : std::nullopt;
}

bool MailboxDay::differs() const {
    return day.state == DayState::answered &&
           (day.stated_sent != day.counted_sent || day.stated_held < day.counted_held);
}

bool SilenceReport::wrong() const {
    const bool judged_wrong = std::ranges::any_of(
        reckonings, [](const HeldReckoning& held) { return held.verdict != ErrorCode::ok; });
    const bool found = !reckonings.empty() && !reckonings.back().reckoning.findings.empty();
    const bool differ = std::ranges::any_of(days, &MailboxDay::differs);
    return missing_since || invalid_notices != 0 || judged_wrong || found || differ;
}

Result<SilenceReport> silence(Station& station, std::int32_t days) {
    SilenceReport report;
    const CivilDay today = calendar::day_of(station.now());
    const CivilDay first = today + -days;
    for (const Address& mailbox : station.sync().mailboxes()) {
        RELAIS_ASSIGN(const auto from, station.store().counted_from(mailbox));
        if (!from) continue;
        RELAIS_ASSIGN(const auto stored,
                      station.store().days(mailbox, std::max(first, *from), today + -1));
        for (const StoredDay& day : stored) report.days.push_back({mailbox, day});
    }
    report.coordinator = gets_reckonings(station);
    if (!report.coordinator) return report;
    RELAIS_ASSIGN(report.reckonings, held_reckonings(station));
    RELAIS_ASSIGN(const auto from,
                  station.store().counted_from(*station.directory().coordinator()));
    if (from) report.missing_since = first_missing(*from, report.reckonings, station.now());
    RELAIS_ASSIGN(report.invalid_notices, count_invalid_notices(station));
    std::erase_if(report.reckonings,
                  [&](const HeldReckoning& held) { return held.reckoning.last < first; });
    return report;
}

}  // namespace relais::station
