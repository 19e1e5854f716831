// fixture.h: `relais` as a person or script runs it, in this process: a line in, what it prints and
// its exit code out; a station of a practice, made without a broker, that knows a whole territory;
// and somebody at the terminal, who answers from a list.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clients/cli/dialogue.h"
#include "tests/support/folder.h"
#include "tests/support/small_territory.h"

namespace relais::station {
class StationStore;
}

namespace relais::cli::test {

// Answers in order; Ctrl-D once there are none left. Keeps all that was said and asked.
class ScriptedDialogue final : public Dialogue {
public:
    ScriptedDialogue() = default;
    ScriptedDialogue(std::initializer_list<std::string> answers) : answers_(answers) {}

    [[nodiscard]] bool present() const override { return present_; }
    void say(const std::string& text) override { said_ += text + "\n"; }
    std::optional<std::string> ask(const std::string& prompt) override;

    void leave() { present_ = false; }
    void answer(const std::string& text) { answers_.push_back(text); }
    [[nodiscard]] const std::string& said() const { return said_; }
    [[nodiscard]] std::size_t left() const { return answers_.size(); }

private:
    std::deque<std::string> answers_;
    std::string said_;
    bool present_ = true;
};

struct Ran {
    int code = 0;
    std::string out;
    std::string err;
    // Of --json; null where it is none.
    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
};

// Runs one line, with nobody at the terminal.
Ran relais(const std::vector<std::string>& arguments);
Ran relais(const std::vector<std::string>& arguments, Dialogue& dialogue);

inline constexpr const char* kStationPassphrase = "le poste de la fiction";
inline constexpr const char* kDoctorPassphrase = "le docteur de la fiction";

// The practice's station of a SmallTerritory: the doctor signs under a passphrase of their own, the
// secretary under the station's.
class PracticeTest : public ::testing::Test {
protected:
    PracticeTest();

    // A line for this station, offline, with its passphrase (or another).
    Ran run(std::vector<std::string> arguments,
            const std::string& station_passphrase = kStationPassphrase);
    Ran run(std::vector<std::string> arguments, Dialogue& dialogue,
            const std::string& station_passphrase = kStationPassphrase);
    // The same, signed as the doctor.
    Ran run_as_doctor(std::vector<std::string> arguments);
    // A file with that content, in the test's folder.
    std::string write(const std::string& name, const std::string& content);
    // The station learns what its territory's directory holds since it was made.
    void learn();
    // Another kind of exchange is published, and its bundle is on the station.
    void publish(const std::string& kind);
    // A value of the station's store, by its name.
    void keep(const std::string& name, const std::string& value);
    // Path of one of the kind's examples.
    static std::string example(const std::string& name);

    relais::test::TestFolder folder_;
    relais::test::SmallTerritory territory_;

private:
    void make_station();
    void change_store(const std::function<void(station::StationStore& store)>& change);
    std::size_t known_ = 0;  // entries of the directory
};

}  // namespace relais::cli::test
