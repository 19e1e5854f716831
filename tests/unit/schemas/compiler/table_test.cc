// Every kind of schemas/kinds: each act and each end of a clock in each state of thread and party,
// against the rows as declaration.toml writes them. What has no row is refused; what has one
// without conditions is accepted.
#include <gtest/gtest.h>

#include <toml++/toml.h>

#include <algorithm>

#include "tests/unit/schemas/compiler/compiled_kind.h"
#include "tests/unit/schemas/compiler/walk.h"
#include "tests/unit/schemas/compiler/written_table.h"

namespace relais::compiler {
namespace {

enum class Written { no_row, with_conditions, without };

class EveryTable : public testing::TestWithParam<std::string> {
protected:
    // What the file says of `name` ("act" or "clock") where the subject, if any, is in `party`.
    [[nodiscard]] Written written(const char* trigger, const std::string& name,
                                  const std::string& thread, const std::string& party) const {
        Written said = Written::no_row;
        for (const toml::node& node : *declaration["row"].as_array()) {
            const toml::table& row = *node.as_table();
            const bool fits = row[trigger].value_or(std::string()) == name &&
                              lists_state(row, "thread", thread) &&
                              lists_state(row, "party", party);
            if (!fits) continue;
            if (!row.contains("when")) return Written::without;
            said = Written::with_conditions;
        }
        return said;
    }
    // The states of a party; one that is none where the kind has no parties.
    [[nodiscard]] std::vector<std::string> subjects() const {
        std::vector<std::string> names;
        for (const workflow::State& state : kind.party_states) names.push_back(state.name);
        return names.empty() ? std::vector<std::string>{""} : names;
    }
    // One party, in a state, and a group.
    [[nodiscard]] static workflow::Thread standing(std::size_t thread, std::size_t party) {
        workflow::Thread made{.id = {}, .kind = {}, .opener = walk_opener()};
        made.state = static_cast<workflow::StateIndex>(thread);
        made.parties = {{walk_party(0), static_cast<workflow::StateIndex>(party), 0}};
        made.groups = {walk_group()};
        return made;
    }
    void expect(Written said, const Result<workflow::Outcome>& outcome, const std::string& where) {
        ++met[static_cast<std::size_t>(said)];
        const bool refused = outcome.code() == ErrorCode::act_refused;
        if (said != Written::with_conditions) {
            EXPECT_EQ(refused, said == Written::no_row) << where;
        }
    }
    void check_acts(std::size_t thread, std::size_t party) {
        for (const workflow::Act& act : kind.acts) {
            const workflow::ActInput input = walk_act(kind, act);
            const std::string& state = kind.thread_states[thread].name;
            const std::string subject = subjects()[party];
            const Written said =
                act.opens ? Written::no_row : written("act", act.name, state, subject);
            expect(said, workflow::apply_act(kind, standing(thread, party), input, nullptr),
                   act.name + " in " + state + ", " + subject);
        }
    }
    void check_clocks(std::size_t thread, std::size_t party) {
        for (std::size_t clock = 0; clock < kind.clocks.size(); ++clock) {
            const std::optional<std::size_t> subject =
                kind.clocks[clock].per_party ? std::optional<std::size_t>(0) : std::nullopt;
            const std::string& state = kind.thread_states[thread].name;
            const std::string& name = kind.clocks[clock].name;
            expect(written("clock", name, state, subjects()[party]),
                   workflow::apply_clock_end(kind, standing(thread, party),
                                             static_cast<workflow::ClockIndex>(clock), subject),
                   name + " in " + state);
        }
    }

    const CompiledKind& of = CompiledKind::of(GetParam());
    const workflow::Kind& kind = of.kind;
    const toml::table declaration = toml::parse(read_file(of.folder / "declaration.toml"));
    std::size_t met[3] = {};
};

TEST_P(EveryTable, WhatHasNoRowIsRefusedAndWhatHasOneIsNot) {
    for (std::size_t thread = 0; thread < kind.thread_states.size(); ++thread) {
        for (std::size_t party = 0; party < subjects().size(); ++party) {
            check_acts(thread, party);
            check_clocks(thread, party);
        }
    }
    EXPECT_GT(met[static_cast<std::size_t>(Written::no_row)], 0u);
    EXPECT_GT(met[static_cast<std::size_t>(Written::without)], 0u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryTable, testing::ValuesIn(CompiledKind::names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace relais::compiler
