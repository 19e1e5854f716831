#include "clients/station/api/carried.h"

#include <algorithm>
#include <deque>

#include "clients/station/api/corrections.h"
#include "clients/station/api/threads.h"
#include "schemas/packs/code_table.h"

namespace relais::station {

namespace {

using forms::Field;
using forms::Trait;
using Json = nlohmann::json;

// How far back a case that follows another, which follows another, is looked through.
constexpr int kCasesBack = 8;

// The identity block that a form asks for in any case; null: none.
const Field* identity_field(const forms::FormSchema* form) {
    if (form == nullptr) return nullptr;
    const auto found = std::ranges::find_if(form->root().fields, [](const Field& field) {
        return field.identity && !field.repeated && !field.only_if;
    });
    return found == form->root().fields.end() ? nullptr : &*found;
}

const Field* playing(const Field& block, Trait trait) {
    const auto found = std::ranges::find(block.fields, trait, &Field::trait);
    return found == block.fields.end() ? nullptr : &*found;
}

std::string text_of(const Field& block, const Json& values, Trait trait) {
    const Field* field = playing(block, trait);
    if (field == nullptr || !values.contains(field->name)) return {};
    const Json& value = values[field->name];
    if (value.is_string()) return value.get<std::string>();
    std::string joined;
    for (const Json& each : value) {
        if (each.is_string()) joined += (joined.empty() ? "" : " ") + each.get<std::string>();
    }
    return joined;
}

// "PAT-TROIS DOMINIQUE, F, 1979-03-28".
std::string in_one_line(const Field& block, const Json& values) {
    return text_of(block, values, Trait::birth_name) + " " +
           text_of(block, values, Trait::birth_given_names) + ", " +
           text_of(block, values, Trait::sex) + ", " + text_of(block, values, Trait::birth_date);
}

// An identity that was said before, and the act that said it.
struct Source {
    const TimelineItem* item = nullptr;
    const Field* block = nullptr;

    [[nodiscard]] const Json& values() const { return item->opened->form[block->name]; }
};

std::optional<Source> identity_of(const TimelineItem& item) {
    if (!item.opened || item.corrected != workflow::Correction::none) return std::nullopt;
    const LoadedKind& kind = *item.opened->kind;
    if (kind.kind.patient != workflow::PatientData::sealed) return std::nullopt;
    const Field* block = identity_field(kind.form_of(kind.kind.acts[item.opened->act]));
    if (block == nullptr || !item.opened->form.is_object()) return std::nullopt;
    if (!item.opened->form.contains(block->name)) return std::nullopt;
    return Source{&item, block};
}

// The last that stands.
std::optional<Source> identity_in(const ThreadView& view) {
    for (auto item = view.items.rbegin(); item != view.items.rend(); ++item) {
        if (auto source = identity_of(*item)) return source;
    }
    return std::nullopt;
}

std::optional<ThreadId> followed_by(const ThreadView& view) {
    for (const TimelineItem& item : view.items) {
        if (item.opened && item.opened->header.follows) return item.opened->header.follows;
    }
    return std::nullopt;
}

std::string least_status(const Field& status) {
    for (const forms::Choice& choice : status.choices) {
        if (identity_status(choice.name) == IdentityStatus::provisional) return choice.name;
    }
    return {};
}

}  // namespace

SaidAgain say_again(const Field& block, const Json& before, const Json& given, bool ours) {
    SaidAgain said{Json::object(), false};
    for (const Field& field : block.fields) {
        if (before.contains(field.name)) said.values[field.name] = before[field.name];
    }
    const Field* status = playing(block, Trait::status);
    if (status == nullptr) return said;
    if (given.contains(status->name) && !given[status->name].is_null()) {
        said.values[status->name] = given[status->name];
    } else if (!ours) {
        said.values[status->name] = least_status(*status);
        said.lowered = true;
    }
    const auto says = identity_status(text_of(block, said.values, Trait::status));
    if (says == IdentityStatus::qualified) return said;
    for (const Trait trait : {Trait::matricule, Trait::oid}) {
        if (const Field* field = playing(block, trait)) said.values.erase(field->name);
    }
    return said;
}

namespace {

// A name without what is written in several ways.
std::string name_folded(const std::string& name) {
    std::string letters;
    for (const char c : packs::folded(name)) {
        if (c != ' ' && c != '-' && c != '\'') letters += c;
    }
    return letters;
}

}  // namespace

std::vector<std::string> who_differs(const Field& former_block, const Json& former,
                                     const Field& block, const Json& given) {
    std::vector<std::string> labels;
    for (const Trait trait : {Trait::matricule, Trait::birth_name, Trait::birth_date}) {
        std::string before = text_of(former_block, former, trait);
        std::string now = text_of(block, given, trait);
        if (before.empty() || now.empty()) continue;
        if (trait == Trait::matricule && before == now) return {};
        if (trait == Trait::birth_name) {
            before = name_folded(before);
            now = name_folded(now);
        }
        if (before != now) labels.push_back(playing(block, trait)->label);
    }
    return labels;
}

namespace {

// Absent, or its status alone.
bool is_open(const Field& block, const Json& form) {
    if (!form.is_object() || !form.contains(block.name)) return true;
    const Json& given = form[block.name];
    if (!given.is_object()) return given.is_null();
    const Field* status = playing(block, Trait::status);
    return std::ranges::all_of(given.items(), [&](const auto& member) {
        return member.value().is_null() || (status != nullptr && member.key() == status->name);
    });
}

class Carrier {
public:
    Carrier(Station& station, Draft& draft) : station_(station), draft_(draft) {}

