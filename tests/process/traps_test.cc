// traps_test.cc: defects that users reported against comparable systems, on real processes.
#include <gtest/gtest.h>
#include <httplib.h>

#include "schemas/audit/leaf.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/audit_leaves.h"
#include "tests/process/support/speaker.h"

namespace relais::test {
namespace {

using station::SendState;

class Traps : public testing::Test {
protected:
    Traps() { admission_.call(); }

    void queue_notes(int count) {
        auto& station = territory_.practice.station();
        auto note = admission_.prepare(territory_.practice, "", "answer", {"geriatrie"});
        auto signer = territory_.practice.signer();
        for (int i = 0; i < count; ++i) {
            note.id = make_uuid_v7<MessageId>(station.random(), station.now());
            notes_.push_back(must(station::send_draft(station, note, signer)).front());
        }
    }
    std::vector<MessageId> received() {
        std::vector<MessageId> found;
        for (const auto& entry : must(territory_.geriatrie.station().store().entries(0, 10'000))) {
            const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
            if (envelope == nullptr) continue;
            EXPECT_EQ(entry.status, ErrorCode::ok);
            const Header header = must(parse_header(envelope->header.bytes));
            if (header.act == "answer") found.push_back(header.id);
        }
        return found;
    }
    int accepted() {
        int count = 0;
        for (const MessageId& note : notes_) {
            const auto sent = must(territory_.practice.station().store().outgoing(note));
            count += sent && sent->state == SendState::accepted;
        }
        return count;
    }
    double metric(const std::string& name) {
        const auto page = httplib::Client("http://" + territory_.broker.http()).Get("/metrics");
        const auto at = page ? page->body.find("\n" + name + " ") : std::string::npos;
        if (at == std::string::npos) fail_test("no metric " + name);
        return std::stod(page->body.substr(at + name.size() + 2));
    }
    static Speaker speak_as(Post& post) {
        auto& station = post.station();
        return {station.identity().endpoint, station.identity().broker_curve, station.keys().curve};
    }
    std::vector<Leaf> leaves() { return audit_leaves(territory_.broker); }

    RunningTerritory territory_;
    Admission admission_{territory_};
    std::vector<MessageId> notes_;
};

TEST_F(Traps, TheDuplicateOfWhatWasRefusedIsRefusedAlikeForEver) {
    admission_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
    admission_.act(territory_.practice, "", "choose", {"geriatrie"});
    const auto late =
        admission_.queue(territory_.medecine, "medecine", "offer", {}, {{"bed", "full"}}).front();
    territory_.medecine.synchronise();
    const auto first = must(territory_.medecine.station().store().outgoing(late));
    ASSERT_TRUE(first && first->state == SendState::refused && first->refusal);
    for (int times = 0; times < 2; ++times) {
        territory_.medecine.station();
        Speaker speaker = speak_as(territory_.medecine);
        territory_.medecine.close();
        ASSERT_TRUE(speaker.greet());
        const auto again = speaker.ask(wire::Submit{first->envelope});
        ASSERT_TRUE(again && std::holds_alternative<wire::Refusal>(*again));
        const auto& refusal = std::get<wire::Refusal>(*again);
        EXPECT_EQ(refusal.code, first->refusal->code);
        EXPECT_EQ(refusal.retry, Retry::never);
        EXPECT_EQ(refusal.detail, first->refusal->detail);
        territory_.broker.restart_after_kill();
    }
}

// Answers that come late, one flush after the other: nothing is sent twice meanwhile, and each
// receipt is that of its own message.
TEST_F(Traps, LateReceiptsCauseNoSecondSendingAndAttachToTheirMessage) {
    territory_.broker.set_disk(std::chrono::milliseconds(150), false);
    for (int times = 0; times < 6; ++times) {
        queue_notes(10);
        territory_.practice.until([&] { return accepted() >= 10 * times + 5; });
    }
    territory_.practice.synchronise();
    territory_.broker.set_disk(std::chrono::milliseconds(0), false);
    EXPECT_EQ(metric("relais_duplicates_total"), 0);
    const auto all = leaves();
    for (const MessageId& note : notes_) {
        const auto sent = must(territory_.practice.station().store().outgoing(note));
        ASSERT_TRUE(sent && sent->receipt);
        ASSERT_LT(sent->receipt->accepted.leaf.value, all.size());
        EXPECT_EQ(all[sent->receipt->accepted.leaf.value].message, note);
    }
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
}

TEST_F(Traps, AThousandQueuedAcrossAnOutageDrainOnce) {
    territory_.broker.stop();
    queue_notes(1000);
    territory_.practice.close();
    territory_.broker.start();
    must(territory_.practice.station().connect());
    territory_.practice.until([&] { return accepted() > 100; });
    territory_.broker.restart_after_kill();  // and once more in the middle of it
    territory_.practice.synchronise();
    EXPECT_EQ(accepted(), 1000);
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
}

TEST_F(Traps, AMalformedKeyUpdateIsRefusedAndTheRestGoesOn) {
    auto& station = territory_.hospital.station();
    const auto size = territory_.practice.station().replica().size();
    Bytes shaped = must(station.store().directory_entries(size.value - 1)).front();
    shaped[shaped.size() / 2] ^= 1;
    for (const Bytes& entry : {Bytes{1, 2, 3}, Bytes(5000, 0xFF), shaped}) {
        const auto refused = station.ask(wire::AppendEntries{{entry}}, kPatience);
        EXPECT_FALSE(refused.ok());
        EXPECT_EQ(error_info(refused.code()).retry, Retry::never) << error_name(refused.code());
    }
    must(territory_.hospital.registrar().roll_epoch(territory_.hospital.mailbox("medecine")));
    queue_notes(3);
    territory_.practice.synchronise();
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
}

TEST_F(Traps, D3_AnErasedEntryIsDeliveredAsATombstoneInItsPlace) {
    queue_notes(8);
    territory_.practice.synchronise();
    const Address ward = territory_.geriatrie.mailbox("geriatrie");
    territory_.geriatrie.station();
    const std::chrono::hours month(31 * 24);
    territory_.broker.set_clocks(month, month);
    queue_notes(2);
    territory_.practice.synchronise();
    territory_.practice.until([&] { return metric("relais_undelivered") < 100; });
    Speaker speaker = speak_as(territory_.geriatrie);
    territory_.geriatrie.close();
    ASSERT_TRUE(speaker.greet());
    wire::Attach attach{ward, std::nullopt, {}};
    for (auto& lane : attach.lanes) lane = {{1}, 200};
    const auto attached = speaker.ask(attach);
    ASSERT_TRUE(attached && std::holds_alternative<wire::Attached>(*attached));
    const auto last = std::get<wire::Attached>(*attached)
                          .lanes[static_cast<std::size_t>(Lane::urgent)]
                          .last.value;
    std::size_t stones = 0;
    for (std::uint64_t expected = 1; expected <= last;) {
        const auto push = speaker.next_push();
        ASSERT_TRUE(push);
        const auto* delivery = std::get_if<wire::Delivery>(&*push);
        if (delivery == nullptr || delivery->lane != Lane::urgent) continue;
        EXPECT_EQ(delivery->seq.value, expected);
        stones += std::holds_alternative<Tombstone>(delivery->entry);
        ++expected;
    }
    EXPECT_GE(stones, 9U) << "the call and eight notes are over";
}

}  // namespace
}  // namespace relais::test
