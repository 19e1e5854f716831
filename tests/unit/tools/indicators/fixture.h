// fixture.h: kinds of schemas/kinds with their indicators, and courses of threads by the names of
// their declarations.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "schemas/compiler/compiler.h"
#include "schemas/indicators/history.h"
#include "tools/indicators/report.h"

namespace relais::indicators {

struct Compiled {
    explicit Compiled(const std::string& name)
        : bundle(compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/" + name).value()),
          kind(workflow::Kind::load(bundle).value()) {}

    static const Compiled& of(const std::string& name) {
        static std::map<std::string, Compiled> known;
        return known.try_emplace(name, name).first->second;
    }

    Bytes bundle;
    workflow::Kind kind;
};

// A moment of September 2026: the n-th minute of its 10th day in Paris.
inline WallTime minute(std::int64_t n) {
    return WallTime{1'788'991'200'000} + std::chrono::minutes(n);
}
inline const Month kSeptember{2026, 9};
inline const Month kOctober{2026, 10};
inline const WallTime kInNovember = WallTime{1'788'991'200'000} + std::chrono::hours(24 * 65);

// A thread of the kind `admission`: each step names its act and the state that it leads to.
class Course {
public:
    explicit Course(std::int64_t urgency) {
        Step& step = add("call", "called", -1, minute(0));
        step.trigger = Trigger::opened;
        step.called = 2;
        step.publics = {{1, urgency}};
    }
    Step& add(const std::string& act, const std::string& state, int party, WallTime at) {
        const workflow::Kind& kind = Compiled::of("admission").kind;
        Step step;
        step.trigger = Trigger::act;
        step.index = kind.act(act).value();
        const auto found = std::ranges::find(kind.thread_states, state, &workflow::State::name);
        step.state = static_cast<workflow::StateIndex>(found - kind.thread_states.begin());
        step.at = at;
        if (party >= 0) step.party = static_cast<std::uint16_t>(party);
        history.push_back(std::move(step));
        return history.back();
    }
    void decline(std::int64_t reason, WallTime at) {
        add("decline", "called", 0, at).publics = {{2, reason}};
    }

    History history;
};

inline const Figure& figure(const Report& report, const std::string& name) {
    const auto found = std::ranges::find(report.figures, name, &Figure::name);
    EXPECT_NE(found, report.figures.end()) << name;
    return *found;
}

// "stat 12, asap ?, ...": the cells of a month, in their order.
inline std::string cells(const MonthFigure& month) {
    std::string text;
    for (const CellFigure& cell : month.cells) {
        text += (text.empty() ? "" : ", ") + cell.code + " " +
                (cell.count ? std::to_string(*cell.count) : "?");
    }
    return text;
}

}  // namespace relais::indicators
