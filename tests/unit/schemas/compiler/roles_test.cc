// Every kind of schemas/kinds: each act, in each state, signed by each profession of each kind of
// organisation, attested and not: whoever has a role of it is decided upon by the table, whoever
// has none is refused for that, whatever the state. Roles are read from declaration.toml.
#include <gtest/gtest.h>

#include <set>

#include "schemas/directory/professions.h"
#include "schemas/workflow/permission.h"
#include "tests/support/envelopes.h"
#include "tests/support/territory.h"
#include "tests/unit/schemas/compiler/compiled_kind.h"
#include "tests/unit/schemas/compiler/walk.h"
#include "tests/unit/schemas/compiler/written_table.h"

namespace relais::compiler {
namespace {

using directory::OrganisationKind;

// Of each profession that each kind of organisation has, somebody attested and somebody not.
class Everybody {
public:
    struct Somebody {
        OrganisationKind organisation_kind;
        test::TestPerson person;
        bool attested;
        StationId station;
    };

    Everybody() {
        for (int kind = 1; kind <= static_cast<int>(OrganisationKind::other); ++kind) {
            add(static_cast<OrganisationKind>(kind));
        }
    }
    static const Everybody& shared() {
        static const Everybody all;
        return all;
    }

    test::TestTerritory territory;
    std::vector<Somebody> persons;

private:
    void add(OrganisationKind kind) {
        const auto organisation =
            territory.admit_organisation(std::string(directory::kind_name(kind)), kind);
        std::vector<PersonId> ids;
        const std::size_t first = persons.size();
        for (const directory::Profession& profession : directory::professions()) {
            if (!directory::profession_allowed(kind, profession.code)) continue;
            for (const bool attested : {false, true}) {
                if (attested && !profession.regulated) continue;
                const auto person = territory.add_person(
                    organisation, {.profession = std::string(profession.code)});
                if (attested) territory.attest(person);
                ids.push_back(person.id);
                persons.push_back({kind, person, attested, {}});
            }
        }
        const auto station = territory.add_station(organisation, ids, {""});
        for (std::size_t i = first; i < persons.size(); ++i) persons[i].station = station.id;
    }
};

class EveryRole : public testing::TestWithParam<std::string> {
protected:
    [[nodiscard]] const toml::table& entry(const char* list, const std::string& name) const {
        for (const toml::node& node : *table.declaration()[list].as_array()) {
            if (node.as_table()->at("name").value_or(std::string()) == name) {
                return *node.as_table();
            }
        }
        throw std::invalid_argument(name);
    }
    // As the file says: ok, role_refused, or not_attested where that alone is lacking.
    [[nodiscard]] ErrorCode written(const std::string& act,
                                    const Everybody::Somebody& somebody) const {
        const std::string kind_name(directory::kind_name(somebody.organisation_kind));
        const std::string& code = somebody.person.person.profession;
        const bool proved = somebody.attested || !directory::find_profession(code)->regulated;
        bool lacks_proof = false;
        for (const toml::node& name : *entry("act", act)["roles"].as_array()) {
            const toml::table& role = entry("role", name.value_or(std::string()));
            const bool fits = lists_state(role, "organisation_kinds", kind_name) &&
                              lists_state(role, "professions", code);
            if (fits && (proved || !role["attested"].value_or(false))) return ErrorCode::ok;
            lacks_proof |= fits;
        }
        return lacks_proof ? ErrorCode::not_attested : ErrorCode::role_refused;
    }
    [[nodiscard]] ErrorCode signed_by(const workflow::Act& act,
                                      const Everybody::Somebody& somebody) const {
        test::SeededRandom random(1);
        const Header header = test::make_header({.from = somebody.person.organisation + "@indre",
                                                 .act = act.name,
                                                 .kind = kind.digest,
                                                 .by = somebody.person.id,
                                                 .station = somebody.station},
                                                random);
        const auto& directory = everybody.territory.state();
        return workflow::check_signer(directory, kind, act, header, directory.size(), {1000})
            .code();
    }
    // In that state, first who signs, then the table: as the broker asks, and the reader again.
    [[nodiscard]] ErrorCode decided(ErrorCode signer, const workflow::Act& act,
                                    const workflow::Thread& thread) const {
        if (signer != ErrorCode::ok) return signer;
        const workflow::ActInput input = walk_act(kind, act);
        return workflow::apply_act(kind, thread, input, nullptr).code();
    }
    [[nodiscard]] std::vector<workflow::Thread> standings() const {
        std::vector<workflow::Thread> all;
        const std::size_t parties = std::max<std::size_t>(kind.party_states.size(), 1);
        for (std::size_t thread = 0; thread < kind.thread_states.size(); ++thread) {
            for (std::size_t party = 0; party < parties; ++party) {
                workflow::Thread made{.id = {}, .kind = {}, .opener = walk_opener()};
                made.state = static_cast<workflow::StateIndex>(thread);
                made.parties = {{walk_party(0), static_cast<workflow::StateIndex>(party), 0}};
                made.groups = {walk_group()};
                all.push_back(std::move(made));
            }
        }
        return all;
    }
    static std::string shown(const Everybody::Somebody& somebody) {
        return somebody.person.person.profession + " of a " +
               std::string(directory::kind_name(somebody.organisation_kind)) +
               (somebody.attested ? ", attested" : "");
    }

    const Everybody& everybody = Everybody::shared();
    const CompiledKind& of = CompiledKind::of(GetParam());
    const workflow::Kind& kind = of.kind;
    const WrittenTable table{of.folder};
};

TEST_P(EveryRole, SignsWhatTheFileLetsItSignAndNothingElse) {
    std::set<ErrorCode> met_at_all;
    for (const workflow::Act& act : kind.acts) {
        std::set<ErrorCode> met;
        for (const Everybody::Somebody& somebody : everybody.persons) {
            const ErrorCode said = written(act.name, somebody);
            EXPECT_EQ(signed_by(act, somebody), said) << act.name << " by " << shown(somebody);
            met.insert(said);
        }
        EXPECT_TRUE(met.contains(ErrorCode::ok)) << act.name << ": nobody can sign it";
        met_at_all.insert(met.begin(), met.end());
    }
    EXPECT_TRUE(met_at_all.contains(ErrorCode::role_refused)) << "anybody can sign anything";
}

TEST_P(EveryRole, IsDecidedInEveryState) {
    const auto states = standings();
    std::set<ErrorCode> met;
    for (const workflow::Act& act : kind.acts) {
        for (const ErrorCode signer :
             {ErrorCode::ok, ErrorCode::role_refused, ErrorCode::not_attested}) {
            const auto somebody = std::ranges::find_if(everybody.persons, [&](const auto& each) {
                return written(act.name, each) == signer;
            });
            if (somebody == everybody.persons.end()) continue;
            const ErrorCode said = signed_by(act, *somebody);
            for (const workflow::Thread& thread : states) {
                const ErrorCode code = decided(said, act, thread);
                const bool table_decides = code == ErrorCode::ok ||
                                           code == ErrorCode::act_refused ||
                                           code == ErrorCode::register_refused;
                EXPECT_TRUE(signer == ErrorCode::ok ? table_decides : code == signer)
                    << act.name << " in " << kind.thread_states[thread.state].name << " by "
                    << shown(*somebody) << ": " << error_name(code);
                met.insert(code);
            }
        }
    }
    EXPECT_TRUE(met.contains(ErrorCode::ok));
    EXPECT_TRUE(met.contains(ErrorCode::act_refused));
    EXPECT_TRUE(met.contains(ErrorCode::role_refused));
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryRole, testing::ValuesIn(CompiledKind::names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace relais::compiler
