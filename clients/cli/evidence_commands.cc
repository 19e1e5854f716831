// evidence_commands.cc: `relais proof`: what shows a stranger that the service accepted a message,
// or what became of a whole case; `relais export`: everything this station holds, opened, in open
// formats.
#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/show_directory.h"
#include "clients/cli/show_threads.h"
#include "clients/cli/text.h"
#include "clients/station/api/case_file.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kProofPatience{20};

struct ProofLine {
    std::string message;
    std::string thread;
    bool contents = false;
    std::filesystem::path file;
    std::filesystem::path content;
};

// A head that covers the leaf is signed every few seconds.
Result<std::string> wait_for_proof(station::Station& station,
                                   const station::ProvableMessage& message,
                                   std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto proof = station::fetch_proof(station, message);
        const bool early = proof.code() == ErrorCode::not_yet_proven;
        if (!early || std::chrono::steady_clock::now() >= until) return proof;
        RELAIS_TRY(station.turn(station::kAskAgain));
    }
}

// The padded content whose SHA-256 the signed header holds.
Result<void> write_content(station::Station& station, const MessageId& message,
                           const std::filesystem::path& file) {
    RELAIS_ASSIGN(const auto entries, station.store().entries_of_message(message));
    for (const station::StoredEntry& entry : entries) {
        const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
        if (envelope == nullptr) continue;
        RELAIS_ASSIGN(const Secret content,
                      station::signed_content(station, *envelope, entry.delivery.mailbox));
        return write_file(file, content.expose(), 0600, Replace::no);
    }
    return fail(ErrorCode::not_found, "le contenu n'est pas sur ce poste");
}

Result<void> prove(Context& context, ProofLine line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const MessageId id, find_message(*station, line.message));
    RELAIS_ASSIGN(const auto message, station::provable_message(*station, id));
    RELAIS_ASSIGN(const auto patience, context.patience(kProofPatience));
    RELAIS_ASSIGN(const std::string proof, wait_for_proof(*station, message, patience));
    if (line.file.empty()) line.file = uuid(id) + ".tlog-proof";
    RELAIS_TRY(write_file(line.file, as_bytes(proof), 0644, Replace::no));
    context.out.line("Preuve écrite dans " + line.file.string() +
                     " : « relais-audit check » la vérifie, sans connexion.");
    json result = {{"message", uuid(id)},
                   {"file", line.file.string()},
                   {"leaf", message.accepted.leaf.value},
                   {"leaf_hash", hex(message.accepted.leaf_hash.view())},
                   {"header_digest", hex(header_digest(message.header.bytes).view())}};
    if (!line.content.empty()) {
        RELAIS_TRY(write_content(*station, id, line.content));
        result["content_file"] = line.content.string();
        context.out.line("Contenu signé, EN CLAIR, dans " + line.content.string() + ".");
    }
    context.out.result(std::move(result));
    return {};
}

constexpr const char* kCaseReadMe =
    "Preuve d'un dossier Relais\n"
    "\n"
    "À vérifier n'importe où, sans connexion, avec l'empreinte de l'autorité du territoire :\n"
    "  relais-audit check DOSSIER --authority EMPREINTE\n"
    "\n"
    "acts/NN-ACTION.tlog-proof  chaque acte signé, et la preuve que le service l'a accepté\n"
    "notices.log                qui l'a reçu (remis) et ouvert, signé par le poste qui le dit\n"
    "directory.log              l'annuaire signé, qui dit à qui sont ces clés\n"
    "contents/                  les contenus signés, EN CLAIR, s'ils ont été demandés\n";

// "03-acknowledge"
std::string name_of(const station::CaseAct& act, std::size_t place) {
    const std::string number = std::to_string(place + 1);
    return std::string(number.size() < 2 ? "0" : "") + number + "-" + act.act;
}

Result<void> write_list(const std::filesystem::path& file, const std::vector<Bytes>& items) {
    std::string text;
    for (const Bytes& item : items) text += base64(item) + "\n";
    return write_file(file, as_bytes(text), 0600, Replace::no);
}

