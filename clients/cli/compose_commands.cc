// compose_commands.cc: `form`, `new`, `drafts`, `draft`, `send`: a case prepared by one person and,
// where a doctor must sign, sent by another.
#include <algorithm>
#include <iterator>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/sending.h"
#include "clients/cli/show_threads.h"
#include "clients/cli/text.h"
#include "clients/station/api/row_findings.h"
#include "clients/station/sync/form_context.h"
#include "core/codecs/codecs.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/permission.h"
#include "schemas/workflow/public_value.h"

namespace relais::cli {

namespace {

using nlohmann::json;

json public_json(const workflow::Kind& kind, const workflow::PublicUse& use) {
    const workflow::PublicDeclared& field = *kind.public_field(use.number);
    json out = {{"name", field.name}, {"label", field.label}, {"mandatory", use.mandatory}};
    switch (field.type) {
        case workflow::PublicType::boolean: out["type"] = "boolean"; break;
        case workflow::PublicType::code: out["type"] = "code"; break;
        case workflow::PublicType::integer: out["type"] = "integer"; break;
        case workflow::PublicType::day: out["type"] = "day"; break;
    }
    if (field.type == workflow::PublicType::day) {
        out["min"] = workflow::write_public(field, field.min);
        out["max"] = workflow::write_public(field, field.max);
    }
    if (field.type == workflow::PublicType::integer) {
        out["min"] = field.min;
        out["max"] = field.max;
    }
    for (const workflow::PublicValue& value : field.values) {
        out["values"].push_back({{"code", value.code}, {"label", value.label}});
    }
    return out;
}

json attachments_json(const workflow::AttachmentRule& rule) {
    if (rule.count == 0) return nullptr;
    return {{"count", rule.count}, {"bytes", rule.bytes}, {"media", rule.media}};
}

json act_json(const station::LoadedKind& kind, const workflow::Act& act) {
    json publics = json::array();
    for (const workflow::PublicUse& use : act.publics) {
        publics.push_back(public_json(kind.kind, use));
    }
    const forms::FormSchema* form = kind.form_of(act);
    const forms::Publics asked =
        station::publics_of(kind.kind, act, std::map<std::string, std::string>{});
    return {{"act", act.name},
            {"label", act.label},
            {"opens", act.opens},
            {"off_network", act.off_network},
            {"together", act.together},
            {"public", std::move(publics)},
            {"attachments", attachments_json(act.attachments)},
            {"form", form == nullptr ? json() : forms::describe_json(*form, asked)}};
}

void print_rules(Output& out, const json& field, const std::string& margin) {
    if (field.contains("required_if_label")) {
        out.line(margin + "obligatoire quand " + field["required_if_label"].get<std::string>());
    }
    if (field.contains("only_if_label")) {
        out.line(margin + "seulement quand " + field["only_if_label"].get<std::string>());
    }
    for (const json& order : field.value("order", json::array())) {
        out.line(margin + order.get<std::string>());
    }
    if (field.contains("attention")) {
        out.line(margin + "la personne de --attention" +
                 (field.contains("attention_label")
                      ? ", quand " + field["attention_label"].get<std::string>()
                      : std::string()));
    }
    const std::pair<const char*, const char*> told[] = {
        {"must_be_true", "oui (true) obligatoire"},
        {"happened", "pas dans le futur"},
        {"still_ahead", "pas encore passé à l'envoi"},
        {"fingerprint", "celle d'un message du dossier (relais print)"}};
    for (const auto& [rule, text] : told) {
        if (field.contains(rule)) out.line(margin + text);
    }
}

void print_field(Output& out, const json& field, const std::string& margin) {
    const bool mandatory = field["mandatory"].get<bool>();
    std::string line = margin + field["name"].get<std::string>() + (mandatory ? " *" : "") + "  " +
                       field["label"].get<std::string>() + " [" + field["type"].get<std::string>() +
                       (field["repeated"].get<bool>() ? ", liste" : "") + "]";
    if (field.contains("unit")) {
        line += "  en " + field["unit"].get<std::string>() + " (" +
                field["unit_label"].get<std::string>() + ")";
    }
    if (field.contains("example")) line += "  ex. " + field["example"].get<std::string>();
    out.line(line);
    if (field.contains("list")) {
        out.line(margin + "    code de la liste " + field["list"].get<std::string>() +
                 " (relais pack search)");
    }
    print_rules(out, field, margin + "    ");
    for (const json& value : field.value("values", json::array())) {
        out.line(margin + "    " + value["name"].get<std::string>() + " : " +
                 value["label"].get<std::string>());
    }
    for (const json& inner : field.value("fields", json::array())) {
        print_field(out, inner, margin + "  ");
    }
}

void print_act(Output& out, const json& act) {
    out.heading(act["act"].get<std::string>() + " — " + act["label"].get<std::string>());
    if (act["off_network"].get<bool>()) out.line("  (" + std::string(station::kOffNetwork) + ")");
    for (const json& field : act["public"]) {
        out.line("  --public " + field["name"].get<std::string>() +
                 (field["mandatory"].get<bool>() ? " *" : "") + "  " +
                 field["label"].get<std::string>());
        for (const json& value : field.value("values", json::array())) {
            out.line("      " + value["code"].get<std::string>() + " : " +
                     value["label"].get<std::string>());
        }
    }
    if (const json& files = act["attachments"]; !files.is_null()) {
        std::string media;
        for (const json& type : files["media"]) {
            media += (media.empty() ? "" : ", ") + type.get<std::string>();
        }
        out.line("  --attach  jusqu'à " + std::to_string(files["count"].get<int>()) +
                 " pièces jointes, " + std::to_string(files["bytes"].get<std::uint64_t>() / 1024) +
                 " Kio en tout : " + media);
    }
    if (act["form"].is_null()) return;
    for (const json& field : act["form"]["fields"]) print_field(out, field, "  ");
}

Result<void> describe(Context& context, const std::string& name, const std::string& wanted) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto kind, find_kind(*station, name));
    if (!wanted.empty() && !kind->kind.act(wanted)) return fail(ErrorCode::not_found, wanted);
    json acts = json::array();
    for (const workflow::Act& act : kind->kind.acts) {
        if (wanted.empty() || act.name == wanted) acts.push_back(act_json(*kind, act));
    }
    for (const json& act : acts) print_act(context.out, act);
    if (wanted.empty() && !kind->kind.information.empty()) {
        context.out.heading("Information du patient");
        for (const std::string& paragraph : kind->kind.information) context.out.line(paragraph);
    }
    context.out.result({{"kind", kind->kind.name},
                        {"information", kind->kind.information},
                        {"version", kind->kind.version},
                        {"title", kind->kind.title},
                        {"acts", std::move(acts)}});
    return {};
}

