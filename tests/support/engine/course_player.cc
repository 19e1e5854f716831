#include "tests/support/engine/course_player.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "tests/support/words.h"

namespace relais::broker {

namespace {

using test::words_of;
using Words = std::vector<std::string>;

Milliseconds length_of(const std::string& text) {
    const int number = std::stoi(text);
    if (text.back() == 'm') return std::chrono::minutes(number);
    return std::chrono::hours(text.back() == 'd' ? 24 * number : number);
}

workflow::ActIndex index_of(const workflow::Kind& kind, const std::string& act) {
    const auto index = kind.act(act);
    if (!index) throw std::runtime_error("no act " + act);
    return *index;
}

void differ(const std::string& what, const std::string& is, const std::string& told) {
    throw std::runtime_error(what + " is " + is + ", not " + told);
}

}  // namespace

struct CoursePlayer::Step {
    std::string who;
    std::string what;
    Wanted wanted{};
    std::vector<std::size_t> to{};
    std::string state{};                        // of the case then
    std::map<std::size_t, std::string> places;  // of parties
    std::string code = "ok";
};

CoursePlayer::Step CoursePlayer::step_of(const std::string& line) {
    const Words words = words_of(line);
    Step step;
    step.who = words.at(0);
    step.what = words.at(1);
    std::string mode;
    for (std::size_t i = 2; i < words.size(); ++i) {
        const std::string& word = words[i];
        const std::size_t equal = word.find('=');
        if (mode == "=>" && equal != std::string::npos) {
            step.places[std::stoul(word.substr(0, equal))] = word.substr(equal + 1);
        } else if (mode == "=>") {
            step.state = word;
        } else if (word == "=>" || word == "to" || word == "by" || word == "refused") {
            mode = word;
            if (word == "refused") step.code = "act_refused";
        } else if (mode == "refused") {
            step.code = word;
        } else if (mode == "to") {
            step.to.push_back(std::stoul(word));
        } else if (mode == "by") {
            step.wanted.person = std::stoul(word);
        } else if (equal != std::string::npos) {
            step.wanted.publics[word.substr(0, equal)] = word.substr(equal + 1);
        } else {
            throw std::runtime_error("not understood: " + word);
        }
    }
    return step;
}

Words CoursePlayer::lines_of(const std::string& kind) {
    std::ifstream stream(RELAIS_SOURCE_DIR "/tests/unit/broker/engine/courses/" + kind + ".txt");
    Words lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

void CoursePlayer::play(const workflow::Kind& kind, const Words& lines) {
    std::string course;
    for (const std::string& line : lines) {
        if (line.starts_with("course ")) course = line;
        if (line.empty() || line.starts_with("#") || line.starts_with("course ")) continue;
        try {
            take(kind, line);
        } catch (const std::exception& error) {
            throw std::runtime_error(kind.name + ", " + course + ", " + line + ": " + error.what());
        }
    }
}

void CoursePlayer::take(const workflow::Kind& kind, const std::string& line) {
    const Step step = step_of(line);
    ErrorCode code = ErrorCode::ok;
    if (step.who == "wait") {
        bench_.idle(length_of(step.what));
    } else if (step.who == "open") {
        code = open(kind, step);
    } else {
        code = step.what.find('/') == std::string::npos ? act(step) : follow(step);
    }
    if (error_name(code) != step.code) {
        differ("the answer", std::string(error_name(code)), step.code);
    }
    if (code == ErrorCode::ok || !step.state.empty()) look(step);
}

ErrorCode CoursePlayer::open(const workflow::Kind& kind, const Step& step) {
    const workflow::ActIndex opening = index_of(kind, step.what);
    const auto receivers = cast_.receivers(kind);
    Wanted wanted = step.wanted;
    for (const std::size_t place : step.to) wanted.to.push_back(receivers.at(place));
    const auto openers = cast_.openers(kind, kind.acts[opening]);
    const auto from = std::ranges::find_if(openers, [&](const Address& each) {
        return std::ranges::find(wanted.to, each) == wanted.to.end();
    });
    if (from == openers.end()) throw std::runtime_error("nobody may open it");
    last.emplace(Case{&kind, make_uuid_v7<ThreadId>(bench_.random, test::kTestTime), *from});
    return cast_.act(*last, opening, *from, wanted);
}

ErrorCode CoursePlayer::act(const Step& step) {
    Wanted wanted = step.wanted;
    for (const std::size_t place : step.to) wanted.to.push_back(who(std::to_string(place)));
    return cast_.act(*last, index_of(*last->kind, step.what), who(step.who), wanted);
}

// To who opened the case that it follows, unless said otherwise.
ErrorCode CoursePlayer::follow(const Step& step) {
    const std::size_t slash = step.what.find('/');
    const workflow::Kind& kind = kind_named(step.what.substr(0, slash));
    const workflow::ActIndex index = index_of(kind, step.what.substr(slash + 1));
    const Address from = who(step.who);
    Wanted wanted = step.wanted;
    if (kind.acts[index].opens) {
        for (const std::size_t place : step.to) wanted.to.push_back(who(std::to_string(place)));
        if (step.to.empty()) wanted.to = {last->opener};
        wanted.follows = last->id;
        following_.emplace(
            Case{&kind, make_uuid_v7<ThreadId>(bench_.random, test::kTestTime), from});
    }
    return cast_.act(following_.value(), index, from, wanted);
}

Address CoursePlayer::who(const std::string& text) const {
    if (text == "opener") return last->opener;
    if (text != "member") return cast_.thread(*last).parties.at(std::stoul(text)).mailbox;
    const auto members = bench_.territory.state().members(cast_.group());
    const auto other = std::ranges::find_if(
        members, [&](const Address& member) { return member != last->opener; });
    return *other;
}

// What it says of states, and what they are.
void CoursePlayer::look(const Step& step) {
    const workflow::Kind& kind = *last->kind;
    const workflow::Thread now = cast_.thread(*last);
    const std::string& state = kind.thread_states[now.state].name;
    if (!step.state.empty() && state != step.state) differ("the case", state, step.state);
    thread_states.insert(state);
    for (std::size_t place = 0; place < now.parties.size(); ++place) {
        const std::string& name = kind.party_states[now.parties[place].state].name;
        const auto told = step.places.find(place);
        if (told != step.places.end() && told->second != name) {
            differ("party " + std::to_string(place), name, told->second);
        }
        party_states.insert(name);
    }
    const bool over = kind.thread_states[now.state].terminal;
    for (const Address& mailbox : over ? cast_.who(now) : std::vector<Address>()) {
        if (!workflow::possible_acts(kind, now, mailbox, true).empty()) {
            throw std::runtime_error("something can be done after the end");
        }
    }
}

}  // namespace relais::broker
