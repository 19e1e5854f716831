// walk.h: a case of a compiled kind, moved step by step as a test writes it:
//   "question urgency=waiting"  the opening act, to parties 0 and 1 (and fallback 2, where it has
//                               one), or to a group
//   "0 decline"                 party 0's act
//   "member answer"             an act of a member of the group
//   "opener complete to=0"      the opener's, to that party; without `to`, to every party or group
//   "other confirm"             the same, by another person
//   "clock life"                the end of a clock of the thread
// Mandatory public fields that a step does not give have the first of their values; a boolean, yes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/workflow/decide.h"

namespace relais::compiler {

class Walk {
public:
    explicit Walk(const workflow::Kind& kind) : kind_(kind) {}

    // Errors: act_refused, and the others of the table; the case is unchanged.
    Result<void> step(const std::string& text);

    [[nodiscard]] const workflow::State& state() const {
        return kind_.thread_states[thread_->state];
    }
    [[nodiscard]] const workflow::Party& party(std::size_t place) const {
        return thread_->parties[place];
    }
    [[nodiscard]] const std::string& party_state(std::size_t place) const {
        return kind_.party_states[party(place).state].name;
    }
    // Whether something is held back from the members of the group.
    [[nodiscard]] bool group_waits() const { return thread_->groups_wait != Release::at_once; }
    // Clocks that the last step started, by name.
    [[nodiscard]] const std::vector<std::string>& started() const { return started_; }
    // Those that it stopped.
    [[nodiscard]] const std::vector<std::string>& stopped() const { return stopped_; }

private:
    Result<void> open(const std::vector<std::string>& words);
    void address(workflow::ActInput& input, const std::vector<std::string>& words) const;
    Result<void> take(Result<workflow::Outcome> outcome);

    const workflow::Kind& kind_;
    std::optional<workflow::Thread> thread_;
    std::vector<std::string> started_, stopped_;
};

// An act by its name with the public fields of `words` ("urgency=today") and the mandatory ones.
// From and to nobody yet: `from` is the opener. Throws where a name is unknown.
[[nodiscard]] workflow::ActInput written_act(const workflow::Kind& kind, const std::string& act,
                                             const std::vector<std::string>& words);

// The same with no public field but the mandatory ones, from the side that it is of, to whom it is
// declared for: the first party where it is for some.
[[nodiscard]] workflow::ActInput walk_act(const workflow::Kind& kind, const workflow::Act& act);

[[nodiscard]] const Address& walk_opener();
[[nodiscard]] const Address& walk_party(std::size_t place);
[[nodiscard]] const Address& walk_group();

}  // namespace relais::compiler
