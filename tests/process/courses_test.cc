// courses_test.cc: every kind between real stations, each act by its example form, to each of its
// states and ends. The courses are text, tests/process/courses/<kind>.txt, a step a line:
//
//   course TITLE                           a new case
//   WHO ACT[+ACT] [FIELD=VALUE...] [to WHO...] [named] [of ACT] [=> STATE]
//   WHO ACT ... refused [CODE]             by the broker; act_refused unless said otherwise
//   WHO reads ACT, WHO lacks ACT, WHO knows nothing, WHO is PARTY-STATE
//   wait 31d [=> STATE]                    the broker's clocks go on, until the case is there
//   wait 21m => WHO PARTY-STATE            or the party
//   elsewhere ACT...                       played by another test; and
//   elsewhere party STATE...               come to by another test
//
// `named`: to the attention of the recipient's person. Without `to`, the opener writes to all
// parties, a party to the opener. `of` names the act that is corrected. The kind `alert`, whose
// cases are opened to groups, is alert_test.cc's. Nobody stands in for a service here: states of
// those who do are come to by States (tests/unit/broker/engine/states_test.cc).
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "core/files/files.h"
#include "schemas/compiler/compiler.h"
#include "tests/process/support/exchange.h"
#include "tests/process/support/running_territory.h"

namespace relais::test {
namespace {

using directory::OrganisationKind;
using Words = std::vector<std::string>;

struct Service {
    Post* post;
    Address mailbox;
};

// The organisations of a territory that courses name by their service, enrolled when first named.
class Cast {
public:
    explicit Cast(std::string kind) : kind_(std::move(kind)) {}

    Service& operator[](const std::string& who) {
        const auto known = services_.find(who);
        return known != services_.end() ? known->second
                                        : services_.emplace(who, make(who)).first->second;
    }
    [[nodiscard]] std::vector<Post*> posts() const {
        std::vector<Post*> all;
        for (const auto& [who, service] : services_) all.push_back(service.post);
        return all;
    }

    RunningTerritory territory;

private:
    Service make(const std::string& who) {
        if (who == "medecins") return serve(territory.practice, who);
        if (who == "bureau") return serve(territory.cpts, who);
        if (who == "geriatrie") return ward(territory.geriatrie, who);
        if (who == "medecine") return ward(territory.medecine, who);
        if (who == "cabinet") {
            return join(who, {"cabinet-durand",
                              "Cabinet du Dr Durand",
                              OrganisationKind::practice,
                              "360000049",
                              {"Dr Diane Durand", "10", "10100000066"}});
        }
        if (who == "comptoir") {
            return join(who, {"pharmacie-des-halles",
                              "Pharmacie des Halles",
                              OrganisationKind::pharmacy,
                              "360000056",
                              {"Paul Pharmacien", "21", "10100000074"}});
        }
        if (who == "equipe") {
            return join(who, {"dac-brenne",
                              "DAC de la Brenne",
                              OrganisationKind::dac,
                              "360000064",
                              {"Irène Référente", "60", "10100000082"}});
        }
        if (who == "soins") {
            return join(who, {"ehpad-des-tilleuls",
                              "EHPAD des Tilleuls",
                              OrganisationKind::ehpad,
                              "360000072",
                              {"Inès Infirmière", "60", "10100000090"}});
        }
        fail_test("nobody is called " + who);
    }
    Service join(const std::string& who, const OrganisationWanted& wanted) {
        Post& post = *joined_.emplace_back(std::make_unique<Post>(territory.folder(wanted.name)));
        territory.enrol(post, wanted);
        territory.confirm(wanted.name);
        territory.attest(post, post.person());
        post.synchronise();
        return serve(post, who);
    }
    Service serve(Post& post, const std::string& unit) {
        auto registrar = post.registrar();
        must(registrar.add_unit(
            {must(Name::parse(unit)), "Service " + unit, "", "02 61 91 00 01", {kind_}}));
        must(registrar.extend_station(post.station().identity().station, {unit}));
        return {&post, post.mailbox(unit)};
    }
    Service ward(Post& post, const std::string& unit) {
        must(territory.hospital.registrar().add_unit(
            {must(Name::parse(unit)), "Service " + unit, "", "02 54 00 00 00", {kind_}}));
        return {&post, post.mailbox(unit)};
    }

