// One post to the largest group that there may be: accepted, delivered to every member, who sees
// whose it is; whoever leaves reads nothing of what comes after.
#include "core/base/limits.h"
#include "tests/support/kinds.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

constexpr const char* kLargeGroup = "#veille.cpts-indre@indre";
constexpr const char* kLargeCpts = "cpts-indre@indre";
constexpr std::size_t kHouses = 30;
constexpr std::size_t kUnits = limits::kGroupMembersMax / kHouses;

std::string house_name(std::size_t house) { return "maison-" + std::to_string(house); }
std::string unit_name(std::size_t unit) { return "service-" + std::to_string(unit); }

// The territory, its kind and its group of 3,000 units; the first house has a station.
struct Crowd {
    Crowd() : territory(std::make_shared<test::SmallTerritory>(std::vector<std::string>{})) {
        test::SmallTerritory& t = *territory;
        t.publish_kind(t.cpts, "circular", 1, test::circular().load().value().digest);
        t.append("cpts-indre", *t.cpts.authority,
                 directory::Group{test::name("veille"), "Veille", {"circular"}});
        for (std::size_t house = 0; house < kHouses; ++house) add_house(house);
        for (std::size_t first = 0; first < members.size();
             first += limits::kMembershipsPerEntryMax) {
            directory::Membership joins{Address::parse_group(kLargeGroup).value()};
            const std::size_t end =
                std::min(members.size(), first + limits::kMembershipsPerEntryMax);
            joins.added.assign(members.begin() + static_cast<std::ptrdiff_t>(first),
                               members.begin() + static_cast<std::ptrdiff_t>(end));
            t.append("cpts-indre", *t.cpts.authority, std::move(joins));
        }
    }
    void add_house(std::size_t house) {
        test::SmallTerritory& t = *territory;
        const auto made =
            t.admit_organisation(house_name(house), directory::OrganisationKind::practice);
        for (std::size_t unit = 0; unit < kUnits; ++unit) {
            members.push_back(t.add_unit(made, unit_name(unit), {"circular"}).mailbox);
        }
        if (house == 0) {
            const auto person = t.add_person(made);
            station = t.add_station(made, {person.id}, {unit_name(0), unit_name(1)});
        }
        for (std::size_t unit = 0; unit < kUnits; ++unit) t.add_epoch(made, unit_name(unit));
    }

    std::shared_ptr<test::SmallTerritory> territory;
    std::vector<Address> members;
    std::optional<test::TestStation> station;
};

class LargeGroup : public testing::Test {
protected:
    LargeGroup() : bench({.settled = false, .territory = crowd.territory}) {
        bench.step(together(bench.operator_input(wire::PublishBundle{test::circular().bytes()})));
        bench.publish_directory();
        cpts = bench.connect(bench.territory.cpts_station);
        first_house = bench.connect(*crowd.station);
    }

    Header post(const char* act = "tell", std::optional<ThreadId> thread = std::nullopt) {
        return bench.header(cpts, {.from = kLargeCpts,
                                   .to = {kLargeGroup},
                                   .act = act,
                                   .kind = kind.digest,
                                   .by = bench.territory.coordinator.id,
                                   .thread = thread});
    }
    ErrorCode send(const Header& header) {
        const auto readers = workflow::group_readers(bench.territory.state(), kind, header);
        return code_of(
            bench.ask(cpts, wire::Submit{bench.envelope(header, bench.territory.coordinator,
                                                        Release::at_once, readers)}));
    }
    // How many of the members hold so many envelopes.
    std::size_t members_with(std::size_t envelopes) {
        const auto channels = bench.sqlite().channels().value();
        return static_cast<std::size_t>(
            std::ranges::count_if(crowd.members, [&](const Address& member) {
                const auto channel = channels.find(member);
                if (channel == channels.end()) return envelopes == 0;
                const auto log =
                    bench.sqlite().read_log({channel->second, Lane::urgent, {1}}, 10).value();
                return std::ranges::count_if(log, [](const auto& entry) {
                           return std::holds_alternative<EnvelopeRef>(entry.second);
                       }) == static_cast<std::ptrdiff_t>(envelopes);
            }));
    }
    // The headers that the first house's station was given since it was asked last, with where.
    std::vector<std::pair<Address, Header>> delivered() {
        std::vector<std::pair<Address, Header>> headers;
        for (const wire::Delivery& delivery : bench.take_deliveries(first_house)) {
            const auto* entry = entry_of<EnvelopeEntry>(delivery);
            if (entry == nullptr) continue;
            EXPECT_EQ(entry->box.mailbox, delivery.mailbox);
            headers.emplace_back(delivery.mailbox, parse_header(entry->header.bytes).value());
        }
        return headers;
    }

    Crowd crowd;
    EngineBench bench;
    workflow::Kind kind = test::circular().load().value();
    SessionId cpts = 0;
    SessionId first_house = 0;
};

TEST_F(LargeGroup, APostReachesThreeThousandMembersAndWhoLeavesReadsNothingMore) {
    ASSERT_EQ(crowd.members.size(), 3000u);
    const Header told = post();
    ASSERT_EQ(send(told), ErrorCode::ok);
    EXPECT_EQ(members_with(1), 3000u);
    EXPECT_EQ(bench.leaves().back().count, 3000u);
    const Address& stays = crowd.members[0];
    const Address& goes = crowd.members[1];
    for (const Address& member : {stays, goes}) {
        ASSERT_EQ(code_of(bench.attach(first_house, member.text(), 16)), ErrorCode::ok);
        const auto first = delivered();
        ASSERT_EQ(first.size(), 1u);
        EXPECT_EQ(first[0].first, member);
        EXPECT_EQ(first[0].second.from.text(), kLargeCpts);
        EXPECT_EQ(first[0].second.by, bench.territory.coordinator.id);
        EXPECT_EQ(first[0].second.id, told.id);
    }

    bench.territory.append("cpts-indre", *bench.territory.cpts.authority,
                           directory::Membership{told.to[0].mailbox, {}, {goes}});
    bench.publish_directory();
    ASSERT_EQ(send(post("update", told.thread)), ErrorCode::ok);
    EXPECT_EQ(members_with(2), 2999u);
    EXPECT_EQ(members_with(1), 1u);
    const auto second = delivered();
    ASSERT_EQ(second.size(), 1u) << "both are followed, one is a member";
    EXPECT_EQ(second[0].first, stays);
    EXPECT_EQ(second[0].second.act, "update");
}

}  // namespace
}  // namespace relais::broker
