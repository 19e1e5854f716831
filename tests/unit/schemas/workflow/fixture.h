// fixture.h: kinds that are loaded or refused, and threads moved by acts named as in the
// declaration.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "schemas/workflow/decide.h"
#include "tests/support/kinds.h"
#include "tests/support/members.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::workflow {

inline constexpr auto kAny = test::kAnyParty;

// What Kind::load says of `builder`, changed: "accepted", or the detail of invalid_field.
inline std::string said(test::KindBuilder builder,
                        const std::function<void(test::KindBuilder&)>& change) {
    change(builder);
    const auto kind = builder.load();
    if (kind.ok()) return "accepted";
    EXPECT_EQ(kind.code(), ErrorCode::invalid_field) << kind.error().describe();
    return kind.error().detail;
}
// The same of the least of kinds.
inline std::string least(const std::function<void(test::KindBuilder&)>& change) {
    return said(test::least_kind(), change);
}

inline const Address kOpener = test::address("cabinet@indre");
inline const std::vector<Address> kWards = {test::address("geriatrie.ch-valmont@indre"),
                                            test::address("cardiologie.ch-valmont@indre"),
                                            test::address("medecine.ch-valmont@indre")};

// A thread of one kind, moved act by act. Parties are called by their place in kWards.
class Case {
public:
    explicit Case(const test::KindBuilder& builder, std::size_t parties = 3)
        : kind(builder.load().value()), thread(open(parties)) {}

    // An act of the opener, to parties; of a party, to the opener.
    [[nodiscard]] ActInput from_opener(const char* act, const std::vector<std::size_t>& to,
                                       std::vector<PublicField> publics = {}) {
        ActInput input{*kind.act(act), kOpener, {}, std::move(publics), doctor, {}};
        for (const std::size_t party : to) input.to.push_back({kWards[party]});
        input.header = random.make<Digest>();
        return input;
    }
    [[nodiscard]] ActInput from_party(const char* act, std::size_t party) {
        return {*kind.act(act),          kWards[party],        {{kOpener}}, {},
                random.make<PersonId>(), random.make<Digest>()};
    }

    // Applies, keeps the new thread where it is accepted; the thread is untouched where it is
    // refused.
    Result<Outcome> apply(const ActInput& input) {
        const Thread before = thread;
        auto outcome = apply_act(kind, thread, input, registers);
        EXPECT_TRUE(test::same(thread, before));
        if (outcome.ok()) thread = outcome->thread;
        return outcome;
    }
    Result<Outcome> opener_does(const char* act, const std::vector<std::size_t>& to,
                                std::vector<PublicField> publics = {}) {
        return apply(from_opener(act, to, std::move(publics)));
    }
    Result<Outcome> party_does(std::size_t party, const char* act) {
        return apply(from_party(act, party));
    }
    Result<Outcome> clock_ends(ClockIndex clock, std::optional<std::size_t> party = {}) {
        auto outcome = apply_clock_end(kind, thread, clock, party);
        if (outcome.ok()) thread = outcome->thread;
        return outcome;
    }

    [[nodiscard]] const std::string& state() const { return kind.thread_states[thread.state].name; }
    [[nodiscard]] const std::string& state(std::size_t party) const {
        return kind.party_states[thread.parties[party].state].name;
    }
    // Names of the acts that the table may accept.
    [[nodiscard]] std::vector<std::string> possible(const Address& mailbox) const {
        std::vector<std::string> names;
        for (const ActIndex act : possible_acts(kind, thread, mailbox)) {
            names.push_back(kind.acts[act].name);
        }
        return names;
    }

    test::SeededRandom random{5};
    PersonId doctor = random.make<PersonId>();
    Kind kind;
    Thread thread;
    const RegisterReader* registers = nullptr;

private:
    Thread open(std::size_t parties) {
        ActInput input{0, kOpener, {}, {}, doctor, random.make<Digest>()};
        for (std::size_t i = 0; i < parties; ++i) input.to.push_back({kWards[i]});
        return open_thread(kind, random.make<ThreadId>(), input, nullptr).value().thread;
    }
};

// "start 1 of 0", "withdrawn 2", "ended": the consequences of an outcome, for comparison.
[[nodiscard]] std::vector<std::string> shown(const std::vector<Consequence>& consequences);

}  // namespace relais::workflow
