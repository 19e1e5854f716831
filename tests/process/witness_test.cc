// Witnessing on real processes: stations of several organisations cosign the heads of both logs;
// the domain says how many it asks for; readers, proofs and the auditor's tools show what there is.
#include <gtest/gtest.h>

#include "clients/station/api/acceptances.h"
#include "clients/station/api/heads.h"
#include "clients/station/api/proofs.h"
#include "clients/station/api/registrar.h"
#include "core/files/files.h"
#include "core/merkle/cosignature.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/audit_leaves.h"
#include "tests/process/support/speaker.h"
#include "tools/admin/commands.h"
#include "tools/evidence/proof.h"
#include "tools/evidence/verify.h"

namespace relais::test {
namespace {

class Witness : public testing::Test {
protected:
    void enable(Post& post) { must(post.registrar().set_witness(true)); }
    void ask_for(unsigned organisations, std::chrono::seconds late_after = std::chrono::hours(1)) {
        auto op = territory_.broker.connect();
        auto authority = territory_.broker.authority();
        must(admin::set_witness_policy(op, authority, organisations, late_after, {}));
    }
    // An entry of the directory, and its leaf.
    void make_news() { must(territory_.cpts.registrar().roll_epoch(territory_.cpts.mailbox())); }
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
    using Sizes = std::map<wire::LogName, std::uint64_t>;
    Sizes witnessed_of(Post& reader) {
        Sizes sizes;
        for (const auto log : kLogs) sizes[log] = head(reader, log).witnessed_size;
        return sizes;
    }
    Sizes sizes_of(Post& reader) {
        Sizes sizes;
        for (const auto log : kLogs) sizes[log] = head(reader, log).size;
        return sizes;
    }
    // What the station's own store says that it cosigned; asks nobody.
    static std::string cosigned(Post& post, wire::LogName log) {
        const std::string origin = witness::log_origin(post.station().identity().domain, log);
        const auto value = must(post.station().store().value("cosigned " + origin));
        return value ? std::string(as_text(*value)) : std::string();
    }
    static std::vector<std::string> cosigned(Post& post) {
        std::vector<std::string> all;
        for (const auto log : kLogs) {
            all.push_back(cosigned(post, log));
            if (all.back().empty()) fail_test("it has cosigned nothing");
        }
        return all;
    }
    static std::uint64_t size_of(const std::string& note) {
        return must(merkle::parse_checkpoint(must(merkle::parse_note(note)).text)).size;
    }
    static std::uint64_t cosigned_size(Post& post, wire::LogName log) {
        return size_of(cosigned(post, log));
    }
    std::size_t count_late() {
        return static_cast<std::size_t>(
            std::ranges::count(audit_leaves(territory_.broker), Event::witnessing_late,
                               [](const Leaf& leaf) { return leaf.event; }));
    }
    static Speaker speak_as(Post& post) {
        auto& station = post.station();
        return {station.identity().endpoint, station.identity().broker_curve, station.keys().curve};
    }
    static ErrorCode answer(Speaker& speaker, wire::Body request) {
        const auto reply = speaker.ask(std::move(request));
        if (!reply) fail_test("the connection broke instead of an answer");
        const auto* refusal = std::get_if<wire::Refusal>(&*reply);
        return refusal == nullptr ? ErrorCode::ok : refusal->code;
    }
    static directory::WitnessRecord record_of(Post& post) {
        return *post.station().directory().witness(post.station().identity().station);
    }
    // Of the audit log, as the broker holds it with the lines of witnesses.
    std::string newest_note() {
        auto op = territory_.broker.connect();
        const wire::FetchCheckpoints from{wire::LogName::audit,
                                          sizes_of(territory_.hospital).at(wire::LogName::audit)};
        return must(op.client().ask_for<wire::Checkpoints>(from)).notes.back();
    }
    std::string note_again(const std::string& note) {
        auto op = territory_.broker.connect();
        const wire::FetchCheckpoints from{wire::LogName::audit, size_of(note)};
        return must(op.client().ask_for<wire::Checkpoints>(from)).notes.front();
    }
    // The next head of the audit log that it is given to cosign.
    static std::string next_head(Speaker& speaker) {
        while (auto push = speaker.next_push()) {
            const auto* given = std::get_if<wire::NewCheckpoint>(&*push);
            if (given != nullptr && given->log == wire::LogName::audit) return given->checkpoint;
        }
        fail_test("the connection broke instead of a head");
    }
    // A line over that head, under the name of that record.
    wire::Cosign line_over(const std::string& note, const directory::WitnessRecord& record,
                           Ed25519Key& key) {
        auto& station = territory_.hospital.station();
        auto trust = must(witness::log_trust(station.directory(), wire::LogName::audit, note));
        const auto seen = must(merkle::verify_checkpoint(note, trust));
        const auto as = witness::verifier_key(station.identity().domain, record);
        return {wire::LogName::audit, seen.head().size,
                must(merkle::cosign(seen, as, key, station.now())).line()};
    }
    int run_audit(std::vector<std::string> arguments) {
        Child child(program("relais-audit"), arguments);
        const int status = child.wait();
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    static constexpr std::array kLogs = {wire::LogName::audit, wire::LogName::directory};
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

// The broker's disk alone can give a reader that has seen no head what was cosigned: the witness is
// off. The witness's own disk alone can say what it vouched for: the broker is not asked.
TEST_F(Witness, WhatAWitnessCosignedSurvivesItsRestartAndTheBrokers) {
    enable(territory_.cpts);
    ask_for(1);
    until({&territory_.cpts}, territory_.hospital, met);
    const Sizes before = witnessed_of(territory_.hospital);
    const auto kept = cosigned(territory_.cpts);
    territory_.cpts.close();
    territory_.hospital.close();  // what it asked of the broken link would be answered so
    territory_.geriatrie.close();
    territory_.broker.restart_after_kill();

    for (const auto& known : must(station::known_heads(territory_.geriatrie.station())))
        ASSERT_EQ(known.size, 0U) << "it has seen no head before";
    for (const wire::LogName log : kLogs) {
        const auto read = head(territory_.geriatrie, log);
        EXPECT_TRUE(met(read)) << read.origin;
        EXPECT_EQ(read.standing.organisations, std::set<std::string>{"cpts-brenne"});
        EXPECT_GE(read.witnessed_size, before.at(log)) << read.origin;
    }
    EXPECT_EQ(cosigned(territory_.cpts), kept) << "opened again, and not connected yet";
    make_news();
    const auto goes_on = [&](const station::LogHead& read) {
        return met(read) && read.witnessed_size > before.at(read.log);
    };
    until({&territory_.cpts}, territory_.geriatrie, goes_on);
    for (Post* post : {&territory_.cpts, &territory_.geriatrie})
        EXPECT_TRUE(must(station::contradictions(post->station().store())).empty());
}

TEST_F(Witness, ARevokedStationIsAWitnessNoMore) {
    enable(territory_.cpts);
    enable(territory_.practice);
    ask_for(2, std::chrono::minutes(1));
    until({&territory_.cpts, &territory_.practice}, territory_.hospital, met);
    const std::size_t late = count_late();
    const StationId revoked = territory_.practice.station().identity().station;
    // Its own connection is cut by what it asks for, before or after the answer.
    static_cast<void>(territory_.practice.registrar().revoke(
        directory::RevokedObject::station, revoked.view(), "", directory::RevocationReason::lost));
    const auto& directory = territory_.hospital.station().directory();
    territory_.hospital.until([&] { return directory.station(revoked) == nullptr; });
    for (const wire::LogName log : kLogs) EXPECT_FALSE(met(head(territory_.hospital, log)));

    const Sizes before = witnessed_of(territory_.hospital);
    const Sizes sizes = sizes_of(territory_.hospital);
    make_news();
    // The other witness goes on; the domain asks for two.
    territory_.cpts.until([&] {
        return std::ranges::all_of(
            kLogs, [&](auto log) { return cosigned_size(territory_.cpts, log) > sizes.at(log); });
    });
    for (const wire::LogName log : kLogs) {
        const auto read = head(territory_.hospital, log);
        EXPECT_GT(read.size, sizes.at(log));
        EXPECT_EQ(read.witnessed_size, before.at(log)) << read.origin;
        EXPECT_FALSE(met(read));
        EXPECT_EQ(read.standing.organisations, std::set<std::string>{"cpts-brenne"});
    }
    territory_.broker.set_clocks(std::chrono::minutes(2), std::chrono::minutes(2));
    territory_.cpts.until([&] { return count_late() == late + kLogs.size(); });
    EXPECT_EQ(must(territory_.broker.connect().status())["witnesses"]["audit"]["late"], true);
    Speaker again = speak_as(territory_.practice);
    EXPECT_FALSE(again.greet()) << "under the key that it had";
}

TEST_F(Witness, AKeyThatWasDisabledCosignsNoMoreThoughItsStationIsAWitnessAgain) {
    Post& practice = territory_.practice;
    enable(practice);
    ask_for(1);
    until({&practice}, territory_.hospital, met);
    const auto former = record_of(practice);
    auto key = must(Ed25519Key::from_seed(practice.station().keys().witness->seed()));
    must(practice.registrar().set_witness(false));
    territory_.hospital.synchronise();
    EXPECT_FALSE(met(head(territory_.hospital)));
    const std::string note = newest_note();
    {
        Speaker speaker = speak_as(practice);
        practice.close();  // a station has one session
        ASSERT_TRUE(speaker.greet());
        EXPECT_EQ(answer(speaker, wire::FollowCheckpoints{0, 0}), ErrorCode::forbidden);
        EXPECT_EQ(answer(speaker, line_over(note, former, key)), ErrorCode::forbidden);
    }
    EXPECT_EQ(note_again(note), note) << "with the lines that it had";

    enable(practice);
    territory_.hospital.synchronise();
    Speaker speaker = speak_as(practice);
    auto present = must(Ed25519Key::from_seed(practice.station().keys().witness->seed()));
    const auto record = record_of(practice);
    practice.close();
    ASSERT_TRUE(speaker.greet());
    ASSERT_EQ(answer(speaker, wire::FollowCheckpoints{0, 0}), ErrorCode::ok);
    const std::string next = next_head(speaker);
    const std::string with = note_again(next);
    EXPECT_EQ(answer(speaker, line_over(next, former, key)), ErrorCode::note_invalid);
    EXPECT_EQ(answer(speaker, line_over(next, record, key)), ErrorCode::note_invalid)
        << "under the id of the present key";
    EXPECT_EQ(note_again(next), with);
    const wire::Cosign line = line_over(next, record, present);
    EXPECT_EQ(answer(speaker, line), ErrorCode::ok);
    EXPECT_TRUE(note_again(next).ends_with(line.cosignature));
    EXPECT_TRUE(met(head(territory_.hospital)));
    until({&practice}, territory_.hospital, met);
}

// Of any organisation: with such an entry in the directory nobody could read a head any more.
TEST_F(Witness, AHostileRegistrarMakesNoWitnessOfTheKeyOfALog) {
    Post& practice = territory_.practice;
    practice.synchronise();
    auto& station = practice.station();
    const auto declared = [&](const Ed25519Public& key) {
        station::ChainWriter writer(station.directory(), station.identity().organisation,
                                    *station.keys().authority, station.now());
        writer.add(directory::Witness{station.identity().station, key, false});
        return station.append(writer.take(), kPatience).code();
    };
    const directory::Domain domain = *station.directory().domain();
    EXPECT_EQ(declared(domain.audit_log), ErrorCode::key_taken);
    EXPECT_EQ(declared(domain.directory_log), ErrorCode::key_taken);
    enable(practice);
    ask_for(1);
    until({&practice}, territory_.hospital, met);
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
