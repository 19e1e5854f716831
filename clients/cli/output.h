// output.h: everything the program says. To people: lines on standard output, notices and errors on
// standard error. With --json: one document on standard output and nothing else there. A reader
// that goes away (a closed pipe) does not undo what the command does. One thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace relais::cli {

class Output {
public:
    Output() = default;
    // `colour`: where standard output is a terminal that shows it.
    Output(bool json, bool colour) : json_(json), colour_(colour) {}

    [[nodiscard]] bool json() const { return json_; }
    void set_json(bool json) { json_ = json; }

    // For people, on standard output; nothing with --json.
    void line(std::string_view text = {});
    // Several lines, as they are.
    void text(std::string_view lines);
    void heading(std::string_view text);
    void alarm(std::string_view text);
    // On standard error, with --json too.
    void notice(std::string_view text) const;

    // The document of --json; the last one given is printed at the end.
    void result(nlohmann::json document) { document_ = std::move(document); }
    // A member of that document, printed even where the command fails.
    void attach(const std::string& key, nlohmann::json value) { attached_[key] = std::move(value); }
    // One document on a line of its own, now: for a command that goes on.
    void event(const nlohmann::json& document);

    // Whether nobody reads standard output any more.
    [[nodiscard]] bool closed() const { return closed_; }
    // Sends what was said on its way. Errors: io_failed  it could not be written.
    Result<void> flush();

    // Ends: prints the document, or the error; gives the exit code.
    int finish(const Result<void>& done);

private:
    void put(std::string_view bytes);
    void put_coloured(const char* colour, std::string_view text);
    void print_document(const Result<void>& done);

    bool json_ = false;
    bool colour_ = false;
    bool closed_ = false;
    bool failed_ = false;
    bool streams_ = false;
    nlohmann::json document_;
    nlohmann::json attached_ = nlohmann::json::object();
};

// {"code", "name", "detail", "french", "next_step"}
[[nodiscard]] nlohmann::json error_json(const Error& error);

}  // namespace relais::cli
