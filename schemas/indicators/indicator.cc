#include "schemas/indicators/indicator.h"

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/kind_generated.h"

namespace relais::indicators {

namespace {

template <typename T>
using List = flatbuffers::Vector<flatbuffers::Offset<T>>;

// Reads and judges the indicators of one kind.
class Loader {
public:
    explicit Loader(const workflow::Kind& kind) : kind_(kind) {}

    Result<Indicator> read(const fb::IndicatorDeclared& raw) {
        if (!is_slug(flat::view(raw.name()))) return fail(ErrorCode::invalid_field, "indicator");
        name_ = raw.name()->str();
        if (!names_.insert(name_).second) return invalid("declared twice");
        if (!is_title(flat::view(raw.label()), limits::kTitleBytesMax)) return invalid("label");
        if (!is_title(flat::view(raw.definition()), limits::kParagraphBytesMax)) {
            return invalid("definition");
        }
        if (raw.measure() == fb::Measure::unset || raw.measure() > fb::Measure::entries) {
            return invalid("measure");
        }
        Indicator indicator{name_,
                            raw.label()->str(),
                            raw.definition()->str(),
                            static_cast<Measure>(raw.measure()),
                            {},
                            {},
                            {},
                            std::chrono::seconds(raw.seconds()),
                            raw.by_public(),
                            raw.reg(),
                            raw.value(),
                            raw.key_parts()};
        RELAIS_ASSIGN(indicator.moments, read_moments(*raw.moments()));
        RELAIS_ASSIGN(indicator.since, read_moments(*raw.since()));
        RELAIS_ASSIGN(indicator.missed, read_moments(*raw.missed()));
        RELAIS_TRY(check_parts(indicator));
        RELAIS_TRY(check_breakdown(indicator));
        RELAIS_TRY(check_register(indicator));
        return indicator;
    }

private:
    [[nodiscard]] Error invalid(const std::string& rule) const {
        return fail(ErrorCode::invalid_field, "indicator " + name_ + ": " + rule);
    }

    Result<std::vector<Moment>> read_moments(const List<fb::Moment>& raw) const {
        if (raw.size() > kMomentsMax) return invalid("too many moments");
        std::vector<Moment> moments;
        for (const fb::Moment* item : raw) {
            if (item->kind() == fb::MomentKind::unset || item->kind() > fb::MomentKind::followed) {
                return invalid("moment");
            }
            moments.push_back({static_cast<MomentKind>(item->kind()), item->index(), item->number(),
                               item->value()});
            RELAIS_TRY(check_moment(moments.back()));
        }
        return moments;
    }

    [[nodiscard]] Result<void> check_moment(const Moment& moment) const {
        if (moment.index >= known(moment.kind)) return invalid("no such act, state, clock or row");
        if (moment.kind == MomentKind::followed) {
            const workflow::Row& row = kind_.rows[moment.index];
            const bool first = row.trigger == workflow::TriggerKind::followed &&
                               first_row_for(kind_, row.opening) == moment.index;
            if (!first) return invalid("not the first row for what follows");
        }
        if (moment.number == 0) return {};
        if (moment.kind != MomentKind::act) return invalid("a field of what is no act");
        const workflow::PublicDeclared* field = kind_.public_field(moment.number);
        if (field == nullptr || !field->allows(moment.value)) return invalid("value of a field");
        if (!uses(kind_.acts[moment.index], moment.number)) return invalid("field of another act");
        return {};
    }

    [[nodiscard]] std::size_t known(MomentKind kind) const {
        switch (kind) {
            case MomentKind::act: return kind_.acts.size();
            case MomentKind::state: return kind_.thread_states.size();
            case MomentKind::clock_end: return kind_.clocks.size();
            case MomentKind::followed: return kind_.rows.size();
        }
        return 0;
    }

    static bool uses(const workflow::Act& act, std::uint16_t number) {
        return std::ranges::find(act.publics, number, &workflow::PublicUse::number) !=
               act.publics.end();
    }

    // What each measure needs, and nothing that it would not look at.
    [[nodiscard]] Result<void> check_parts(const Indicator& indicator) const {
        const Measure measure = indicator.measure;
        const bool entries = measure == Measure::entries;
        const bool reach = measure == Measure::reach;
        if (indicator.moments.empty() != entries) return invalid("moments");
        const bool needs_since = measure == Measure::delay || reach;
        if (needs_since && indicator.since.empty()) return invalid("since when");
        const bool takes_since =
            needs_since || measure == Measure::threads || measure == Measure::share;
        if (!takes_since && !indicator.since.empty()) return invalid("since is not looked at");
        if (indicator.missed.empty() != (measure != Measure::share)) return invalid("missed");
        if ((indicator.within.count() != 0) != reach) return invalid("within");
        if (indicator.within > limits::kExpiresMax) return invalid("within");
        if (!reach) return {};
        const auto is_act = [](const Moment& moment) { return moment.kind == MomentKind::act; };
        if (!std::ranges::all_of(indicator.moments, is_act)) return invalid("those called act");
        const bool calls = std::ranges::all_of(
            indicator.since, [&](const Moment& moment) { return may_call(moment); });
        return calls ? Result<void>()
                     : invalid(
                           "what calls is an act that opens, or a state that it or a release"
                           " leads to");
    }

