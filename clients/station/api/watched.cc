#include "clients/station/api/watched.h"

#include <algorithm>
#include <map>
#include <span>

#include "clients/station/api/registers.h"
#include "clients/station/api/threads.h"
#include "core/calendar/days.h"
#include "schemas/references/references.h"
#include "schemas/workflow/public_value.h"

namespace relais::station {

namespace {

using Json = nlohmann::json;
using references::Watch;
using workflow::Kind;

// What stands at a path of names; null where nothing does.
Json value_at(const Json& table, const std::string& path) {
    const Json* at = &table;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        const std::string name = path.substr(begin, end - begin);
        if (!at->is_object() || !at->contains(name)) return {};
        at = &(*at)[name];
        begin = end + 1;
    }
    return *at;
}

// Texts at a path, through every list on the way.
void collect(const Json& value, const std::string& path, std::vector<std::string>& texts) {
    if (value.is_array()) {
        for (const Json& item : value) collect(item, path, texts);
    } else if (path.empty()) {
        if (value.is_string()) texts.push_back(value.get<std::string>());
    } else if (value.is_object()) {
        const std::size_t end = path.find('.');
        const std::string name = path.substr(0, end);
        if (!value.contains(name)) return;
        collect(value[name], end == std::string::npos ? "" : path.substr(end + 1), texts);
    }
}

std::vector<std::string> texts_at(const Json& value, const std::string& path) {
    std::vector<std::string> texts;
    collect(value, path, texts);
    return texts;
}

// An element of a form as it was last written here, under the key of its entry.
struct Element {
    WallTime time;
    Json value;
    std::vector<PublicField> key;
    Address from;
    std::vector<Address> to;                 // whoever was ever sent it
    std::optional<CivilDay> until;           // last day of the form, where it says one
    const forms::Field* field;               // of the element, in the form that it is of
    std::shared_ptr<const LoadedKind> kind;  // which keeps that form
};
using Elements = std::map<std::string, Element>;

// The publics of the key, in its order; none where a part of it is not answered.
std::optional<std::vector<PublicField>> key_of(const Watch& watch, const Header& header,
                                               const Json& element) {
    std::vector<PublicField> key;
    for (const references::KeyPart& part : watch.key) {
        std::optional<std::int64_t> value = header.public_value(part.number);
        if (!part.field.empty()) {
            const Json answered = value_at(element, part.field);
            if (!answered.is_number_integer()) return std::nullopt;
            value = answered.get<std::int64_t>();
        }
        if (!value) return std::nullopt;
        key.push_back({part.number, *value});
    }
    return key;
}

std::string text_of(const std::vector<PublicField>& key) {
    std::string text;
    for (const PublicField& part : key) {
        text += (text.empty() ? "" : "/") + std::to_string(part.value);
    }
    return text;
}

void add_elements(const Watch& watch, const TimelineItem& item, Elements& elements) {
    const Opened& opened = *item.opened;
    const forms::FormSchema* form = opened.kind->form_of(opened.kind->kind.acts[opened.act]);
    const forms::Field* each =
        form == nullptr ? nullptr : references::field_at(form->root(), watch.each);
    const Json list = value_at(opened.form, watch.each);
    if (each == nullptr || !list.is_array()) return;
    const Json last = watch.until.empty() ? Json() : value_at(opened.form, watch.until);
    const auto until = last.is_string() ? parse_civil_day(last.get<std::string>()) : std::nullopt;
    std::vector<Address> to;  // whoever was ever sent it
    for (const Recipient& recipient : opened.header.mailboxes()) to.push_back(recipient.mailbox);
    for (const Json& value : list) {
        auto key = key_of(watch, opened.header, value);
        if (!key) continue;
        const std::string entry = text_of(*key);
        const auto known = elements.find(entry);
        std::vector<Address> told =
            known == elements.end() ? std::vector<Address>() : known->second.to;
        for (const Address& mailbox : to) {
            if (std::ranges::find(told, mailbox) == told.end()) told.push_back(mailbox);
        }
        if (known != elements.end() && item.time < known->second.time) {
            known->second.to = std::move(told);
            continue;
        }
        elements.insert_or_assign(
            entry, Element{item.time, value, *std::move(key), opened.header.from, std::move(told),
                           until, each, opened.kind});
    }
}

// What this station wrote in that form, the last word on each entry.
Result<Elements> written_here(Station& station, const std::string& kind, const Watch& watch) {
    Elements elements;
    RELAIS_ASSIGN(const auto ids, station.store().threads());
    for (const ThreadId& id : ids) {
        const auto view = view_thread(station, id);
        if (!view.ok() || !view->kind || view->kind->kind.name != kind) continue;
        for (const TimelineItem& item : view->items) {
            const bool ours = item.opened && item.opened->header.from == view->mailbox;
            if (!ours) continue;
            const workflow::Act& act = item.opened->kind->kind.acts[item.opened->act];
            if (act.form == watch.form) add_elements(watch, item, elements);
        }
    }
    return elements;
}

// A fact may go on in brackets: "Rupture de stock (certaines présentations)".
bool is_label(const std::string& fact, const std::string& label) {
    return fact == label || fact.starts_with(label + " (");
}

// What the list says of an element's codes.
struct Said {
    bool known = false;   // of one of its codes at least
    bool within = false;  // one of them is in a situation of the element's
    bool stays = false;
    std::string text{};
};

std::vector<std::string> labels_of(const forms::Field& choices,
                                   const std::vector<std::string>& names) {
    std::vector<std::string> labels;
    for (const forms::Choice& choice : choices.choices) {
        if (std::ranges::find(names, choice.name) != names.end()) labels.push_back(choice.label);
    }
    return labels;
}

Said said_of(Station& station, const Watch& watch, const Element& element) {
    Said said;
    const forms::Field* codes = references::field_at(*element.field, watch.codes);
    const forms::Field* values = references::field_at(*element.field, watch.values);
    if (codes == nullptr || values == nullptr) return said;
    const auto held = station.packs().list(codes->list);
    if (!held.ok()) return said;
    const auto names = texts_at(element.value, watch.values);
    said.stays = std::ranges::any_of(names, [&](const std::string& name) {
        return std::ranges::find(watch.stays, name) != watch.stays.end();
    });
    const auto labels = labels_of(*values, names);
    for (const std::string& code : texts_at(element.value, watch.codes)) {
        const packs::Row* row = (*held)->table.find(code);
        if (row == nullptr) continue;
        const std::string fact = (*held)->table.fact(*row, watch.fact);
        said.known = true;
        said.within |= std::ranges::any_of(
            labels, [&](const std::string& label) { return is_label(fact, label); });
        said.text += (said.text.empty() ? "" : " ; ") + row->label + " (" + code +
                     ") : " + (fact.empty() ? "rien n'est signalé" : fact);
    }
    said.text += " (" + (*held)->pack + ", version " + std::to_string((*held)->version) + ")";
    return said;
}

// Whether the entry was closed by the act, and for the reason, that a pack gives.
bool closed_by(const Kind& kind, const references::Turn& close, const Header& act) {
    return act.act == kind.acts[close.act].name &&
           std::ranges::all_of(close.publics, [&](const PublicField& field) {
               return act.public_value(field.number) == field.value;
           });
}

Result<Draft> draft_of(Station& station, const Kind& kind, const references::Turn& turn,
                       const Element& element) {
    RELAIS_ASSIGN(Draft draft,
                  new_thread_draft(station, kind.name, element.from, kind.acts[turn.act].name));
    for (const Address& mailbox : element.to) {
        if (station.directory().takes(mailbox, kind.name)) draft.to.push_back(mailbox);
    }
    for (const auto* fields : {&element.key, &turn.publics}) {
        for (const PublicField& each : *fields) {
            const workflow::PublicDeclared& field = *kind.public_field(each.number);
            draft.acts[0].publics[field.name] = workflow::write_public(field, each.value);
        }
    }
    return draft;
}

Result<void> add_turns(Station& station, const Kind& kind, const Watch& watch,
                       std::chrono::milliseconds patience, std::vector<WatchedTurn>& turns) {
    RELAIS_ASSIGN(const Elements elements, written_here(station, kind.name, watch));
    if (elements.empty()) return {};
    RELAIS_ASSIGN(const auto lines,
                  read_register(station, kind.name, kind.registers[watch.reg].name, patience));
    for (const RegisterLine& line : latest_lines(lines)) {
        const auto found = elements.find(line.key);
        if (found == elements.end()) continue;
        const std::optional<CivilDay> until = found->second.until;
        const bool stands = line.value == watch.open || line.value == watch.closed;
        if (stands && until && *until < calendar::day_of(station.now())) {
            RELAIS_ASSIGN(Draft draft, draft_of(station, kind, *watch.over, found->second));
            turns.push_back(
                {std::move(draft), line.key, "Texte valable jusqu'au " + french_day(*until)});
            continue;
        }
        const Said said = said_of(station, watch, found->second);
        if (!said.known) continue;
        const bool closes = line.value == watch.open && !said.within && !said.stays;
        const bool reopens =
            line.value == watch.closed && said.within && closed_by(kind, watch.close, line.act);
        if (!closes && !reopens) continue;
        RELAIS_ASSIGN(Draft draft,
                      draft_of(station, kind, closes ? watch.close : watch.reopen, found->second));
        turns.push_back({std::move(draft), line.key, said.text});
    }
    return {};
}

bool same_act(const Draft& a, const Draft& b) {
    return a.kind == b.kind && !a.acts.empty() && !b.acts.empty() &&
           a.acts[0].act == b.acts[0].act && a.acts[0].publics == b.acts[0].publics;
}

Result<references::References> references_of(Station& station, const Kind& kind) {
    RELAIS_ASSIGN(const auto bundle, station.store().bundle(kind.digest));
    if (!bundle) return references::References{};
    return references::load_references(*bundle, kind);
}

// What an act names of its own, where it names a whole entry; "" otherwise.
std::string entry_of(const Watch& watch, const Kind& kind, const DraftAct& act) {
    std::vector<PublicField> key;
    for (const references::KeyPart& part : watch.key) {
        const workflow::PublicDeclared& field = *kind.public_field(part.number);
        const auto given = act.publics.find(field.name);
        if (given == act.publics.end()) return "";
        const auto value = public_value(field, given->second);
        if (!value.ok()) return "";  // said at its field
        key.push_back({part.number, *value});
    }
    return text_of(key);
}

// The entries that the last form of that sort in the case lists; none where it has no such form.
Result<std::optional<Elements>> listed_in_case(Station& station, const Watch& watch,
                                               const Draft& draft) {
    RELAIS_ASSIGN(const ThreadView view, view_thread(station, draft.thread, draft.from));
    std::optional<Elements> elements;
    for (const TimelineItem& item : view.items) {
        if (!item.opened || item.corrected == workflow::Correction::retracts) continue;
        const Kind& kind = item.opened->kind->kind;
        if (kind.acts[item.opened->act].form != watch.form) continue;
        elements.emplace();
        add_elements(watch, item, *elements);
    }
    return elements;
}

// The public fields by which an act says, of an entry, that it stands for one of its values: what a
// row of it sets under the key of the entry and the number of a choice. By field, that number.
std::map<std::uint16_t, std::int64_t> said_of_values(const Watch& watch, const Kind& kind,
                                                     workflow::ActIndex act) {
    std::map<std::uint16_t, std::int64_t> fields;
    for (const workflow::Row& row : kind.rows) {
        if (row.trigger != workflow::TriggerKind::act || row.index != act) continue;
        for (const workflow::Effect& effect : row.effects) {
            const bool set = effect.op == workflow::EffectOp::set_register && effect.number != 0;
            if (!set || effect.key.size() != watch.key.size() + 1) continue;
            const workflow::KeyPart& last = effect.key.back();
            const bool of_entry = std::ranges::equal(
                watch.key, std::span(effect.key).first(watch.key.size()),
                [](const references::KeyPart& part, const workflow::KeyPart& key) {
                    return key.source == workflow::KeySource::publics && key.number == part.number;
                });
            if (of_entry && last.source == workflow::KeySource::constant) {
                fields[effect.number] = last.number;
            }
        }
    }
    return fields;
}

// Values that the act says the entry stands for, and that the text does not give it.
void check_values_said(const Watch& watch, const Kind& kind, const DraftAct& filled,
                       const Element& element, std::vector<DraftFinding>& findings) {
    const forms::Field* values = references::field_at(*element.field, watch.values);
    if (values == nullptr) return;
    const auto written = texts_at(element.value, watch.values);
    for (const auto& [number, value] : said_of_values(watch, kind, *kind.act(filled.act))) {
        const workflow::PublicDeclared& field = *kind.public_field(number);
        const auto given = filled.publics.find(field.name);
        if (given == filled.publics.end()) continue;
        const auto said = public_value(field, given->second);
        const auto choice = std::ranges::find(values->choices, value, &forms::Choice::value);
        const bool stands_for = said.ok() && *said != 0 && choice != values->choices.end();
        if (!stands_for || std::ranges::find(written, choice->name) != written.end()) continue;
        findings.push_back({filled.act,
                            {field.name, ErrorCode::invalid_field, forms::Severity::error,
                             "« " + field.label + " » : le texte de ce dossier ne l'a pas."}});
    }
}

// A text says what its later acts may be about: a class that nobody approved opens nothing, nor
// one in a situation that nobody approved.
Result<void> check_entries(Station& station, const Kind& kind, const Draft& draft,
                           const std::vector<Watch>& watches, std::vector<DraftFinding>& findings) {
    for (const DraftAct& filled : draft.acts) {
        const auto act = kind.act(filled.act);
        if (!act || kind.acts[*act].opens) continue;
        for (const Watch& watch : watches) {
            const std::string entry = entry_of(watch, kind, filled);
            if (entry.empty()) continue;
            RELAIS_ASSIGN(const auto listed, listed_in_case(station, watch, draft));
            if (!listed) continue;
            if (const auto known = listed->find(entry); known != listed->end()) {
                check_values_said(watch, kind, filled, known->second, findings);
                continue;
            }
            const auto part = std::ranges::find_if(
                watch.key, [](const references::KeyPart& each) { return !each.field.empty(); });
            const auto& field = *kind.public_field(
                part == watch.key.end() ? watch.key.front().number : part->number);
            findings.push_back({filled.act,
                                {field.name, ErrorCode::invalid_field, forms::Severity::error,
                                 field.label + " " + filled.publics.at(field.name) +
                                     " : le texte de ce dossier n'en a pas."}});
        }
    }
    return {};
}

bool publishes(const DraftAct& filled, const Kind& kind, const std::vector<PublicField>& publics) {
    return std::ranges::all_of(publics, [&](const PublicField& each) {
        const workflow::PublicDeclared& field = *kind.public_field(each.number);
        const auto given = filled.publics.find(field.name);
        return given != filled.publics.end() &&
               given->second == workflow::write_public(field, each.value);
    });
}

// A turn that the packs no longer ask for: prepared before a later version of one, or by hand.
Result<void> check_turns(Station& station, const Kind& kind, const Draft& draft,
                         const std::vector<Watch>& watches, std::vector<DraftFinding>& findings) {
    if (draft.acts.empty()) return {};
    const DraftAct& filled = draft.acts[0];
    const auto act = kind.act(filled.act);
    for (const Watch& watch : watches) {
        const auto is = [&](const references::Turn& turn) {
            return act == turn.act && publishes(filled, kind, turn.publics);
        };
        const bool closes = is(watch.close);
        if (!closes && !is(watch.reopen)) continue;
        RELAIS_ASSIGN(const Elements elements, written_here(station, kind.name, watch));
        const auto found = elements.find(entry_of(watch, kind, filled));
        if (found == elements.end()) continue;
        const Said said = said_of(station, watch, found->second);
        if (!said.known || said.within != closes) continue;
        findings.push_back(
            {filled.act,
             {kind.registers[watch.reg].name, ErrorCode::invalid_field, forms::Severity::warning,
              "Le référentiel ne le demande pas, il dit maintenant : " + said.text + "."}});
    }
    return {};
}

}  // namespace

