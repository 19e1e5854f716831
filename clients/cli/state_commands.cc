// state_commands.cc: `sync`, `outbox`, `status`: how this station stands.
#include <algorithm>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/reading.h"
#include "clients/cli/show_directory.h"
#include "clients/cli/show_silence.h"
#include "clients/cli/show_threads.h"
#include "clients/cli/show_witnesses.h"
#include "clients/cli/text.h"
#include "clients/station/api/duties.h"
#include "core/codecs/codecs.h"
#include "schemas/directory/professions.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kSyncPatience{30};
constexpr std::size_t kStatePage = 1000;
constexpr std::int32_t kSilenceDays = 7;
constexpr const char* kEveryRefusal = "all";

struct Counts {
    std::size_t queued = 0;
    std::size_t refused = 0;       // that nobody has noted
    std::size_t not_taken_up = 0;  // accepted before a restore, and not again; nobody has noted
    std::size_t waiting = 0;       // received, and not judged yet
};

Result<Counts> count(station::Station& station) {
    Counts counts;
    station::StationStore& store = station.store();
    RELAIS_ASSIGN(counts.queued, store.count_outgoing(station::SendState::queued));
    RELAIS_ASSIGN(counts.refused, store.count_refused_unnoted());
    RELAIS_ASSIGN(counts.not_taken_up, store.count_not_taken_up_unnoted());
    for (const ErrorCode code : {ErrorCode::not_granted, ErrorCode::ahead_of_directory,
                                 ErrorCode::unknown_kind, ErrorCode::release_unproven}) {
        RELAIS_ASSIGN(const auto entries, station.store().entries_with(code, kStatePage));
        counts.waiting += entries.size();
    }
    return counts;
}

Result<void> synchronise(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_ASSIGN(const std::uint64_t before, station->store().last_serial());
    RELAIS_ASSIGN(const Counts counts_before, count(*station));
    RELAIS_ASSIGN(const auto patience, context.patience(kSyncPatience));
    const Result<void> done = context.synchronise(patience);
    RELAIS_ASSIGN(const std::uint64_t after, station->store().last_serial());
    RELAIS_ASSIGN(const Counts counts, count(*station));
    context.out.attach("synchronised", done.ok());
    context.out.attach("received", after - before);
    context.out.attach("directory_size", station->replica().size().value);
    context.out.attach("queued", counts.queued);
    const std::size_t refused = counts.refused - std::min(counts.refused, counts_before.refused);
    context.out.attach("refused", refused);
    if (refused != 0) {
        context.out.alarm(std::to_string(refused) + " envoi(s) refusé(s) : « relais outbox ».");
    }
    RELAIS_TRY(done);
    context.out.line("À jour : " + std::to_string(after - before) + " élément(s) reçu(s), " +
                     std::to_string(counts.queued) + " en attente d'envoi.");
    context.out.result(json::object());
    return {};
}

struct OutboxLine {
    bool all = false;
    std::vector<std::string> noted;  // messages as typed, or "all"
};

Result<void> note(station::Station& station, const std::string& typed) {
    std::vector<MessageId> messages;
    if (typed == kEveryRefusal) {
        RELAIS_ASSIGN(messages, station.store().outgoing_ids(std::nullopt));
    } else {
        RELAIS_ASSIGN(const MessageId message, find_message(station, typed));
        RELAIS_ASSIGN(const auto item, station.store().outgoing(message));
        if (!item || (item->state != station::SendState::refused && !not_taken_up(*item))) {
            return fail(ErrorCode::usage, typed + " n'est pas un envoi refusé");
        }
        messages.push_back(message);
    }
    for (const MessageId& message : messages) RELAIS_TRY(station.store().note_refused(message));
    return {};
}

// Whether somebody still has to look at it, or it waits.
bool is_pending(const station::StoredOutgoing& item) {
    if (item.state == station::SendState::refused || not_taken_up(item)) return !item.noted;
    return item.state == station::SendState::queued;
}

