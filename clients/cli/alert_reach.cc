// alert_reach.cc: `relais alert status` and `relais alert report`: who has answered an alert, who
// has not; and the figures of an exercise as the form of its report asks for them.
#include <algorithm>

#include "clients/cli/alerts.h"
#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/reading.h"
#include "clients/cli/show_directory.h"
#include "clients/cli/text.h"
#include "clients/station/api/responses.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "schemas/directory/professions.h"
#include "schemas/forms/forms.h"

namespace relais::cli {

namespace {

using nlohmann::json;
using station::CalledMailbox;
using station::Reach;

constexpr unsigned kHalf = 50;
constexpr unsigned kNineTenths = 90;
constexpr std::size_t kMissingMax = 500;  // in a report

struct ReachLine {
    std::string thread;
    std::string mailbox;
    std::string output;
    bool replace = false;
};

struct Seen {
    station::ThreadView view;
    Reach reach;
};

Result<Seen> see(station::Station& station, const ReachLine& line) {
    RELAIS_ASSIGN(const ThreadId id, find_thread_typed(station, line.thread));
    std::optional<Address> mailbox;
    if (!line.mailbox.empty()) {
        RELAIS_ASSIGN(mailbox, own_mailbox(station, line.mailbox));
    }
    RELAIS_ASSIGN(station::ThreadView view, station::view_thread(station, id, mailbox));
    if (!view.kind) return fail(ErrorCode::not_found, "rien de lisible dans ce dossier");
    RELAIS_ASSIGN(Reach reach, station::reach_of(station, view));
    return Seen{std::move(view), std::move(reach)};
}

std::int64_t seconds(Milliseconds delay) {
    return std::chrono::duration_cast<std::chrono::seconds>(delay).count();
}

std::string service_title(const directory::DirectoryState& state, const Address& mailbox) {
    const directory::Unit* unit = state.unit(mailbox);
    const auto* organisation = state.organisation(mailbox.organisation());
    std::string title = unit == nullptr ? "" : unit->title;
    if (organisation != nullptr && organisation->entry.now() != nullptr) {
        title += (title.empty() ? "" : " — ") + organisation->entry.now()->title;
    }
    return title;
}

std::string phone_of(const directory::DirectoryState& state, const Address& mailbox) {
    const directory::Unit* unit = state.unit(mailbox);
    return unit == nullptr ? "" : unit->phone;
}

std::string profession_of(const directory::DirectoryState& state, const PersonId& person) {
    const auto* record = state.person_ever(person);
    if (record == nullptr) return "";
    const auto* profession = directory::find_profession(record->person.profession);
    return profession == nullptr ? "" : std::string(profession->label);
}

json delay_json(const std::optional<Milliseconds>& delay) {
    return delay ? json(seconds(*delay)) : json();
}

json answer_json(const directory::DirectoryState& state, const CalledMailbox& line) {
    const station::Answer& answer = *line.last;
    return {{"mailbox", line.mailbox.text()},
            {"service", service_title(state, line.mailbox)},
            {"person", person_title(state, answer.by)},
            {"profession", profession_of(state, answer.by)},
            {"response", answer.code},
            {"time", format_utc(answer.time)},
            {"after_s", seconds(*line.first - line.called)},
            {"outdated", answer.outdated}};
}

// How to reach whoever did not answer, or could not be called.
json service_json(const directory::DirectoryState& state, const Address& mailbox) {
    return {{"mailbox", mailbox.text()},
            {"service", service_title(state, mailbox)},
            {"phone", phone_of(state, mailbox)}};
}

std::string service_line(const directory::DirectoryState& state, const Address& mailbox) {
    const std::string phone = phone_of(state, mailbox);
    return "  " + service_title(state, mailbox) + "  (" + mailbox.text() + ")" +
           (phone.empty() ? "" : "  tél. " + phone);
}

json missing_json(const directory::DirectoryState& state, const CalledMailbox& line, WallTime now) {
    json out = service_json(state, line.mailbox);
    out["called"] = format_utc(line.called);
    out["left"] = line.left;
    const directory::AbsencePeriod* away = state.away(line.mailbox, now);
    if (away == nullptr) return out;
    out["away_until"] = format_utc(away->until);
    if (away->delegate) out["delegate"] = away->delegate->text();
    return out;
}

// What is known of somebody who did not answer. Groups are not read by delegates.
std::string missing_line(const directory::DirectoryState& state, const CalledMailbox& line,
                         WallTime now) {
    std::string text = service_line(state, line.mailbox);
    if (line.left) text += "  — a quitté le groupe depuis";
    const directory::AbsencePeriod* away = state.away(line.mailbox, now);
    if (away == nullptr) return text;
    text += "  — absent jusqu'au " + local_end(away->until);
    if (away->delegate) text += ", délégué " + away->delegate->text();
    return text;
}

json role_json(const station::RoleReach& role) {
    return {{"role", role.label},
            {"called", role.called},
            {"acknowledged", role.acknowledged},
            {"first_after_s", delay_json(role.first_after)}};
}

std::size_t percent(std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : part * 100 / whole;
}

json reach_json(station::Station& station, const Seen& seen) {
    const directory::DirectoryState& state = station.directory();
    const Reach& reach = seen.reach;
    json out = {{"thread", uuid(seen.view.id)},
                {"state", seen.view.state_label},
                {"since", format_utc(reach.since)},
                {"called", reach.called.size()},
                {"acknowledged", reach.acknowledged()},
                {"percent", percent(reach.acknowledged(), reach.called.size())},
                {"time_to_half_s", delay_json(reach.time_to(kHalf))},
                {"time_to_nine_tenths_s", delay_json(reach.time_to(kNineTenths))},
                {"answers", json::array()},
                {"missing", json::array()},
                {"not_called", json::array()},
                {"roles", json::array()},
                {"responses", json::object()},
                {"missing_roles", json::array()}};
    for (const CalledMailbox& line : reach.called) {
        if (!line.last) {
            out["missing"].push_back(missing_json(state, line, station.now()));
            continue;
        }
        out["answers"].push_back(answer_json(state, line));
        json& count = out["responses"][line.last->code];
        count = count.is_null() ? 1 : count.get<int>() + 1;
    }
    for (const Address& mailbox : reach.not_called) {
        out["not_called"].push_back(service_json(state, mailbox));
    }
    for (const station::RoleReach& role : reach.roles) {
        out["roles"].push_back(role_json(role));
        if (role.acknowledged == 0) out["missing_roles"].push_back(role.label);
    }
    return out;
}

std::string delay_text(const std::optional<Milliseconds>& delay) {
    return delay ? french_duration(std::chrono::seconds(seconds(*delay))) : "pas encore";
}

void print_reach(Output& out, const directory::DirectoryState& state, const Seen& seen,
                 WallTime now) {
    const Reach& reach = seen.reach;
    out.heading(seen.view.state_label);
    out.line("Ont répondu : " + std::to_string(reach.acknowledged()) + " sur " +
             std::to_string(reach.called.size()) + " (" +
             std::to_string(percent(reach.acknowledged(), reach.called.size())) + " %)");
    out.line("La moitié : " + delay_text(reach.time_to(kHalf)) +
             " ; 90 % : " + delay_text(reach.time_to(kNineTenths)));
    for (const CalledMailbox& line : reach.called) {
        if (!line.last) continue;
        const station::Answer& answer = *line.last;
        out.line("  " + local_time(answer.time) + "  " + answer.label + " — " +
                 service_title(state, line.mailbox) + ", " + person_title(state, answer.by) + " (" +
                 profession_of(state, answer.by) + ")" +
                 (answer.outdated ? " — à la version d'avant" : ""));
    }
    if (!reach.not_called.empty()) {
        out.heading("Membres non appelés (aucun poste, ou entrés depuis) : prévenez par téléphone");
    }
    for (const Address& mailbox : reach.not_called) {
        out.line(service_line(state, mailbox));
    }
    if (reach.acknowledged() == reach.called.size()) return;
    out.heading("N'ont pas répondu");
    for (const CalledMailbox& line : reach.called) {
        if (line.last) continue;
        out.line(missing_line(state, line, now));
    }
    for (const station::RoleReach& role : reach.roles) {
        if (role.acknowledged == 0) out.alarm("  Rôle manquant : " + role.label);
    }
}

Result<void> run_status(Context& context, const ReachLine& line) {
    Reading reading(context);
    RELAIS_ASSIGN(station::Station* const station, reading.open());
    RELAIS_ASSIGN(const Seen seen, see(*station, line));
    print_reach(context.out, station->directory(), seen, station->now());
    return reading.shown(reach_json(*station, seen));
}

// ---- the report of an exercise

json role_fields(const station::RoleReach& role) {
    json out = {{"role", role.label}, {"called", role.called}, {"acknowledged", role.acknowledged}};
    if (role.first_after) out["first_after"] = seconds(*role.first_after);
    return out;
}

// The figures, under the names that the form of a report has for them.
json report_fields(const directory::DirectoryState& state, const Reach& reach, WallTime now) {
    json out = {{"sent_at", format_utc(reach.since)},
                {"counted_at", format_utc(now)},
                {"called", reach.called.size()},
                {"acknowledged", reach.acknowledged()},
                {"mobilised", reach.answered_with("MOBILISED")},
                {"unavailable", reach.answered_with("UNAVAILABLE")}};
    if (const auto delay = reach.time_to(kHalf)) out["time_to_half"] = seconds(*delay);
    if (const auto delay = reach.time_to(kNineTenths)) {
        out["time_to_nine_tenths"] = seconds(*delay);
    }
    for (const station::RoleReach& role : reach.roles) {
        out["roles"].push_back(role_fields(role));
        if (role.acknowledged == 0) out["missing_roles"].push_back(role.label);
    }
    for (const CalledMailbox& line : reach.called) {
        const bool room = !out.contains("missing") || out["missing"].size() < kMissingMax;
        if (line.last || !room) continue;
        out["missing"].push_back(
            {{"mailbox", line.mailbox.text()}, {"service", service_title(state, line.mailbox)}});
    }
    return out;
}

// The act that signs a report now: one whose form takes these figures.
Result<const workflow::Act*> report_act(station::Station& station, const station::ThreadView& view,
                                        const json& fields) {
    for (const workflow::ActIndex index : view.possible) {
        const workflow::Act& act = view.kind->kind.acts[index];
        const forms::FormSchema* form = view.kind->form_of(act);
        if (form == nullptr || act.side != workflow::Side::opener) continue;
        forms::Findings findings;
        if (forms::check(*form, fields, station.environment(), findings).ok()) return &act;
    }
    return fail(ErrorCode::act_refused, "aucun bilan ne se signe à ce stade (exercices seulement)");
}

Result<void> run_report(Context& context, const ReachLine& line) {
    Reading reading(context);
    RELAIS_ASSIGN(station::Station* const station, reading.open());
    RELAIS_ASSIGN(const Seen seen, see(*station, line));
    const json fields = report_fields(station->directory(), seen.reach, station->now());
    RELAIS_ASSIGN(const workflow::Act* const act, report_act(*station, seen.view, fields));
    const std::string text = fields.dump(2) + "\n";
    json said = {{"thread", uuid(seen.view.id)}, {"act", act->name}, {"form", fields}};
    if (line.output.empty() || line.output == "-") {
        context.out.text(text);
        return reading.shown(std::move(said));
    }
    const Result<void> written = write_file(line.output, as_bytes(text), kOwnerAlone,
                                            line.replace ? Replace::yes : Replace::no);
    if (written.code() == ErrorCode::already_exists) {
        return fail(ErrorCode::already_exists, line.output + " ; --force le remplace");
    }
    RELAIS_TRY(written);
    said["file"] = line.output;
    context.out.line("Compté : " + line.output + ". Ajoutez constats et suites, puis signez :");
    context.out.line("  relais act " + short_id(seen.view.id) + " " + act->name + " --form " +
                     act->name + "=" + line.output);
    return reading.shown(std::move(said));
}

std::shared_ptr<ReachLine> add_thread_options(CLI::App& command) {
    auto line = std::make_shared<ReachLine>();
    command.add_option("dossier", line->thread, "Numéro, ou ses 6 premiers ou derniers caractères")
        ->required();
    command.add_option("--mailbox", line->mailbox,
                       "De quelle boîte l'alerte est partie, si ce poste en a plusieurs");
    return line;
}

}  // namespace

void add_alert_reach(CLI::App& group, Program& program) {
    CLI::App* status =
        add_command(group, "status", "Qui a répondu, avec quel rôle et quand ; qui n'a pas répondu",
                    "  relais alert status 7c21b0d4\n"
                    "  relais alert status 7c21b0d4 --json");
    auto seen = add_thread_options(*status);
    on_run(*status, program,
           [&context = program.context, seen] { return run_status(context, *seen); });

    CLI::App* report = add_command(
        group, "report",
        "Compter un exercice : délais pour 50 % et 90 %, rôles et services manquants, comme le "
        "formulaire de son bilan les demande",
        "  relais alert report 7c21b0d4 --output bilan.json\n"
        "  relais act 7c21b0d4 report --form report=bilan.json");
    auto counted = add_thread_options(*report);
    report->add_option("-o,--output", counted->output, "Fichier JSON ; sinon la sortie standard");
    report->add_flag("--force", counted->replace, "Remplacer un fichier qui existe");
    on_run(*report, program,
           [&context = program.context, counted] { return run_report(context, *counted); });
}

}  // namespace relais::cli
