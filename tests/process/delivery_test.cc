// delivery_test.cc: guarantees D1 to D7 on real processes: kills, restarts, breaks, clocks.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/child.h"
#include "tests/process/support/hostile_peer.h"
#include "tests/process/support/speaker.h"

namespace relais::test {
namespace {

using station::SendState;

// An open case, and notes (`answer`) that the practice may add to it any number of times.
class Delivery : public testing::Test {
protected:
    Delivery() { admission_.call(); }

    void queue_notes(int count) {
        auto& station = territory_.practice.station();
        auto note = admission_.prepare(territory_.practice, "", "answer", {"geriatrie"});
        auto signer = territory_.practice.signer();
        for (int i = 0; i < count; ++i) {
            note.id = make_uuid_v7<MessageId>(station.random(), station.now());
            notes_.push_back(must(station::send_draft(station, note, signer)).front());
        }
    }
    SendState state_of(const MessageId& note) {
        const auto sent = must(territory_.practice.station().store().outgoing(note));
        if (!sent) fail_test("a note is gone from the outbox");
        return sent->state;
    }
    int accepted() {
        int count = 0;
        for (const MessageId& note : notes_) count += state_of(note) == SendState::accepted;
        return count;
    }
    // Notes that the ward's station holds as valid, in the order it received them.
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
    Speaker speak_as(Post& post) {
        auto& station = post.station();
        return {station.identity().endpoint, station.identity().broker_curve, station.keys().curve};
    }
    // A note that the broker can only refuse: its signature is another's.
    MessageId queue_unsigned() {
        queue_notes(1);
        const Envelope whole = must(Envelope::parse(envelope_of(notes_.back())));
        SignedHeader header = whole.signed_header();
        header.signature.signature = territory_.practice.station().random().make<Signature>();
        must(territory_.practice.station().store().set_envelope(
            notes_.back(), encode_envelope(header, whole.content(), whole.boxes())));
        return notes_.back();
    }
    Bytes envelope_of(const MessageId& note) {
        return must(territory_.practice.station().store().outgoing(note))->envelope;
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    std::vector<MessageId> notes_;
};

TEST_F(Delivery, D1_WhatWasAcknowledgedSurvivesAKill) {
    for (int round = 0; round < 5; ++round) {
        queue_notes(20);
        const int before = accepted();
        territory_.practice.until([&] { return accepted() > before; });
        const int acknowledged = accepted();
        territory_.broker.restart_after_kill();
        territory_.geriatrie.synchronise();
        EXPECT_GE(static_cast<int>(received().size()), acknowledged);
        territory_.practice.synchronise();
        territory_.geriatrie.synchronise();
        EXPECT_EQ(received(), notes_) << "each once, in the order they were sent";
    }
}

TEST_F(Delivery, D2_TheSameSubmissionGetsTheOriginalAnswerBeforeAnyRule) {
    queue_notes(1);
    territory_.practice.synchronise();
    const Bytes envelope = envelope_of(notes_[0]);
    territory_.practice.close();
    // Its signer loses the right to act; a new submission would be refused, the old answer stands.
    must(territory_.cpts.registrar().attest({must(Name::parse("cabinet-dupont")),
                                             territory_.practice.person(), "10", "10100000017",
                                             directory::Evidence::national_directory, true}));
    territory_.practice.synchronise();
    territory_.practice.close();
    territory_.broker.restart_after_kill();
    Speaker speaker = speak_as(territory_.practice);
    ASSERT_TRUE(speaker.greet());
    const auto again = speaker.ask(wire::Submit{envelope});
    ASSERT_TRUE(again && std::holds_alternative<wire::Receipt>(*again));
    const auto& receipt = std::get<wire::Receipt>(*again);
    const auto original = must(territory_.practice.station().store().outgoing(notes_[0]));
    EXPECT_TRUE(receipt.duplicate);
    EXPECT_EQ(receipt.accepted.leaf, original->receipt->accepted.leaf);
    EXPECT_EQ(receipt.accepted.leaf_hash, original->receipt->accepted.leaf_hash);

    Bytes other = envelope;
    other[other.size() / 2] ^= 1;  // within the content, whose bytes the id stands for
    const auto refused = speaker.ask(wire::Submit{other});
    ASSERT_TRUE(refused && std::holds_alternative<wire::Refusal>(*refused));
}

TEST_F(Delivery, D3_EachLaneIsWithoutGapAndInOrderFromAnyCursor) {
    queue_notes(12);
    territory_.practice.synchronise();
    const Address ward = territory_.geriatrie.mailbox("geriatrie");
    territory_.geriatrie.station();
    const auto endpoint = territory_.geriatrie.station().identity();
    for (const std::uint64_t from : {1U, 5U}) {
        territory_.geriatrie.close();
        Speaker speaker = speak_as(territory_.geriatrie);
        ASSERT_TRUE(speaker.greet());
        wire::Attach attach{ward, std::nullopt, {}};
        for (auto& lane : attach.lanes) lane = {{1}, 200};
        attach.lanes[static_cast<std::size_t>(Lane::urgent)].next = {from};
        const auto attached = speaker.ask(attach);
        ASSERT_TRUE(attached && std::holds_alternative<wire::Attached>(*attached));
        const auto last = std::get<wire::Attached>(*attached)
                              .lanes[static_cast<std::size_t>(Lane::urgent)]
                              .last.value;
        ASSERT_GE(last, 13U);
        for (std::uint64_t expected = from; expected <= last;) {
            const auto push = speaker.next_push();
            ASSERT_TRUE(push);
            const auto* delivery = std::get_if<wire::Delivery>(&*push);
            if (delivery == nullptr || delivery->lane != Lane::urgent) continue;
            EXPECT_EQ(delivery->seq.value, expected);
            ++expected;
        }
    }
}

TEST_F(Delivery, D4_DeliveredAgainUntilAcknowledgedYetStoredOnce) {
    queue_notes(5);
    territory_.practice.synchronise();
    const Address ward = territory_.geriatrie.mailbox("geriatrie");
    territory_.geriatrie.station();
    for (int times = 0; times < 2; ++times) {  // taken from the wire twice, never acknowledged
        territory_.geriatrie.close();
        Speaker speaker = speak_as(territory_.geriatrie);
        ASSERT_TRUE(speaker.greet());
        wire::Attach attach{ward, std::nullopt, {}};
        for (auto& lane : attach.lanes) lane = {{1}, 200};
        ASSERT_TRUE(speaker.ask(attach));
        ASSERT_TRUE(speaker.next_push());
    }
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
    const auto serial = must(territory_.geriatrie.station().store().last_serial());
    territory_.broker.restart_after_kill();
    territory_.geriatrie.close();
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
    EXPECT_EQ(must(territory_.geriatrie.station().store().last_serial()), serial);
}

TEST_F(Delivery, D5_WhatExpiresUndeliveredIsToldToItsSenderOnceAndNotBefore) {
    territory_.medecine.close();
    admission_.queue(territory_.practice, "", "answer", {"medecine"});
    territory_.practice.synchronise();
    const auto expiries = [this] {
        int count = 0;
        for (const auto& entry : must(territory_.practice.station().store().entries(0, 10'000))) {
            const auto* notice = std::get_if<NoticeEntry>(&entry.delivery.entry);
            if (notice == nullptr) continue;
            const auto opened = territory_.practice.station().judge().open_notice(*notice);
            count += opened.ok() && opened->kind == NoticeKind::expired;
        }
        return count;
    };
    const std::chrono::hours day(24);
    territory_.broker.set_clocks(29 * day, 29 * day);  // kept for 30 days
    territory_.practice.until([&] {
        return must(territory_.practice.station().ask(wire::FetchProposals{}, kPatience)), true;
    });
    territory_.practice.synchronise();
    EXPECT_EQ(expiries(), 0);
    territory_.broker.set_clocks(31 * day, 31 * day);
    territory_.practice.until([&] { return expiries() > 0; });
    territory_.practice.synchronise();
    EXPECT_EQ(expiries(), 1);
}

TEST_F(Delivery, D6_TheMemoryOfTheBrokerDoesNotGrowWithWhatItKeeps) {
    territory_.geriatrie.close();
    const auto resident_kib = [this] {
        return memory_kib(territory_.broker.child().pid(), "VmRSS");
    };
    queue_notes(2500);  // what it keeps at hand is full by then
    territory_.practice.synchronise();
    const long before = resident_kib();
    const auto stored = std::filesystem::file_size(territory_.broker.data() / "relais.db");
    queue_notes(2500);
    territory_.practice.synchronise();
    EXPECT_LT(resident_kib() - before, may_grow_kib(2048));
    territory_.broker.stop();  // what is in the write-ahead log is in the database then
    EXPECT_GT(std::filesystem::file_size(territory_.broker.data() / "relais.db"),
              stored + (3U << 20))
        << "the test must store more than it allows to grow";
    territory_.broker.start();
}

TEST_F(Delivery, D7_AStationWorksOfflineAndItsSubmissionsGoInOrder) {
    territory_.practice.close();
    territory_.broker.stop();
    queue_notes(20);
    territory_.practice.close();  // and its own process ends as well
    EXPECT_EQ(accepted(), 0);
    territory_.broker.start();
    territory_.practice.synchronise();
    EXPECT_EQ(accepted(), 20);
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
}

// An owner that asks something of the broker in between is told all the same.
// The notes sent since the copy come back to it, and with them the counters that are taken.
TEST_F(Delivery, AStationPutBackFromACopySendsAgainOnceItHasSynchronised) {
    namespace fs = std::filesystem;
    Post& post = territory_.practice;
    post.synchronise();
    post.close();
    const fs::path copy = territory_.folder("copy");
    fs::copy(post.folder().path, copy, fs::copy_options::recursive);
    queue_notes(3);
    post.synchronise();
    ASSERT_EQ(accepted(), 3);
    const auto sent = [&] {
        std::uint64_t sum = 0;
        for (const auto& day : must(post.station().store().days(
                 post.mailbox(), {0}, {std::numeric_limits<std::int32_t>::max() - 1}))) {
            sum += day.sent;
        }
        return sum;
    };
    const std::uint64_t before = sent();
    ASSERT_GE(before, 3U);
    post.close();
    fs::remove_all(post.folder().path);
    fs::rename(copy, post.folder().path);
    post.synchronise();
    EXPECT_EQ(sent(), before) << "as others count";
    notes_.clear();
    queue_notes(1);
    post.synchronise();
    EXPECT_EQ(accepted(), 1);
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received().size(), 4U);
}

TEST_F(Delivery, WhatHappensWhileAQuestionIsAskedIsToldByTheNextTurn) {
    auto& station = territory_.practice.station();
    must(station.connect());
    must(station.turn(std::chrono::milliseconds(0)));  // of the call
    const MessageId note = queue_unsigned();
    while (state_of(note) == SendState::queued) {
        must(station.ask(wire::FetchProposals{}, kPatience));
    }
    EXPECT_EQ(state_of(note), SendState::refused);
    EXPECT_EQ(must(station.turn(std::chrono::milliseconds(0))).answered, 1U);
    EXPECT_EQ(must(station.turn(std::chrono::milliseconds(0))).answered, 0U) << "once";
}

// `relais watch` of the practice, beside the test, which only queues.
class Watched : public Delivery {
protected:
    Watched() {
        must(write_file(territory_.folder("words"), as_bytes(std::string(kPostPassphrase) + "\n"),
                        0600, Replace::no));
    }
    void watch() {
        territory_.practice.close();
        const std::string command = "exec \"$@\" 3< \"" + territory_.folder("words").string() +
                                    "\" > \"" + territory_.folder("watched").string() + "\"";
        child_ = std::make_unique<Child>(
            "/bin/sh", std::vector<std::string>{"-c", command, "sh", program("relais"), "--station",
                                                territory_.practice.folder().path,
                                                "--passphrase-fd", "3", "--json", "watch"});
    }
    void await_answer(const MessageId& note) {
        const auto limit = std::chrono::steady_clock::now() + kPatience;
        while (state_of(note) == SendState::queued) {
            if (std::chrono::steady_clock::now() > limit) fail_test("no answer");
            station::Link::pause(std::chrono::milliseconds(20));
        }
    }
    // Its words about answers, once it has said all it had to say.
    std::vector<std::string> told() {
        EXPECT_EQ(child_->terminate(), 0);
        std::vector<std::string> messages;
        std::ifstream file(territory_.folder("watched"));
        for (std::string line; std::getline(file, line);) {
            const auto event = nlohmann::json::parse(line);
            if (event.value("event", "") == "answered") messages.push_back(event["message"]);
        }
        return messages;
    }
    std::unique_ptr<Child> child_;
};

// Soft and hard, as /proc says them of a process.
std::string core_limits(pid_t process) {
    std::ifstream limits("/proc/" + std::to_string(process) + "/limits");
    for (std::string line; std::getline(limits, line);) {
        std::istringstream words(line);
        std::string max, core, file, size, soft, hard;
        words >> max >> core >> file >> size >> soft >> hard;
        if (core == "core") return soft + " " + hard;
    }
    return "no such process";
}

// A crash would write down keys, and on a station opened forms. The shell and the test leave them
// as they are: the programs do it.
TEST_F(Watched, S4_NeitherStationNorBrokerLeavesACoreFile) {
    rlimit allowed{};
    ASSERT_EQ(::getrlimit(RLIMIT_CORE, &allowed), 0);
    if (allowed.rlim_max == 0) GTEST_SKIP() << "nothing leaves one here";
    watch();
    queue_notes(1);
    await_answer(notes_.back());
    EXPECT_EQ(core_limits(child_->pid()), "0 0");
    EXPECT_EQ(core_limits(territory_.broker.child().pid()), "0 0");
    EXPECT_NE(core_limits(::getpid()), "0 0");
}

TEST_F(Watched, ARefusalIsToldWhenItComesAndNotWhenTheWatchBegins) {
    const MessageId old = queue_unsigned();
    territory_.practice.synchronise();
    ASSERT_EQ(state_of(old), SendState::refused);
    watch();
    queue_notes(1);
    await_answer(notes_.back());
    EXPECT_EQ(state_of(notes_.back()), SendState::accepted);
    territory_.broker.stop();  // else it would go before it is spoilt
    const MessageId refused = queue_unsigned();
    territory_.broker.start();
    await_answer(refused);
    EXPECT_EQ(told(), std::vector{uuid(refused)});
}

}  // namespace
}  // namespace relais::test
