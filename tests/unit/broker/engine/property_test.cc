// Of every case of an admission that chance plays: the engine's promises hold at each step and to
// the end; a restart at any point changes nothing; the same inputs give the same bytes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "core/merkle/checkpoint.h"
#include "core/merkle/tree.h"
#include "tests/support/engine/unpacked.h"
#include "tests/unit/broker/engine/script.h"

namespace relais::broker {
namespace {

constexpr int kSteps = 30;

struct Seen {
    std::string ended_as;
    std::map<MessageId, LeafIndex> accepted;
};

std::string ward_states(AdmissionCase& thread, const std::string& state) {
    std::string wards;
    for (const int ward : {kGeri, kCardio}) {
        if (thread.state_of(ward) == state) wards += ward == kGeri ? "g" : "c";
    }
    return wards;
}

// The dossiers that stand in a ward's mailbox.
std::size_t dossiers(EngineBench& bench, const char* mailbox) {
    std::size_t count = 0;
    for (const LogRecord& record : bench.log_of(mailbox)) {
        const auto* ref = std::get_if<EnvelopeRef>(&record);
        if (ref == nullptr) continue;
        const auto stored = bench.sqlite().envelope(ref->number).value();
        const Envelope envelope = Envelope::parse(stored.bytes).value();
        if (envelope.header().act == "deposit") ++count;
    }
    return count;
}

void check_thread(EngineBench& bench, AdmissionCase& thread, Seen& seen) {
    if (!thread.stored()) return;
    const std::string state = thread.state();
    if (!seen.ended_as.empty()) RC_ASSERT(state == seen.ended_as);
    if (thread.over()) seen.ended_as = state;
    RC_ASSERT(bench.count_leaves(Event::thread_ended) == (thread.over() ? 1u : 0u));
    RC_ASSERT(ward_states(thread, "held").size() <= 1);
    const std::string chosen = ward_states(thread, "chosen");
    RC_ASSERT(chosen.size() <= 1);
    if (chosen != "g") RC_ASSERT(dossiers(bench, kGeriatrics) == 0u);
    if (chosen != "c") RC_ASSERT(dossiers(bench, kCardiology) == 0u);
    // A call in turn is itself released, once to each ward.
    if (chosen.empty()) RC_ASSERT(bench.count_leaves(Event::released) <= 2u);
}

// Each acceptance has exactly one leaf; each heard refusal one, or its part of a count.
void check_leaves(EngineBench& bench) {
    std::map<MessageId, int> submitted;
    for (const Leaf& leaf : bench.leaves()) {
        if (leaf.event == Event::submitted && leaf.code == ErrorCode::ok) {
            ++submitted[*leaf.message];
        }
    }
    for (const auto& [id, count] : submitted) RC_ASSERT(count == 1);
    Query accepted =
        bench.sqlite().database().query("SELECT count(*) FROM remembered WHERE code = 0");
    RC_ASSERT(accepted.row().value());
    RC_ASSERT(accepted.number(0) <= submitted.size());
}

void check_tree(EngineBench& bench) {
    const std::string note = bench.sqlite().last_checkpoint(wire::LogName::audit).value();
    const std::string origin = "indre/audit";
    const merkle::LogTrust trust{
        origin,
        merkle::VerifierKey::make(origin, merkle::NoteKeyType::ed25519, bench.audit_key()).value()};
    const auto head = merkle::verify_checkpoint(note, trust).value().head();
    std::vector<Digest> hashes;
    for (const Bytes& leaf : bench.raw_leaves()) hashes.push_back(merkle::leaf_hash(leaf));
    RC_ASSERT(head.size <= hashes.size());
    hashes.resize(head.size);
    RC_ASSERT(merkle::tree_root(hashes) == head.root);
}

std::int64_t rows(EngineBench& bench, const char* sql) {
    const Unpacked tables(bench.sqlite().database());
    Query query = bench.sqlite().database().query(sql);
    RC_ASSERT(query.row().value());
    return query.integer(0);
}

// Whatever happened, a year later every message has its one end and nothing waits any more.
void check_end(EngineBench& bench, RandomCase& played) {
    bench.idle(std::chrono::days(365));
    if (played.thread.stored()) RC_ASSERT(played.thread.over());
    for (const char* table : {"SELECT count(*) FROM timer", "SELECT count(*) FROM held",
                              "SELECT count(*) FROM envelope", "SELECT count(*) FROM remembered"}) {
        RC_ASSERT(rows(bench, table) == 0);
    }
    std::set<MessageId> accepted;
    std::set<MessageId> purged;
    std::set<MessageId> expired;
    for (const Leaf& leaf : bench.leaves()) {
        if (leaf.event == Event::submitted && leaf.code == ErrorCode::ok) {
            accepted.insert(*leaf.message);
        }
        if (leaf.event == Event::purged) RC_ASSERT(purged.insert(*leaf.message).second);
        if (leaf.event == Event::expired) expired.insert(*leaf.message);
    }
    for (const MessageId& id : accepted) {
        RC_ASSERT(purged.contains(id) != expired.contains(id));
    }
    RC_ASSERT(purged.size() + expired.size() == accepted.size());
}

RC_GTEST_PROP(EveryCase, KeepsThePromisesAtEachStepAndEnds, ()) {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    EngineBench bench;
    RandomCase played(bench, seed);
    Seen seen;
    std::map<Bytes, ErrorCode> first_answers;
    int refusals = 0;
    const WallTime begun = bench.now.wall;
    for (int i = 0; i < kSteps; ++i) {
        const ErrorCode code = played.next();
        const ScriptStep& step = played.steps().back();
        if (step.what == ScriptStep::What::submit && !seen.ended_as.empty() &&
            code == ErrorCode::ok) {
            RC_ASSERT(first_answers.contains(step.bytes));  // only what was accepted before
        }
        check_thread(bench, played.thread, seen);
        if (step.what != ScriptStep::What::submit) continue;
        const auto [known, fresh] = first_answers.emplace(step.bytes, code);
        refusals += code == ErrorCode::ok ? 0 : 1;
        const bool kept = bench.now.wall - begun < std::chrono::days(30) && refusals <= 10;
        RC_ASSERT(fresh || known->second == code || !kept);
    }
    check_leaves(bench);
    check_tree(bench);
    check_end(bench, played);
    check_tree(bench);
    RC_CLASSIFY(seen.ended_as == "closed", "closed");
    RC_CLASSIFY(!seen.ended_as.empty(), "ended by an act or a clock");
}

RC_GTEST_PROP(EveryCase, ARestartAtAnyPointChangesNothing, ()) {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    EngineBench bench({.still_notices = true});
    RandomCase played(bench, seed);
    EngineBench other({.still_notices = true, .territory = bench.shared_territory});
    AdmissionCase again(other);
    again.id = played.thread.id;
    attach_sides(other, again);
    test::SeededRandom random(seed + 1);
    for (int i = 0; i < kSteps; ++i) {
        const ErrorCode code = played.next();
        if (random.one_in(3)) {
            if (random.one_in(2)) RC_ASSERT(other.engine().close(other.now).ok());
            other.restart();
            again.reconnect();
            attach_sides(other, again);
        }
        RC_ASSERT(play(other, again, played.steps().back()) == code);
        RC_ASSERT(lasting(other.sqlite()) == lasting(bench.sqlite()));
    }
}

RC_GTEST_PROP(EveryCase, TheSameInputsGiveTheSameBytes, ()) {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    EngineBench bench({.still_notices = true});
    EngineBench other({.still_notices = true, .territory = bench.shared_territory});
    RandomCase played(bench, seed);
    AdmissionCase again(other);
    attach_sides(other, again);
    for (int i = 0; i < kSteps; ++i) played.next();
    std::vector<ErrorCode> answers;
    for (const ScriptStep& step : played.steps()) answers.push_back(play(other, again, step));
    RC_ASSERT(answers == played.answers());
    RC_ASSERT(everything(other.sqlite()) == everything(bench.sqlite()));
}

TEST(Determinism, TheSameInputsGiveTheSameFramesInTheSameOrder) {
    EngineBench bench({.still_notices = true});
    EngineBench other({.still_notices = true, .territory = bench.shared_territory});
    std::vector<Bytes> envelopes;
    AdmissionCase thread(bench);
    AdmissionCase again(other);
    const auto both = [&](int side, const Bytes& envelope) {
        thread.send(side, envelope);
        again.send(side, envelope);
    };
    for (const int side : {kOpener, kGeri, kCardio}) {
        bench.attach(thread.session(side), AdmissionCase::mailbox(side));
        other.attach(again.session(side), AdmissionCase::mailbox(side));
    }
    both(kOpener, thread.make(kOpener, "call"));
    both(kOpener, thread.make(kOpener, "deposit"));
    both(kCardio, thread.make(kCardio, "offer"));
    both(kGeri, thread.make(kGeri, "offer"));
    bench.idle(std::chrono::minutes(30));
    other.idle(std::chrono::minutes(30));
    both(kOpener, thread.make(kOpener, "choose", kGeri));
    EXPECT_GT(bench.outputs_seen(), 20u);
    EXPECT_EQ(bench.transcript(), other.transcript());
    EXPECT_EQ(everything(bench.sqlite()), everything(other.sqlite()));
}

}  // namespace
}  // namespace relais::broker
