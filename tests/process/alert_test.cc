// alert_test.cc: the kind `alert` between real stations: from each opening act to each end, with
// what is refused on the way; who has answered and who has not; an exercise and its report; a
// second signature that comes, and one that does not; alerts that come from and go to other systems
// as CAP.
#include <gtest/gtest.h>

#include <algorithm>

#include "clients/station/api/registers.h"
#include "clients/station/api/responses.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "schemas/compiler/compiler.h"
#include "tests/process/support/child.h"
#include "tests/process/support/exchange.h"
#include "tests/process/support/relais_line.h"
#include "tests/process/support/running_territory.h"
#include "tests/support/cap/cap_schema.h"
#include "tools/indicators/months.h"

namespace relais::test {
namespace {

using nlohmann::json;

class Alerts : public testing::Test {
protected:
    Alerts() {
        must(cpts_.registrar().publish_kind(must(compiler::compile_kind(kind_folder("alert")))));
        territory_.enrol_station(second_, cpts_, {{""}, {}, true}, "Poste de la direction",
                                 station::NewPerson{"Diane Directrice", "director", ""});
        must(territory_.hospital.registrar().add_unit({must(Name::parse("geriatrie")),
                                                       "Gériatrie aiguë",
                                                       "",
                                                       "02 54 00 00 00",
                                                       {"admission", "alert"}}));
        serve(practice_, "medecins");
        make_group();
    }
    void serve(Post& post, const std::string& unit) {
        auto registrar = post.registrar();
        must(registrar.add_unit(
            {must(Name::parse(unit)), "Service " + unit, "", "02 61 91 00 01", {"alert"}}));
        must(registrar.extend_station(post.station().identity().station, {unit}));
    }
    void make_group() {
        territory_.synchronise_all();
        const auto& identity = cpts_.station().identity();
        group_ =
            Address::of_group(must(Name::parse("alertes")), identity.organisation, identity.domain);
        doctors_ = practice_.mailbox("medecins");
        must(cpts_.registrar().set_group(
            {.name = must(Name::parse("alertes")), .title = "Alertes", .kinds = {"alert"}}));
        const std::vector<Address> members = {*doctors_, ward_box_};
        must(cpts_.registrar().change_members(*group_, members, {}));
        synchronise_all();
    }
    void synchronise_all() {
        territory_.synchronise_all();
        second_.synchronise();
    }
    Exchange exchange() { return {kind_folder("alert"), {&cpts_, &second_, &practice_, &ward_}}; }
    void open(Exchange& made, const std::string& act, const Publics& publics) {
        made.open(cpts_, crisis_, act, {*group_}, publics);
    }
    static Publics status(const std::string& word, const std::string& severity = "Severe") {
        return {{"status", word}, {"severity", severity}};
    }
    ErrorCode refused_opening(const std::string& act, const Publics& publics) {
        Exchange none = exchange();
        return none.send(cpts_, none.prepare(cpts_, crisis_, act, {*group_}, publics));
    }
    // What corrects the last content of the opener.
    ErrorCode correct(Exchange& made, const std::string& act, const std::string& of,
                      const Publics& publics) {
        auto draft = made.prepare_next(cpts_, crisis_, act, publics);
        draft.answers = made.item(cpts_, crisis_, of)->opened->digest;
        return made.send(cpts_, draft);
    }
    ErrorCode answer(Exchange& made, Post& post, const Address& mailbox, const std::string& act,
                     const std::string& response) {
        return made.send(post, made.prepare_next(post, mailbox, act, {{"response", response}}));
    }
    // To nobody.
    ErrorCode withdraw(Exchange& made, Post& post) {
        auto draft = made.prepare_next(post, crisis_, "withdraw");
        draft.to.clear();
        return made.send(post, draft);
    }
    bool knows(Post& post, const ThreadId& thread) {
        return station::view_thread(post.station(), thread).ok();
    }
    station::Reach reach(Exchange& made) {
        const auto view = must(station::view_thread(cpts_.station(), made.id, crisis_));
        return must(station::reach_of(cpts_.station(), view));
    }
    // Mailboxes that have not answered.
    std::vector<std::string> missing(Exchange& made) {
        std::vector<std::string> names;
        for (const auto& line : reach(made).called) {
            if (!line.last) names.push_back(line.mailbox.text());
        }
        return names;
    }
    // `relais` on that station, as a process of its own, and its document.
    Said relais(Post& post, std::vector<std::string> arguments) {
        return line_(post, std::move(arguments));
    }
    json document(Post& post, std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "--json");
        const Said said = relais(post, std::move(arguments));
        EXPECT_EQ(said.code, 0) << said.text;
        // What is said to people beside it comes first.
        const std::size_t begin = std::min(said.text.find('{'), said.text.size());
        const json parsed = json::parse(said.text.substr(begin), nullptr, false);
        EXPECT_TRUE(parsed.is_object()) << said.text;
        return parsed;
    }
    // Count and total of a figure, by an operator whose clock runs ahead.
    std::pair<int, int> counted(const std::string& figure, std::chrono::milliseconds ahead) {
        const std::string ms = std::to_string(ahead.count());
        const auto clock = keep("operator-clock", ms + " " + ms);
        const auto month = [](WallTime at) { return must(indicators::month_of(at)).text(); };
        const WallTime now = admin::wall_now();
        const Said said =
            run_program(program("relais-admin"),
                        {"indicators", "--config", territory_.broker.config().string(), "--json",
                         "--from", month(now + std::chrono::hours(-1)), "--to", month(now + ahead)},
                        {},
                        {std::string("LD_PRELOAD=") + RELAIS_CLOCK_SHIM,
                         "RELAIS_TEST_CLOCK=" + clock.string()});
        EXPECT_EQ(said.code, 0) << said.text;
        const json report = json::parse(said.text);
        std::pair<int, int> sum;
        for (const json& each : report["indicators"]) {
            const std::string name = each["kind"].get<std::string>() + "/";
            if (name + each["indicator"].get<std::string>() != figure) continue;
            for (const json& of : each["months"]) {
                sum.first += of["count"].get<int>();
                sum.second += of["of"].get<int>();
            }
        }
        return sum;
    }
    std::filesystem::path keep(const std::string& name, const std::string& text) {
        const auto path = territory_.folder(name);
        must(write_file(path, as_bytes(text), 0600, Replace::yes));
        return path;
    }

