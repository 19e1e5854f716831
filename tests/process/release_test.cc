// release_test.cc: who has a held box, and when: a fallback nothing before the clock, by whatever
// it asks, and all of it after; a ward that was not chosen never what names the patient.
#include <gtest/gtest.h>

#include <algorithm>

#include "clients/station/api/attachments.h"
#include "clients/station/api/recipients.h"
#include "core/base/contexts.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/speaker.h"

namespace relais::test {
namespace {

using std::chrono::hours;

// Somebody with a station's keys, who keeps all that is said to it.
class Prying {
public:
    explicit Prying(Post& post)
        : speaker_(post.station().identity().endpoint, post.station().identity().broker_curve,
                   post.station().keys().curve) {
        post.close();  // a station has one session
        if (!speaker_.greet()) fail_test("not let in");
    }
    ErrorCode ask(wire::Body request) {
        const auto reply = speaker_.ask(std::move(request));
        if (!reply) fail_test("the connection broke instead of an answer");
        heard_.push_back(wire::encode_frame({1, *reply}));
        last_ = *reply;
        const auto* refusal = std::get_if<wire::Refusal>(&last_);
        return refusal == nullptr ? ErrorCode::ok : refusal->code;
    }
    // All that stands in the mailbox, from the first entry on; how many they are.
    std::size_t read_all(const Address& mailbox) {
        wire::Attach attach{mailbox, std::nullopt, {}};
        for (auto& lane : attach.lanes) lane = {{1}, 100};
        if (ask(attach) != ErrorCode::ok) fail_test(mailbox.text() + " is not read");
        std::uint64_t entries = 0;
        for (const auto& lane : std::get<wire::Attached>(last_).lanes) entries += lane.last.value;
        for (std::uint64_t i = 0; i < entries; ++i) {
            const auto push = speaker_.next_push();
            if (!push) fail_test("the connection broke");
            heard_.push_back(wire::encode_frame({0, *push}));
        }
        return entries;
    }
    [[nodiscard]] const wire::Body& last() const { return last_; }
    // Whether anything that was said holds these bytes.
    [[nodiscard]] bool has(ByteView part) const {
        return std::ranges::any_of(heard_, [&](const Bytes& frame) {
            return std::ranges::search(frame, part).begin() != frame.end();
        });
    }
    // The sealed content of a message, a key to it, a name of one of its chunks.
    [[nodiscard]] bool has_anything_of(const Envelope& message) const {
        const auto boxes = message.boxes();
        const auto chunks = message.chunks();
        return has(message.content().first(32)) || has(message.content().last(32)) ||
               std::ranges::any_of(boxes, [&](const KeyBox& box) { return has(box.sealed_key); }) ||
               std::ranges::any_of(chunks, [&](const Digest& chunk) { return has(chunk.view()); });
    }

private:
    Speaker speaker_;
    wire::Body last_ = wire::Done{};
    std::vector<Bytes> heard_;
};

class Held : public testing::Test {
protected:
    // Whom the geriatric ward names, should it not answer.
    void put_behind_geriatrics(const Address& fallback) {
        must(territory_.hospital.registrar().add_unit({must(Name::parse("geriatrie")),
                                                       "Gériatrie aiguë",
                                                       "",
                                                       "02 54 00 00 00",
                                                       {"admission"},
                                                       {},
                                                       fallback}));
    }
    // A call whose record has a file with it.
    void call(const std::vector<std::string>& wards) {
        const auto file = territory_.folder("ordonnance.pdf");
        must(write_file(file, as_bytes("%PDF-1.7\n" + std::string(5000, 'x')), 0600, Replace::yes));
        territory_.practice.synchronise();
        auto draft = admission_.draft(wards);
        draft.acts[1].attachments = {must(station::examine_file(file))};
        admission_.id = draft.thread;
        auto signer = territory_.practice.signer();
        admission_.opening =
            must(station::send_draft(territory_.practice.station(), draft, signer));
        territory_.synchronise_all();
    }
    // What the practice is shown as held back from that mailbox; none where nothing is.
    std::optional<station::Held> held(const MessageId& message, const Address& box) {
        for (const auto& item : admission_.view(practice_).items) {
            if (!item.opened || item.message != message) continue;
            for (const auto& receipt : item.receipts) {
                if (receipt.mailbox == box.text()) return receipt.held;
            }
        }
        ADD_FAILURE() << "no receipt of " << box.text();
        return std::nullopt;
    }
    station::StoredOutgoing sent(Post& post, const MessageId& message) {
        return must(post.station().store().outgoing(message)).value();
    }
    Envelope envelope(Post& post, const MessageId& message) {
        return must(Envelope::parse(sent(post, message).envelope));
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    Post& practice_ = territory_.practice;
    Post& chosen_ = territory_.geriatrie;
};

// "<code> <severity> <text>" of what is said of the recipients before sending.
std::string said_of_recipients(Post& post, const station::Draft& draft) {
    std::string said;
    for (const auto& [act, finding] : must(station::check_draft(post.station(), draft))) {
        if (finding.path != "to") continue;
        said += std::string(error_name(finding.code)) +
                (finding.severity == forms::Severity::error ? " error " : " warning ") +
                finding.message + "\n";
    }
    return said;
}

TEST_F(Held, AWardWhoseFallbackHasNoStationIsReachedAndItsSenderIsToldThatNobodyIsBehindIt) {
    must(territory_.hospital.registrar().add_unit(
        {must(Name::parse("garde")), "Équipe de garde", "", "", {"admission"}}));
    const Address box = territory_.hospital.mailbox("garde");
    put_behind_geriatrics(box);
    territory_.synchronise_all();
    const std::string ward = chosen_.mailbox("geriatrie").text();
    EXPECT_EQ(said_of_recipients(practice_, admission_.draft({"geriatrie", "medecine"})),
              "fallback_missing warning " + ward +
                  " : personne derrière ce service s'il ne répond pas, " + box.text() +
                  " ne prend pas ce type d'échange ou ne peut pas encore le lire.\n");
    call({"geriatrie"});
    chosen_.synchronise();
    EXPECT_TRUE(admission_.reads(chosen_, "call"));
}

TEST_F(Held, WhatIsWithdrawnReachesThoseWhoAreLeftWhereAWardWasRevoked) {
    call({"geriatrie", "medecine"});
    const Address left = chosen_.mailbox("geriatrie");
    const Address gone = territory_.medecine.mailbox("medecine");
    must(territory_.hospital.registrar().revoke(directory::RevokedObject::unit, {}, "medecine",
                                                directory::RevocationReason::left));
    territory_.hospital.synchronise();
    practice_.synchronise();
    const auto view = admission_.view(practice_);
    const auto parties =
        station::every_party(practice_.station().directory(), view.kind->kind, *view.state);
    EXPECT_EQ(parties.there, std::vector{left});
    EXPECT_EQ(parties.gone, std::vector{gone});
    const auto cancel = [&](std::vector<Address> to) {
        return draft_of(practice_, admission_.id, practice_.mailbox(), "cancel", std::move(to),
                        {{"cancel-reason", "IMPROVED"}});
    };
    EXPECT_NE(said_of_recipients(practice_, cancel({left, gone})).find("unknown_recipient error"),
              std::string::npos);
    EXPECT_EQ(said_of_recipients(practice_, cancel({left})),
              "unknown_recipient warning " + gone.text() +
                  " : n'en saura rien, ce service n'existe plus ou est suspendu.\n");
    Exchange exchange(kind_folder("admission"), {&practice_, &chosen_});
    EXPECT_EQ(exchange.send(practice_, cancel({left})), ErrorCode::ok);
    chosen_.synchronise();
    EXPECT_EQ(admission_.view(chosen_).state_label, admission_.view(practice_).state_label);
    EXPECT_TRUE(admission_.reads(chosen_, "cancel"));
    EXPECT_TRUE(admission_.view(practice_).possible.empty());
}

TEST_F(Held, AFallbackHasNothingBeforeTheClockWhateverItAsksAndActsAfterIt) {
    Post on_call(territory_.folder("garde"));
    territory_.add_ward(on_call, "garde", "Équipe de garde",
                        {"Dr Gaëlle Garde", "10", "10100000041"});
    const Address box = on_call.mailbox("garde");
    put_behind_geriatrics(box);
    territory_.synchronise_all();
    call({"geriatrie"});
    const Envelope asked = envelope(practice_, admission_.opening[0]);
    const Envelope record = envelope(practice_, admission_.opening[1]);
    ASSERT_EQ(asked.header().to.size(), 2u);
    ASSERT_EQ(asked.header().to[1].mailbox, box);
    on_call.synchronise();
    EXPECT_EQ(station::view_thread(on_call.station(), admission_.id).code(),
              ErrorCode::unknown_thread);
    {
        Prying early(on_call);
        EXPECT_EQ(early.read_all(box), 0u);
        for (const Envelope* message : {&asked, &record}) {
            for (const Digest& chunk : record.chunks()) {
                EXPECT_EQ(early.ask(wire::FetchChunk{box, message->header().id, chunk}),
                          ErrorCode::unknown_object);
            }
            EXPECT_NE(early.ask(wire::Submit{to_bytes(message->bytes())}), ErrorCode::ok);
        }
        EXPECT_EQ(early.read_all(box), 0u) << "nor since it asked";
        EXPECT_FALSE(early.has_anything_of(asked));
        EXPECT_FALSE(early.has_anything_of(record));
    }
    EXPECT_FALSE(admission_.reads(chosen_, "deposit"));
    const Address ward = chosen_.mailbox("geriatrie");
    const auto waits = held(admission_.opening[0], box);
    ASSERT_TRUE(waits);
    EXPECT_EQ(waits->until, Release::overdue);
    const auto deadlines = admission_.view(practice_).deadlines;
    ASSERT_FALSE(deadlines.empty());
    EXPECT_EQ(waits->end, deadlines.front().end) << "when the delay of the answer ends";
    EXPECT_EQ(held(admission_.opening[0], ward), std::nullopt);
    EXPECT_EQ(held(admission_.opening[1], ward), station::Held{Release::chosen});

    // The four hours are over, and nobody has answered.
    territory_.broker.set_clocks(hours(5), hours(5));
    on_call.until([&] { return station::view_thread(on_call.station(), admission_.id).ok(); });
    on_call.synchronise();
    EXPECT_TRUE(admission_.reads(on_call, "call"));
    EXPECT_FALSE(admission_.reads(on_call, "deposit")) << "it is not chosen";
    admission_.act(on_call, "garde", "offer", {}, {{"bed", "full"}});
    EXPECT_TRUE(admission_.reads(practice_, "offer"));
    {
        Prying late(on_call);
        EXPECT_GT(late.read_all(box), 0u);
        EXPECT_TRUE(late.has(asked.content().first(32)));
        EXPECT_FALSE(late.has_anything_of(record));
    }
    admission_.act(practice_, "", "choose", {"garde"});
    on_call.synchronise();
    EXPECT_TRUE(admission_.reads(on_call, "deposit"));
    EXPECT_EQ(held(admission_.opening[0], box), std::nullopt);
    EXPECT_EQ(held(admission_.opening[1], ward),
              (station::Held{Release::chosen, std::nullopt, true}));
    EXPECT_FALSE(admission_.reads(chosen_, "deposit")) << "which was called first";
}

// ---- a ward that is called, not chosen, and asks for what it may not have

struct Question {
    const char* what;
    wire::Body request;
    std::optional<ErrorCode> code;  // absent: whichever
};

class NotChosen : public Held {
protected:
    // Signed by the ward: it has opened a message that it never had.
    wire::MarkEntry opened(const Envelope& message) {
        auto& station = hostile_.station();
        auto signer = hostile_.signer();
        const MessageId& id = message.header().id;
        const WallTime now = station.now();
        return {
            encode_statement(make_statement(
                contexts::kMark,
                encode_mark({signer.id, own_, id, message.digest(), Word::opened, now}),
                signer.key)),
            encode_statement(make_statement(contexts::kOpened,
                                            encode_opened({station.identity().station, own_, id,
                                                           message.digest(), Word::opened, now}),
                                            station.keys().signing))};
    }
    // A choice of itself, which its own doctor signs.
    wire::Submit chooses_itself(const Envelope& message) {
        Header header = message.header();
        auto signer = hostile_.signer();
        header.id = make_uuid_v7<MessageId>(hostile_.station().random(), header.time);
        header.act = "choose";
        header.by = signer.id;
        header.station = hostile_.station().identity().station;
        header.from = own_;
        header.chunks.reset();
        header.to = {{own_, 1000}};
        header.publics.clear();
        const Bytes bytes = encode_header(header);
        const Digest digest = header_digest(bytes);
        const std::vector<KeyBox> boxes(message.boxes().begin(), message.boxes().begin() + 2);
        return {encode_envelope({bytes, sign_headers({&digest, 1}, signer.key)[0]},
                                message.content(), boxes)};
    }
    // Everything that the protocol lets a station ask, about this record.
    std::vector<Question> questions(const std::vector<MessageId>& of_others) {
        const Envelope asked = envelope(practice_, admission_.opening[0]);
        const Envelope record = envelope(practice_, admission_.opening[1]);
        const auto where = sent(practice_, record.header().id).receipt->accepted;
        const Digest chunk = record.chunks().front();
        const MessageId id = record.header().id;
        const Address chosen = chosen_.mailbox("geriatrie");
        const auto attach = [](const Address& mailbox) {
            wire::Attach all{mailbox, std::nullopt, {}};
            for (auto& lane : all.lanes) lane = {{1}, 100};
            return all;
        };
        using enum ErrorCode;
        std::vector<Question> all = {
            {"the chosen ward's mailbox", attach(chosen), not_your_mailbox},
            {"the practice's mailbox", attach(practice_.mailbox()), not_your_mailbox},
            {"a mark on the record", opened(record), unknown_object},
            {"its chunk", wire::FetchChunk{own_, id, chunk}, unknown_object},
            {"its chunk, by what may be read", wire::FetchChunk{own_, asked.header().id, chunk},
             unknown_object},
            {"its chunk, where it stands", wire::FetchChunk{chosen, id, chunk}, not_your_mailbox},
            {"its chunks, as if to send them", wire::AskChunks{{chunk}}, ok},
            {"the proof of its leaf", wire::FetchProof{where.leaf, where.leaf_hash}, std::nullopt},
            {"the same by a guess", wire::FetchProof{where.leaf, {}}, unknown_object},
            {"a register",
             wire::FetchRegister{must(Name::parse("admission")), must(Name::parse("deposit")), 0},
             unknown_object},
            {"nothing again", wire::OfferAgain{}, forbidden},
            {"the record again", wire::OfferAgain{.erasures = {to_bytes(record.bytes())}},
             forbidden},
            {"a choice of itself", chooses_itself(record), recipient_refused},
            {"the audit log", wire::FetchLeaves{wire::LogName::audit, 0}, forbidden},
            {"the status", wire::AskStatus{}, forbidden},
        };
        for (const MessageId& message : of_others) {
            for (Post* post : {&practice_, &chosen_}) {
                const auto stored = must(post->station().store().outgoing(message));
                if (!stored) continue;
                all.push_back({"another's envelope", wire::Submit{stored->envelope}, forbidden});
                all.push_back(
                    {"another's, again", wire::Submit{stored->envelope, true}, forbidden});
            }
        }
        return all;
    }
    void pry(const std::vector<MessageId>& of_others) {
        hostile_.synchronise();
        const Envelope record = envelope(practice_, admission_.opening[1]);
        const auto all = questions(of_others);
        Prying ward(hostile_);
        EXPECT_GT(ward.read_all(own_), 0u);
        for (const Question& each : all) {
            const ErrorCode code = ward.ask(each.request);
            EXPECT_EQ(code, each.code.value_or(code)) << each.what << ": " << error_info(code).name;
            if (each.what == std::string("its chunks, as if to send them")) {
                EXPECT_EQ(std::get<wire::ChunksMissing>(ward.last()).places.size(), 1u)
                    << "that others have sent them is not told";
            }
        }
        EXPECT_GT(ward.read_all(own_), 0u) << "and what stands there since";
        EXPECT_TRUE(ward.has(envelope(practice_, admission_.opening[0]).content().first(32)));
        EXPECT_FALSE(ward.has_anything_of(record));
    }

