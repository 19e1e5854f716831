#include "clients/cli/show_threads.h"

#include <algorithm>

#include "clients/cli/show_directory.h"
#include "clients/cli/text.h"
#include "clients/station/api/attachments.h"
#include "clients/station/api/thread_titles.h"
#include "core/codecs/codecs.h"
#include "schemas/workflow/public_value.h"

namespace relais::cli {

namespace {

using nlohmann::json;
using station::TimelineItem;

constexpr std::size_t kReceiptsShown = 20;

const char* type_word(TimelineItem::Type type) {
    switch (type) {
        case TimelineItem::Type::act: return "act";
        case TimelineItem::Type::notice: return "notice";
        case TimelineItem::Type::mark: return "mark";
        case TimelineItem::Type::refused: return "refused";
        case TimelineItem::Type::problem: return "problem";
    }
    return "problem";
}

const char* state_word(station::SendState state) {
    switch (state) {
        case station::SendState::queued: return "queued";
        case station::SendState::accepted: return "accepted";
        case station::SendState::refused: return "refused";
    }
    return "queued";
}

const char* word_of(Word word) { return word == Word::opened ? "opened" : "taken"; }

json publics_json(const workflow::Kind& kind, const Header& header) {
    json values = json::object();
    for (const PublicField& field : header.publics) {
        const workflow::PublicDeclared* declared = kind.public_field(field.number);
        if (declared == nullptr) continue;
        switch (declared->type) {
            case workflow::PublicType::boolean: values[declared->name] = field.value != 0; break;
            case workflow::PublicType::integer: values[declared->name] = field.value; break;
            case workflow::PublicType::code:
            case workflow::PublicType::day:
                values[declared->name] = workflow::write_public(*declared, field.value);
        }
    }
    return values;
}

void add_act(json& into, station::Station& station, const station::Opened& opened) {
    const Header& header = opened.header;
    json to = json::array();
    for (const Recipient& recipient : header.to) {
        if (recipient.standing != Standing::delegate) to.push_back(recipient.mailbox.text());
    }
    json warnings = json::array();
    for (const forms::Finding& warning : opened.warnings) {
        warnings.push_back({{"path", warning.path}, {"message", warning.message}});
    }
    into["act"] = header.act;
    into["label"] = opened.kind->kind.acts[opened.act].past;
    into["off_network"] = opened.kind->kind.acts[opened.act].off_network;
    into["from"] = header.from.text();
    into["by"] = person_reference(station.directory(), header.by);
    if (header.on_behalf_of) {
        into["on_behalf_of"] = person_reference(station.directory(), *header.on_behalf_of);
    }
    into["to"] = std::move(to);
    for (const Recipient& recipient : header.to) {
        if (!recipient.attention) continue;
        into["attention"].push_back(
            {{"mailbox", recipient.mailbox.text()},
             {"person", person_reference(station.directory(), *recipient.attention)}});
    }
    into["public"] = publics_json(opened.kind->kind, header);
    into["form"] = opened.form;
    into["warnings"] = std::move(warnings);
    if (opened.attachments != nullptr) {
        for (const AttachedFile& file : opened.attachments->list.files) {
            into["attachments"].push_back(file_json(file));
        }
        const auto here = station::attachments_noted_here(station, opened);
        into["attachments_here"] = here.ok() && *here;
    }
    into["digest"] = hex(opened.digest.view());
    into["old_epoch"] = opened.old_epoch;
}

const char* release_word(Release release) {
    switch (release) {
        case Release::at_once: return "at_once";
        case Release::chosen: return "chosen";
        case Release::overdue: return "overdue";
        case Release::absence: return "absence";
        case Release::confirmed: return "confirmed";
        case Release::turn: return "turn";
    }
    return "at_once";
}

// Until when, in words that hold whatever the kind.
std::string release_text(const station::Held& held) {
    const std::string end = held.end ? local_time(*held.end) : "";
    switch (held.until) {
        case Release::at_once: return "";
        case Release::chosen: return "jusqu'à ce que cette boîte soit choisie";
        case Release::overdue:
            return end.empty() ? "jusqu'à un délai passé sans réponse"
                               : "jusqu'au " + end + ", si personne n'a répondu d'ici là";
        case Release::absence: return "jusqu'à une absence";
        case Release::confirmed:
            return "jusqu'à la confirmation" + (end.empty() ? "" : ", au plus tard le " + end);
        case Release::turn: return "jusqu'à son tour";
    }
    return "";
}

std::string held_text(const station::Held& held) {
    return held.over ? "retenu, ne sera plus remis" : "retenu " + release_text(held);
}

json held_json(const station::Held& held) {
    json out = {{"until", release_word(held.until)}, {"over", held.over}};
    if (held.end && !held.over) out["end"] = format_utc(*held.end);
    return out;
}

json receipts_json(const std::vector<TimelineItem::Receipt>& receipts) {
    json list = json::array();
    for (const TimelineItem::Receipt& receipt : receipts) {
        list.push_back({{"mailbox", receipt.mailbox},
                        {"delivered", receipt.delivered},
                        {"opened", receipt.opened},
                        {"taken", receipt.taken},
                        {"answered", receipt.answered}});
        if (receipt.held) list.back()["held"] = held_json(*receipt.held);
    }
    return list;
}

std::string receipt_text(const TimelineItem::Receipt& receipt) {
    std::string words;
    const auto add = [&](bool holds, const char* word) {
        if (holds) words += (words.empty() ? "" : ", ") + std::string(word);
    };
    add(receipt.delivered, "remis");
    add(receipt.opened, "ouvert");
    add(receipt.taken, "pris en charge");
    add(receipt.answered, "répondu");
    add(receipt.held.has_value(), receipt.held ? held_text(*receipt.held).c_str() : "");
    return receipt.mailbox + " : " + (words.empty() ? "pas encore remis" : words);
}

// Of a post to a group: how many, and not each; --json has them all.
std::string receipts_summary(const std::vector<TimelineItem::Receipt>& receipts) {
    const auto count = [&](bool TimelineItem::Receipt::*word) {
        return std::to_string(std::ranges::count(receipts, true, word));
    };
    const auto held = std::ranges::count_if(
        receipts, [](const TimelineItem::Receipt& each) { return each.held.has_value(); });
    return std::to_string(receipts.size()) + " boîtes : remis à " +
           count(&TimelineItem::Receipt::delivered) + ", ouvert par " +
           count(&TimelineItem::Receipt::opened) + ", pris en charge par " +
           count(&TimelineItem::Receipt::taken) + ", réponses de " +
           count(&TimelineItem::Receipt::answered) +
           (held == 0 ? "" : ", retenu pour " + std::to_string(held));
}

json deadline_json(const station::Deadline& deadline) {
    json out = {
        {"clock", deadline.clock}, {"label", deadline.label}, {"end", format_utc(deadline.end)}};
    if (deadline.mailbox) out["mailbox"] = deadline.mailbox->text();
    return out;
}

// "Délai de réponse : jusqu'au 30/11/2026 14:20".
std::string deadline_text(const station::Deadline& deadline) {
    return deadline.label + " : jusqu'au " + local_time(deadline.end);
}

json deadlines_json(const station::ThreadView& view) {
    json list = json::array();
    for (const station::Deadline& each : view.deadlines) list.push_back(deadline_json(each));
    return list;
}

json parties_json(const station::ThreadView& view) {
    json list = json::array();
    for (const station::PartyStanding& each : view.parties) {
        list.push_back(
            {{"mailbox", each.mailbox.text()}, {"state", each.state}, {"label", each.label}});
        if (each.until) list.back()["until"] = format_utc(each.until->end);
    }
    return list;
}

json taken_json(station::Station& station, const station::Taken& taken) {
    return {{"person", person_reference(station.directory(), taken.person)},
            {"since", format_utc(taken.since)}};
}

std::string taken_text(const station::Taken& taken) {
    return "Pris en charge par " + taken.by + " depuis le " + local_time(taken.since);
}

// Where the case stands: each party that may be known, then the delays of the whole case.
void print_standing(Output& out, const station::ThreadView& view) {
    for (const station::PartyStanding& each : view.parties) {
        out.line("  " + each.mailbox.text() + " : " + each.label +
                 (each.until ? " — " + deadline_text(*each.until) : ""));
    }
    for (const station::Deadline& each : view.deadlines) {
        if (!each.mailbox) out.line("  " + deadline_text(each));
    }
    if (view.taken) out.line("  " + taken_text(*view.taken));
}

json possible_json(const station::ThreadView& view) {
    json acts = json::array();
    if (!view.kind) return acts;
    for (const workflow::ActIndex index : view.possible) {
        const workflow::Act& act = view.kind->kind.acts[index];
        json publics = json::array();
        for (const workflow::PublicUse& use : act.publics) {
            publics.push_back(view.kind->kind.public_field(use.number)->name);
        }
        acts.push_back({{"act", act.name},
                        {"label", act.label},
                        {"form", !act.form.empty()},
                        {"off_network", act.off_network},
                        {"public", std::move(publics)}});
    }
    return acts;
}

json state_json(const station::ThreadView& view) {
    if (!view.state) return {{"name", ""}, {"label", view.state_label}, {"ended", view.ended()}};
    const workflow::State& state = view.kind->kind.thread_states[view.state->state];
    return {{"name", state.name}, {"label", view.state_label}, {"ended", state.terminal}};
}

void print_item(Output& out, const TimelineItem& item) {
    const bool bad =
        item.type == TimelineItem::Type::refused || item.type == TimelineItem::Type::problem;
    const std::string line = local_time(item.time) + "  " + item.title;
    bad ? out.alarm(line) : out.line(line);
    if (item.type == TimelineItem::Type::act && item.message) {
        out.line("    message n° " + uuid(*item.message));
    }
    if (!item.text.empty()) out.text(indented(item.text, "    "));
    if (item.receipts.size() > kReceiptsShown) {
        out.line("    → " + receipts_summary(item.receipts));
        return;
    }
    for (const TimelineItem::Receipt& receipt : item.receipts) {
        out.line("    → " + receipt_text(receipt));
    }
}

}  // namespace

json file_json(const AttachedFile& file, std::size_t number) {
    json out = {{"name", file.name},
                {"media", file.media},
                {"bytes", file.bytes},
                {"sha256", hex(file.digest.view())}};
    if (number != 0) out["number"] = number;
    return out;
}

std::string file_text(const AttachedFile& file) { return station::attachment_label(file); }

json thread_line_json(const station::ThreadLine& line) {
    json out = {{"thread", uuid(line.id)},         {"mailbox", line.mailbox.text()},
                {"kind_title", line.kind_title},   {"state", line.state_label},
                {"last", line.last_title},         {"time", format_utc(line.last_time)},
                {"opener", line.opener},           {"problems", line.problems},
                {"off_network", line.off_network}, {"ended", line.ended},
                {"unopened", line.unopened}};
    if (!line.kind.empty()) out["kind"] = line.kind;
    if (!line.state.empty()) out["state_name"] = line.state;
    if (line.deadline) out["deadline"] = deadline_json(*line.deadline);
    if (line.taken)
        out["taken"] = {{"by", line.taken->by}, {"since", format_utc(line.taken->since)}};
    return out;
}

void print_thread_line(Output& out, const station::ThreadLine& line) {
    out.heading(short_id(line.id) + "  " + line.kind_title + " — " + line.state_label);
    out.line("          " + local_time(line.last_time) + "  " + line.last_title);
    out.line("          boîte " + line.mailbox.text() +
             (line.opener.empty() ? "" : ", ouvert par " + line.opener));
    if (line.unopened != 0) {
        out.line("          " + std::to_string(line.unopened) + " message(s) à ouvrir");
    }
    if (line.deadline) out.line("          " + deadline_text(*line.deadline));
    if (line.taken) out.line("          " + taken_text(*line.taken));
    if (line.off_network) out.line("          en partie " + std::string(station::kOffNetwork));
    if (line.problems != 0) {
        out.alarm("          " + std::to_string(line.problems) +
                  " message(s) en défaut : voir « relais show »");
    }
}

json item_json(station::Station& station, const TimelineItem& item) {
    json out = {{"type", type_word(item.type)},
                {"serial", item.serial},
                {"time", format_utc(item.time)},
                {"title", item.title},
                {"text", item.text}};
    if (item.message) out["message"] = uuid(*item.message);
    if (item.opened) add_act(out, station, *item.opened);
    if (item.sending) {
        out["sending"] = state_word(*item.sending);
        out["receipts"] = receipts_json(item.receipts);
    }
    if (item.mark) {
        out["word"] = word_of(item.mark->word);
        out["person"] = person_reference(station.directory(), item.mark->person);
    }
    if (item.code != ErrorCode::ok) {
        out["code"] = static_cast<int>(item.code);
        out["name"] = error_name(item.code);
    }
    if (item.corrected_by) {
        const bool gone = item.corrected == workflow::Correction::retracts;
        out["corrected"] = {{"how", gone ? "retracted" : "superseded"},
                            {"by", uuid(*item.corrected_by)}};
    }
    return out;
}

json thread_json(station::Station& station, const station::ThreadView& view) {
    json mailboxes = json::array();
    for (const Address& mailbox : view.mailboxes) mailboxes.push_back(mailbox.text());
    json items = json::array();
    for (const TimelineItem& item : view.items) items.push_back(item_json(station, item));
    json kind;
    if (view.kind) {
        kind = {{"name", view.kind->kind.name},
                {"title", view.kind->kind.title},
                {"version", view.kind->kind.version}};
    }
    json out = {{"thread", uuid(view.id)},           {"mailbox", view.mailbox.text()},
                {"mailboxes", std::move(mailboxes)}, {"kind", std::move(kind)},
                {"state", state_json(view)},         {"last_serial", view.last_serial},
                {"items", std::move(items)},         {"possible", possible_json(view)},
                {"parties", parties_json(view)},     {"deadlines", deadlines_json(view)}};
    if (view.state && view.state->follows) out["follows"] = uuid(*view.state->follows);
    if (view.taken) out["taken"] = taken_json(station, *view.taken);
    return out;
}

void print_thread(Output& out, const station::ThreadView& view) {
    out.heading((view.kind ? view.kind->kind.title : "Dossier") + " — " + view.state_label);
    out.line("Dossier n° " + uuid(view.id) + ", vu de " + view.mailbox.text());
    if (view.mailboxes.size() > 1) {
        out.line("(ce poste y a d'autres boîtes : option --mailbox)");
    }
    if (view.state && view.state->follows) {
        out.line("Suite du dossier n° " + uuid(*view.state->follows));
    }
    print_standing(out, view);
    out.line();
    for (const TimelineItem& item : view.items) print_item(out, item);
    if (view.possible.empty() || !view.kind) return;
    out.line();
    out.heading("Actions possibles (relais act " + short_id(view.id) + " ACTION)");
    for (const workflow::ActIndex index : view.possible) {
        const workflow::Act& act = view.kind->kind.acts[index];
        out.line("  " + act.name + "  " + act.label + (act.off_network ? " (hors réseau)" : ""));
    }
}

namespace {

std::string detail_of(const station::StoredOutgoing& item) {
    return item.refusal ? item.refusal->detail : "";
}

// In the words of the kind; empty where it has none.
std::string declared_reason(station::Station& station, const station::StoredOutgoing& item) {
    const auto envelope = Envelope::parse(item.envelope);
    if (!envelope.ok()) return {};
    const auto kind = station.kinds().get(envelope->header().kind);
    return kind.ok() ? station::refusal_reason((*kind)->kind, envelope->header().act, item.code,
                                               detail_of(item))
                     : "";
}

}  // namespace

std::string refusal_text(station::Station& station, const station::StoredOutgoing& item) {
    const std::string reason = declared_reason(station, item);
    return reason.empty() ? detail_of(item) : reason;
}

bool not_taken_up(const station::StoredOutgoing& item) {
    return item.state == station::SendState::accepted && item.code != ErrorCode::ok;
}

json outgoing_json(station::Station& station, const station::StoredOutgoing& item) {
    json out = {{"message", uuid(item.message)},
                {"thread", uuid(item.thread)},
                {"state", state_word(item.state)}};
    const auto envelope = Envelope::parse(item.envelope);
    if (envelope.ok()) {
        const Header& header = envelope->header();
        const auto kind = station.kinds().get(header.kind);
        const auto act = kind.ok() ? (*kind)->kind.act(header.act) : std::nullopt;
        out["act"] = header.act;
        out["label"] = act ? (*kind)->kind.acts[*act].label : header.act;
        out["time"] = format_utc(header.time);
    }
    if (item.receipt) {
        out["leaf"] = item.receipt->accepted.leaf.value;
        out["time"] = format_utc(item.receipt->accepted.time);
    }
    if (not_taken_up(item)) {
        out["not_taken_up"] = {{"code", static_cast<int>(item.code)},
                               {"name", error_name(item.code)}};
        out["noted"] = item.noted;
    }
    if (item.state == station::SendState::refused) {
        out["code"] = static_cast<int>(item.code);
        out["name"] = error_name(item.code);
        out["noted"] = item.noted;
        const std::string reason = declared_reason(station, item);
        if (!reason.empty()) out["reason"] = reason;
        out["detail"] = detail_of(item);
        out["next_step"] = error_info(item.code).next_step;
    }
    return out;
}

void print_outgoing(Output& out, const json& item) {
    const std::string state = item["state"];
    const std::string label = item.value("label", "?");
    const std::string id = item["message"];
    if (item.contains("not_taken_up")) {
        const auto code = item["not_taken_up"]["code"].get<std::uint16_t>();
        out.alarm("! " + label + " : accepté, mais non repris par le service restauré. " +
                  std::string(error_info(error_from_number(code)).french) + " — message " + id);
    } else if (state == "accepted") {
        out.line("✓ " + label + " : accepté par le service (preuve n° " +
                 std::to_string(item.value("leaf", 0)) + ") — message " + id);
    } else if (state == "queued") {
        out.line("… " + label + " : en attente d'envoi — message " + id);
    } else {
        const auto& info = error_info(error_from_number(item["code"].get<std::uint16_t>()));
        const std::string reason = item.value("reason", "");
        out.alarm("✗ " + label + " : refusé. " + std::string(info.french) +
                  (reason.empty() ? "" : " " + reason) + " — message " + id);
    }
}

namespace {

// What stands before a finding, and its word in JSON.
std::pair<const char*, const char*> signs_of(forms::Severity severity) {
    switch (severity) {
        case forms::Severity::error: return {"  ✗ ", "error"};
        case forms::Severity::warning: return {"  (attention) ", "warning"};
        case forms::Severity::information: return {"  ✓ ", "information"};
    }
    return {"", ""};
}

}  // namespace

json findings_json(const std::vector<station::DraftFinding>& findings) {
    json list = json::array();
    for (const station::DraftFinding& item : findings) {
        list.push_back({{"act", item.act},
                        {"path", item.finding.path},
                        {"code", error_name(item.finding.code)},
                        {"severity", signs_of(item.finding.severity).second},
                        {"message", item.finding.message}});
    }
    return list;
}

void print_findings(Output& out, const std::vector<station::DraftFinding>& findings) {
    for (const station::DraftFinding& item : findings) {
        const std::string where = (item.act.empty() ? "" : item.act + " : ") + item.finding.path;
        out.notice(signs_of(item.finding.severity).first + where + " : " + item.finding.message);
    }
}

json draft_json(station::Station& station, const station::Draft& draft) {
    json to = json::array();
    for (const Address& mailbox : draft.to) to.push_back(mailbox.text());
    json acts = json::array();
    for (const station::DraftAct& act : draft.acts) {
        acts.push_back({{"act", act.act}, {"form", act.form}, {"public", act.publics}});
        for (const station::DraftAttachment& each : act.attachments) {
            json file = file_json(each.file);
            file["path"] = each.path;
            acts.back()["attachments"].push_back(std::move(file));
        }
    }
    json out = {{"draft", uuid(draft.id)}, {"thread", uuid(draft.thread)},
                {"kind", draft.kind},      {"from", draft.from.text()},
                {"to", std::move(to)},     {"acts", std::move(acts)},
                {"prepared_by", nullptr}};
    if (draft.prepared_by) {
        out["prepared_by"] = person_reference(station.directory(), *draft.prepared_by);
    }
    if (draft.on_behalf_of) {
        out["on_behalf_of"] = person_reference(station.directory(), *draft.on_behalf_of);
    }
    const auto findings = station::check_draft(station, draft);
    out["findings"] = findings.ok() ? findings_json(*findings) : json::array();
    out["complete"] = findings.ok() && !station::has_errors(*findings);
    return out;
}

}  // namespace relais::cli