struct NewLine {
    std::string kind;
    std::string act;
    DraftLine draft;
    bool send = false;
    bool incomplete = false;
};

// At the terminal, who is asked among those who take this kind.
Result<void> ask_recipients(Context& context, station::Draft& draft) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_TRY(need_dialogue(context.dialogue, "donnez --to"));
    std::vector<Address> mailboxes;
    std::vector<std::string> labels;
    for (const auto& [name, record] : station->directory().organisations()) {
        for (const auto& [unit_name, history] : record.units) {
            const auto mailbox = Address::of(unit_name, record.name, station->identity().domain);
            if (!station->directory().takes(mailbox, draft.kind)) continue;
            mailboxes.push_back(mailbox);
            labels.push_back(history.now()->title + " — " + record.entry.now()->title);
        }
    }
    if (labels.empty()) return fail(ErrorCode::unknown_recipient, "aucun service ne reçoit cela");
    RELAIS_ASSIGN(const auto places,
                  ask_choices(context.dialogue, "À qui ?", labels, Pick::several));
    for (const std::size_t place : places) draft.to.push_back(mailboxes[place]);
    return {};
}

// Those to which this mailbox may post it.
Result<void> ask_groups(Context& context, const station::LoadedKind& kind, station::Draft& draft) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_TRY(need_dialogue(context.dialogue, "donnez --to #GROUPE"));
    const directory::DirectoryState& state = station->directory();
    std::vector<Address> groups;
    std::vector<std::string> labels;
    for (const Address& group : state.groups()) {
        if (!workflow::check_posting(state, kind.kind, group, draft.from, state.size()).ok()) {
            continue;
        }
        groups.push_back(group);
        labels.push_back(state.group(group)->title + " — " + group.text() + ", " +
                         std::to_string(state.members(group).size()) + " membres");
    }
    if (labels.empty()) return fail(ErrorCode::unknown_recipient, "aucun groupe ne le permet");
    RELAIS_ASSIGN(const auto places,
                  ask_choices(context.dialogue, "À quel groupe ?", labels, Pick::several));
    for (const std::size_t place : places) draft.to.push_back(groups[place]);
    return {};
}

