#include "tests/unit/schemas/compiler/walk.h"

#include <algorithm>
#include <stdexcept>

#include "tests/support/random.h"
#include "tests/support/words.h"

namespace relais::compiler {

namespace {

std::int64_t first_value(const workflow::PublicDeclared& field) {
    switch (field.type) {
        case workflow::PublicType::boolean: return 1;
        case workflow::PublicType::code: return field.values.front().value;
        case workflow::PublicType::integer:
        case workflow::PublicType::day: break;
    }
    return field.min;
}

std::int64_t value_of(const workflow::PublicDeclared& field, const std::string& text) {
    if (field.type == workflow::PublicType::boolean) return text == "true" ? 1 : 0;
    for (const workflow::PublicValue& value : field.values) {
        if (value.code == text) return value.value;
    }
    throw std::invalid_argument(field.name + "=" + text);
}

// Of "to=1": 1.
std::optional<std::size_t> named_party(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        if (word.starts_with("to=")) return std::stoul(word.substr(3));
    }
    return std::nullopt;
}

}  // namespace

const Address& walk_opener() {
    static const Address opener = test::address("cabinet@indre");
    return opener;
}

const Address& walk_party(std::size_t place) {
    static const std::vector<Address> parties = {test::address("accueil.ch-valmont@indre"),
                                                 test::address("avis.ch-valmont@indre"),
                                                 test::address("astreinte.ch-valmont@indre")};
    return parties.at(place);
}

const Address& walk_group() {
    static const Address group = Address::parse_group("#alertes.cabinet@indre").value();
    return group;
}

workflow::ActInput written_act(const workflow::Kind& kind, const std::string& act,
                               const std::vector<std::string>& words) {
    const auto index = kind.act(act);
    if (!index) throw std::invalid_argument(act);
    workflow::ActInput input{*index, walk_opener(), {}, {}, {}, {}};
    for (const std::string& word : words) {
        const std::size_t equal = word.find('=');
        if (equal == std::string::npos) continue;
        const auto* field = kind.public_field(std::string_view(word).substr(0, equal));
        if (field == nullptr) continue;
        input.publics.push_back({field->number, value_of(*field, word.substr(equal + 1))});
    }
    for (const workflow::PublicUse& use : kind.acts[*index].publics) {
        const auto given = std::ranges::find(input.publics, use.number, &PublicField::number);
        if (!use.mandatory || given != input.publics.end()) continue;
        input.publics.push_back({use.number, first_value(*kind.public_field(use.number))});
    }
    return input;
}

Result<void> Walk::take(Result<workflow::Outcome> outcome) {
    if (!outcome.ok()) return outcome.error();
    thread_ = outcome->thread;
    started_.clear();
    stopped_.clear();
    for (const workflow::Consequence& each : outcome->consequences) {
        const auto* start = std::get_if<workflow::StartClock>(&each);
        const auto* stop = std::get_if<workflow::StopClock>(&each);
        if (start != nullptr) started_.push_back(kind_.clocks[start->clock].name);
        if (stop != nullptr) stopped_.push_back(kind_.clocks[stop->clock].name);
    }
    return {};
}

Result<void> Walk::open(const std::vector<std::string>& words) {
    workflow::ActInput input = written_act(kind_, words[0], words);
    const workflow::Act& act = kind_.acts[input.act];
    if (act.recipients == workflow::Recipients::parties) {
        input.to = {{walk_party(0)}, {walk_party(1)}};
    } else if (act.recipients == workflow::Recipients::groups) {
        input.to = {{walk_group()}};
    }
    if (act.fallback) input.to.push_back({walk_party(2), Standing::fallback});
    return take(workflow::open_thread(kind_, {}, input, nullptr));
}

Result<void> Walk::step(const std::string& text) {
    const std::vector<std::string> words = test::words_of(text);
    if (!thread_) return open(words);
    if (words[0] == "clock") {
        const auto clock = std::ranges::find(kind_.clocks, words[1], &workflow::Clock::name);
        if (clock == kind_.clocks.end()) throw std::invalid_argument(words[1]);
        const auto index = static_cast<workflow::ClockIndex>(clock - kind_.clocks.begin());
        return take(workflow::apply_clock_end(kind_, *thread_, index, std::nullopt));
    }
    workflow::ActInput input = written_act(kind_, words[1], words);
    address(input, words);
    return take(workflow::apply_act(kind_, *thread_, input, nullptr));
}

// Who does it, and to whom it goes.
void Walk::address(workflow::ActInput& input, const std::vector<std::string>& words) const {
    const bool by_opener = words[0] == "opener" || words[0] == "other";
    if (words[0] == "other") input.by.bytes[0] = 7;
    if (!by_opener) {
        input.member = words[0] == "member";
        input.from = walk_party(input.member ? 0 : std::stoul(words[0]));
        input.to = {{walk_opener()}};
        return;
    }
    const workflow::Recipients recipients = kind_.acts[input.act].recipients;
    if (recipients == workflow::Recipients::nobody) return;  // told outside, or kept
    if (recipients == workflow::Recipients::groups) {
        input.to = {{walk_group()}};
    } else if (const auto place = named_party(words)) {
        input.to = {{walk_party(*place)}};
    } else {
        for (const workflow::Party& party : thread_->parties) input.to.push_back({party.mailbox});
    }
}

workflow::ActInput walk_act(const workflow::Kind& kind, const workflow::Act& act) {
    workflow::ActInput input = written_act(kind, act.name, {});
    if (act.side != workflow::Side::opener) input.from = walk_party(0);
    input.member = act.side == workflow::Side::member;
    switch (act.recipients) {
        case workflow::Recipients::nobody: break;
        case workflow::Recipients::opener: input.to = {{walk_opener()}}; break;
        case workflow::Recipients::groups: input.to = {{walk_group()}}; break;
        default: input.to = {{walk_party(0)}};
    }
    return input;
}

}  // namespace relais::compiler
