#include "clients/cli/alerts.h"

#include <algorithm>

#include "clients/cap/dictionary.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

bool is_cap_form(const forms::FormSchema* form) {
    return form != nullptr && std::ranges::find(form->root().fields, cap::kNamespace,
                                                &forms::Field::codes) != form->root().fields.end();
}

bool carries_alerts(const station::LoadedKind& kind) {
    return std::ranges::any_of(kind.kind.acts, [&](const workflow::Act& act) {
        return act.opens && is_cap_form(kind.form_of(act));
    });
}

// Whether a guard on a public field of CAP holds for the message; others are the broker's to ask.
bool agrees(const workflow::Kind& kind, const workflow::Guard& guard,
            const cap::Envelope& message) {
    if (guard.op != workflow::GuardOp::public_is) return true;
    const workflow::PublicDeclared* field = kind.public_field(guard.number);
    if (field == nullptr) return false;
    const workflow::PublicValue* value = field->named(guard.value);
    if (value == nullptr) return false;
    if (field->name == "status") return value->code == message.status;
    if (field->name == "severity") return value->code == message.severity;
    return false;
}

bool takes(const workflow::Kind& kind, workflow::ActIndex act, const workflow::Thread* thread,
           const cap::Envelope& message) {
    return std::ranges::any_of(kind.rows, [&](const workflow::Row& row) {
        const bool reached = thread == nullptr || workflow::in_mask(row.threads, thread->state);
        return row.trigger == workflow::TriggerKind::act && row.index == act && reached &&
               std::ranges::all_of(row.guards, [&](const workflow::Guard& guard) {
                   return agrees(kind, guard, message);
               });
    });
}

}  // namespace

Result<std::shared_ptr<const station::LoadedKind>> find_alert_kind(station::Station& station,
                                                                   const std::string& name) {
    std::shared_ptr<const station::LoadedKind> found;
    for (const directory::KindRecord& record : station.directory().kinds()) {
        const auto* newest = station.directory().kind(record.kind.name.text());
        const bool in_force = newest == &record && !record.kind.withdrawn;
        if (!in_force || (!name.empty() && record.kind.name.text() != name)) continue;
        RELAIS_ASSIGN(auto kind, station.kinds().get(record.kind.digest));
        if (!carries_alerts(*kind)) continue;
        if (found) {
            return fail(ErrorCode::usage,
                        "plusieurs types d'échange portent des alertes : "
                        "précisez --kind");
        }
        found = std::move(kind);
    }
    if (found) return found;
    if (name.empty()) {
        return fail(ErrorCode::unknown_kind,
                    "aucun type d'échange de ce domaine ne porte d'alertes");
    }
    if (station.directory().kind(name) == nullptr) return fail(ErrorCode::unknown_kind, name);
    return fail(ErrorCode::usage, "« " + name + " » ne porte pas d'alertes");
}

std::string message_type(const station::LoadedKind& kind, const workflow::Act& act) {
    if (!is_cap_form(kind.form_of(act))) return "";
    if (act.opens) return "Alert";
    switch (act.correction) {
        case workflow::Correction::supersedes: return "Update";
        case workflow::Correction::retracts: return "Cancel";
        case workflow::Correction::none: break;
    }
    return "";
}

std::string public_code(const station::Opened& opened, const char* field) {
    const workflow::PublicDeclared* declared = opened.kind->kind.public_field(field);
    if (declared == nullptr) return "";
    const auto value = opened.header.public_value(declared->number);
    if (!value) return "";
    const workflow::PublicValue* code = declared->named(*value);
    return code == nullptr ? "" : code->code;
}

std::vector<const station::TimelineItem*> cap_items(const station::ThreadView& view) {
    std::vector<const station::TimelineItem*> items;
    for (const station::TimelineItem& item : view.items) {
        const bool act = item.type == station::TimelineItem::Type::act && item.opened;
        if (!act) continue;
        const workflow::Act& declared = item.opened->kind->kind.acts[item.opened->act];
        if (!message_type(*item.opened->kind, declared).empty()) items.push_back(&item);
    }
    return items;
}

cap::MessageKey key_of(const station::TimelineItem& item) {
    const Header& header = item.opened->header;
    return {header.from.text(), uuid(header.id), cap::cap_time(format_utc(item.time)).value_or("")};
}

cap::Envelope envelope_of(const station::ThreadView& view, const station::TimelineItem& item) {
    const station::LoadedKind& kind = *item.opened->kind;
    cap::Envelope envelope{.key = key_of(item),
                           .status = public_code(*item.opened, "status"),
                           .type = message_type(kind, kind.kind.acts[item.opened->act]),
                           .severity = public_code(*item.opened, "severity")};
    for (const station::TimelineItem* earlier : cap_items(view)) {
        if (earlier == &item) break;
        envelope.references.push_back(key_of(*earlier));
    }
    return envelope;
}

Result<workflow::ActIndex> act_for(const station::LoadedKind& kind,
                                   const std::vector<workflow::ActIndex>& among,
                                   const workflow::Thread* thread, const cap::Envelope& message) {
    const std::string wanted = thread == nullptr ? "Alert" : message.type;
    for (const workflow::ActIndex index : among) {
        const bool same_type = message_type(kind, kind.kind.acts[index]) == wanted;
        if (same_type && takes(kind.kind, index, thread, message)) return index;
    }
    std::string why = message.type + ", status " + message.status;
    if (!message.severity.empty()) why += ", severity " + message.severity;
    if (thread != nullptr) {
        why += " : ce dossier n'admet pas ce statut ou cette gravité, ou n'est plus ouvert";
    }
    return fail(ErrorCode::act_refused, why);
}

}  // namespace relais::cli