// That what goes together with the first act, and was not filled, can be left out: nobody is asked
// for it here.
void say_left(Context& context, const station::Draft& draft) {
    if (context.dialogue.present() || draft.acts.front().form.is_null()) return;
    for (std::size_t i = 1; i < draft.acts.size(); ++i) {
        const station::DraftAct& other = draft.acts[i];
        if (!other.form.is_null()) continue;
        context.out.notice("« " + other.act + " » va avec cette action : --form " + other.act +
                           "=FICHIER.json, ou --without " + other.act + " pour plus tard.");
    }
}

Result<void> make_new(Context& context, const NewLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const Address from, own_mailbox(*station, line.draft.from));
    RELAIS_ASSIGN(station::Draft draft,
                  station::new_thread_draft(*station, line.kind, from, line.act));
    RELAIS_TRY(apply_line(context, line.draft, draft));
    RELAIS_ASSIGN(const auto kind, station->kinds().get(draft.kind_digest));
    const workflow::Act& opening = kind->kind.acts[*kind->kind.act(draft.acts.front().act)];
    const bool asks_whom = opening.recipients != workflow::Recipients::nobody;
    if (asks_whom && draft.to.empty() && !line.incomplete) {
        RELAIS_TRY(opening.recipients == workflow::Recipients::groups
                       ? ask_groups(context, *kind, draft)
                       : ask_recipients(context, draft));
    }
    RELAIS_TRY(apply_attention(context, line.draft, draft));
    say_left(context, draft);
    const bool lacks = lacks_forms(*station, draft);
    RELAIS_ASSIGN(const auto begun, carry_and_say(context, draft));
    if (lacks && !line.incomplete) {
        if (context.dialogue.present()) RELAIS_TRY(fill_draft(context, draft, begun));
        if (line.draft.forms.empty()) {
            RELAIS_TRY(need_dialogue(context.dialogue, "donnez --form FICHIER.json"));
        }
    }
    if (line.send) return send_and_report(context, draft);
    const Result<void> good = check_and_say(context, draft);
    if (!good.ok() && !line.incomplete) return good;
    return keep_draft(context, draft);
}

void print_draft(Output& out, const json& draft) {
    std::string to;
    for (const json& mailbox : draft["to"]) {
        to += (to.empty() ? "" : ", ") + mailbox.get<std::string>();
    }
    const std::string id = draft["draft"];
    out.heading(id.substr(id.size() - 8) + "  " + draft["kind"].get<std::string>() + " → " +
                (to.empty() ? "(sans destinataire)" : to));
    std::string line = draft["complete"].get<bool>() ? "  complet, prêt à envoyer" : "  incomplet";
    if (draft["prepared_by"].is_object()) {
        line += ", préparé par " + draft["prepared_by"]["title"].get<std::string>();
    }
    out.line(line);
}

