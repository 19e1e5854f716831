// D1, S1: a receipt means that the chunks are durable too; a chunk is had by its uploader and by
// whoever holds a readable entry that refers to it, and by nobody else; none stays without reason.
#include "schemas/envelope/attachments.h"
#include "core/crypto/sha256.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

constexpr std::size_t kSmall = limits::kChunkPaddedBytesMin + 16;

BenchOptions with_limits(const ChunkLimits& limits) {
    BenchOptions options;
    options.chunks = limits;
    return options;
}

class AttachedTest : public EngineTest {
protected:
    explicit AttachedTest(const ChunkLimits& limits = {}) : EngineTest(with_limits(limits)) {
        does(kOpener, "call");
    }

    Bytes chunk(std::size_t size = kSmall) {
        Bytes bytes(size);
        bench.random.fill(bytes);
        return bytes;
    }
    ErrorCode upload(const Bytes& bytes) { return code_of(bench.upload(practice(), bytes)); }
    std::vector<Digest> uploaded(std::size_t count) {
        std::vector<Digest> digests;
        for (std::size_t i = 0; i < count; ++i) {
            const Bytes bytes = chunk();
            EXPECT_EQ(upload(bytes), ErrorCode::ok);
            digests.push_back(sha256(bytes));
        }
        return digests;
    }
    static ChunkSummary summary(const std::vector<Digest>& digests, std::size_t size = kSmall) {
        return {static_cast<std::uint32_t>(digests.size()), digests.size() * size,
                chunks_root(digests)};
    }
    ErrorCode submit(const Header& header, const std::vector<Digest>& listed,
                     Release release = Release::chosen) {
        return code_of(thread.send(kOpener, test::make_envelope(header, *thread.person(kOpener).key,
                                                                bench.random, release, listed)));
    }
    ErrorCode deposit(const std::vector<Digest>& digests) {
        Header header = thread.make_header(kOpener, "deposit");
        header.chunks = summary(digests);
        deposited = header.id;
        return submit(header, digests);
    }
    wire::Body fetch(SessionId session, const char* mailbox, const Digest& digest) {
        return bench.ask(session, wire::FetchChunk{test::address(mailbox), deposited, digest});
    }
    ErrorCode fetched(int side, const Digest& digest) {
        return code_of(fetch(ward(side), AdmissionCase::mailbox(side), digest));
    }
    void choose_geriatrics() {
        does(kGeri, "offer");
        does(kOpener, "choose", kGeri);
    }
    std::vector<std::uint32_t> missing(SessionId session, const std::vector<Digest>& digests) {
        return std::get<wire::ChunksMissing>(bench.ask(session, wire::AskChunks{digests})).places;
    }

    MessageId deposited;
};

TEST_F(AttachedTest, AnEnvelopeIsTakenOnceItsChunksAreDurable) {
    const Bytes bytes = chunk();
    const std::vector<Digest> digests = {sha256(bytes)};
    EXPECT_EQ(deposit(digests), ErrorCode::chunks_missing);
    Input put = bench.input(practice(), wire::PutChunk{digests[0], bytes});
    bench.step(together(std::move(put)));
    EXPECT_EQ(deposit(digests), ErrorCode::busy) << "behind the one that waits";
    thread.reconnect();  // nothing stalls in a new session
    EXPECT_EQ(deposit(digests), ErrorCode::chunks_missing) << "it is being written, no more";
    bench.write_chunks();
    thread.reconnect();
    EXPECT_EQ(deposit(digests), ErrorCode::ok);
}

TEST_F(AttachedTest, AnUploadIsAnsweredAfterTheDiskAndItsLeaf) {
    const Bytes bytes = chunk();
    Input put = bench.input(practice(), wire::PutChunk{sha256(bytes), bytes});
    const std::uint64_t number = put.number;
    bench.step(together(std::move(put)));
    EXPECT_EQ(bench.count_leaves(Event::chunk_stored), 0U);
    ASSERT_EQ(bench.chunks_to_write.size(), 1U);
    bench.write_chunks();
    EXPECT_EQ(code_of(bench.answer(practice(), number)), ErrorCode::ok);
    EXPECT_EQ(bench.count_leaves(Event::chunk_stored), 1U);
}

