// admission_case.h: one thread of the kind `admission` on a bench: the practice's doctor calls the
// two wards of the hospital; everybody acts by name. What an act needs (public fields, lane,
// recipients, release of its boxes) is read from the kind.
#pragma once

#include "tests/support/engine/engine_bench.h"

namespace relais::broker {

inline constexpr const char* kPractice = "cabinet@indre";
inline constexpr const char* kGeriatrics = "geriatrie.ch-valmont@indre";
inline constexpr const char* kCardiology = "cardiologie.ch-valmont@indre";

class AdmissionCase {
public:
    // Connects the practice and both wards where they are not.
    explicit AdmissionCase(EngineBench& bench);

    // Another thread, through the same sessions.
    [[nodiscard]] AdmissionCase sibling() const;

    // Sides: -1 the practice, 0 geriatrics, 1 cardiology.
    static constexpr int kOpener = -1;
    // An envelope of that act, as its author would send it; `to` names the ward of an act that goes
    // to one.
    Bytes make(int side, const std::string& act, int to = 0);
    Header make_header(int side, const std::string& act, int to = 0);
    Bytes seal(int side, const Header& header);
    // Makes and submits it, in one step.
    wire::Body act(int side, const std::string& name, int to = 0);
    // Sends bytes made before.
    wire::Body send(int side, Bytes envelope);
    Input input(int side, Bytes envelope);
    // Connects again, after a restart.
    void reconnect();
    // Goes on with sessions that the test made.
    void speak_through(int side, SessionId session);

    [[nodiscard]] SessionId session(int side) const;
    [[nodiscard]] const test::TestPerson& person(int side) const;
    [[nodiscard]] static const char* mailbox(int side);
    [[nodiscard]] std::optional<StoredThread> stored();
    // "called", ... of the thread and of a ward; empty where there is no thread yet.
    [[nodiscard]] std::string state();
    [[nodiscard]] std::string state_of(int ward);
    [[nodiscard]] bool over();

    ThreadId id;

private:
    EngineBench& bench_;
    SessionId practice_ = 0;
    SessionId wards_[2] = {0, 0};
};

}  // namespace relais::broker
