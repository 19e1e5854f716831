#include "clients/cli/dialogue.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "clients/cli/text.h"

namespace relais::cli {

namespace {

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

void put(const std::string& text) {
    const std::string shown = printable(text);
    std::fwrite(shown.data(), 1, shown.size(), stderr);
}

// The place that one answer means; nothing where it means none, or several.
std::optional<std::size_t> place_of(const std::string& answer,
                                    const std::vector<std::string>& choices) {
    std::size_t number = 0;
    const char* end = answer.data() + answer.size();
    const auto [stop, problem] = std::from_chars(answer.data(), end, number);
    if (problem == std::errc{} && stop == end) {
        return number >= 1 && number <= choices.size() ? std::optional(number - 1) : std::nullopt;
    }
    const std::string wanted = fold(answer);
    if (wanted.empty()) return std::nullopt;
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const std::string choice = fold(choices[i]);
        if (choice == wanted) return i;
        if (!choice.starts_with(wanted)) continue;
        if (found) return std::nullopt;
        found = i;
    }
    return found;
}

// All places meant; empty where one of the answers is not understood.
std::vector<std::size_t> places_of(std::string_view answers,
                                   const std::vector<std::string>& choices) {
    std::vector<std::size_t> places;
    while (!answers.empty()) {
        const std::size_t end = answers.find(',');
        const auto place = place_of(trimmed(std::string(answers.substr(0, end))), choices);
        if (!place) return {};
        if (std::ranges::find(places, *place) == places.end()) places.push_back(*place);
        if (end == std::string_view::npos) break;
        answers.remove_prefix(end + 1);
    }
    return places;
}

}  // namespace

bool TerminalDialogue::present() const {
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 &&
           ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

void TerminalDialogue::say(const std::string& text) { put(text + "\n"); }

std::optional<std::string> TerminalDialogue::ask(const std::string& prompt) {
    put(prompt);
    char* line = nullptr;
    std::size_t room = 0;
    const ssize_t length = ::getline(&line, &room, stdin);
    std::optional<std::string> answer;
    if (length >= 0) answer.emplace(line, static_cast<std::size_t>(length));
    std::free(line);
    if (!answer) {
        put("\n");
        return answer;
    }
    if (answer->ends_with('\n')) answer->pop_back();
    return answer;
}

Result<void> need_dialogue(const Dialogue& dialogue, const std::string& instead) {
    if (dialogue.present()) return {};
    return fail(ErrorCode::usage, "pas de terminal où poser la question : " + instead);
}

Result<std::string> ask_line(Dialogue& dialogue, const std::string& prompt) {
    const auto line = dialogue.ask(prompt);
    if (!line) return fail(ErrorCode::usage, "saisie abandonnée ; rien n'a été gardé");
    return trimmed(*line);
}

Result<std::string> ask_until(Dialogue& dialogue, const std::string& prompt,
                              const std::function<std::string(const std::string&)>& judge) {
    for (;;) {
        RELAIS_ASSIGN(std::string answer, ask_line(dialogue, prompt));
        const std::string fault = judge(answer);
        if (fault.empty()) return answer;
        dialogue.say("  ✗ " + fault);
    }
}

Result<bool> ask_yes(Dialogue& dialogue, const std::string& question, bool when_empty) {
    const std::string prompt = question + (when_empty ? " [O/n] " : " [o/N] ");
    const auto judge = [](const std::string& answer) -> std::string {
        const std::string word = fold(answer);
        const bool understood =
            word.empty() || word == "o" || word == "oui" || word == "n" || word == "non";
        return understood ? "" : "Répondez o (oui) ou n (non).";
    };
    RELAIS_ASSIGN(const std::string answer, ask_until(dialogue, prompt, judge));
    if (answer.empty()) return when_empty;
    return fold(answer).starts_with('o');
}

Result<std::vector<std::size_t>> ask_choices(Dialogue& dialogue, const std::string& question,
                                             const std::vector<std::string>& choices, Pick pick) {
    const bool one = pick == Pick::one || pick == Pick::optional_one;
    const bool optional = pick == Pick::optional_one || pick == Pick::optional_several;
    dialogue.say(question);
    for (std::size_t i = 0; i < choices.size(); ++i) {
        dialogue.say("  " + std::to_string(i + 1) + ". " + choices[i]);
    }
    const std::string prompt = std::string(one ? "Numéro" : "Numéros, séparés par des virgules") +
                               (optional ? " (Entrée pour passer) : " : " : ");
    const auto judge = [&](const std::string& answer) -> std::string {
        if (optional && answer.empty()) return "";
        const auto places = places_of(answer, choices);
        const bool good = one ? places.size() == 1 : !places.empty();
        return good ? "" : "Réponse non comprise : donnez un numéro de la liste.";
    };
    RELAIS_ASSIGN(const std::string answer, ask_until(dialogue, prompt, judge));
    return places_of(answer, choices);
}

}  // namespace relais::cli