TEST_F(AttachedTest, AFullDiskIsNeverAnAcknowledgement) {
    const Bytes bytes = chunk();
    Input put = bench.input(practice(), wire::PutChunk{sha256(bytes), bytes});
    const std::uint64_t number = put.number;
    bench.step(together(std::move(put)));
    bench.write_chunks(ErrorCode::storage_full);
    EXPECT_EQ(code_of(bench.answer(practice(), number)), ErrorCode::storage_full);
    EXPECT_EQ(missing(practice(), {sha256(bytes)}).size(), 1U);
    EXPECT_EQ(upload(bytes), ErrorCode::ok) << "again, once there is room";
}

TEST_F(AttachedTest, AFailedWriteEndsTheProcess) {
    const Bytes bytes = chunk();
    bench.step(together(bench.input(practice(), wire::PutChunk{sha256(bytes), bytes})));
    std::vector<Input> told;
    told.push_back({practice(), Principal::station, bench.territory.practice_station.id, 7,
                    ChunkStored{sha256(bytes), ErrorCode::io_failed}});
    EXPECT_EQ(bench.try_step(std::move(told)).code(), ErrorCode::io_failed);
}

TEST_F(AttachedTest, AChunkThatIsNotItsDigestIsRefused) {
    const Bytes bytes = chunk();
    const wire::Body body =
        bench.ask(practice(), wire::PutChunk{bench.random.make<Digest>(), bytes});
    EXPECT_EQ(code_of(body), ErrorCode::digest_mismatch);
    EXPECT_TRUE(bench.chunks_to_write.empty());
}

TEST_F(AttachedTest, AChunkHasOneOfTheSizes) {
    for (const std::size_t size : {kSmall - 1, kSmall + 1, std::size_t{16}, std::size_t{0}}) {
        EXPECT_EQ(upload(chunk(size)), ErrorCode::malformed) << size;
    }
    EXPECT_EQ(upload(chunk(limits::kChunkSealedBytesMax)), ErrorCode::ok);
}

TEST_F(AttachedTest, TheSameChunkAgainIsTheSameAnswerAndTakesNoRoom) {
    const Bytes bytes = chunk();
    EXPECT_EQ(upload(bytes), ErrorCode::ok);
    EXPECT_EQ(upload(bytes), ErrorCode::ok);
    EXPECT_EQ(bench.count_leaves(Event::chunk_stored), 1U);
    const auto usage = bench.sqlite().chunks().usage(bench.territory.practice_station.id).value();
    EXPECT_EQ(usage.waiting, kSmall);
}

TEST_F(AttachedTest, WhatIsMissingIsToldOfOnesOwnUploadsAlone) {
    const auto digests = uploaded(2);
    const std::vector<Digest> asked = {bench.random.make<Digest>(), digests[0], digests[1]};
    EXPECT_EQ(missing(practice(), asked), (std::vector<std::uint32_t>{0}));
    EXPECT_EQ(missing(ward(kGeri), asked).size(), 3U) << "another learns nothing of it";
    EXPECT_EQ(deposit(digests), ErrorCode::ok);
    EXPECT_EQ(missing(practice(), asked), (std::vector<std::uint32_t>{0}))
        << "sent again after a lost receipt, nothing goes twice";
}

TEST_F(AttachedTest, NoOtherStationCanReferToAChunkByItsDigest) {
    const Bytes theirs = chunk();
    EXPECT_EQ(code_of(bench.upload(ward(kGeri), theirs)), ErrorCode::ok);
    EXPECT_EQ(deposit({sha256(theirs)}), ErrorCode::chunks_missing)
        << "else it could fetch what it only knows the name of";
}