Result<std::vector<WatchedTurn>> watched_turns(Station& station,
                                               std::chrono::milliseconds patience) {
    std::vector<WatchedTurn> turns;
    for (const directory::KindRecord& record : station.directory().kinds()) {
        const auto* in_force = station.directory().kind(record.kind.name.text());
        const bool old = in_force == nullptr || in_force->kind.digest != record.kind.digest;
        if (old || record.kind.withdrawn) continue;
        const auto kind = station.kinds().get(record.kind.digest);
        if (!kind.ok()) continue;  // its bundle is not here yet
        RELAIS_ASSIGN(const auto all, references_of(station, (*kind)->kind));
        for (const Watch& watch : all.watches) {
            RELAIS_TRY(add_turns(station, (*kind)->kind, watch, patience, turns));
        }
    }
    return turns;
}

Result<std::vector<WatchedTurn>> keep_turns(Station& station, std::vector<WatchedTurn> turns) {
    std::vector<Draft> known;
    RELAIS_ASSIGN(const auto ids, station.store().drafts());
    for (const MessageId& id : ids) {
        RELAIS_ASSIGN(const auto bytes, station.store().draft(id));
        if (!bytes) continue;
        RELAIS_ASSIGN(Draft draft, decode_draft(*bytes));
        known.push_back(std::move(draft));
    }
    std::erase_if(turns, [&](const WatchedTurn& turn) {
        return std::ranges::any_of(known,
                                   [&](const Draft& draft) { return same_act(draft, turn.draft); });
    });
    for (const WatchedTurn& turn : turns) {
        RELAIS_ASSIGN(const Bytes encoded, encode_draft(turn.draft));
        RELAIS_TRY(station.store().put_draft(turn.draft.id, encoded));
    }
    return turns;
}

