#include "broker/engine/reckoner.h"

#include <algorithm>
#include <set>

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/calendar/days.h"

namespace relais::broker {

namespace {

constexpr const char* kState = "reckoner";
constexpr const char* kLast = "reckoning";  // the last notice, unsigned
constexpr std::size_t kStateBytes = 4 + 4 + 8;
constexpr std::size_t kMailboxesPerStep = 64;
constexpr std::chrono::hours kTimeOfDay{6};
constexpr Milliseconds kStopTolerated = std::chrono::hours(1);  // of the broker itself

CivilDay read_day(ByteView bytes) { return {static_cast<std::int32_t>(read_u32(bytes))}; }

void append_day(Bytes& out, CivilDay day) {
    append_u32(out, static_cast<std::uint32_t>(day.number));
}

bool same(const Finding& a, const Finding& b) {
    return a.code == b.code && a.mailbox == b.mailbox && a.since == b.since &&
           a.expected == b.expected && a.counted == b.counted;
}

std::string finding_json(const Finding& finding) {
    return R"({"code":")" + std::string(finding_name(finding.code)) + R"(","mailbox":")" +
           finding.mailbox.text() + R"(","since":")" + format_day(finding.since) +
           R"(","expected":)" + std::to_string(finding.expected) + R"(,"counted":)" +
           std::to_string(finding.counted) + "}";
}

}  // namespace

void Reckoner::roll_back() {
    state_.reset();
    work_.reset();
}

Result<Reckoner::State*> Reckoner::state() {
    if (state_) return &*state_;
    RELAIS_ASSIGN(const auto bytes, parts_.store.value(kState));
    if (!bytes || bytes->size() != kStateBytes) return fail(ErrorCode::corrupt, kState);
    const ByteView view = *bytes;
    State state{.last = read_day(view),
                .interrupted = read_day(view.subspan(4)),
                .again = std::nullopt,
                .due = {}};
    const auto again = static_cast<std::int64_t>(read_u64(view.subspan(8)));
    if (again != 0) state.again = EngineTime{again};
    state.due = calendar::time_of(state.last + 2, kTimeOfDay);
    state_ = state;
    return &*state_;
}

Result<void> Reckoner::keep(const State& state) {
    Bytes bytes;
    append_day(bytes, state.last);
    append_day(bytes, state.interrupted);
    append_u64(bytes, static_cast<std::uint64_t>(state.again.value_or(EngineTime{}).ms));
    state_.reset();
    return parts_.store.set_value(kState, bytes);
}

Result<void> Reckoner::begin_with(CivilDay first) {
    return keep({.last = first + -1, .interrupted = first + -1, .again = std::nullopt, .due = {}});
}

Result<void> Reckoner::resumed(WallTime stopped) {
    return parts_.time.wall() - stopped < kStopTolerated ? Result<void>{} : interrupted();
}

Result<void> Reckoner::interrupted() {
    RELAIS_ASSIGN(State* const now, state());
    State changed = *now;
    changed.interrupted = std::max(changed.interrupted, parts_.days.today());
    return keep(changed);
}

Result<void> Reckoner::differs(CivilDay day) {
    RELAIS_ASSIGN(State* const now, state());
    if (day > now->last || now->again) return {};
    State changed = *now;
    changed.again = parts_.time.time() + limits::kReckonAgainAfter;
    return keep(changed);
}

Result<std::optional<EngineTime>> Reckoner::next() {
    if (parts_.time.suspect()) return std::optional<EngineTime>();
    if (work_) return std::optional(parts_.time.time());
    RELAIS_ASSIGN(const State* const now, state());
    const EngineTime due = parts_.time.time() + (now->due - parts_.time.wall());
    return std::optional(now->again ? std::min(due, *now->again) : due);
}

Result<std::optional<Notice>> Reckoner::last_notice() {
    RELAIS_ASSIGN(const auto bytes, parts_.store.value(kLast));
    if (!bytes) return std::optional<Notice>();
    auto notice = parse_notice(*bytes);
    if (!notice.ok() || !notice->reckoning) return fail(ErrorCode::corrupt, kLast);
    return std::optional(*std::move(notice));
}

