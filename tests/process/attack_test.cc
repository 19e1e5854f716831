// attack_test.cc: the broker's sockets under attack: what strangers and enrolled peers do to the
// transport. Each attack ends with its code in the audit (as a counted leaf), the broker's memory
// and descriptors stay within bounds that are stated, and others are served meanwhile.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "core/base/limits.h"
#include "schemas/audit/leaf.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/hostile_peer.h"
#include "tests/process/support/speaker.h"

namespace relais::test {
namespace {

class Attack : public testing::Test {
protected:
    [[nodiscard]] pid_t broker() { return territory_.broker.child().pid(); }
    const station::Identity& identity() { return territory_.practice.station().identity(); }
    // A peer with the key of a post, which is closed: a station has one session.
    std::unique_ptr<HostilePeer> hostile(Post& post, bool reads = true,
                                         const std::string& routing_id = "") {
        auto& station = post.station();
        auto peer = std::make_unique<HostilePeer>(station.identity().endpoint,
                                                  station.identity().broker_curve,
                                                  station.keys().curve, reads, routing_id);
        post.close();
        return peer;
    }
    static Bytes hello() {
        return wire::encode_frame({1, wire::Hello{wire::kProtocolVersion, "attack"}});
    }
    // Others make progress: a call goes from the practice to a ward, which reads it.
    void exchange(int times = 1) {
        for (int i = 0; i < times; ++i) {
            territory_.practice.synchronise();
            const auto draft = admission_.draft({"geriatrie"});
            admission_.id = draft.thread;
            auto signer = territory_.practice.signer();
            must(station::send_draft(territory_.practice.station(), draft, signer));
            territory_.practice.synchronise();
            territory_.geriatrie.synchronise();
            ASSERT_TRUE(admission_.reads(territory_.geriatrie, "call"));
        }
    }
    // What the audit counts under a code, once the broker has ended; of that station, if named.
    std::uint32_t counted(ErrorCode code, const std::optional<StationId>& station = std::nullopt) {
        territory_.broker.stop();
        territory_.broker.start();
        auto op = territory_.broker.connect();
        std::uint32_t count = 0;
        std::uint64_t read = 0;
        leaves_ = 0;
        for (;;) {
            const auto page = must(
                op.client().ask_for<wire::Leaves>(wire::FetchLeaves{wire::LogName::audit, read}));
            if (page.leaves.empty()) return count;
            read += page.leaves.size();
            for (const Bytes& bytes : page.leaves) {
                const Leaf leaf = must(parse_leaf(bytes));
                if (leaf.event != Event::refusals_counted || leaf.code != code) continue;
                ++leaves_;
                if (!station || leaf.station == station) count += leaf.count;
            }
        }
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    int leaves_ = 0;  // that counted() found
};

// More than the broker keeps, from one address, beside stations that come from the same one.
TEST_F(Attack, ThousandsOfHalfOpenConnectionsAreBoundedAndOthersAreServed) {
    constexpr std::size_t kMany = 2000;
    territory_.synchronise_all();
    const std::size_t descriptors = descriptors_of(broker());
    const long memory = memory_kib(broker(), "VmRSS");
    const SilentConnections crowd(territory_.broker.endpoint(), kMany);
    exchange();
    territory_.medecine.close();
    territory_.medecine.synchronise();  // one that connects anew finds a place
    exchange();
    territory_.practice.until([&] { return crowd.ended() >= kMany - limits::kStrangersMax; });
    EXPECT_LE(descriptors_of(broker()), descriptors + limits::kStrangersMax + 16);
    EXPECT_LT(memory_kib(broker(), "VmHWM") - memory, 128 << 10)
        << "a connection of libzmq takes some 25 KiB";
    exchange();
    EXPECT_GE(counted(ErrorCode::busy), kMany - limits::kStrangersMax);
    EXPECT_LE(leaves_, 10) << "a flood is counted, not listed";
}

// At the limit of descriptors libzmq would spin, and the database could not open a file.
TEST_F(Attack, AtASmallLimitOfDescriptorsTheLastOnesAreKeptBack) {
    territory_.synchronise_all();
    constexpr rlim_t kFew = 400;
    rlimit few{kFew, kFew};
    ASSERT_EQ(::prlimit(broker(), RLIMIT_NOFILE, &few, nullptr), 0);
    const SilentConnections crowd(territory_.broker.endpoint(), 2 * kFew);
    exchange();
    territory_.practice.until([&] { return crowd.ended() >= kFew; });
    EXPECT_LE(descriptors_of(broker()), kFew - kFew / 4);
    territory_.medecine.close();
    territory_.medecine.synchronise();
    exchange();
}

TEST_F(Attack, AMessageThatNeverEndsIsEndedBeforeItGrows) {
    constexpr std::size_t kPart = 256 << 10;
    constexpr std::size_t kParts = 4096;  // a gibibyte
    territory_.synchronise_all();
    const StationId guilty = territory_.medecine.station().identity().station;
    const Bytes part(kPart, 7);
    const auto peer = hostile(territory_.medecine);
    ASSERT_TRUE(peer->connected());
    exchange();
    const long memory = memory_kib(broker(), "VmHWM");
    ASSERT_TRUE(peer->say(hello()));
    peer->say_parts(part, kParts);
    EXPECT_TRUE(peer->ended());
    // Measured 20 times a second; in between, as much comes as the loopback carries.
    EXPECT_LT(memory_kib(broker(), "VmHWM") - memory, 192 << 10);
    exchange();
    EXPECT_EQ(counted(ErrorCode::over_budget, guilty), 1U);
}

// One that was let in and has not said a word of the protocol.
TEST_F(Attack, AFirstMessageThatNeverEndsIsEndedSooner) {
    territory_.synchronise_all();
    const Bytes part(256 << 10, 7);
    const auto peer = hostile(territory_.medecine);
    ASSERT_TRUE(peer->connected());
    peer->say_parts(part, 4096);
    EXPECT_TRUE(peer->ended());
    exchange();
    EXPECT_EQ(counted(ErrorCode::over_budget), 1U);
}

TEST_F(Attack, WhoAsksAndNeverReadsIsEndedWithinABound) {
    auto registrar = territory_.hospital.registrar();
    const auto invitation = must(parse_invitation(as_text(
        must(station::invite_station(territory_.hospital.station(), registrar, {{""}, {}, true}))
            .expose())));
    Speaker stranger(invitation.enrolment_endpoint, invitation.enrolment_curve,
                     generate_curve_keys());
    ASSERT_TRUE(stranger.connected());
    for (std::uint8_t i = 0; i < 4; ++i) {  // what each answer will hold
        const auto said = stranger.ask(wire::Enrol{invitation.locator, Bytes(60'000, i), {}});
        ASSERT_TRUE(said && std::holds_alternative<wire::Done>(*said));
    }
    territory_.synchronise_all();
    const StationId guilty = territory_.hospital.station().identity().station;
    const auto peer = hostile(territory_.hospital, false);
    ASSERT_TRUE(peer->connected());
    ASSERT_TRUE(peer->say(hello()));
    exchange();
    const long memory = memory_kib(broker(), "VmHWM");
    constexpr int kRequests = 2000;  // half a gibibyte of answers
    int asked = 0;
    while (asked < kRequests && peer->ask(wire::FetchProposals{})) ++asked;
    EXPECT_TRUE(peer->ended());
    EXPECT_LT(memory_kib(broker(), "VmHWM") - memory, 192 << 10)
        << "64 MiB unread, beside what is on its way through the broker";
    exchange();
    EXPECT_EQ(counted(ErrorCode::quota_reached, guilty), 1U);
}

TEST_F(Attack, ARoutingIdOfItsOwnChoiceIsRefused) {
    territory_.synchronise_all();
    const auto peer = hostile(territory_.medecine, true, "somebody");
    ASSERT_TRUE(peer->connected());
    peer->say(hello());
    EXPECT_TRUE(peer->ended());
    exchange();
    EXPECT_EQ(counted(ErrorCode::forbidden), 1U);
    // libzmq gives ids that begin with a zero byte, and nobody can ask for one of those.
    const auto thief = hostile(territory_.medecine, true, std::string("\0\1\2\3\4", 5));
    ASSERT_TRUE(thief->connected());
    ASSERT_TRUE(thief->say(hello()));
    exchange();
}

TEST_F(Attack, SeveralPartsAreRefusedAndCounted) {
    territory_.synchronise_all();
    Speaker speaker(identity().endpoint, identity().broker_curve,
                    territory_.medecine.station().keys().curve);
    const auto peer = hostile(territory_.medecine);
    ASSERT_TRUE(peer->connected());
    ASSERT_TRUE(peer->say(hello()));
    for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(peer->say(hello(), true));
        ASSERT_TRUE(peer->say(hello()));
    }
    exchange();
    EXPECT_GE(counted(ErrorCode::malformed), 150U);
}

TEST_F(Attack, KeysThatAreUnknownOrOverAreCountedAndGetNothing) {
    Post& post = territory_.medecine;
    const auto keys = post.station().keys().curve.public_key;
    const auto over = hostile(post);
    ASSERT_TRUE(over->connected());
    must(territory_.hospital.registrar().revoke(directory::RevokedObject::station,
                                                post.station().identity().station.view(), "",
                                                directory::RevocationReason::lost));
    EXPECT_NE(keys, CurvePublic{});
    over->say(hello());
    EXPECT_TRUE(over->ended()) << "it was let in before";
    constexpr std::uint32_t kStrangers = 40;
    for (std::uint32_t i = 0; i < kStrangers; ++i) {
        HostilePeer stranger(identity().endpoint, identity().broker_curve, generate_curve_keys());
        EXPECT_FALSE(stranger.connected());
    }
    const auto again = hostile(post);
    EXPECT_FALSE(again->connected());
    exchange();
    EXPECT_GE(counted(ErrorCode::unknown_key), kStrangers + 1);
    EXPECT_LE(leaves_, 3);
}

// The process that strangers reach: half-open connections, a message without end, guesses, and the
// same claim again and again; who was invited gets in meanwhile.
TEST_F(Attack, TheEnrolmentProcessHoldsAndLetsTheInvitedIn) {
    const Secret token = territory_.invite();
    const auto invitation = must(parse_invitation(as_text(token.expose())));
    const std::string& endpoint = invitation.enrolment_endpoint;
    const SilentConnections crowd(endpoint, 2 * limits::kEnrolmentConnectionsMax);
    HostilePeer endless(endpoint, invitation.enrolment_curve, generate_curve_keys());
    ASSERT_TRUE(endless.connected());
    const Bytes part(32 << 10, 7);
    endless.say_parts(part, 16'384);  // half a gibibyte
    EXPECT_TRUE(endless.ended());
    Speaker guesser(endpoint, invitation.enrolment_curve, generate_curve_keys());
    ASSERT_TRUE(guesser.connected());
    SystemRandom random;
    std::map<ErrorCode, int> told;
    for (int i = 0; i < 200; ++i) {
        const auto reply = guesser.ask(wire::Enrol{random.make<Locator>(), Bytes(100, 1), {}});
        ASSERT_TRUE(reply && std::holds_alternative<wire::Refusal>(*reply));
        ++told[std::get<wire::Refusal>(*reply).code];
    }
    EXPECT_EQ(told[ErrorCode::invitation_unknown] + told[ErrorCode::busy], 200);
    EXPECT_GT(told[ErrorCode::busy], 0) << "more than 50 a second";
    Post post(territory_.folder("cabinet-oudin"));
    station::EnrolmentRequest request;
    request.station_title = "Poste d'essai";
    request.person = station::NewPerson{"Dr Odile Oudin", "10", "10100000041"};
    request.organisation =
        station::NewOrganisation{must(Name::parse("cabinet-oudin")), "Cabinet Oudin",
                                 directory::OrganisationKind::practice, "360000049"};
    must(post.begin(token, std::move(request)));
    const auto settled = [](const auto& result) { return result.code() != ErrorCode::busy; };
    auto state = post.go_on();
    while (!settled(state)) state = post.go_on();  // while the flood uses the second up
    must(std::move(state));
    must(territory_.approve());
    post.complete();
    exchange();
    EXPECT_LE(counted(ErrorCode::invitation_unknown), 200U);
    EXPECT_LE(leaves_, 2);
}

}  // namespace
}  // namespace relais::test
