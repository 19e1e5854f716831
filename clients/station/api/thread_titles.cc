#include "clients/station/api/thread_titles.h"

#include <algorithm>

#include "schemas/envelope/statements.h"

namespace relais::station {

namespace {

std::string erasure_reason(const std::string& reason) {
    if (reason == "request") return " à la demande de la personne concernée";
    if (reason == "mistake") return " : envoi par erreur";
    return reason == "order" ? " sur décision" : "";
}

template <typename Named>
std::string label_in(const std::vector<Named>& list, const std::string& name) {
    const auto found = std::ranges::find(list, name, &Named::name);
    return found == list.end() ? std::string() : found->label;
}

// " : Délai de réponse", or nothing where the clock has no label here.
std::string clock_named(const Notice& notice, const workflow::Kind* kind) {
    const std::string label = kind == nullptr ? "" : label_in(kind->clocks, notice.clock);
    return label.empty() ? label : " : " + label;
}

// Whether the row leads to that state of the thread.
bool leads_to(const workflow::Kind& kind, const workflow::Row& row, const std::string& state) {
    if (row.threads == 0) return kind.thread_states[row.target(0)].name == state;
    for (workflow::StateIndex from = 0; from < kind.thread_states.size(); ++from) {
        const bool fits = workflow::in_mask(row.threads, from);
        if (fits && kind.thread_states[row.target(from)].name == state) return true;
    }
    return false;
}

// Whether every promotion that leads to the state calls a party that had not been called before.
bool is_turn(const workflow::Kind& kind, const std::string& state) {
    bool any = false;
    for (const workflow::Row& row : kind.rows) {
        for (const workflow::Effect& effect : row.effects) {
            if (effect.op != workflow::EffectOp::promote || !leads_to(kind, row, state)) continue;
            if (effect.release == Release::at_once) return false;
            any = true;
        }
    }
    return any;
}

std::string promotion_title(const Notice& notice, const workflow::Kind* kind) {
    const bool turn = kind != nullptr && is_turn(*kind, notice.state);
    return (turn ? "À son tour : " : "Proposition désormais en tête : ") + notice.mailbox;
}

}  // namespace

std::string refusal_reason(const workflow::Kind& kind, const std::string& act, ErrorCode code,
                           const std::string& detail) {
    constexpr std::string_view kState = "state ";
    if (code == ErrorCode::register_refused || code == ErrorCode::conflict) {
        const std::string name = detail.substr(0, detail.find(':'));
        const auto found =
            std::ranges::find(kind.registers, name, &workflow::RegisterDeclared::name);
        if (found == kind.registers.end()) return {};
        if (code == ErrorCode::conflict) {
            return "Le registre « " + found->label +
                   " » tient déjà ce que vous, ou votre maison, avez signé après ceci : le plus "
                   "récent vaut. Si ceci doit valoir, signez-le de nouveau.";
        }
        if (!found->refuses.empty()) return found->refuses;
        return "Le registre « " + found->label + " » ne le permet pas.";
    }
    if (code != ErrorCode::act_refused || !detail.starts_with(kState)) return {};
    const auto index = kind.act(act);
    if (index && kind.acts[*index].opens) {
        return "Le dossier n'a pas été ouvert : cet échange ne le permet pas avec ces champs "
               "publics.";
    }
    const std::string label = label_in(kind.thread_states, detail.substr(kState.size()));
    return label.empty() ? label : "État du dossier : « " + label + " ».";
}

// Whether the station that holds the messages says that its reader refuses one of them.
std::string fault_found(const Notice& notice) {
    const auto statement = parse_statement(notice.statement);
    const auto said = statement.ok() ? parse_delivered(statement->body)
                                     : Result<DeliveredStatement>(statement.error());
    if (!said.ok()) return "";
    for (const EntryFault& fault : said->faults) {
        if (std::ranges::find(notice.delivered, fault.index, &DeliveredItem::index) ==
            notice.delivered.end()) {
            continue;
        }
        return " ; illisible à ce poste : " + std::string(error_info(fault.code).french);
    }
    return "";
}

std::string notice_title(const Notice& notice, const workflow::Kind* kind) {
    switch (notice.kind) {
        case NoticeKind::delivered: return "Remis à " + notice.mailbox + fault_found(notice);
        case NoticeKind::opened: return "Ouvert par " + notice.mailbox;
        case NoticeKind::taken: return "Pris en charge par " + notice.mailbox;
        case NoticeKind::expired: return "Non remis à " + notice.mailbox + " : délai dépassé";
        case NoticeKind::reminder:
            return "Rappel : la moitié du délai est passée" + clock_named(notice, kind);
        case NoticeKind::overdue: return "Délai écoulé" + clock_named(notice, kind);
        case NoticeKind::withdrawn: return "Demande retirée";
        case NoticeKind::promoted: return promotion_title(notice, kind);
        case NoticeKind::ended: return "Dossier terminé";
        case NoticeKind::erased: return "Message effacé" + erasure_reason(notice.state);
        case NoticeKind::placed: return "Votre place dans le dossier : " + notice.state;
        case NoticeKind::delegated: return notice.mailbox + " est absent : transmis à son délégué";
        case NoticeKind::reckoned: return "Bilan des journées";
    }
    return "Avis du service";
}

}  // namespace relais::station