    std::string kind_;
    std::vector<std::unique_ptr<Post>> joined_;
    std::map<std::string, Service> services_;
};

// One line, read.
struct Step {
    std::string who;
    Words acts;
    Publics publics{};
    Words to{};
    bool named = false;   // to the attention of the recipients' persons
    std::string of{};     // the act corrected
    std::string state{};  // that it leads to; empty: not said
    std::string party{};  // whose state it is; empty: the case's
    ErrorCode code = ErrorCode::ok;
};

ErrorCode code_named(const std::string& name) {
    for (std::uint16_t number = 0; number < 1000; ++number) {
        const auto code = static_cast<ErrorCode>(number);
        if (error_info(code).name == name) return code;
    }
    fail_test("no error is called " + name);
}

Words cut(const std::string& text, char at) {
    std::istringstream stream(text);
    Words words;
    for (std::string word; std::getline(stream, word, at);) {
        if (!word.empty()) words.push_back(word);
    }
    return words;
}

Step step_of(const Words& words) {
    Step step{.who = words.at(0), .acts = cut(words.at(1), '+')};
    std::string mode;
    for (std::size_t i = 2; i < words.size(); ++i) {
        const std::string& word = words[i];
        const std::size_t equal = word.find('=');
        if (mode == "=>") {
            step.party = step.state;  // of two words the first says whose state it is
            step.state = word;
        } else if (word == "named") {
            step.named = true;
        } else if (word == "to" || word == "of" || word == "=>" || word == "refused") {
            mode = word;
            if (word == "refused") step.code = ErrorCode::act_refused;
        } else if (mode == "refused") {
            step.code = code_named(word);
        } else if (equal != std::string::npos) {
            step.publics[word.substr(0, equal)] = word.substr(equal + 1);
        } else if (mode == "of") {
            step.of = word;
        } else if (mode == "to") {
            step.to.push_back(word);
        } else {
            fail_test("not understood: " + word);
        }
    }
    return step;
}

std::chrono::milliseconds length_of(const std::string& text) {
    const int number = std::stoi(text);
    if (text.back() == 'm') return std::chrono::minutes(number);
    return std::chrono::hours(text.back() == 'd' ? 24 * number : number);
}

Words lines_of(const std::string& kind) {
    const auto file = std::filesystem::path(RELAIS_SOURCE_DIR) / "tests/process/courses";
    return cut(std::string(as_text(must(read_file(file / (kind + ".txt"), 1 << 16)))), '\n');
}

class Courses : public testing::TestWithParam<std::string> {
protected:
    Courses() {
        if (GetParam() != "admission") {
            must(cast_.territory.cpts.registrar().publish_kind(
                must(compiler::compile_kind(folder_))));
        }
        // Whoever is named is enrolled before the first course begins.
        for (const std::string& line : lines_) {
            Words words = cut(line, ' ');
            if (!is_step(words)) continue;
            const Step step = step_of(words);
            words = step.to;
            words.push_back(step.who);
            for (const std::string& who : words) {
                if (who != "wait") cast_[who];
            }
        }
        synchronise();
    }
    static bool is_step(const Words& words) {
        return words.size() > 1 && !words[0].starts_with('#') && words[0] != "course" &&
               words[0] != "elsewhere" && words[1] != "reads" && words[1] != "lacks" &&
               words[1] != "knows" && words[1] != "is";
    }
    void synchronise() {
        for (Post* post : cast_.posts()) post->synchronise();
    }
    const workflow::Kind& kind() {
        if (!loaded_) {
            loaded_ = must(workflow::Kind::load(must(compiler::compile_kind(folder_))));
        }
        return *loaded_;
    }
    const workflow::Act& declared(const std::string& name) {
        const auto index = kind().act(name);
        if (!index) fail_test("no act " + name);
        return kind().acts[*index];
    }