    RunningTerritory territory_;
    const RelaisLine line_{territory_.folder("credentials")};
    Post& cpts_ = territory_.cpts;
    Post& practice_ = territory_.practice;
    Post& ward_ = territory_.geriatrie;
    Post second_{territory_.folder("cpts-2")};
    const Address crisis_ = cpts_.mailbox();
    const Address ward_box_ = territory_.hospital.mailbox("geriatrie");
    std::optional<Address> group_;
    std::optional<Address> doctors_;
};

using Names = std::vector<std::string>;

TEST_F(Alerts, AnAlertIsAnsweredUpdatedAndCancelledAndStaysWhatItWas) {
    EXPECT_NE(refused_opening("alert", status("Exercise")), ErrorCode::ok) << "says otherwise";
    EXPECT_NE(refused_opening("alert", status("Test")), ErrorCode::ok);
    EXPECT_NE(refused_opening("exercise", status("Actual")), ErrorCode::ok);
    EXPECT_NE(refused_opening("test", status("Actual")), ErrorCode::ok);
    EXPECT_NE(refused_opening("alert", status("Actual", "Extreme")), ErrorCode::ok)
        << "the highest severity waits";
    EXPECT_NE(refused_opening("alert-extreme", status("Actual")), ErrorCode::ok);

    Exchange alert = exchange();
    open(alert, "alert", status("Actual"));
    for (const auto& [post, mailbox] :
         {std::pair(&practice_, *doctors_), std::pair(&ward_, ward_box_)}) {
        const auto item = alert.item(*post, mailbox, "alert");
        ASSERT_TRUE(item);
        EXPECT_EQ(item->opened->form, example_of(kind_folder("alert"), "alert"));
        EXPECT_EQ(item->opened->header.lane, Lane::crisis);
        EXPECT_EQ(alert.state(*post, mailbox), "alert");
    }
    EXPECT_FALSE(knows(territory_.medecine, alert.id));
    EXPECT_EQ(missing(alert), (Names{ward_box_.text(), doctors_->text()}));

    EXPECT_NE(answer(alert, practice_, *doctors_, "acknowledge-exercise", "RECEIVED"),
              ErrorCode::ok);
    ASSERT_EQ(answer(alert, practice_, *doctors_, "acknowledge", "RECEIVED"), ErrorCode::ok);
    EXPECT_EQ(missing(alert), Names{ward_box_.text()});
    EXPECT_EQ(alert.send(practice_, alert.prepare_next(practice_, *doctors_, "remark")),
              ErrorCode::ok);

    EXPECT_NE(correct(alert, "update", "alert", status("Exercise")), ErrorCode::ok);
    EXPECT_NE(correct(alert, "update", "alert", status("Actual", "Extreme")), ErrorCode::ok)
        << "not by an update";
    EXPECT_NE(correct(alert, "update-exercise", "alert", status("Exercise")), ErrorCode::ok);
    EXPECT_NE(correct(alert, "cancel-test", "alert", {{"status", "Test"}}), ErrorCode::ok);
    ASSERT_EQ(correct(alert, "update", "alert", status("Actual", "Moderate")), ErrorCode::ok);
    EXPECT_TRUE(reach(alert).called.back().last->outdated) << "to the version before";
    ASSERT_EQ(answer(alert, ward_, ward_box_, "acknowledge", "MOBILISED"), ErrorCode::ok);
    EXPECT_TRUE(missing(alert).empty());
    EXPECT_EQ(reach(alert).answered_with("MOBILISED"), 1u);

    const auto roster = must(station::read_register(cpts_.station(), "alert", "roster", kPatience));
    EXPECT_EQ(roster.size(), 2u);

    EXPECT_NE(correct(alert, "cancel", "update", {{"status", "Exercise"}}), ErrorCode::ok);
    ASSERT_EQ(correct(alert, "cancel", "update", {{"status", "Actual"}}), ErrorCode::ok);
    for (const auto& [post, mailbox] : {std::pair(&cpts_, crisis_), std::pair(&ward_, ward_box_)}) {
        EXPECT_EQ(alert.state(*post, mailbox), "alert-cancelled");
    }
    EXPECT_NE(answer(alert, practice_, *doctors_, "acknowledge", "RECEIVED"), ErrorCode::ok);
}

// The figures, as the operator reads them a day later.
TEST_F(Alerts, TheirReachIsCountedADayLaterAndNeverWithThatOfExercises) {
    Exchange alert = exchange();
    open(alert, "alert", status("Actual"));
    ASSERT_EQ(answer(alert, practice_, *doctors_, "acknowledge", "RECEIVED"), ErrorCode::ok);
    ASSERT_EQ(answer(alert, practice_, *doctors_, "acknowledge", "MOBILISED"), ErrorCode::ok);
    Exchange exercise = exchange();
    open(exercise, "exercise", status("Exercise"));
    for (const auto& [post, mailbox] :
         {std::pair(&practice_, *doctors_), std::pair(&ward_, ward_box_)}) {
        ASSERT_EQ(answer(exercise, *post, mailbox, "acknowledge-exercise", "RECEIVED"),
                  ErrorCode::ok);
    }
    Exchange given_up = exchange();
    open(given_up, "alert-extreme", status("Actual", "Extreme"));
    ASSERT_EQ(withdraw(given_up, second_), ErrorCode::ok);

    EXPECT_EQ(counted("alert/reach", std::chrono::hours(0)), std::pair(0, 0)) << "not yet";
    const auto day = std::chrono::hours(25);
    EXPECT_EQ(counted("alert/reach", day), std::pair(1, 2));
    EXPECT_EQ(counted("alert/exercise-reach", day), std::pair(2, 2));
    EXPECT_EQ(counted("alert/test-reach", day), std::pair(0, 0));
}

TEST_F(Alerts, TheHighestSeverityWaitsForASecondPersonOrTenMinutes) {
    Exchange signed_twice = exchange();
    Exchange signed_once = exchange();
    Exchange given_up = exchange();
    for (Exchange* each : {&signed_twice, &signed_once, &given_up}) {
        open(*each, "alert-extreme", status("Actual", "Extreme"));
        EXPECT_EQ(each->state(cpts_, crisis_), "alert-held");
        EXPECT_FALSE(knows(practice_, each->id)) << "nobody has anything of it";
    }
    const auto held = [&](Exchange& made) {
        const auto view = must(station::view_thread(cpts_.station(), made.id, crisis_));
        return view.items.front().receipts.front().held;
    };
    ASSERT_TRUE(held(signed_twice));
    EXPECT_EQ(held(signed_twice)->until, Release::confirmed);
    EXPECT_TRUE(held(signed_twice)->end) << "ten minutes";
    const auto confirm = [&](Exchange& made, Post& post) {
        return made.send(post, made.prepare_next(post, crisis_, "confirm"));
    };
    EXPECT_NE(confirm(signed_twice, cpts_), ErrorCode::ok) << "the same person";
    const Said refused =
        relais(cpts_, {"act", uuid(signed_twice.id), "confirm", "--mailbox", crisis_.text()});
    EXPECT_EQ(refused.code, 5) << refused.text;
    EXPECT_TRUE(refused.says("Il faut ici la signature d'une autre personne")) << refused.text;
    EXPECT_FALSE(knows(practice_, signed_twice.id));
    ASSERT_EQ(confirm(signed_twice, second_), ErrorCode::ok);
    EXPECT_EQ(signed_twice.state(cpts_, crisis_), "alert-confirmed");
    EXPECT_EQ(signed_twice.state(practice_, *doctors_), "alert-confirmed");
    EXPECT_EQ(missing(signed_twice).size(), 2u);
    EXPECT_EQ(held(signed_twice), std::nullopt);

    ASSERT_EQ(withdraw(given_up, second_), ErrorCode::ok);
    EXPECT_EQ(given_up.state(cpts_, crisis_), "alert-cancelled");
    EXPECT_TRUE(held(given_up) && held(given_up)->over);

    territory_.broker.set_clocks(std::chrono::minutes(11), std::chrono::minutes(11));
    practice_.until([&] { return knows(practice_, signed_once.id); });
    synchronise_all();
    EXPECT_EQ(signed_once.state(cpts_, crisis_), "alert-single");
    EXPECT_EQ(held(signed_once), std::nullopt);
    EXPECT_EQ(signed_once.state(practice_, *doctors_), "alert-single") << "who reads it knows";
    EXPECT_NE(confirm(signed_once, second_), ErrorCode::ok) << "too late";
    EXPECT_FALSE(knows(practice_, given_up.id));
    ASSERT_EQ(correct(signed_once, "update", "alert-extreme", status("Actual", "Extreme")),
              ErrorCode::ok);
    ASSERT_EQ(answer(signed_once, practice_, *doctors_, "acknowledge", "UNAVAILABLE"),
              ErrorCode::ok);
    ASSERT_EQ(correct(signed_twice, "cancel", "alert-extreme", {{"status", "Actual"}}),
              ErrorCode::ok);
    EXPECT_EQ(signed_twice.state(ward_, ward_box_), "alert-cancelled");
}

TEST_F(Alerts, MembersThatCannotBeCalledAreNamed) {
    must(practice_.registrar().add_unit(
        {must(Name::parse("garde")), "Garde sans poste", "", "02 61 91 00 09", {"alert"}}));
    territory_.synchronise_all();
    const std::vector<Address> guard = {practice_.mailbox("garde")};
    must(cpts_.registrar().change_members(*group_, guard, {}));
    synchronise_all();
    Exchange alert = exchange();
    open(alert, "alert", status("Actual"));
    const std::string number = uuid(alert.id);
    const json seen = document(cpts_, {"alert", "status", number});
    EXPECT_EQ(seen["called"], 2);
    ASSERT_EQ(seen["not_called"].size(), 1u);
    EXPECT_EQ(seen["not_called"][0]["mailbox"], guard[0].text());
    EXPECT_TRUE(relais(cpts_, {"alert", "status", number}).says("tél. 02 61 91 00 09"));
}

TEST_F(Alerts, WhoLeftTheGroupOrIsAwayIsStillMissingAndToldSo) {
    Exchange alert = exchange();
    open(alert, "alert", status("Actual"));
    const Said away =
        relais(practice_, {"absence", "add", doctors_->text(), "--until", "31/12/2099"});
    ASSERT_EQ(away.code, 0) << away.text;
    must(cpts_.registrar().change_members(*group_, {}, std::vector<Address>{ward_box_}));
    synchronise_all();
    const std::string number = uuid(alert.id);
    const json missing = document(cpts_, {"alert", "status", number})["missing"];
    ASSERT_EQ(missing.size(), 2u);
    EXPECT_EQ(missing[0]["mailbox"], ward_box_.text());
    EXPECT_EQ(missing[0]["left"], true);
    EXPECT_EQ(missing[1]["left"], false);
    EXPECT_FALSE(missing[0].contains("away_until"));
    EXPECT_TRUE(missing[1].contains("away_until"));
    const Said told = relais(cpts_, {"alert", "status", number});
    EXPECT_TRUE(told.says("tél. 02 54 00 00 00  — a quitté le groupe depuis")) << told.text;
    EXPECT_TRUE(told.says("tél. 02 61 91 00 01  — absent jusqu'au")) << told.text;
}

TEST_F(Alerts, AnExerciseEndsWithASignedReportOfWhoWasMissing) {
    Exchange drill = exchange();
    open(drill, "exercise", status("Exercise"));
    EXPECT_NE(answer(drill, practice_, *doctors_, "acknowledge", "MOBILISED"), ErrorCode::ok)
        << "nobody mobilises for an exercise by mistake";
    ASSERT_EQ(answer(drill, practice_, *doctors_, "acknowledge-exercise", "MOBILISED"),
              ErrorCode::ok);
    const std::string number = uuid(drill.id);
    const json seen = document(cpts_, {"alert", "status", number});
    EXPECT_EQ(seen["called"], 2);
    EXPECT_EQ(seen["percent"], 50);
    EXPECT_FALSE(seen["time_to_half_s"].is_null());
    EXPECT_TRUE(seen["time_to_nine_tenths_s"].is_null());
    ASSERT_EQ(seen["answers"].size(), 1u);
    EXPECT_EQ(seen["answers"][0]["profession"], "Médecin");
    EXPECT_EQ(seen["answers"][0]["person"], "Dr Dominique Dupont");
    ASSERT_EQ(seen["missing"].size(), 1u);
    EXPECT_EQ(seen["missing"][0]["mailbox"], ward_box_.text());
    EXPECT_EQ(seen["missing"][0]["phone"], "02 54 00 00 00");
    EXPECT_EQ(seen["missing_roles"], json::array({"Secrétariat, comptoir ou technique"}))
        << "the hospital's, and nobody else has one";
    const Said told = relais(cpts_, {"alert", "status", number});
    EXPECT_TRUE(told.says("EXERCICE en cours")) << told.text;
    EXPECT_TRUE(told.says("Ont répondu : 1 sur 2 (50 %)")) << told.text;
    EXPECT_TRUE(told.says("tél. 02 54 00 00 00")) << told.text;
    const Said elsewhere = relais(practice_, {"alert", "status", number});
    EXPECT_NE(elsewhere.code, 0) << "answers go to who called";

    const auto file = territory_.folder("bilan.json").string();
    const Said counted = relais(cpts_, {"alert", "report", number, "-o", file});
    ASSERT_EQ(counted.code, 0) << counted.text;
    json report = json::parse(as_text(must(read_file(file, 1 << 20))));
    EXPECT_EQ(report["acknowledged"], 1);
    EXPECT_EQ(report["missing"][0]["mailbox"], ward_box_.text());
    report["findings"] = "La gériatrie n'a pas été prévenue.";
    must(write_file(file, as_bytes(report.dump()), 0600, Replace::yes));
    const Said sent =
        relais(cpts_, {"act", number, "report", "--form", "report=" + file, "--lane", "urgent"});
    ASSERT_EQ(sent.code, 0) << sent.text;
    synchronise_all();
    EXPECT_EQ(drill.state(ward_, ward_box_), "exercise-reported");
    EXPECT_EQ(drill.item(ward_, ward_box_, "report")->opened->form["findings"], report["findings"]);
    EXPECT_NE(relais(cpts_, {"alert", "report", number}).code, 0) << "one report";
}

TEST_F(Alerts, WhatNobodyEndsIsEndedByItsLife) {
    Exchange alert = exchange();
    Exchange drill = exchange();
    Exchange test = exchange();
    Exchange held = exchange();
    Exchange stopped = exchange();
    open(alert, "alert", status("Actual", "Unknown"));
    open(drill, "exercise", status("Exercise", "Minor"));
    open(test, "test", status("Test", "Unknown"));
    open(held, "exercise-extreme", status("Exercise", "Extreme"));
    open(stopped, "exercise", status("Exercise", "Minor"));
    EXPECT_EQ(test.item(ward_, ward_box_, "test")->opened->header.lane, Lane::routine);
    EXPECT_NE(answer(test, ward_, ward_box_, "acknowledge", "RECEIVED"), ErrorCode::ok);
    ASSERT_EQ(answer(test, ward_, ward_box_, "acknowledge-test", "RECEIVED"), ErrorCode::ok);
    ASSERT_EQ(correct(test, "update-test", "test", status("Test", "Unknown")), ErrorCode::ok);
    ASSERT_EQ(correct(stopped, "cancel-exercise", "exercise", {{"status", "Exercise"}}),
              ErrorCode::ok);
    EXPECT_EQ(stopped.state(ward_, ward_box_), "exercise-cancelled");
    Exchange ended = exchange();
    open(ended, "test", status("Test", "Unknown"));
    ASSERT_EQ(correct(ended, "cancel-test", "test", {{"status", "Test"}}), ErrorCode::ok);
    EXPECT_EQ(ended.state(ward_, ward_box_), "test-over");

    const std::chrono::hours month(31 * 24);
    territory_.broker.set_clocks(month, month);
    cpts_.until([&] { return alert.state(cpts_, crisis_) == "alert-over"; });
    synchronise_all();
    EXPECT_EQ(alert.state(ward_, ward_box_), "alert-over");
    EXPECT_EQ(drill.state(ward_, ward_box_), "exercise-over");
    EXPECT_EQ(test.state(ward_, ward_box_), "test-over");
    EXPECT_EQ(held.state(cpts_, crisis_), "exercise-over") << "after it went out single";
}

TEST_F(Alerts, DutyStandsInARegisterByDayAndService) {
    serve(cpts_, "crise");
    synchronise_all();
    Exchange duty = exchange();
    duty.open(practice_, *doctors_, "duty", {cpts_.mailbox("crise")},
              {{"day", "20261214"}, {"duty", "ON_DUTY"}});
    EXPECT_EQ(duty.state(practice_, *doctors_), "recorded");
    EXPECT_EQ(duty.item(cpts_, cpts_.mailbox("crise"), "duty")->opened->form["phone"],
              "02 61 91 00 01");
    const auto lines = must(station::read_register(ward_.station(), "alert", "duty", kPatience));
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].key, "20261214/" + doctors_->text());
    EXPECT_EQ(lines[0].value, 1);
}

