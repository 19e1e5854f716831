// The silence detector on real programs, whose clocks are put forward day by day: what one side
// sends and the other holds is signed by both, and the coordinator hears the next morning who has
// been switched off; and the morning after that, that the broker has.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/calendar/days.h"
#include "core/files/files.h"
#include "schemas/compiler/compiler.h"
#include "tests/process/support/exchange.h"
#include "tests/process/support/running_territory.h"

namespace relais::test {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;

class SilenceOfProcesses : public testing::Test {
protected:
    SilenceOfProcesses() {
        std::filesystem::create_directory(credentials_);
        must(write_file(credentials_ / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
        must(territory_.cpts.registrar().publish_kind(
            must(compiler::compile_kind(kind_folder("note")))));
        must(territory_.hospital.registrar().add_unit(
            {must(Name::parse("geriatrie")), "Gériatrie aiguë", "", "", {"note"}}));
        territory_.synchronise_all();
        // Noon of tomorrow, whenever it is now: the day of the enrolments is over.
        day_ = calendar::day_of(wall_now()) + 1;
        it_is(day_, hours(12));
    }

    static WallTime wall_now() {
        SystemClock clock;
        return clock.read().wall;
    }
    // All clocks are put forward to that time; time goes on from there.
    void it_is(CivilDay day, Milliseconds time) {
        const Milliseconds ahead = calendar::start_of(day) + time - wall_now();
        territory_.broker.set_clocks(ahead, ahead);
        const std::string text =
            std::to_string(ahead.count()) + " " + std::to_string(ahead.count());
        must(write_file(clock_, as_bytes(text), 0600, Replace::yes));
    }
    // `relais` on that station, as a process of its own, at that time.
    Said relais(Post& post, std::vector<std::string> arguments) {
        post.close();
        arguments.insert(arguments.begin(), {"--station", post.folder().path.string()});
        return run_program(program("relais"), arguments, {},
                           {"CREDENTIALS_DIRECTORY=" + credentials_.string(),
                            "LD_PRELOAD=" + std::string(RELAIS_CLOCK_SHIM),
                            "RELAIS_TEST_CLOCK=" + clock_.string()});
    }
    void synchronise(const std::vector<Post*>& posts) {
        for (Post* post : posts) {
            const Said said = relais(*post, {"sync"});
            EXPECT_EQ(said.code, 0) << said.text;
        }
    }
    // What the coordinator's `relais silence` says, and how it ends.
    json silence(int code, const std::vector<std::string>& options = {}) {
        std::vector<std::string> arguments = {"silence", "--json"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const Said said = relais(territory_.cpts, arguments);
        EXPECT_EQ(said.code, code) << said.text;
        const auto begin = said.text.find('{');
        const json shown = json::parse(said.text.substr(begin), nullptr, false);
        return shown.is_discarded()
                   ? json::parse(said.text.substr(begin, said.text.rfind('}') - begin + 1))
                   : shown;
    }
    // Of one day of the station's own mailbox, as it shows it.
    json day_of(Post& post, CivilDay day, const std::string& unit = "") {
        const std::string mailbox = post.mailbox(unit).text();
        const Said said = relais(post, {"silence", "--json", "--offline"});
        const json shown = json::parse(said.text.substr(said.text.find('{')));
        for (const json& each : shown["days"]) {
            if (each["mailbox"] == mailbox && each["day"] == format_day(day)) return each;
        }
        return {};
    }
    void send_notes(int count) {
        Exchange exchange(kind_folder("note"), {&territory_.practice});
        const Address to = territory_.geriatrie.mailbox("geriatrie");
        for (int i = 0; i < count; ++i) {
            exchange.open(territory_.practice, territory_.practice.mailbox(), "message", {to});
        }
    }

    RunningTerritory territory_;
    std::filesystem::path credentials_ = territory_.folder("credentials");
    std::filesystem::path clock_ = territory_.folder("clock-of-the-stations");
    std::vector<Post*> others_ = {&territory_.cpts, &territory_.practice, &territory_.hospital,
                                  &territory_.medecine};
    CivilDay day_;
};

TEST_F(SilenceOfProcesses, ASends42BHolds42AndWhoIsSwitchedOffIsNamedTheNextMorning) {
    send_notes(42);
    synchronise(others_);
    synchronise({&territory_.geriatrie});
    it_is(day_ + 1, minutes(30));
    synchronise(others_);
    synchronise({&territory_.geriatrie});
    EXPECT_EQ(day_of(territory_.practice, day_)["counted"], (json{{"sent", 42}, {"held", 0}}));
    EXPECT_EQ(day_of(territory_.geriatrie, day_, "geriatrie")["counted"],
              (json{{"sent", 0}, {"held", 42}}));
    EXPECT_EQ(day_of(territory_.medecine, day_, "medecine")["counted"],
              (json{{"sent", 0}, {"held", 0}}));

    it_is(day_ + 1, hours(8));
    json shown = silence(0);
    EXPECT_TRUE(shown["coordinator"].get<bool>());
    ASSERT_FALSE(shown["reckonings"].empty()) << shown.dump(2);
    EXPECT_EQ(shown["reckonings"].back()["last"], format_day(day_));
    EXPECT_EQ(shown["reckonings"].back()["messages"], 42);
    EXPECT_TRUE(shown["reckonings"].back()["findings"].empty()) << shown.dump(2);

    it_is(day_ + 1, hours(12));  // a day of nothing
    synchronise(others_);
    synchronise({&territory_.geriatrie});  // for the last time
    it_is(day_ + 2, minutes(30));
    synchronise(others_);
    it_is(day_ + 2, hours(8));
    shown = silence(0);
    EXPECT_EQ(shown["reckonings"].back()["last"], format_day(day_ + 1));
    EXPECT_EQ(shown["reckonings"].back()["messages"], 0);

    it_is(day_ + 2, hours(12));
    synchronise(others_);
    it_is(day_ + 3, hours(8));
    synchronise(others_);
    shown = silence(7);
    ASSERT_EQ(shown["reckonings"].back()["findings"].size(), 1U) << shown.dump(2);
    const json& finding = shown["reckonings"].back()["findings"].front();
    EXPECT_EQ(finding["code"], "not_polling");
    EXPECT_EQ(finding["mailbox"], territory_.geriatrie.mailbox("geriatrie").text());
    EXPECT_EQ(finding["since"], format_day(day_ + 2));
    const Said text = relais(territory_.cpts, {"silence", "--offline"});
    EXPECT_TRUE(text.says("aucun poste connecté depuis")) << text.text;
    EXPECT_TRUE(relais(territory_.cpts, {"status", "--offline"}).says("aucun poste connecté"));
    auto op = territory_.broker.connect();
    EXPECT_EQ(must(op.status())["silence"]["findings"].front()["code"], "not_polling");

    territory_.broker.stop();  // and now the broker itself
    it_is(day_ + 4, hours(8));
    const Said silent = relais(territory_.cpts, {"silence", "--offline"});
    EXPECT_EQ(silent.code, 7) << silent.text;
    EXPECT_TRUE(silent.says("AUCUN BILAN")) << silent.text;
    const Said checked = run_program(program("relais-fsck"),
                                     {"--data", territory_.broker.data().string(), "--stopped"});
    EXPECT_EQ(checked.code, 0) << checked.text;
}

// What this station holds says it, and only that: the ward that has been switched off since took
// one message, and no more is known of it anywhere that the practice can ask.
TEST_F(SilenceOfProcesses, BeforeSendingTheLastSignOfAUnitIsSaidByItsDay) {
    const std::string ward = territory_.geriatrie.mailbox("geriatrie").text();
    const std::string form = kind_folder("note").string() + "/examples/message.json";
    std::vector<std::string> line = {"new",    "note", "--to",      ward,
                                     "--form", form,   "--offline", "--incomplete"};
    const auto known = [&] {
        std::vector<std::string> asked = line;
        asked.emplace_back("--json");
        const Said said = relais(territory_.practice, asked);
        EXPECT_EQ(said.code, 0) << said.text;
        return json::parse(said.text.substr(said.text.find('{')))["recipients"][0];
    };
    EXPECT_FALSE(known().contains("last_sign"));
    EXPECT_TRUE(relais(territory_.practice, line).says(ward + " : aucun signe encore"));

    send_notes(1);
    synchronise({&territory_.practice});
    EXPECT_FALSE(known().contains("last_sign")) << "sent is not held";
    synchronise({&territory_.geriatrie, &territory_.practice});
    it_is(day_ + 9, hours(9));
    EXPECT_EQ(known()["last_sign"], (json{{"day", format_day(day_)}, {"sign", "delivered"}}));
    const Said said = relais(territory_.practice, line);
    EXPECT_TRUE(said.says(ward + " : dernier signe il y a 9 jours (remis le ")) << said.text;
    // Of another ward of the same hospital, which it never wrote to, it knows nothing.
    line[3] = territory_.medecine.mailbox("medecine").text();
    EXPECT_FALSE(known().contains("last_sign"));
}

}  // namespace
}  // namespace relais::test
