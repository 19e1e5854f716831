// kinds.h: kinds of exchange made by hand, without the compiler: a builder over the bundle's object
// form, and small kinds that each show one thing. Whoever uses the builder depends on
// schemas/generated.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "schemas/generated/kind_generated.h"
#include "schemas/workflow/kind.h"

namespace relais::test {

// Places as a mask: states({0, 2}) is 0b101.
[[nodiscard]] std::uint16_t states(std::initializer_list<int> places);

[[nodiscard]] fb::GuardDeclaredT no_party_in(std::uint16_t states);
[[nodiscard]] fb::GuardDeclaredT no_other_party_in(std::uint16_t states);
[[nodiscard]] fb::GuardDeclaredT some_party_in(std::uint16_t states);
[[nodiscard]] fb::GuardDeclaredT all_parties_in(std::uint16_t states);
[[nodiscard]] fb::GuardDeclaredT public_is(std::uint16_t number, std::int64_t value);
[[nodiscard]] fb::GuardDeclaredT quorum(std::uint8_t count, std::vector<std::uint8_t> acts = {});

[[nodiscard]] fb::EffectDeclaredT to_thread_state(int state);
[[nodiscard]] fb::EffectDeclaredT to_party_state(int state);
[[nodiscard]] fb::EffectDeclaredT withdraw(std::uint16_t from, int state);
[[nodiscard]] fb::EffectDeclaredT promote(std::uint16_t from, int state);
[[nodiscard]] fb::EffectDeclaredT promote(std::uint16_t from, int state, int clock);
[[nodiscard]] fb::EffectDeclaredT start_clock(int clock);
[[nodiscard]] fb::EffectDeclaredT stop_clock(int clock);
[[nodiscard]] fb::EffectDeclaredT release_boxes(fb::Release condition);
[[nodiscard]] fb::EffectDeclaredT move_parties(std::uint16_t from, int state);
[[nodiscard]] fb::EffectDeclaredT move_parties(std::uint16_t from, int state,
                                               fb::Release condition);

inline constexpr std::uint16_t kAnyParty = 0xFFFF;

// A bundle under construction; `bundle` is open to any alteration. Each add_ returns the place.
class KindBuilder {
public:
    explicit KindBuilder(const std::string& name = "essai", std::uint32_t version = 1);

    int add_role(const std::string& name, std::vector<directory::OrganisationKind> kinds,
                 std::vector<std::string> professions = {}, bool attested = false);
    int add_thread_state(const std::string& name, bool terminal = false);
    int add_party_state(const std::string& name);
    int add_public(std::uint16_t number, const std::string& name, fb::PublicType type);
    int add_clock(const std::string& name, std::uint32_t seconds, bool per_party = false);
    // No form, every lane, boxes at once, signed by role 0.
    int add_act(const std::string& name, fb::Side side, fb::Recipients recipients,
                bool opens = false);
    int on_act(int act, std::uint16_t threads, std::uint16_t parties,
               std::vector<fb::GuardDeclaredT> guards, std::vector<fb::EffectDeclaredT> effects);
    int on_clock(int clock, std::uint16_t threads, std::uint16_t parties,
                 std::vector<fb::GuardDeclaredT> guards, std::vector<fb::EffectDeclaredT> effects);

    [[nodiscard]] Bytes bytes() const;
    [[nodiscard]] Result<workflow::Kind> load() const { return workflow::Kind::load(bytes()); }

    fb::KindBundleT bundle;
};

// The least kind: `ask` opens, `answer` by a party or the clock `life` ends it.
// Thread states asked, answered (end), expired (end); party state asked.
[[nodiscard]] KindBuilder least_kind();

// A direct admission in small, with every mechanism of the large one.
//   thread   0 called, 1 overdue, 2 chosen, 3 closed (end), 4 expired (end)
//   party    0 called, 1 held, 2 standby, 3 lapsed, 4 declined, 5 chosen, 6 withdrawn
//   clocks   0 answer (from the header), 1 hold (per party), 2 life
//   acts     0 call (opens)  1 deposit (held until chosen)  2 offer  3 decline  4 choose  5 close
//   publics  1 urgency (code 1..3, mandatory in call), 2 beds (1 to 10), 3 favourable
// The opener is a practice's attested doctor, or its secretary under a mandate (close); the parties
// are of a hospital.
[[nodiscard]] KindBuilder bed_request(const std::string& name = "admission");

// A decision that two distinct persons of the parties must make: `approve` twice, or `urge` with
// public field 1 true, approves it.
//   thread   0 asked, 1 approved (end), 2 expired (end); party 0 asked, 1 voted
//   acts     0 ask (opens)  1 approve  2 urge (of the opener, to any parties)
[[nodiscard]] KindBuilder double_approval();

// What an organisation tells groups, without patients.
//   thread   0 open, 1 waiting, 2 closed (end), 3 expired (end); no parties
//   clocks   0 life (30 days), 1 second (600 s)
//   acts     0 tell (opens)  1 tell-held (opens; held until confirmed)  2 confirm (to the groups,
//   by
//            another person than who told)  3 answer (of a member)
//            4 update, 5 close (to the groups)
//   register answered: 1 under thread and mailbox, by answer
[[nodiscard]] KindBuilder circular();
// The same with that form for what it tells.
[[nodiscard]] Bytes circular_with_form(fb::PatientData patient, const Bytes& schema);

}  // namespace relais::test
