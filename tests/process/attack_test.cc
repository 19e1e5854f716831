// attack_test.cc: the broker's sockets under attack: what strangers and enrolled peers do to the
// transport. Each attack ends with its code in the audit (as a counted leaf), the broker's memory
// and descriptors stay within bounds that are stated, and others are served meanwhile.
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include "core/base/limits.h"
#include "core/files/files.h"
#include "tests/process/support/attack.h"

namespace relais::test {
namespace {

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
    EXPECT_LT(memory_kib(broker(), "VmHWM") - memory, may_grow_kib(128 << 10))
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
    const auto next = hostiles(territory_.medecine);
    exchange();
    const long memory = memory_kib(broker(), "VmHWM");
    std::atomic<std::uint32_t> ended{0};
    served_during([&] {
        const auto peer = next();
        if (!peer->connected() || !peer->say(hello())) return false;  // held back, for a while
        peer->say_parts(part, kParts);
        const bool struck = peer->ended();
        ended += struck ? 1 : 0;
        return struck;
    });
    EXPECT_GE(ended, 1U);
    // Measured 20 times a second; in between, as much comes as the loopback carries.
    EXPECT_LT(memory_kib(broker(), "VmHWM") - memory, may_grow_kib(192 << 10));
    exchange();
    EXPECT_EQ(counted(ErrorCode::over_budget, guilty), ended);
}

// One that was let in and has not said a word of the protocol.
TEST_F(Attack, AFirstMessageThatNeverEndsIsEndedSooner) {
    territory_.synchronise_all();
    const Bytes part(256 << 10, 7);
    const auto next = hostiles(territory_.medecine);
    std::atomic<std::uint32_t> ended{0};
    served_during([&] {
        const auto peer = next();
        if (!peer->connected()) return false;
        peer->say_parts(part, 4096);
        const bool struck = peer->ended();
        ended += struck ? 1 : 0;
        return struck;
    });
    EXPECT_GE(ended, 1U);
    EXPECT_EQ(counted(ErrorCode::over_budget), ended);
}

TEST_F(Attack, WhoAsksAndNeverReadsIsEndedWithinABound) {
    fill_proposals();
    territory_.synchronise_all();
    const StationId guilty = territory_.hospital.station().identity().station;
    const auto next = hostiles(territory_.hospital, Reads::nothing);
    exchange();
    const long memory = memory_kib(broker(), "VmHWM");
    constexpr int kRequests = 2000;  // half a gibibyte of answers
    std::atomic<std::uint32_t> ended{0};
    served_during([&] {
        const auto peer = next();
        if (!peer->connected() || !peer->say(hello())) return false;
        int asked = 0;
        while (asked < kRequests && peer->ask(wire::FetchProposals{})) ++asked;
        const bool struck = peer->ended();
        ended += struck ? 1 : 0;
        return struck;
    });
    EXPECT_GE(ended, 1U);
    EXPECT_LT(memory_kib(broker(), "VmHWM") - memory, may_grow_kib(192 << 10))
        << "64 MiB unread, beside what is on its way through the broker";
    exchange();
    EXPECT_EQ(counted(ErrorCode::quota_reached, guilty), ended);
}

// Slow is no crime: within the bound it is served to the end, whatever it takes altogether.
TEST_F(Attack, WhoReadsSlowlyIsServedToTheEndAndOthersMeanwhile) {
    fill_proposals();
    territory_.synchronise_all();
    const auto peer = hostile(territory_.hospital, Reads::one_at_a_time);
    ASSERT_TRUE(peer->connected());
    ASSERT_TRUE(peer->say(hello()));
    ASSERT_TRUE(peer->read());
    const long memory = memory_kib(broker(), "VmHWM");
    constexpr std::size_t kRequests = 400;  // 96 MB of answers: more than may be unread
    constexpr std::size_t kBehind = 40;
    for (std::size_t asked = 1; asked <= kRequests; ++asked) {
        ASSERT_TRUE(peer->ask(wire::FetchProposals{}));
        while (asked + 1 - peer->messages() > kBehind) ASSERT_TRUE(peer->read());
        if (asked % 150 == 0) exchange();
    }
    while (peer->messages() < kRequests + 1) ASSERT_TRUE(peer->read());
    EXPECT_FALSE(peer->over());
    EXPECT_LT(memory_kib(broker(), "VmHWM") - memory, may_grow_kib(96 << 10));
    exchange();
}

// One frame, whatever it is, makes no session: what was let in and says no Hello goes as a stranger
// does.
TEST_F(Attack, WhoSaysNoHelloIsEndedAsAStrangerIs) {
    territory_.synchronise_all();
    const StationId guilty = territory_.medecine.station().identity().station;
    const auto greeted = hostile(territory_.hospital);
    ASSERT_TRUE(greeted->connected() && greeted->say(hello()) && greeted->read());
    const auto peer = hostile(territory_.medecine);
    ASSERT_TRUE(peer->connected());
    ASSERT_TRUE(peer->say(as_bytes("no frame")));
    ASSERT_TRUE(peer->read()) << "it is refused, and told so";
    EXPECT_TRUE(peer->ended());
    exchange();
    EXPECT_FALSE(greeted->over()) << "one that has nothing to say stays";
    EXPECT_EQ(counted(ErrorCode::timed_out, guilty), 1U);
    EXPECT_EQ(counted(ErrorCode::timed_out), 1U);
}

// 64 sessions: a quarter for each organisation, whichever of its stations take them.
TEST_F(Attack, AnOrganisationHasItsShareOfTheSessionsAndTheOthersHaveTheRest) {
    territory_.synchronise_all();
    territory_.broker.stop();
    const auto config = territory_.broker.config();
    const std::string text(as_text(must(read_file(config, 1 << 16))));
    must(write_file(config, as_bytes(text + "\n[limits]\nsessions = 64\n"), 0600, Replace::yes));
    territory_.broker.start();
    std::vector<std::unique_ptr<HostilePeer>> idle;
    for (Post* post : {&territory_.medecine, &territory_.hospital}) {
        const auto next = hostiles(*post);
        for (int i = 0; i < 8; ++i) {
            idle.push_back(next());
            ASSERT_TRUE(idle.back()->connected() && idle.back()->say(as_bytes("no frame")));
            ASSERT_TRUE(idle.back()->read());
        }
    }
    const auto another = hostile(territory_.geriatrie);
    ASSERT_TRUE(another->connected());
    another->say(hello());
    EXPECT_TRUE(another->ended());
    EXPECT_EQ(another->messages(), 0U) << "refused before it is a peer";
    territory_.practice.synchronise();
    territory_.cpts.synchronise();
    EXPECT_EQ(counted(ErrorCode::busy), 1U);
}

// Whatever it looks like, those of libzmq's own form included.
TEST_F(Attack, ARoutingIdOfItsOwnChoiceIsRefused) {
    territory_.synchronise_all();
    for (const std::string& id : {std::string("somebody"), std::string("\0\1\2\3\4", 5)}) {
        const auto peer = hostile(territory_.medecine, Reads::everything, id);
        ASSERT_TRUE(peer->connected());
        peer->say(hello());
        EXPECT_TRUE(peer->ended());
        exchange();
    }
    EXPECT_EQ(counted(ErrorCode::forbidden), 2U);
}

// What libzmq counts up from in a process that has not seeded rand(), after so many sockets that
// drew a number before; and the next ones.
std::vector<std::string> foreseen_ids(int sockets_before, std::uint32_t count) {
    std::srand(1);
    std::uint32_t first = 0;
    for (int i = 0; i <= sockets_before; ++i) {
        first = static_cast<std::uint32_t>(std::rand());
        first |= static_cast<std::uint32_t>(std::rand()) << 31;
    }
    std::vector<std::string> ids;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t number = first + i;
        ids.emplace_back(1, '\0');
        for (const int shift : {24, 16, 8, 0}) ids.back() += static_cast<char>(number >> shift);
    }
    return ids;
}