Result<void> list_drafts(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_ASSIGN(const auto ids, station->store().drafts());
    json drafts = json::array();
    for (const MessageId& id : ids) {
        RELAIS_ASSIGN(const auto bytes, station->store().draft(id));
        if (!bytes) continue;
        RELAIS_ASSIGN(const station::Draft draft, station::decode_draft(*bytes));
        drafts.push_back(draft_json(*station, draft));
        print_draft(context.out, drafts.back());
    }
    if (drafts.empty()) context.out.line("Aucun brouillon.");
    context.out.result({{"drafts", std::move(drafts)}});
    return {};
}

bool changes(const DraftLine& line) {
    return !line.to.empty() || !line.forms.empty() || !line.publics.empty() ||
           !line.attachments.empty() || !line.respond_within.empty() || !line.lane.empty() ||
           !line.on_behalf_of.empty() || !line.attention.empty() || !line.follows.empty() ||
           line.same_patient || !line.without.empty();
}

void print_contents(Output& out, const station::LoadedKind& kind, const station::Draft& draft) {
    for (const station::DraftAct& filled : draft.acts) {
        const workflow::Act& act = kind.kind.acts[*kind.kind.act(filled.act)];
        out.heading(act.label);
        for (const auto& [name, value] : filled.publics) out.line("  " + name + " = " + value);
        for (const station::DraftAttachment& each : filled.attachments) {
            out.line("  pièce jointe : " + file_text(each.file));
        }
        const forms::FormSchema* form = kind.form_of(act);
        if (form == nullptr || filled.form.is_null()) continue;
        out.text(indented(forms::render_text(*form, filled.form), "  "));
    }
}

// A form that is given replaces the one that was kept; what an import had put into that one, for
// instance, is gone then.
void say_left_out(Output& out, const station::LoadedKind& kind, const station::Draft& before,
                  const station::Draft& after) {
    for (const station::DraftAct& old : before.acts) {
        const auto now = std::ranges::find(after.acts, old.act, &station::DraftAct::act);
        const workflow::Act& act = kind.kind.acts[*kind.kind.act(old.act)];
        const forms::FormSchema* form = kind.form_of(act);
        if (now == after.acts.end() || form == nullptr || !old.form.is_object()) continue;
        std::string left_out;
        for (const forms::Field& field : form->root().fields) {
            const bool had = old.form.contains(field.name) && !old.form[field.name].empty();
            if (!had || (now->form.is_object() && now->form.contains(field.name))) continue;
            left_out += (left_out.empty() ? "" : ", ") + field.label;
        }
        if (left_out.empty()) continue;
        out.alarm(act.label +
                  " : le formulaire donné remplace celui du brouillon, qui avait aussi : " +
                  left_out + ".");
    }
}

Result<void> one_draft(Context& context, const std::string& typed, const DraftLine& line,
                       bool remove) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_ASSIGN(station::Draft draft, find_draft(*station, typed));
    if (remove) {
        RELAIS_TRY(station->store().remove_draft(draft.id));
        context.out.line("Brouillon supprimé.");
        context.out.result({{"draft", uuid(draft.id)}, {"deleted", true}});
        return {};
    }
    RELAIS_ASSIGN(const auto kind, station->kinds().get(draft.kind_digest));
    if (changes(line)) {
        const station::Draft before = draft;
        RELAIS_TRY(apply_line(context, line, draft));
        RELAIS_TRY(apply_attention(context, line, draft));
        RELAIS_TRY(carry_and_say(context, draft));
        say_left_out(context.out, *kind, before, draft);
        RELAIS_TRY(keep_draft(context, draft));
    }
    RELAIS_ASSIGN(auto findings, station::check_draft(*station, draft));
    std::ranges::move(station::row_findings(kind->kind, draft), std::back_inserter(findings));
    const json shown = draft_json(*station, draft);
    print_draft(context.out, shown);
    print_contents(context.out, *kind, draft);
    print_findings(context.out, findings);
    context.out.result(shown);
    return {};
}

