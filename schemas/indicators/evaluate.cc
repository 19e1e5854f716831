#include "schemas/indicators/evaluate.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace relais::indicators {

bool Step::operator==(const Step& other) const {
    const auto same = [](const PublicField& a, const PublicField& b) {
        return a.number == b.number && a.value == b.value;
    };
    return trigger == other.trigger && index == other.index && state == other.state &&
           at == other.at && party == other.party && called == other.called &&
           member == other.member && std::ranges::equal(publics, other.publics, same);
}

History whole(History course, std::vector<MemberStep> members) {
    if (members.empty()) return course;
    std::ranges::sort(members, [](const MemberStep& one, const MemberStep& other) {
        return std::tie(one.after, one.order) < std::tie(other.after, other.order);
    });
    History all;
    all.reserve(course.size() + members.size());
    auto member = members.begin();
    for (std::size_t place = 0; place <= course.size(); ++place) {
        const bool last = place == course.size();
        for (; member != members.end() && (last || member->after <= place); ++member) {
            all.push_back(std::move(member->step));
        }
        if (!last) all.push_back(std::move(course[place]));
    }
    return all;
}

namespace {

std::optional<std::int64_t> value_of(const Step& step, std::uint16_t number) {
    const auto field = std::ranges::find(step.publics, number, &PublicField::number);
    if (field == step.publics.end()) return std::nullopt;
    return field->value;
}

// One thread, asked for moments by the place of its steps.
class Course {
public:
    Course(const Indicator& indicator, const History& history)
        : indicator_(indicator), history_(history) {}

    [[nodiscard]] bool is_at(const std::vector<Moment>& moments, std::size_t place) const {
        return std::ranges::any_of(moments,
                                   [&](const Moment& moment) { return is_moment(moment, place); });
    }

    // The first from `place` on.
    [[nodiscard]] std::optional<std::size_t> first(const std::vector<Moment>& moments,
                                                   std::size_t place) const {
        for (; place < history_.size(); ++place) {
            if (is_at(moments, place)) return place;
        }
        return std::nullopt;
    }

    // From where on moments count: after the first of `since`, where there is any.
    [[nodiscard]] std::optional<std::size_t> begin() const {
        if (indicator_.since.empty()) return 0;
        const auto since = first(indicator_.since, 0);
        if (!since) return std::nullopt;
        return *since + 1;
    }

    [[nodiscard]] Case case_at(std::size_t place) const {
        Case counted{.at = history_[place].at, .by = std::nullopt};
        if (indicator_.by_public != 0) {
            counted.by = value_of(history_[place], indicator_.by_public);
            const Step& opening = history_.front();
            if (!counted.by && opening.trigger == Trigger::opened) {
                counted.by = value_of(opening, indicator_.by_public);
            }
        }
        return counted;
    }

private:
    [[nodiscard]] bool is_moment(const Moment& moment, std::size_t place) const {
        const Step& step = history_[place];
        const bool by_act = step.trigger == Trigger::opened || step.trigger == Trigger::act;
        switch (moment.kind) {
            case MomentKind::act:
                return by_act && step.index == moment.index &&
                       (moment.number == 0 || value_of(step, moment.number) == moment.value);
            case MomentKind::state:
                return step.state == moment.index &&
                       (place == 0 || history_[place - 1].state != step.state);
            case MomentKind::clock_end:
                return step.trigger == Trigger::clock_end && step.index == moment.index;
            case MomentKind::followed:
                return step.trigger == Trigger::followed && step.index == moment.index;
        }
        return false;
    }

    const Indicator& indicator_;
    const History& history_;
};

std::vector<Case> first_case(const Indicator& indicator, const Course& course) {
    const auto begin = course.begin();
    if (!begin) return {};
    const auto place = course.first(indicator.moments, *begin);
    if (!place) return {};
    return {course.case_at(*place)};
}

std::vector<Case> each_case(const Indicator& indicator, const Course& course) {
    std::vector<Case> cases;
    for (auto place = course.first(indicator.moments, 0); place;
         place = course.first(indicator.moments, *place + 1)) {
        cases.push_back(course.case_at(*place));
    }
    return cases;
}

std::vector<Case> delay_case(const Indicator& indicator, const History& history,
                             const Course& course) {
    std::vector<Case> cases = first_case(indicator, course);
    if (cases.empty()) return cases;
    const Milliseconds delay = cases[0].at - history[*course.begin() - 1].at;
    // The wall clock may have been put back.
    cases[0].delays = {std::max(delay, Milliseconds(0))};
    return cases;
}

std::vector<Case> share_case(const Indicator& indicator, const Course& course) {
    const auto begin = course.begin();
    if (!begin) return {};
    const auto kept = course.first(indicator.moments, *begin);
    const auto missed = course.first(indicator.missed, *begin);
    if (!kept && !missed) return {};
    const bool good = kept && (!missed || *kept <= *missed);
    Case counted = course.case_at(good ? *kept : *missed);
    counted.count = good ? 1 : 0;
    return {counted};
}

// Who did a step, other than the opener: a party or a member of a group, by its number.
std::optional<std::pair<bool, std::uint64_t>> actor_of(const Step& step) {
    if (step.member) return std::pair(true, *step.member);
    if (step.party) return std::pair(false, std::uint64_t{*step.party});
    return std::nullopt;
}

std::vector<Case> reach_case(const Indicator& indicator, const History& history,
                             const Course& course) {
    const auto call = course.first(indicator.since, 0);
    if (!call || history[*call].called == 0) return {};
    Case counted = course.case_at(*call);
    counted.at = history[*call].at + indicator.within;
    std::set<std::pair<bool, std::uint64_t>> actors;
    for (std::size_t place = *call + 1; place < history.size(); ++place) {
        const Step& step = history[place];
        const auto actor = actor_of(step);
        if (step.at > counted.at || !actor || !course.is_at(indicator.moments, place)) continue;
        if (!actors.insert(*actor).second) continue;
        counted.delays.push_back(std::max(step.at - history[*call].at, Milliseconds(0)));
    }
    counted.of = history[*call].called;
    // One that was called in later may act too, and is not among those that were called.
    std::ranges::sort(counted.delays);
    counted.delays.resize(std::min<std::size_t>(counted.delays.size(), counted.of));
    counted.count = static_cast<std::uint32_t>(counted.delays.size());
    return {std::move(counted)};
}

}  // namespace

std::vector<Case> cases_of(const Indicator& indicator, const History& history) {
    if (history.empty()) return {};
    const Course course(indicator, history);
    switch (indicator.measure) {
        case Measure::threads: return first_case(indicator, course);
        case Measure::acts: return each_case(indicator, course);
        case Measure::delay: return delay_case(indicator, history, course);
        case Measure::share: return share_case(indicator, course);
        case Measure::reach: return reach_case(indicator, history, course);
        case Measure::entries: return {};
    }
    return {};
}

}  // namespace relais::indicators