// libzmq aborts its process when it gives somebody an id that another asked for.
TEST_F(Attack, WhoTakesTheIdsThatLibzmqWouldGiveNextEndsNothing) {
    territory_.synchronise_all();
    Post& post = territory_.medecine;
    const station::Identity identity = post.station().identity();
    const CurveKeyPair keys = curve_of(post);
    close_all();
    territory_.broker.stop();
    territory_.broker.start();  // its count begins anew
    std::vector<std::unique_ptr<HostilePeer>> thieves;
    for (const std::string& id : foreseen_ids(1, 20)) {
        thieves.push_back(std::make_unique<HostilePeer>(identity.endpoint, identity.broker_curve,
                                                        keys, Reads::everything, id));
        ASSERT_TRUE(thieves.back()->connected());
    }
    const pid_t before = broker();
    exchange(2);
    territory_.cpts.synchronise();
    EXPECT_EQ(broker(), before);
    EXPECT_TRUE(territory_.broker.running());
}

// Ids are no secret here, and the broker hears of an end before the id is free: within that, a
// frame that comes under the id of a ward's station is another's.
TEST_F(Attack, WhoTakesTheRoutingIdOfAStationThatIsThereOrHasJustLeftGetsNothingOfIt) {
    territory_.synchronise_all();
    const station::Identity identity = territory_.geriatrie.station().identity();
    const CurveKeyPair ward = curve_of(territory_.geriatrie);
    const CurveKeyPair other = curve_of(territory_.medecine);
    const Address mailbox = territory_.geriatrie.mailbox("geriatrie");
    close_all();
    territory_.broker.stop();
    territory_.broker.start({}, {"LD_PRELOAD=" RELAIS_IDS_SHIM});
    constexpr std::size_t kRounds = 20;
    const auto ids = foreseen_ids(1, kRounds + 1);  // the first is one of the broker's own
    int caught = 0;
    for (std::size_t round = 1; round <= kRounds && caught < 3; ++round) {
        auto victim = std::make_unique<Speaker>(identity.endpoint, identity.broker_curve, ward);
        const auto welcome = victim->greet();
        ASSERT_TRUE(welcome);
        wire::Attach attach{mailbox, std::get<wire::Welcome>(*welcome).incarnation, {}};
        attach.lanes.fill({{1}, 0});
        const auto take = [&] {
            auto thief = std::make_unique<HostilePeer>(identity.endpoint, identity.broker_curve,
                                                       other, Reads::everything, ids[round]);
            EXPECT_TRUE(thief->connected());
            thief->ask(attach);
            return thief;
        };
        const auto early = take();
        const auto attached = victim->ask(attach);
        ASSERT_TRUE(attached && std::holds_alternative<wire::Attached>(*attached));
        victim.reset();
        const auto late = take();
        // Refused with its connection; or, where the end was known already, let in as itself.
        if (late->read()) {
            const auto heard = late->heard();
            EXPECT_TRUE(heard && std::holds_alternative<wire::Refusal>(*heard));
        } else {
            ++caught;
        }
        EXPECT_EQ(early->messages(), 0U);
    }
    EXPECT_EQ(caught, 3);
    exchange();
    EXPECT_GE(counted(ErrorCode::forbidden), 3U);
}

