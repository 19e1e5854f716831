// course_player.h: plays cases of a kind in the engine as a text tells them, and notes each state
// that the case and its parties came to. A step a line:
//
//   course TITLE                                 a new case
//   open ACT [FIELD=VALUE...] [to N...]          by the first who may; to receivers, by their place
//   WHO ACT [FIELD=VALUE...] [to N] [by N]       WHO is `opener`, a party's place, or `member`;
//                                                `by`: the N-th there who may sign, from 0
//   WHO KIND/ACT [FIELD=VALUE...] [to N]         in another case that follows this one: opens it,
//                                                or goes on in the one that was opened last
//   wait 5h                                      m, h or d
//   ... => STATE [N=STATE...]                    of the case then, and of parties
//   ... refused [CODE]                           act_refused unless said otherwise
#pragma once

#include "tests/support/engine/every_kind.h"

namespace relais::broker {

class CoursePlayer {
public:
    CoursePlayer(EngineBench& bench, EveryKind& cast) : bench_(bench), cast_(cast) {}

    // Throws with the line in which something is not as it says.
    void play(const workflow::Kind& kind, const std::vector<std::string>& lines);
    // The lines of tests/unit/broker/engine/courses/<kind>.txt.
    static std::vector<std::string> lines_of(const std::string& kind);

    // Names of states that were come to; and the last case.
    std::set<std::string> thread_states, party_states;
    std::optional<Case> last;

private:
    struct Step;
    static Step step_of(const std::string& line);
    void take(const workflow::Kind& kind, const std::string& line);
    ErrorCode open(const workflow::Kind& kind, const Step& step);
    ErrorCode follow(const Step& step);
    ErrorCode act(const Step& step);
    [[nodiscard]] Address who(const std::string& text) const;
    void look(const Step& step);

    EngineBench& bench_;
    EveryKind& cast_;
    std::optional<Case> following_;
};

}  // namespace relais::broker