TEST_F(AttachedTest, AnActThatMayCarryNoneIsRefusedWithThem) {
    const auto digests = uploaded(1);
    Header header = thread.make_header(kOpener, "answer", kGeri);
    header.chunks = summary(digests);
    EXPECT_EQ(submit(header, digests, Release::at_once), ErrorCode::attachment_refused);
}

TEST_F(AttachedTest, ChunksOtherThanTheHeadersRootSaysAreRefused) {
    const auto digests = uploaded(3);
    const auto exchanged = std::vector<Digest>{digests[1], digests[0], digests[2]};
    const auto shorter = std::vector<Digest>{digests[0], digests[1]};
    for (const auto& listed : {exchanged, shorter}) {
        Header header = thread.make_header(kOpener, "deposit");
        header.chunks = summary(digests);
        EXPECT_EQ(submit(header, listed), ErrorCode::attachment_invalid);
    }
    Header none = thread.make_header(kOpener, "deposit");
    EXPECT_EQ(submit(none, digests), ErrorCode::attachment_invalid) << "listed and not signed for";
}

TEST_F(AttachedTest, TheBytesAreThoseThatTheHeaderSays) {
    const auto digests = uploaded(2);
    Header header = thread.make_header(kOpener, "deposit");
    header.chunks = summary(digests);
    header.chunks->bytes -= 16;
    EXPECT_EQ(submit(header, digests), ErrorCode::attachment_refused);
}

TEST_F(AttachedTest, OnlyWhoHoldsAReadableEntryGetsAChunk) {
    const auto digests = uploaded(2);
    ASSERT_EQ(deposit(digests), ErrorCode::ok);
    EXPECT_EQ(fetched(kGeri, digests[0]), ErrorCode::unknown_object) << "held until it is chosen";
    choose_geriatrics();
    EXPECT_EQ(fetched(kGeri, digests[0]), ErrorCode::ok);
    const wire::Body body = fetch(ward(kGeri), kGeriatrics, digests[1]);
    ASSERT_TRUE(std::holds_alternative<wire::Chunk>(body));
    EXPECT_EQ(sha256(std::get<wire::Chunk>(body).bytes), digests[1]);
    EXPECT_EQ(fetched(kCardio, digests[0]), ErrorCode::unknown_object) << "never released to it";
    EXPECT_EQ(code_of(fetch(practice(), kPractice, digests[0])), ErrorCode::ok) << "its own";
    EXPECT_EQ(code_of(fetch(ward(kCardio), kGeriatrics, digests[0])), ErrorCode::not_your_mailbox);
    EXPECT_EQ(bench.count_leaves(Event::chunk_fetched), 3U);
}

TEST_F(AttachedTest, AskingOnAndOnForOneChunkLeavesFewLeavesThatTellHowOften) {
    const auto digests = uploaded(2);
    ASSERT_EQ(deposit(digests), ErrorCode::ok);
    choose_geriatrics();
    for (int i = 0; i < 100; ++i) ASSERT_EQ(fetched(kGeri, digests[0]), ErrorCode::ok);
    std::vector<std::uint32_t> counts;
    const auto read = [&] {
        counts.clear();
        for (const Leaf& leaf : bench.leaves()) {
            if (leaf.event == Event::chunk_fetched) counts.push_back(leaf.count);
        }
        return counts;
    };
    EXPECT_EQ(read(), (std::vector<std::uint32_t>{1, 2, 4, 8, 16, 32, 64}));
    EXPECT_EQ(fetched(kGeri, digests[1]), ErrorCode::ok);
    EXPECT_EQ(read().size(), 8U) << "the first of another chunk";
    bench.idle(limits::kChunkFetchWindow);
    EXPECT_EQ(fetched(kGeri, digests[0]), ErrorCode::ok);
    EXPECT_EQ(read().size(), 9U);
    EXPECT_EQ(counts.back(), 1U) << "a while later, the first again";
}

