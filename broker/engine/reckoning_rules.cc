#include "broker/engine/reckoning_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/limits.h"

namespace relais::broker {

namespace {

constexpr int kHabitDays = 5;      // open days that show whether a unit sends
constexpr int kHabitDaysSent = 4;  // of them

class Judge {
public:
    Judge(const MailboxFacts& facts, CivilDay last, std::span<const Finding> before)
        : facts_(facts),
          last_(last),
          oldest_(std::max(facts.from, last + (1 - limits::kDaysKept))),
          before_(before) {
        for (const auto& sent : facts.days.sent) sent_[sent.day] += sent.count;
        for (const auto& stated : facts.days.stated) stated_.insert(stated.day);
    }

    std::vector<Finding> findings() {
        if (const auto open = last_open(last_)) {
            const bool silent = facts_.polled && not_polling(*open);
            if (facts_.polled && !silent) no_statement(*open);
            compare_held();
            compare_sent();
            if (!silent) stopped_sending(*open);
        } else {
            compare_held();
            compare_sent();
        }
        return std::move(findings_);
    }

private:
    // The last open day up to `day`, as far back as is looked.
    [[nodiscard]] std::optional<CivilDay> last_open(CivilDay day) const {
        for (; day >= oldest_; day = day + -1) {
            if (facts_.opens(day)) return day;
        }
        return std::nullopt;
    }
    // Whether a station was connected on that open day, or since.
    [[nodiscard]] bool seen_since(CivilDay open) const {
        return facts_.seen && *facts_.seen >= *facts_.opens(open);
    }
    [[nodiscard]] const Finding* found_before(FindingCode code) const {
        const auto found = std::ranges::find(before_, code, &Finding::code);
        return found == before_.end() ? nullptr : &*found;
    }
    void add(FindingCode code, CivilDay since, std::uint64_t expected = 0,
             std::uint64_t counted = 0) {
        findings_.push_back({code, facts_.mailbox, since, expected, counted});
    }
    // What goes on since longer than days are kept began when it was first found.
    [[nodiscard]] CivilDay begun(FindingCode code, CivilDay since) const {
        const Finding* before = found_before(code);
        return before == nullptr ? since : std::min(before->since, since);
    }

    // Back to the first open day on which nobody was connected.
    bool not_polling(CivilDay open) {
        if (seen_since(open)) return false;
        CivilDay since = open;
        auto day = last_open(open + -1);
        for (; day && !seen_since(*day); day = last_open(*day + -1)) since = *day;
        const bool all = !day;  // as far back as days are kept
        add(FindingCode::not_polling, all ? begun(FindingCode::not_polling, since) : since);
        return true;
    }

    void no_statement(CivilDay open) {
        std::optional<CivilDay> since;
        for (auto day = last_open(open + -1); day && !stated_.contains(*day);
             day = last_open(*day + -1)) {
            since = day;
        }
        if (since) add(FindingCode::no_statement, begun(FindingCode::no_statement, *since));
    }

    // What stations could know when they stated last: what was released since waits.
    void compare_held() {
        if (stated_.empty()) return;
        const CivilDay heard = *stated_.rbegin();
        Finding sum{FindingCode::holds_fewer, facts_.mailbox, {}, 0, 0};
        for (const auto& [day, held] : facts_.days.held) {
            if (day < compared_from() || !stated_.contains(day)) continue;
            std::uint64_t most = 0;
            for (const auto& stated : facts_.days.stated) {
                if (stated.day == day) most = std::max(most, stated.stated.held);
            }
            add_up(sum, day, held.changed > heard ? held.before : held.count, most);
        }
        if (sum.expected != 0) findings_.push_back(std::move(sum));
    }

    static void add_up(Finding& sum, CivilDay day, std::uint64_t expected, std::uint64_t counted) {
        if (counted >= expected) return;
        if (sum.expected == 0) sum.since = day;
        sum.expected += expected;
        sum.counted += counted;
    }

    void compare_sent() {
        std::map<std::pair<CivilDay, StationId>, std::uint64_t> accepted;
        for (const auto& sent : facts_.days.sent) accepted[{sent.day, sent.station}] = sent.count;
        std::optional<Finding> sum;
        for (const auto& [day, station, stated] : facts_.days.stated) {
            const auto found = accepted.find({day, station});
            const std::uint64_t count = found == accepted.end() ? 0 : found->second;
            if (day < compared_from() || count == stated.sent) continue;
            if (!sum) sum = Finding{FindingCode::sent_differs, facts_.mailbox, day, 0, 0};
            sum->expected += count;
            sum->counted += stated.sent;
        }
        if (sum) findings_.push_back(*std::move(sum));
    }
    [[nodiscard]] CivilDay compared_from() const {
        return std::max(facts_.from, last_ + (1 - limits::kDaysStatedMax));
    }

    [[nodiscard]] bool has_sent(CivilDay day) const { return sent_.contains(day); }

    void stopped_sending(CivilDay open) {
        if (has_sent(open)) return;
        CivilDay since = open;
        std::optional<CivilDay> day = last_open(open + -1);
        for (; day && !has_sent(*day); day = last_open(*day + -1)) since = *day;
        int looked = 0;
        int sent = 0;
        for (; day && looked < kHabitDays; day = last_open(*day + -1), ++looked) {
            if (has_sent(*day)) ++sent;
        }
        const bool habit = looked == kHabitDays && sent >= kHabitDaysSent;
        const bool goes_on = found_before(FindingCode::stopped_sending) != nullptr;
        if (habit || goes_on) {
            add(FindingCode::stopped_sending, begun(FindingCode::stopped_sending, since));
        }
    }

    const MailboxFacts& facts_;
    CivilDay last_;
    CivilDay oldest_;
    std::span<const Finding> before_;
    std::map<CivilDay, std::uint64_t> sent_;
    std::set<CivilDay> stated_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> reckon(const MailboxFacts& facts, CivilDay last,
                            std::span<const Finding> before) {
    return Judge(facts, last, before).findings();
}

}  // namespace relais::broker
