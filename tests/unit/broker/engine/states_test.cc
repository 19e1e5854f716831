// Every state of every kind of schemas/kinds is come to, of the case and of its parties, in the
// engine, by courses that are text: tests/unit/broker/engine/courses. A kind, or a state, that is
// added without a course fails here.
#include <gtest/gtest.h>

#include "tests/support/engine/course_player.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

class States : public testing::TestWithParam<std::string> {
protected:
    [[nodiscard]] static const workflow::Kind& kind() {
        for (const CompiledKind& each : every_kind()) {
            if (each.kind.name == GetParam()) return each.kind;
        }
        throw std::invalid_argument(GetParam());
    }
    [[nodiscard]] static std::set<std::string> names(const std::vector<workflow::State>& states) {
        std::set<std::string> names;
        for (const workflow::State& state : states) names.insert(state.name);
        return names;
    }

    EngineBench bench;
    EveryKind cast{bench, {}, 1};
    CoursePlayer player{bench, cast};
};

TEST_P(States, AreEachComeToByACourse) {
    ASSERT_NO_THROW(player.play(kind(), CoursePlayer::lines_of(GetParam())));
    EXPECT_EQ(player.thread_states, names(kind().thread_states));
    EXPECT_EQ(player.party_states, names(kind().party_states));
}

std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    for (const CompiledKind& each : every_kind()) names.push_back(each.kind.name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Kinds, States, testing::ValuesIn(kind_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace relais::broker
