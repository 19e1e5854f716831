#include "schemas/compiler/bundle_facts.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "core/base/ids.h"
#include "schemas/compiler/durations.h"
#include "schemas/forms/form_schema.h"
#include "schemas/generated/directory_generated.h"
#include "schemas/generated/kind_generated.h"
#include "schemas/indicators/indicator.h"
#include "schemas/workflow/kind.h"

namespace relais::compiler {

namespace {

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

void append_item(std::string& list, const std::string& item) {
    if (!list.empty()) list += ", ";
    list += item;
}

// "; attested" and the like.
std::string when(bool condition, const std::string& text) {
    return condition ? "; " + text : std::string();
}

// The fewest digits: "0.25", "60".
std::string plain(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

template <typename Declared>
std::string name_at(const std::vector<std::unique_ptr<Declared>>& list, std::size_t place) {
    // A bundle of another version may count more than it lists.
    return place < list.size() ? list[place]->name : "#" + std::to_string(place);
}

template <typename Declared>
std::string names_in(const std::vector<std::unique_ptr<Declared>>& list, std::uint16_t mask) {
    std::string names;
    for (std::size_t place = 0; place < 16; ++place) {
        if ((mask >> place & 1u) != 0) append_item(names, name_at(list, place));
    }
    return names;
}

std::string duration(std::uint32_t seconds) {
    return format_duration(std::chrono::seconds(seconds));
}

class FactReader {
public:
    explicit FactReader(const fb::KindBundleT& bundle) : bundle_(bundle) {}

    Result<Facts> read() {
        add_heading();
        for (const auto& role : bundle_.roles) add_role(*role);
        add_states("thread state", bundle_.thread_states);
        add_states("party state", bundle_.party_states);
        for (const auto& field : bundle_.publics) add_public(*field);
        for (const auto& clock : bundle_.clocks) add_clock(*clock);
        for (const auto& declared : bundle_.registers) add_register(*declared);
        for (const auto& act : bundle_.acts) add_act(*act);
        for (const auto& row : bundle_.rows) add_row(*row);
        for (const auto& indicator : bundle_.indicators) add_indicator(*indicator);
        for (const auto& watch : bundle_.watches) add_watch(*watch);
        for (const auto& listed : bundle_.listed) add_listed(*listed);
        for (const auto& form : bundle_.forms) RELAIS_TRY(add_form(*form));
        return std::move(facts_);
    }

private:
    void add(std::string subject, std::string text) {
        facts_.emplace_back(std::move(subject), std::move(text));
    }

    void add_heading() {
        add("kind", bundle_.name);
        add("version", std::to_string(bundle_.version));
        add("title", bundle_.title);
        add("summary", bundle_.summary);
        add("patient data", fb::EnumNamePatientData(bundle_.patient));
        add("basis for sharing", fb::EnumNameBasis(bundle_.basis));
        add("retention", duration(bundle_.retention_s));
        if (bundle_.agreement != 0) add("agreement", public_name(bundle_.agreement));
        if (bundle_.has_fallback) {
            add("fallback state", name_at(bundle_.party_states, bundle_.fallback_state));
        }
        for (std::size_t i = 0; i < bundle_.information.size(); ++i) {
            add("information, paragraph " + std::to_string(i + 1), quoted(bundle_.information[i]));
        }
    }

    void add_role(const fb::RoleDeclaredT& role) {
        std::string organisations;
        for (const std::uint8_t kind : role.organisation_kinds) {
            append_item(organisations,
                        fb::EnumNameOrganisationKind(static_cast<fb::OrganisationKind>(kind)));
        }
        std::string professions;
        for (const std::string& code : role.professions) append_item(professions, code);
        add("role " + quoted(role.name),
            quoted(role.label) + "; organisations: " + organisations + "; professions: " +
                (professions.empty() ? "any" : professions) + when(role.attested, "attested"));
    }

    void add_states(const std::string& kind,
                    const std::vector<std::unique_ptr<fb::StateDeclaredT>>& states) {
        for (const auto& state : states) {
            add(kind + " " + quoted(state->name),
                quoted(state->label) + when(state->terminal, "terminal"));
        }
    }

    void add_public(const fb::PublicDeclaredT& field) {
        const std::string subject = "public field " + quoted(field.name);
        add(subject, quoted(field.label) + "; number " + std::to_string(field.number) + "; " +
                         fb::EnumNamePublicType(field.type) + " from " + std::to_string(field.min) +
                         " to " + std::to_string(field.max) + when(field.urgency, "the urgency"));
        for (const auto& value : field.values) {
            add(subject + ", value " + quoted(value->code),
                quoted(value->label) + "; " + std::to_string(value->value));
        }
    }

    void add_clock(const fb::ClockDeclaredT& clock) {
        add("clock " + quoted(clock.name),
            quoted(clock.label) + "; " + duration(clock.seconds) + ", from " +
                duration(clock.min_s) + " to " + duration(clock.max_s) +
                when(clock.per_party, "per party") + when(clock.from_header, "set by the sender") +
                when(clock.remind_half, "reminds at half") +
                when(clock.backstop, "a deadline for nobody") +
                when(clock.hours != fb::ClockHours::all,
                     std::string("counts ") + fb::EnumNameClockHours(clock.hours) + " hours") +
                when(clock.at_most_s != 0, "at most " + duration(clock.at_most_s) + " in all"));
        for (const auto& length : clock.lengths) {
            add("clock " + quoted(clock.name) + " where " + public_name(clock.by_public) + " is " +
                    std::to_string(length->value),
                duration(length->seconds));
        }
    }

    void add_act(const fb::ActDeclaredT& act) {
        std::string roles;
        for (const std::uint16_t role : act.roles) append_item(roles, name_at(bundle_.roles, role));
        std::string text = quoted(act.label) + ", " + quoted(act.past) + "; from the " +
                           fb::EnumNameSide(act.side) + " to " +
                           fb::EnumNameRecipients(act.recipients) + "; signed by: " + roles;
        text +=
            when(act.opens, "opens") + when(act.mandate, "mandate allowed") +
            when(act.fallback, "with fallbacks") +
            when(act.off_network, "off the network, not end-to-end") +
            when(act.correction != fb::Correction::none, fb::EnumNameCorrection(act.correction));
        text += when(!act.form.empty(), "form " + act.form) + publics_of(act);
        text += "; lanes: " + lanes_of(act) + "; release: " + fb::EnumNameRelease(act.release);
        text += attachments_of(act);
        std::string together;
        for (const std::string& name : act.together) append_item(together, name);
        add("act " + quoted(act.name), text + when(!together.empty(), "together with " + together));
    }

    static std::string attachments_of(const fb::ActDeclaredT& act) {
        if (act.attachments == nullptr) return {};
        std::string media;
        for (const std::string& type : act.attachments->media) append_item(media, type);
        return "; attachments: " + std::to_string(act.attachments->count) + " files, " +
               std::to_string(act.attachments->bytes / 1024) + " KiB together, " + media;
    }

    [[nodiscard]] std::string publics_of(const fb::ActDeclaredT& act) const {
        std::string names;
        for (const auto& use : act.public_) {
            append_item(names, public_name(use->number) + (use->mandatory ? "!" : ""));
        }
        return when(!names.empty(), "publishes: " + names);
    }

    [[nodiscard]] std::string public_name(std::uint16_t number) const {
        for (const auto& field : bundle_.publics) {
            if (field->number == number) return field->name;
        }
        return "#" + std::to_string(number);
    }

    static std::string lanes_of(const fb::ActDeclaredT& act) {
        std::string names;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            if ((act.lanes >> lane & 1) != 0) {
                append_item(names, fb::EnumNameLane(static_cast<fb::Lane>(lane)));
            }
        }
        return names;
    }

    // ---- rows: their order decides, so it is part of what they are called

    void add_row(const fb::RowDeclaredT& row) {
        const std::string trigger = trigger_text(row);
        const std::size_t number = ++rows_[trigger];
        std::string text = "thread: " + names_in(bundle_.thread_states, row.threads);
        text += row.parties == UINT16_MAX
                    ? "; party: any"
                    : "; party: " + names_in(bundle_.party_states, row.parties);
        std::string guards;
        for (const auto& guard : row.guards) append_item(guards, guard_text(*guard));
        text += when(!guards.empty(), "when " + guards) + "; then ";
        std::string effects;
        for (const auto& effect : row.effects) append_item(effects, effect_text(*effect));
        add("row " + std::to_string(number) + " of " + trigger,
            text + (effects.empty() ? "nothing changes" : effects));
    }

    [[nodiscard]] std::string trigger_text(const fb::RowDeclaredT& row) const {
        switch (row.trigger) {
            case fb::TriggerKind::act: return "act " + quoted(name_at(bundle_.acts, row.index));
            case fb::TriggerKind::clock_end:
                return "clock " + quoted(name_at(bundle_.clocks, row.index));
            default: return "followed " + quoted(row.kind + "/" + row.act);
        }
    }

    [[nodiscard]] std::string register_text(
        std::uint8_t reg, const std::vector<std::unique_ptr<fb::KeyPartT>>& key) const {
        std::string text = reg < bundle_.registers.size() ? register_name(*bundle_.registers[reg])
                                                          : "#" + std::to_string(reg);
        for (const auto& part : key) {
            if (part->source == fb::KeySource::public_) {
                text += " " + public_name(part->number);
            } else if (part->source == fb::KeySource::constant) {
                text += " " + std::to_string(part->number);
            } else {
                text += std::string(" @") + fb::EnumNameKeySource(part->source);
            }
        }
        return text;
    }

    static std::string register_name(const fb::RegisterDeclaredT& declared) {
        return declared.kind.empty() ? declared.name : declared.kind + "/" + declared.name;
    }

    void add_register(const fb::RegisterDeclaredT& declared) {
        std::string readers;
        for (const std::uint8_t kind : declared.readers) {
            append_item(readers,
                        fb::EnumNameOrganisationKind(static_cast<fb::OrganisationKind>(kind)));
        }
        add("register " + quoted(register_name(declared)),
            quoted(declared.label) + when(!readers.empty(), "read by: " + readers) +
                when(!declared.holds.empty(), "where it holds: " + quoted(declared.holds)) +
                when(!declared.refuses.empty(), "where not: " + quoted(declared.refuses)) +
                when(!declared.unsure.empty(), "where unsure: " + quoted(declared.unsure)));
    }

    [[nodiscard]] std::string guard_text(const fb::GuardDeclaredT& guard) const {
        const std::string states = names_in(bundle_.party_states, guard.states);
        switch (guard.op) {
            case fb::GuardOp::no_party_in: return "no party in (" + states + ")";
            case fb::GuardOp::no_other_party_in: return "no other party in (" + states + ")";
            case fb::GuardOp::some_party_in: return "some party in (" + states + ")";
            case fb::GuardOp::all_parties_in: return "all parties in (" + states + ")";
            case fb::GuardOp::public_is:
                return public_name(guard.number) + " is " + std::to_string(guard.value);
            case fb::GuardOp::quorum: {
                std::string text = "quorum " + std::to_string(guard.count);
                for (const std::uint8_t act : guard.acts) text += " " + bundle_.acts[act]->name;
                return text;
            }
            case fb::GuardOp::register_is:
                return "register " + register_text(guard.reg, guard.key) + " is " +
                       std::to_string(guard.value);
            case fb::GuardOp::register_is_not:
                return "register " + register_text(guard.reg, guard.key) + " is not " +
                       std::to_string(guard.value);
            case fb::GuardOp::role_is: return "role " + name_at(bundle_.roles, guard.number);
            case fb::GuardOp::within:
                return "within " + duration(static_cast<std::uint32_t>(guard.value));
            case fb::GuardOp::to_opener: return "to the opener's organisation";
            default: return "unknown guard";
        }
    }

    [[nodiscard]] std::string effect_text(const fb::EffectDeclaredT& effect) const {
        const std::string states = names_in(bundle_.party_states, effect.states);
        const std::string party = name_at(bundle_.party_states, effect.state);
        const std::string clock = name_at(bundle_.clocks, effect.clock);
        switch (effect.op) {
            case fb::EffectOp::thread_state:
                return "thread " + name_at(bundle_.thread_states, effect.state);
            case fb::EffectOp::party_state: return "party " + party;
            case fb::EffectOp::withdraw: return "withdraw (" + states + ") to " + party;
            case fb::EffectOp::promote:
                return "promote (" + states + ") to " + party +
                       (effect.has_clock ? " and start " + clock : "") + released(effect);
            case fb::EffectOp::parties:
                return "parties (" + states + ") to " + party + released(effect);
            case fb::EffectOp::tell: return "tell";
            case fb::EffectOp::set_register:
                return "set " + register_text(effect.reg, effect.key) + " to " +
                       (effect.number == 0 ? std::to_string(effect.value)
                                           : public_name(effect.number));
            case fb::EffectOp::start_clock: return "start " + clock;
            case fb::EffectOp::stop_clock: return "stop " + clock;
            case fb::EffectOp::release:
                return std::string("release ") + fb::EnumNameRelease(effect.release);
            default: return "unknown effect";
        }
    }

    static std::string released(const fb::EffectDeclaredT& effect) {
        if (effect.release == fb::Release::at_once) return {};
        return std::string(" and release ") + fb::EnumNameRelease(effect.release);
    }

    // ---- reference packs

    [[nodiscard]] std::string turn_text(const fb::WatchTurnT& turn) const {
        std::string text = "act " + name_at(bundle_.acts, turn.act);
        for (const auto& set : turn.publics) {
            text += ", " + public_name(set->number) + " = " + std::to_string(set->value);
        }
        return text;
    }

    void add_watch(const fb::WatchDeclaredT& watch) {
        std::string key;
        for (const auto& part : watch.key) {
            append_item(key, public_name(part->number) + when(!part->field.empty(), part->field));
        }
        std::string stays;
        for (const std::string& name : watch.stays) append_item(stays, name);
        add("watch of register " + quoted(name_at(bundle_.registers, watch.reg)),
            "each of " + watch.each + " in form " + watch.form + ", under " + key + ": " +
                std::to_string(watch.open) + " while " + watch.fact + " of " + watch.codes +
                " is one of " + watch.values + when(!stays.empty(), "or holds " + stays) +
                "; then " + turn_text(*watch.reopen) + "; else " + std::to_string(watch.closed) +
                ", " + turn_text(*watch.close) +
                (watch.over ? "; after " + watch.until + ", " + turn_text(*watch.over) : ""));
    }

    void add_listed(const fb::ListedDeclaredT& listed) {
        add("listed " + quoted(public_name(listed.number)) + " of act " +
                quoted(name_at(bundle_.acts, listed.act)),
            listed.fact + " of " + listed.field);
    }

    // ---- indicators

    void add_indicator(const fb::IndicatorDeclaredT& indicator) {
        const bool entries = indicator.measure == fb::Measure::entries;
        std::string text = quoted(indicator.label) + "; " + fb::EnumNameMeasure(indicator.measure);
        if (entries) {
            text += " of " + name_at(bundle_.registers, indicator.reg) + " that are " +
                    std::to_string(indicator.value);
        }
        text +=
            when(!indicator.moments.empty(), moments_text(indicator.moments)) +
            when(!indicator.since.empty(), "since " + moments_text(indicator.since)) +
            when(!indicator.missed.empty(), "or else " + moments_text(indicator.missed)) +
            when(indicator.seconds != 0, "within " + duration(indicator.seconds)) +
            when(indicator.by_public != 0, "by " + public_name(indicator.by_public)) +
            when(indicator.key_parts != 0, "by key parts: " + std::to_string(indicator.key_parts));
        add("indicator " + quoted(indicator.name), text + "; " + quoted(indicator.definition));
    }

    [[nodiscard]] std::string moments_text(
        const std::vector<std::unique_ptr<fb::MomentT>>& moments) const {
        std::string text;
        for (const auto& moment : moments) append_item(text, moment_text(*moment));
        return text;
    }

    [[nodiscard]] std::string moment_text(const fb::MomentT& moment) const {
        switch (moment.kind) {
            case fb::MomentKind::act: {
                std::string text = "act " + name_at(bundle_.acts, moment.index);
                if (moment.number == 0) return text;
                return text + " (" + public_name(moment.number) + " is " +
                       std::to_string(moment.value) + ")";
            }
            case fb::MomentKind::state:
                return "state " + name_at(bundle_.thread_states, moment.index);
            case fb::MomentKind::clock_end: return "clock " + name_at(bundle_.clocks, moment.index);
            default: {
                const fb::RowDeclaredT& row = *bundle_.rows[moment.index];
                return "followed " + row.kind + "/" + row.act;
            }
        }
    }

    // ---- forms

    Result<void> add_form(const fb::FormDeclaredT& form) {
        const std::string subject = "form " + quoted(form.name);
        add(subject, quoted(form.label));
        RELAIS_ASSIGN(const forms::FormSchema schema, forms::FormSchema::load(form.schema));
        for (const forms::Field* field : schema.describe()) {
            add(subject + ", field " + field->path, field_text(*field));
        }
        return {};
    }

    static std::string field_text(const forms::Field& field) {
        std::string text = quoted(field.label) + "; " + (field.repeated ? "list of " : "") +
                           std::string(forms::type_name(field.type));
        if (field.type == forms::FieldType::text) {
            text += " (" + std::string(forms::format_name(field.format)) + ", " +
                    std::to_string(field.bytes_max) + " bytes)";
        }
        if (field.characters_max != 0) {
            text += ", " + std::to_string(field.characters_max) + " characters";
        }
        if (field.identifier) text += "; " + std::string(identifier_name(*field.identifier));
        text += number_text(field) + when(field.mandatory, "mandatory") +
                when(field.identity, "identity block") +
                when(field.trait != forms::Trait::none, "trait of an identity") +
                when(field.repeated, "at most " + std::to_string(field.items_max)) +
                when(!field.codes.empty(), "codes " + field.codes) +
                when(!field.list.empty(), "list " + field.list) + rules_text(field) +
                when(!field.help.empty(), "help " + quoted(field.help)) +
                when(!field.example.empty(), "example " + quoted(field.example));
        std::string choices;
        for (const forms::Choice& choice : field.choices) {
            append_item(choices, choice.name + " (" + std::to_string(choice.value) + ") " +
                                     quoted(choice.label));
        }
        return text + when(!choices.empty(), "values: " + choices);
    }

    static std::string rules_text(const forms::Field& field) {
        std::string text;
        if (field.required_if) text += "; required if " + field.required_if->text;
        if (field.only_if) text += "; only if " + field.only_if->text;
        for (const forms::Order& order : field.orders) {
            const bool least = order.bound == forms::Order::Bound::not_before;
            text += least ? "; not before" : "; not after";
            for (const std::string& name : order.path) text += " " + name;
        }
        if (field.must_be_true) text += "; must be true";
        if (field.attention) text += "; the person of the attention";
        if (field.attention_if) text += " if " + field.attention_if->text;
        if (field.happened) text += "; happened before it is sent";
        if (field.still_ahead) text += "; still ahead when it is sent";
        if (field.fingerprint) text += "; fingerprint of a message of the case";
        return text;
    }

    static std::string number_text(const forms::Field& field) {
        std::string text;
        if (field.type == forms::FieldType::integer) {
            text = "; from " + std::to_string(field.min) + " to " + std::to_string(field.max);
        }
        if (field.type == forms::FieldType::decimal) {
            text = "; from " + plain(field.decimal_min) + " to " + plain(field.decimal_max);
        }
        return text + when(!field.unit.empty(), "unit " + field.unit);
    }

    const fb::KindBundleT& bundle_;
    Facts facts_;
    std::map<std::string, std::size_t> rows_;
};

}  // namespace

Result<Facts> bundle_facts(ByteView bundle) {
    // Its lists are bounded before anything of them is copied; and what breaks a rule of kinds is
    // not worth comparing.
    RELAIS_ASSIGN(const workflow::Kind kind, workflow::Kind::load(bundle));
    RELAIS_TRY(indicators::load_indicators(bundle, kind));
    fb::KindBundleT unpacked;
    fb::GetKindBundle(bundle.data())->UnPackTo(&unpacked);
    return FactReader(unpacked).read();
}

}  // namespace relais::compiler
