// alert_commands.cc: `relais alert`: alerts as documents of the Common Alerting Protocol (CAP 1.2):
// one of ours written as such, one of others made a draft that keeps where it comes from.
#include <algorithm>

#include "clients/cap/message.h"
#include "clients/cap/xml.h"
#include "clients/cli/acting.h"
#include "clients/cli/alerts.h"
#include "clients/cli/lookup.h"
#include "clients/cli/marking.h"
#include "clients/cli/program.h"
#include "clients/cli/reading.h"
#include "clients/cli/sending.h"
#include "clients/cli/text.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::cli {

namespace {

using nlohmann::json;

json findings_of(const cap::Findings& findings) {
    json out = json::array();
    for (const cap::Finding& finding : findings) {
        json one = {{"severity", finding.severity == cap::Severity::error ? "error" : "warning"},
                    {"element", finding.element},
                    {"message", finding.message}};
        if (finding.line != 0) one["line"] = finding.line;
        out.push_back(std::move(one));
    }
    return out;
}

void say(Context& context, const cap::Findings& findings) {
    for (const cap::Finding& finding : findings) {
        const std::string text = cap::text_of(finding);
        if (finding.severity == cap::Severity::error) {
            context.out.alarm("CAP, " + text);
        } else {
            context.out.line("(attention) CAP, " + text);
        }
    }
    context.out.attach("cap_findings", findings_of(findings));
}

// ---- export

struct ExportLine {
    std::string named;  // a thread or a message
    std::string mailbox;
    std::string output;
    bool replace = false;
};

struct Chosen {
    station::ThreadView view;
    std::size_t place;  // of the message among its items
    [[nodiscard]] const station::TimelineItem& item() const { return view.items[place]; }
};

// The message that is named, or the last of its thread.
Result<Chosen> choose(station::ThreadView view, const std::optional<MessageId>& message) {
    const station::TimelineItem* chosen = nullptr;
    for (const station::TimelineItem* item : cap_items(view)) {
        if (!message || item->message == message) chosen = item;
    }
    if (chosen == nullptr) {
        return fail(ErrorCode::not_found,
                    message ? "ce message n'est pas une alerte, une mise à jour ou une annulation"
                            : "ce dossier n'a pas d'alerte lisible ici");
    }
    const auto place = static_cast<std::size_t>(chosen - view.items.data());
    return Chosen{std::move(view), place};
}

Result<Chosen> find_chosen(station::Station& station, const ExportLine& line) {
    std::optional<Address> mailbox;
    if (!line.mailbox.empty()) {
        RELAIS_ASSIGN(mailbox, own_mailbox(station, line.mailbox));
    }
    const auto thread = find_thread_typed(station, line.named);
    if (thread.ok()) {
        RELAIS_ASSIGN(auto view, station::view_thread(station, *thread, mailbox));
        return choose(std::move(view), std::nullopt);
    }
    if (thread.code() != ErrorCode::unknown_thread) return thread.error();
    const auto message = find_message(station, line.named);
    if (message.code() == ErrorCode::not_found) return thread.error();
    if (!message.ok()) return message.error();
    RELAIS_ASSIGN(const auto entries, station.store().entries_of_message(*message));
    for (const station::StoredEntry& entry : entries) {
        const bool seen = entry.thread && (!mailbox || entry.delivery.mailbox == *mailbox);
        if (!seen) continue;
        RELAIS_ASSIGN(auto view,
                      station::view_thread(station, *entry.thread, entry.delivery.mailbox));
        return choose(std::move(view), *message);
    }
    return fail(ErrorCode::not_found,
                "ce message n'est pas encore revenu du service : relais sync");
}

Result<void> put_document(Context& context, const ExportLine& line, const std::string& document,
                          json& said) {
    if (line.output.empty() || line.output == "-") {
        context.out.text(document);
        said["document"] = document;
        return {};
    }
    const Result<void> written = write_file(line.output, as_bytes(document), kOwnerAlone,
                                            line.replace ? Replace::yes : Replace::no);
    if (written.code() == ErrorCode::already_exists) {
        return fail(ErrorCode::already_exists, line.output + " ; --force le remplace");
    }
    RELAIS_TRY(written);
    context.out.line("Écrit, en clair, lisible de vous seul : " + line.output);
    said["file"] = line.output;
    return {};
}

Result<void> run_export(Context& context, const ExportLine& line) {
    Reading reading(context);
    RELAIS_ASSIGN(station::Station* const station, reading.open());
    RELAIS_ASSIGN(const Chosen chosen, find_chosen(*station, line));
    const station::Opened& opened = *chosen.item().opened;
    const cap::Envelope envelope = envelope_of(chosen.view, chosen.item());
    cap::Findings findings;
    RELAIS_ASSIGN(const json message, cap::message_of(envelope, opened.form, findings));
    RELAIS_ASSIGN(const std::string document, cap::write_message(message, findings));
    json said = {{"message", uuid(opened.header.id)},
                 {"thread", uuid(opened.header.thread)},
                 {"sender", envelope.key.sender},
                 {"identifier", envelope.key.identifier},
                 {"sent", envelope.key.sent},
                 {"status", envelope.status},
                 {"type", envelope.type},
                 {"cap_findings", findings_of(findings)}};
    for (const cap::Finding& finding : findings) {
        context.out.notice("(attention) CAP, " + cap::text_of(finding));
    }
    const auto* domain = station->directory().domain();
    if (domain != nullptr && domain->test && envelope.status == "Actual") {
        context.out.notice("Ce domaine sert à des essais : ne diffusez pas ce document.");
    }
    RELAIS_TRY(put_document(context, line, document, said));
    RELAIS_TRY(reading.shown(std::move(said)));
    RELAIS_TRY(context.out.flush());
    return mark_opened(context, *station, chosen.view, opened.header.id);
}

// ---- import

struct ImportLine {
    std::string file;
    std::string kind;
    std::string thread;
    DraftLine draft;
    bool again = false;
};

Result<cap::Imported> read_document(Context& context, const std::string& name,
                                    cap::Findings& findings) {
    const std::string path = name == "-" ? "/dev/stdin" : name;
    RELAIS_ASSIGN(const Bytes bytes, read_file(path, cap::kXmlBytesMax));
    const auto message = cap::read_message(bytes, findings);
    if (!message.ok()) {
        say(context, findings);
        return fail(message.code(), name + " : " + message.error().detail);
    }
    auto imported = cap::import_message(*message, findings);
    say(context, findings);
    if (!imported.ok()) return fail(imported.code(), name + " : " + imported.error().detail);
    return imported;
}

bool is_key(const json& said, const cap::MessageKey& key) {
    const auto text = [&](const char* name) { return said.value(name, std::string()); };
    return text("sender") == key.sender && text("identifier") == key.identifier &&
           text("sent") == key.sent;
}

// Whether the form was taken from that message, or passed on by it.
bool comes_from(const json& form, const cap::MessageKey& key) {
    const json origin = form.value("origin", json::object());
    const json relays = origin.value("relays", json::array());
    return is_key(origin.value("message", json::object()), key) ||
           std::ranges::any_of(relays, [&](const json& relay) { return is_key(relay, key); });
}

// Of our threads of that kind, the last in which a message that `wanted` names was relayed or sent.
Result<std::optional<station::ThreadView>> find_relayed(
    station::Station& station, const Address& from, const std::string& kind,
    const std::vector<cap::MessageKey>& wanted) {
    RELAIS_ASSIGN(const auto lines, station::list_threads(station));
    for (const station::ThreadLine& line : lines) {
        if (line.mailbox != from) continue;
        RELAIS_ASSIGN(auto view, station::view_thread(station, line.id, from));
        const bool ours =
            view.kind && view.kind->kind.name == kind && view.state && view.state->opener == from;
        if (!ours) continue;
        for (const station::TimelineItem* item : cap_items(view)) {
            const bool named = std::ranges::any_of(wanted, [&](const cap::MessageKey& key) {
                return comes_from(item->opened->form, key) || key_of(*item) == key;
            });
            if (named) return std::optional(std::move(view));
        }
    }
    return std::optional<station::ThreadView>();
}

std::vector<cap::MessageKey> references_of(const json& form) {
    std::vector<cap::MessageKey> keys;
    const json exchange = form.value("exchange", json::object());
    const json references = exchange.value("references", json::array());
    for (const json& said : references) {
        keys.push_back({said.value("sender", std::string()),
                        said.value("identifier", std::string()),
                        said.value("sent", std::string())});
    }
    return keys;
}

// The thread that an update or a cancellation is about, as we relayed it.
Result<std::optional<station::ThreadView>> subject_of(station::Station& station,
                                                      const ImportLine& line, const Address& from,
                                                      const std::string& kind,
                                                      const cap::Imported& imported) {
    if (!line.thread.empty()) {
        RELAIS_ASSIGN(const ThreadId id, find_thread_typed(station, line.thread));
        RELAIS_ASSIGN(auto view, station::view_thread(station, id, from));
        return std::optional(std::move(view));
    }
    if (imported.envelope.type == "Alert") return std::optional<station::ThreadView>();
    RELAIS_ASSIGN(auto found, find_relayed(station, from, kind, references_of(imported.form)));
    if (!found && imported.envelope.type == "Cancel") {
        return fail(ErrorCode::not_found,
                    "l'alerte que ce message annule n'a pas été relayée d'ici ; sinon donnez "
                    "--thread");
    }
    return found;
}

std::map<std::string, std::string> publics_of(const workflow::Kind& kind, const workflow::Act& act,
                                              const cap::Envelope& message) {
    std::map<std::string, std::string> publics;
    for (const workflow::PublicUse& use : act.publics) {
        const std::string& name = kind.public_field(use.number)->name;
        if (name == "status") publics[name] = message.status;
        if (name == "severity") publics[name] = message.severity;
    }
    return publics;
}

Result<station::Draft> opening_draft(station::Station& station, const station::LoadedKind& kind,
                                     const Address& from, const cap::Imported& imported) {
    RELAIS_ASSIGN(const workflow::ActIndex index,
                  act_for(kind, kind.kind.opening_acts(), nullptr, imported.envelope));
    const workflow::Act& act = kind.kind.acts[index];
    RELAIS_ASSIGN(station::Draft draft,
                  station::new_thread_draft(station, kind.kind.name, from, act.name));
    draft.acts.front().form = imported.form;
    draft.acts.front().publics = publics_of(kind.kind, act, imported.envelope);
    return draft;
}

Result<station::Draft> later_draft(station::Station& station, const station::ThreadView& view,
                                   const cap::Imported& imported) {
    if (!view.kind || !view.state) return fail(ErrorCode::act_refused, "dossier illisible ici");
    RELAIS_ASSIGN(const workflow::ActIndex index,
                  act_for(*view.kind, view.possible, &*view.state, imported.envelope));
    const workflow::Act& act = view.kind->kind.acts[index];
    return next_draft(
        station, view,
        {act.name, imported.form, publics_of(view.kind->kind, act, imported.envelope), {}});
}

// Imported twice is relayed twice: said, and not done unless it is asked for.
Result<void> refuse_repeated(station::Station& station, const Address& from,
                             const std::string& kind, const cap::Imported& imported) {
    RELAIS_ASSIGN(const auto known, find_relayed(station, from, kind, {imported.envelope.key}));
    if (!known) return {};
    return fail(ErrorCode::already_exists, "ce message est déjà relayé dans le dossier " +
                                               short_id(known->id) + " ; --again le reprend");
}

void say_imported(Context& context, const cap::Imported& imported,
                  const std::optional<station::ThreadView>& subject, const workflow::Act& act) {
    const cap::Envelope& message = imported.envelope;
    context.out.heading(act.label);
    context.out.line("Origine : " + message.key.sender + ", " + message.key.identifier + ", " +
                     message.key.sent);
    context.out.line("Statut CAP : " + message.status + " ; message : " + message.type);
    if (message.type == "Update" && !subject) {
        context.out.line(
            "Il met à jour un message qui n'a pas été relayé d'ici : un dossier "
            "nouveau.");
    }
    context.out.attach("cap", {{"sender", message.key.sender},
                               {"identifier", message.key.identifier},
                               {"sent", message.key.sent},
                               {"status", message.status},
                               {"type", message.type}});
}

// From which mailbox, where none is said: the one that relayed what the message is about.
Result<Address> relaying_mailbox(station::Station& station, const ImportLine& line,
                                 const std::string& kind, const cap::Imported& imported) {
    if (line.draft.from.empty()) {
        for (const Address& own : own_mailboxes(station)) {
            RELAIS_ASSIGN(const auto subject,
                          find_relayed(station, own, kind, references_of(imported.form)));
            if (subject) return own;
        }
    }
    return own_mailbox(station, line.draft.from);
}

Result<void> run_import(Context& context, const ImportLine& line) {
    cap::Findings findings;
    RELAIS_ASSIGN(const cap::Imported imported, read_document(context, line.file, findings));
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto kind, find_alert_kind(*station, line.kind));
    RELAIS_ASSIGN(const Address from, relaying_mailbox(*station, line, kind->kind.name, imported));
    if (!line.again) {
        RELAIS_TRY(refuse_repeated(*station, from, kind->kind.name, imported));
    }
    RELAIS_ASSIGN(const auto subject, subject_of(*station, line, from, kind->kind.name, imported));
    RELAIS_ASSIGN(station::Draft draft, subject ? later_draft(*station, *subject, imported)
                                                : opening_draft(*station, *kind, from, imported));
    const station::LoadedKind& used = subject ? *subject->kind : *kind;
    say_imported(context, imported, subject, used.kind.acts[*used.kind.act(draft.acts[0].act)]);
    RELAIS_TRY(apply_line(context, line.draft, draft));
    RELAIS_TRY(apply_attention(context, line.draft, draft));
    // What is still missing or too long is told, and kept to be corrected.
    const Result<void> good = check_and_say(context, draft);
    if (!good.ok()) {
        context.out.line("À compléter avant l'envoi : relais draft " + short_id(draft.id));
    }
    return keep_draft(context, draft);
}