    // ---- a step
    std::vector<Address> recipients(const Step& step, const workflow::Act& act) {
        std::vector<Address> to;
        for (const std::string& who : step.to) to.push_back(cast_[who].mailbox);
        if (!to.empty() || act.recipients == workflow::Recipients::nobody) return to;
        return act.side == workflow::Side::party ? std::vector<Address>{*opener_} : parties_;
    }
    station::Draft draft_for(const Step& step, const std::vector<Address>& to) {
        Service& by = cast_[step.who];
        const std::string& act = step.acts.front();
        if (declared(act).opens) {
            auto draft = case_->prepare(*by.post, by.mailbox, act, to, step.publics);
            for (std::size_t i = 1; i < step.acts.size(); ++i) {
                draft.acts.push_back({step.acts[i], example_of(folder_, step.acts[i]), {}});
            }
            return draft;
        }
        auto draft = draft_of(*by.post, case_->id, by.mailbox, act, to, step.publics, folder_);
        for (const Address& mailbox : step.named ? to : std::vector<Address>()) {
            draft.attention.emplace(mailbox.text(), service_at(mailbox).post->person());
        }
        if (!step.of.empty()) {
            draft.answers = case_->item(*by.post, by.mailbox, step.of).value().opened->digest;
        }
        return draft;
    }
    void play(const Step& step) {
        Service& by = cast_[step.who];
        const workflow::Act& act = declared(step.acts.front());
        const auto to = recipients(step, act);
        const auto draft = draft_for(step, to);
        const ErrorCode code = case_->send(*by.post, draft);
        ASSERT_EQ(code, step.code) << error_info(code).name;
        if (code != ErrorCode::ok) return;
        if (act.opens) {
            case_->id = draft.thread;
            opener_ = by.mailbox;
            parties_ = to;
        }
        played_.insert(step.acts.begin(), step.acts.end());
        if (act.release == Release::at_once) {
            for (const Address& mailbox : to) reads(service_at(mailbox), act.name);
        }
        reads(by, act.name);
        note_states();
        if (step.state.empty()) return;
        auto told = to;
        told.push_back(by.mailbox);
        told.push_back(*opener_);
        for (const Address& mailbox : told) {
            EXPECT_EQ(case_->state(*service_at(mailbox).post, mailbox), step.state)
                << mailbox.text();
        }
        come_to(step.state);
    }
    void wait(const Step& step) {
        ahead_ += length_of(step.acts.front());
        cast_.territory.broker.set_clocks(ahead_, ahead_);
        Service& opener = service_at(*opener_);
        const auto there = [&] {
            return (step.party.empty() ? case_->state(*opener.post, opener.mailbox)
                                       : party_state(step.party)) == step.state;
        };
        if (!step.state.empty()) opener.post->until(there);
        synchronise();
        note_states();
        if (step.party.empty() && !step.state.empty()) come_to(step.state);
    }
    // Those of the case and its parties, as the opener sees them.
    void note_states() {
        Service& opener = service_at(*opener_);
        const auto seen =
            must(station::view_thread(opener.post->station(), case_->id, opener.mailbox));
        states_.insert(kind().thread_states[seen.state->state].name);
        for (const workflow::Party& party : seen.state->parties) {
            party_states_.insert(kind().party_states[party.state].name);
        }
    }
    // As the opener sees it.
    std::string party_state(const std::string& who) {
        Service& opener = service_at(*opener_);
        const auto seen =
            must(station::view_thread(opener.post->station(), case_->id, opener.mailbox));
        const auto place = seen.state->party(cast_[who].mailbox);
        if (!place) fail_test(who + " is no party");
        return kind().party_states[seen.state->parties[*place].state].name;
    }
    // In a state that ends the case nothing more is possible, for anybody.
    void come_to(const std::string& state) {
        const auto& states = kind().thread_states;
        const auto at = std::ranges::find(states, state, &workflow::State::name);
        ASSERT_NE(at, states.end()) << state;
        if (!at->terminal) return;
        Service& opener = service_at(*opener_);
        EXPECT_TRUE(must(station::view_thread(opener.post->station(), case_->id, opener.mailbox))
                        .possible.empty());
    }
    Service& service_at(const Address& mailbox) { return cast_[std::string(mailbox.unit())]; }
    void reads(Service& service, const std::string& act) {
        const auto item = case_->item(*service.post, service.mailbox, act);
        ASSERT_TRUE(item) << service.mailbox.text() << " does not read " << act;
        if (!declared(act).form.empty()) {
            const auto seen =
                must(station::view_thread(service.post->station(), case_->id, service.mailbox));
            EXPECT_EQ(item->opened->form, example_in(seen, folder_, act)) << service.mailbox.text();
        }
    }

