// audit_test.cc: guarantees A1 and A2 on real processes: everything that happened has its leaf,
// provable against a signed head, and whatever is altered behind it is found.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "clients/station/api/proofs.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "schemas/audit/leaf.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/audit_leaves.h"
#include "tests/process/support/speaker.h"
#include "tools/evidence/proof.h"

namespace relais::test {
namespace {

class Audit : public testing::Test {
protected:
    std::vector<Leaf> leaves() { return audit_leaves(territory_.broker); }
    int count(Event event, ErrorCode code = ErrorCode::ok) {
        int found = 0;
        for (const Leaf& leaf : leaves()) found += leaf.event == event && leaf.code == code;
        return found;
    }

    // The exit status of relais-audit.
    static int run_audit(const std::vector<std::string>& arguments) {
        Child audit(program("relais-audit"), arguments);
        const int status = audit.wait();
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    static std::vector<std::filesystem::path> files_below(const std::filesystem::path& path) {
        if (std::filesystem::is_regular_file(path)) return {path};
        std::vector<std::filesystem::path> found;
        for (const auto& item : std::filesystem::recursive_directory_iterator(path)) {
            if (item.is_regular_file()) found.push_back(item.path());
        }
        return found;
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
};

TEST_F(Audit, A1_WhatEnrolmentAndAnAdmissionDoHasItsLeaves) {
    const auto before = leaves();
    EXPECT_GT(count(Event::broker_started), 0);
    EXPECT_GT(count(Event::directory_appended), 5);
    EXPECT_GE(count(Event::invitation_opened), 5);
    EXPECT_EQ(count(Event::enrolment_decided), count(Event::enrolment_proposed));
    EXPECT_EQ(count(Event::submitted), 0);
    admission_.call();
    EXPECT_EQ(count(Event::submitted), 2);
    EXPECT_GT(count(Event::delivered), 0);
    admission_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
    admission_.act(territory_.practice, "", "choose", {"geriatrie"});
    EXPECT_EQ(count(Event::submitted), 4);
    EXPECT_EQ(count(Event::released), 1);
    // Refused: the other ward offers after the choice.
    admission_.queue(territory_.medecine, "medecine", "offer", {}, {{"bed", "full"}});
    territory_.medecine.synchronise();
    EXPECT_EQ(count(Event::submitted), 4);
    EXPECT_EQ(count(Event::submitted, ErrorCode::conflict) +
                  count(Event::submitted, ErrorCode::act_refused),
              1);
    // Opened.
    auto signer = territory_.geriatrie.signer();
    const auto entries =
        must(territory_.geriatrie.station().store().entries_of_thread(admission_.id));
    must(station::mark_message(territory_.geriatrie.station(), entries.front(), Word::opened,
                               signer));
    territory_.geriatrie.synchronise();
    EXPECT_EQ(count(Event::opened), 1);
    // Administered.
    auto op = territory_.broker.connect();
    must(admin::trust_clock(op, {}));
    EXPECT_GT(count(Event::administered) + count(Event::clock_trusted), 0);
    const int stops = count(Event::broker_stopped);
    const int starts = count(Event::broker_started);
    territory_.broker.stop();
    territory_.broker.start();
    EXPECT_EQ(count(Event::broker_stopped), stops + 1);
    EXPECT_EQ(count(Event::broker_started), starts + 1);
}

TEST_F(Audit, A1_FloodsOfRefusalsCoalesceIntoCountedLeaves) {
    territory_.medecine.station();
    auto& station = territory_.medecine.station();
    Speaker speaker(station.identity().endpoint, station.identity().broker_curve,
                    station.keys().curve);
    ASSERT_TRUE(speaker.greet());
    wire::Attach attach{territory_.geriatrie.mailbox("geriatrie"), std::nullopt, {}};
    for (auto& lane : attach.lanes) lane = {{1}, 100};
    const std::size_t before = leaves().size();
    constexpr std::size_t kFlood = 500;
    for (std::size_t i = 0; i < kFlood; ++i) {
        const auto reply = speaker.ask(attach);
        ASSERT_TRUE(reply && std::holds_alternative<wire::Refusal>(*reply));
    }
    EXPECT_LT(leaves().size() - before, kFlood / 10);
    territory_.broker.stop();
    territory_.broker.start();  // and what was not yet written has its leaf
    std::size_t counted = 0;
    for (const Leaf& leaf : leaves()) {
        if (leaf.code != ErrorCode::not_your_mailbox) continue;
        counted += leaf.event == Event::refusals_counted ? leaf.count : 1;
    }
    EXPECT_EQ(counted, kFlood);
}

TEST_F(Audit, AStrangerChecksTheProofOfAcceptanceOffline) {
    admission_.call();
    auto& station = territory_.practice.station();
    const auto message = must(station::provable_message(station, admission_.opening[0]));
    Result<std::string> proof = fail(ErrorCode::not_yet_proven);
    territory_.practice.until([&] {
        proof = station::fetch_proof(station, message);
        return proof.ok() || proof.code() != ErrorCode::not_yet_proven;
    });
    const std::string text = must(std::move(proof));
    territory_.broker.stop();
    // All that the stranger has: the file, and the log's public key, published by the domain.
    const auto* domain = station.directory().domain();
    const std::vector keys = {must(
        merkle::VerifierKey::make("essai/audit", merkle::NoteKeyType::ed25519, domain->audit_log))};
    const auto checked = must(evidence::check_proof(text, keys));
    EXPECT_EQ(checked.leaf.event, Event::submitted);
    EXPECT_EQ(checked.header.id, admission_.opening[0]);
    EXPECT_EQ(checked.header.act, "call");
    int harmless = 0;
    for (std::size_t at = 0; at < text.size(); at += 7) {
        std::string altered = text;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        const auto other = evidence::check_proof(altered, keys);
        if (!other.ok()) continue;
        // The signer's own signature rides along; it needs the directory to be checked.
        EXPECT_EQ(encode_leaf(other->leaf), encode_leaf(checked.leaf)) << "byte " << at;
        EXPECT_EQ(encode_header(other->header), encode_header(checked.header)) << "byte " << at;
        ++harmless;
    }
    EXPECT_LT(harmless, 28) << "some 130 characters of it are that signature and its path";
    const std::vector others = {must(merkle::VerifierKey::make(
        "essai/audit", merkle::NoteKeyType::ed25519, domain->directory_log))};
    EXPECT_FALSE(evidence::check_proof(text, others).ok());
}

TEST_F(Audit, A2_WhateverIsAlteredBehindACheckpointIsFound) {
    admission_.call();
    admission_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
    const auto evidence = territory_.folder("evidence");
    EXPECT_EQ(run_audit({"export", "--data", territory_.broker.data(), "--out", evidence}), 0);
    territory_.broker.stop();
    const auto authority = territory_.practice.station().identity().authority;
    const std::vector<std::string> verify = {"verify", evidence.string(), "--authority",
                                             hex(authority.view())};
    ASSERT_EQ(run_audit(verify), 0);
    for (const std::string part : {"audit/tile", "directory/tile", "audit/checkpoint"}) {
        for (const auto& file : files_below(evidence / part)) {
            const Bytes good = must(read_file(file, 1 << 26));
            Bytes bad = good;
            bad[bad.size() / 2] ^= 1;
            must(write_file(file, bad, 0600, Replace::yes));
            EXPECT_EQ(run_audit(verify), 7) << "a byte of " << file;
            must(write_file(file, ByteView(good).first(good.size() - 1), 0600, Replace::yes));
            EXPECT_EQ(run_audit(verify), 7) << "the end of " << file;
            std::filesystem::remove(file);
            EXPECT_EQ(run_audit(verify), 7) << file << " removed";
            must(write_file(file, good, 0600, Replace::yes));
        }
    }
    EXPECT_EQ(run_audit(verify), 0) << "all was put back";
}

// An operator who holds every key of the broker cuts the log and signs the shorter one: who kept a
// head of before sees it.
TEST_F(Audit, A2_ALogCutBehindAKnownHeadIsFound) {
    const auto early = territory_.folder("early");
    const auto late = territory_.folder("late");
    EXPECT_EQ(run_audit({"export", "--data", territory_.broker.data(), "--out", early}), 0);
    admission_.call();
    EXPECT_EQ(run_audit({"export", "--data", territory_.broker.data(), "--out", late}), 0);
    const auto head_of = [](const std::filesystem::path& folder) {
        return (folder / "audit/checkpoint").string();
    };
    EXPECT_EQ(run_audit({"verify", late, "--expect", head_of(early)}), 0) << "it has only grown";
    EXPECT_EQ(run_audit({"verify", early, "--expect", head_of(late)}), 7) << "it was cut";
    EXPECT_EQ(run_audit({"verify", late, "--expect", late / "manifest.json"}), 3)
        << "no head: a mistake of whoever checks, and nothing said of the log";
}

}  // namespace
}  // namespace relais::test
