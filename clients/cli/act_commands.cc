// act_commands.cc: `relais act`: the next step of a thread. Who receives it follows from the act as
// its kind declares it and from the thread's state.
#include <algorithm>

#include "clients/cli/acting.h"
#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/sending.h"
#include "clients/cli/show_threads.h"
#include "clients/station/api/attachments.h"
#include "clients/station/api/recipients.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/decide.h"

namespace relais::cli {

namespace {

struct ActLine {
    std::string thread;
    std::string act;
    std::string mailbox;
    DraftLine draft;
    bool keep = false;  // as a draft
};

Error no_such_act(const station::ThreadView& view, const std::string& name) {
    std::string known;
    for (const workflow::ActIndex index : view.possible) {
        known += (known.empty() ? "" : ", ") + view.kind->kind.acts[index].name;
    }
    return fail(ErrorCode::act_refused,
                name + " ; état du dossier : « " + view.state_label + " »" +
                    (known.empty() ? " ; aucune action n'est possible à ce stade"
                                   : " ; actions possibles : " + known));
}

// The parties to which the table would let the act go now.
std::vector<Address> fitting_parties(const station::ThreadView& view, workflow::ActIndex act,
                                     const station::DraftAct& filled) {
    std::vector<PublicField> publics;
    for (const auto& [name, text] : filled.publics) {
        const workflow::PublicDeclared* field = view.kind->kind.public_field(name);
        const auto value = field == nullptr ? Result<std::int64_t>(fail(ErrorCode::unknown_field))
                                            : station::public_value(*field, text);
        if (value.ok()) publics.push_back({field->number, *value});
    }
    std::ranges::sort(publics, {}, &PublicField::number);
    std::vector<Address> fitting;
    for (const workflow::Party& party : view.state->parties) {
        const workflow::ActInput input{act, view.mailbox, {{party.mailbox}}, publics,
                                       {},  {},           view.state->opened};
        const auto outcome = workflow::apply_act(view.kind->kind, *view.state, input, nullptr);
        if (outcome.ok()) fitting.push_back(party.mailbox);
    }
    return fitting;
}

// The only one that fits; where several do, the line must say which.
Result<Address> one_party(const station::ThreadView& view, workflow::ActIndex act,
                          const station::DraftAct& filled) {
    const std::vector<Address> fitting = fitting_parties(view, act, filled);
    if (fitting.size() == 1) return fitting.front();
    if (fitting.empty()) return no_such_act(view, filled.act);
    std::string names;
    for (const Address& mailbox : fitting) names += (names.empty() ? "" : ", ") + mailbox.text();
    return fail(ErrorCode::usage, "précisez --to : " + names);
}

Result<void> choose_recipients(const station::Station& station, const station::ThreadView& view,
                               workflow::ActIndex index, station::Draft& draft) {
    if (!draft.to.empty()) return {};
    switch (view.kind->kind.acts[index].recipients) {
        case workflow::Recipients::opener: draft.to = {view.state->opener}; return {};
        case workflow::Recipients::all_parties:
            draft.to =
                station::every_party(station.directory(), view.kind->kind, *view.state).there;
            return {};
        case workflow::Recipients::one_party: {
            RELAIS_ASSIGN(Address mailbox, one_party(view, index, draft.acts.front()));
            draft.to = {std::move(mailbox)};
            return {};
        }
        case workflow::Recipients::nobody: return {};
        case workflow::Recipients::groups: draft.to = view.state->groups; return {};
        case workflow::Recipients::parties: break;
    }
    return fail(ErrorCode::usage, "précisez --to");
}

// What a correction is about: our last content that no later act has corrected, other corrections
// apart where they only retract.
std::optional<Digest> corrected(const station::ThreadView& view) {
    for (auto item = view.items.rbegin(); item != view.items.rend(); ++item) {
        if (!item->opened || item->opened->header.from != view.mailbox) continue;
        const workflow::Act& act = view.kind->kind.acts[item->opened->act];
        const bool stands = item->corrected == workflow::Correction::none;
        const bool has_content = act.correction != workflow::Correction::retracts;
        if (stands && has_content && !act.form.empty()) return item->opened->digest;
    }
    return std::nullopt;
}

// Files stay with the message that they came with: who corrects it is told, and gives them again.
void say_attachments_left_out(Context& context, const station::ThreadView& view,
                              const station::Draft& draft) {
    const auto is_corrected = [&](const station::TimelineItem& item) {
        return item.opened && draft.answers == item.opened->digest;
    };
    const auto item = std::ranges::find_if(view.items, is_corrected);
    if (item == view.items.end() || item->opened->attachments == nullptr) return;
    auto labels = nlohmann::json::array();
    std::string names;
    for (const AttachedFile& file : item->opened->attachments->list.files) {
        labels.push_back(station::attachment_label(file));
        names += (names.empty() ? "" : ", ") + station::attachment_label(file);
    }
    context.out.notice("relais : sans les pièces jointes de ce qui est corrigé (" + names +
                       ") ; « --attach FICHIER » les joint de nouveau.");
    context.out.attach("attachments_left_out", std::move(labels));
}

// What an answer answers: the last act that came from who will receive it.
std::optional<Digest> answered(const station::ThreadView& view, const station::Draft& draft) {
    const auto index = view.kind->kind.act(draft.acts.front().act);
    if (index && view.kind->kind.acts[*index].correction != workflow::Correction::none) {
        return corrected(view);
    }
    for (auto item = view.items.rbegin(); item != view.items.rend(); ++item) {
        if (!item->opened) continue;
        const Address& from = item->opened->header.from;
        if (std::ranges::find(draft.to, from) != draft.to.end()) return item->opened->digest;
    }
    return view.last_act();
}

bool can_do(const station::ThreadView& view, const std::string& act) {
    if (!view.kind || !view.state) return false;
    const auto index = view.kind->kind.act(act);
    return index && std::ranges::find(view.possible, *index) != view.possible.end();
}

// From the only one of our mailboxes in the case that can do the act: of several, which one speaks
// is not for this program to choose.
Result<station::ThreadView> see_from_who_can(station::Station& station, const ThreadId& id,
                                             const std::string& act) {
    RELAIS_ASSIGN(station::ThreadView first, station::view_thread(station, id));
    if (first.mailboxes.size() < 2) return first;
    std::vector<station::ThreadView> able;
    for (const Address& mailbox : first.mailboxes) {
        RELAIS_ASSIGN(station::ThreadView view, station::view_thread(station, id, mailbox));
        if (can_do(view, act)) able.push_back(std::move(view));
    }
    if (able.empty()) return first;  // the act is refused there, and the detail says why
    if (able.size() == 1) return std::move(able.front());
    std::string names;
    for (const auto& view : able) names += (names.empty() ? "" : ", ") + view.mailbox.text();
    return fail(ErrorCode::usage,
                "plusieurs boîtes de ce poste peuvent faire cette action dans ce dossier, "
                "précisez --mailbox : " +
                    names);
}

Result<station::ThreadView> see(station::Station& station, const ActLine& line) {
    RELAIS_ASSIGN(const ThreadId id, find_thread_typed(station, line.thread));
    if (line.mailbox.empty()) return see_from_who_can(station, id, line.act);
    RELAIS_ASSIGN(const Address mailbox, own_mailbox(station, line.mailbox));
    return station::view_thread(station, id, mailbox);
}

station::Draft draft_of(station::Station& station, const station::ThreadView& view,
                        const std::string& act) {
    return {.id = make_uuid_v7<MessageId>(station.random(), station.now()),
            .kind = view.kind->kind.name,
            .kind_digest = view.kind->kind.digest,
            .thread = view.id,
            .from = view.mailbox,
            .acts = {{act, {}, {}, {}}}};
}

bool asks_something(const station::LoadedKind& kind, const workflow::Act& act) {
    return kind.form_of(act) != nullptr || !act.publics.empty();
}

// Whether each public field that the draft gives says what the header of the former act says.
bool same_publics(const workflow::Kind& kind, const station::DraftAct& filled,
                  const Header& former) {
    return std::ranges::all_of(filled.publics, [&](const auto& given) {
        const workflow::PublicDeclared* field = kind.public_field(given.first);
        if (field == nullptr) return false;
        const auto value = station::public_value(*field, given.second);
        const auto said = std::ranges::find(former.publics, field->number, &PublicField::number);
        return value.ok() && said != former.publics.end() && said->value == *value;
    });
}

// Whether a correction says what it corrects once more: its values, as they are checked, its public
// fields. A form given without the files that came before leaves them out, and that is a change.
bool corrects_nothing(station::Station& station, const ActLine& line,
                      const station::ThreadView& view, const station::Draft& draft) {
    const station::DraftAct& filled = draft.acts.front();
    const workflow::Act& act = view.kind->kind.acts[*view.kind->kind.act(filled.act)];
    const forms::FormSchema* form = view.kind->form_of(act);
    const auto former = std::ranges::find_if(view.items, [&](const station::TimelineItem& item) {
        return item.opened && draft.answers == item.opened->digest;
    });
    if (form == nullptr || former == view.items.end() || !filled.attachments.empty()) return false;
    const station::Opened& before = *former->opened;
    if (before.attachments != nullptr && !line.draft.forms.empty()) return false;
    if (!same_publics(view.kind->kind, filled, before.header)) return false;
    forms::Findings ignored;  // what is wrong is said when it is sent
    const auto checked =
        forms::check(*form, filled.form,
                     station::draft_context(station, *view.kind, draft, act, filled), ignored);
    return checked.ok() && *checked == before.form;
}

Result<void> run_act(Context& context, const ActLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const station::ThreadView view, see(*station, line));
    if (!can_do(view, line.act)) return no_such_act(view, line.act);
    const auto index = view.kind->kind.act(line.act);
    station::Draft draft = draft_of(*station, view, line.act);
    RELAIS_TRY(apply_line(context, line.draft, draft));
    const workflow::Act& act = view.kind->kind.acts[*index];
    if (act.correction != workflow::Correction::none) draft.answers = corrected(view);
    const bool supersedes = act.correction == workflow::Correction::supersedes;
    if (supersedes && draft.acts.front().attachments.empty()) {
        say_attachments_left_out(context, view, draft);
    }
    RELAIS_ASSIGN(const auto begun, carry_and_say(context, draft));
    const bool given = !line.draft.forms.empty() || !line.draft.publics.empty();
    if (!given && context.dialogue.present() && asks_something(*view.kind, act)) {
        RELAIS_TRY(fill_draft(context, draft, begun));
    }
    if (supersedes && !line.keep && corrects_nothing(*station, line, view, draft)) {
        return fail(ErrorCode::usage,
                    "une correction sans rien de changé : changez la saisie, ou donnez un autre "
                    "--form FICHIER.json");
    }
    RELAIS_TRY(choose_recipients(*station, view, *index, draft));
    draft.answers = answered(view, draft);
    if (!line.keep) return send_and_report(context, draft);
    RELAIS_TRY(check_and_say(context, draft));
    return keep_draft(context, draft);
}

}  // namespace