// Of all days that are over and were not reckoned: one notice.
Result<bool> Reckoner::begin_if_due() {
    RELAIS_ASSIGN(State* const now, state());
    const WallTime wall = parts_.time.wall();
    if (wall >= now->due) {
        const CivilDay today = parts_.days.today();
        const bool early = wall < calendar::time_of(today, kTimeOfDay);
        RELAIS_TRY(begin(now->last + 1, today + (early ? -2 : -1), 0));
        return true;
    }
    if (!now->again || parts_.time.time() < *now->again) return false;
    RELAIS_ASSIGN(const auto last, last_notice());
    if (!last) return false;
    const Reckoning& before = *last->reckoning;
    RELAIS_TRY(begin(before.first, before.last, static_cast<std::uint16_t>(before.revision + 1)));
    return true;
}

Result<void> Reckoner::begin(CivilDay first, CivilDay last, std::uint16_t revision) {
    Work work;
    work.reckoning = {first, last, revision, 0, 0, {}, 0};
    RELAIS_ASSIGN(work.first_day, parts_.days.first_day());
    RELAIS_ASSIGN(const State* const now, state());
    work.reckoning.interrupted = now->interrupted >= last;
    std::set<Address> all;
    for (const auto& [address, channel] : parts_.mailboxes.all()) {
        if (!address.is_group()) all.insert(address);
    }
    for (const auto& [name, organisation] : parts_.state().organisations()) {
        for (const auto& [unit, epochs] : organisation.epochs) {
            all.insert(Address::of(unit, organisation.name, parts_.state().domain_name()));
        }
    }
    work.mailboxes.assign(all.begin(), all.end());
    RELAIS_ASSIGN(const auto before, last_notice());
    if (before) {
        for (const Finding& finding : before->reckoning->findings) {
            work.before[finding.mailbox].push_back(finding);
        }
    }
    work_ = std::move(work);
    return {};
}

Result<void> Reckoner::go_on() {
    if (parts_.time.suspect()) return {};
    if (!work_) {
        RELAIS_ASSIGN(const bool begun, begin_if_due());
        if (!begun) return {};
    }
    for (std::size_t i = 0; i < kMailboxesPerStep; ++i) {
        if (work_->next == work_->mailboxes.size()) return finish();
        RELAIS_TRY(look_at(work_->mailboxes[work_->next]));
        ++work_->next;
    }
    return {};
}

// The day when it got its first key: before, nobody could write to it. Absent where it is not asked
// about at all.
std::optional<CivilDay> Reckoner::due_from(const Address& mailbox) const {
    const auto* organisation = parts_.state().organisation(mailbox.organisation());
    if (organisation == nullptr || parts_.state().suspended(mailbox.organisation()) ||
        !parts_.state().mailbox_exists(mailbox)) {
        return std::nullopt;
    }
    const auto epochs = organisation->epochs.find(std::string(mailbox.unit()));
    if (epochs == organisation->epochs.end() || epochs->second.empty()) return std::nullopt;
    const EngineTime since = epochs->second.front().since;
    const CivilDay first = parts_.days.day_of(parts_.time.wall() + (since - parts_.time.time()));
    return std::max(first, work_->first_day);
}

// Who has said that it would be away at that hour is closed that day.
std::optional<WallTime> Reckoner::opens(const Address& mailbox, const directory::Unit& unit,
                                        CivilDay day) const {
    const auto opens = calendar::opens_on(unit.hours, day, kTimeOfDay);
    const bool away = opens && parts_.state().away(mailbox, *opens) != nullptr;
    return away ? std::nullopt : opens;
}

// An organisation's own mailbox opens with the first of its units that does.
std::optional<WallTime> Reckoner::opens(const Address& mailbox, CivilDay day) const {
    if (const auto* unit = parts_.state().unit(mailbox)) return opens(mailbox, *unit, day);
    const auto* organisation = parts_.state().organisation(mailbox.organisation());
    std::optional<WallTime> first;
    bool any = false;
    for (const auto& [name, history] : organisation->units) {
        const directory::Unit* const unit = history.now();
        if (unit == nullptr) continue;
        any = true;
        const Address address = Address::of(name, organisation->name, parts_.state().domain_name());
        const auto at = opens(address, *unit, day);
        if (at && (!first || *at < *first)) first = at;
    }
    return any ? first : calendar::time_of(day, kTimeOfDay);
}

