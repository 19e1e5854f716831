// script.h: a random case of an admission as a list of steps that can be played again, byte for
// byte, on another bench; and what a store holds, to compare two of them.
#pragma once

#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {

struct ScriptStep {
    enum class What { submit, acknowledge, idle } what;
    int side = kOpener;
    Bytes bytes{};  // an envelope, or a delivered statement
    Milliseconds time{0};
};

// Plays a random case on the bench: mostly acts that may pass, some that may not, duplicates,
// acknowledgements, time.
class RandomCase {
public:
    RandomCase(EngineBench& bench, std::uint64_t seed);

    // The next step, chosen, done and kept.
    ErrorCode next();
    [[nodiscard]] const std::vector<ScriptStep>& steps() const { return steps_; }
    [[nodiscard]] const std::vector<ErrorCode>& answers() const { return answers_; }
    AdmissionCase thread;

private:
    ScriptStep choose();
    ScriptStep choose_act();

    EngineBench& bench_;
    test::SeededRandom random_;
    std::vector<ScriptStep> steps_;
    std::vector<ErrorCode> answers_;
};

// Every side's station connected to its mailbox and asking for nothing: who is connected when, the
// broker remembers too (reckoner.h).
void attach_sides(EngineBench& bench, AdmissionCase& thread);

// Does one step. The answer's code; ok for the passing of time.
ErrorCode play(EngineBench& bench, AdmissionCase& thread, const ScriptStep& step);

// Every row of every table, in order, as text.
[[nodiscard]] std::string everything(SqliteStore& store);
// What a restart must not change: mailboxes, threads, timers, held boxes, counters, cursors,
// accepted ids.
[[nodiscard]] std::string lasting(SqliteStore& store);

}  // namespace relais::broker
