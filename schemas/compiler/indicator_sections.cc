// indicator_sections.cc: the indicators of a declaration: what is counted of its threads.
#include <algorithm>
#include <array>

#include "core/base/limits.h"
#include "schemas/compiler/declaration.h"
#include "schemas/compiler/phrase.h"
#include "schemas/indicators/indicator.h"

namespace relais::compiler {

namespace {

using Moments = std::vector<std::unique_ptr<fb::MomentT>>;

// Reads one indicator. A key that its measure does not look at is not asked for, and so refused as
// unknown.
class IndicatorReader {
public:
    IndicatorReader(Section& section, const Draft& draft) : section_(section), draft_(draft) {}

    std::unique_ptr<fb::IndicatorDeclaredT> read(Register& names) {
        auto indicator = std::make_unique<fb::IndicatorDeclaredT>();
        indicator->name = section_.name();
        names.add(indicator->name, section_);
        indicator->label = section_.title("label", limits::kTitleBytesMax);
        indicator->definition = section_.title("definition", limits::kParagraphBytesMax);
        constexpr std::array<std::string_view, 6> kMeasures = {"threads", "acts",  "delay",
                                                               "share",   "reach", "entries"};
        const auto measure = section_.one_of("measure", kMeasures, Presence::mandatory);
        if (!measure) return indicator;
        indicator->measure = static_cast<fb::Measure>(1 + *measure);
        if (indicator->measure == fb::Measure::entries) {
            read_entries(*indicator);
        } else {
            read_course(*indicator);
        }
        section_.refuse_other_keys();
        return indicator;
    }

private:
    void read_entries(fb::IndicatorDeclaredT& indicator) {
        const Word word = section_.word("register", Presence::mandatory);
        const auto place = word.line == 0 ? std::nullopt : draft_.registers.resolve(word, section_);
        indicator.reg = static_cast<std::uint8_t>(place.value_or(0));
        if (place && !draft_.bundle.registers[*place]->kind.empty()) {
            section_.mistake(word.line, "a register of another kind");
        }
        indicator.value =
            section_.integer("value", -limits::kPublicValueMax, limits::kPublicValueMax);
        if (!section_.has("key_parts")) return;
        indicator.key_parts = static_cast<std::uint8_t>(section_.integer(
            "key_parts", 1, static_cast<std::int64_t>(limits::kRegisterKeyPartsMax)));
    }

    void read_course(fb::IndicatorDeclaredT& indicator) {
        const fb::Measure measure = indicator.measure;
        const bool reach = measure == fb::Measure::reach;
        const bool needs_since = reach || measure == fb::Measure::delay;
        indicator.moments = read_moments("moments", Presence::mandatory);
        if (measure != fb::Measure::acts) {
            indicator.since =
                read_moments("since", needs_since ? Presence::mandatory : Presence::optional);
        }
        if (measure == fb::Measure::share) {
            indicator.missed = read_moments("missed", Presence::mandatory);
        }
        if (reach) {
            indicator.seconds = static_cast<std::uint32_t>(section_.duration("within").count());
            check_reach(indicator);
        }
        if (reach || measure == fb::Measure::share) return;  // of these, totals alone
        const Word by = section_.word("by", Presence::optional);
        const auto place = by.line == 0 ? std::nullopt : draft_.publics.resolve(by, section_);
        if (!place) return;
        const fb::PublicDeclaredT& field = *draft_.bundle.publics[*place];
        indicator.by_public = field.number;
        if (field.type != fb::PublicType::code && field.type != fb::PublicType::boolean) {
            section_.mistake(by.line, "a breakdown is by a code or a boolean");
        }
    }

    void check_reach(const fb::IndicatorDeclaredT& indicator) {
        for (const auto& moment : indicator.since) {
            if (may_call(*moment)) continue;
            section_.mistake(
                "what calls is an act that opens, or a state that it or a release leads to");
        }
        for (const auto& moment : indicator.moments) {
            if (moment->kind != fb::MomentKind::act) section_.mistake("those called do acts");
        }
    }

