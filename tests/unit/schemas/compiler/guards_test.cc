// Every kind of schemas/kinds, every act, every value of its public codes, in each state of thread
// and party, whatever registers hold and whether or not others acted before: the guards decide, and
// as declaration.toml writes them.
#include <gtest/gtest.h>

#include "schemas/workflow/public_value.h"
#include "tests/unit/schemas/compiler/compiled_kind.h"
#include "tests/unit/schemas/compiler/walk.h"
#include "tests/unit/schemas/compiler/written_table.h"

namespace relais::compiler {
namespace {

using workflow::Recipients;
using workflow::Side;

// The same value under every key.
class SameEverywhere final : public workflow::RegisterReader {
public:
    explicit SameEverywhere(std::optional<std::int64_t> value) : value_(value) {}
    Result<std::optional<std::int64_t>> latest(const std::string&, const std::string&,
                                               const std::string&) const override {
        return value_;
    }

private:
    std::optional<std::int64_t> value_;
};

using Fields = std::vector<PublicField>;

class EveryGuard : public testing::TestWithParam<std::string> {
protected:
    // Each value of a code or boolean; of a number or day its bounds; of what may be left out, also
    // that.
    [[nodiscard]] std::vector<std::optional<std::int64_t>> values_of(
        const workflow::PublicUse& use) const {
        const workflow::PublicDeclared& field = *kind.public_field(use.number);
        std::vector<std::optional<std::int64_t>> values;
        for (const workflow::PublicValue& each : field.values) values.push_back(each.value);
        const bool boolean = field.type == workflow::PublicType::boolean;
        if (boolean) values = {0, 1};
        if (!boolean && field.values.empty()) values = {field.min, field.max};
        if (!use.mandatory) values.push_back(std::nullopt);
        return values;
    }
    // Each choice of all of the act's fields.
    [[nodiscard]] std::vector<Fields> choices_of(const workflow::Act& act) const {
        std::vector<Fields> choices = {{}};
        for (const workflow::PublicUse& use : act.publics) {
            std::vector<Fields> longer;
            for (const Fields& choice : choices) {
                for (const auto& value : values_of(use)) {
                    longer.push_back(choice);
                    if (value) longer.back().push_back({use.number, *value});
                }
            }
            choices = std::move(longer);
        }
        return choices;
    }
    [[nodiscard]] std::string written(const PublicField& field) const {
        const workflow::PublicDeclared& declared = *kind.public_field(field.number);
        return workflow::write_public(declared, field.value);
    }
    [[nodiscard]] workflow::ActInput input(const workflow::Act& act, const Fields& publics) const {
        workflow::ActInput made{*kind.act(act.name), walk_opener(), {}, publics, {}, {}};
        made.signer = "01234567897";
        made.attention = "10100000001";
        made.follows = ThreadId{};
        made.member = act.side == Side::member;
        if (act.side != Side::opener) made.from = walk_party(0);
        if (act.recipients == Recipients::opener) {
            made.to = {{walk_opener()}};
        } else if (act.recipients == Recipients::groups) {
            made.to = {{walk_group()}};
        } else if (act.recipients != Recipients::nobody) {
            made.to = {{walk_party(0)}};
        }
        return made;
    }
    [[nodiscard]] workflow::Thread standing(const Situation& at) const {
        workflow::Thread made{.id = {}, .kind = {}, .opener = walk_opener()};
        made.state = place_of(kind.thread_states, at.thread);
        if (!at.party.empty()) {
            made.parties = {{walk_party(0), place_of(kind.party_states, at.party), 0}};
        }
        made.groups = {walk_group()};
        for (std::uint8_t person = 1; at.crowd && person <= 16; ++person) {
            for (workflow::ActIndex act = 0; act < kind.acts.size(); ++act) {
                made.done.push_back({act, {}, std::to_string(person)});
                made.done.back().by.bytes[0] = person;
            }
        }
        return made;
    }
    static workflow::StateIndex place_of(const std::vector<workflow::State>& states,
                                         const std::string& name) {
        const auto found = std::ranges::find(states, name, &workflow::State::name);
        return static_cast<workflow::StateIndex>(found - states.begin());
    }

