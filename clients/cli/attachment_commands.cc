// attachment_commands.cc: `attachments`, `save`: the files that came with the messages of a case:
// what they are, and where they are; fetched when somebody wants them, and opened into a file where
// that person says, and nowhere else.
#include <unistd.h>

#include <algorithm>
#include <set>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/show_threads.h"
#include "clients/cli/text.h"
#include "clients/station/api/attachments.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kFetchPatience{30};  // without any progress
constexpr std::chrono::milliseconds kFetchTurn{200};
constexpr std::chrono::milliseconds kBeside{1000};

struct SaveLine {
    std::string thread;
    std::string mailbox;
    std::size_t number = 0;  // 0: all
    std::string to;
    bool replace = false;
};

// A file of the case, by the number that people give it.
struct Listed {
    const station::Opened* opened;
    std::size_t place;  // among the message's files
    [[nodiscard]] const AttachedFile& file() const {
        return opened->attachments->list.files[place];
    }
};

std::vector<Listed> list_of(const station::ThreadView& view) {
    std::vector<Listed> all;
    for (const station::TimelineItem& item : view.items) {
        if (!item.opened || item.opened->attachments == nullptr) continue;
        for (std::size_t i = 0; i < item.opened->attachments->list.files.size(); ++i) {
            all.push_back({&*item.opened, i});
        }
    }
    return all;
}

Result<station::ThreadView> see(station::Station& station, const SaveLine& line) {
    RELAIS_ASSIGN(const ThreadId id, find_thread_typed(station, line.thread));
    std::optional<Address> mailbox;
    if (!line.mailbox.empty()) {
        RELAIS_ASSIGN(mailbox, own_mailbox(station, line.mailbox));
    }
    return station::view_thread(station, id, mailbox);
}

std::string state_text(const station::AttachmentProgress& progress) {
    if (progress.complete()) return "sur ce poste";
    if (progress.gone) return "le service ne l'a plus";
    if (progress.here == 0 && !progress.wanted) return "à télécharger (relais save)";
    return "en cours, " + std::to_string(100 * progress.here / progress.count) + " %";
}

Result<void> list(Context& context, const SaveLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const station::ThreadView view, see(*station, line));
    json files = json::array();
    std::size_t number = 0;
    for (const Listed& listed : list_of(view)) {
        RELAIS_ASSIGN(const auto progress, station::attachment_progress(*station, *listed.opened));
        json file = file_json(listed.file(), ++number);
        file["message"] = uuid(listed.opened->header.id);
        file["chunks"] = progress.count;
        file["chunks_here"] = progress.here;
        file["gone"] = progress.gone;
        context.out.line(std::to_string(number) + ". " + file_text(listed.file()) + " : " +
                         state_text(progress));
        files.push_back(std::move(file));
    }
    if (files.empty()) context.out.line("Aucune pièce jointe dans ce dossier.");
    context.out.result({{"thread", uuid(view.id)}, {"attachments", std::move(files)}});
    return {};
}

// On a terminal alone: what is redirected holds no half lines.
void show_progress(const Context& context, const station::AttachmentProgress& progress) {
    if (context.out.json() || ::isatty(STDERR_FILENO) == 0) return;
    const std::string text = "\r  " + std::to_string(100 * progress.here / progress.count) + " % " +
                             (progress.complete() ? "\n" : "");
    [[maybe_unused]] const ssize_t said = ::write(STDERR_FILENO, text.data(), text.size());
}

// One turn of this process's connection: how many chunks came. Where another process of this
// station has the connection, a moment's wait and a look at what is here by now.
Result<std::size_t> one_turn(station::Station& station, const station::Opened& opened,
                             std::size_t here) {
    const Result<void> connected = station.connect();
    if (connected.code() == ErrorCode::locked) {
        station::Link::pause(kBeside);
        RELAIS_ASSIGN(const auto now, station::attachment_progress(station, opened));
        return now.here - std::min(here, now.here);
    }
    RELAIS_TRY(connected);
    RELAIS_ASSIGN(const auto events, station.turn(kFetchTurn));
    return events.chunks;
}

// Until all chunks of the message are here.
Result<void> fetch(Context& context, station::Station& station, const station::Opened& opened) {
    RELAIS_ASSIGN(auto progress, station::attachment_progress(station, opened));
    if (progress.complete()) return {};
    if (context.options.offline) {
        return fail(ErrorCode::not_found, "pièce jointe pas encore téléchargée sur ce poste");
    }
    RELAIS_TRY(station::want_attachments(station, opened));
    RELAIS_ASSIGN(const auto patience, context.patience(kFetchPatience));
    auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        RELAIS_ASSIGN(const auto noted, station.store().attachment(opened.header.id));
        if (!noted || noted->state == station::AttachmentState::here) break;
        if (noted->state == station::AttachmentState::gone) {
            return fail(ErrorCode::not_found, "le service n'a plus cette pièce jointe");
        }
        if (std::chrono::steady_clock::now() > until) {
            return fail(ErrorCode::unreachable, "le téléchargement reprendra où il en est");
        }
        RELAIS_ASSIGN(const std::size_t came, one_turn(station, opened, progress.here));
        if (came == 0) continue;
        until = std::chrono::steady_clock::now() + patience;
        progress.here = std::min(progress.here + came, progress.count);
        show_progress(context, progress);
    }
    return {};
}

