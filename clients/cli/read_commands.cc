// read_commands.cc: `inbox`, `show`, `take`: what came, what it says, and that somebody has it in
// hand. Reading a message is said to its sender (*ouvert*), in the name of the person who reads.
#include "clients/cli/lookup.h"
#include "clients/cli/marking.h"
#include "clients/cli/program.h"
#include "clients/cli/reading.h"
#include "clients/cli/show_threads.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

using nlohmann::json;
using station::TimelineItem;

Result<void> inbox(Context& context, const std::string& typed, bool all) {
    Reading reading(context);
    RELAIS_ASSIGN(station::Station* const station, reading.open());
    std::optional<Address> wanted;
    if (!typed.empty()) {
        RELAIS_ASSIGN(wanted, own_mailbox(*station, typed));
    }
    RELAIS_ASSIGN(const auto lines, station::list_threads(*station));
    json threads = json::array();
    for (const station::ThreadLine& line : lines) {
        if (wanted && line.mailbox != *wanted) continue;
        // One that is over stays until what came with its end was opened.
        if (line.ended && line.unopened == 0 && !all) continue;
        threads.push_back(thread_line_json(line));
        print_thread_line(context.out, line);
    }
    if (threads.empty()) context.out.line("Aucun dossier en cours.");
    return reading.shown({{"threads", std::move(threads)}});
}

struct ShowLine {
    std::string thread;
    std::string mailbox;
    bool no_mark = false;
};

Result<station::ThreadView> see(station::Station& station, const ShowLine& line) {
    RELAIS_ASSIGN(const ThreadId id, find_thread_typed(station, line.thread));
    std::optional<Address> mailbox;
    if (!line.mailbox.empty()) {
        RELAIS_ASSIGN(mailbox, own_mailbox(station, line.mailbox));
    }
    return station::view_thread(station, id, mailbox);
}

Result<void> show(Context& context, const ShowLine& line) {
    Reading reading(context);
    RELAIS_ASSIGN(station::Station* const station, reading.open());
    RELAIS_ASSIGN(const station::ThreadView view, see(*station, line));
    print_thread(context.out, view);
    RELAIS_TRY(reading.shown(thread_json(*station, view)));
    RELAIS_TRY(context.out.flush());
    if (line.no_mark) return {};
    return mark_opened(context, *station, view);
}

Result<void> take(Context& context, const ShowLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const station::ThreadView view, see(*station, line));
    const TimelineItem* last = nullptr;
    for (const TimelineItem& item : view.items) {
        if (view.received(item)) last = &item;
    }
    if (last == nullptr) return fail(ErrorCode::not_found, "aucun message reçu dans ce dossier");
    RELAIS_TRY(mark_taken(context, *station, view, *last));
    context.out.line("Pris en charge : " + last->title);
    context.out.result(
        {{"thread", uuid(view.id)}, {"message", uuid(*last->message)}, {"word", "taken"}});
    return {};
}

void add_thread_options(CLI::App& command, ShowLine& line) {
    command.add_option("dossier", line.thread, "Numéro, ou ses 6 premiers ou derniers caractères")
        ->required();
    command.add_option("--mailbox", line.mailbox, "Vu de quelle boîte, si ce poste en a plusieurs");
}

}  // namespace

void add_read(CLI::App& app, Program& program) {
    CLI::App* list = add_command(app, "inbox", "Dossiers en cours, le plus récent d'abord",
                                 "  relais inbox\n"
                                 "  relais inbox --all --mailbox geriatrie.ch-exemple");
    auto all = std::make_shared<bool>(false);
    auto mailbox = std::make_shared<std::string>();
    list->add_flag("--all", *all, "Les dossiers terminés aussi");
    list->add_option("--mailbox", *mailbox, "Une boîte seulement");
    on_run(*list, program,
           [&context = program.context, all, mailbox] { return inbox(context, *mailbox, *all); });

    CLI::App* one =
        add_command(app, "show", "Lire un dossier ; la lecture est signalée (« ouvert »)",
                    "  relais show 7c21b0d4\n"
                    "  relais show 7c21b0d4 --no-mark --json");
    auto line = std::make_shared<ShowLine>();
    add_thread_options(*one, *line);
    one->add_flag("--no-mark", line->no_mark, "Ne pas signaler la lecture");
    on_run(*one, program, [&context = program.context, line] { return show(context, *line); });

    CLI::App* hand = add_command(app, "take", "Prendre un dossier en charge, pour le service",
                                 "  relais take 7c21b0d4 --as \"Dr Camille Exemple\"");
    auto taken = std::make_shared<ShowLine>();
    add_thread_options(*hand, *taken);
    on_run(*hand, program, [&context = program.context, taken] { return take(context, *taken); });
}

}  // namespace relais::cli