TEST_F(Attack, NorDoesItEndTheEnrolmentProcess) {
    const auto invitation = must(parse_invitation(as_text(territory_.invite().expose())));
    const CurveKeyPair keys = generate_curve_keys();
    std::vector<std::unique_ptr<HostilePeer>> thieves;
    for (const std::string& id : foreseen_ids(0, 20)) {
        thieves.push_back(std::make_unique<HostilePeer>(invitation.enrolment_endpoint,
                                                        invitation.enrolment_curve, keys,
                                                        Reads::everything, id));
        ASSERT_TRUE(thieves.back()->connected());
    }
    Speaker stranger(invitation.enrolment_endpoint, invitation.enrolment_curve,
                     generate_curve_keys());
    ASSERT_TRUE(stranger.connected());
    const auto said = stranger.ask(wire::Enrol{invitation.locator, Bytes(100, 1), {}});
    EXPECT_TRUE(said && std::holds_alternative<wire::Done>(*said));
    for (const auto& thief : thieves) {
        EXPECT_FALSE(thief->over());
        thief->say(wire::encode_frame({1, wire::Enrol{invitation.locator, Bytes(100, 2), {}}}));
        EXPECT_TRUE(thief->ended()) << "a chosen id, as soon as it says a word";
    }
}

TEST_F(Attack, AStationThatConnectsAgainAndAgainIsHeldBack) {
    territory_.synchronise_all();
    Post& post = territory_.medecine;
    const station::Identity identity = post.station().identity();
    const CurveKeyPair keys = curve_of(post);
    post.close();
    constexpr int kTries = 5000;  // the first of them that is refused ends the search
    int tries = 0;
    for (bool let_in = true; let_in && tries < kTries; ++tries) {
        let_in = HostilePeer(identity.endpoint, identity.broker_curve, keys).connected();
    }
    EXPECT_GT(tries, 32) << "its own connections of before count as well";
    EXPECT_LT(tries, kTries);
    exchange();
    EXPECT_GE(counted(ErrorCode::busy, identity.station), 1U);
}