// Two files of a case may have one name: the later gets a number, "cr (2).pdf", so that one command
// never writes over what it wrote itself.
std::filesystem::path destination(const SaveLine& line, const AttachedFile& file,
                                  std::set<std::filesystem::path>& written) {
    const std::filesystem::path to(line.to.empty() ? "." : line.to);
    std::error_code ignored;
    const auto wanted = std::filesystem::is_directory(to, ignored) ? to / file.name : to;
    auto path = wanted;
    for (int number = 2; !written.insert(path).second; ++number) {
        path = wanted;
        path.replace_filename(wanted.stem().string() + " (" + std::to_string(number) + ")" +
                              wanted.extension().string());
    }
    return path;
}

// A folder that is named for several files, or as a folder ("courrier/"), is made where it lacks.
Result<void> make_folder(const SaveLine& line, std::size_t files) {
    if (line.to.empty()) return {};
    const std::filesystem::path to(line.to);
    std::error_code failed;
    if (std::filesystem::is_directory(to, failed)) return {};
    if (files == 1 && to.has_filename()) return {};
    if (std::filesystem::exists(to, failed)) {
        return fail(ErrorCode::usage, line.to + " : un dossier est attendu pour " +
                                          std::to_string(files) + " pièce(s) jointe(s)");
    }
    std::filesystem::create_directory(to.has_filename() ? to : to.parent_path(), failed);
    if (failed) return fail(ErrorCode::not_found, line.to + " : " + failed.message());
    return {};
}

Result<void> save(Context& context, const SaveLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const station::ThreadView view, see(*station, line));
    const std::vector<Listed> all = list_of(view);
    if (line.number > all.size() || all.empty()) {
        return fail(ErrorCode::not_found,
                    "ce dossier a " + std::to_string(all.size()) + " pièce(s) jointe(s)");
    }
    RELAIS_TRY(make_folder(line, line.number == 0 ? all.size() : 1));
    json saved = json::array();
    std::set<std::filesystem::path> written;
    for (std::size_t number = 1; number <= all.size(); ++number) {
        if (line.number != 0 && line.number != number) continue;
        const Listed& listed = all[number - 1];
        RELAIS_TRY(fetch(context, *station, *listed.opened));
        const auto path = destination(line, listed.file(), written);
        RELAIS_TRY(station::save_attachment(*station, *listed.opened, listed.place, path,
                                            line.replace ? Replace::yes : Replace::no));
        context.out.line("Enregistré : " + path.string());
        json file = file_json(listed.file(), number);
        file["path"] = path.string();
        saved.push_back(std::move(file));
        context.out.attach("saved", saved);
    }
    context.out.result({{"thread", uuid(view.id)}});
    return {};
}

void add_case_options(CLI::App& command, SaveLine& line) {
    command.add_option("dossier", line.thread, "Numéro, ou ses 6 premiers ou derniers caractères")
        ->required();
    command.add_option("--mailbox", line.mailbox, "Vu de quelle boîte, si ce poste en a plusieurs");
}

}  // namespace

void add_attachments(CLI::App& app, Program& program) {
    CLI::App* files = add_command(app, "attachments", "Pièces jointes d'un dossier",
                                  "  relais attachments 7c21b0d4");
    auto listed = std::make_shared<SaveLine>();
    add_case_options(*files, *listed);
    on_run(*files, program,
           [&context = program.context, listed] { return list(context, *listed); });

    CLI::App* command =
        add_command(app, "save",
                    "Télécharger des pièces jointes et les enregistrer, en clair, où vous le dites",
                    "  relais save 7c21b0d4\n"
                    "  relais save 7c21b0d4 2 --to /tmp/courrier.pdf");
    auto line = std::make_shared<SaveLine>();
    add_case_options(*command, *line);
    command->add_option("rang", line->number, "Rang de la pièce dans la liste ; sinon toutes");
    command->add_option("--to", line->to,
                        "Dossier (créé s'il manque) ou fichier ; sinon le dossier courant");
    command->add_flag("--replace", line->replace, "Remplacer un fichier qui existe");
    on_run(*command, program, [&context = program.context, line] { return save(context, *line); });
}

}  // namespace relais::cli
