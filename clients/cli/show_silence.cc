#include "clients/cli/show_silence.h"

#include "clients/cli/program.h"
#include "clients/cli/reading.h"
#include "clients/cli/text.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::int32_t kDaysShown = 7;
constexpr std::int32_t kDaysShownMax = 60;

std::string finding_text(const Finding& finding) {
    const std::string since = " depuis le " + french_day(finding.since);
    const std::string expected = std::to_string(finding.expected);
    const std::string counted = std::to_string(finding.counted);
    switch (finding.code) {
        case FindingCode::not_polling: return "aucun poste connecté" + since;
        case FindingCode::no_statement: return "poste connecté, mais aucun relevé" + since;
        case FindingCode::holds_fewer:
            return "détient " + counted + " message(s) sur " + expected + since;
        case FindingCode::sent_differs:
            return "déclare " + counted + " envoi(s), le serveur en compte " + expected + since;
        case FindingCode::stopped_sending: return "n'envoie plus rien" + since;
    }
    return "anomalie" + since;
}

const char* verdict_text(ErrorCode verdict) {
    if (verdict == ErrorCode::ok) return "";
    return verdict == ErrorCode::wrong_position ? "ne fait pas suite au bilan précédent"
                                                : "porte sur une journée qui n'était pas close";
}

json reckoning_json(const station::HeldReckoning& held) {
    const Reckoning& reckoning = held.reckoning;
    json findings = json::array();
    for (const Finding& finding : reckoning.findings) {
        findings.push_back({{"code", finding_name(finding.code)},
                            {"mailbox", finding.mailbox.text()},
                            {"since", format_day(finding.since)},
                            {"expected", finding.expected},
                            {"counted", finding.counted},
                            {"text", finding_text(finding)}});
    }
    return {{"first", format_day(reckoning.first)},
            {"last", format_day(reckoning.last)},
            {"days", reckoning.first == reckoning.last ? "du " + french_day(reckoning.last)
                                                       : "du " + french_day(reckoning.first) +
                                                             " au " + french_day(reckoning.last)},
            {"revision", reckoning.revision},
            {"posted", format_utc(held.posted)},
            {"mailboxes", reckoning.mailboxes},
            {"messages", reckoning.messages},
            {"findings", std::move(findings)},
            {"left_off", reckoning.left_off},
            {"interrupted", reckoning.interrupted},
            {"valid", held.verdict == ErrorCode::ok},
            {"verdict", verdict_text(held.verdict)}};
}

const char* state_word(station::DayState state) {
    switch (state) {
        case station::DayState::open: return "open";
        case station::DayState::answered: return "stated";
        case station::DayState::not_compared: return "not_compared";
    }
    return "open";
}

json day_json(const station::MailboxDay& each) {
    const station::StoredDay& day = each.day;
    json shown = {{"mailbox", each.mailbox.text()},
                  {"day", format_day(day.day)},
                  {"sent", day.sent},
                  {"held", day.held},
                  {"state", state_word(day.state)},
                  {"differs", each.differs()}};
    if (day.state != station::DayState::answered) return shown;
    shown["stated"] = {{"sent", day.stated_sent}, {"held", day.stated_held}};
    shown["counted"] = {{"sent", day.counted_sent}, {"held", day.counted_held}};
    if (each.differs()) {
        shown["text"] =
            each.mailbox.text() + ", le " + french_day(day.day) + " : ce poste a " +
            std::to_string(day.stated_sent) + " envoi(s) et " + std::to_string(day.stated_held) +
            " message(s) reçu(s), le serveur en compte " + std::to_string(day.counted_sent) +
            " et " + std::to_string(day.counted_held);
    }
    return shown;
}

void print_reckoning(Output& out, const json& reckoning) {
    const std::size_t found = reckoning["findings"].size();
    std::string line = "Bilan " + reckoning["days"].get<std::string>() + " : ";
    line += found == 0 ? "rien à signaler" : std::to_string(found) + " anomalie(s)";
    line += " (" + std::to_string(reckoning["messages"].get<std::uint64_t>()) + " message(s), " +
            std::to_string(reckoning["mailboxes"].get<std::uint64_t>()) + " boîte(s))";
    if (reckoning["revision"].get<int>() != 0) line += ", rectifié";
    out.line(line);
    if (reckoning["interrupted"].get<bool>()) {
        out.line("  le serveur a été arrêté, ou son horloge suspecte : connexions non jugées");
    }
    for (const json& finding : reckoning["findings"]) {
        out.line("  " + finding["mailbox"].get<std::string>() + " : " +
                 finding["text"].get<std::string>());
    }
    if (const auto left = reckoning["left_off"].get<std::uint64_t>(); left != 0) {
        out.line("  et " + std::to_string(left) + " autre(s)");
    }
}

