#include "clients/cli/sending.h"

#include <algorithm>
#include <iterator>

#include "clients/cli/fill.h"
#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/show_threads.h"
#include "clients/cli/text.h"
#include "clients/station/api/attachments.h"
#include "clients/station/api/carried.h"
#include "clients/station/api/recipients.h"
#include "clients/station/api/register_copy.h"
#include "clients/station/api/row_findings.h"
#include "core/base/limits.h"
#include "core/calendar/days.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kSendPatience{30};
constexpr std::chrono::milliseconds kLook{200};

Result<json> read_form(const std::string& name) {
    RELAIS_ASSIGN(const Bytes bytes,
                  read_file(name == "-" ? "/dev/stdin" : name, limits::kFormBytesMax));
    auto values = forms::parse_json(as_text(bytes));
    if (!values.ok()) return fail(values.code(), name + " : " + values.error().detail);
    if (!values->is_object()) return fail(ErrorCode::malformed, name + " : objet JSON attendu");
    return values;
}

station::DraftAct* act_of(station::Draft& draft, const std::string& name) {
    const auto found = std::ranges::find(draft.acts, name, &station::DraftAct::act);
    return found == draft.acts.end() ? nullptr : &*found;
}

// "call=call.json" names an act of the draft; another text is a file, for the first act.
Result<void> apply_form(const std::string& text, station::Draft& draft) {
    const std::size_t sign = text.find('=');
    station::DraftAct* named =
        sign == std::string::npos ? nullptr : act_of(draft, text.substr(0, sign));
    const std::string file = named == nullptr ? text : text.substr(sign + 1);
    if (named == nullptr) named = &draft.acts.front();
    RELAIS_ASSIGN(named->form, read_form(file));
    return {};
}

// A public field goes to each act of the draft that publishes it.
Result<void> apply_public(const workflow::Kind& kind, const std::string& text,
                          station::Draft& draft) {
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos) {
        return fail(ErrorCode::usage, "--public « " + text + " » : NOM=VALEUR attendu");
    }
    const std::string name = text.substr(0, sign);
    const workflow::PublicDeclared* field = kind.public_field(name);
    bool used = false;
    for (station::DraftAct& filled : draft.acts) {
        const auto index = kind.act(filled.act);
        if (!index || field == nullptr) continue;
        const auto& publics = kind.acts[*index].publics;
        if (std::ranges::find(publics, field->number, &workflow::PublicUse::number) ==
            publics.end()) {
            continue;
        }
        filled.publics[name] = text.substr(sign + 1);
        used = true;
    }
    if (!used) return fail(ErrorCode::unknown_field, name);
    return {};
}

// "deposit=scan.pdf" names an act of the draft; another text is a file, for the first act that may
// carry one.
Result<void> apply_attachment(const workflow::Kind& kind, const std::string& text,
                              station::Draft& draft) {
    const std::size_t sign = text.find('=');
    station::DraftAct* act =
        sign == std::string::npos ? nullptr : act_of(draft, text.substr(0, sign));
    const std::string file = act == nullptr ? text : text.substr(sign + 1);
    for (station::DraftAct& each : draft.acts) {
        const auto index = kind.act(each.act);
        if (act == nullptr && index && kind.acts[*index].attachments.count > 0) act = &each;
    }
    if (act == nullptr) {
        return fail(ErrorCode::attachment_refused, "aucune action n'admet de pièce jointe");
    }
    const auto index = kind.act(act->act);
    RELAIS_ASSIGN(auto attached, index ? station::examine_file(file, kind.acts[*index].attachments)
                                       : station::examine_file(file));
    act->attachments.push_back(std::move(attached));
    return {};
}

// What goes together with the first act may also go later.
Result<void> leave_out(const std::string& act, station::Draft& draft) {
    const auto found =
        std::ranges::find(draft.acts.begin() + 1, draft.acts.end(), act, &station::DraftAct::act);
    if (found == draft.acts.end()) {
        std::string known;
        for (std::size_t i = 1; i < draft.acts.size(); ++i) {
            known += (known.empty() ? "" : ", ") + draft.acts[i].act;
        }
        return fail(ErrorCode::usage,
                    "--without « " + act + " » : " + (known.empty() ? "l'action va seule" : known));
    }
    draft.acts.erase(found);
    return {};
}

Result<Lane> parse_lane(const std::string& word) {
    if (word == "routine") return Lane::routine;
    if (word == "urgent") return Lane::urgent;
    if (word == "crisis") return Lane::crisis;
    return fail(ErrorCode::usage, "--lane « " + word + " » : routine, urgent ou crisis");
}