Result<void> write_case(station::Station& station, const station::CaseFile& file,
                        const std::filesystem::path& folder, bool contents) {
    RELAIS_TRY(make_private_folder(folder));
    RELAIS_TRY(write_file(folder / "LISEZMOI.txt", as_bytes(kCaseReadMe), 0600, Replace::no));
    RELAIS_TRY(make_private_folder(folder / "acts"));
    if (contents) RELAIS_TRY(make_private_folder(folder / "contents"));
    for (std::size_t place = 0; place < file.acts.size(); ++place) {
        const station::CaseAct& act = file.acts[place];
        const std::string name = name_of(act, place);
        RELAIS_TRY(write_file(folder / "acts" / (name + ".tlog-proof"), as_bytes(act.proof), 0600,
                              Replace::no));
        if (!contents) continue;
        RELAIS_TRY(write_content(station, act.message, folder / "contents" / (name + ".bin")));
    }
    RELAIS_TRY(write_list(folder / "notices.log", file.notices));
    return write_list(folder / "directory.log", file.directory);
}

Result<void> prove_case(Context& context, ProofLine line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const ThreadId id, find_thread_typed(*station, line.thread));
    if (line.file.empty()) line.file = "preuve-" + short_id(id);
    std::error_code ignored;
    if (std::filesystem::exists(line.file, ignored)) {
        return fail(ErrorCode::already_exists, line.file.string());
    }
    RELAIS_ASSIGN(const auto patience, context.patience(kProofPatience));
    RELAIS_ASSIGN(const auto file, station::case_file(*station, id, std::nullopt, patience));
    RELAIS_TRY(write_case(*station, file, line.file, line.contents));
    json acts = json::array();
    for (const station::CaseAct& act : file.acts) {
        acts.push_back({{"message", uuid(act.message)}, {"act", act.act}});
    }
    context.out.line("Preuve du dossier écrite dans " + line.file.string() + " : " +
                     std::to_string(file.acts.size()) + " acte(s), " +
                     std::to_string(file.notices.size()) +
                     " preuve(s) de remise ou d'ouverture. « relais-audit check » la vérifie, sans "
                     "connexion, avec --authority " +
                     hex(station->identity().authority.view()) + ".");
    if (line.contents) context.out.line("Les contenus y sont EN CLAIR.");
    context.out.result({{"thread", uuid(id)},
                        {"folder", line.file.string()},
                        {"acts", std::move(acts)},
                        {"notices", file.notices.size()},
                        {"authority", hex(station->identity().authority.view())}});
    return {};
}

Result<void> prove_asked(Context& context, const ProofLine& line) {
    if (line.message.empty() == line.thread.empty()) {
        return fail(ErrorCode::usage, "un message, ou --thread DOSSIER");
    }
    if (line.contents && line.thread.empty()) {
        return fail(ErrorCode::usage, "--contents va avec --thread");
    }
    return line.thread.empty() ? prove(context, line) : prove_case(context, line);
}

constexpr const char* kReadMe =
    "Export d'un poste Relais\n"
    "\n"
    "Tout est EN CLAIR ici, patients compris : gardez ce dossier comme un dossier médical.\n"
    "\n"
    "station.json         ce poste et son organisation\n"
    "directory.json       l'annuaire tel que ce poste le connaît\n"
    "directory.log        les inscriptions signées de l'annuaire, une par ligne, en base64\n"
    "threads/NUMERO.json  chaque dossier : actes, formulaires, remis, ouvert, répondu\n"
    "outbox.json          les envois et leur sort\n"
    "drafts.json          les brouillons\n";

Result<void> write_json(const std::filesystem::path& file, const json& document) {
    const std::string text = document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    return write_file(file, as_bytes(text), 0600, Replace::no);
}

Result<void> write_directory(station::Station& station, const std::filesystem::path& folder) {
    RELAIS_TRY(
        write_json(folder / "directory.json", {{"size", station.replica().size().value},
                                               {"organisations", search_directory(station, {})},
                                               {"kinds", kinds_json(station)}}));
    RELAIS_ASSIGN(const auto entries, station.store().directory_entries(0));
    std::string log;
    for (const Bytes& entry : entries) log += base64(entry) + "\n";
    return write_file(folder / "directory.log", as_bytes(log), 0600, Replace::no);
}