    Result<std::vector<Carried>> carry() {
        RELAIS_ASSIGN(kind_, station_.kinds().get(draft_.kind_digest));
        const bool of_patients = kind_->kind.patient == workflow::PatientData::sealed;
        RELAIS_TRY(look(draft_.thread));
        for (DraftAct& filled : draft_.acts) {
            const auto index = kind_->kind.act(filled.act);
            if (!index) return fail(ErrorCode::act_refused, filled.act);
            const workflow::Act& act = kind_->kind.acts[*index];
            if (act.correction == workflow::Correction::supersedes) correct(act, filled);
            if (of_patients) RELAIS_TRY(identify(act, filled));
        }
        return std::move(done_);
    }

    // What the draft gives itself, beside the case that it follows.
    Result<std::vector<DraftFinding>> compare() {
        RELAIS_ASSIGN(kind_, station_.kinds().get(draft_.kind_digest));
        std::vector<DraftFinding> findings;
        if (!draft_.follows) return findings;
        for (const DraftAct& filled : draft_.acts) {
            const auto index = kind_->kind.act(filled.act);
            if (!index) return fail(ErrorCode::act_refused, filled.act);
            const workflow::Act& act = kind_->kind.acts[*index];
            const Field* block = identity_field(kind_->form_of(act));
            if (block == nullptr || is_open(*block, filled.form)) continue;
            RELAIS_ASSIGN(const auto source, find(act));
            if (!source) continue;
            const auto labels =
                who_differs(*source->block, source->values(), *block, filled.form[block->name]);
            if (!labels.empty()) findings.push_back({filled.act, somebody_else(*block, labels)});
        }
        return findings;
    }

private:
    [[nodiscard]] forms::Finding somebody_else(const Field& block,
                                               const std::vector<std::string>& labels) const {
        std::string differ;
        for (const std::string& label : labels) {
            differ += (differ.empty() ? "« " : ", « ") + label + " »";
        }
        return {block.name, ErrorCode::invalid_field,
                draft_.same_patient ? forms::Severity::warning : forms::Severity::error,
                "Ce n'est pas l'identité du dossier que celui-ci prolonge : " + differ +
                    (labels.size() == 1 ? " diffère." : " diffèrent.") +
                    (draft_.same_patient
                         ? " Vous avez dit que c'est le même patient."
                         : " Vérifiez le dossier et le patient ; si c'est bien le même patient, "
                           "dites-le (--same-patient).")};
    }

    // Of a thread that this mailbox has something of; else nothing is kept.
    Result<bool> look(const ThreadId& thread) {
        auto view = view_thread(station_, thread, draft_.from);
        if (view.code() == ErrorCode::unknown_thread) return false;
        if (!view.ok()) return view.error();
        views_.push_back(*std::move(view));
        return true;
    }

