// absence_commands.cc: `relais absence`: when a service of this organisation is away, and which
// mailbox reads and answers in its place meanwhile.
#include <algorithm>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/text.h"
#include "core/base/limits.h"

namespace relais::cli {

namespace {

using directory::AbsencePeriod;
using nlohmann::json;

json period_json(const Address& mailbox, const AbsencePeriod& period, WallTime now) {
    json shown = {{"mailbox", mailbox.text()},
                  {"from", format_utc(period.from)},
                  {"until", format_utc(period.until)},
                  {"lasting", period.holds(now)}};
    if (period.delegate) shown["delegate"] = period.delegate->text();
    return shown;
}

// By the clock of the service.
std::string period_text(const station::Station& station, const Address& mailbox,
                        const AbsencePeriod& period) {
    const directory::Unit* unit = station.directory().unit(mailbox);
    const calendar::Hours hours = unit == nullptr ? calendar::Hours{} : unit->hours;
    return mailbox.text() + " : absent du " + unit_time(period.from, hours) + " au " +
           unit_end(period.until, hours) +
           (period.delegate ? ", délégué " + period.delegate->text() : ", sans délégué");
}

// Which are told: those that are not over, or those that last at a time to come.
struct AbsencesAsked {
    bool everybody = false;
    std::string at;
};

// A moment, or any of a day that is given without an hour: its end is the midnight after it.
struct TimeAsked {
    WallTime begin;
    WallTime end;

    [[nodiscard]] bool meets(const AbsencePeriod& period) const {
        return period.holds(begin) || (begin < period.from && period.from < end);
    }
};

Result<std::optional<TimeAsked>> time_asked(const AbsencesAsked& asked, WallTime now) {
    if (asked.at.empty()) return std::optional<TimeAsked>();
    RELAIS_ASSIGN(const WallTime at, parse_local_time(asked.at, DayEnd::begin));
    RELAIS_ASSIGN(const WallTime end, parse_local_time(asked.at, DayEnd::end));
    if (at + std::chrono::days(1) < now) {
        return fail(ErrorCode::usage,
                    "--at " + asked.at + " : c'est passé ; l'annuaire ne dit que ce qui vient");
    }
    return std::optional(TimeAsked{at, end});
}

// Of every organisation, or of this one.
std::vector<std::pair<Address, AbsencePeriod>> announced(const station::Station& station,
                                                         bool everybody) {
    std::vector<std::pair<Address, AbsencePeriod>> all;
    const directory::DirectoryState& directory = station.directory();
    for (const auto& [name, organisation] : directory.organisations()) {
        if (!everybody && name != station.identity().organisation.text()) continue;
        for (const auto& [unit, said] : organisation.absences) {
            const Address mailbox = Address::of(unit, organisation.name, directory.domain_name());
            const directory::Absence* absence = directory.absence(mailbox);
            if (absence == nullptr) continue;
            for (const AbsencePeriod& period : absence->periods) all.emplace_back(mailbox, period);
        }
    }
    return all;
}

Result<void> list(Context& context, const AbsencesAsked& asked) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    const WallTime now = station->now();
    RELAIS_ASSIGN(const auto at, time_asked(asked, now));
    json all = json::array();
    for (const auto& [mailbox, period] : announced(*station, asked.everybody)) {
        if (at ? !at->meets(period) : period.until <= now) continue;
        all.push_back(period_json(mailbox, period, now));
        context.out.line(period_text(*station, mailbox, period) +
                         (period.holds(now) ? " — en cours" : ""));
    }
    if (all.empty()) {
        context.out.line(at ? "Aucune absence annoncée à ce moment."
                            : "Aucune absence en cours ni à venir.");
    }
    context.out.result({{"absences", std::move(all)}});
    return {};
}

// A service of this organisation.
Result<Address> own_unit(station::Station& station, const std::string& typed) {
    RELAIS_ASSIGN(Address mailbox, find_mailbox(station, typed));
    const bool ours = mailbox.organisation() == station.identity().organisation.text();
    if (!ours || mailbox.unit().empty()) {
        return fail(ErrorCode::usage,
                    mailbox.text() + " n'est pas un service de cette organisation");
    }
    return mailbox;
}

// What is said of it that is not over.
directory::Absence said_of(station::Station& station, const Address& mailbox) {
    directory::Absence absence{station.directory().unit(mailbox)->name};
    if (const auto* said = station.directory().absence(mailbox)) absence.periods = said->periods;
    std::erase_if(absence.periods,
                  [&](const AbsencePeriod& period) { return period.until <= station.now(); });
    return absence;
}

struct AbsenceLine {
    std::string unit;
    std::string from;
    std::string until;
    std::string delegate;
};

// As the clock of the service shows it. Requires a mailbox that is there.
Result<AbsencePeriod> period_of(station::Station& station, const Address& mailbox,
                                const AbsenceLine& line) {
    const calendar::Hours hours = station.directory().unit(mailbox)->hours;
    AbsencePeriod period{station.now(), {}};
    if (!line.from.empty()) {
        RELAIS_ASSIGN(period.from, parse_unit_time(line.from, DayEnd::begin, hours));
    }
    RELAIS_ASSIGN(period.until, parse_unit_time(line.until, DayEnd::end, hours));
    if (period.until <= period.from || period.until <= station.now()) {
        return fail(ErrorCode::usage, "--until : une date après le début, et à venir");
    }
    if (line.delegate.empty()) return period;
    RELAIS_ASSIGN(period.delegate, find_mailbox(station, line.delegate));
    return period;
}

// What keeps the delegate from standing in, of the kinds that the service takes.
std::string obstacles(station::Station& station, const Address& mailbox, const Address& delegate) {
    const directory::DirectoryState& directory = station.directory();
    if (!directory.has_key(delegate, directory.size())) return "pas encore de clé";
    std::string missing;
    for (const std::string& kind : directory.unit(mailbox)->kinds) {
        if (!directory.takes(delegate, kind)) missing += (missing.empty() ? "" : ", ") + kind;
    }
    return missing.empty() ? "" : "ne prend pas : " + missing;
}

Result<void> add(Context& context, const AbsenceLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const Address mailbox, own_unit(*station, line.unit));
    RELAIS_ASSIGN(const AbsencePeriod period, period_of(*station, mailbox, line));
    if (period.delegate == mailbox) return fail(ErrorCode::usage, "--delegate : une autre boîte");
    directory::Absence absence = said_of(*station, mailbox);
    for (const AbsencePeriod& other : absence.periods) {
        if (other.from < period.until && period.from < other.until) {
            return fail(ErrorCode::usage,
                        "se chevauchent : " + period_text(*station, mailbox, other) +
                            " (« relais absence end »)");
        }
    }
    absence.periods.push_back(period);
    std::ranges::sort(absence.periods, {}, &AbsencePeriod::from);
    if (absence.periods.size() > limits::kAbsencePeriodsMax) {
        return fail(ErrorCode::usage,
                    std::to_string(limits::kAbsencePeriodsMax) + " absences à venir au plus");
    }
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.set_absence(absence));
    context.out.line(period_text(*station, mailbox, period));
    json shown = period_json(mailbox, period, station->now());
    const std::string why =
        period.delegate ? obstacles(*station, mailbox, *period.delegate) : std::string();
    if (!why.empty()) {
        context.out.alarm("Le délégué " + period.delegate->text() + " " + why);
        shown["obstacle"] = why;
    }
    context.out.result(std::move(shown));
    return {};
}