void print_day(Output& out, const json& day) {
    std::string line = "  " + day["mailbox"].get<std::string>() + ", " +
                       day["day"].get<std::string>() + " : " +
                       std::to_string(day["sent"].get<std::uint64_t>()) + " envoyé(s), " +
                       std::to_string(day["held"].get<std::uint64_t>()) + " reçu(s)";
    const std::string state = day["state"];
    if (state == "open") line += ", pas encore relevé";
    if (state == "not_compared") line += ", non comparé";
    if (state == "stated" && !day["differs"].get<bool>()) line += ", le serveur compte de même";
    out.line(line);
}

Result<void> show_silence(Context& context, std::int32_t days) {
    Reading reading(context);
    RELAIS_ASSIGN(station::Station* const station, reading.open());
    RELAIS_ASSIGN(const auto report, station::silence(*station, days));
    const json shown = silence_json(report);
    Output& out = context.out;
    print_silence_alarms(out, shown);
    for (const json& reckoning : shown["reckonings"]) print_reckoning(out, reckoning);
    if (!shown["days"].empty()) out.heading("Ce poste");
    for (const json& day : shown["days"]) print_day(out, day);
    if (shown["days"].empty() && shown["reckonings"].empty()) {
        out.line("Aucune journée close depuis que ce poste compte.");
    }
    for (const auto& [key, value] : shown.items()) out.attach(key, value);
    RELAIS_TRY(reading.shown(json::object()));
    return report.wrong() ? Result<void>(fail(ErrorCode::silence_found)) : Result<void>{};
}

}  // namespace

json silence_json(const station::SilenceReport& report) {
    json reckonings = json::array();
    for (const auto& held : report.reckonings) reckonings.push_back(reckoning_json(held));
    json days = json::array();
    for (const auto& day : report.days) days.push_back(day_json(day));
    json shown = {{"coordinator", report.coordinator},
                  {"wrong", report.wrong()},
                  {"reckonings", std::move(reckonings)},
                  {"invalid_notices", report.invalid_notices},
                  {"days", std::move(days)}};
    if (report.missing_since) {
        shown["missing_since"] = format_day(*report.missing_since);
        shown["missing_text"] = "AUCUN BILAN du serveur depuis la journée du " +
                                french_day(*report.missing_since) + " : appelez l'exploitant.";
    }
    return shown;
}

void print_silence_alarms(Output& out, const json& silence) {
    if (silence.contains("missing_text")) out.alarm(silence["missing_text"].get<std::string>());
    if (const auto count = silence["invalid_notices"].get<std::size_t>(); count != 0) {
        out.alarm(std::to_string(count) + " avis reçu(s) dont la signature n'est pas du serveur.");
    }
    for (const json& reckoning : silence["reckonings"]) {
        if (reckoning["valid"].get<bool>()) continue;
        out.alarm("Le bilan " + reckoning["days"].get<std::string>() + " " +
                  reckoning["verdict"].get<std::string>() + ".");
    }
    if (!silence["reckonings"].empty()) {
        for (const json& finding : silence["reckonings"].back()["findings"]) {
            out.alarm(finding["mailbox"].get<std::string>() + " : " +
                      finding["text"].get<std::string>());
        }
    }
    for (const json& day : silence["days"]) {
        if (day["differs"].get<bool>()) out.alarm("Écart : " + day["text"].get<std::string>());
    }
}

void add_silence(CLI::App& app, Program& program) {
    CLI::App* command = add_command(
        app, "silence", "Bilan des journées : ce qui a été envoyé, ce qui est arrivé, qui se tait",
        "  relais silence\n  relais silence --days 30 --json");
    auto days = std::make_shared<std::int32_t>(kDaysShown);
    command->add_option("--days", *days, "Nombre de jours à montrer")
        ->check(CLI::Range(1, kDaysShownMax));
    on_run(*command, program,
           [&context = program.context, days] { return show_silence(context, *days); });
}

}  // namespace relais::cli
