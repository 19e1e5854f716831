// What waits with a party, or for an absence, in a store: clean as the engine leaves it.
#include <gtest/gtest.h>

#include "tests/support/kinds.h"
#include "tests/unit/tools/fsck/fixture.h"

namespace relais::fsck {
namespace {

using test::states;

constexpr Milliseconds kHour = std::chrono::hours(1);

// As test::least_kind(), open for a month; a fallback is called in after an hour; act 2 `add` of
// the opener, to any parties.
test::KindBuilder essai() {
    test::KindBuilder kind = test::least_kind();
    kind.bundle.clocks[0]->seconds = kind.bundle.clocks[0]->max_s = 30 * 24 * 3600;
    const int reserve = kind.add_party_state("reserve");
    kind.bundle.has_fallback = true;
    kind.bundle.fallback_state = static_cast<std::uint8_t>(reserve);
    kind.bundle.acts[0]->fallback = true;
    const int delay = kind.add_clock("delay", 3600);
    kind.bundle.rows[0]->effects.push_back(
        std::make_unique<fb::EffectDeclaredT>(test::start_clock(delay)));
    kind.on_clock(delay, states({0}), test::kAnyParty, {},
                  {test::move_parties(states({reserve}), 0, fb::Release::overdue)});
    const int add = kind.add_act("add", fb::Side::opener, fb::Recipients::parties);
    kind.on_act(add, states({0}), test::kAnyParty, {}, {});
    return kind;
}

class StoredWaiting : public testing::Test {
protected:
    StoredWaiting() {
        auto body = bench.territory.domain_body();
        body.audit_log = bench.audit_key();
        body.directory_log = bench.directory_key();
        bench.territory.append("", *bench.territory.authority(), body);
        for (const Bytes& bundle : {broker::admission_bundle(), essai().bytes()}) {
            bench.step(broker::together(bench.operator_input(wire::PublishBundle{bundle})));
        }
        bench.publish_directory();
        practice = bench.connect(bench.territory.practice_station);
    }
    static std::shared_ptr<test::SmallTerritory> territory() {
        auto made =
            std::make_shared<test::SmallTerritory>(std::vector<std::string>{"admission", "essai"});
        made->publish_kind(made->cpts, "essai", 1, essai().load().value().digest);
        return made;
    }
    void declare(directory::EntryBody body) {
        bench.territory.append("ch-valmont", *bench.territory.hospital.authority, std::move(body));
        bench.publish_directory();
    }
    // To geriatrics, and to cardiology with that standing.
    Header act(const char* name, Standing standing, std::optional<ThreadId> thread = {}) {
        Header header = bench.header(practice, {.to = {broker::kGeriatrics, broker::kCardiology},
                                                .act = name,
                                                .kind = essai().load().value().digest,
                                                .by = bench.territory.doctor.id,
                                                .thread = thread});
        header.to[1].standing = standing;
        if (standing == Standing::delegate) header.to[1].in_place_of = 1;
        const Bytes envelope = bench.envelope(header, bench.territory.doctor);
        EXPECT_EQ(broker::code_of(bench.ask(practice, wire::Submit{envelope})), ErrorCode::ok);
        return header;
    }
    std::string described() {
        bench.idle(std::chrono::seconds(5));
        std::string text;
        const Report report = check_store(bench.sqlite()).value();
        for (const Problem& problem : report.problems) text += problem.describe() + "\n";
        return text;
    }

    broker::EngineBench bench{{.settled = false, .territory = territory()}};
    broker::SessionId practice = 0;
};

TEST_F(StoredWaiting, WhatIsSentToAFallbackBeforeItIsCalledIn) {
    directory::Unit unit = bench.territory.geriatrics.unit;
    unit.fallback = bench.territory.cardiology.mailbox;
    declare(unit);
    const Header asked = act("ask", Standing::fallback);
    act("add", Standing::party, asked.thread);
    EXPECT_EQ(described(), "");
    bench.idle(2 * kHour);
    EXPECT_EQ(described(), "");
}

TEST_F(StoredWaiting, WhatIsSentToADelegateBeforeAndDuringTheAbsence) {
    declare(directory::Absence{bench.territory.geriatrics.unit.name,
                               {{bench.now.wall + kHour, bench.now.wall + 3 * kHour,
                                 bench.territory.cardiology.mailbox}}});
    const Header asked = act("ask", Standing::delegate);
    act("add", Standing::delegate, asked.thread);
    EXPECT_EQ(described(), "");
    bench.idle(2 * kHour);
    act("add", Standing::delegate, asked.thread);
    EXPECT_EQ(described(), "");
}

TEST_F(StoredWaiting, WhatADelegateAnsweredInThePlaceOfWhoIsAway) {
    declare(directory::Absence{bench.territory.geriatrics.unit.name,
                               {{bench.now.wall + kHour, bench.now.wall + 3 * kHour,
                                 bench.territory.cardiology.mailbox}}});
    const Header asked = act("ask", Standing::delegate);
    bench.idle(2 * kHour);
    EXPECT_EQ(described(), "");
    const auto cardiology = bench.connect(bench.territory.cardiology_station);
    const Header answer =
        bench.header(cardiology, {.from = broker::kCardiology,
                                  .to = {"cabinet@indre"},
                                  .act = "answer",
                                  .kind = essai().load().value().digest,
                                  .by = bench.territory.cardiologist.id,
                                  .thread = asked.thread,
                                  .answers = header_digest(encode_header(asked))});
    ASSERT_EQ(broker::code_of(bench.ask(
                  cardiology, wire::Submit{bench.envelope(answer, bench.territory.cardiologist)})),
              ErrorCode::ok);
    EXPECT_EQ(described(), "");
    bench.idle(3 * kHour);  // it is back
    EXPECT_EQ(described(), "");
}

TEST_F(StoredWaiting, ABoxThatWaitsForAnotherConditionIsFound) {
    declare(directory::Absence{bench.territory.geriatrics.unit.name,
                               {{bench.now.wall + kHour, bench.now.wall + 3 * kHour,
                                 bench.territory.cardiology.mailbox}}});
    act("ask", Standing::delegate);
    bench.sqlite().database().execute("DELETE FROM held").value();
    EXPECT_NE(described(), "");
}

}  // namespace
}  // namespace relais::fsck
