#include "tools/indicators/tally.h"

#include <algorithm>

#include "tools/indicators/suppression.h"

namespace relais::indicators {

namespace {

constexpr std::size_t kCellsMax = 512;  // of one breakdown in one month
constexpr const char* kNoCode = "sans précision";

// The codes of a public field and their labels; of a boolean, yes and no.
std::vector<std::pair<std::string, std::string>> codes_of(const workflow::PublicDeclared& field) {
    if (field.type == workflow::PublicType::boolean) return {{"true", "oui"}, {"false", "non"}};
    std::vector<std::pair<std::string, std::string>> codes;
    for (const workflow::PublicValue& value : field.values) {
        codes.emplace_back(value.code, value.label);
    }
    return codes;
}

std::map<std::int64_t, std::string> names_of(const workflow::PublicDeclared& field) {
    if (field.type == workflow::PublicType::boolean) return {{1, "true"}, {0, "false"}};
    std::map<std::int64_t, std::string> names;
    for (const workflow::PublicValue& value : field.values) names[value.value] = value.code;
    return names;
}

bool always_publishes(const workflow::Act& act, std::uint16_t number) {
    return std::ranges::any_of(act.publics, [&](const workflow::PublicUse& use) {
        return use.number == number && use.mandatory;
    });
}

// Whether a case may be without the code of its breakdown: neither the acts that count nor those
// that open always have it.
bool may_lack(const workflow::Kind& kind, const Indicator& indicator) {
    const auto opening = kind.opening_acts();
    const bool opened = std::ranges::all_of(opening, [&](workflow::ActIndex act) {
        return always_publishes(kind.acts[act], indicator.by_public);
    });
    const bool counted = std::ranges::all_of(indicator.moments, [&](const Moment& moment) {
        return moment.kind == MomentKind::act &&
               always_publishes(kind.acts[moment.index], indicator.by_public);
    });
    return !opened && !counted;
}

// The first parts of a register's key: "12/1/3" of "12/1/3/10001234567".
std::string first_parts(const std::string& key, unsigned parts) {
    std::size_t end = 0;
    for (; parts > 0 && end != std::string::npos; --parts) {
        end = key.find('/', end == 0 ? 0 : end + 1);
    }
    return key.substr(0, end);
}

// What those parts are: the names of the public fields of the act that sets the register.
std::string parts_text(const workflow::Kind& kind, const Indicator& indicator) {
    for (const workflow::Row& row : kind.rows) {
        for (const workflow::Effect& effect : row.effects) {
            const bool sets =
                effect.op == workflow::EffectOp::set_register && effect.reg == indicator.reg;
            if (!sets || effect.key.size() < indicator.key_parts) continue;
            std::string text;
            for (std::size_t part = 0; part < indicator.key_parts; ++part) {
                const auto* field = kind.public_field(effect.key[part].number);
                text += (text.empty() ? "" : " / ") + (field == nullptr ? "?" : field->label);
            }
            return text;
        }
    }
    return "clé";
}

// When half and nine tenths of `all` had acted, of whom those with a delay did.
std::optional<Quantiles> quantiles(const std::unique_ptr<Delays>& delays, std::uint64_t all) {
    if (delays == nullptr || delays->count() < kLeastShown) return std::nullopt;
    const auto half = delays->percentile_of(50, all);
    if (!half) return std::nullopt;
    return Quantiles{*half, delays->percentile_of(90, all)};
}

std::optional<Quantiles> quantiles(const std::unique_ptr<Delays>& delays) {
    return quantiles(delays, delays == nullptr ? 0 : delays->count());
}

}  // namespace

Result<Tally> Tally::begin(const std::vector<Period>& periods, WallTime now) {
    std::vector<Span> spans;
    for (const Period& period : periods) {
        RELAIS_ASSIGN(const WallTime first, begin_of(period.first));
        RELAIS_ASSIGN(const WallTime end, begin_of(period.last + 1));
        spans.push_back({period, first, end, end <= now});
    }
    return Tally(std::move(spans), now);
}

void Tally::add_kind(ByteView bundle) {
    auto kind = workflow::Kind::load(bundle);
    auto indicators =
        kind.ok() ? load_indicators(bundle, *kind) : Result<std::vector<Indicator>>(kind.error());
    if (!indicators.ok()) {
        const std::string name = kind.ok() ? kind->name : "?";
        return note("type " + name + " : indicateurs illisibles (" + indicators.error().describe() +
                    ")");
    }
    add_version(*kind, std::move(indicators).value());
}

void Tally::add_version(const workflow::Kind& kind, std::vector<Indicator> indicators) {
    Version version;
    for (const workflow::PublicDeclared& field : kind.publics) {
        if (field.type != workflow::PublicType::integer) {
            version.codes[field.number] = names_of(field);
        }
    }
    for (Indicator& indicator : indicators) {
        Slot& slot = slot_of(kind, indicator);
        version.indicators.emplace_back(std::move(indicator),
                                        static_cast<std::size_t>(&slot - slots_.data()));
    }
    versions_[kind.digest] = std::move(version);
}

Tally::Slot& Tally::slot_of(const workflow::Kind& kind, const Indicator& indicator) {
    const auto [known, fresh] = places_.try_emplace({kind.name, indicator.name}, slots_.size());
    if (fresh) {
        slots_.emplace_back();
        slots_.back().months.resize(spans_.size());
    }
    Slot& slot = slots_[known->second];
    if (!fresh && slot.version > kind.version) return slot;
    slot.version = kind.version;
    slot.indicator = indicator;
    slot.about = {
        kind.name,         kind.title, indicator.name, indicator.label, indicator.definition,
        indicator.measure, {}};
    slot.codes.clear();
    if (const auto* field = kind.public_field(indicator.by_public)) {
        slot.about.by = field->label;
        slot.codes = codes_of(*field);
        slot.may_lack_code = may_lack(kind, indicator);
    }
    if (indicator.measure == Measure::entries) {
        slot.reg = kind.name + "/" + kind.registers[indicator.reg].name;
        if (indicator.key_parts != 0) slot.about.by = parts_text(kind, indicator);
    }
    return slot;
}

void Tally::add_thread(const Digest& kind, const History& history) {
    const auto version = versions_.find(kind);
    if (version == versions_.end()) {
        return note("dossiers d'un type dont la déclaration manque : non comptés");
    }
    for (const auto& [indicator, place] : version->second.indicators) {
        for (const Case& counted : cases_of(indicator, history)) {
            add_case(slots_[place], version->second, indicator, counted);
        }
    }
}

void Tally::add_case(Slot& slot, const Version& version, const Indicator& indicator,
                     const Case& counted) {
    if (counted.at > now_) return;  // a reach whose time is not over
    const auto span = std::ranges::find_if(spans_, [&](const Span& each) {
        return each.begin <= counted.at && counted.at < each.end;
    });
    if (span == spans_.end()) return;
    const auto month = static_cast<std::size_t>(span - spans_.begin());
    std::string code;
    if (counted.by) {
        const auto field = version.codes.find(indicator.by_public);
        if (field != version.codes.end()) {
            const auto name = field->second.find(*counted.by);
            if (name != field->second.end()) code = name->second;
        }
    }
    add_to(slot, month, code, counted.count);
    MonthCount& count = slot.months[month];
    count.of += counted.of;
    if (counted.delays.empty()) return;
    for (Count* each : {&count.total, &count.cells[code]}) {
        if (each->delays == nullptr) each->delays = std::make_unique<Delays>();
        for (const Milliseconds delay : counted.delays) each->delays->add(delay);
    }
}

void Tally::add_to(Slot& slot, std::size_t month, const std::string& code, std::uint64_t count) {
    MonthCount& counts = slot.months[month];
    counts.total.count += count;
    if (counts.cells.size() >= kCellsMax && !counts.cells.contains(code)) {
        slot.too_many_cells = true;
        return;
    }
    counts.cells[code].count += count;
}

std::set<std::string> Tally::registers() const {
    std::set<std::string> names;
    for (const Slot& slot : slots_) {
        if (!slot.reg.empty()) names.insert(slot.reg);
    }
    return names;
}

void Tally::add_entry(const std::string& reg, const std::string& key, std::int64_t value,
                      WallTime at) {
    if (!entry_ || entry_->reg != reg || entry_->key != key) {
        close_entry();
        entry_ = Entry{reg, key, std::vector<std::optional<std::int64_t>>(spans_.size())};
    }
    for (std::size_t month = 0; month < spans_.size(); ++month) {
        if (at < spans_[month].end) entry_->values[month] = value;
    }
}

void Tally::close_entry() {
    if (!entry_) return;
    for (Slot& slot : slots_) {
        if (slot.reg != entry_->reg) continue;
        const std::string group = first_parts(entry_->key, slot.indicator.key_parts);
        for (std::size_t month = 0; month < spans_.size(); ++month) {
            const auto& value = entry_->values[month];
            if (value) add_to(slot, month, group, *value == slot.indicator.value ? 1 : 0);
        }
    }
    entry_.reset();
}

std::vector<CellFigure> Tally::cells_of(const Slot& slot, const MonthCount& month) const {
    std::vector<CellFigure> cells;
    if (slot.about.by.empty() || slot.too_many_cells) return cells;
    const auto has = [&](const std::string& code) { return month.cells.contains(code); };
    for (const auto& [code, label] : slot.codes) cells.push_back({code, label, {}, {}});
    for (const auto& [code, count] : month.cells) {
        const bool known = std::ranges::find(slot.codes, code, [](const auto& each) {
                               return each.first;
                           }) != slot.codes.end();
        if (!known && !code.empty()) cells.push_back({code, code, {}, {}});
    }
    if (slot.may_lack_code || has("")) cells.push_back({"", kNoCode, {}, {}});
    if (cells.size() < 2) return {};
    std::vector<std::uint64_t> counts;
    for (const CellFigure& cell : cells) {
        counts.push_back(has(cell.code) ? month.cells.at(cell.code).count : 0);
    }
    const std::vector<bool> hidden = hidden_cells(counts);
    for (std::size_t place = 0; place < cells.size(); ++place) {
        if (hidden[place]) continue;
        cells[place].count = counts[place];
        if (has(cells[place].code)) {
            cells[place].delay = quantiles(month.cells.at(cells[place].code).delays);
        }
    }
    return cells;
}

// Of days how many there were, and never what became of them: of a day on which there was one case
// a share would say it.
bool Tally::is_shown(const Slot& slot) const {
    const Measure measure = slot.indicator.measure;
    const bool part = measure == Measure::share || measure == Measure::reach;
    return !part || std::ranges::all_of(
                        spans_, [](const Span& span) { return span.period.month.has_value(); });
}

MonthFigure Tally::month_figure(const Slot& slot, std::size_t month) const {
    const MonthCount& counts = slot.months[month];
    MonthFigure figure{spans_[month].period, spans_[month].over, counts.total.count, 0, {}, {}};
    const Measure measure = slot.indicator.measure;
    if (measure == Measure::share || measure == Measure::reach) figure.of = counts.of;
    // Two looks at a month that goes on, or at days that overlap, would give away what happened
    // between them.
    if (!figure.over || !figure.period.month) return figure;
    figure.delay = measure == Measure::reach ? quantiles(counts.total.delays, counts.of)
                                             : quantiles(counts.total.delays);
    figure.cells = cells_of(slot, counts);
    return figure;
}

Report Tally::report() {
    close_entry();
    Report report;
    std::vector<std::size_t> order(slots_.size());
    for (std::size_t place = 0; place < order.size(); ++place) order[place] = place;
    std::ranges::stable_sort(order, {},
                             [&](std::size_t place) { return slots_[place].about.kind; });
    for (const std::size_t place : order) {
        const Slot& slot = slots_[place];
        if (!is_shown(slot)) continue;
        if (slot.too_many_cells) {
            note(slot.about.kind + "/" + slot.about.name + " : trop de valeurs pour un détail");
        }
        Figure figure = slot.about;
        for (std::size_t month = 0; month < spans_.size(); ++month) {
            figure.months.push_back(month_figure(slot, month));
        }
        report.figures.push_back(std::move(figure));
    }
    report.notes.assign(notes_.begin(), notes_.end());
    return report;
}

}  // namespace relais::indicators
