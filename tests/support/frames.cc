#include "tests/support/frames.h"

#include "tests/support/envelopes.h"

namespace relais::wire {

namespace {

constexpr WallTime kTime{1'790'000'000'000};

Accepted sample_accepted(test::SeededRandom& random) {
    return {kTime, {17}, {940}, random.make<Digest>()};
}

std::vector<Digest> sample_digests(test::SeededRandom& random, std::size_t count) {
    std::vector<Digest> digests(count);
    for (Digest& digest : digests) digest = random.make<Digest>();
    return digests;
}

SignedHeader sample_header(test::SeededRandom& random) {
    P256Key key = test::make_p256_key(random);
    return test::sign_header(test::full_header(random), key);
}

void add_station_requests(std::vector<Body>& bodies, test::SeededRandom& random) {
    bodies.push_back(Hello{kProtocolVersion, "relais 0.1 (Debian 12)"});
    bodies.push_back(Submit{random.bytes(700), true});
    bodies.push_back(Attach{test::address("geriatrie.ch-valmont@indre"),
                            random.make<Incarnation>(),
                            {{{{1}, 256}, {{22}, 0}, {{UINT64_MAX}, UINT32_MAX}}}});
    bodies.push_back(Acknowledge{random.bytes(250)});
    bodies.push_back(MarkEntry{random.bytes(200), random.bytes(210)});
    bodies.push_back(FollowDirectory{{41}});
    bodies.push_back(AppendEntries{{random.bytes(300), random.bytes(20), {}}});
    bodies.push_back(PublishBundle{random.bytes(900)});
    bodies.push_back(FetchBundle{random.make<Digest>()});
    bodies.push_back(FetchProof{{12}, random.make<Digest>()});
    bodies.push_back(FetchConsistency{LogName::directory, 9});
    bodies.push_back(OpenInvitation{random.make<Locator>(), InvitationPurpose::recovery,
                                    std::chrono::hours(48)});
    bodies.push_back(FetchProposals{});
    bodies.push_back(
        DecideProposal{random.make<Locator>(), random.make<Digest>(), true, random.make<Digest>()});
}

void add_operator_requests(std::vector<Body>& bodies, test::SeededRandom& random) {
    bodies.push_back(AskStatus{});
    bodies.push_back(Probe{});
    bodies.push_back(FetchLeaves{LogName::audit, 512});
    bodies.push_back(FetchCheckpoints{LogName::directory, 8});
    bodies.push_back(Administer{Command::erase, random.make<Locator>(), random.make<MessageId>(),
                                ErasureReason::order,
                                Address::parse("geriatrie.ch-valmont@indre").value()});
}

void add_replies(std::vector<Body>& bodies, test::SeededRandom& random) {
    bodies.push_back(Welcome{test::name("indre"),
                             random.make<Incarnation>(),
                             random.make<StationId>(),
                             kTime,
                             {33},
                             true,
                             "tcp://relais.indre.example:5601",
                             "tcp://relais.indre.example:5602",
                             Restored{{71}, random.make<Digest>(), "indre/audit/2", true}});
    bodies.push_back(Done{random.make<P256Public>()});
    bodies.push_back(Attached{random.make<Incarnation>(),
                              {{{{0}, {0}}, {{3}, {9}}, {{UINT64_MAX}, {UINT64_MAX}}}}});
    bodies.push_back(Receipt{random.make<MessageId>(), sample_accepted(random), true});
    bodies.push_back(Refusal{ErrorCode::conflict, Retry::remade, "état : service choisi",
                             sample_header(random)});
    bodies.push_back(Bundle{random.bytes(800)});
    bodies.push_back(
        Proof{random.bytes(220), {41}, sample_digests(random, 6), "indre/audit\n42\n"});
    bodies.push_back(Consistency{21, sample_digests(random, 5), "indre/directory\n42\n",
                                 "indre/directory\n40\n", sample_digests(random, 2)});
    bodies.push_back(Proposals{{{random.make<Locator>(), random.bytes(500), random.make<Digest>()},
                                {random.make<Locator>(), random.bytes(9), random.make<Digest>()}}});
    bodies.push_back(Status{R"({"version":"0.1"})"});
    bodies.push_back(Probed{random.bytes(40), random.make<Signature>()});
    bodies.push_back(Leaves{600, {random.bytes(150), random.bytes(160)}});
    bodies.push_back(Checkpoints{{"indre/audit\n1\n", "indre/audit\n2\n"}});
}

void add_pushes(std::vector<Body>& bodies, test::SeededRandom& random) {
    bodies.push_back(Delivery{test::address("cabinet@indre"),
                              random.make<Incarnation>(),
                              Lane::crisis,
                              {77},
                              sample_envelope_entry(random)});
    bodies.push_back(
        DirectoryEntries{{40}, {random.bytes(200), random.bytes(210)}, "indre/directory\n42\n"});
    bodies.push_back(Cut{ErrorCode::superseded});
}

void add_enrolment(std::vector<Body>& bodies, test::SeededRandom& random) {
    bodies.push_back(Enrol{random.make<Locator>(), random.bytes(600), random.make<Digest>()});
    bodies.push_back(EnrolmentStatus{random.make<Locator>(), random.make<Digest>()});
    bodies.push_back(EnrolmentDecision{true, random.make<Digest>(), {44}});
}

void add_chunks(std::vector<Body>& bodies, test::SeededRandom& random) {
    bodies.push_back(PutChunk{random.make<Digest>(), random.bytes(700)});
    bodies.push_back(AskChunks{sample_digests(random, 3)});
    bodies.push_back(FetchChunk{test::address("geriatrie.ch-valmont@indre"),
                                random.make<MessageId>(), random.make<Digest>()});
    bodies.push_back(ChunksMissing{{0, 2, 1023}});
    bodies.push_back(Chunk{random.make<Digest>(), random.bytes(600)});
    bodies.push_back(OfferAgain{{40},
                                {random.bytes(300)},
                                "indre/directory\n42\n",
                                {random.make<Digest>()},
                                {random.bytes(120)},
                                "indre/audit\n42\n"});
}

void add_witnessing(std::vector<Body>& bodies, test::SeededRandom& random) {
    bodies.push_back(FollowCheckpoints{812, 40});
    bodies.push_back(Cosign{LogName::audit, 820, "\u2014 indre/witness/ch-valmont/1 AAAA\n"});
    bodies.push_back(
        NewCheckpoint{LogName::directory, 40, sample_digests(random, 4), "indre/directory\n42\n"});
}

void add_registers(std::vector<Body>& bodies, test::SeededRandom& random) {
    bodies.push_back(FetchRegister{test::name("protocol"), test::name("agreement"), 64});
    bodies.push_back(RegisterEntries{
        64, {{"12/1/3/01234567897", 1, sample_accepted(random), sample_header(random)}}, 65});
}

void add_days(std::vector<Body>& bodies, test::SeededRandom& random) {
    bodies.push_back(StateDay{random.bytes(230)});
    bodies.push_back(DayCounted{test::address("geriatrie.ch-valmont@indre"), {20787}, 42, 41});
}

}  // namespace

EnvelopeEntry sample_envelope_entry(test::SeededRandom& random) {
    const Header header = test::full_header(random);
    return {sample_header(random),
            random.bytes(528),
            test::make_boxes(header, random, Release::overdue)[2],
            sample_accepted(random),
            true,
            sample_digests(random, 2)};
}

std::vector<ChannelEntry> sample_entries(test::SeededRandom& random) {
    return {sample_envelope_entry(random), NoticeEntry{random.bytes(300)},
            MarkedEntry{random.bytes(200)},
            Tombstone{random.make<Digest>(), random.make<MessageId>()}};
}

std::vector<Body> sample_bodies(test::SeededRandom& random) {
    std::vector<Body> bodies;
    add_station_requests(bodies, random);
    add_operator_requests(bodies, random);
    add_replies(bodies, random);
    add_pushes(bodies, random);
    add_enrolment(bodies, random);
    add_chunks(bodies, random);
    add_witnessing(bodies, random);
    add_registers(bodies, random);
    add_days(bodies, random);
    return bodies;
}

}  // namespace relais::wire
