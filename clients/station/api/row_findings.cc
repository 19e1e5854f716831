#include "clients/station/api/row_findings.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "clients/station/api/threads.h"
#include "schemas/workflow/decide.h"
#include "schemas/workflow/public_value.h"

namespace relais::station {

namespace {

using workflow::GuardOp;
using workflow::Kind;
using workflow::Row;

std::vector<const Row*> rows_of(const Kind& kind, workflow::ActIndex act) {
    std::vector<const Row*> rows;
    for (const Row& row : kind.rows) {
        if (row.trigger == workflow::TriggerKind::act && row.index == act) rows.push_back(&row);
    }
    return rows;
}

// Of a guard or an effect; the keys of those that are about no register are empty.
bool keyed_by_attention(const auto& part) {
    return std::ranges::find(part.key, workflow::KeySource::attention,
                             &workflow::KeyPart::source) != part.key.end();
}

using Given = std::map<std::uint16_t, std::int64_t>;  // by the number of a public field

// A field that is not given is said to lack where it is mandatory.
bool takes(const Row& row, const Given& given) {
    return std::ranges::all_of(row.guards, [&](const workflow::Guard& guard) {
        if (guard.op != GuardOp::public_is) return true;
        const auto said = given.find(guard.number);
        return said == given.end() || said->second == guard.value;
    });
}

std::optional<Given> publics_given(const Kind& kind, const DraftAct& filled) {
    Given given;
    for (const auto& [name, text] : filled.publics) {
        const workflow::PublicDeclared* field = kind.public_field(name);
        const auto value = field == nullptr ? Result<std::int64_t>(fail(ErrorCode::not_found))
                                            : public_value(*field, text);
        if (!value.ok()) return std::nullopt;  // said at its field
        given[field->number] = *value;
    }
    return given;
}

std::string value_text(const workflow::PublicDeclared& field, std::int64_t value) {
    const std::string label = workflow::public_label(field, value);
    if (field.type == workflow::PublicType::integer) return label;
    return workflow::write_public(field, value) + " (" + label + ")";
}

// The values of the field with which some row takes what is given of the others; none where a row
// takes any.
std::set<std::int64_t> values_taken(const std::vector<const Row*>& rows, std::uint16_t number,
                                    Given others) {
    others.erase(number);
    std::set<std::int64_t> values;
    for (const Row* row : rows) {
        if (!takes(*row, others)) continue;
        const auto on_field = [&](const workflow::Guard& guard) {
            return guard.op == GuardOp::public_is && guard.number == number;
        };
        const auto guard = std::ranges::find_if(row->guards, on_field);
        if (guard == row->guards.end()) return {};
        values.insert(guard->value);
    }
    return values;
}

void check_values(const Kind& kind, workflow::ActIndex act, const DraftAct& filled,
                  std::vector<DraftFinding>& findings) {
    const auto rows = rows_of(kind, act);
    const auto given = publics_given(kind, filled);
    if (!given || std::ranges::any_of(rows, [&](const Row* row) { return takes(*row, *given); })) {
        return;
    }
    for (const auto& [number, value] : *given) {
        auto taken = values_taken(rows, number, *given);
        if (taken.empty()) taken = values_taken(rows, number, {});  // others are wrong as well
        if (taken.empty() || taken.contains(value)) continue;
        const workflow::PublicDeclared& field = *kind.public_field(number);
        std::string expected;
        for (const std::int64_t each : taken) {
            expected += (expected.empty() ? "" : ", ") + value_text(field, each);
        }
        findings.push_back(
            {filled.act,
             {field.name, ErrorCode::invalid_field, forms::Severity::error,
              "« " + field.label + " » ne peut pas être " + value_text(field, value) +
                  " pour cette action ; attendu : " + expected + "."}});
    }
}

bool asks_attention(const Kind& kind, workflow::ActIndex act) {
    const auto rows = rows_of(kind, act);
    return !rows.empty() && std::ranges::all_of(rows, [](const Row* row) {
        const auto keyed = [](const auto& part) { return keyed_by_attention(part); };
        return std::ranges::any_of(row->guards, keyed) || std::ranges::any_of(row->effects, keyed);
    });
}

bool lacks_attention(const Kind& kind, const Draft& draft, const DraftAct& filled) {
    const auto act = kind.act(filled.act);
    return act && asks_attention(kind, *act) &&
           std::ranges::none_of(draft.to, [&](const Address& mailbox) {
               return draft.attention.contains(mailbox.text());
           });
}

}  // namespace

bool lacks_attention(const Kind& kind, const Draft& draft) {
    return std::ranges::any_of(
        draft.acts, [&](const DraftAct& filled) { return lacks_attention(kind, draft, filled); });
}

std::vector<DraftFinding> row_findings(const Kind& kind, const Draft& draft) {
    std::vector<DraftFinding> findings;
    for (const DraftAct& filled : draft.acts) {
        if (const auto act = kind.act(filled.act)) check_values(kind, *act, filled, findings);
        if (!lacks_attention(kind, draft, filled)) continue;
        findings.push_back({filled.act,
                            {"attention", ErrorCode::missing_field, forms::Severity::error,
                             "À l'attention de qui, parmi les destinataires, est obligatoire pour "
                             "cette action (--attention)."}});
    }
    return findings;
}

Result<std::vector<DraftFinding>> signer_findings(Station& station, const Draft& draft,
                                                  const PersonId& signer) {
    std::vector<DraftFinding> findings;
    if (draft.acts.empty()) return findings;
    RELAIS_ASSIGN(const auto kind, station.kinds().get(draft.kind_digest));
    const auto act = kind->kind.act(draft.acts[0].act);
    if (!act || kind->kind.acts[*act].opens) return findings;
    RELAIS_ASSIGN(const ThreadView view, view_thread(station, draft.thread, draft.from));
    if (!view.state || view.state->opener != draft.from) return findings;
    const PersonId by = draft.on_behalf_of.value_or(signer);
    const auto* record = station.directory().person(by);
    const std::string rpps = record == nullptr ? "" : record->person.rpps;
    if (!workflow::lacks_persons(kind->kind, *view.state, {*act, by, rpps})) return findings;
    findings.push_back({draft.acts[0].act,
                        {"as", ErrorCode::act_refused, forms::Severity::error,
                         "Il faut ici la signature d'une autre personne que celles qui ont déjà "
                         "signé (--as)."}});
    return findings;
}

}  // namespace relais::station
