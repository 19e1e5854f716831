#include "clients/cli/context.h"

#include <algorithm>

#include "clients/cli/lookup.h"
#include "clients/cli/text.h"
#include "clients/station/api/enrol.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

constexpr std::chrono::seconds kSynchronisePatience{15};
constexpr std::chrono::minutes kClockTolerated{2};

// A passphrase that nobody can be asked for is a matter of usage, said in French.
Result<Secret> in_french(Result<Secret> read, const char* option) {
    if (read.code() == ErrorCode::invalid_field) {
        return fail(ErrorCode::invalid_field, "phrase secrète : 12 caractères au moins");
    }
    if (read.code() != ErrorCode::io_failed && read.code() != ErrorCode::usage) return read;
    return fail(ErrorCode::usage, "phrase secrète absente ou illisible : donnez-la par " +
                                      std::string(option) +
                                      ", par un « credential » systemd, ou au terminal");
}

bool passes(ErrorCode code) {
    return code == ErrorCode::unreachable || code == ErrorCode::timed_out ||
           code == ErrorCode::busy || code == ErrorCode::shutting_down;
}

// Messages of a station whose clock is wrong are taken all the same: what counts is when the
// broker accepted them. What this station shows and prepares in local time is wrong, though.
void say_clock(const Output& out, station::Station& station) {
    const auto& welcome = station.sync().welcome();
    if (!welcome) return;
    const Milliseconds ahead = station.now() - welcome->time;
    if (std::chrono::abs(ahead) <= kClockTolerated) return;
    const auto by = std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(ahead));
    out.notice("relais : l'horloge de ce poste " +
               std::string(ahead > Milliseconds(0) ? "avance" : "retarde") + " de " +
               french_duration(by) + " sur celle du service : mettez-la à l'heure." +
               (welcome->clock_suspect ? " (Le service doute aussi de la sienne.)" : ""));
}

}  // namespace

Result<station::StationFolder> Context::folder() const {
    if (options.station.empty()) {
        return fail(ErrorCode::usage,
                    "dossier du poste : option --station ou variable RELAIS_STATION");
    }
    return station::StationFolder{options.station};
}

Result<std::chrono::milliseconds> Context::patience(std::chrono::seconds otherwise) const {
    if (options.wait.empty()) return std::chrono::milliseconds(otherwise);
    RELAIS_ASSIGN(const std::chrono::seconds wait, parse_wait(options.wait));
    return std::chrono::milliseconds(wait);
}

station::PassphraseSource Context::station_source() const {
    station::PassphraseSource source;
    if (options.passphrase_descriptor >= 0) source.descriptor = options.passphrase_descriptor;
    source.credential = "relais-passphrase";
    source.prompt = "Phrase secrète du poste : ";
    return source;
}

station::PassphraseSource Context::person_source() const {
    station::PassphraseSource source;
    if (options.person_descriptor >= 0) source.descriptor = options.person_descriptor;
    source.credential = "relais-person-passphrase";
    source.prompt = "Phrase secrète de la personne qui signe : ";
    return source;
}

Result<Secret> Context::passphrase() {
    if (!passphrase_) {
        RELAIS_ASSIGN(passphrase_,
                      in_french(station::read_passphrase(station_source()), "--passphrase-fd"));
    }
    return passphrase_->duplicate();
}

Result<Secret> Context::new_passphrase() {
    station::PassphraseSource source = station_source();
    source.prompt = "Nouvelle phrase secrète du poste (12 caractères au moins) : ";
    auto read = station::read_new_passphrase(source);
    while (read.code() == ErrorCode::invalid_field && station::prompts(source)) {
        dialogue.say("  ✗ Trop courte, ou les deux diffèrent : recommencez.");
        read = station::read_new_passphrase(source);
    }
    RELAIS_ASSIGN(passphrase_, in_french(std::move(read), "--passphrase-fd"));
    return passphrase_->duplicate();
}

Result<Secret> Context::new_person_passphrase() {
    station::PassphraseSource source = person_source();
    if (station::prompts(source)) return Secret();
    return in_french(station::read_new_passphrase(source), "--person-passphrase-fd");
}

Result<station::Station*> Context::open() {
    if (station_) return station_.get();
    RELAIS_ASSIGN(const station::StationFolder where, folder());
    std::error_code ignored;
    if (!std::filesystem::exists(where.vault(), ignored)) {
        return fail(ErrorCode::not_found, "pas de poste Relais dans " + where.path.string());
    }
    RELAIS_ASSIGN(const Secret secret, passphrase());
    RELAIS_ASSIGN(station_, station::Station::open(where, secret));
    if (station::enrolment_pending(station_->vault())) {
        station_.reset();
        return fail(ErrorCode::not_decided, "enrôlement en cours : « relais enrol » le poursuit");
    }
    return station_.get();
}

