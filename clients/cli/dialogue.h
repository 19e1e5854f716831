// dialogue.h: asking whoever sits at the terminal, line by line. Tests put a script in its place.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace relais::cli {

class Dialogue {
public:
    virtual ~Dialogue() = default;
    // Whether there is somebody to ask. Nothing else may be called where there is not.
    [[nodiscard]] virtual bool present() const = 0;
    virtual void say(const std::string& text) = 0;
    // The line typed, without its end; nothing where the person ends the input (Ctrl-D).
    virtual std::optional<std::string> ask(const std::string& prompt) = 0;
};

// Standard input, where it is a terminal of which this process is in the foreground; what is said
// goes to standard error, so that standard output holds results only.
class TerminalDialogue final : public Dialogue {
public:
    [[nodiscard]] bool present() const override;
    void say(const std::string& text) override;
    std::optional<std::string> ask(const std::string& prompt) override;
};

// That somebody can be asked. Errors: usage  nobody; the detail ends with what to give instead.
Result<void> need_dialogue(const Dialogue& dialogue, const std::string& instead);

// Errors: usage  the person ended the input. Spaces at both ends are dropped.
Result<std::string> ask_line(Dialogue& dialogue, const std::string& prompt);
// Asks again until `judge` says nothing. Errors: as ask_line.
Result<std::string> ask_until(Dialogue& dialogue, const std::string& prompt,
                              const std::function<std::string(const std::string&)>& judge);
// Errors: as ask_line.
Result<bool> ask_yes(Dialogue& dialogue, const std::string& question, bool when_empty);
// How many choices an answer may make. Optional: an empty answer makes none.
enum class Pick { one, several, optional_one, optional_several };
// Places in `choices`: numbers, or beginnings of labels, between commas. Errors: as ask_line.
Result<std::vector<std::size_t>> ask_choices(Dialogue& dialogue, const std::string& question,
                                             const std::vector<std::string>& choices, Pick pick);

}  // namespace relais::cli
