// walk.h: a case of a compiled kind, moved step by step as a test writes it:
//   "question urgency=waiting"   the opening act, to parties 0 and 1 (and fallback 2, where it has
//   one) "0 decline"                  party 0's act "opener complete to=0"       the opener's, to
//   that party; without `to`, to every party "clock life"                 the end of a clock of the
//   thread
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
    // Clocks that the last step started, by name.
    [[nodiscard]] const std::vector<std::string>& started() const { return started_; }

private:
    Result<void> open(const std::vector<std::string>& words);
    Result<void> take(Result<workflow::Outcome> outcome);

    const workflow::Kind& kind_;
    std::optional<workflow::Thread> thread_;
    std::vector<std::string> started_;
};

// An act by its name with the public fields of `words` ("urgency=today") and the mandatory ones.
// From and to nobody yet: `from` is the opener. Throws where a name is unknown.
[[nodiscard]] workflow::ActInput written_act(const workflow::Kind& kind, const std::string& act,
                                             const std::vector<std::string>& words);

[[nodiscard]] const Address& walk_opener();
[[nodiscard]] const Address& walk_party(std::size_t place);

}  // namespace relais::compiler