// One file a thread; a thread seen from two of our mailboxes has two views in it.
Result<std::size_t> write_threads(station::Station& station, const std::filesystem::path& folder) {
    RELAIS_TRY(make_private_folder(folder));
    RELAIS_ASSIGN(const auto ids, station.store().threads());
    for (const ThreadId& id : ids) {
        RELAIS_ASSIGN(const auto first, station::view_thread(station, id));
        json views = json::array();
        for (const Address& mailbox : first.mailboxes) {
            RELAIS_ASSIGN(const auto view, station::view_thread(station, id, mailbox));
            views.push_back(thread_json(station, view));
        }
        RELAIS_TRY(write_json(folder / (uuid(id) + ".json"), views));
    }
    return ids.size();
}

Result<void> write_own(station::Station& station, const std::filesystem::path& folder) {
    RELAIS_ASSIGN(const auto outgoing, station.store().outgoing());
    json sent = json::array();
    for (const station::StoredOutgoing& item : outgoing) {
        sent.push_back(outgoing_json(station, item));
    }
    RELAIS_TRY(write_json(folder / "outbox.json", sent));
    RELAIS_ASSIGN(const auto ids, station.store().drafts());
    json drafts = json::array();
    for (const MessageId& id : ids) {
        RELAIS_ASSIGN(const auto bytes, station.store().draft(id));
        if (!bytes) continue;
        RELAIS_ASSIGN(const station::Draft draft, station::decode_draft(*bytes));
        drafts.push_back(draft_json(station, draft));
    }
    return write_json(folder / "drafts.json", drafts);
}

Result<void> export_all(Context& context, const std::filesystem::path& folder) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    std::error_code ignored;
    if (std::filesystem::exists(folder, ignored)) {
        return fail(ErrorCode::already_exists, folder.string());
    }
    RELAIS_TRY(make_private_folder(folder));
    RELAIS_TRY(write_file(folder / "LISEZMOI.txt", as_bytes(kReadMe), 0600, Replace::no));
    const auto& identity = station->identity();
    RELAIS_TRY(
        write_json(folder / "station.json", {{"domain", identity.domain.text()},
                                             {"domain_authority", hex(identity.authority.view())},
                                             {"organisation", identity.organisation.text()},
                                             {"station", uuid(identity.station)}}));
    RELAIS_TRY(write_directory(*station, folder));
    RELAIS_ASSIGN(const std::size_t threads, write_threads(*station, folder / "threads"));
    RELAIS_TRY(write_own(*station, folder));
    context.out.line(std::to_string(threads) + " dossier(s) exporté(s), EN CLAIR, dans " +
                     folder.string() + ".");
    context.out.result({{"folder", folder.string()},
                        {"threads", threads},
                        {"entries", station->replica().size().value}});
    return {};
}

}  // namespace

void add_evidence(CLI::App& app, Program& program) {
    CLI::App* proof = add_command(
        app, "proof",
        "Écrire la preuve d'un message, ou d'un dossier entier, vérifiable par un tiers",
        "  relais proof 019aaa01-… -o demande.tlog-proof\n"
        "  relais proof 019aaa01-… -o demande.tlog-proof --content demande.bin\n"
        "  relais proof --thread 7c21b0d4 -o preuve-avis");
    auto line = std::make_shared<ProofLine>();
    proof->add_option("message", line->message, "Numéro du message (relais show)");
    proof->add_option("--thread", line->thread,
                      "Dossier entier : actes, remis, ouvert, réponses, dans un dossier à créer");
    proof->add_option("-o,--output", line->file, "Fichier, ou dossier, de la preuve (nouveau)");
    proof->add_flag("--contents", line->contents,
                    "Avec --thread : joindre les contenus signés, EN CLAIR");
    proof->add_option("--content", line->content,
                      "Fichier pour le contenu signé, EN CLAIR, à montrer avec la preuve");
    on_run(*proof, program,
           [&context = program.context, line] { return prove_asked(context, *line); });

    CLI::App* all = add_command(app, "export", "Tout ce que ce poste détient, en clair, en JSON",
                                "  relais export /media/coffre/relais-2026-11");
    auto folder = std::make_shared<std::filesystem::path>();
    all->add_option("dossier", *folder, "Dossier à créer")->required();
    on_run(*all, program,
           [&context = program.context, folder] { return export_all(context, *folder); });
}

}  // namespace relais::cli