Result<station::Draft> next_draft(station::Station& station, const station::ThreadView& view,
                                  const station::DraftAct& filled) {
    station::Draft draft = draft_of(station, view, filled.act);
    draft.acts.front() = filled;
    RELAIS_TRY(choose_recipients(station, view, *view.kind->kind.act(filled.act), draft));
    draft.answers = answered(view, draft);
    return draft;
}

void add_act(CLI::App& app, Program& program) {
    CLI::App* command = add_command(
        app, "act", "Faire l'étape suivante d'un dossier : répondre, proposer, choisir…",
        "  relais act 7c21b0d4 ask --form question.json\n"
        "  relais act 7c21b0d4 offer --public bed=full --form place.json\n"
        "  relais act 7c21b0d4 choose --to geriatrie.ch-exemple --as \"Dr Camille Exemple\"");
    auto line = std::make_shared<ActLine>();
    command->add_option("dossier", line->thread, "Numéro, ou ses 6 premiers ou derniers caractères")
        ->required();
    command->add_option("action", line->act, "Une des actions que « relais show » énumère")
        ->required();
    add_draft_options(*command, line->draft);
    command->add_option("--mailbox", line->mailbox, "De quelle boîte, si ce poste en a plusieurs");
    command->add_flag("--draft", line->keep, "Garder comme brouillon, à signer par un autre");
    on_run(*command, program,
           [&context = program.context, line] { return run_act(context, *line); });
}

}  // namespace relais::cli