    // Whether somebody may be told of the thread there for the first time.
    [[nodiscard]] bool may_call(const fb::MomentT& moment) const {
        if (moment.kind == fb::MomentKind::act) return opens(moment.index);
        if (moment.kind != fb::MomentKind::state) return false;
        return std::ranges::any_of(draft_.bundle.rows, [&](const auto& row) {
            const bool comes = std::ranges::any_of(row->effects, [&](const auto& effect) {
                return effect->op == fb::EffectOp::thread_state && effect->state == moment.index;
            });
            const bool releases = std::ranges::any_of(row->effects, [](const auto& effect) {
                return effect->op == fb::EffectOp::release;
            });
            return comes &&
                   (releases || (row->trigger == fb::TriggerKind::act && opens(row->index)));
        });
    }
    [[nodiscard]] bool opens(std::size_t act) const {
        return act < draft_.bundle.acts.size() && draft_.bundle.acts[act]->opens;
    }

    Moments read_moments(const char* key, Presence presence) {
        Moments moments;
        for (const Word& sentence : section_.words(key, presence)) {
            moments.push_back(read_moment(sentence));
        }
        const bool empty = moments.empty() && section_.has(key);
        if (empty) section_.mistake("key \"" + std::string(key) + "\" is an empty list");
        if (moments.size() > indicators::kMomentsMax) section_.mistake("too many moments");
        return moments;
    }

    // act NAME; act NAME, FIELD is CODE; state NAME; clock NAME; followed KIND/ACT
    std::unique_ptr<fb::MomentT> read_moment(const Word& sentence) {
        auto moment = std::make_unique<fb::MomentT>();
        const Phrase phrase = cut(sentence);
        if (phrase.size() == 2 && phrase[0].text == "followed") {
            moment->kind = fb::MomentKind::followed;
            moment->index = first_row_for(phrase[1]);
            return moment;
        }
        const bool with_field = phrase.size() == 6 && phrase[2].text == "," &&
                                phrase[4].text == "is" && phrase[0].text == "act";
        const Register* names = phrase.size() == 2 || with_field ? names_of(phrase, *moment)  //
                                                                 : nullptr;
        if (names == nullptr) {
            section_.mistake(sentence.line, "not a moment: \"" + sentence.text + "\"");
            return moment;
        }
        const auto place = names->resolve(phrase[1], section_);
        moment->index = static_cast<std::uint8_t>(place.value_or(0));
        if (place && with_field) read_field(phrase, *draft_.bundle.acts[*place], *moment);
        return moment;
    }

    std::uint8_t first_row_for(const Word& opening) {
        const auto row = std::ranges::find_if(draft_.bundle.rows, [&](const auto& each) {
            return each->trigger == fb::TriggerKind::followed &&
                   each->kind + "/" + each->act == opening.text;
        });
        if (row != draft_.bundle.rows.end()) {
            return static_cast<std::uint8_t>(row - draft_.bundle.rows.begin());
        }
        section_.mistake(opening.line, "no row for what follows: \"" + opening.text + "\"");
        return 0;
    }

    const Register* names_of(const Phrase& phrase, fb::MomentT& moment) const {
        if (phrase[0].text == "act") {
            moment.kind = fb::MomentKind::act;
            return &draft_.acts;
        }
        if (phrase[0].text == "state") {
            moment.kind = fb::MomentKind::state;
            return &draft_.thread_states;
        }
        if (phrase[0].text != "clock") return nullptr;
        moment.kind = fb::MomentKind::clock_end;
        return &draft_.clocks;
    }

    void read_field(const Phrase& phrase, const fb::ActDeclaredT& act, fb::MomentT& moment) {
        const auto place = draft_.publics.resolve(phrase[3], section_);
        if (!place) return;
        const fb::PublicDeclaredT& field = *draft_.bundle.publics[*place];
        const auto value = public_value(field, phrase[5].text);
        if (!value) {
            section_.mistake(phrase[5].line,
                             "\"" + phrase[5].text + "\" is not a value of the field");
        }
        const bool used = std::ranges::any_of(
            act.public_, [&](const auto& use) { return use->number == field.number; });
        if (!used) {
            section_.mistake(phrase[3].line,
                             "act \"" + act.name + "\" does not publish \"" + field.name + "\"");
        }
        moment.number = field.number;
        moment.value = value.value_or(0);
    }

    Section& section_;
    const Draft& draft_;
};

}  // namespace

void read_indicators(Section& top, Draft& draft) {
    Register names("indicator");
    for (Section& section : top.sections("indicator", "indicator", indicators::kIndicatorsMax)) {
        draft.bundle.indicators.push_back(IndicatorReader(section, draft).read(names));
    }
}

}  // namespace relais::compiler
