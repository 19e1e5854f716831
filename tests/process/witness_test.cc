// Witnessing on real processes: stations of several organisations cosign the heads of both logs;
// the domain says how many it asks for; readers, proofs and the auditor's tools show what there is.
#include <gtest/gtest.h>

#include "clients/station/api/acceptances.h"
#include "clients/station/api/heads.h"
#include "clients/station/api/proofs.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tools/admin/commands.h"
#include "tools/evidence/proof.h"
#include "tools/evidence/verify.h"

namespace relais::test {
namespace {

class Witness : public testing::Test {
protected:
    void enable(Post& post) { must(post.registrar().set_witness(true)); }
    void ask_for(unsigned organisations) {
        auto op = territory_.broker.connect();
        auto authority = territory_.broker.authority();
        must(admin::set_witness_policy(op, authority, organisations, std::chrono::hours(1), {}));
    }
    station::LogHead head(Post& post, wire::LogName log = wire::LogName::audit) {
        for (auto& head : must(station::check_heads(post.station(), kPatience))) {
            if (head.log == log) return head;
        }
        fail_test("no such log");
    }
    // Turns those stations until what `reader` sees of both logs is so.
    template <typename Condition>
    void until(std::vector<Post*> posts, Post& reader, Condition done) {
        const auto limit = std::chrono::steady_clock::now() + kPatience;
        while (!done(head(reader)) || !done(head(reader, wire::LogName::directory))) {
            if (std::chrono::steady_clock::now() > limit) fail_test("not witnessed as awaited");
            for (Post* post : posts) {
                must(post->station().connect());
                must(post->station().turn(std::chrono::milliseconds(20)));
            }
        }
    }
    static bool met(const station::LogHead& head) {
        return head.witnessed_size != 0 && head.standing.met();
    }
    int run_audit(std::vector<std::string> arguments) {
        Child child(program("relais-audit"), arguments);
        const int status = child.wait();
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    RunningTerritory territory_;
};

TEST_F(Witness, AsManyOrganisationsAsTheDomainAsksForCosignBothLogs) {
    enable(territory_.cpts);
    enable(territory_.practice);
    ask_for(2);
    territory_.hospital.synchronise();
    territory_.hospital.synchronise();
    EXPECT_FALSE(met(head(territory_.hospital))) << "asked for, and not there yet";
    EXPECT_TRUE(head(territory_.hospital).standing.late(territory_.hospital.station().now()));
    until({&territory_.cpts, &territory_.practice}, territory_.hospital, met);
    const auto seen = head(territory_.hospital);
    EXPECT_EQ(seen.standing.organisations,
              (std::set<std::string>{"cabinet-dupont", "cpts-brenne"}));
    EXPECT_FALSE(seen.standing.late(territory_.hospital.station().now()));
    EXPECT_TRUE(must(station::contradictions(territory_.hospital.station().store())).empty());
    const auto status = must(territory_.broker.connect().status());
    EXPECT_EQ(status["witnesses"]["audit"]["late"], false);
    EXPECT_EQ(status["witnesses"]["asked"], 2);
}

TEST_F(Witness, ADomainThatAsksForMoreThanCosignIsFlaggedAndNotAccepted) {
    enable(territory_.cpts);
    ask_for(2);
    until({&territory_.cpts}, territory_.cpts, [](const auto& head) { return head.size != 0; });
    for (int i = 0; i < 10; ++i)
        must(territory_.cpts.station().turn(std::chrono::milliseconds(20)));
    const auto seen = head(territory_.cpts);
    EXPECT_FALSE(met(seen));
    EXPECT_TRUE(seen.standing.late(territory_.cpts.station().now()));
}

TEST_F(Witness, AProofFileAndTheExportCarryTheCosignatures) {
    enable(territory_.cpts);
    enable(territory_.practice);
    ask_for(2);
    Admission admission(territory_);
    admission.call();
    const auto message =
        must(station::provable_message(territory_.practice.station(), admission.opening[0]));
    const auto leaf = message.accepted.leaf.value;
    until({&territory_.cpts, &territory_.practice}, territory_.hospital, met);
    until({&territory_.cpts, &territory_.practice}, territory_.hospital, [&](const auto& head) {
        return met(head) && (head.log == wire::LogName::directory || head.witnessed_size > leaf);
    });
    const std::string proof = must(station::fetch_proof(territory_.practice.station(), message));
    const auto file = territory_.folder("call.tlog-proof");
    must(write_file(file, as_bytes(proof), 0600, Replace::no));
    const auto evidence = territory_.folder("evidence");
    ASSERT_EQ(run_audit({"export", "--data", territory_.broker.data(), "--out", evidence}), 0);
    const std::string keys = evidence / "verifier-keys";
    EXPECT_EQ(run_audit({"check", file, "--key", keys, "--witnesses", "2"}), 0);
    EXPECT_EQ(run_audit({"check", file, "--key", keys, "--witnesses", "3"}), 7) << "there are two";
    EXPECT_EQ(run_audit({"verify", evidence, "--witnessed"}), 0);
    ask_for(3);
    const auto later = territory_.folder("later");
    ASSERT_EQ(run_audit({"export", "--data", territory_.broker.data(), "--out", later}), 0);
    EXPECT_EQ(run_audit({"verify", later}), 0) << "it is whole";
    EXPECT_EQ(run_audit({"verify", later, "--witnessed"}), 7) << "and not witnessed as asked";
}

TEST_F(Witness, WhatAWitnessCosignedSurvivesItsRestartAndTheBrokers) {
    enable(territory_.cpts);
    ask_for(1);
    until({&territory_.cpts}, territory_.hospital, met);
    const auto before = head(territory_.hospital).witnessed_size;
    territory_.cpts.close();
    territory_.hospital.close();  // what it asked of the broken link would be answered so
    territory_.broker.restart_after_kill();
    until({&territory_.cpts}, territory_.hospital, [&](const auto& head) {
        return met(head) && (head.log == wire::LogName::directory || head.witnessed_size > before);
    });
    EXPECT_TRUE(must(station::contradictions(territory_.cpts.station().store())).empty());
}

TEST_F(Witness, ARevokedStationIsAWitnessNoMore) {
    enable(territory_.practice);
    EXPECT_NE(territory_.practice.station().directory().witness(
                  territory_.practice.station().identity().station),
              nullptr);
    must(territory_.practice.registrar().set_witness(false));
    EXPECT_EQ(territory_.practice.station().directory().witness(
                  territory_.practice.station().identity().station),
              nullptr);
    enable(territory_.practice);  // with a new key: the old one serves no more
    EXPECT_NE(territory_.practice.station().directory().witness(
                  territory_.practice.station().identity().station),
              nullptr);
}

TEST_F(Witness, AnHonestBrokerPassesEveryCheckOfItsAcceptances) {
    Admission admission(territory_);
    admission.call();
    admission.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
    station::AcceptancesChecked checked;
    territory_.practice.until([&] {
        const auto more = must(station::check_acceptances(territory_.practice.station(), 100));
        checked.good += more.good;
        checked.bad += more.bad;
        return checked.good >= 3;
    });
    EXPECT_EQ(checked.bad, 0u);
    EXPECT_TRUE(must(station::contradictions(territory_.practice.station().store())).empty());
}

}  // namespace
}  // namespace relais::test