    [[nodiscard]] const TimelineItem* corrected() const {
        if (views_.empty() || !draft_.answers) return nullptr;
        const auto& items = views_.front().items;
        const auto found = std::ranges::find_if(items, [&](const TimelineItem& item) {
            return item.opened && item.opened->digest == *draft_.answers &&
                   item.opened->header.from == draft_.from;
        });
        return found == items.end() ? nullptr : &*found;
    }

    // A correction begins as what it corrects, where that fills the same form or a part of it.
    void correct(const workflow::Act& act, DraftAct& filled) {
        const TimelineItem* before = corrected();
        const forms::FormSchema* form = kind_->form_of(act);
        if (before == nullptr || form == nullptr || !filled.form.is_null()) return;
        const LoadedKind& kind = *before->opened->kind;
        const auto* former = kind.form_of(kind.kind.acts[before->opened->act]);
        if (kind.kind.digest != kind_->kind.digest || former == nullptr) return;
        if (!is_part_of(*former, *form)) return;
        filled.form = before->opened->form;
        note(filled, "", *before);
        const Field* block = identity_field(form);
        if (block != nullptr && filled.form.contains(block->name)) {
            done_.back().who = in_one_line(*block, filled.form[block->name]);
        }
    }

    Result<void> identify(const workflow::Act& act, DraftAct& filled) {
        const Field* block = identity_field(kind_->form_of(act));
        const bool of_form = filled.form.is_null() || filled.form.is_object();
        if (block == nullptr || !of_form || !is_open(*block, filled.form)) return {};
        RELAIS_ASSIGN(const auto source, find(act));
        if (!source) return {};
        if (!filled.form.is_object()) filled.form = Json::object();
        const Json given = filled.form.value(block->name, Json::object());
        const auto& header = source->item->opened->header;
        const bool ours = header.from.organisation() == draft_.from.organisation();
        SaidAgain said =
            say_again(*block, source->values(), given.is_object() ? given : Json::object(), ours);
        filled.form[block->name] = std::move(said.values);
        note(filled, block->name, *source->item);
        done_.back().who = in_one_line(*block, filled.form[block->name]);
        done_.back().lowered = said.lowered;
        return {};
    }

    // In what it corrects; else in its case; else in the one that it follows, and so on.
    Result<std::optional<Source>> find(const workflow::Act& act) {
        if (act.correction == workflow::Correction::supersedes) {
            const TimelineItem* before = corrected();
            const auto source = before == nullptr ? std::nullopt : identity_of(*before);
            if (source) return source;
        }
        std::size_t next = 0;
        for (int steps = 0; steps < kCasesBack; ++steps) {
            if (next == views_.size()) {
                const auto before = next_back();
                if (!before) break;
                RELAIS_ASSIGN(const bool seen, look(*before));
                if (!seen) break;
            }
            if (auto source = identity_in(views_[next++])) return source;
        }
        return std::optional<Source>();
    }

    // Of an act that opens a case: what the draft says; then what the cases themselves say.
    [[nodiscard]] std::optional<ThreadId> next_back() const {
        return views_.empty() ? draft_.follows : followed_by(views_.back());
    }

    void note(const DraftAct& filled, const std::string& field, const TimelineItem& item) {
        const Opened& opened = *item.opened;
        done_.push_back({filled.act, field, "", opened.header.thread, opened.header.id,
                         opened.header.from, item.time, opened.kind->kind.acts[opened.act].past});
    }

    Station& station_;
    Draft& draft_;
    std::shared_ptr<const LoadedKind> kind_;
    std::deque<ThreadView> views_;  // the case, where it has begun; what it follows; and so on
    std::vector<Carried> done_;
};

}  // namespace

Result<std::vector<Carried>> carry_over(Station& station, Draft& draft) {
    return Carrier(station, draft).carry();
}

Result<std::vector<DraftFinding>> identity_findings(Station& station, const Draft& draft) {
    Draft looked_at = draft;
    return Carrier(station, looked_at).compare();
}

}  // namespace relais::station
