// The broker's key is renewed while it serves: which key signs what, who is told first, and what a
// restart, a stranger's key or a lost one changes.
#include <gtest/gtest.h>

#include "core/base/contexts.h"
#include "tests/support/printers.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class BrokerKey : public EngineTest {
protected:
    P256Public make_key() {
        const auto body = bench.ask_as_operator(wire::Administer{wire::Command::make_broker_key});
        return std::get<wire::Done>(body).made.value();
    }
    void name(const P256Public& key, Milliseconds lasts = std::chrono::hours(24 * 365)) {
        draft(key, lasts);
        bench.publish_directory();
    }
    void draft(const P256Public& key, Milliseconds lasts = std::chrono::hours(24 * 365)) {
        auto body = *bench.territory.state().domain();
        body.broker_key = key;
        body.broker_key_until = bench.now.wall + lasts;
        bench.territory.append("", *bench.territory.authority(), body);
    }
    // Who signed the probe.
    bool signs(const P256Public& key) {
        const auto body = bench.ask_as_operator(wire::Probe{});
        const auto& probed = std::get<wire::Probed>(body);
        return bench.territory.verifier()
            .verify(key, signed_message(contexts::kHealth, probed.time), probed.signature)
            .ok();
    }
    const P256Public first_ = bench.territory.broker_key()->public_key();
};

TEST_F(BrokerKey, SignsOnceItIsNamedAndNotBefore) {
    const P256Public next = make_key();
    EXPECT_TRUE(signs(first_));
    name(next);
    EXPECT_TRUE(signs(next));
    EXPECT_EQ(bench.own_keys.settled.back(), next);
    EXPECT_EQ(bench.engine().counts().broker_key_until, bench.now.wall + std::chrono::hours(8760));
    bench.restart();
    EXPECT_TRUE(signs(next));
}

TEST_F(BrokerKey, ThatWasMadeIsInTheAudit) {
    make_key();
    const auto leaves = bench.leaves();
    EXPECT_EQ(leaves.back().event, Event::administered);
    EXPECT_EQ(leaves.back().subject, "make_broker_key");
}

TEST_F(BrokerKey, IsMadeForTheOperatorAlone) {
    EXPECT_EQ(code_of(bench.ask(practice(), wire::Administer{wire::Command::make_broker_key})),
              ErrorCode::forbidden);
}

// Named by mistake, or by a thief of the authority's key: the broker would be mute.
TEST_F(BrokerKey, ThatIsNotHereIsNotNamed) {
    draft(bench.territory.make_key()->public_key());
    EXPECT_EQ(bench.try_publish_directory().code(), ErrorCode::unknown_key);
    EXPECT_TRUE(signs(first_));
}

// The former key ends and the next one begins by two entries in one step: nothing is signed
// between.
TEST_F(BrokerKey, ThatWasStolenEndsAndTheNextSigns) {
    const P256Public next = make_key();
    draft(first_, Milliseconds(0));
    name(next);
    EXPECT_TRUE(signs(next));
    bench.pass(std::chrono::hours(24 * 364));
    EXPECT_TRUE(signs(next));
    bench.pass(std::chrono::hours(25));
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::Probe{})), ErrorCode::revoked);
}

TEST_F(BrokerKey, AfterItsLossTheFormerOneSpeaksAsLongAsItCounts) {
    const P256Public next = make_key();
    name(next);
    bench.own_keys.lose(next);  // the keys of a backup from before it
    bench.restart();
    EXPECT_TRUE(signs(first_));
    const P256Public another = make_key();
    name(another);
    EXPECT_TRUE(signs(another));
}

TEST_F(BrokerKey, WithoutAnyThatIsNamedTheBrokerDoesNotStart) {
    bench.own_keys.lose(first_);
    EXPECT_EQ(bench.try_restart().code(), ErrorCode::wrong_domain);
}

// A station takes nothing that is signed by a key that it has not heard of.
TEST_F(BrokerKey, IsHeardOfBeforeWhatItSigns) {
    does(kOpener, "call");
    bench.attach(ward(kGeri), AdmissionCase::mailbox(kGeri));
    const auto call = bench.take_deliveries(ward(kGeri));
    bench.attach(practice(), kPractice);
    const auto size = bench.territory.state().size();
    ASSERT_EQ(code_of(bench.ask(practice(), wire::FollowDirectory{size})), ErrorCode::ok);
    bench.take_pushes(practice());
    draft(make_key());
    bench.step(
        together(bench.operator_input(wire::AppendEntries{{bench.territory.log().back().bytes}}),
                 bench.acknowledgement(ward(kGeri), call)));
    bench.settle();
    bool heard = false;
    int notices = 0;
    for (const wire::Body& body : bench.take_pushes(practice())) {
        heard = heard || std::holds_alternative<wire::DirectoryEntries>(body);
        const auto* delivery = std::get_if<wire::Delivery>(&body);
        if (delivery == nullptr) continue;
        const auto* notice = std::get_if<NoticeEntry>(&delivery->entry);
        if (notice == nullptr) continue;
        ++notices;
        EXPECT_TRUE(heard);
    }
    EXPECT_GT(notices, 0);
}

}  // namespace
}  // namespace relais::broker