    // ---- a line
    void look(const Words& words) {
        Service& service = cast_[words[0]];
        const auto seen = station::view_thread(service.post->station(), case_->id, service.mailbox);
        if (words[1] == "knows") {
            EXPECT_EQ(seen.code(), ErrorCode::unknown_thread);
        } else if (words[1] == "is") {
            EXPECT_EQ(party_state(words[0]), words.at(2));
        } else if (words[1] == "reads") {
            reads(service, words.at(2));
        } else {
            EXPECT_FALSE(case_->item(*service.post, service.mailbox, words.at(2)));
        }
    }
    void take(const std::string& line) {
        const Words words = cut(line, ' ');
        if (words[0].starts_with('#')) return;
        if (words[0] == "elsewhere" && words.at(1) == "party") {
            party_states_.insert(words.begin() + 2, words.end());
        } else if (words[0] == "elsewhere") {
            played_.insert(words.begin() + 1, words.end());
        } else if (words[0] == "course") {
            case_.emplace(folder_, cast_.posts());
        } else if (!is_step(words)) {
            look(words);
        } else if (words[0] == "wait") {
            wait(step_of(words));
        } else {
            play(step_of(words));
        }
    }

    const std::filesystem::path folder_ = kind_folder(GetParam());
    const Words lines_ = lines_of(GetParam());
    Cast cast_{GetParam()};
    std::optional<workflow::Kind> loaded_;
    std::optional<Exchange> case_;
    std::optional<Address> opener_;
    std::vector<Address> parties_;
    std::chrono::milliseconds ahead_{0};
    std::set<std::string> played_;  // acts
    std::set<std::string> states_;  // come to, of cases; of parties
    std::set<std::string> party_states_;
};

std::set<std::string> names_of(const std::vector<workflow::State>& states) {
    std::set<std::string> names;
    for (const workflow::State& state : states) names.insert(state.name);
    return names;
}

TEST_P(Courses, EveryActIsPlayedAndEveryStateIsReached) {
    for (const std::string& line : lines_) {
        SCOPED_TRACE(line);
        ASSERT_NO_THROW(take(line)) << line;
        if (HasFatalFailure()) return;
    }
    std::set<std::string> acts;
    for (const workflow::Act& act : kind().acts) acts.insert(act.name);
    EXPECT_EQ(played_, acts);
    EXPECT_EQ(states_, names_of(kind().thread_states));
    EXPECT_EQ(party_states_, names_of(kind().party_states));
}

std::vector<std::string> kinds_without_groups() {
    std::vector<std::string> names;
    const auto kinds = std::filesystem::path(RELAIS_SOURCE_DIR) / "schemas/kinds";
    for (const auto& entry : std::filesystem::directory_iterator(kinds)) {
        const std::string name = entry.path().filename();
        if (entry.is_directory() && name != "alert") names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Kinds, Courses, testing::ValuesIn(kinds_without_groups()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace relais::test
