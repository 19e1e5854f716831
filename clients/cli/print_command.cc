// print_command.cc: `relais print`: a message as a sheet of paper for somebody without a mailbox,
// or for the file; and what a patient is told of a kind of exchange. The file is the reader's
// alone, and nothing else of it is left on the disk. Printing a message is reading it: its sender
// is told.
#include <algorithm>

#include "clients/cli/lookup.h"
#include "clients/cli/marking.h"
#include "clients/cli/program.h"
#include "clients/cli/reading.h"
#include "clients/cli/show_directory.h"
#include "clients/cli/text.h"
#include "clients/station/print/information.h"
#include "clients/station/print/slip.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kTypedBytesMax = 200;

struct PrintLine {
    std::string message;
    std::string mailbox;
    std::string outside;
    std::string notice;  // a kind
    std::string output;
    print::Responsible responsible;
    bool replace = false;
    bool off_network = false;  // for somebody outside, who is named
};

// What stands on paper as it was typed: one line, not endless.
Result<void> check_typed(const std::string& option, const std::string& text) {
    if (text.empty() || is_title(text, kTypedBytesMax)) return {};
    return fail(ErrorCode::usage, option + " : une ligne de " + std::to_string(kTypedBytesMax) +
                                      " octets au plus, sans caractère de contrôle");
}

struct Printed {
    station::ThreadView view;
    std::size_t place;  // of the message among its items
    [[nodiscard]] const station::TimelineItem& item() const { return view.items[place]; }
};

// The message in the thread as one of our mailboxes sees it.
Result<Printed> see_from(station::Station& station, const ThreadId& thread, const Address& mailbox,
                         const MessageId& message) {
    RELAIS_ASSIGN(station::ThreadView view, station::view_thread(station, thread, mailbox));
    const auto found = std::ranges::find_if(view.items, [&](const station::TimelineItem& item) {
        const bool about = item.type == station::TimelineItem::Type::notice ||
                           item.type == station::TimelineItem::Type::mark;
        return item.message == message && !about;
    });
    if (found == view.items.end()) return fail(ErrorCode::not_found, "message " + uuid(message));
    if (!found->opened) {
        return fail(found->code == ErrorCode::ok ? ErrorCode::not_found : found->code,
                    found->title);
    }
    const auto place = static_cast<std::size_t>(found - view.items.begin());
    return Printed{std::move(view), place};
}

// From the mailbox that is named, or one that received it, or the one that sent it.
Result<Printed> see(station::Station& station, const PrintLine& line) {
    RELAIS_ASSIGN(const MessageId message, find_message(station, line.message));
    RELAIS_ASSIGN(const auto entries, station.store().entries_of_message(message));
    std::optional<Address> wanted;
    if (!line.mailbox.empty()) {
        RELAIS_ASSIGN(wanted, own_mailbox(station, line.mailbox));
    }
    std::optional<Result<Printed>> best;
    for (const station::StoredEntry& entry : entries) {
        const bool envelope = std::holds_alternative<EnvelopeEntry>(entry.delivery.entry);
        const Address& mailbox = entry.delivery.mailbox;
        if (!envelope || !entry.thread || (wanted && mailbox != *wanted)) continue;
        Result<Printed> seen = see_from(station, *entry.thread, mailbox, message);
        const bool came = seen.ok() && seen->view.received(seen->item());
        if (!best || !best->ok() || came) best.emplace(std::move(seen));
    }
    if (!best) {
        return fail(ErrorCode::not_found,
                    "ce message n'est pas encore revenu du service : relais sync");
    }
    return *std::move(best);
}

Result<void> write_pdf(const PrintLine& line, const std::string& path, const print::Paper& paper,
                       json& said) {
    RELAIS_ASSIGN(Bytes pdf, print::pdf_of(paper));
    const Result<void> written =
        write_file(path, pdf, kOwnerAlone, line.replace ? Replace::yes : Replace::no);
    said["file"] = path;
    said["sha256"] = hex(sha256(pdf).view());
    wipe(pdf);
    if (written.code() == ErrorCode::already_exists) {
        return fail(ErrorCode::already_exists, path + " ; --force le remplace");
    }
    return written;
}

// What to do once the sheet has left: the acts that record it, where some are possible now.
void say_record(Context& context, const station::ThreadView& view, json& said) {
    said["record_with"] = json::array();
    if (!view.kind) return;
    for (const workflow::ActIndex index : view.possible) {
        const workflow::Act& act = view.kind->kind.acts[index];
        if (!act.off_network) continue;
        context.out.line("Une fois fait, consignez-le : relais act " + short_id(view.id) + " " +
                         act.name + "   (" + act.label + ")");
        said["record_with"].push_back(act.name);
    }
}

