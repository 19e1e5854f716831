// kind_case.h: a kind of schemas/kinds, compiled, and a thread of it moved by acts named as in its
// declaration; what acts write in registers is kept and asked again. Parties are called by place.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "schemas/workflow/decide.h"

namespace relais::compiler {

// By "<kind>/<register>/<key>".
class HeldRegisters final : public workflow::RegisterReader {
public:
    Result<std::optional<std::int64_t>> latest(const std::string& kind, const std::string& name,
                                               const std::string& key) const override {
        const auto found = values.find(kind + "/" + name + "/" + key);
        return found == values.end() ? std::optional<std::int64_t>() : std::optional(found->second);
    }
    std::map<std::string, std::int64_t> values;
};

// {{"urgency", "stat"}, {"protocol", "12"}}
using Publics = std::vector<std::pair<std::string, std::string>>;

class KindCase {
public:
    KindCase(const std::string& kind, const std::string& opener);

    // The thread is `act`'s from now on, where it is accepted.
    ErrorCode open(const std::string& act, const std::vector<std::string>& parties,
                   const Publics& publics = {}, const std::vector<std::string>& fallbacks = {});
    // To every party, or to `to`, or to nobody where the act is declared so.
    ErrorCode opener_does(const std::string& act, const Publics& publics = {}, int to = -1);
    ErrorCode party_does(std::size_t party, const std::string& act, const Publics& publics = {});
    ErrorCode clock_ends(const std::string& clock, int party = -1);
    // An act of the party in another thread that follows this one, to that mailbox or, where none
    // is said, to the opener of this one.
    ErrorCode party_follows(std::size_t party, const std::string& kind, const std::string& act,
                            const std::optional<Address>& to = std::nullopt);

    [[nodiscard]] std::string state() const { return kind.thread_states[thread.state].name; }
    [[nodiscard]] bool over() const { return kind.thread_states[thread.state].terminal; }
    // "called received": each party's, in their order.
    [[nodiscard]] std::string parties() const;
    // Whether what is sent to the party reaches it.
    [[nodiscard]] bool reached(std::size_t party) const {
        return thread.parties[party].waits == Release::at_once;
    }
    // Clocks that the last act or end started, by name: "answer life", "hold 1" for a party's.
    [[nodiscard]] std::string started() const;
    // Those that it stopped.
    [[nodiscard]] std::string stopped() const;
    // Parties to whom the last one released what is held under `condition`: "0 2".
    [[nodiscard]] std::string released(Release condition) const;

    const workflow::Kind& kind;
    HeldRegisters registers;
    // Whoever signs next, and to whose attention.
    PersonId by{};
    std::string signer = "01234567897";
    std::string attention;
    workflow::Thread thread;
    std::vector<workflow::Consequence> consequences;

private:
    [[nodiscard]] workflow::ActInput input(const std::string& act, const Address& from,
                                           const Publics& publics) const;
    ErrorCode keep(Result<workflow::Outcome> outcome);

    Address opener_;
};

inline PersonId person(int number) {
    PersonId id;
    id.bytes[0] = static_cast<std::uint8_t>(number);
    return id;
}

}  // namespace relais::compiler