    void check(const workflow::Act& act, const Fields& publics, Situation at) {
        at.act = act.name;
        for (const PublicField& field : publics) {
            at.publics[kind.public_field(field.number)->name] = written(field);
        }
        const SameEverywhere registers(at.held);
        const auto outcome =
            act.opens ? workflow::open_thread(kind, {}, input(act, publics), &registers)
                      : workflow::apply_act(kind, standing(at), input(act, publics), &registers);
        const WrittenVerdict said = table.judge(at);
        ++met[static_cast<std::size_t>(said.row)];
        constexpr ErrorCode kCodes[] = {ErrorCode::act_refused, ErrorCode::register_refused,
                                        ErrorCode::ok};
        ASSERT_EQ(outcome.code(), kCodes[static_cast<std::size_t>(said.row)]) << shown(at);
        if (!outcome.ok()) return;
        const std::string& state = kind.thread_states[outcome->thread.state].name;
        ASSERT_EQ(state, said.state.empty() ? at.thread : said.state) << shown(at);
    }
    static std::string shown(const Situation& at) {
        std::string text = at.act + " in " + at.thread + ", " + at.party;
        for (const auto& [name, value] : at.publics) text += " " + name + "=" + value;
        return text + (at.crowd ? ", after others" : "") +
               (at.held ? ", registers " + std::to_string(*at.held) : "");
    }
    // What registers hold makes a difference where some guard asks for it.
    [[nodiscard]] std::vector<std::optional<std::int64_t>> holdings() const {
        if (kind.registers.empty()) return {std::nullopt};
        return {std::nullopt, 1, 2, 3};
    }
    void check_with(const workflow::Act& act, const Fields& publics,
                    std::optional<std::int64_t> held) {
        for (const bool crowd : {false, true}) {
            Situation at;
            at.crowd = crowd;
            at.held = held;
            check_everywhere(act, publics, at);
        }
    }
    void check_everywhere(const workflow::Act& act, const Fields& publics, Situation at) {
        if (act.opens) {
            at.party = act.recipients == Recipients::parties ? kind.party_states[0].name : "";
            return check(act, publics, at);
        }
        const std::vector<workflow::State> none = {{"", "", false}};
        for (const workflow::State& thread : kind.thread_states) {
            for (const workflow::State& party :
                 kind.party_states.empty() ? none : kind.party_states) {
                at.thread = thread.name;
                at.party = party.name;
                check(act, publics, at);
                if (HasFatalFailure()) return;
            }
        }
    }

    const CompiledKind& of = CompiledKind::of(GetParam());
    const workflow::Kind& kind = of.kind;
    const WrittenTable table{of.folder};
    std::size_t met[3] = {};
};

TEST_P(EveryGuard, DecidesEveryValueOfThePublicCodesAsWritten) {
    for (const workflow::Act& act : kind.acts) {
        for (const Fields& publics : choices_of(act)) {
            for (const auto& held : holdings()) check_with(act, publics, held);
            if (HasFatalFailure()) return;
        }
    }
    EXPECT_GT(met[static_cast<std::size_t>(WrittenVerdict::Row::fits)], 0u);
    EXPECT_GT(met[static_cast<std::size_t>(WrittenVerdict::Row::none)], 0u);
}

// A code that some guard asks for is one that an act can give; one that none asks for is there for
// whoever reads it, and changes nothing.
TEST_P(EveryGuard, AsksForNoValueThatNoActGives) {
    for (const workflow::Row& row : kind.rows) {
        if (row.trigger != workflow::TriggerKind::act) continue;
        const workflow::Act& act = kind.acts[row.index];
        for (const workflow::Guard& guard : row.guards) {
            if (guard.op != workflow::GuardOp::public_is) continue;
            EXPECT_TRUE(kind.public_field(guard.number)->allows(guard.value)) << act.name;
            const auto used =
                std::ranges::find(act.publics, guard.number, &workflow::PublicUse::number);
            EXPECT_NE(used, act.publics.end()) << act.name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryGuard, testing::ValuesIn(CompiledKind::names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace relais::compiler