    [[nodiscard]] bool may_call(const Moment& moment) const {
        if (moment.kind == MomentKind::act) return kind_.acts[moment.index].opens;
        if (moment.kind != MomentKind::state) return false;
        return std::ranges::any_of(kind_.rows, [&](const workflow::Row& row) {
            const auto has = [&](workflow::EffectOp op) {
                return std::ranges::find(row.effects, op, &workflow::Effect::op);
            };
            const auto comes = has(workflow::EffectOp::thread_state);
            if (comes == row.effects.end() || comes->state != moment.index) return false;
            const bool opens =
                row.trigger == workflow::TriggerKind::act && kind_.acts[row.index].opens;
            return opens || has(workflow::EffectOp::release) != row.effects.end();
        });
    }

    [[nodiscard]] Result<void> check_breakdown(const Indicator& indicator) const {
        if (indicator.by_public == 0) return {};
        const bool takes = indicator.measure == Measure::threads ||
                           indicator.measure == Measure::acts ||
                           indicator.measure == Measure::delay;
        if (!takes) return invalid("a measure without breakdown by a public field");
        const workflow::PublicDeclared* field = kind_.public_field(indicator.by_public);
        if (field == nullptr) return invalid("no such public field");
        if (field->type != workflow::PublicType::code &&
            field->type != workflow::PublicType::boolean) {
            return invalid("a breakdown is by a code or a boolean");
        }
        return {};
    }

    [[nodiscard]] Result<void> check_register(const Indicator& indicator) const {
        if (indicator.measure != Measure::entries) {
            const bool nothing = indicator.reg == 0 && indicator.value == 0;
            return nothing && indicator.key_parts == 0 ? Result<void>() : invalid("register");
        }
        if (indicator.reg >= kind_.registers.size()) return invalid("no such register");
        if (!kind_.registers[indicator.reg].kind.empty())
            return invalid("register of another kind");
        if (indicator.key_parts > limits::kRegisterKeyPartsMax) return invalid("parts of a key");
        return {};
    }

    const workflow::Kind& kind_;
    std::string name_;
    std::set<std::string> names_;
};

bool asks_for(const Indicator& indicator, std::uint16_t number) {
    const auto asks = [&](const std::vector<Moment>& moments) {
        return std::ranges::find(moments, number, &Moment::number) != moments.end();
    };
    return asks(indicator.moments) || asks(indicator.since) || asks(indicator.missed);
}

// Totals are published, small cells are not: no total may be a cell.
Result<void> check_together(const std::vector<Indicator>& indicators) {
    for (const Indicator& broken_down : indicators) {
        if (broken_down.by_public == 0) continue;
        for (const Indicator& other : indicators) {
            if (!asks_for(other, broken_down.by_public)) continue;
            return fail(ErrorCode::invalid_field,
                        "indicator " + other.name + ": its total is a cell of " + broken_down.name);
        }
    }
    return {};
}

}  // namespace

Result<std::vector<Indicator>> load_indicators(ByteView bundle, const workflow::Kind& kind) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::KindBundle>(bundle, limits::kKindBundleBytesMax));
    std::vector<Indicator> indicators;
    if (raw->indicators() == nullptr) return indicators;
    if (raw->indicators()->size() > kIndicatorsMax) {
        return fail(ErrorCode::too_large, "indicators of a kind");
    }
    Loader loader(kind);
    for (const fb::IndicatorDeclared* item : *raw->indicators()) {
        RELAIS_ASSIGN(Indicator indicator, loader.read(*item));
        indicators.push_back(std::move(indicator));
    }
    RELAIS_TRY(check_together(indicators));
    return indicators;
}

std::optional<std::uint8_t> first_row_for(const workflow::Kind& kind,
                                          const workflow::Opening& opening) {
    const auto row = std::ranges::find_if(kind.rows, [&](const workflow::Row& each) {
        return each.trigger == workflow::TriggerKind::followed && each.opening == opening;
    });
    if (row == kind.rows.end()) return std::nullopt;
    return static_cast<std::uint8_t>(row - kind.rows.begin());
}

std::string_view measure_name(Measure measure) {
    return fb::EnumNameMeasure(static_cast<fb::Measure>(measure));
}

}  // namespace relais::indicators
