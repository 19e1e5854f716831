#include "tests/support/engine/every_kind.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "schemas/compiler/compiler.h"
#include "schemas/directory/professions.h"
#include "schemas/workflow/permission.h"
#include "tests/support/publics.h"

namespace relais::broker {

namespace {

using directory::OrganisationKind;
using workflow::Recipients;
using workflow::Side;

constexpr const char* kUnits[] = {"accueil", "avis", "garde"};
constexpr const char* kGroup = "#alertes.maison-cpts@indre";

constexpr OrganisationKind kHouses[] = {OrganisationKind::cpts,     OrganisationKind::practice,
                                        OrganisationKind::pharmacy, OrganisationKind::hospital,
                                        OrganisationKind::dac,      OrganisationKind::ehpad};

template <typename Range, typename T>
bool contains(const Range& range, const T& value) {
    return std::ranges::find(range, value) != range.end();
}

// What whoever plays `kinds` needs at an organisation of that kind: of each role one profession.
std::set<std::string> professions_at(OrganisationKind kind) {
    std::set<std::string> wanted;
    for (const CompiledKind& each : every_kind()) {
        for (const workflow::Role& role : each.kind.roles) {
            if (!contains(role.organisation_kinds, kind)) continue;
            const auto first = std::ranges::find_if(role.professions, [&](const auto& code) {
                return directory::profession_allowed(kind, code);
            });
            if (first != role.professions.end()) wanted.insert(*first);
        }
    }
    return wanted;
}

bool may_play(const workflow::Role& role, OrganisationKind kind, const std::string& profession) {
    return contains(role.organisation_kinds, kind) &&
           (role.professions.empty() || contains(role.professions, profession));
}

// Whether some role of the act is played at such an organisation.
bool may_sign(const workflow::Kind& kind, const workflow::Act& act, const House& house) {
    return std::ranges::any_of(act.roles, [&](std::uint16_t role) {
        return std::ranges::any_of(house.persons, [&](const test::TestPerson& person) {
            return may_play(kind.roles[role], house.kind, person.person.profession);
        });
    });
}

// Whether a register that this act asks or sets names the person to whose attention it is.
bool names_attention(const workflow::Kind& kind, workflow::ActIndex act) {
    const auto by_attention = [](const auto& step) {
        return std::ranges::find(step.key, workflow::KeySource::attention,
                                 &workflow::KeyPart::source) != step.key.end();
    };
    return std::ranges::any_of(kind.rows, [&](const workflow::Row& row) {
        return row.trigger == workflow::TriggerKind::act && row.index == act &&
               (std::ranges::any_of(row.guards, by_attention) ||
                std::ranges::any_of(row.effects, by_attention));
    });
}

// Those that are named, and the first value of others that are mandatory.
std::vector<PublicField> wanted_publics(const workflow::Kind& kind, const workflow::Act& act,
                                        const Wanted& wanted) {
    std::vector<PublicField> publics;
    for (const workflow::PublicUse& use : act.publics) {
        const workflow::PublicDeclared& declared = *kind.public_field(use.number);
        const auto named = wanted.publics.find(declared.name);
        if (named != wanted.publics.end()) {
            publics.push_back({use.number, test::public_value(declared, named->second)});
        } else if (use.mandatory) {
            const bool coded = !declared.values.empty();
            const bool yes = declared.type == workflow::PublicType::boolean;
            publics.push_back({use.number, coded ? declared.values.front().value
                                           : yes ? 1
                                                 : declared.min});
        }
    }
    std::ranges::sort(publics, {}, &PublicField::number);
    return publics;
}

}  // namespace

const std::vector<CompiledKind>& every_kind() {
    static const std::vector<CompiledKind> kinds = [] {
        std::set<std::filesystem::path> folders;
        for (const auto& entry :
             std::filesystem::directory_iterator(RELAIS_SOURCE_DIR "/schemas/kinds")) {
            if (std::filesystem::exists(entry.path() / "declaration.toml")) {
                folders.insert(entry.path());
            }
        }
        std::vector<CompiledKind> made;
        for (const auto& folder : folders) {
            Bytes bundle = compiler::compile_kind(folder).value();
            workflow::Kind kind = workflow::Kind::load(bundle).value();
            made.push_back({std::move(bundle), std::move(kind)});
        }
        return made;
    }();
    return kinds;
}

const workflow::Kind& kind_of(const Digest& digest) {
    const auto& all = every_kind();
    const auto found = std::ranges::find_if(
        all, [&](const CompiledKind& each) { return each.kind.digest == digest; });
    RELAIS_CHECK(found != all.end());
    return found->kind;
}

const workflow::Kind& kind_named(const std::string& name) {
    const auto& all = every_kind();
    const auto found =
        std::ranges::find_if(all, [&](const CompiledKind& each) { return each.kind.name == name; });
    if (found == all.end()) throw std::runtime_error("no kind \"" + name + "\"");
    return found->kind;
}

EveryKind::EveryKind(EngineBench& bench, const calendar::Hours& hours, std::uint64_t seed)
    : random(seed), bench_(bench), hours_(hours), group_(Address::parse_group(kGroup).value()) {
    for (const OrganisationKind kind : kHouses) add_house(kind);
    add_group();
    for (const CompiledKind& each : every_kind()) {
        if (bench_.territory.state().kind(each.kind.name) != nullptr) continue;
        bench_.step(together(bench_.operator_input(wire::PublishBundle{each.bundle})));
        bench_.territory.publish_kind(bench_.territory.cpts, each.kind.name, each.kind.version,
                                      each.kind.digest);
    }
    bench_.publish_directory();
    reconnect();
}

void EveryKind::add_persons(House& house) {
    test::TestTerritory& territory = bench_.territory;
    for (const std::string& profession : professions_at(house.kind)) {
        for (int i = 0; i < 2; ++i) {
            house.persons.push_back(
                territory.add_person(house.organisation, {.profession = profession}));
            if (directory::find_profession(profession)->regulated) {
                territory.attest(house.persons.back());
            }
        }
    }
}

// The last one stands in for the first.
void EveryKind::add_units(House& house) {
    std::vector<std::string> kinds;
    for (const CompiledKind& each : every_kind()) kinds.push_back(each.kind.name);
    for (const char* unit : kUnits) {
        house.units.push_back(bench_.territory.add_unit(house.organisation, unit, kinds));
    }
    for (const test::TestUnit& unit : house.units) {
        directory::Unit body = unit.unit;
        body.hours = hours_;
        if (&unit == &house.units.front()) body.fallback = house.units.back().mailbox;
        declare(house, std::move(body));
    }
}

void EveryKind::declare(const House& house, directory::EntryBody body) {
    bench_.territory.append(house.organisation.name.text(), *house.organisation.authority,
                            std::move(body));
}

void EveryKind::add_house(OrganisationKind kind) {
    test::TestTerritory& territory = bench_.territory;
    const std::string name = "maison-" + std::string(directory::kind_name(kind));
    House house{kind, territory.admit_organisation(name, kind), {}, {}, std::nullopt};
    territory.confirm(bench_.territory.cpts, house.organisation);
    add_persons(house);
    add_units(house);
    std::vector<PersonId> persons;
    for (const test::TestPerson& person : house.persons) persons.push_back(person.id);
    house.station =
        territory.add_station(house.organisation, persons, {std::begin(kUnits), std::end(kUnits)});
    for (const char* unit : kUnits) territory.add_epoch(house.organisation, unit);
    houses_.push_back(std::move(house));
}

void EveryKind::add_group() {
    House& keeper = house_of(group_);
    std::vector<std::string> kinds;
    for (const CompiledKind& each : every_kind()) kinds.push_back(each.kind.name);
    declare(keeper, directory::Group{test::name(group_.unit()), "Alertes", std::move(kinds)});
    directory::Membership members{group_};
    for (const House& house : houses_) members.added.push_back(house.units[1].mailbox);
    declare(keeper, std::move(members));
}

House& EveryKind::house_of(const Address& mailbox) {
    const auto found = std::ranges::find_if(houses_, [&](const House& house) {
        return house.organisation.name.text() == mailbox.organisation();
    });
    RELAIS_CHECK(found != houses_.end());
    return *found;
}

void EveryKind::reconnect() {
    for (House& house : houses_) house.session = bench_.connect(*house.station);
}

workflow::Thread EveryKind::thread(const Case& made) const {
    return bench_.sqlite().thread(made.id).value().value().thread;
}

std::vector<Address> EveryKind::who(const workflow::Thread& thread) const {
    std::vector<Address> all = {thread.opener};
    for (const workflow::Party& party : thread.parties) all.push_back(party.mailbox);
    for (const Address& group : thread.groups) {
        for (const Address& member : bench_.territory.state().members(group)) {
            all.push_back(member);
        }
    }
    return all;
}

// ---- who and what an act needs

std::vector<Address> EveryKind::openers(const workflow::Kind& kind,
                                        const workflow::Act& act) const {
    const bool posts = act.recipients == Recipients::groups;
    const directory::DirectoryState& state = bench_.territory.state();
    std::vector<Address> able;
    for (const House& house : houses_) {
        if (!may_sign(kind, act, house)) continue;
        const Address& from = house.units.front().mailbox;
        if (posts && !workflow::check_posting(state, kind, group_, from, state.size()).ok()) {
            continue;
        }
        able.push_back(from);
        if (!posts) able.push_back(house.units[1].mailbox);
    }
    RELAIS_CHECK(!able.empty());
    return able;
}

// Those who may answer; where nobody has to, all.
std::vector<Address> EveryKind::receivers(const workflow::Kind& kind) const {
    const auto of_party = [](const workflow::Act& act) { return act.side == Side::party; };
    const bool nobody_answers = std::ranges::none_of(kind.acts, of_party);
    std::vector<Address> able;
    for (std::size_t unit = 0; unit < 2; ++unit) {
        for (const House& house : houses_) {
            const bool answers = std::ranges::any_of(kind.acts, [&](const workflow::Act& act) {
                return of_party(act) && may_sign(kind, act, house);
            });
            if (nobody_answers || answers) able.push_back(house.units[unit].mailbox);
        }
    }
    return able;
}

std::vector<const test::TestPerson*> EveryKind::signers(const workflow::Kind& kind,
                                                        const workflow::Act& act,
                                                        const Address& from) {
    const House& house = house_of(from);
    std::vector<const test::TestPerson*> able;
    for (const test::TestPerson& person : house.persons) {
        const bool plays = std::ranges::any_of(act.roles, [&](std::uint16_t role) {
            return may_play(kind.roles[role], house.kind, person.person.profession);
        });
        if (plays) able.push_back(&person);
    }
    return able;
}

// What is mandatory, and of the rest a half. Of numbers the lowest two, so that cases meet.
std::vector<PublicField> EveryKind::drawn_publics(const workflow::Kind& kind,
                                                  const workflow::Act& act) {
    std::vector<PublicField> publics;
    for (const workflow::PublicUse& use : act.publics) {
        if (!use.mandatory && random.one_in(2)) continue;
        const workflow::PublicDeclared& declared = *kind.public_field(use.number);
        std::int64_t value = static_cast<std::int64_t>(random.below(2));
        if (declared.type == workflow::PublicType::code) value = one_of(declared.values).value;
        if (declared.type == workflow::PublicType::integer ||
            declared.type == workflow::PublicType::day) {
            value += declared.min;
        }
        if (use.number == kind.agreement) value = 1;
        publics.push_back({use.number, value});
    }
    std::ranges::sort(publics, {}, &PublicField::number);
    return publics;
}

std::vector<Address> EveryKind::recipients(const Case& made, const workflow::Act& act) {
    std::vector<Address> parties;
    if (!act.opens) {
        for (const workflow::Party& party : thread(made).parties) parties.push_back(party.mailbox);
    }
    switch (act.recipients) {
        case Recipients::opener: return {made.opener};
        case Recipients::nobody: return {};
        case Recipients::groups: return {group_};
        case Recipients::all_parties: return parties;
        default: break;
    }
    if (!act.opens) return {one_of(parties)};
    const std::vector<Address> able = receivers(*made.kind);
    for (std::size_t draws = 1 + random.below(3); draws > 0 || parties.empty();) {
        const Address drawn = one_of(able);
        if (drawn == made.opener) continue;
        if (!contains(parties, drawn)) parties.push_back(drawn);
        --draws;
    }
    return parties;
}

void EveryKind::add_fallbacks(Header& header, const workflow::Kind& kind,
                              const workflow::Act& act) const {
    std::vector<Address> parties;
    for (const Recipient& recipient : header.to) parties.push_back(recipient.mailbox);
    for (const Address& fallback : workflow::required_fallbacks(
             bench_.territory.state(), kind, act, header.from, parties, header.head.size)) {
        if (contains(parties, fallback)) continue;
        header.to.push_back({fallback, bench_.next_counter(header, fallback)});
        header.to.back().standing = Standing::fallback;
    }
}

// ---- acts

Case EveryKind::draw_case(const workflow::Kind& kind, workflow::ActIndex opening) {
    return {&kind, make_uuid_v7<ThreadId>(random, test::kTestTime),
            one_of(openers(kind, kind.acts[opening]))};
}

ErrorCode EveryKind::open(const Case& made, workflow::ActIndex opening) {
    return act(made, opening, made.opener);
}

ErrorCode EveryKind::act(const Case& made) {
    const workflow::Thread now = thread(made);
    const Address from = one_of(who(now));
    const bool member = workflow::is_member(bench_.territory.state(), now.groups, from,
                                            bench_.territory.state().size());
    auto possible = workflow::possible_acts(*made.kind, now, from, member);
    std::erase_if(possible, [&](workflow::ActIndex index) {
        return signers(*made.kind, made.kind->acts[index], from).empty();
    });
    return possible.empty() ? ErrorCode::act_refused : act(made, one_of(possible), from);
}

ErrorCode EveryKind::act(const Case& made, workflow::ActIndex index, const Address& from) {
    const workflow::Act& declared = made.kind->acts[index];
    const auto to = recipients(made, declared);
    const test::TestPerson& by = *one_of(signers(*made.kind, declared, from));
    return send(made, index, from, by, to, drawn_publics(*made.kind, declared));
}

ErrorCode EveryKind::act(const Case& made, workflow::ActIndex index, const Address& from,
                         const Wanted& wanted) {
    const workflow::Act& declared = made.kind->acts[index];
    const auto able = signers(*made.kind, declared, from);
    RELAIS_CHECK(wanted.person < able.size());
    return send(made, index, from, *able[wanted.person],
                wanted.to.empty() ? recipients(made, declared) : wanted.to,
                wanted_publics(*made.kind, declared, wanted), wanted.follows);
}

ErrorCode EveryKind::send(const Case& made, workflow::ActIndex index, const Address& from,
                          const test::TestPerson& by, const std::vector<Address>& to,
                          std::vector<PublicField> publics, std::optional<ThreadId> follows) {
    const workflow::Act& declared = made.kind->acts[index];
    const SessionId session = house_of(from).session;
    test::HeaderDraft draft{.from = from.text(),
                            .to = {},
                            .act = declared.name,
                            .kind = made.kind->digest,
                            .by = by.id,
                            .thread = made.id,
                            .lane = first_lane(declared),
                            .publics = std::move(publics)};
    for (const Address& mailbox : to) draft.to.push_back(mailbox.text());
    Header header = bench_.header(session, std::move(draft));
    header.follows = follows;
    if (declared.opens) add_fallbacks(header, *made.kind, declared);
    if (!to.empty() && names_attention(*made.kind, index)) {
        header.to.front().attention = house_of(to.front()).persons.front().id;
    }
    const auto readers = workflow::group_readers(bench_.territory.state(), *made.kind, header);
    return code_of(
        bench_.ask(session, wire::Submit{bench_.envelope(header, by, declared.release, readers)}));
}

}  // namespace relais::broker