Result<station::Station*> Context::open_and_synchronise() {
    RELAIS_ASSIGN(station::Station* const station, open());
    online_ = false;
    if (options.offline) return station;
    RELAIS_ASSIGN(const auto wait, patience(kSynchronisePatience));
    const Result<void> done = synchronise(wait);
    if (done.code() == ErrorCode::locked) {  // another process keeps it up to date
        RELAIS_TRY(station->refresh());
        return station;
    }
    if (passes(done.code())) {
        const bool busy = done.code() == ErrorCode::busy && !done.error().detail.empty();
        out.notice(busy ? "relais : le service ne prend pas les envois pour l'instant (« " +
                              done.error().detail + " ») ; voici ce que ce poste a déjà."
                        : "relais : service injoignable, voici ce que ce poste a déjà.");
        return station;
    }
    RELAIS_TRY(done);
    online_ = true;
    say_clock(out, *station);
    return station;
}

Result<void> Context::synchronise(std::chrono::milliseconds wait) {
    Result<void> done = station_->synchronise(wait);
    nlohmann::json refused = say_refused_marks();
    if (!refused.empty()) out.attach("refused_marks", std::move(refused));
    return done;
}

nlohmann::json Context::say_refused_marks() {
    nlohmann::json refused = nlohmann::json::array();
    for (const station::RefusedMark& mark : station_->sync().take_refused_marks()) {
        const bool taken = mark.word == Word::taken;
        out.notice("relais : le service ne retient pas que le message " + short_id(mark.message) +
                   (taken ? " est pris en charge. " : " est ouvert. ") +
                   std::string(error_info(mark.code).french));
        refused.push_back({{"message", uuid(mark.message)},
                           {"word", taken ? "taken" : "opened"},
                           {"code", static_cast<int>(mark.code)},
                           {"name", error_name(mark.code)}});
    }
    return refused;
}

Result<PersonId> Context::person() {
    const auto* self = station_->self();
    if (self == nullptr) return fail(ErrorCode::revoked, "ce poste n'est plus dans l'annuaire");
    std::vector<const directory::PersonRecord*> here;
    std::vector<const directory::PersonRecord*> without_key;
    for (const PersonId& id : self->station.persons) {
        const auto* record = station_->directory().person(id);
        if (record == nullptr) continue;
        (station_->vault().has_person(id) ? here : without_key).push_back(record);
    }
    if (!options.as.empty()) {
        const auto chosen = pick_person(here, options.as);
        if (chosen.ok()) return (*chosen)->person.id;
        const auto other = pick_person(without_key, options.as);
        if (!other.ok()) return chosen.error();
        return fail(ErrorCode::not_on_station,
                    (*other)->person.title + " n'a pas de clé de signature sur ce poste");
    }
    if (here.empty())
        return fail(ErrorCode::not_on_station, "aucune clé de signature sur ce poste");
    if (here.size() == 1) return here.front()->person.id;
    std::string names;
    for (const auto* record : here) names += (names.empty() ? "" : ", ") + record->person.title;
    return fail(ErrorCode::usage, "précisez qui agit avec --as : " + names);
}

Result<station::SigningPerson*> Context::unlock(const PersonId& person, const Secret& secret) {
    RELAIS_ASSIGN(station::SigningPerson unlocked,
                  station::unlock_person(*station_, person, secret));
    signer_.emplace(std::move(unlocked));
    return &*signer_;
}

Result<station::SigningPerson*> Context::signer_if_known() {
    if (signer_) return &*signer_;
    const auto who = person();
    if (!who.ok()) return static_cast<station::SigningPerson*>(nullptr);
    if (!station::prompts(person_source())) return signer();
    RELAIS_ASSIGN(const Secret secret, passphrase());
    auto unlocked = unlock(*who, secret);
    if (unlocked.code() == ErrorCode::wrong_passphrase) {
        return static_cast<station::SigningPerson*>(nullptr);
    }
    return unlocked;
}

Result<station::SigningPerson*> Context::signer() {
    if (signer_) return &*signer_;
    RELAIS_ASSIGN(const PersonId who, person());
    const station::PassphraseSource source = person_source();
    if (station::prompts(source)) {
        RELAIS_ASSIGN(const Secret secret, passphrase());
        auto unlocked = unlock(who, secret);
        if (unlocked.code() != ErrorCode::wrong_passphrase) return unlocked;
    }
    RELAIS_ASSIGN(const Secret own,
                  in_french(station::read_passphrase(source), "--person-passphrase-fd"));
    return unlock(who, own);
}

Result<station::Registrar> Context::registrar() {
    if (station_->keys().authority) return station::Registrar::of(*station_);
    RELAIS_ASSIGN(station::SigningPerson* const who, signer());
    return station::Registrar::of(*station_, &who->key);
}

}  // namespace relais::cli