Result<void> send_kept(Context& context, const std::string& typed,
                       const std::string& on_behalf_of) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(station::Draft draft, find_draft(*station, typed));
    DraftLine line;
    line.on_behalf_of = on_behalf_of;
    RELAIS_TRY(apply_line(context, line, draft));
    return send_and_report(context, draft);
}

void add_drafts(CLI::App& app, Program& program) {
    CLI::App* list =
        add_command(app, "drafts", "Brouillons gardés sur ce poste", "  relais drafts");
    on_run(*list, program, [&context = program.context] { return list_drafts(context); });

    CLI::App* one = add_command(app, "draft", "Relire, compléter ou supprimer un brouillon",
                                "  relais draft 4f0a91c2\n"
                                "  relais draft 4f0a91c2 --form deposit=dossier.json\n"
                                "  relais draft 4f0a91c2 --delete");
    auto id = std::make_shared<std::string>();
    auto line = std::make_shared<DraftLine>();
    auto remove = std::make_shared<bool>(false);
    one->add_option("brouillon", *id, "Numéro, ou ses 6 premiers ou derniers caractères")
        ->required();
    add_draft_options(*one, *line);
    one->add_flag("--delete", *remove, "Supprimer le brouillon");
    on_run(*one, program, [&context = program.context, id, line, remove] {
        return one_draft(context, *id, *line, *remove);
    });
}

}  // namespace

void add_compose(CLI::App& app, Program& program) {
    CLI::App* form = add_command(app, "form", "Ce que demande un type d'échange, action par action",
                                 "  relais form admission call\n"
                                 "  relais form admission --json > modele.json");
    auto kind = std::make_shared<std::string>();
    auto act = std::make_shared<std::string>();
    form->add_option("type", *kind, "Type d'échange (relais directory --kinds)")->required();
    form->add_option("action", *act, "Une action seulement");
    on_run(*form, program,
           [&context = program.context, kind, act] { return describe(context, *kind, *act); });

    CLI::App* make = add_command(
        app, "new", "Préparer une demande : champ par champ, ou depuis des fichiers",
        "  relais new admission --to geriatrie.ch-exemple\n"
        "  relais new admission --to geriatrie.ch-exemple --to medecine.ch-exemple \\\n"
        "    --public urgency=asap --form call=appel.json --form deposit=dossier.json --send");
    auto line = std::make_shared<NewLine>();
    make->add_option("type", line->kind, "Type d'échange (relais directory --kinds)")->required();
    make->add_option("--act", line->act, "Action qui ouvre (par défaut la première du type)");
    add_draft_options(*make, line->draft);
    make->add_option("--from", line->draft.from, "Boîte qui envoie, si ce poste en a plusieurs");
    make->add_flag("--send", line->send, "Signer et envoyer aussitôt");
    make->add_flag("--incomplete", line->incomplete, "Garder le brouillon même incomplet");
    on_run(*make, program, [&context = program.context, line] { return make_new(context, *line); });

    add_drafts(app, program);

    CLI::App* send = add_command(app, "send", "Signer et envoyer un brouillon",
                                 "  relais send 4f0a91c2 --as \"Dr Camille Exemple\"");
    auto id = std::make_shared<std::string>();
    auto on_behalf_of = std::make_shared<std::string>();
    send->add_option("brouillon", *id, "Numéro, ou ses 6 premiers ou derniers caractères")
        ->required();
    send->add_option("--for", *on_behalf_of, "Au nom de qui, par mandat");
    on_run(*send, program, [&context = program.context, id, on_behalf_of] {
        return send_kept(context, *id, *on_behalf_of);
    });
}

}  // namespace relais::cli