    Post& hostile_ = territory_.medecine;
    const Address own_ = hostile_.mailbox("medecine");
};

TEST_F(NotChosen, WhateverAWardAsksItHasNothingOfTheRecordBeforeTheChoiceNorAfter) {
    call({"geriatrie", "medecine"});
    auto of_others = admission_.opening;
    const auto offered = admission_.queue(chosen_, "geriatrie", "offer", {}, {{"bed", "full"}});
    of_others.push_back(offered.front());
    territory_.synchronise_all();
    pry(of_others);
    const auto choice = admission_.queue(practice_, "", "choose", {"geriatrie"});
    of_others.push_back(choice.front());
    territory_.synchronise_all();
    ASSERT_TRUE(admission_.reads(chosen_, "deposit"));
    pry(of_others);
    hostile_.synchronise();
    EXPECT_FALSE(admission_.reads(hostile_, "deposit"));

    // The same look at the chosen ward's keys finds all of it.
    const Envelope record = envelope(practice_, admission_.opening[1]);
    const Address box = chosen_.mailbox("geriatrie");
    Prying ward(chosen_);
    ward.read_all(box);
    EXPECT_TRUE(ward.has(record.content().first(32)));
    EXPECT_TRUE(ward.has_anything_of(record));
    EXPECT_EQ(ward.ask(wire::FetchChunk{box, record.header().id, record.chunks().front()}),
              ErrorCode::ok);
    EXPECT_TRUE(std::holds_alternative<wire::Chunk>(ward.last()));
}

}  // namespace
}  // namespace relais::test
