// forgery_test.cc: what an enrolled station can say that is not so, and what is no frame at all:
// one table of forgeries that are signed as they should be, and a sample of hostile bytes. Each is
// refused with its code and leaves its leaf; the next honest act of the same station passes.
#include <gtest/gtest.h>

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"
#include "schemas/audit/leaf.h"
#include "schemas/compiler/compiler.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/wire_generated.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/audit_leaves.h"
#include "tests/process/support/hostile_peer.h"
#include "tests/process/support/speaker.h"
#include "tests/support/random.h"

namespace relais::test {
namespace {

class Forgery : public testing::Test {
protected:
    static Speaker speak_as(Post& post) {
        auto& station = post.station();
        Speaker speaker{station.identity().endpoint, station.identity().broker_curve,
                        station.keys().curve};
        post.close();  // a station has one session
        return speaker;
    }
    static ErrorCode code_of(const std::optional<wire::Body>& reply) {
        if (!reply) fail_test("the connection broke instead of an answer");
        const auto* refusal = std::get_if<wire::Refusal>(&*reply);
        return refusal == nullptr ? ErrorCode::ok : refusal->code;
    }
    // A call that the practice has made and not sent yet; it waits in its outbox.
    Envelope honest_call() {
        territory_.practice.synchronise();
        auto draft = admission_.draft({"geriatrie"});
        draft.acts.pop_back();
        auto signer = territory_.practice.signer();
        const auto ids = must(station::send_draft(territory_.practice.station(), draft, signer));
        const auto sent = must(territory_.practice.station().store().outgoing(ids[0]));
        return must(Envelope::parse(sent->envelope));
    }
    // The same under another id and thread and later counters, changed, and signed with `key`.
    template <typename Change>
    Bytes forged(const Envelope& honest, P256Key& key, Change change) {
        Header header = honest.header();
        header.id = make_uuid_v7<MessageId>(random_, header.time);
        header.thread = make_uuid_v7<ThreadId>(random_, header.time);
        for (Recipient& recipient : header.to) recipient.counter += 100;
        change(header);
        const Bytes bytes = encode_header(header);
        const Digest digest = header_digest(bytes);
        return encode_envelope({bytes, sign_headers({&digest, 1}, key)[0]}, honest.content(),
                               honest.boxes());
    }
    // Each is refused with its code, and leaves a leaf of it.
    template <typename Cases>
    void refuses(Speaker& speaker, const Envelope& honest, P256Key& key, const Cases& cases) {
        std::set<ErrorCode> expected;
        const auto before = refused_leaves(Event::submitted);
        for (const auto& one : cases) {
            P256Key& signs = one.key == nullptr ? key : *one.key;
            const Bytes envelope = forged(honest, signs, one.change);
            EXPECT_EQ(code_of(speaker.ask(wire::Submit{envelope})), one.code) << one.what;
            expected.insert(one.code);
        }
        const auto leaves = refused_leaves(Event::submitted);
        for (const ErrorCode code : expected) {
            EXPECT_GT(leaves.count(code), before.count(code))
                << error_info(code).name << " left no leaf";
        }
    }
    std::multiset<ErrorCode> refused_leaves(Event event) {
        std::multiset<ErrorCode> codes;
        for (const Leaf& leaf : audit_leaves(territory_.broker)) {
            if (leaf.event == event && leaf.code != ErrorCode::ok) codes.insert(leaf.code);
        }
        return codes;
    }