// "cabinet-exemple=Dr Camille Exemple", or the person alone where one mailbox is addressed.
Result<void> name_one(station::Station& station, const std::string& text, station::Draft& draft) {
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos && draft.to.size() != 1) {
        return fail(ErrorCode::usage, draft.to.empty()
                                          ? "--attention : aucun destinataire, précisez --to"
                                          : "--attention BOÎTE=PERSONNE : plusieurs destinataires");
    }
    std::optional<Address> mailbox;
    if (sign == std::string::npos) {
        mailbox = draft.to.front();
    } else {
        RELAIS_ASSIGN(mailbox, find_mailbox(station, text.substr(0, sign)));
    }
    if (std::ranges::find(draft.to, *mailbox) == draft.to.end()) {
        return fail(ErrorCode::unknown_recipient, mailbox->text());
    }
    const std::string typed = sign == std::string::npos ? text : text.substr(sign + 1);
    RELAIS_ASSIGN(const auto* const record,
                  find_person(station, std::string(mailbox->organisation()), typed));
    draft.attention[mailbox->text()] = record->person.id;
    return {};
}

Result<void> apply_people(Context& context, const DraftLine& line, station::Station& station,
                          station::Draft& draft) {
    if (!line.to.empty()) draft.to.clear();
    for (const std::string& typed : line.to) {
        RELAIS_ASSIGN(Address mailbox, find_recipient(station, typed));
        if (std::ranges::find(draft.to, mailbox) == draft.to.end()) {
            draft.to.push_back(std::move(mailbox));
        }
    }
    if (!line.on_behalf_of.empty()) {
        RELAIS_ASSIGN(const auto* const record, find_person(station, "", line.on_behalf_of));
        draft.on_behalf_of = record->person.id;
    }
    const auto who = context.person();
    if (who.ok() && !draft.prepared_by) draft.prepared_by = *who;
    return {};
}

Result<void> save(station::Station& station, const station::Draft& draft) {
    RELAIS_ASSIGN(const Bytes encoded, station::encode_draft(draft));
    return station.store().put_draft(draft.id, encoded);
}

using Sent = std::vector<station::StoredOutgoing>;

Result<Sent> look(station::Station& station, const std::vector<MessageId>& ids) {
    Sent sent;
    for (const MessageId& id : ids) {
        RELAIS_ASSIGN(auto item, station.store().outgoing(id));
        if (!item) return fail(ErrorCode::corrupt, "outbox");
        sent.push_back(*std::move(item));
    }
    return sent;
}

bool all_answered(const Sent& sent) {
    return std::ranges::none_of(sent, [](const station::StoredOutgoing& item) {
        return item.state == station::SendState::queued;
    });
}

// Another process of this station is connected: it sends what was queued here.
Result<void> wait_beside(station::Station& station, const std::vector<MessageId>& ids,
                         std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
        RELAIS_ASSIGN(const Sent sent, look(station, ids));
        if (all_answered(sent)) return {};
        station::Link::pause(kLook);
    }
    return fail(ErrorCode::unreachable, "l'autre programme de ce poste n'a pas encore envoyé");
}

// The first refusal, as the error of the command.
Result<void> verdict(station::Station& station, const Sent& sent) {
    for (const station::StoredOutgoing& item : sent) {
        if (item.state != station::SendState::refused) continue;
        return fail(item.code, refusal_text(station, item));
    }
    return {};
}

Result<void> report(Context& context, station::Station& station,
                    const std::vector<MessageId>& ids) {
    RELAIS_ASSIGN(const Sent sent, look(station, ids));
    json messages = json::array();
    for (const station::StoredOutgoing& item : sent) {
        messages.push_back(outgoing_json(station, item));
        print_outgoing(context.out, messages.back());
    }
    const ThreadId thread = sent.front().thread;
    context.out.line("Dossier n° " + uuid(thread) + " : relais show " + short_id(thread));
    context.out.attach("thread", uuid(thread));
    context.out.attach("messages", std::move(messages));
    context.out.result(json::object());
    return verdict(station, sent);
}

}  // namespace