// There is no plain mode: what is not CURVE, or CURVE with another key of the broker, ends in the
// handshake, with nothing read. Greetings of ZMTP 3.0, 2.0 and 1.0, each with a first frame.
TEST_F(Attack, NothingIsSaidInClear) {
    territory_.synchronise_all();
    const auto greeting = [](const std::string& mechanism) {
        std::string text("\xFF\0\0\0\0\0\0\0\0\x7F\3\0", 12);
        text += mechanism + std::string(20 - mechanism.size(), '\0') + std::string(32, '\0');
        return text + std::string("\4\5READY", 7);
    };
    const Bytes frame = hello();
    const std::string one(1, static_cast<char>(frame.size() + 1));
    const std::string said = one + std::string(1, '\0') + std::string(as_text(frame));
    const std::vector<std::string> greetings = {
        greeting("NULL"),
        greeting("PLAIN"),
        greeting("GSSAPI"),
        std::string("\xFF\0\0\0\0\0\0\0\1\x7F\1\5\0\0", 14) + said,
        std::string("\1\0", 2) + said,
    };
    ASSERT_LT(frame.size(), 250U);
    for (const std::string& text : greetings) {
        const SilentConnections plain(territory_.broker.endpoint(), 1, as_bytes(text));
        territory_.practice.until([&] { return plain.ended() == 1; });
    }
    HostilePeer misled(identity().endpoint, generate_curve_keys().public_key,
                       territory_.medecine.station().keys().curve);
    EXPECT_FALSE(misled.connected()) << "a broker that is not the one it was told of";
    exchange();
    EXPECT_GE(counted(ErrorCode::unknown_key), 4U) << "three mechanisms, and another broker's key";
    EXPECT_EQ(counted(ErrorCode::forbidden) + counted(ErrorCode::malformed), 0U)
        << "no frame came through";
}

TEST_F(Attack, ABrokerWhoseLibraryHasNoCurveDoesNotStart) {
    territory_.broker.stop();
    const auto said = territory_.broker.try_start({"LD_PRELOAD=" RELAIS_PLAIN_SHIM});
    EXPECT_NE(said.code, 0);
    EXPECT_TRUE(said.says("built without CURVE")) << said.text;
    territory_.broker.start();
    exchange();
}

enum class Got { no_way_in, nothing, an_answer };

// What a process of another user gets from the operator's socket. One that is forked beside other
// threads calls the system alone.
Got ask_as(uid_t user, const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
    const Bytes frame = wire::encode_frame({1, wire::Probe{}});
    Bytes request;
    append_u32(request, static_cast<std::uint32_t>(frame.size()));
    append(request, ByteView(frame));
    const pid_t child = ::fork();
    if (child == 0) {
        const bool changed =
            ::setgroups(0, nullptr) == 0 && ::setgid(user) == 0 && ::setuid(user) == 0;
        const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
        if (!changed || ::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address)) {
            ::_exit(static_cast<int>(Got::no_way_in));
        }
        ::send(made, request.data(), request.size(), MSG_NOSIGNAL);
        char byte = 0;
        const bool answered = ::recv(made, &byte, 1, 0) == 1;
        ::_exit(static_cast<int>(answered ? Got::an_answer : Got::nothing));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return static_cast<Got>(WEXITSTATUS(status));
}