    void attest(bool withdrawn) {
        const PersonId doctor = territory_.practice.person();
        must(territory_.cpts.registrar().attest(
            {must(Name::parse("cabinet-dupont")), doctor, "10", "10100000017",
             directory::Evidence::national_directory, withdrawn}));
    }
    // The kind `admission` as it is, under the next number.
    void publish_next_admission() {
        const auto folder = territory_.folder("kinds") / "admission";
        std::filesystem::create_directories(folder);
        std::filesystem::copy(kind_folder("admission"), folder,
                              std::filesystem::copy_options::recursive);
        // What its forms include stands beside the kinds.
        for (const auto& item :
             std::filesystem::directory_iterator(kind_folder("admission").parent_path())) {
            if (item.path().extension() != ".fbs") continue;
            std::filesystem::copy(item.path(), territory_.folder("kinds"));
        }
        const auto file = folder / "declaration.toml";
        std::string text(as_text(must(read_file(file, 1 << 20))));
        const std::string version = "\nversion = ";
        const std::size_t at = text.find(version) + version.size();
        const std::size_t end = text.find('\n', at);
        text.replace(at, end - at, std::to_string(std::stoi(text.substr(at, end - at)) + 1));
        must(write_file(file, as_bytes(text), 0600, Replace::yes));
        must(territory_.cpts.registrar().publish_kind(must(compiler::compile_kind(folder))));
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    SeededRandom random_{20260101};
};

struct Case {
    const char* what;
    ErrorCode code;
    std::function<void(Header&)> change;
    P256Key* key = nullptr;  // that signs; the doctor's otherwise
};

TEST_F(Forgery, WhatIsSignedAndNotSoIsRefusedWithItsCodeAndItsLeaf) {
    admission_.call({"geriatrie"});  // counters are above nothing now
    const Envelope honest = honest_call();
    auto signer = territory_.practice.signer();
    auto other = territory_.geriatrie.signer();
    const PersonId doctor = territory_.geriatrie.person();
    const Address unknown =
        Address::of("urologie", must(Name::parse("ch-valmont")), must(Name::parse("essai")));
    const std::vector<Case> cases = {
        {"for a doctor of another organisation", ErrorCode::unknown_person,
         [&](Header& header) { header.on_behalf_of = doctor; }},
        {"under a directory that never was", ErrorCode::head_contradiction,
         [](Header& header) { header.head.root.bytes[0] ^= 1; }},
        {"under a directory that is not yet", ErrorCode::ahead_of_directory,
         [](Header& header) { header.head.size.value += 1000; }},
        {"under an empty directory", ErrorCode::head_contradiction,
         [](Header& header) { header.head.size.value = 0; }},
        {"with a counter that was used", ErrorCode::counter_reused,
         [](Header& header) { header.to[0].counter = 1; }},
        {"under a kind that nobody published", ErrorCode::unknown_kind,
         [](Header& header) { header.kind.bytes[0] ^= 1; }},
        {"an act that the kind does not have", ErrorCode::act_refused,
         [](Header& header) { header.act = "no-such-act"; }},
        {"a later act in a thread that is not", ErrorCode::unknown_thread,
         [](Header& header) { header.act = "choose"; }},
        {"in a lane that the act does not take", ErrorCode::lane_refused,
         [](Header& header) { header.lane = Lane::crisis; }},
        {"with a public field that is not declared", ErrorCode::public_field_refused,
         [](Header& header) {
             header.publics.push_back({999, 1});
         }},
        {"with a delay out of bounds", ErrorCode::duration_refused,
         [](Header& header) { header.respond_within = std::chrono::hours(24 * 365); }},
        {"to a unit that is not", ErrorCode::unknown_recipient,
         [&](Header& header) { header.to[0].mailbox = unknown; }},
        {"from another station", ErrorCode::forbidden,
         [](Header& header) { header.station.bytes[15] ^= 1; }},
        {"by nobody", ErrorCode::unknown_person, [](Header& header) { header.by.bytes[15] ^= 1; }},
        {"by a doctor who did not sign it", ErrorCode::bad_signature,
         [&](Header& header) { header.by = doctor; }},
        {"by its doctor, signed by another", ErrorCode::bad_signature, [](Header&) {}, &other.key},
    };
    Speaker speaker = speak_as(territory_.practice);
    ASSERT_TRUE(speaker.greet());
    refuses(speaker, honest, signer.key, cases);
    // Nothing was used up: the honest one passes, and then stands.
    EXPECT_EQ(code_of(speaker.ask(wire::Submit{to_bytes(honest.bytes())})), ErrorCode::ok);
    const auto same_id = [&](Header& header) { header.id = honest.header().id; };
    EXPECT_EQ(code_of(speaker.ask(wire::Submit{forged(honest, signer.key, same_id)})),
              ErrorCode::duplicate_mismatch);
    const auto again = speaker.ask(wire::Submit{to_bytes(honest.bytes())});
    ASSERT_TRUE(again && std::holds_alternative<wire::Receipt>(*again));
    EXPECT_TRUE(std::get<wire::Receipt>(*again).duplicate) << "a replay is answered, and no more";
    territory_.geriatrie.synchronise();
    int received = 0;
    for (const auto& entry : must(territory_.geriatrie.station().store().entries(0, 100))) {
        received += std::holds_alternative<EnvelopeEntry>(entry.delivery.entry);
    }
    EXPECT_EQ(received, 2);
}

// What was right when it was made and is so no more; the directory has gone on meanwhile.
TEST_F(Forgery, WhatIsOverIsRefusedWithItsCodeAndItsLeaf) {
    const Envelope honest = honest_call();
    const station::Identity self = territory_.practice.station().identity();
    auto signer = territory_.practice.signer();
    P256Key secretary = P256Key::generate();
    const auto id_now = [&] { return territory_.practice.station().now(); };
    auto registrar = territory_.practice.registrar();
    const PersonId deputy = make_uuid_v7<PersonId>(random_, id_now());
    must(registrar.add_person_to(
        {deputy, "Sam Secrétaire", "secretary", "", secretary.public_key()}, self.station));
    const directory::Mandate mandate{
        make_uuid_v7<MandateId>(random_, id_now()), deputy, signer.id, {"admission/*"}, {}};
    must(registrar.add_mandate(mandate));
    must(registrar.revoke(directory::RevokedObject::mandate, mandate.id.view(), "",
                          directory::RevocationReason::other));
    const auto ward = territory_.hospital.mailbox("geriatrie");
    for (int i = 0; i < 2; ++i) must(territory_.hospital.registrar().roll_epoch(ward));
    const std::vector<Case> cases = {
        {"by a secretary whose mandate has ended", ErrorCode::no_mandate,
         [&](Header& header) {
             header.by = deputy;
             header.on_behalf_of = signer.id;
         },
         &secretary},
        {"sealed to the epoch before the last", ErrorCode::reseal, [](Header&) {}},
    };
    Speaker speaker = speak_as(territory_.practice);
    ASSERT_TRUE(speaker.greet());
    refuses(speaker, honest, signer.key, cases);
}

// The profession loses its attestation; the kind is published anew; and a kind that asks for the
// patient's agreement is opened without it by a header that no station would make.
TEST_F(Forgery, WhatAStationWouldNotHaveMadeIsRefusedWithItsCodeAndItsLeaf) {
    const Envelope honest = honest_call();
    auto signer = territory_.practice.signer();
    const Bytes advice = must(compiler::compile_kind(kind_folder("advice")));
    must(territory_.cpts.registrar().publish_kind(advice));
    const auto without_agreement = [&](std::vector<PublicField> publics) {
        return [digest = sha256(advice), publics = std::move(publics)](Header& header) {
            header.kind = digest;
            header.act = "question";
            header.lane = Lane::urgent;
            header.publics = publics;
        };
    };
    const auto as_it_is = [](Header&) {};
    {
        Speaker speaker = speak_as(territory_.practice);
        ASSERT_TRUE(speaker.greet());
        refuses(speaker, honest, signer.key,
                std::vector<Case>{{"the patient does not agree", ErrorCode::agreement_missing,
                                   without_agreement({{1, 0}, {2, 1}})},
                                  {"nothing is said of it", ErrorCode::public_field_refused,
                                   without_agreement({{2, 1}})}});
        attest(true);
        refuses(
            speaker, honest, signer.key,
            std::vector<Case>{{"a doctor no longer attested", ErrorCode::not_attested, as_it_is}});
        attest(false);
        publish_next_admission();
        refuses(speaker, honest, signer.key,
                std::vector<Case>{
                    {"under the version of before", ErrorCode::wrong_kind_version, as_it_is}});
    }
}

// A station asks for what is another's, by its name or by a digest that it guessed.
TEST_F(Forgery, WhatIsAnothersIsRefusedWithItsCodeAndItsLeaf) {
    admission_.call({"geriatrie"});
    territory_.medecine.synchronise();
    const Address own = territory_.medecine.mailbox("medecine");
    const Address ward = territory_.medecine.mailbox("geriatrie");
    Speaker speaker = speak_as(territory_.medecine);
    const auto welcome = speaker.greet();
    ASSERT_TRUE(welcome);
    wire::Attach attach{ward, std::get<wire::Welcome>(*welcome).incarnation, {}};
    attach.lanes.fill({{1}, 10});
    const MessageId message = admission_.opening.front();
    const std::vector<std::tuple<const char*, ErrorCode, wire::Body>> cases = {
        {"another's mailbox", ErrorCode::not_your_mailbox, attach},
        {"a chunk through it", ErrorCode::not_your_mailbox,
         wire::FetchChunk{ward, message, random_.make<Digest>()}},
        {"a guessed chunk", ErrorCode::unknown_object,
         wire::FetchChunk{own, message, random_.make<Digest>()}},
    };
    for (const auto& [what, code, request] : cases) {
        const auto before = refused_leaves(Event::request_refused).count(code);
        EXPECT_EQ(code_of(speaker.ask(request)), code) << what;
        EXPECT_EQ(refused_leaves(Event::request_refused).count(code), before + 1) << what;
    }
    attach.mailbox = own;
    const auto attached = speaker.ask(attach);
    EXPECT_TRUE(attached && std::holds_alternative<wire::Attached>(*attached)) << "its own is";
}

// Whoever learns an id beforehand cannot spend it for its owner: ids are each station's own.
TEST_F(Forgery, AnIdThatAnotherStationUsedFirstIsStillItsOwners) {
    const Envelope honest = honest_call();
    territory_.medecine.synchronise();
    auto thief = territory_.medecine.signer();
    const StationId station = territory_.medecine.station().identity().station;
    const Address ward = territory_.medecine.mailbox("medecine");
    const Bytes stolen = forged(honest, thief.key, [&](Header& header) {
        header.id = honest.header().id;
        header.station = station;
        header.by = thief.id;
        header.from = ward;
    });
    {
        Speaker speaker = speak_as(territory_.medecine);
        ASSERT_TRUE(speaker.greet());
        EXPECT_EQ(code_of(speaker.ask(wire::Submit{stolen})), ErrorCode::ok)
            << "an honest call of its own, but for the id";
        EXPECT_EQ(code_of(speaker.ask(wire::Submit{to_bytes(honest.bytes())})),
                  ErrorCode::duplicate_mismatch)
            << "nor can it send the honest one as its own";
    }
    territory_.practice.synchronise();
    const auto sent = must(territory_.practice.station().store().outgoing(honest.header().id));
    EXPECT_EQ(sent->state, station::SendState::accepted);
}

// Remis means that a station of the unit holds it: one that does not cannot say so of what it has
// not seen, nor for others.
TEST_F(Forgery, RemisIsSaidOnlyOfWhatWasDeliveredAndByItsOwnStation) {
    territory_.medecine.synchronise();
    territory_.geriatrie.synchronise();
    Post& liar = territory_.medecine;
    P256Key key = must(P256Key::from_scalar(liar.station().keys().signing.scalar()));
    DeliveredStatement said{liar.station().identity().station,
                            liar.mailbox("medecine"),
                            {},
                            Lane::urgent,
                            {2},
                            {2},
                            {}};
    admission_.call({"geriatrie", "medecine"});
    admission_.queue(territory_.practice, "", "answer", {"medecine"});
    territory_.practice.synchronise();  // and nobody has fetched it
    Speaker speaker = speak_as(liar);
    const auto welcome = speaker.greet();
    ASSERT_TRUE(welcome);
    said.incarnation = std::get<wire::Welcome>(*welcome).incarnation;
    const auto say = [&](const auto& change) {
        DeliveredStatement other = said;
        change(other);
        return code_of(speaker.ask(wire::Acknowledge{
            encode_statement(make_statement(contexts::kDelivered, encode_delivered(other), key))}));
    };
    EXPECT_EQ(say([](auto& other) { other.first = other.last = {77}; }), ErrorCode::wrong_position);
    EXPECT_EQ(say([](auto&) {}), ErrorCode::digest_mismatch) << "without having seen what it is";
    EXPECT_EQ(say([&](auto& other) { other.mailbox = territory_.geriatrie.mailbox("geriatrie"); }),
              ErrorCode::not_your_mailbox);
    EXPECT_EQ(say([&](auto& other) {
                  other.station = territory_.geriatrie.station().identity().station;
              }),
              ErrorCode::forbidden);
    EXPECT_EQ(say([](auto& other) { other.incarnation.bytes[0] ^= 1; }), ErrorCode::wrong_position);
    const auto leaves = refused_leaves(Event::request_refused);
    for (const ErrorCode code : {ErrorCode::wrong_position, ErrorCode::digest_mismatch,
                                 ErrorCode::not_your_mailbox, ErrorCode::forbidden}) {
        EXPECT_TRUE(leaves.contains(code)) << error_info(code).name;
    }
}

// Entries that are all the same one: some 35 KB that would be read as 8 MB for each list.
using SharedEntries =
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::SignedBytes>>>;

SharedEntries shared_entries(flatbuffers::FlatBufferBuilder& builder) {
    const auto entry =
        fb::CreateSignedBytes(builder, builder.CreateVector(Bytes(limits::kEntryBytesMax)));
    return builder.CreateVector(std::vector(limits::kEntriesPerFrameMax, entry));
}

std::vector<Bytes> bombs() {
    flatbuffers::FlatBufferBuilder append;
    const auto appended = fb::CreateAppendEntries(append, shared_entries(append));
    append.Finish(fb::CreateFrame(append, 1, fb::Body::AppendEntries, appended.Union()));
    flatbuffers::FlatBufferBuilder offer;
    const SharedEntries entries = shared_entries(offer);
    const auto offered = fb::CreateOfferAgain(offer, 0, entries, 0, 0, entries);
    offer.Finish(fb::CreateFrame(offer, 1, fb::Body::OfferAgain, offered.Union()));
    return {to_bytes(flat::finished(append)), to_bytes(flat::finished(offer))};
}

TEST_F(Forgery, FramesThatAreNoFramesCostNothingAndEndNothing) {
    const Envelope honest = honest_call();
    const Bytes whole = wire::encode_frame({1, wire::Submit{to_bytes(honest.bytes())}});
    territory_.synchronise_all();
    Speaker speaker = speak_as(territory_.medecine);
    ASSERT_TRUE(speaker.greet());
    const pid_t broker = territory_.broker.child().pid();
    const long memory = memory_kib(broker, "VmHWM");
    const auto database = territory_.broker.data() / "relais.db";
    const auto stored = std::filesystem::file_size(database);
    std::size_t said = 0;
    const auto say = [&](ByteView bytes) {
        speaker.say_bytes(bytes);
        // Fewer wait than a session may have waiting.
        if (++said % 500 == 0 && !speaker.greet())
            fail_test("the session has ended after " + std::to_string(said));
    };
    // Each length once, the flips spread over the frame: the volume is in the fuzzers and unit
    // tests.
    for (std::size_t size = 0; size < whole.size(); ++size) say(ByteView(whole).first(size));
    for (std::size_t bit = 0; bit < 8 * whole.size(); bit += 29) {
        Bytes bad = whole;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        say(bad);
    }
    for (const Bytes& bomb : bombs()) {
        ASSERT_LT(bomb.size(), 40'000U);
        for (int i = 0; i < 200; ++i) say(bomb);
    }
    const Bytes oversized(limits::kFrameBytesMax + 100);
    for (int i = 0; i < 20; ++i) say(oversized);
    ASSERT_TRUE(speaker.greet()) << "the session goes on";
    EXPECT_GT(said, 2000U);
    EXPECT_LT(memory_kib(broker, "VmHWM") - memory, may_grow_kib(96 << 10));
    EXPECT_LT(std::filesystem::file_size(database) - stored, 4U << 20);
    const auto leaves = refused_leaves(Event::request_refused);
    EXPECT_GE(leaves.count(ErrorCode::malformed), 1U);
    EXPECT_LE(leaves.size(), 80U) << "10 of a code and minute have their own leaf";
    territory_.practice.synchronise();
    territory_.geriatrie.synchronise();
    EXPECT_EQ(must(territory_.practice.station().store().outgoing(honest.header().id))->state,
              station::SendState::accepted);
    // Beyond what the limit of a message leaves, libzmq ends the connection.
    speaker.say_bytes(Bytes(limits::kFrameBytesMax + 4096));
    EXPECT_TRUE(speaker.broken());
}

}  // namespace
}  // namespace relais::test
