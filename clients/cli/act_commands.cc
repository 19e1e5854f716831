// act_commands.cc: `relais act`: the next step of a thread. Who receives it follows from the act as
// its kind declares it and from the thread's state.
#include <algorithm>

#include "clients/cli/acting.h"
#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/sending.h"
#include "clients/cli/show_threads.h"
#include "clients/station/api/attachments.h"
#include "clients/station/api/corrections.h"
#include "clients/station/api/recipients.h"
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

const station::TimelineItem* item_of(const station::ThreadView& view,
                                     const std::optional<Digest>& digest) {
    const auto found = std::ranges::find_if(view.items, [&](const station::TimelineItem& item) {
        return item.opened && item.opened->digest == digest;
    });
    return found == view.items.end() ? nullptr : &*found;
}

// A correction is to the attention of whom the former message was, unless the line says another.
void take_attention(Context& context, const station::Station& station,
                    const station::ThreadView& view, station::Draft& draft) {
    const station::TimelineItem* former = item_of(view, draft.answers);
    if (former == nullptr || !draft.attention.empty()) return;
    for (const Recipient& to : former->opened->header.to) {
        const bool there = std::ranges::find(draft.to, to.mailbox) != draft.to.end();
        if (!to.attention || !there) continue;
        draft.attention[to.mailbox.text()] = *to.attention;
        const auto* record = station.directory().person_ever(*to.attention);
        context.out.line("À l'attention de : " + (record == nullptr ? "?" : record->person.title) +
                         " (" + to.mailbox.text() + "), comme ce qui est corrigé.");
    }
}

// Files stay with the message that they came with: who corrects it is told, and gives them again.
void say_attachments_left_out(Context& context, const station::ThreadView& view,
                              const station::Draft& draft) {
    const station::TimelineItem* item = item_of(view, draft.answers);
    if (item == nullptr || item->opened->attachments == nullptr) return;
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
        return station::named_by_correction(view, view.kind->kind.acts[*index]);
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

// Who receives it and who is named among them, as far as that does not hang on what is filled in.
Result<void> choose_whom(Context& context, const ActLine& line, const station::Station& station,
                         const station::ThreadView& view, station::Draft& draft) {
    const auto index = *view.kind->kind.act(line.act);
    const workflow::Act& act = view.kind->kind.acts[index];
    RELAIS_TRY(choose_recipients(station, view, index, draft));
    RELAIS_TRY(apply_attention(context, line.draft, draft));
    if (act.correction == workflow::Correction::supersedes) {
        take_attention(context, station, view, draft);
    }
    return {};
}

Result<void> run_act(Context& context, const ActLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const station::ThreadView view, see(*station, line));
    if (!can_do(view, line.act)) return no_such_act(view, line.act);
    station::Draft draft = draft_of(*station, view, line.act);
    RELAIS_TRY(apply_line(context, line.draft, draft));
    const workflow::Act& act = view.kind->kind.acts[*view.kind->kind.act(line.act)];
    if (act.correction != workflow::Correction::none) {
        draft.answers = station::named_by_correction(view, act);
    }
    if (act.correction == workflow::Correction::supersedes &&
        draft.acts.front().attachments.empty()) {
        say_attachments_left_out(context, view, draft);
    }
    const bool known = !draft.to.empty() || act.recipients != workflow::Recipients::one_party;
    if (known) RELAIS_TRY(choose_whom(context, line, *station, view, draft));
    RELAIS_ASSIGN(const auto begun, carry_and_say(context, draft));
    const bool given = !line.draft.forms.empty() || !line.draft.publics.empty();
    if (!given && context.dialogue.present() && asks_something(*view.kind, act)) {
        RELAIS_TRY(fill_draft(context, draft, begun));
    }
    // Without a file of its own it leaves those of the former message out by oversight.
    if (!line.keep && line.draft.forms.empty()) {
        RELAIS_TRY(refuse_unchanged(*station, draft, station::FilesLeftOut::oversight));
    }
    if (!known) RELAIS_TRY(choose_whom(context, line, *station, view, draft));
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