void add_export(CLI::App& group, Program& program) {
    CLI::App* command = add_command(
        group, "export", "Écrire une alerte reçue ou donnée comme document CAP 1.2",
        "  relais alert export 7c21b0d4 --output alerte.xml\n"
        "  relais alert export 0b5e91d2          (un message : l'alerte, une mise à jour…)");
    auto line = std::make_shared<ExportLine>();
    command
        ->add_option("dossier", line->named,
                     "Numéro du dossier (son dernier message) ou d'un message, ou ses 6 premiers "
                     "ou derniers caractères")
        ->required();
    command->add_option("--mailbox", line->mailbox,
                        "Vu de quelle boîte, si ce poste en a plusieurs");
    command->add_option("-o,--output", line->output, "Fichier ; sinon la sortie standard");
    command->add_flag("--force", line->replace, "Remplacer un fichier qui existe");
    on_run(*command, program,
           [&context = program.context, line] { return run_export(context, *line); });
}

void add_import(CLI::App& group, Program& program) {
    CLI::App* command = add_command(
        group, "import",
        "Préparer l'envoi d'une alerte reçue comme document CAP 1.2 : un brouillon qui garde son "
        "origine. Une mise à jour ou une annulation rejoint le dossier de l'alerte relayée d'ici",
        "  relais alert import alerte.xml --to '#alertes.cpts-exemple@indre'\n"
        "  relais alert import annulation.xml\n"
        "  curl -s https://ars-exemple.test/a.xml | relais alert import -\n"
        "Puis : relais draft BROUILLON (relire), relais send BROUILLON (signer et envoyer)");
    auto line = std::make_shared<ImportLine>();
    command->add_option("fichier", line->file, "Document CAP 1.2 ; - : l'entrée standard")
        ->required();
    add_repeated(*command, "--to", line->draft.to, "Groupe ou boîte destinataire");
    command->add_option("--from", line->draft.from, "Boîte qui envoie, si ce poste en a plusieurs");
    command->add_option("--kind", line->kind,
                        "Type d'échange, si plusieurs portent des alertes (relais directory "
                        "--kinds)");
    command->add_option("--thread", line->thread,
                        "Dossier que ce message met à jour ou annule, s'il n'est pas trouvé seul");
    command->add_flag("--again", line->again, "Même si ce message est déjà relayé");
    on_run(*command, program,
           [&context = program.context, line] { return run_import(context, *line); });
}

}  // namespace

void add_alert(CLI::App& app, Program& program) {
    CLI::App* group =
        add_group(app, "alert", "Alertes : qui a répondu ; échange au format CAP 1.2 (OASIS)",
                  "  relais alert status 7c21b0d4\n"
                  "  relais alert import alerte.xml --to '#alertes.cpts-exemple@indre'\n"
                  "  relais alert export 7c21b0d4 --output alerte.xml");
    add_import(*group, program);
    add_export(*group, program);
    add_alert_reach(*group, program);
}

}  // namespace relais::cli