Result<void> Reckoner::look_at(const Address& mailbox) {
    RELAIS_ASSIGN(const Mailbox* const known, parts_.mailboxes.open(mailbox));
    Reckoning& reckoning = work_->reckoning;
    const CivilDay last = reckoning.last;
    DayRecords& records = parts_.store.days();
    RELAIS_TRY(records.forget_days(known->channel, last + (1 - limits::kDaysKept)));
    const auto from = due_from(mailbox);
    if (!from || *from > last) return {};
    RELAIS_ASSIGN(MailboxDays days,
                  records.days(known->channel, last + (1 - limits::kDaysKept), last));
    RELAIS_ASSIGN(const auto seen, records.last_seen(known->channel));
    ++reckoning.mailboxes;
    for (const auto& [day, held] : days.held) {
        if (day >= reckoning.first) reckoning.messages += held.count;
    }
    const MailboxFacts facts{mailbox,
                             *from,
                             seen,
                             [&](CivilDay day) { return opens(mailbox, day); },
                             std::move(days),
                             !reckoning.interrupted};
    for (Finding& finding : reckon(facts, last, work_->before[mailbox])) {
        if (reckoning.findings.size() < limits::kFindingsMax) {
            reckoning.findings.push_back(std::move(finding));
        } else {
            ++reckoning.left_off;
        }
    }
    return {};
}

Result<void> Reckoner::finish() {
    const Reckoning reckoning = std::exchange(work_, std::nullopt)->reckoning;
    RELAIS_ASSIGN(State* const now, state());
    State changed = *now;
    changed.last = reckoning.last;
    changed.again.reset();
    RELAIS_TRY(keep(changed));
    RELAIS_ASSIGN(const auto before, last_notice());
    const bool news = reckoning.revision == 0 || !before ||
                      !std::ranges::equal(before->reckoning->findings, reckoning.findings, same);
    return news ? post(reckoning) : Result<void>{};
}

Result<void> Reckoner::post(const Reckoning& reckoning) {
    Notice notice{.kind = NoticeKind::reckoned, .time = parts_.time.wall()};
    notice.reckoning = reckoning;
    const Bytes body = encode_notice(notice);
    const Bytes statement =
        encode_statement(make_statement(contexts::kNotice, body, parts_.broker_signer));
    Leaf leaf = leaf_of(Event::reckoned);
    leaf.header = statement_digest(statement);
    leaf.first = {static_cast<std::uint64_t>(reckoning.first.number)};
    leaf.last = {static_cast<std::uint64_t>(reckoning.last.number)};
    leaf.count = static_cast<std::uint32_t>(reckoning.findings.size()) + reckoning.left_off;
    if (const auto address = parts_.state().coordinator()) {
        leaf.mailbox = address->text();
        RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(*address));
        const Lane lane = reckoning.findings.empty() ? Lane::routine : Lane::urgent;
        RELAIS_TRY(parts_.mailboxes.append(*mailbox, lane, NoticeEntry{statement}));
    }
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return parts_.store.set_value(kLast, body);
}

Result<std::string> Reckoner::json() {
    RELAIS_ASSIGN(const State* const now, state());
    std::string json = R"({"due":")" + format_utc(now->due) + '"';
    RELAIS_ASSIGN(const auto last, last_notice());
    if (!last) return json + "}";
    const Reckoning& reckoning = *last->reckoning;
    json += R"(,"posted":")" + format_utc(last->time) + R"(","first":")" +
            format_day(reckoning.first) + R"(","last":")" + format_day(reckoning.last) +
            R"(","revision":)" + std::to_string(reckoning.revision) + R"(,"mailboxes":)" +
            std::to_string(reckoning.mailboxes) + R"(,"messages":)" +
            std::to_string(reckoning.messages) + R"(,"left_off":)" +
            std::to_string(reckoning.left_off) + R"(,"interrupted":)" +
            (reckoning.interrupted ? "true" : "false");
    if (const auto address = parts_.state().coordinator())
        json += R"(,"to":")" + address->text() + '"';
    json += R"(,"findings":[)";
    for (const Finding& finding : reckoning.findings) {
        if (json.back() != '[') json += ',';
        json += finding_json(finding);
    }
    return json + "]}";
}

}  // namespace relais::broker
