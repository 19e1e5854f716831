// enrol.cc: `relais enrol`: a station from an invitation; what it made is kept, so that the answer
// can be waited for in this run or a later one.

#include "clients/station/api/enrol.h"

#include <algorithm>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/text.h"
#include "clients/station/seal/recovery.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "schemas/directory/professions.h"

namespace relais::cli {

namespace {

constexpr std::size_t kTokenBytesMax = 64 * 1024;
constexpr std::chrono::seconds kServicePatience{20};

struct EnrolLine {
    std::string token_file;
    std::string station_title;
    std::string person_title;
    std::string profession;
    std::string rpps;
    std::string organisation;
    std::string organisation_title;
    std::string organisation_kind;
    std::string identifier;
    std::filesystem::path sheet;
    int recovery_descriptor = -1;
};

using Judge = std::function<std::string(const std::string&)>;

std::string judge_given(const std::string& answer) {
    return answer.empty() ? "Réponse attendue." : "";
}

std::string judge_name(const std::string& answer) {
    return Name::parse(answer).ok()
               ? ""
               : "De 1 à 40 lettres minuscules sans accent, chiffres ou tirets ; pas de tiret au "
                 "bord.";
}

std::string judge_kind(const std::string& answer) {
    return directory::parse_kind(answer).ok()
               ? ""
               : "L'un de : cpts, practice, pharmacy, nursing, hospital, dac, ehpad, ars, samu, "
                 "laboratory, other.";
}

// Where an option was not given, the person is asked until `judge` says nothing; where nobody is
// there, it is missing.
Result<std::string> option_or_ask(Context& context, const std::string& given,
                                  const std::string& option, const std::string& question,
                                  const Judge& judge = judge_given) {
    if (!given.empty()) {
        const std::string fault = judge(given);
        if (fault.empty()) return given;
        return fail(ErrorCode::invalid_field, option + " « " + given + " » : " + fault);
    }
    RELAIS_TRY(need_dialogue(context.dialogue, "donnez " + option));
    return ask_until(context.dialogue, question + " : ", judge);
}

Result<Invitation> read_invitation(const EnrolLine& line) {
    const std::string file = line.token_file == "-" ? "/dev/stdin" : line.token_file;
    RELAIS_ASSIGN(Bytes bytes, read_file(file, kTokenBytesMax));
    auto invitation = parse_invitation(as_text(bytes));
    wipe(bytes);
    return invitation;
}

Result<std::string> ask_profession(Context& context, const std::string& given) {
    if (!given.empty()) {
        RELAIS_TRY(check_profession(given));
        return given;
    }
    RELAIS_TRY(need_dialogue(context.dialogue, "donnez --profession"));
    std::vector<std::string> labels;
    for (const auto& profession : directory::professions()) labels.emplace_back(profession.label);
    RELAIS_ASSIGN(const auto place,
                  ask_choices(context.dialogue, "Profession :", labels, Pick::one));
    return std::string(directory::professions()[place.front()].code);
}

Result<station::NewPerson> ask_person(Context& context, const EnrolLine& line) {
    station::NewPerson person;
    RELAIS_ASSIGN(person.title, option_or_ask(context, line.person_title, "--person-title",
                                              "Nom affiché de la personne"));
    RELAIS_ASSIGN(person.profession, ask_profession(context, line.profession));
    person.rpps = line.rpps;
    return person;
}

Result<station::NewOrganisation> ask_organisation(Context& context, const EnrolLine& line) {
    RELAIS_ASSIGN(const std::string name,
                  option_or_ask(context, line.organisation, "--organisation",
                                "Nom court de l'organisation (a-z, 0-9, tirets)", judge_name));
    RELAIS_ASSIGN(Name slug, Name::parse(name));
    RELAIS_ASSIGN(std::string title, option_or_ask(context, line.organisation_title, "--title",
                                                   "Nom affiché de l'organisation"));
    RELAIS_ASSIGN(const std::string word,
                  option_or_ask(context, line.organisation_kind, "--kind",
                                "Type (practice, hospital, pharmacy, nursing, cpts, dac, ehpad…)",
                                judge_kind));
    RELAIS_ASSIGN(const auto kind, directory::parse_kind(word));
    RELAIS_ASSIGN(std::string identifier,
                  option_or_ask(context, line.identifier, "--identifier", "FINESS ou SIRET"));
    return station::NewOrganisation{std::move(slug), std::move(title), kind, std::move(identifier)};
}

Result<Secret> ask_recovery(const EnrolLine& line) {
    station::PassphraseSource source;
    if (line.recovery_descriptor >= 0) source.descriptor = line.recovery_descriptor;
    source.credential = "relais-recovery-code";
    source.prompt = "Code de la fiche de secours : ";
    RELAIS_ASSIGN(const Secret code, station::read_passphrase(source));
    auto secret = seal::parse_recovery_code(as_text(code.expose()));
    if (secret.ok()) return secret;
    return fail(ErrorCode::invalid_field, "code de la fiche de secours mal recopié : relisez-le");
}

Result<station::EnrolmentRequest> make_request(Context& context, const EnrolLine& line,
                                               const Invitation& invitation) {
    station::EnrolmentRequest request;
    const bool for_station = invitation.purpose == wire::InvitationPurpose::station;
    RELAIS_ASSIGN(request.station_title,
                  option_or_ask(context, line.station_title, "--station-title", "Nom de ce poste"));
    if (!for_station || !line.person_title.empty()) {
        RELAIS_ASSIGN(request.person, ask_person(context, line));
    }
    if (invitation.purpose == wire::InvitationPurpose::organisation) {
        RELAIS_ASSIGN(request.organisation, ask_organisation(context, line));
    }
    if (invitation.purpose == wire::InvitationPurpose::recovery) {
        RELAIS_ASSIGN(request.recovery_secret, ask_recovery(line));
    }
    RELAIS_ASSIGN(request.passphrase, context.new_passphrase());
    RELAIS_ASSIGN(request.person_passphrase, context.new_person_passphrase());
    return request;
}

// The recovery sheet, as it is to be printed and put into a safe.
Secret sheet_text(const station::RecoverySheet& sheet) {
    const Secret code = seal::recovery_code(sheet.secret);
    const std::string before =
        "FICHE DE SECOURS RELAIS\n\n"
        "Domaine      : " +
        sheet.domain.text() + "\nOrganisation : " + sheet.organisation +
        "\nEmpreinte    : " + fingerprint_groups(sheet.authority) + "\n\nCode de secours :\n\n    ";
    constexpr std::string_view kAfter =
        "\n\nCe code seul permet de rétablir l'organisation si tous ses postes sont perdus, et "
        "de\n"
        "relire ses messages. Imprimez cette fiche, rangez-la dans un coffre, puis effacez le\n"
        "fichier. Ne la photographiez pas, ne l'envoyez pas. Pour s'en servir : demandez une\n"
        "invitation de reprise au domaine, puis « relais enrol ».\n";
    Secret text(before.size() + code.size() + kAfter.size());
    auto next = std::ranges::copy(as_bytes(before), text.expose_mutable().begin()).out;
    next = std::ranges::copy(code.expose(), next).out;
    std::ranges::copy(as_bytes(kAfter), next);
    return text;
}

// Made empty before the keys are: a sheet that cannot be written stops the enrolment at once.
Result<void> reserve_sheet(Context& context, const EnrolLine& line) {
    if (line.sheet.empty()) {
        if (!context.out.json() && context.dialogue.present()) return {};
        return fail(ErrorCode::usage, "--sheet FICHIER : où écrire la fiche de secours");
    }
    return write_file(line.sheet, {}, 0600, Replace::no);
}

void drop_reserved(const EnrolLine& line) {
    std::error_code ignored;
    if (!line.sheet.empty()) std::filesystem::remove(line.sheet, ignored);
}

Result<void> hand_over_sheet(Context& context, const EnrolLine& line, const Secret& text) {
    if (!line.sheet.empty()) {
        RELAIS_TRY(write_file(line.sheet, text.expose(), 0600, Replace::yes));
        context.out.line("Fiche de secours écrite dans " + line.sheet.string() +
                         " : imprimez-la, rangez-la au coffre, puis effacez le fichier.");
        context.out.attach("sheet", line.sheet.string());
        return {};
    }
    context.out.line();
    context.out.text(as_text(text.expose()));
    RELAIS_TRY(context.out.flush());
    if (context.out.closed()) return fail(ErrorCode::io_failed, "sortie standard");
    return {};
}

void say_fingerprint(Output& out, const Digest& authority) {
    out.attach("fingerprint", hex(authority.view()));
    out.attach("fingerprint_read", fingerprint_groups(authority));
    out.line();
    out.line("Empreinte de l'organisation : " + fingerprint_groups(authority));
    out.line(
        "Lisez-la au téléphone ou en réunion à une organisation établie : « relais confirm ».");
}

Result<void> begin(Context& context, const EnrolLine& line) {
    RELAIS_ASSIGN(const station::StationFolder folder, context.folder());
    RELAIS_ASSIGN(const Invitation invitation, read_invitation(line));
    std::error_code ignored;
    if (std::filesystem::exists(folder.vault(), ignored)) {
        return fail(ErrorCode::already_enrolled,
                    folder.path.string() +
                        " ; une installation en cours se poursuit par « relais enrol », sans "
                        "invitation");
    }
    RELAIS_ASSIGN(station::EnrolmentRequest request, make_request(context, line, invitation));
    const bool with_sheet = invitation.purpose != wire::InvitationPurpose::station;
    if (with_sheet) RELAIS_TRY(reserve_sheet(context, line));
    const auto begun = station::begin_enrolment(folder, invitation, std::move(request));
    if (!begun.ok()) {
        if (with_sheet) drop_reserved(line);
        return begun.error();
    }
    return {};
}

// Nothing is sent before the sheet is in somebody's hands: without it the organisation could never
// be recovered. Cut off or refused its place, it is handed over by the next « relais enrol ».
Result<void> keep_sheet(Context& context, const EnrolLine& line,
                        const station::StationFolder& folder, const Secret& passphrase) {
    RELAIS_ASSIGN(const auto sheet, station::sheet_to_keep(folder, passphrase));
    if (!sheet) return {};
    if (line.token_file.empty()) RELAIS_TRY(reserve_sheet(context, line));
    const Result<void> handed_over = hand_over_sheet(context, line, sheet_text(*sheet));
    if (!handed_over.ok()) {
        drop_reserved(line);
        context.out.notice(
            "relais : la fiche de secours n'est pas écrite, et rien n'est transmis. Pour "
            "poursuivre : « relais enrol --sheet FICHIER ».");
        return handed_over;
    }
    say_fingerprint(context.out, sheet->authority);
    return station::sheet_is_kept(folder, passphrase);
}

Result<station::EnrolmentState> ask_until_decided(const station::StationFolder& folder,
                                                  const Secret& passphrase,
                                                  std::chrono::milliseconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    for (;;) {
        RELAIS_ASSIGN(const auto state,
                      station::continue_enrolment(folder, passphrase, kServicePatience));
        if (state == station::EnrolmentState::approved) return state;
        if (std::chrono::steady_clock::now() >= until) return state;
        station::Link::pause(station::kAskAgain);
    }
}

// The other stations and persons of an organisation whose authority is on this station from its
// first minute: after a recovery, what was lost, and may be in somebody's hands.
nlohmann::json lost_perhaps(Context& context, station::Station& station) {
    nlohmann::json lines = nlohmann::json::array();
    if (!station.keys().authority) return lines;
    const std::string& own = station.identity().organisation.text();
    const auto propose = [&](const std::string& what, const std::string& title,
                             const std::string& id) {
        if (lines.empty()) {
            context.out.alarm(
                "Révoquez ce qui est perdu ou volé ; tant que ce n'est pas fait, qui "
                "le détient peut lire et agir :");
        }
        const std::string command = "relais org revoke " + what + " " + id;
        context.out.line("  " + title + " : « " + command + " »");
        lines.push_back({{"what", what}, {"title", title}, {"id", id}, {"command", command}});
    };
    for (const auto* record : station.directory().stations_of(own)) {
        if (record->station.id == station.identity().station) continue;
        propose("station", record->station.title, uuid(record->station.id));
    }
    if (lines.empty()) return lines;
    for (const auto* record : station.directory().persons_of(own)) {
        if (station.vault().has_person(record->person.id)) continue;
        propose("person", record->person.title, uuid(record->person.id));
    }
    return lines;
}

// After a recovery: the services that this station has no room for, and nobody serves.
nlohmann::json left_to_others(Context& context, station::Station& station) {
    nlohmann::json left = nlohmann::json::array();
    if (!station.keys().authority) return left;
    const auto* own = station.directory().organisation(station.identity().organisation.text());
    const std::vector<std::string>& served = station.self()->station.units;
    for (const auto& [unit, history] : own->units) {
        if (history.now() == nullptr || std::ranges::find(served, unit) != served.end()) continue;
        if (left.empty()) {
            context.out.alarm(
                "Ce poste dessert autant de boîtes qu'un poste le peut ; ces services en attendent "
                "un autre (« relais org invite --unit SERVICE ») :");
        }
        context.out.line("  " + unit);
        left.push_back(unit);
    }
    return left;
}

Result<void> report(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    const auto& identity = station->identity();
    nlohmann::json mailboxes = nlohmann::json::array();
    context.out.heading("Poste enrôlé : " + station->self()->station.title);
    context.out.line("  organisation " + identity.organisation.text() + ", domaine " +
                     identity.domain.text());
    for (const Address& mailbox : own_mailboxes(*station)) {
        mailboxes.push_back(mailbox.text());
        context.out.line("  boîte " + mailbox.text());
    }
    nlohmann::json person;
    for (const PersonId& id : station->self()->station.persons) {
        if (station->vault().has_person(id)) person = uuid(id);
    }
    const nlohmann::json left = left_to_others(context, *station);
    const nlohmann::json lost = lost_perhaps(context, *station);
    context.out.result({{"state", "approved"},
                        {"units_left", left},
                        {"revoke_if_lost", lost},
                        {"domain", identity.domain.text()},
                        {"organisation", identity.organisation.text()},
                        {"station", uuid(identity.station)},
                        {"person", person},
                        {"mailboxes", mailboxes}});
    return {};
}

Result<void> run_enrol(Context& context, const EnrolLine& line) {
    RELAIS_ASSIGN(const auto wait, context.patience(std::chrono::seconds(0)));
    if (!line.token_file.empty()) RELAIS_TRY(begin(context, line));
    RELAIS_ASSIGN(const station::StationFolder folder, context.folder());
    std::error_code ignored;
    if (!std::filesystem::exists(folder.vault(), ignored)) {
        return fail(ErrorCode::usage,
                    "rien à poursuivre ici : donnez le fichier de l'invitation reçue");
    }
    context.out.attach("state", "waiting");
    RELAIS_ASSIGN(const Secret passphrase, context.passphrase());
    RELAIS_TRY(keep_sheet(context, line, folder, passphrase));
    RELAIS_ASSIGN(const auto state, ask_until_decided(folder, passphrase, wait));
    if (state == station::EnrolmentState::waiting) {
        return fail(ErrorCode::not_decided,
                    "demande transmise ; relancez « relais enrol » (sans invitation) ensuite");
    }
    context.out.attach("state", "approved");
    return report(context);
}

}  // namespace

void add_enrol(CLI::App& app, Program& program) {
    CLI::App* command = add_command(
        app, "enrol", "Installer ce poste avec une invitation, ou poursuivre une installation",
        "  relais --station ~/relais enrol invitation.txt --station-title \"Accueil\"\n"
        "  relais --station ~/relais enrol invitation.txt --station-title \"Bureau 1\" \\\n"
        "    --person-title \"Dr Camille Exemple\" --profession 10 --rpps 99700000013 \\\n"
        "    --organisation cabinet-exemple --title \"Cabinet Exemple\" --kind practice \\\n"
        "    --identifier 18000000000018 --sheet fiche.txt\n"
        "  relais --station ~/relais enrol --wait 10min");
    auto line = std::make_shared<EnrolLine>();
    command->add_option("invitation", line->token_file,
                        "Fichier de l'invitation, « - » pour l'entrée standard");
    command->add_option("--station-title", line->station_title, "Nom affiché de ce poste");
    command->add_option("--person-title", line->person_title, "Nom affiché de la personne");
    command->add_option("--profession", line->profession,
                        "Code de profession : 10 médecin, 21 pharmacien, 60 infirmier, secretary…");
    command->add_option("--rpps", line->rpps, "Numéro RPPS de la personne");
    command->add_option("--organisation", line->organisation,
                        "Nom court de la nouvelle organisation (a-z, 0-9, tirets)");
    command->add_option("--title", line->organisation_title, "Nom affiché de l'organisation");
    command->add_option(
        "--kind", line->organisation_kind,
        "Type : cpts, practice, pharmacy, nursing, hospital, dac, ehpad, ars, samu, "
        "laboratory, other");
    command->add_option("--identifier", line->identifier, "FINESS ou SIRET de l'organisation");
    command->add_option("--sheet", line->sheet, "Fichier pour la fiche de secours (nouveau)");
    command->add_option("--recovery-fd", line->recovery_descriptor,
                        "Descripteur où lire le code de la fiche de secours (reprise)");
    on_run(*command, program,
           [&context = program.context, line] { return run_enrol(context, *line); });
}

}  // namespace relais::cli