void add_draft_options(CLI::App& command, DraftLine& line) {
    add_repeated(command, "--to", line.to, "Boîte destinataire");
    add_repeated(command, "--form", line.forms,
                 "Formulaire rempli, en JSON : FICHIER, ACTION=FICHIER, ou -");
    add_repeated(command, "--public", line.publics, "Champ visible du service : NOM=VALEUR");
    add_repeated(command, "--attach", line.attachments,
                 "Pièce jointe, PDF ou image : FICHIER, ou ACTION=FICHIER");
    command.add_option("--for", line.on_behalf_of,
                       "Au nom de qui, par mandat : numéro ou partie du nom");
    command.add_option("--respond-within", line.respond_within, "Délai de réponse : 20min, 4h, 2d");
    command.add_option("--lane", line.lane, "Niveau : routine, urgent, crisis");
    add_repeated(command, "--attention", line.attention,
                 "À l'attention de qui : PERSONNE, ou BOÎTE=PERSONNE");
    command.add_option(
        "--follows", line.follows,
        "Dossier que celui-ci prolonge : son numéro ; l'identité du patient en vient");
    command.add_flag("--same-patient", line.same_patient,
                     "Avec --follows : c'est le même patient, bien que l'identité donnée diffère");
    add_repeated(command, "--without", line.without,
                 "Action qui irait avec la première, à laisser pour plus tard");
}

Result<void> apply_line(Context& context, const DraftLine& line, station::Draft& draft) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_ASSIGN(const auto kind, station->kinds().get(draft.kind_digest));
    RELAIS_TRY(apply_people(context, line, *station, draft));
    for (const std::string& act : line.without) RELAIS_TRY(leave_out(act, draft));
    for (const std::string& form : line.forms) RELAIS_TRY(apply_form(form, draft));
    for (const std::string& text : line.publics) {
        RELAIS_TRY(apply_public(kind->kind, text, draft));
    }
    for (const std::string& text : line.attachments) {
        RELAIS_TRY(apply_attachment(kind->kind, text, draft));
    }
    if (!line.respond_within.empty()) {
        RELAIS_ASSIGN(draft.respond_within, parse_duration(line.respond_within));
    }
    if (!line.lane.empty()) {
        RELAIS_ASSIGN(draft.lane, parse_lane(line.lane));
    }
    if (!line.follows.empty()) {
        RELAIS_ASSIGN(draft.follows, station::find_thread(*station, line.follows));
        draft.same_patient = false;  // it was said of another case
    }
    if (line.same_patient) draft.same_patient = true;
    return {};
}

Result<void> apply_attention(Context& context, const DraftLine& line, station::Draft& draft) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    for (const std::string& text : line.attention) {
        RELAIS_TRY(name_one(*station, text, draft));
    }
    return {};
}

bool lacks_forms(station::Station& station, const station::Draft& draft) {
    const auto kind = station.kinds().get(draft.kind_digest);
    return kind.ok() && std::ranges::any_of(draft.acts, [&](const station::DraftAct& filled) {
               const workflow::Act& act = (*kind)->kind.acts[*(*kind)->kind.act(filled.act)];
               return filled.form.is_null() && (*kind)->form_of(act) != nullptr;
           });
}

namespace {

constexpr std::size_t kCodesShown = 12;

CodeSearch search_in(station::Station& station) {
    return [&station](const std::string& list, const std::string& words) {
        std::vector<CodeFound> found;
        const auto held = station.packs().list(list);
        if (!held.ok()) return found;  // said at the field: no list to check the code against
        for (const packs::Row* row : (*held)->table.search(words, kCodesShown)) {
            found.push_back({row->code, row->label});
        }
        return found;
    };
}

json carried_json(const station::Carried& carried) {
    json shown = {{"act", carried.act},
                  {"field", carried.field},
                  {"thread", uuid(carried.thread)},
                  {"message", uuid(carried.message)},
                  {"from", carried.from.text()},
                  {"time", format_utc(carried.time)},
                  {"status_lowered", carried.lowered}};
    return shown;
}

void print_carried(Output& out, const station::Carried& carried) {
    const std::string whence = "« " + carried.title + " » (" + carried.from.text() + ", " +
                               local_time(carried.time) + ", dossier " + short_id(carried.thread) +
                               ")";
    if (carried.field.empty()) {
        out.line("Formulaire repris de " + whence + " : à corriger.");
        if (!carried.who.empty()) out.line("  Identité : " + carried.who);
        return;
    }
    out.line("Identité reprise de " + whence + ", à vérifier : " + carried.who);
    if (!carried.lowered) return;
    out.line(
        "  Vérifiée par une autre organisation : « provisoire » et sans matricule chez vous, "
        "sauf si vous donnez votre propre statut.");
}

}  // namespace