TEST_F(Attack, AnotherUserOfTheMachineCommandsNothing) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
    constexpr uid_t kNobody = 65534;
    const auto socket = territory_.broker.data() / "admin.sock";
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(socket).permissions(),
              perms::owner_read | perms::owner_write);
    EXPECT_EQ(ask_as(0, socket), Got::an_answer);
    EXPECT_EQ(ask_as(kNobody, socket), Got::no_way_in);
    // Even where somebody opened every door to it.
    for (const auto& path : {territory_.broker.folder(), territory_.broker.data(), socket}) {
        std::filesystem::permissions(path, perms::all);
    }
    EXPECT_EQ(ask_as(kNobody, socket), Got::nothing);
    EXPECT_EQ(ask_as(0, socket), Got::an_answer);
}

TEST_F(Attack, SeveralPartsAreRefusedAndCounted) {
    territory_.synchronise_all();
    const StationId guilty = territory_.medecine.station().identity().station;
    const auto peer = hostile(territory_.medecine);
    ASSERT_TRUE(peer->connected());
    ASSERT_TRUE(peer->say(hello()) && peer->read());
    std::uint32_t sent = 0;
    served_during([&] {
        for (int i = 0; i < 200; ++i) {
            EXPECT_TRUE(peer->say(hello(), true) && peer->say(hello()));
        }
        sent += 200;
        return true;
    });
    while (peer->messages() <= sent) ASSERT_TRUE(peer->read()) << "each is answered";
    EXPECT_EQ(counted(ErrorCode::malformed, guilty), sent);
    EXPECT_LE(leaves_, 30) << "a flood is counted, not listed: ten a minute, and the rest in one";
}

TEST_F(Attack, KeysThatAreUnknownOrOverAreCountedAndGetNothing) {
    Post& post = territory_.medecine;
    const auto over = hostile(post);
    ASSERT_TRUE(over->connected());
    must(territory_.hospital.registrar().revoke(directory::RevokedObject::station,
                                                post.station().identity().station.view(), "",
                                                directory::RevocationReason::lost));
    over->say(hello());
    EXPECT_TRUE(over->ended()) << "it was let in before";
    constexpr std::uint32_t kStrangers = 40;
    const station::Identity met = identity();
    std::uint32_t strangers = 0;
    served_during([&] {
        for (std::uint32_t i = 0; i < kStrangers; ++i) {
            HostilePeer stranger(met.endpoint, met.broker_curve, generate_curve_keys());
            EXPECT_FALSE(stranger.connected());
        }
        strangers += kStrangers;
        return true;
    });
    const auto again = hostile(post);
    EXPECT_FALSE(again->connected());
    exchange();
    EXPECT_GE(counted(ErrorCode::unknown_key), strangers + 1);
    EXPECT_LE(leaves_, 10) << "a flood is counted, not listed";
}

// The same endpoint, reached from another address of this machine.
std::string reached_from(const std::string& address, const std::string& endpoint) {
    return "tcp://" + address + ":0;" + endpoint.substr(std::strlen("tcp://"));
}

// Guesses and, as often, what is no frame at all, without a pause, from an address of its own;
// until it is told to stop.
class Guesser {
public:
    explicit Guesser(const Invitation& invitation)
        : endpoint_(reached_from("127.0.0.2", invitation.enrolment_endpoint)),
          curve_(invitation.enrolment_curve),
          thread_([this] { run(); }) {}
    ~Guesser() { stop(); }
    Guesser(const Guesser&) = delete;
    Guesser& operator=(const Guesser&) = delete;

    // What it was told, by code.
    std::map<ErrorCode, std::uint32_t> stop() {
        over_ = true;
        if (thread_.joinable()) thread_.join();
        return told_;
    }
    [[nodiscard]] int busy() const { return busy_; }  // times that it was told so

private:
    void run() {
        SystemRandom random;
        while (!over_) {
            Speaker speaker(endpoint_, curve_, generate_curve_keys());
            bool open = speaker.connected();
            while (open && !over_) {
                speaker.say_bytes(Bytes(200, 0xff));
                const auto reply =
                    speaker.ask(wire::Enrol{random.make<Locator>(), Bytes(100, 1), {}});
                open = reply.has_value();
                if (!open) break;
                const ErrorCode code = std::get<wire::Refusal>(*reply).code;
                ++told_[code];
                busy_ += code == ErrorCode::busy ? 1 : 0;
            }
        }
    }