Result<void> print_message(Context& context, const PrintLine& line) {
    Reading reading(context);
    RELAIS_ASSIGN(station::Station* const station, reading.open());
    RELAIS_ASSIGN(const Printed seen, see(*station, line));
    const Header& header = seen.item().opened->header;
    const auto who = context.person();
    const auto* domain = station->directory().domain();
    const print::Printing printing{
        .time = station->now(),
        .by = who.ok() ? person_title(station->directory(), *who) : std::string(),
        .outside = line.outside,
        .test = domain != nullptr && domain->test};
    const print::Paper paper = print::slip_of(station->directory(), seen.item(), printing);
    const std::string path =
        line.output.empty() ? "relais-" + short_id(header.id) + ".pdf" : line.output;
    json said = {{"message", uuid(header.id)},
                 {"thread", uuid(header.thread)},
                 {"digest", hex(header.content_digest.view())},
                 {"off_network", !line.outside.empty()}};
    RELAIS_TRY(write_pdf(line, path, paper, said));
    context.out.line("Imprimé, en clair, lisible de vous seul : " + path);
    context.out.line("Empreinte : " + hex(header.content_digest.view()));
    if (!line.outside.empty()) {
        context.out.line("Cette feuille est hors réseau, non chiffrée de bout en bout.");
        say_record(context, seen.view, said);
    }
    RELAIS_TRY(reading.shown(std::move(said)));
    RELAIS_TRY(context.out.flush());
    return mark_opened(context, *station, seen.view, header.id);
}

Result<void> print_notice(Context& context, const PrintLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto kind, find_kind(*station, line.notice));
    print::Responsible responsible = line.responsible;
    const auto* own = station->directory().organisation(station->identity().organisation.text());
    if (responsible.organisation.empty() && own != nullptr && own->entry.now() != nullptr) {
        responsible.organisation = own->entry.now()->title;
    }
    RELAIS_ASSIGN(const print::Paper paper, print::information_of(*kind, responsible));
    const std::string path =
        line.output.empty() ? "information-" + kind->kind.name + ".pdf" : line.output;
    json said = {{"kind", kind->kind.name}, {"version", kind->kind.version}};
    RELAIS_TRY(write_pdf(line, path, paper, said));
    context.out.line("Information du patient : " + path);
    std::string lacks = responsible.contact.empty() ? "--contact" : "";
    if (responsible.dpo.empty()) lacks += lacks.empty() ? "--dpo" : " et --dpo";
    if (!lacks.empty()) context.out.line("À compléter à la main, ou par " + lacks + ".");
    context.out.result(std::move(said));
    return {};
}

Result<void> run_print(Context& context, const PrintLine& line) {
    if (line.message.empty() == line.notice.empty()) {
        return fail(ErrorCode::usage, "un message à imprimer, ou --notice TYPE");
    }
    if (line.off_network && line.outside.find_first_not_of(" \t") == std::string::npos) {
        return fail(ErrorCode::usage, "--off-network : pour qui ?");
    }
    RELAIS_TRY(check_typed("--off-network", line.outside));
    RELAIS_TRY(check_typed("--organisation", line.responsible.organisation));
    RELAIS_TRY(check_typed("--contact", line.responsible.contact));
    RELAIS_TRY(check_typed("--dpo", line.responsible.dpo));
    return line.notice.empty() ? print_message(context, line) : print_notice(context, line);
}

}  // namespace

void add_print(CLI::App& app, Program& program) {
    CLI::App* command = add_command(
        app, "print",
        "Mettre un message sur papier (PDF), pour qui n'a pas de boîte ; la lecture est signalée "
        "(« ouvert »). Ou l'information du patient sur un type d'échange",
        "  relais print 0b5e91d2\n"
        "  relais print 0b5e91d2 --off-network \"Dr Essai, clinique de l'Exemple\" --output "
        "fiche.pdf\n"
        "  relais print --notice admission --dpo \"dpo@exemple.fr\" --contact \"02 61 91 00 00\"");
    auto line = std::make_shared<PrintLine>();
    command->add_option(
        "message", line->message,
        "Numéro du message (relais show), ou ses 6 premiers ou derniers caractères");
    command->add_option("--mailbox", line->mailbox,
                        "Vu de quelle boîte, si ce poste en a plusieurs");
    CLI::Option* outside = command->add_option(
        "--off-network", line->outside,
        "Pour qui, hors du réseau : imprimé, avec la mention « non chiffré de bout en bout »");
    CLI::Option* notice = command->add_option("--notice", line->notice,
                                              "L'information du patient pour ce type d'échange");
    notice->excludes(outside);
    command->add_option("--organisation", line->responsible.organisation,
                        "Avec --notice : qui en répond (par défaut l'organisation de ce poste)");
    command->add_option("--contact", line->responsible.contact,
                        "Avec --notice : à qui le patient s'adresse pour ses droits");
    command->add_option("--dpo", line->responsible.dpo,
                        "Avec --notice : le délégué à la protection des données");
    command->add_option("--output", line->output, "Fichier PDF ; sinon dans le dossier courant");
    command->add_flag("--force", line->replace, "Remplacer un fichier qui existe");
    on_run(*command, program, [&context = program.context, line, outside] {
        line->off_network = outside->count() != 0;
        return run_print(context, *line);
    });
}

}  // namespace relais::cli