Result<std::set<std::string>> carry_and_say(Context& context, station::Draft& draft) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    std::set<std::string> begun;
    for (const station::DraftAct& filled : draft.acts) {
        if (filled.form.is_null()) begun.insert(filled.act);
    }
    RELAIS_ASSIGN(const auto carried, station::carry_over(*station, draft));
    json all = json::array();
    for (const station::Carried& each : carried) {
        print_carried(context.out, each);
        all.push_back(carried_json(each));
    }
    context.out.attach("carried", std::move(all));
    return begun;
}

Result<void> fill_draft(Context& context, station::Draft& draft,
                        const std::set<std::string>& begun) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_ASSIGN(const auto kind, station->kinds().get(draft.kind_digest));
    for (station::DraftAct& filled : draft.acts) {
        const workflow::Act& act = kind->kind.acts[*kind->kind.act(filled.act)];
        context.dialogue.say("\n== " + act.label + " ==");
        RELAIS_TRY(ask_publics(context.dialogue, kind->kind, act, filled.publics));
        const forms::FormSchema* form = kind->form_of(act);
        if (form == nullptr || (!filled.form.is_null() && !begun.contains(filled.act))) continue;
        const forms::Context judged = station::draft_context(*station, *kind, draft, act, filled);
        RELAIS_ASSIGN(filled.form, ask_form(context.dialogue, *form, judged, search_in(*station),
                                            std::move(filled.form)));
    }
    return {};
}

namespace {

// As `--json` names it, and as it is said.
struct SignWords {
    const char* name;
    const char* french;
};
SignWords sign_words(station::Sign sign) {
    switch (sign) {
        case station::Sign::delivered: return {"delivered", "remis"};
        case station::Sign::opened: return {"opened", "ouvert"};
        case station::Sign::taken: return {"taken", "pris en charge"};
        case station::Sign::acted: return {"acted", "acte signé"};
    }
    return {"unknown", "signe"};
}

void put_presence(json& shown, const station::Presence& presence) {
    shown["mailbox"] = presence.mailbox.text();
    if (presence.closed_until) shown["closed_until"] = format_utc(*presence.closed_until);
    if (presence.away_until) shown["away_until"] = format_utc(*presence.away_until);
}

json facts_json(const station::RecipientFacts& facts) {
    json shown = {{"known", facts.known}, {"confirmed", facts.confirmed}, {"takes", facts.takes},
                  {"read", facts.read},   {"rung", facts.rung},           {"phone", facts.phone}};
    put_presence(shown, facts.presence);
    if (facts.delegate) put_presence(shown["delegate"], *facts.delegate);
    if (facts.fallback) put_presence(shown["fallback"], *facts.fallback);
    if (facts.last_sign) {
        shown["last_sign"] = {{"day", format_day(facts.last_sign->day)},
                              {"sign", sign_words(facts.last_sign->sign).name}};
    }
    return shown;
}

// Of somebody who stands in; empty where nothing is known to keep them from it.
std::string missing_text(const station::Presence& presence) {
    if (presence.away_until) {
        return "absent jusqu'au " + unit_end(*presence.away_until, presence.hours);
    }
    if (!presence.closed_until) return "";
    return "fermé jusqu'au " + unit_time(*presence.closed_until, presence.hours);
}

std::string delegate_text(const std::optional<station::Presence>& delegate) {
    if (!delegate) return ", sans délégué qui puisse lire cet échange";
    const std::string missing = missing_text(*delegate);
    return ", lu par son délégué " + delegate->mailbox.text() +
           (missing.empty() ? "" : ", lui-même " + missing);
}

void say_recipient(Output& out, const station::RecipientFacts& facts, CivilDay today) {
    const station::Presence& presence = facts.presence;
    const std::string mailbox = presence.mailbox.text() + " : ";
    if (presence.away_until) {
        out.line(mailbox + missing_text(presence) + delegate_text(facts.delegate));
    }
    if (facts.fallback && !missing_text(*facts.fallback).empty()) {
        out.line(mailbox + "son recours " + facts.fallback->mailbox.text() + " est " +
                 missing_text(*facts.fallback));
    }
    if (facts.known && !facts.ours) out.line(mailbox + last_sign_text(facts.last_sign, today));
    if (!presence.closed_until && (facts.rung || !facts.known)) return;
    std::string line = mailbox;
    line += presence.closed_until
                ? "fermé jusqu'au " + unit_time(*presence.closed_until, presence.hours)
                : std::string("ouvert");
    line += facts.rung ? ", prévenu hors de Relais" : ", pas prévenu hors de Relais";
    if (!facts.phone.empty()) line += ", tél. " + facts.phone;
    out.line(line);
}

// What is known of those who are written to; what the checks find is theirs to say.
Result<json> say_recipients(Context& context, station::Station& station,
                            const station::Draft& draft) {
    json all = json::array();
    const CivilDay today = calendar::day_of(station.now());
    RELAIS_ASSIGN(const auto recipients, station::recipient_facts(station, draft));
    for (const station::RecipientFacts& facts : recipients) {
        all.push_back(facts_json(facts));
        say_recipient(context.out, facts, today);
    }
    return all;
}

// What is asked of registers is said of what they hold now, where that can be read.
Result<void> read_registers(Context& context, station::Station& station,
                            const station::Draft& draft) {
    RELAIS_ASSIGN(const auto patience, context.patience(kSendPatience));
    const auto read = station::refresh_registers(station, draft, patience);
    const bool later = read.code() == ErrorCode::unreachable ||
                       read.code() == ErrorCode::timed_out || read.code() == ErrorCode::busy;
    return later ? Result<void>() : read;
}

}  // namespace