    const std::string endpoint_;
    const CurvePublic curve_;
    std::map<ErrorCode, std::uint32_t> told_;
    std::atomic<int> busy_{0};
    std::atomic<bool> over_{false};
    std::thread thread_;
};

// The process that strangers reach: half-open connections, a message without end, guesses, and the
// same claim again and again; who was invited gets in meanwhile, and is not told once to wait.
TEST_F(Attack, TheEnrolmentProcessHoldsAndLetsTheInvitedIn) {
    const Secret token = territory_.invite();
    const auto invitation = must(parse_invitation(as_text(token.expose())));
    const std::string& endpoint = invitation.enrolment_endpoint;
    territory_.synchronise_all();
    const auto process = child_of(broker());
    ASSERT_TRUE(process);
    const long memory = memory_kib(*process, "VmHWM");
    const std::size_t descriptors = descriptors_of(*process);
    const SilentConnections crowd(endpoint, 2 * limits::kEnrolmentConnectionsMax);
    const Bytes part(32 << 10, 7);
    HostilePeer endless(endpoint, invitation.enrolment_curve, generate_curve_keys());
    ASSERT_TRUE(endless.connected());
    endless.say_parts(part, 16'384);  // half a gibibyte
    EXPECT_TRUE(endless.ended());
    Speaker claimant(reached_from("127.0.0.3", endpoint), invitation.enrolment_curve,
                     generate_curve_keys());
    ASSERT_TRUE(claimant.connected());
    const Bytes claim(60'000, 1);
    int taken = 0;
    while (taken < 40) {  // the same: more than the places of a locator, and one place
        const auto reply = claimant.ask(wire::Enrol{invitation.locator, claim, {}});
        ASSERT_TRUE(reply);
        const auto* refusal = std::get_if<wire::Refusal>(&*reply);
        ASSERT_TRUE(refusal == nullptr || refusal->code == ErrorCode::busy);
        taken += refusal == nullptr ? 1 : 0;
    }
    Guesser guesser(invitation);
    const auto begun = std::chrono::steady_clock::now();
    while (guesser.busy() == 0) std::this_thread::yield();
    Speaker invited(endpoint, invitation.enrolment_curve, generate_curve_keys());
    ASSERT_TRUE(invited.connected());
    for (int i = 0; i < 5; ++i) {
        const auto reply = invited.ask(wire::EnrolmentStatus{invitation.locator, {}});
        ASSERT_TRUE(reply);
        const auto* refusal = std::get_if<wire::Refusal>(&*reply);
        EXPECT_TRUE(refusal == nullptr || refusal->code != ErrorCode::busy) << "a share of its own";
    }
    Post post(territory_.folder("cabinet-oudin"));
    station::EnrolmentRequest request;
    request.station_title = "Poste d'essai";
    request.person = station::NewPerson{"Dr Odile Oudin", "10", "10100000041"};
    request.organisation =
        station::NewOrganisation{must(Name::parse("cabinet-oudin")), "Cabinet Oudin",
                                 directory::OrganisationKind::practice, "360000049"};
    const int before = guesser.busy();
    must(post.begin(token, std::move(request)));
    must(post.go_on());
    must(territory_.approve());
    EXPECT_EQ(child_of(broker()), process) << "the same: nothing ended it";
    EXPECT_LE(descriptors_of(*process), descriptors + limits::kEnrolmentConnectionsMax + 16);
    EXPECT_LT(memory_kib(*process, "VmHWM") - memory, 128 << 10);
    post.complete();
    EXPECT_GT(guesser.busy(), before) << "it went on beside all of this";
    const auto told = guesser.stop();
    const auto seconds =
        std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
    EXPECT_LE(told.at(ErrorCode::invitation_unknown), 10U * (seconds.count() + 1))
        << "of one address";
    EXPECT_GT(told.at(ErrorCode::busy), told.at(ErrorCode::invitation_unknown));
    exchange();
    EXPECT_GE(counted(ErrorCode::invitation_unknown), told.at(ErrorCode::invitation_unknown));
    EXPECT_LE(leaves_, 30) << "a flood is counted, not listed";
}

}  // namespace
}  // namespace relais::test