Result<void> outbox(Context& context, const OutboxLine& line) {
    Reading reading(context);
    RELAIS_ASSIGN(station::Station* const station, reading.open());
    for (const std::string& typed : line.noted) RELAIS_TRY(note(*station, typed));
    RELAIS_ASSIGN(const auto outgoing, station->store().outgoing());
    json messages = json::array();
    for (const station::StoredOutgoing& item : outgoing) {
        if (!is_pending(item) && !line.all) continue;
        messages.push_back(outgoing_json(*station, item));
        print_outgoing(context.out, messages.back());
    }
    if (messages.empty()) context.out.line("Rien en attente, rien de refusé.");
    const bool refusals = std::ranges::any_of(
        messages, [](const json& message) { return message.value("noted", true) == false; });
    if (refusals)
        context.out.line("Un refus lu ne se signale plus : relais outbox --noted MESSAGE");
    return reading.shown({{"messages", std::move(messages)}});
}

const char* duty_word(station::DutyReason reason) {
    switch (reason) {
        case station::DutyReason::no_epoch: return "no_epoch";
        case station::DutyReason::reader_revoked: return "reader_revoked";
        case station::DutyReason::too_old: return "too_old";
    }
    return "no_epoch";
}

const char* duty_text(station::DutyReason reason) {
    switch (reason) {
        case station::DutyReason::no_epoch: return "aucune clé de lecture";
        case station::DutyReason::reader_revoked: return "un lecteur révoqué a encore la clé";
        case station::DutyReason::too_old: return "clé de plus de 90 jours";
    }
    return "";
}

json persons_json(station::Station& station) {
    json persons = json::array();
    const auto* self = station.self();
    if (self == nullptr) return persons;
    for (const PersonId& id : self->station.persons) {
        const auto* record = station.directory().person(id);
        if (record == nullptr) continue;
        json person = person_json(station.directory(), *record);
        person["key_here"] = station.vault().has_person(id);
        person["attested_elsewhere"] = attested_elsewhere_json(station.directory(), id);
        persons.push_back(std::move(person));
    }
    return persons;
}

json mailboxes_json(station::Station& station) {
    json mailboxes = json::array();
    for (const Address& mailbox : own_mailboxes(station)) {
        const auto* epoch = station.directory().epoch(mailbox);
        const bool readable =
            epoch != nullptr && station.keyring().get(mailbox, epoch->epoch.number).ok();
        mailboxes.push_back({{"mailbox", mailbox.text()}, {"readable", readable}});
    }
    return mailboxes;
}

json duties_json(station::Station& station) {
    json duties = json::array();
    for (const station::Duty& duty : station::pending_duties(station)) {
        duties.push_back({{"mailbox", duty.mailbox.text()},
                          {"reason", duty_word(duty.reason)},
                          {"text", duty_text(duty.reason)}});
    }
    return duties;
}

json status_json(Context& context, station::Station& station, const Counts& counts) {
    const auto& identity = station.identity();
    const directory::DirectoryState& state = station.directory();
    const directory::Domain* domain = state.domain();
    const auto* record = state.organisation(identity.organisation.text());
    const directory::Organisation* entry = record == nullptr ? nullptr : record->entry.now();
    const auto* self = station.self();
    return {{"domain", identity.domain.text()},
            {"domain_title", domain == nullptr ? "" : domain->title},
            {"test", domain != nullptr && domain->test},
            {"organisation",
             {{"name", identity.organisation.text()},
              {"title", entry == nullptr ? "?" : entry->title},
              {"kind", entry == nullptr ? "" : directory::kind_name(entry->kind)},
              {"state", organisation_state(state, identity.organisation.text())},
              {"fingerprint", entry == nullptr ? "" : hex(fingerprint(entry->authority).view())}}},
            {"station",
             {{"id", uuid(identity.station)},
              {"title", self == nullptr ? "?" : self->station.title},
              {"revoked", self == nullptr}}},
            {"authority", station.keys().authority.has_value()},
            {"connected", context.online()},
            {"endpoint", identity.endpoint},
            {"directory_size", station.replica().size().value},
            {"persons", persons_json(station)},
            {"mailboxes", mailboxes_json(station)},
            {"queued", counts.queued},
            {"refused", counts.refused},
            {"not_taken_up", counts.not_taken_up},
            {"waiting", counts.waiting},
            {"duties", duties_json(station)}};
}

