// every_kind.h: every kind of schemas/kinds on one bench, and people who use them as they are
// declared: who may open, who receives and who may act is read from the kinds; none is named.
//
// Each kind of organisation has one, with two units that take every kind, a third that stands in
// for the first, and two persons of each profession that some role asks of it, all attested. One
// group has a unit of each for member. Confined to one thread.
#pragma once

#include <deque>

#include "tests/support/engine/engine_bench.h"

namespace relais::broker {

struct CompiledKind {
    Bytes bundle;
    workflow::Kind kind;
};

// Each folder of schemas/kinds, by name; compiled once.
[[nodiscard]] const std::vector<CompiledKind>& every_kind();
[[nodiscard]] const workflow::Kind& kind_of(const Digest& digest);
// Throws where there is none of that name.
[[nodiscard]] const workflow::Kind& kind_named(const std::string& name);

// An organisation, and who works there.
struct House {
    directory::OrganisationKind kind;
    test::TestOrganisation organisation;
    std::vector<test::TestUnit> units;
    std::vector<test::TestPerson> persons;
    std::optional<test::TestStation> station;  // of all units and persons
    SessionId session = 0;
};

// One thread, as whoever follows it from outside knows it.
struct Case {
    const workflow::Kind* kind;
    ThreadId id;
    Address opener;
};

// What a test says of an act; what it does not say is the least that the kind asks for.
struct Wanted {
    std::map<std::string, std::string> publics{};  // "urgency": "stat"
    std::vector<Address> to{};                     // empty: whom the act goes to
    std::size_t person = 0;                        // of those there who may sign it
    std::optional<ThreadId> follows{};
};

class EveryKind {
public:
    // Adds the houses to the bench's territory and publishes the kinds; units open in `hours`.
    EveryKind(EngineBench& bench, const calendar::Hours& hours, std::uint64_t seed);

    // Says Hello again, after a restart.
    void reconnect();

    // A case that this act would open, from and to whoever may, drawn.
    [[nodiscard]] Case draw_case(const workflow::Kind& kind, workflow::ActIndex opening);
    ErrorCode open(const Case& made, workflow::ActIndex opening);
    // An act that the table may allow, by the opener, a party or a member, drawn; `act_refused`
    // where the one who was drawn can do nothing.
    ErrorCode act(const Case& made);
    // This act, from that mailbox, the rest drawn; or as wanted.
    ErrorCode act(const Case& made, workflow::ActIndex act, const Address& from);
    ErrorCode act(const Case& made, workflow::ActIndex act, const Address& from,
                  const Wanted& wanted);

    // Who may open with that act; who may answer, each house once before any twice.
    [[nodiscard]] std::vector<Address> openers(const workflow::Kind& kind,
                                               const workflow::Act& act) const;
    [[nodiscard]] std::vector<Address> receivers(const workflow::Kind& kind) const;
    [[nodiscard]] workflow::Thread thread(const Case& made) const;
    // The opener, the parties and the members of its groups.
    [[nodiscard]] std::vector<Address> who(const workflow::Thread& thread) const;
    [[nodiscard]] const Address& group() const { return group_; }
    [[nodiscard]] House& house_of(const Address& mailbox);

    test::SeededRandom random;

private:
    void add_house(directory::OrganisationKind kind);
    void add_persons(House& house);
    void add_units(House& house);
    void add_group();
    void declare(const House& house, directory::EntryBody body);
    [[nodiscard]] std::vector<const test::TestPerson*> signers(const workflow::Kind& kind,
                                                               const workflow::Act& act,
                                                               const Address& from);
    [[nodiscard]] std::vector<PublicField> drawn_publics(const workflow::Kind& kind,
                                                         const workflow::Act& act);
    [[nodiscard]] std::vector<Address> recipients(const Case& made, const workflow::Act& act);
    void add_fallbacks(Header& header, const workflow::Kind& kind, const workflow::Act& act) const;
    ErrorCode send(const Case& made, workflow::ActIndex act, const Address& from,
                   const test::TestPerson& by, const std::vector<Address>& to,
                   std::vector<PublicField> publics, std::optional<ThreadId> follows = {});
    template <typename T>
    T one_of(const std::vector<T>& some) {
        RELAIS_CHECK(!some.empty());
        return some[random.below(some.size())];
    }

    EngineBench& bench_;
    calendar::Hours hours_;
    std::deque<House> houses_;
    Address group_;
};

}  // namespace relais::broker