// The one that lasts ends now; with `all`, those to come are taken back too.
Result<void> end(Context& context, const std::string& typed, bool all) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const Address mailbox, own_unit(*station, typed));
    const WallTime now = station->now();
    directory::Absence absence = said_of(*station, mailbox);
    const std::size_t before = absence.periods.size();
    std::erase_if(absence.periods,
                  [&](const AbsencePeriod& period) { return all || period.holds(now); });
    if (absence.periods.size() == before) {
        return fail(ErrorCode::unknown_object, "aucune absence en cours : " + mailbox.text());
    }
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.set_absence(absence));
    context.out.line(mailbox.text() + " : de retour");
    context.out.result({{"mailbox", mailbox.text()},
                        {"ended", before - absence.periods.size()},
                        {"left", absence.periods.size()}});
    return {};
}

}  // namespace

void add_absence(CLI::App& app, Program& program) {
    CLI::App* absences = add_group(
        app, "absence", "Absences d'un service, et qui lit et répond à sa place",
        "  relais absence add cabinet.cabinet-exemple --from 24/12/2026 --until 02/01/2027 "
        "--delegate garde.cabinet-voisin\n"
        "  relais absence end cabinet.cabinet-exemple");
    Context& context = program.context;
    CLI::App* listed = add_command(*absences, "list", "Absences en cours et à venir");
    auto asked = std::make_shared<AbsencesAsked>();
    listed->add_flag("--all", asked->everybody, "De toutes les organisations du territoire");
    listed->add_option("--at", asked->at,
                       "Qui sera absent ce jour-là, ou à ce moment : 24/12/2026 [18:00]");
    on_run(*listed, program, [&context, asked] { return list(context, *asked); });

    CLI::App* added =
        add_command(*absences, "add",
                    "Déclarer une absence : ce qui arrive pendant ce temps va aussi au délégué",
                    "  relais absence add cabinet.cabinet-exemple --until \"27/11/2026 14:00\"");
    auto line = std::make_shared<AbsenceLine>();
    added->add_option("service", line->unit, "Boîte du service")->required();
    added->add_option("--from", line->from, "Début : 24/12/2026 [18:00] (par défaut maintenant)");
    added->add_option("--until", line->until, "Fin : 02/01/2027 (ce jour compris) [08:00]")
        ->required();
    added->add_option("--delegate", line->delegate,
                      "Boîte qui lit et répond à sa place ; sans elle, personne");
    on_run(*added, program, [&context, line] { return add(context, *line); });

    CLI::App* ended = add_command(*absences, "end", "Terminer l'absence en cours");
    auto typed = std::make_shared<std::string>();
    auto all = std::make_shared<bool>(false);
    ended->add_option("service", *typed, "Boîte du service")->required();
    ended->add_flag("--all", *all, "Retirer aussi celles à venir");
    on_run(*ended, program, [&context, typed, all] { return end(context, *typed, *all); });
}

}  // namespace relais::cli
