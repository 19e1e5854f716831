// access_test.cc: guarantee S1: who gets nothing, and whose act is refused.
#include <gtest/gtest.h>

#include "core/base/contexts.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/speaker.h"

namespace relais::test {
namespace {

class Access : public testing::Test {
protected:
    Speaker speak_as(Post& post) {
        auto& station = post.station();
        return {station.identity().endpoint, station.identity().broker_curve, station.keys().curve};
    }
    static ErrorCode refusal_of(const std::optional<wire::Body>& reply) {
        if (!reply) fail_test("the connection broke instead of an answer");
        const auto* refusal = std::get_if<wire::Refusal>(&*reply);
        return refusal == nullptr ? ErrorCode::ok : refusal->code;
    }
    // The envelope of an opening call as the practice would send it, changed by `change` before the
    // header is signed with `key`.
    template <typename Change>
    Bytes call_with(P256Key& key, Change change) {
        territory_.practice.synchronise();
        auto draft = admission_.draft({"geriatrie"});
        draft.acts.pop_back();
        auto signer = territory_.practice.signer();
        auto& station = territory_.practice.station();
        const auto ids = must(station::send_draft(station, draft, signer));
        const auto sent = must(station.store().outgoing(ids[0]));
        const Envelope sealed = must(Envelope::parse(sent->envelope));
        Header header = sealed.header();
        change(header);
        const Bytes bytes = encode_header(header);
        const Digest digest = header_digest(bytes);
        const auto signature = sign_headers({&digest, 1}, key);
        return encode_envelope({bytes, signature[0]}, sealed.content(), sealed.boxes());
    }
    ErrorCode submit(Post& post, const Bytes& envelope) {
        Speaker speaker = speak_as(post);
        post.close();  // a station has one session
        if (!speaker.greet()) fail_test("not welcome");
        return refusal_of(speaker.ask(wire::Submit{envelope}));
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
};

TEST_F(Access, S1_AnUnknownKeyIsNotLetIn) {
    const auto& identity = territory_.practice.station().identity();
    Speaker stranger(identity.endpoint, identity.broker_curve, generate_curve_keys());
    EXPECT_FALSE(stranger.greet());
    territory_.practice.synchronise();  // the others are served
}

TEST_F(Access, S1_ARevokedStationIsCutAtOnceAndTheOthersUntouched) {
    territory_.geriatrie.synchronise();
    Post& post = territory_.geriatrie;
    const StationId revoked = post.station().identity().station;
    must(territory_.hospital.registrar().revoke(directory::RevokedObject::station, revoked.view(),
                                                "", directory::RevocationReason::lost));
    ErrorCode end = ErrorCode::ok;
    while (end == ErrorCode::ok) end = post.station().turn(std::chrono::milliseconds(50)).code();
    EXPECT_EQ(end, ErrorCode::revoked);
    Speaker again = speak_as(post);
    EXPECT_FALSE(again.greet());
    territory_.practice.synchronise();
    auto draft = admission_.draft({"medecine"});
    admission_.id = draft.thread;
    auto signer = territory_.practice.signer();
    must(station::send_draft(territory_.practice.station(), draft, signer));
    territory_.practice.synchronise();
    territory_.medecine.synchronise();
    EXPECT_TRUE(admission_.reads(territory_.medecine, "call"));
}

TEST_F(Access, S1_AStationReadsOnlyItsOwnMailboxes) {
    Speaker speaker = speak_as(territory_.medecine);
    territory_.medecine.close();
    ASSERT_TRUE(speaker.greet());
    wire::Attach attach{territory_.geriatrie.mailbox("geriatrie"), std::nullopt, {}};
    for (auto& lane : attach.lanes) lane = {{1}, 100};
    EXPECT_EQ(refusal_of(speaker.ask(attach)), ErrorCode::not_your_mailbox);
    attach.mailbox = territory_.medecine.mailbox("medecine");
    EXPECT_EQ(refusal_of(speaker.ask(attach)), ErrorCode::ok);
}

TEST_F(Access, S1_AnActIsAcceptedOnlyFromThePersonWhoSignedIt) {
    auto own = territory_.practice.signer();
    auto other = territory_.geriatrie.signer();
    const auto later = [](Header& header) {
        for (Recipient& recipient : header.to) recipient.counter += 100;
    };
    EXPECT_EQ(submit(territory_.practice, call_with(other.key, later)), ErrorCode::bad_signature);
    const auto as_ward = [&](Header& header) {
        later(header);
        header.by = other.id;
    };
    EXPECT_EQ(submit(territory_.practice, call_with(own.key, as_ward)), ErrorCode::bad_signature);
    EXPECT_EQ(submit(territory_.practice, call_with(other.key, as_ward)), ErrorCode::unknown_person)
        << "of another organisation";
    const auto of_ward = [&](Header& header) {
        later(header);
        header.station = territory_.geriatrie.station().identity().station;
    };
    EXPECT_NE(submit(territory_.practice, call_with(own.key, of_ward)), ErrorCode::ok);
    const auto from_ward = [&](Header& header) {
        later(header);
        header.from = territory_.geriatrie.mailbox("geriatrie");
    };
    EXPECT_NE(submit(territory_.practice, call_with(own.key, from_ward)), ErrorCode::ok);
    const auto fresh = [&](Header& header) {  // the same with nothing forged passes
        later(header);
        header.id = make_uuid_v7<MessageId>(territory_.practice.station().random(),
                                            territory_.practice.station().now());
        header.thread = make_uuid_v7<ThreadId>(territory_.practice.station().random(),
                                               territory_.practice.station().now());
    };
    // Its boxes are bound to another header, which only who opens them can tell.
    EXPECT_EQ(submit(territory_.practice, call_with(own.key, fresh)), ErrorCode::ok);
}

// A declared profession gives no right: without its attestation a doctor calls nobody.
TEST_F(Access, S1_AnActIsAcceptedOnlyFromAPersonWhoMay) {
    auto own = territory_.practice.signer();
    const auto later = [](Header& header) {
        for (Recipient& recipient : header.to) recipient.counter += 100;
        header.id.bytes[15] ^= 1;
        header.thread.bytes[15] ^= 1;
    };
    const Bytes envelope = call_with(own.key, later);
    must(territory_.cpts.registrar().attest({must(Name::parse("cabinet-dupont")),
                                             territory_.practice.person(), "10", "10100000017",
                                             directory::Evidence::national_directory, true}));
    EXPECT_EQ(submit(territory_.practice, envelope), ErrorCode::not_attested);
    territory_.practice.synchronise();
    auto draft = admission_.draft({"geriatrie"});
    EXPECT_EQ(station::send_draft(territory_.practice.station(), draft, own).code(),
              ErrorCode::not_attested)
        << "the station says it before anything is queued";
}

TEST_F(Access, ASuspendedOrganisationIsCutAndComesBackWhenResumed) {
    territory_.practice.synchronise();
    auto op = territory_.broker.connect();
    auto registrar = territory_.broker.registrar();
    must(admin::set_suspended(op, registrar, "cabinet-dupont", true, {}));
    ErrorCode end = ErrorCode::ok;
    while (end == ErrorCode::ok) {
        end = territory_.practice.station().turn(std::chrono::milliseconds(50)).code();
    }
    EXPECT_EQ(end, ErrorCode::suspended);
    must(admin::set_suspended(op, registrar, "cabinet-dupont", false, {}));
    territory_.practice.close();
    territory_.practice.synchronise();
}

}  // namespace
}  // namespace relais::test