Result<std::vector<DraftFinding>> listed_findings(Station& station, const Draft& draft) {
    std::vector<DraftFinding> findings;
    RELAIS_ASSIGN(const auto kind, station.kinds().get(draft.kind_digest));
    RELAIS_ASSIGN(const auto all, references_of(station, kind->kind));
    RELAIS_TRY(check_entries(station, kind->kind, draft, all.watches, findings));
    RELAIS_TRY(check_turns(station, kind->kind, draft, all.watches, findings));
    for (const references::Listed& listed : all.listed) {
        const workflow::Act& act = kind->kind.acts[listed.act];
        const workflow::PublicDeclared& field = *kind->kind.public_field(listed.number);
        const forms::FormSchema* form = kind->form_of(act);
        for (const DraftAct& filled : draft.acts) {
            const auto given = filled.publics.find(field.name);
            if (filled.act != act.name || given == filled.publics.end()) continue;
            const forms::Field* code = references::field_at(form->root(), listed.field);
            const Json text = value_at(filled.form, listed.field);
            const auto held = station.packs().list(code == nullptr ? "" : code->list);
            if (!text.is_string() || !held.ok()) continue;
            const packs::Row* row = (*held)->table.find(text.get<std::string>());
            if (row == nullptr) continue;  // said at its field
            const std::string fact = (*held)->table.fact(*row, listed.fact);
            const auto said =
                std::ranges::find(field.values, given->second, &workflow::PublicValue::code);
            if (said == field.values.end() || is_label(fact, said->label)) continue;
            findings.push_back(
                {filled.act,
                 {field.name, ErrorCode::invalid_field, forms::Severity::warning,
                  "Le référentiel (" + (*held)->pack + ", version " +
                      std::to_string((*held)->version) + ") dit de ce médicament : " +
                      (fact.empty() ? "rien n'est signalé" : fact) + "."}});
        }
    }
    return findings;
}

}  // namespace relais::station
