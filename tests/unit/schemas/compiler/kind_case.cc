#include "tests/unit/schemas/compiler/kind_case.h"

#include "tests/support/publics.h"
#include "tests/unit/schemas/compiler/compiled_kind.h"

namespace relais::compiler {

KindCase::KindCase(const std::string& name, const std::string& opener)
    : kind(CompiledKind::of(name).kind),
      thread{.id = {}, .kind = {}, .opener = Address::parse(opener).value()},
      opener_(thread.opener) {}

workflow::ActInput KindCase::input(const std::string& act, const Address& from,
                                   const Publics& publics) const {
    const auto place = kind.act(act);
    RELAIS_CHECK(place.has_value());
    workflow::ActInput made{.act = *place,
                            .from = from,
                            .to = {},
                            .publics = {},
                            .by = by,
                            .header = {},
                            .signer = signer,
                            .attention = attention};
    for (const auto& [name, text] : publics) {
        const workflow::PublicDeclared* field = kind.public_field(name);
        RELAIS_CHECK(field != nullptr);
        made.publics.push_back({field->number, test::public_value(*field, text)});
    }
    // What permission.cc asks for before the table is asked.
    for (const workflow::PublicUse& use : kind.acts[*place].publics) {
        const auto given = std::ranges::find(made.publics, use.number, &PublicField::number);
        RELAIS_CHECK(!use.mandatory || given != made.publics.end());
    }
    return made;
}

ErrorCode KindCase::keep(Result<workflow::Outcome> outcome) {
    if (!outcome.ok()) return outcome.code();
    thread = outcome->thread;
    consequences = outcome->consequences;
    for (const workflow::Consequence& each : consequences) {
        const auto* set = std::get_if<workflow::Registered>(&each);
        if (set == nullptr) continue;
        registers.values[kind.name + "/" + kind.registers[set->reg].name + "/" + set->key] =
            set->value;
    }
    return ErrorCode::ok;
}

ErrorCode KindCase::open(const std::string& act, const std::vector<std::string>& parties,
                         const Publics& publics, const std::vector<std::string>& fallbacks) {
    ++thread.id.bytes[0];
    workflow::ActInput made = input(act, opener_, publics);
    for (const std::string& party : parties) made.to.push_back({Address::parse(party).value()});
    for (const std::string& fallback : fallbacks) {
        made.to.push_back({Address::parse(fallback).value(), Standing::fallback});
    }
    return keep(workflow::open_thread(kind, thread.id, made, &registers));
}

ErrorCode KindCase::opener_does(const std::string& act, const Publics& publics, int to) {
    workflow::ActInput made = input(act, opener_, publics);
    const bool kept = kind.acts[made.act].recipients == workflow::Recipients::nobody;
    for (std::size_t party = 0; party < thread.parties.size() && !kept; ++party) {
        const bool meant = to < 0 || party == static_cast<std::size_t>(to);
        if (meant) made.to.push_back({thread.parties[party].mailbox});
    }
    return keep(workflow::apply_act(kind, thread, made, &registers));
}

ErrorCode KindCase::party_does(std::size_t party, const std::string& act, const Publics& publics) {
    workflow::ActInput made = input(act, thread.parties[party].mailbox, publics);
    made.to.push_back({opener_});
    return keep(workflow::apply_act(kind, thread, made, &registers));
}

ErrorCode KindCase::clock_ends(const std::string& clock, int party) {
    const auto at = std::ranges::find(kind.clocks, clock, &workflow::Clock::name);
    RELAIS_CHECK(at != kind.clocks.end());
    std::optional<std::size_t> whose;
    if (party >= 0) whose = static_cast<std::size_t>(party);
    return keep(workflow::apply_clock_end(
        kind, thread, static_cast<workflow::ClockIndex>(at - kind.clocks.begin()), whose));
}

ErrorCode KindCase::party_follows(std::size_t party, const std::string& other,
                                  const std::string& act, const std::optional<Address>& to) {
    const workflow::ActInput made{.act = 0,
                                  .from = thread.parties[party].mailbox,
                                  .to = {{to.value_or(thread.opener)}},
                                  .publics = {},
                                  .by = by,
                                  .header = {},
                                  .follows = thread.id};
    return keep(workflow::apply_followed(kind, thread, {other, act}, made, &registers));
}

std::string KindCase::parties() const {
    std::string text;
    for (const workflow::Party& party : thread.parties) {
        text += (text.empty() ? "" : " ") + kind.party_states[party.state].name;
    }
    return text;
}

namespace {

// "answer", "hold 1": the clocks of those consequences of one sort.
template <typename OfClock>
std::string clocks_of(const KindCase& of) {
    std::string text;
    for (const workflow::Consequence& each : of.consequences) {
        const auto* one = std::get_if<OfClock>(&each);
        if (one == nullptr) continue;
        text += (text.empty() ? "" : " ") + of.kind.clocks[one->clock].name;
        if (one->party) text += " " + std::to_string(*one->party);
    }
    return text;
}

}  // namespace

std::string KindCase::started() const { return clocks_of<workflow::StartClock>(*this); }
std::string KindCase::stopped() const { return clocks_of<workflow::StopClock>(*this); }

std::string KindCase::released(Release condition) const {
    std::string text;
    for (const workflow::Consequence& each : consequences) {
        const auto* released = std::get_if<workflow::Released>(&each);
        if (released == nullptr || released->condition != condition) continue;
        text += (text.empty() ? "" : " ") + std::to_string(released->party);
    }
    return text;
}

}  // namespace relais::compiler