TEST_F(AttachedTest, AFetchWhoseStepIsNotCommittedIsNotCounted) {
    const auto digests = uploaded(1);
    ASSERT_EQ(deposit(digests), ErrorCode::ok);
    choose_geriatrics();
    bench.store().restore_ballast();
    bench.store().set_full(true);
    EXPECT_EQ(fetched(kGeri, digests[0]), ErrorCode::storage_full) << "no room for its leaf";
    bench.store().set_full(false);
    bench.idle(2 * kMinute);
    EXPECT_EQ(fetched(kGeri, digests[0]), ErrorCode::ok);
    std::vector<Leaf> leaves = bench.leaves();
    std::erase_if(leaves, [](const Leaf& leaf) { return leaf.event != Event::chunk_fetched; });
    ASSERT_EQ(leaves.size(), 1U);
    EXPECT_EQ(leaves[0].count, 1U);
}

TEST_F(AttachedTest, AGuessedDigestGetsWhatANonexistentOneGets) {
    const auto digests = uploaded(1);
    ASSERT_EQ(deposit(digests), ErrorCode::ok);
    const auto alone = uploaded(1);  // on the disk, of no envelope
    const auto told = [&](const Digest& digest) {
        const wire::Body body = fetch(ward(kCardio), kCardiology, digest);
        const auto& refusal = std::get<wire::Refusal>(body);
        return std::make_pair(refusal.code, refusal.detail);
    };
    const auto nothing = told(bench.random.make<Digest>());
    EXPECT_EQ(nothing.first, ErrorCode::unknown_object);
    EXPECT_EQ(told(digests[0]), nothing);
    EXPECT_EQ(told(alone[0]), nothing);
}

TEST_F(AttachedTest, UploadsWithoutAnEnvelopeGoAfterADay) {
    const auto digests = uploaded(3);
    bench.idle(limits::kChunkUnreferencedKept - Milliseconds(1));
    EXPECT_EQ(bench.chunk_files.size(), 3U);
    ASSERT_EQ(deposit({digests[0]}), ErrorCode::ok);
    bench.idle(Milliseconds(1));
    EXPECT_EQ(bench.chunk_files.size(), 1U) << "the one that an envelope came for stays";
    EXPECT_EQ(missing(practice(), digests), (std::vector<std::uint32_t>{1, 2}));
    EXPECT_EQ(bench.count_leaves(Event::chunks_abandoned), 1U);
    const auto usage = bench.sqlite().chunks().usage(bench.territory.practice_station.id).value();
    EXPECT_EQ(usage.waiting, 0U);
    EXPECT_EQ(usage.kept, kSmall);
}

TEST_F(AttachedTest, ChunksGoWithTheirEnvelopeAndNotBefore) {
    const auto digests = uploaded(2);
    Header header = thread.make_header(kOpener, "deposit");
    header.chunks = summary(digests);
    header.expires_after = std::chrono::hours(48);
    deposited = header.id;
    ASSERT_EQ(submit(header, digests), ErrorCode::ok);
    choose_geriatrics();
    bench.idle(std::chrono::hours(48) - Milliseconds(1));
    EXPECT_EQ(bench.chunk_files.size(), 2U);
    EXPECT_EQ(fetched(kGeri, digests[0]), ErrorCode::ok);
    bench.idle(Milliseconds(1));
    EXPECT_TRUE(bench.chunk_files.empty());
    EXPECT_EQ(fetched(kGeri, digests[0]), ErrorCode::unknown_object);
    EXPECT_EQ(bench.count_leaves(Event::chunks_removed), 1U);
    const auto usage = bench.sqlite().chunks().usage(bench.territory.practice_station.id).value();
    EXPECT_EQ(usage.kept, 0U);
}