void print_people(Output& out, const json& status) {
    for (const json& person : status["persons"]) {
        std::string line = "  " + person["title"].get<std::string>() + ", " +
                           person["profession_label"].get<std::string>();
        if (person["regulated"].get<bool>()) {
            line += person["attested"].get<bool>() ? " (attestée)" : " (NON attestée)";
        }
        if (!person["key_here"].get<bool>()) line += ", sans clé sur ce poste";
        out.line(line);
        for (const json& other : person["attested_elsewhere"]) {
            out.line("    " + attested_elsewhere_text(other));
        }
    }
    for (const json& mailbox : status["mailboxes"]) {
        out.line("  boîte " + mailbox["mailbox"].get<std::string>() +
                 (mailbox["readable"].get<bool>() ? "" : " (pas encore lisible ici)"));
    }
}

void print_alarms(Output& out, const json& status) {
    if (status["station"]["revoked"].get<bool>()) {
        out.alarm("Ce poste a été révoqué.");
    }
    const std::string state = status["organisation"]["state"];
    if (state != "confirmed") {
        out.alarm("Organisation " + organisation_state_label(state) +
                  " : aucun contenu clinique ne lui est envoyé.");
    }
    if (const auto refused = status["refused"].get<std::size_t>(); refused != 0) {
        out.alarm(std::to_string(refused) + " envoi(s) refusé(s) : « relais outbox ».");
    }
    if (const auto lost = status["not_taken_up"].get<std::size_t>(); lost != 0) {
        out.alarm(std::to_string(lost) +
                  " envoi(s) que le service restauré n'a pas repris : « relais outbox ».");
    }
    for (const json& duty : status["duties"]) {
        out.alarm("Clé à renouveler pour " + duty["mailbox"].get<std::string>() + " : " +
                  duty["text"].get<std::string>() + " (« relais org roll »).");
    }
}

Result<void> status(Context& context) {
    Reading reading(context);
    RELAIS_ASSIGN(station::Station* const station, reading.open());
    RELAIS_ASSIGN(const Counts counts, count(*station));
    json shown = status_json(context, *station, counts);
    RELAIS_ASSIGN(shown["witnesses"], witnesses_json(*station, context.online()));
    RELAIS_ASSIGN(const auto silence, station::silence(*station, kSilenceDays));
    shown["silence"] = silence_json(silence);
    Output& out = context.out;
    out.heading(shown["organisation"]["title"].get<std::string>() + " — " +
                shown["station"]["title"].get<std::string>());
    out.line("  domaine " + shown["domain"].get<std::string>() +
             (shown["test"].get<bool>() ? " (ESSAI : identités de test seulement)" : "") +
             (context.online() ? ", connecté" : ", non connecté"));
    print_people(out, shown);
    out.line("  " + std::to_string(counts.queued) + " envoi(s) en attente, " +
             std::to_string(counts.waiting) + " message(s) reçu(s) en attente de clé");
    print_alarms(out, shown);
    print_witnesses(out, shown["witnesses"]);
    print_silence_alarms(out, shown["silence"]);
    return reading.shown(shown);
}

}  // namespace

void add_state(CLI::App& app, Program& program) {
    CLI::App* sync = add_command(app, "sync", "Recevoir et envoyer tout ce qui attend",
                                 "  relais sync --wait 2min");
    on_run(*sync, program, [&context = program.context] { return synchronise(context); });

    CLI::App* sent = add_command(app, "outbox", "Envois en attente ou refusés",
                                 "  relais outbox\n  relais outbox --noted 7c21b0d4\n"
                                 "  relais outbox --all --json");
    auto line = std::make_shared<OutboxLine>();
    sent->add_flag("--all", line->all, "Les envois acceptés et les refus notés aussi");
    add_repeated(*sent, "--noted", line->noted,
                 "Refus lu, à ne plus signaler : MESSAGE, ou « all » pour tous");
    on_run(*sent, program, [&context = program.context, line] { return outbox(context, *line); });

    CLI::App* state = add_command(app, "status", "État de ce poste, et ce qui demande une action",
                                  "  relais status\n  relais status --offline --json");
    on_run(*state, program, [&context = program.context] { return status(context); });
}

}  // namespace relais::cli