// ---- CAP

constexpr const char* kTheirs = R"(<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>FR-36-2026-0417</identifier>
  <sender>sidpc@prefecture-exemple.test</sender>
  <sent>2026-12-14T07:21:00+01:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <source>SIDPC</source>
  <scope>Public</scope>
  <info>
    <language>fr-FR</language>
    <category>CBRNE</category>
    <event>Fuite de chlore</event>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Observed</certainty>
    <headline>Fuite de chlore : confinement</headline>
    <area><areaDesc>Commune-Exemple</areaDesc><altitude>100</altitude></area>
  </info>
</alert>
)";

std::string with(std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    if (at == std::string::npos) fail_test(what + " is not there");
    return text.replace(at, what.size(), by);
}

// A later message of theirs, about the first.
std::string later(const std::string& type, const std::string& identifier,
                  const std::string& status = "Actual") {
    std::string text = with(kTheirs, "<msgType>Alert", "<msgType>" + type);
    text = with(text, "FR-36-2026-0417", identifier);
    text = with(text, "<status>Actual", "<status>" + status);
    return with(text, "</scope>",
                "</scope><references>sidpc@prefecture-exemple.test,FR-36-2026-0417,"
                "2026-12-14T07:21:00+01:00</references>");
}

TEST_F(Alerts, WhatComesAsCapIsRelayedWithItsOriginUpdatedCancelledAndGoesOutAsCap) {
    const auto file = keep("a.xml", kTheirs).string();
    const json draft = document(cpts_, {"alert", "import", file, "--to", group_->text()});
    EXPECT_TRUE(draft["complete"].get<bool>()) << draft;
    ASSERT_EQ(draft["cap_findings"].size(), 1u);
    EXPECT_EQ(draft["cap_findings"][0]["element"], "info/area/altitude");
    const json sent = document(cpts_, {"send", draft["draft"]});
    const std::string number = sent["thread"];
    synchronise_all();
    const auto view = must(
        station::view_thread(ward_.station(), must(station::find_thread(ward_.station(), number))));
    ASSERT_TRUE(view.items.front().opened);
    EXPECT_EQ(view.items.front().opened->header.act, "alert");
    EXPECT_EQ(view.items.front().opened->form["origin"]["message"]["identifier"],
              "FR-36-2026-0417");
    EXPECT_EQ(view.items.front().opened->form["origin"]["source"], "SIDPC");

    const Said again = relais(cpts_, {"alert", "import", file});
    EXPECT_NE(again.code, 0);
    EXPECT_TRUE(again.says("déjà relayé")) << again.text;

    const auto other = keep("x.xml", later("Update", "FR-36-2026-0418", "Exercise")).string();
    const Said changed = relais(cpts_, {"alert", "import", other});
    EXPECT_NE(changed.code, 0) << "an update never changes what it was";
    EXPECT_TRUE(changed.says("status Exercise")) << changed.text;

    const auto update = keep("u.xml", later("Update", "FR-36-2026-0419")).string();
    const json updated = document(cpts_, {"alert", "import", update});
    EXPECT_EQ(updated["thread"], number);
    document(cpts_, {"send", updated["draft"]});
    synchronise_all();

    // From a member's station, as a document that a stock validator takes.
    const auto out = territory_.folder("out.xml").string();
    const json exported = document(ward_, {"alert", "export", number, "-o", out});
    const std::string text(as_text(must(read_file(out, 1 << 20))));
    EXPECT_EQ(schema_objection(text), "");
    EXPECT_EQ(exported["type"], "Update");
    EXPECT_EQ(exported["sender"], crisis_.text());
    EXPECT_NE(text.find("relais:origin=sidpc@prefecture-exemple.test,FR-36-2026-0419,"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("<references>" + crisis_.text() + ","), std::string::npos) << text;
    EXPECT_NE(text.find("<source>SIDPC</source>"), std::string::npos);
    EXPECT_NE(relais(ward_, {"alert", "export", number, "-o", out}).code, 0) << "not twice";

    const auto cancel = keep("c.xml", later("Cancel", "FR-36-2026-0420")).string();
    const json cancelled = document(cpts_, {"alert", "import", cancel});
    EXPECT_EQ(cancelled["thread"], number);
    document(cpts_, {"send", cancelled["draft"]});
    synchronise_all();
    const auto ended = must(
        station::view_thread(ward_.station(), must(station::find_thread(ward_.station(), number))));
    EXPECT_EQ(ended.kind->kind.thread_states[ended.state->state].name, "alert-cancelled");
    const Said last = relais(ward_, {"alert", "export", number});
    EXPECT_TRUE(last.says("<msgType>Cancel</msgType>")) << last.text;
}

TEST_F(Alerts, WhatIsNoCapForPeopleIsRefusedWithLineAndElement) {
    const auto refusal = [&](const std::string& text) {
        const Said said = relais(cpts_, {"alert", "import", keep("bad.xml", text).string()});
        EXPECT_NE(said.code, 0) << said.text;
        return said;
    };
    EXPECT_TRUE(refusal(with(kTheirs, "07:21:00+01:00", "07:21:00Z")).says("ligne 5, sent :"));
    EXPECT_TRUE(refusal(with(kTheirs, "Immediate", "Now")).says("ligne 14, info/urgency :"));
    EXPECT_TRUE(refusal(with(kTheirs, "<alert", "<!DOCTYPE alert [<!ENTITY a \"b\">]><alert"))
                    .says("DOCTYPE"));
    EXPECT_TRUE(refusal("<html/>").says("pas un message CAP 1.2"));
    EXPECT_TRUE(refusal(with(kTheirs, "<status>Actual", "<status>Draft")).says("Draft"));
    EXPECT_TRUE(refusal(later("Cancel", "FR-36-2026-0420")).says("pas été relayée d'ici"));
    EXPECT_NE(relais(cpts_, {"alert", "import", "/nonexistent.xml"}).code, 0);
    EXPECT_NE(relais(cpts_, {"alert", "export", "ffffffff"}).code, 0);
}

}  // namespace
}  // namespace relais::test