TEST_F(AttachedTest, ChunksGoWithAMessageThatIsErasedAndSoDoesItsEnd) {
    const auto digests = uploaded(2);
    ASSERT_EQ(deposit(digests), ErrorCode::ok);
    choose_geriatrics();
    const wire::Administer order{wire::Command::erase, std::nullopt, deposited,
                                 wire::ErasureReason::request};
    EXPECT_EQ(code_of(bench.ask_as_operator(order)), ErrorCode::ok);
    EXPECT_TRUE(bench.chunk_files.empty());
    EXPECT_EQ(fetched(kGeri, digests[0]), ErrorCode::unknown_object);
    EXPECT_EQ(bench.count_leaves(Event::chunks_removed), 1U);
    bench.idle(std::chrono::hours(24 * 400));  // its end was struck off: nothing is looked for
    EXPECT_EQ(bench.count_leaves(Event::chunks_removed), 1U);
}

TEST_F(AttachedTest, FilesThatNobodyWantsAreSweptAndTheOthersStay) {
    const auto digests = uploaded(2);
    ASSERT_EQ(deposit({digests[0]}), ErrorCode::ok);
    const Bytes writing = chunk();
    bench.step(together(bench.input(practice(), wire::PutChunk{sha256(writing), writing})));
    bench.chunk_files[sha256(writing)] = writing;  // in place, and not yet told of
    const Digest stray = bench.random.make<Digest>();
    bench.chunk_files[stray] = {};
    std::vector<Digest> found;
    for (const auto& [digest, bytes] : bench.chunk_files) found.push_back(digest);
    std::vector<Input> told;
    told.push_back({0, Principal::registrar, {}, 0, ChunksFound{found}});
    bench.step(std::move(told));
    EXPECT_EQ(bench.chunk_files.size(), 3U);
    EXPECT_FALSE(bench.chunk_files.contains(stray));
}

// The sweep of a start and the upload that it makes go on again can meet in one step.
TEST_F(AttachedTest, AFileThatIsSweptAndUploadedInOneStepStays) {
    const Bytes bytes = chunk();
    const Digest digest = sha256(bytes);
    bench.chunk_files[digest] = bytes;
    Input put = bench.input(practice(), wire::PutChunk{digest, bytes});
    const std::uint64_t number = put.number;
    bench.step(
        together(Input{0, Principal::registrar, {}, 0, ChunksFound{{digest}}}, std::move(put)));
    // A server carries out what a step says in its order: written, then removed.
    EXPECT_TRUE(bench.chunk_files.contains(digest));
    bench.write_chunks();
    EXPECT_EQ(code_of(bench.answer(practice(), number)), ErrorCode::ok);
    EXPECT_EQ(deposit({digest}), ErrorCode::ok);
}

TEST_F(AttachedTest, AStationHasFewChunksBeingWrittenAtOnce) {
    std::vector<Input> inputs;
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i <= limits::kChunksInFlightMax; ++i) {
        const Bytes bytes = chunk();
        inputs.push_back(bench.input(practice(), wire::PutChunk{sha256(bytes), bytes}));
        numbers.push_back(inputs.back().number);
    }
    bench.step(std::move(inputs));
    EXPECT_EQ(bench.chunks_to_write.size(), limits::kChunksInFlightMax);
    EXPECT_EQ(code_of(bench.answer(practice(), numbers.back())), ErrorCode::busy);
    bench.write_chunks();
    EXPECT_EQ(upload(chunk()), ErrorCode::ok);
}

TEST_F(AttachedTest, AFailedStepForgetsWhatItHandedOver) {
    const Bytes bytes = chunk();
    bench.store().fail_commits(ErrorCode::storage_full);
    Input put = bench.input(practice(), wire::PutChunk{sha256(bytes), bytes});
    const std::uint64_t number = put.number;
    bench.step(together(std::move(put)));
    EXPECT_EQ(code_of(bench.answer(practice(), number)), ErrorCode::storage_full);
    EXPECT_TRUE(bench.chunks_to_write.empty());
    EXPECT_EQ(upload(bytes), ErrorCode::ok) << "it is not taken for one that is being written";
}

TEST_F(AttachedTest, AChunkIsOfTheMessageThatItIsAskedFor) {
    const auto digests = uploaded(1);
    AdmissionCase other(bench);
    thread.reconnect();
    Header open = other.make_header(kOpener, "call");
    ASSERT_EQ(code_of(thread.send(kOpener, other.seal(kOpener, open))), ErrorCode::ok);
    ASSERT_EQ(deposit(digests), ErrorCode::ok);
    deposited = open.id;  // readable by the ward, and without attachments
    EXPECT_EQ(fetched(kCardio, digests[0]), ErrorCode::unknown_object);
}