std::string last_sign_text(const std::optional<station::LastSign>& last, CivilDay today) {
    if (!last) return "aucun signe encore sur ce poste";
    const std::int32_t days = today - last->day;
    std::string when = "il y a " + std::to_string(days) + " jours";
    if (days == 1) when = "hier";
    if (days == 0) when = "aujourd'hui";
    if (days < 0) when = "à une date à venir, l'horloge d'un des deux étant fausse";
    return "dernier signe " + when + " (" + sign_words(last->sign).french + " le " +
           french_day(last->day) + ")";
}

Result<void> check_and_say(Context& context, const station::Draft& draft) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_ASSIGN(json recipients, say_recipients(context, *station, draft));
    context.out.attach("recipients", std::move(recipients));
    if (context.online()) RELAIS_TRY(read_registers(context, *station, draft));
    const auto who = context.person();
    const auto signer = who.ok() ? std::optional(*who) : std::nullopt;
    RELAIS_ASSIGN(auto findings, station::check_draft(*station, draft, signer));
    RELAIS_ASSIGN(const auto kind, station->kinds().get(draft.kind_digest));
    std::ranges::move(station::row_findings(kind->kind, draft), std::back_inserter(findings));
    if (signer) {
        RELAIS_ASSIGN(auto of_signer, station::signer_findings(*station, draft, *signer));
        std::ranges::move(of_signer, std::back_inserter(findings));
    }
    print_findings(context.out, findings);
    context.out.attach("findings", findings_json(findings));
    for (const station::DraftFinding& item : findings) {
        if (item.finding.severity != forms::Severity::error) continue;
        const std::string act = item.act.empty() ? "" : item.act + " : ";
        return fail(item.finding.code, act + item.finding.path);
    }
    return {};
}

Result<void> refuse_unchanged(station::Station& station, const station::Draft& draft,
                              station::FilesLeftOut files) {
    RELAIS_ASSIGN(const bool nothing, station::corrects_nothing(station, draft, files));
    if (!nothing) return {};
    return fail(ErrorCode::usage,
                "une correction sans rien de changé : changez la saisie, ou donnez un autre "
                "--form FICHIER.json");
}

Result<void> keep_draft(Context& context, const station::Draft& draft) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_TRY(save(*station, draft));
    context.out.line("Brouillon gardé : " + short_id(draft.id) + " (relais send " +
                     short_id(draft.id) + ")");
    context.out.result(draft_json(*station, draft));
    return {};
}

Result<void> send_and_report(Context& context, const station::Draft& draft) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_TRY(refuse_unchanged(*station, draft, station::FilesLeftOut::change));
    RELAIS_TRY(check_and_say(context, draft));
    RELAIS_ASSIGN(station::SigningPerson* const signer, context.signer());
    RELAIS_ASSIGN(const auto ids, station::send_draft(*station, draft, *signer));
    Result<void> reached;
    if (!context.options.offline) {
        RELAIS_ASSIGN(const auto patience, context.patience(kSendPatience));
        reached = context.synchronise(patience);
        if (reached.code() == ErrorCode::locked) reached = wait_beside(*station, ids, patience);
    }
    RELAIS_TRY(report(context, *station, ids));
    RELAIS_ASSIGN(const Sent sent, look(*station, ids));
    return all_answered(sent) ? Result<void>() : reached;
}

}  // namespace relais::cli
