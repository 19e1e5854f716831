#include "clients/station/api/draft.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "clients/station/api/attachments.h"
#include "clients/station/api/carried.h"
#include "clients/station/api/recipients.h"
#include "clients/station/api/register_copy.h"
#include "clients/station/api/row_findings.h"
#include "clients/station/api/threads.h"
#include "clients/station/api/watched.h"
#include "clients/station/sync/form_context.h"
#include "core/codecs/codecs.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/permission.h"
#include "schemas/workflow/public_value.h"

namespace relais::station {

namespace {

using Json = nlohmann::json;

forms::Finding finding(const std::string& path, ErrorCode code, std::string message) {
    return {path, code, forms::Severity::error, std::move(message)};
}

template <typename Id>
Result<std::optional<Id>> optional_uuid(const Json& json, const char* key) {
    const std::string text = json.value(key, std::string());
    if (text.empty()) return std::optional<Id>();
    RELAIS_ASSIGN(const Id id, uuid_from<Id>(text));
    return std::optional<Id>(id);
}

Json act_to_json(const DraftAct& act) {
    Json json = {{"act", act.act}, {"form", act.form}, {"publics", act.publics}};
    for (const auto& [path, file] : act.attachments) {
        json["attachments"].push_back({{"path", path},
                                       {"name", file.name},
                                       {"media", file.media},
                                       {"bytes", file.bytes},
                                       {"digest", hex(file.digest.view())}});
    }
    return json;
}

Result<DraftAttachment> attachment_from_json(const Json& json) {
    RELAIS_ASSIGN(const Digest digest, hex_from<Digest>(json.value("digest", std::string())));
    return DraftAttachment{json.value("path", std::string()),
                           {json.value("name", std::string()), json.value("media", std::string()),
                            json.value("bytes", std::uint64_t{0}), digest}};
}

Result<DraftAct> act_from_json(const Json& json) {
    DraftAct act{json.value("act", std::string()), json.value("form", Json()), {}, {}};
    const Json publics = json.value("publics", Json::object());  // outlives the loop below
    for (const auto& [name, value] : publics.items()) {
        act.publics[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    const Json attachments = json.value("attachments", Json::array());
    for (const Json& item : attachments) {
        RELAIS_ASSIGN(DraftAttachment attached, attachment_from_json(item));
        act.attachments.push_back(std::move(attached));
    }
    return act;
}

}  // namespace

Result<Bytes> encode_draft(const Draft& draft) {
    Json acts = Json::array();
    for (const DraftAct& act : draft.acts) acts.push_back(act_to_json(act));
    Json to = Json::array();
    for (const Address& mailbox : draft.to) to.push_back(mailbox.text());
    Json json = {{"id", uuid(draft.id)},
                 {"kind", draft.kind},
                 {"kind_digest", hex(draft.kind_digest.view())},
                 {"thread", uuid(draft.thread)},
                 {"from", draft.from.text()},
                 {"to", to},
                 {"acts", acts},
                 {"respond_within", draft.respond_within.count()}};
    if (draft.answers) json["answers"] = hex(draft.answers->view());
    if (draft.follows) json["follows"] = uuid(*draft.follows);
    for (const auto& [mailbox, person] : draft.attention) {
        json["attention"][mailbox] = uuid(person);
    }
    if (draft.lane) json["lane"] = static_cast<int>(*draft.lane);
    if (draft.prepared_by) json["prepared_by"] = uuid(*draft.prepared_by);
    if (draft.same_patient) json["same_patient"] = true;
    if (draft.on_behalf_of) json["on_behalf_of"] = uuid(*draft.on_behalf_of);
    try {
        return to_bytes(as_bytes(json.dump()));
    } catch (const Json::type_error&) {  // bytes of a command line, or of a file's name
        return fail(ErrorCode::usage, "ce brouillon contient un texte qui n'est pas en UTF-8");
    }
}

Result<Draft> decode_draft(ByteView bytes) {
    const Json json = Json::parse(as_text(bytes), nullptr, false);
    if (!json.is_object()) return fail(ErrorCode::corrupt, "draft");
    const auto text = [&](const char* key) { return json.value(key, std::string()); };
    RELAIS_ASSIGN(const MessageId id, uuid_from<MessageId>(text("id")));
    RELAIS_ASSIGN(const Digest kind, hex_from<Digest>(text("kind_digest")));
    RELAIS_ASSIGN(const ThreadId thread, uuid_from<ThreadId>(text("thread")));
    RELAIS_ASSIGN(Address from, Address::parse(text("from")));
    Draft draft{.id = id,
                .kind = text("kind"),
                .kind_digest = kind,
                .thread = thread,
                .from = std::move(from),
                .respond_within = std::chrono::seconds(json.value("respond_within", 0))};
    RELAIS_ASSIGN(draft.follows, optional_uuid<ThreadId>(json, "follows"));
    const Json attention = json.value("attention", Json::object());
    for (const auto& [mailbox, person] : attention.items()) {
        RELAIS_ASSIGN(draft.attention[mailbox], uuid_from<PersonId>(person.get<std::string>()));
    }
    if (!text("answers").empty()) {
        RELAIS_ASSIGN(draft.answers, hex_from<Digest>(text("answers")));
    }
    for (const Json& item : json.value("to", Json::array())) {
        RELAIS_ASSIGN(Address mailbox, Address::parse_recipient(item.get<std::string>()));
        draft.to.push_back(std::move(mailbox));
    }
    for (const Json& item : json.value("acts", Json::array())) {
        RELAIS_ASSIGN(DraftAct act, act_from_json(item));
        draft.acts.push_back(std::move(act));
    }
    if (json.contains("lane")) draft.lane = static_cast<Lane>(json["lane"].get<int>());
    RELAIS_ASSIGN(draft.prepared_by, optional_uuid<PersonId>(json, "prepared_by"));
    draft.same_patient = json.value("same_patient", false);
    RELAIS_ASSIGN(draft.on_behalf_of, optional_uuid<PersonId>(json, "on_behalf_of"));
    return draft;
}

namespace {

// What slips of the case can be of: the contents of its messages. None where this station has none.
std::optional<std::vector<forms::CaseMessage>> case_messages(Station& station, const Draft& draft) {
    const auto view = view_thread(station, draft.thread, draft.from);
    if (!view.ok()) return std::nullopt;
    std::vector<forms::CaseMessage> messages;
    for (const TimelineItem& item : view->items) {
        if (!item.opened) continue;
        const Opened& opened = *item.opened;
        const workflow::Act& act = opened.kind->kind.acts[opened.act];
        if (act.off_network) continue;
        messages.push_back({hex(opened.header.content_digest.view()), act.past});
    }
    if (messages.empty()) return std::nullopt;
    return messages;
}

bool asks_fingerprint(const forms::FormSchema* form) {
    return form != nullptr && std::ranges::any_of(form->describe(), &forms::Field::fingerprint);
}

}  // namespace

std::vector<Recipient> draft_recipients(const Draft& draft) {
    std::vector<Recipient> to;
    for (const Address& mailbox : draft.to) {
        const auto named = draft.attention.find(mailbox.text());
        to.push_back(
            {mailbox, 1, Standing::party,
             named == draft.attention.end() ? std::nullopt : std::optional(named->second)});
    }
    return to;
}

forms::Context draft_context(Station& station, const LoadedKind& kind, const Draft& draft,
                             const workflow::Act& act, const DraftAct& filled) {
    forms::Context context(station.environment(), publics_of(kind.kind, act, filled.publics),
                           &station.packs(), forms::Severity::error);
    const directory::DirectoryState& state = station.directory();
    context.attention = attention_in(state, draft_recipients(draft), state.size());
    context.sent_at = station.now().ms * 1'000'000;
    if (asks_fingerprint(kind.form_of(act))) context.messages = case_messages(station, draft);
    return context;
}

bool has_errors(const std::vector<DraftFinding>& findings) {
    return std::ranges::any_of(findings, [](const DraftFinding& item) {
        return item.finding.severity == forms::Severity::error;
    });
}

Result<std::int64_t> public_value(const workflow::PublicDeclared& field, const std::string& text) {
    const auto value = workflow::read_public(field, text);
    if (!value) return fail(ErrorCode::public_field_refused, field.name);
    return *value;
}

namespace {

// "Valeurs admises : OUT_OF_STOCK (Rupture), TENSION (Tension)."
std::string admitted(const workflow::PublicDeclared& field) {
    switch (field.type) {
        case workflow::PublicType::boolean: return "Valeurs admises : true (oui), false (non).";
        case workflow::PublicType::integer:
            return "Valeurs admises : un nombre de " + std::to_string(field.min) + " à " +
                   std::to_string(field.max) + ".";
        case workflow::PublicType::day:
            return "Valeurs admises : un jour, écrit 2026-12-14, du " +
                   workflow::public_label(field, field.min) + " au " +
                   workflow::public_label(field, field.max) + ".";
        case workflow::PublicType::code: break;
    }
    std::string text;
    for (const workflow::PublicValue& value : field.values) {
        text += (text.empty() ? "" : ", ") + value.code + " (" + value.label + ")";
    }
    return "Valeurs admises : " + text + ".";
}

void check_publics(const workflow::Kind& kind, const workflow::Act& act, const DraftAct& filled,
                   forms::Findings& findings) {
    for (const auto& [name, text] : filled.publics) {
        const workflow::PublicDeclared* field = kind.public_field(name);
        const bool used = field != nullptr &&
                          std::ranges::find(act.publics, field->number,
                                            &workflow::PublicUse::number) != act.publics.end();
        if (!used) {
            findings.push_back(
                finding(name, ErrorCode::unknown_field, "Champ inconnu pour cette action."));
        } else if (!public_value(*field, text).ok()) {
            findings.push_back(
                finding(name, ErrorCode::invalid_field,
                        "Valeur non admise pour « " + field->label + " ». " + admitted(*field)));
        }
    }
    for (const workflow::PublicUse& use : act.publics) {
        const workflow::PublicDeclared* field = kind.public_field(use.number);
        if (use.mandatory && !filled.publics.contains(field->name)) {
            findings.push_back(finding(field->name, ErrorCode::missing_field,
                                       "« " + field->label + " » est obligatoire."));
        }
    }
}

// Nobody else can say it for the patient; and without it the broker refuses.
void check_agreement(const workflow::Kind& kind, const DraftAct& filled,
                     forms::Findings& findings) {
    const workflow::PublicDeclared* field = kind.public_field(kind.agreement);
    if (kind.agreement == 0 || field == nullptr) return;
    const auto said = filled.publics.find(field->name);
    if (said == filled.publics.end() || said->second == "true") return;
    findings.push_back(finding(field->name, ErrorCode::agreement_missing,
                               std::string(error_info(ErrorCode::agreement_missing).french)));
}

// Acts of one draft that set no delay leave it to those that do.
void check_delay(const workflow::Kind& kind, const Draft& draft, forms::Findings& findings) {
    if (draft.respond_within.count() == 0) return;
    for (const DraftAct& each : draft.acts) {
        const auto index = kind.act(each.act);
        const auto* clock = index ? workflow::delay_clock(kind, kind.acts[*index]) : nullptr;
        if (clock == nullptr) continue;
        if (draft.respond_within < clock->min || draft.respond_within > clock->max) {
            findings.push_back(finding("respond_within", ErrorCode::duration_refused,
                                       "Délai hors des bornes de « " + clock->label + " »."));
        }
        return;
    }
    findings.push_back(finding("respond_within", ErrorCode::duration_refused,
                               "Cette action ne fixe pas de délai de réponse."));
}

Result<void> check_act(Station& station, const LoadedKind& kind, const Draft& draft,
                       const DraftAct& filled, forms::Findings& findings) {
    const auto index = kind.kind.act(filled.act);
    if (!index) return fail(ErrorCode::act_refused, filled.act);
    const workflow::Act& act = kind.kind.acts[*index];
    check_publics(kind.kind, act, filled, findings);
    const std::string objection = attachments_objection(act, filled.attachments);
    if (!objection.empty()) {
        findings.push_back(finding("attachments", ErrorCode::attachment_refused, objection));
    }
    const forms::FormSchema* form = kind.form_of(act);
    if (form == nullptr) {
        if (!filled.form.is_null() && !filled.form.empty()) {
            findings.push_back(
                finding("", ErrorCode::unknown_field, "Cette action n'a pas de formulaire."));
        }
        return {};
    }
    const Json values = filled.form.is_null() ? Json::object() : filled.form;
    // What it finds is in `findings`; its error repeats the first.
    const forms::Context context = draft_context(station, kind, draft, act, filled);
    const auto checked = forms::check(*form, values, context, findings);
    if (!checked.ok() && findings.empty()) return checked.error();
    return {};
}

// What the directory says of a recipient today.
void check_recipient(Station& station, const LoadedKind& kind, bool opens, const Address& mailbox,
                     forms::Findings& findings) {
    const directory::DirectoryState& state = station.directory();
    const std::string organisation(mailbox.organisation());
    const auto add = [&](ErrorCode code) {
        findings.push_back(
            finding("to", code, mailbox.text() + " : " + std::string(error_info(code).french)));
    };
    if (!state.mailbox_exists(mailbox)) return add(ErrorCode::unknown_recipient);
    if (state.suspended(organisation)) return add(ErrorCode::suspended);
    if (kind.kind.patient == workflow::PatientData::sealed && !state.established(organisation)) {
        return add(ErrorCode::provisional);
    }
    if (!state.has_reader(mailbox)) return add(ErrorCode::no_mailbox_key);
    if (opens && !state.takes(mailbox, kind.kind.name)) add(ErrorCode::recipient_refused);
}

// Why one may not post to a group that is there: what it takes, or who may.
std::string posting_refused(const directory::Group& group, const LoadedKind& kind,
                            const Address& from) {
    if (std::ranges::find(group.kinds, kind.kind.name) == group.kinds.end()) {
        return "ce groupe ne reçoit pas ce type d'échange.";
    }
    const bool members = group.posting == directory::Posting::members;
    return "la boîte " + from.text() +
           " n'est pas de celles qui peuvent y écrire : celles de l'organisation qui tient le "
           "groupe" +
           (members ? ", ses membres" : "") +
           (group.posters.empty() ? "." : ", et d'autres qu'elle a nommées.");
}

// Whether one may post to the group, which is asked where a thread opens, and who of it will get
// nothing. Whoever opened it goes on for those whom it still reaches.
void check_group(Station& station, const LoadedKind& kind, bool opens, const Address& group,
                 const Address& from, forms::Findings& findings) {
    const directory::DirectoryState& state = station.directory();
    const auto posting =
        workflow::check_posting(state, kind.kind, group, from, station.directory().size());
    if (opens && !posting.ok()) {
        const directory::Group* entry = state.group(group);
        const std::string why = entry == nullptr ? std::string(error_info(posting.code()).french)
                                                 : posting_refused(*entry, kind, from);
        findings.push_back(finding("to", posting.code(), group.text() + " : " + why));
        return;
    }
    std::size_t reached = 0;
    std::string others;
    for (const Address& member : state.members(group)) {
        if (member == from) continue;
        if (workflow::reads_group(state, kind.kind, group, member, from, state.size())) {
            ++reached;
        } else {
            others += (others.empty() ? "" : ", ") + member.text();
        }
    }
    if (reached == 0) {
        findings.push_back({"to", ErrorCode::recipient_refused, forms::Severity::warning,
                            group.text() + " : aucun membre ne reçoit ce type d'échange."});
        if (opens) findings.back().severity = forms::Severity::error;
    } else if (!others.empty()) {
        findings.push_back({"to", ErrorCode::recipient_refused, forms::Severity::warning,
                            group.text() +
                                " : ne recevront rien, leur service ne prend pas ce "
                                "type d'échange ou n'a pas encore de clé : " +
                                others});
    }
}

// A later act goes to all groups of its thread: to nobody only where no member of any reads it.
void check_reached(Station& station, const LoadedKind& kind, const Draft& draft,
                   forms::Findings& findings) {
    const directory::DirectoryState& state = station.directory();
    const bool reached = std::ranges::any_of(draft.to, [&](const Address& group) {
        return std::ranges::any_of(state.members(group), [&](const Address& member) {
            return workflow::reads_group(state, kind.kind, group, member, draft.from, state.size());
        });
    });
    if (reached || draft.to.empty()) return;
    findings.push_back(finding("to", ErrorCode::recipient_refused,
                               "Plus aucun membre des groupes de ce dossier ne le reçoit."));
}

// Whom a later act to every party of the case is for; none for another act, and where this station
// does not know them.
std::optional<EveryParty> parties_meant(Station& station, const LoadedKind& kind,
                                        const Draft& draft, const workflow::Act& act) {
    if (act.opens || act.recipients != workflow::Recipients::all_parties) return std::nullopt;
    const auto view = view_thread(station, draft.thread, draft.from);
    if (!view.ok() || !view->state) return std::nullopt;
    return every_party(station.directory(), kind.kind, *view->state);
}

// Who of them will not hear of it: the act stands for the others.
void check_gone(const EveryParty& meant, const Draft& draft, forms::Findings& findings) {
    for (const Address& mailbox : meant.gone) {
        const bool named = std::ranges::find(draft.to, mailbox) != draft.to.end();
        findings.push_back(
            {"to", ErrorCode::unknown_recipient, forms::Severity::warning,
             mailbox.text() + (named ? " : retirez-le des destinataires, l'action vaut pour les "
                                       "autres."
                                     : " : n'en saura rien, ce service n'existe plus ou est "
                                       "suspendu.")});
    }
}

// Who, should they not answer, has nobody behind them though they named somebody.
void check_behind(Station& station, const LoadedKind& kind, const Draft& draft,
                  const workflow::Act& act, forms::Findings& findings) {
    const directory::DirectoryState& state = station.directory();
    for (const auto& [party, fallback] :
         workflow::nobody_behind(state, kind.kind, act, draft.from, draft.to, state.size())) {
        findings.push_back({"to", ErrorCode::fallback_missing, forms::Severity::warning,
                            party.text() + " : personne derrière ce service s'il ne répond pas, " +
                                fallback.text() +
                                " ne prend pas ce type d'échange ou ne peut pas encore le lire."});
    }
}

}  // namespace

Result<std::vector<DraftFinding>> check_draft(Station& station, const Draft& draft,
                                              const std::optional<PersonId>& signer) {
    RELAIS_ASSIGN(const auto kind, station.kinds().get(draft.kind_digest));
    std::vector<DraftFinding> all;
    for (const DraftAct& act : draft.acts) {
        forms::Findings findings;
        RELAIS_TRY(check_act(station, *kind, draft, act, findings));
        for (forms::Finding& item : findings) all.push_back({act.act, std::move(item)});
    }
    forms::Findings findings;
    const auto first = draft.acts.empty() ? std::nullopt : kind->kind.act(draft.acts[0].act);
    const workflow::Act* const act = first ? &kind->kind.acts[*first] : nullptr;
    const bool opens = act != nullptr && act->opens;
    const auto meant = act == nullptr ? std::nullopt : parties_meant(station, *kind, draft, *act);
    const bool none_left = meant && meant->there.empty() && draft.to.empty();
    const bool to_nobody =
        none_left || (act != nullptr && act->recipients == workflow::Recipients::nobody);
    if (draft.to.empty() != to_nobody) {
        findings.push_back(
            finding("to", ErrorCode::missing_field,
                    to_nobody ? "Cette action n'a pas de destinataire." : "Aucun destinataire."));
    }
    check_delay(kind->kind, draft, findings);
    if (opens) check_agreement(kind->kind, draft.acts[0], findings);
    if (opens) check_behind(station, *kind, draft, *act, findings);
    if (meant) check_gone(*meant, draft, findings);
    const bool to_groups = act != nullptr && act->recipients == workflow::Recipients::groups;
    for (const Address& recipient : draft.to) {
        if (recipient.is_group() != to_groups) {
            findings.push_back(
                finding("to", ErrorCode::recipient_refused,
                        recipient.text() + (to_groups ? " : cette action va à un groupe."
                                                      : " : cette action va à une boîte, "
                                                        "pas à un groupe.")));
        } else if (to_groups) {
            check_group(station, *kind, opens, recipient, draft.from, findings);
        } else {
            check_recipient(station, *kind, opens, recipient, findings);
        }
    }
    if (to_groups && !opens) check_reached(station, *kind, draft, findings);
    for (forms::Finding& item : findings) all.push_back({"", std::move(item)});
    RELAIS_ASSIGN(auto of_identities, identity_findings(station, draft));
    std::ranges::move(of_identities, std::back_inserter(all));
    if (!lacks_attention(kind->kind, draft)) {
        RELAIS_ASSIGN(auto of_registers, register_findings(station, draft, signer));
        std::ranges::move(of_registers, std::back_inserter(all));
    }
    RELAIS_ASSIGN(auto of_packs, listed_findings(station, draft));
    std::ranges::move(of_packs, std::back_inserter(all));
    return all;
}

namespace {

Result<workflow::ActIndex> opening_act(const workflow::Kind& kind, const std::string& name) {
    const std::vector<workflow::ActIndex> opening = kind.opening_acts();
    if (name.empty()) return opening.front();
    std::string known;
    for (const workflow::ActIndex index : opening) {
        if (kind.acts[index].name == name) return index;
        known += (known.empty() ? "" : ", ") + kind.acts[index].name;
    }
    return fail(ErrorCode::act_refused, name + " : " + known);
}

}  // namespace

Result<Draft> new_thread_draft(Station& station, const std::string& kind_name, const Address& from,
                               const std::string& act) {
    const auto* record = station.directory().kind(kind_name);
    if (record == nullptr || record->kind.withdrawn) {
        return fail(ErrorCode::unknown_kind, kind_name);
    }
    RELAIS_ASSIGN(const auto kind, station.kinds().get(record->kind.digest));
    RELAIS_ASSIGN(const workflow::ActIndex index, opening_act(kind->kind, act));
    const workflow::Act& opening = kind->kind.acts[index];
    const WallTime now = station.now();
    Draft draft{.id = make_uuid_v7<MessageId>(station.random(), now),
                .kind = kind_name,
                .kind_digest = record->kind.digest,
                .thread = make_uuid_v7<ThreadId>(station.random(), now),
                .from = from,
                .acts = {{opening.name, {}, {}, {}}}};
    for (const std::string& other : opening.together) draft.acts.push_back({other, {}, {}, {}});
    return draft;
}

}  // namespace relais::station