TEST_F(AttachedTest, WhatIsKeptOutlivesARestart) {
    const auto digests = uploaded(2);
    ASSERT_EQ(deposit(digests), ErrorCode::ok);
    bench.restart();
    thread.reconnect();
    EXPECT_EQ(missing(practice(), digests).size(), 0U);
    EXPECT_EQ(code_of(fetch(practice(), kPractice, digests[1])), ErrorCode::ok);
}

TEST_F(AttachedTest, AsksAreOfASession) {
    const SessionId stranger = bench.dial(bench.territory.practice_station);
    const Bytes bytes = chunk();
    EXPECT_EQ(code_of(bench.ask(stranger, wire::PutChunk{sha256(bytes), bytes})),
              ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(stranger, wire::AskChunks{{}})), ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::PutChunk{sha256(bytes), bytes})),
              ErrorCode::forbidden);
    EXPECT_TRUE(bench.chunks_to_write.empty());
}

class SmallQuota : public AttachedTest {
protected:
    SmallQuota() : AttachedTest({2 * limits::kChunkPaddedBytesMin, 3 * kSmall, 4 * kSmall}) {}
};

TEST_F(SmallQuota, BeyondItNothingMoreIsUploadedUntilItIsSent) {
    const auto digests = uploaded(3);
    EXPECT_EQ(upload(chunk()), ErrorCode::quota_reached);
    bench.idle(2 * kMinute);
    EXPECT_EQ(bench.count_leaves(Event::refusals_counted, ErrorCode::quota_reached), 1u);
    ASSERT_EQ(deposit({digests[0], digests[1]}), ErrorCode::ok);
    EXPECT_EQ(upload(chunk()), ErrorCode::ok);
}

TEST_F(SmallQuota, WhatIsBeingWrittenCounts) {
    std::vector<Input> inputs;
    std::vector<std::uint64_t> numbers;
    for (int i = 0; i < 4; ++i) {
        const Bytes bytes = chunk();
        inputs.push_back(bench.input(practice(), wire::PutChunk{sha256(bytes), bytes}));
        numbers.push_back(inputs.back().number);
    }
    bench.step(std::move(inputs));
    EXPECT_EQ(code_of(bench.answer(practice(), numbers.back())), ErrorCode::quota_reached);
}

TEST_F(SmallQuota, WhatEnvelopesKeepCountsUntilTheyEnd) {
    ASSERT_EQ(deposit(uploaded(2)), ErrorCode::ok);
    ASSERT_EQ(deposit(uploaded(2)), ErrorCode::ok);
    EXPECT_EQ(deposit(uploaded(1)), ErrorCode::quota_reached);
}

TEST_F(SmallQuota, AnEnvelopeAtTheLimitPassesAndOneAboveDoesNot) {
    EXPECT_EQ(deposit(uploaded(2)), ErrorCode::ok);
    EXPECT_EQ(deposit(uploaded(3)), ErrorCode::too_large);
}

TEST_F(AttachedTest, TheDefaultLimitIsFiftyMebibytes) {
    // 200 chunks of 256 KiB: exactly the limit; the kind's own bound is the same.
    const auto say = [&](std::uint32_t count) {
        Header header = thread.make_header(kOpener, "deposit");
        std::vector<Digest> digests(count);
        for (Digest& digest : digests) digest = bench.random.make<Digest>();
        header.chunks = summary(digests, limits::kChunkSealedBytesMax);
        return submit(header, digests);
    };
    EXPECT_EQ(say(201), ErrorCode::attachment_refused);
    EXPECT_EQ(say(200), ErrorCode::chunks_missing) << "allowed; it would only have to come first";
}

}  // namespace
}  // namespace relais::broker
