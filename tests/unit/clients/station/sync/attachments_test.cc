// Attachments of a station, frame by frame: chunks go before their envelope and nothing goes twice;
// what has nothing to do with them does not wait; what was asked for comes, checked, and goes on
// after a break where it was.
#include "clients/station/seal/chunks.h"
#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "core/crypto/sha256.h"
#include "tests/unit/clients/station/sync/sync_fixture.h"

namespace relais::station {
namespace {

constexpr std::uint32_t kSize = 4096 + 16;
using Places = std::vector<std::uint32_t>;

class AttachmentsOut : public SyncTest {
protected:
    AttachmentsOut() { get_ready(); }

    // An envelope of the ward with that many chunks, which stand in the folder.
    MessageId queue_with(std::size_t count, const std::string& to = "cabinet@indre") {
        auto& random = territory_.random();
        Header header = header_to(to);
        std::vector<Bytes> chunks;
        std::vector<Digest> digests;
        for (std::size_t i = 0; i < count; ++i) {
            chunks.push_back(random.bytes(kSize));
            digests.push_back(sha256(chunks.back()));
        }
        header.chunks =
            ChunkSummary{static_cast<std::uint32_t>(count), count * kSize, chunks_root(digests)};
        for (std::uint32_t i = 0; i < count; ++i) {
            shelf_.write(header.id, i, chunks[i]).value();
        }
        store_
            ->put_attachment(
                {header.id, AttachmentState::outgoing, std::vector<std::uint32_t>(count, kSize)})
            .value();
        threads_[header.id] = header.thread;
        return queue_envelope(header, digests);
    }
    MessageId queue_plain(const std::string& to, std::optional<ThreadId> thread = std::nullopt) {
        Header header = header_to(to);
        if (thread) header.thread = *thread;
        return queue_envelope(header);
    }
    // One flush; what was said, in order.
    std::vector<wire::Frame> turn(std::int64_t now_ms = 0) {
        flush(now_ms);
        return said();
    }
    template <typename Body>
    static std::vector<std::pair<std::uint64_t, Body>> of(const std::vector<wire::Frame>& frames) {
        std::vector<std::pair<std::uint64_t, Body>> list;
        for (const wire::Frame& frame : frames) {
            if (const auto* body = std::get_if<Body>(&frame.body)) {
                list.emplace_back(frame.number, *body);
            }
        }
        return list;
    }
    static std::vector<MessageId> submitted(const std::vector<wire::Frame>& frames) {
        return ids_of(of<wire::Submit>(frames));
    }
    // Answers the question about chunks of the first envelope that has any.
    void say_missing(const Places& places) {
        const auto asked = of<wire::AskChunks>(turn());
        ASSERT_EQ(asked.size(), 1U);
        hear(asked[0].first, wire::ChunksMissing{places});
    }
    [[nodiscard]] static wire::Refusal refusal(ErrorCode code, Retry retry) {
        return {code, retry, "", std::nullopt};
    }

    std::map<MessageId, ThreadId> threads_;
};

TEST_F(AttachmentsOut, ChunksGoAFewAtATimeBeforeTheirEnvelope) {
    const MessageId message = queue_with(6);
    say_missing({0, 1, 2, 3, 4, 5});
    std::size_t sent = 0;
    for (;;) {
        const auto frames = turn();
        const auto chunks = of<wire::PutChunk>(frames);
        if (chunks.empty()) {
            EXPECT_EQ(submitted(frames), std::vector{message});
            break;
        }
        EXPECT_TRUE(submitted(frames).empty());
        EXPECT_LE(chunks.size(), 4U);
        for (const auto& [number, put] : chunks) {
            EXPECT_EQ(sha256(put.bytes), put.digest);
            hear(number, wire::Done{});
        }
        sent += chunks.size();
    }
    EXPECT_EQ(sent, 6U);
}

TEST_F(AttachmentsOut, OnlyWhatIsMissingGoes) {
    const MessageId message = queue_with(4);
    say_missing({2});
    const auto chunks = of<wire::PutChunk>(turn());
    ASSERT_EQ(chunks.size(), 1U);
    hear(chunks[0].first, wire::Done{});
    EXPECT_EQ(submitted(turn()), std::vector{message});
}

TEST_F(AttachmentsOut, AfterABreakTheBrokerIsAskedAgain) {
    queue_with(4);
    say_missing({0, 1, 2, 3});
    EXPECT_EQ(of<wire::PutChunk>(turn()).size(), 4U);
    sync_.disconnected();
    get_ready();
    const auto asked = of<wire::AskChunks>(turn());
    ASSERT_EQ(asked.size(), 1U);
    hear(asked[0].first, wire::ChunksMissing{{}});
    EXPECT_EQ(submitted(turn()).size(), 1U);
}

TEST_F(AttachmentsOut, WhatSharesALaneOrAThreadWaitsAndTheOthersPass) {
    const MessageId big = queue_with(1);
    const MessageId same_lane = queue_plain("cabinet@indre");
    const MessageId other = queue_plain("cardiologie.ch-valmont@indre");
    const MessageId same_thread = queue_plain("officine@indre", threads_[big]);
    const MessageId behind = queue_plain("officine@indre");
    const auto frames = turn();
    EXPECT_EQ(submitted(frames), std::vector{other});
    const auto asked = of<wire::AskChunks>(frames);
    ASSERT_EQ(asked.size(), 1U);
    hear(asked[0].first, wire::ChunksMissing{{}});
    EXPECT_EQ(submitted(turn()), (std::vector{big, same_lane, same_thread, behind}))
        << "in the order in which they were queued";
}

TEST_F(AttachmentsOut, ARefusalForNowIsTriedAgainLater) {
    queue_with(1);
    say_missing({0});
    auto chunks = of<wire::PutChunk>(turn());
    ASSERT_EQ(chunks.size(), 1U);
    hear(chunks[0].first, refusal(ErrorCode::storage_full, Retry::later));
    EXPECT_TRUE(of<wire::PutChunk>(turn(1000)).empty());
    EXPECT_TRUE(of<wire::PutChunk>(turn(2999)).empty());
    chunks = of<wire::PutChunk>(turn(3000));
    ASSERT_EQ(chunks.size(), 1U);
    hear(chunks[0].first, wire::Done{});
    EXPECT_EQ(submitted(turn(3001)).size(), 1U);
}

TEST_F(AttachmentsOut, ALastRefusalIsTheMessagesAndFreesTheOthers) {
    const MessageId big = queue_with(2);
    const MessageId behind = queue_plain("cabinet@indre");
    say_missing({0, 1});
    for (const auto& [number, put] : of<wire::PutChunk>(turn())) {
        hear(number, refusal(ErrorCode::digest_mismatch, Retry::never));
    }
    EXPECT_EQ(state_of(big), SendState::refused);
    EXPECT_EQ(submitted(turn()), std::vector{behind});
}

TEST_F(AttachmentsOut, AChunkLostOnThisDiskEndsTheMessageInAnError) {
    const MessageId big = queue_with(2);
    say_missing({0, 1});
    shelf_.remove(big);
    turn();
    EXPECT_EQ(state_of(big), SendState::refused);
}

// What a broker accepted before it was restored stays accepted, whatever becomes of its chunks.
class AttachmentsOutAgain : public AttachmentsOut {
protected:
    AttachmentsOutAgain() : message_(queue_with(1)) {
        say_missing({});
        const auto submits = of<wire::Submit>(turn());
        hear(submits.at(0).first, receipt(message_));
        broker_restored();
        get_ready();
        say_missing({0});
    }
    MessageId message_;
};

TEST_F(AttachmentsOutAgain, AMessageWhoseChunkIsLostHereStaysAccepted) {
    shelf_.remove(message_);
    turn();
    EXPECT_EQ(state_of(message_), SendState::accepted);
    EXPECT_EQ(store_->outgoing(message_).value()->code, ErrorCode::chunks_missing);
}

TEST_F(AttachmentsOutAgain, AMessageWhoseChunkIsRefusedStaysAccepted) {
    const auto chunks = of<wire::PutChunk>(turn());
    ASSERT_EQ(chunks.size(), 1U);
    hear(chunks[0].first, refusal(ErrorCode::too_large, Retry::never));
    EXPECT_EQ(state_of(message_), SendState::accepted);
    EXPECT_TRUE(store_->outgoing(message_).value()->receipt.has_value());
}

TEST_F(AttachmentsOut, ABrokerThatLostThemIsGivenThemAgain) {
    const MessageId big = queue_with(1);
    say_missing({});
    const auto submits = of<wire::Submit>(turn());
    ASSERT_EQ(submits.size(), 1U);
    hear(submits[0].first, refusal(ErrorCode::chunks_missing, Retry::later));
    turn(0);
    const auto asked = of<wire::AskChunks>(turn(2000));
    ASSERT_EQ(asked.size(), 1U);
    hear(asked[0].first, wire::ChunksMissing{{0}});
    EXPECT_EQ(of<wire::PutChunk>(turn(2001)).size(), 1U);
    EXPECT_EQ(state_of(big), SendState::queued);
}

TEST_F(AttachmentsOut, PlacesOutsideTheListAreAnAlarm) {
    queue_with(2);
    say_missing({2});
    EXPECT_EQ(alarm(), ErrorCode::malformed);
}

// The ward receives a message with two files: the content lists them, the chunks are sealed.
class AttachmentsIn : public SyncTest {
protected:
    AttachmentsIn() {
        get_ready();
        deliver();
    }

    // `id`: of a message that somebody copies; its own otherwise.
    void deliver(bool list_honest = true, std::optional<MessageId> id = std::nullopt) {
        auto& random = territory_.random();
        const ThreadId thread = choose();
        seal::AttachmentList list{
            seal::make_attachment_key(random),
            {{"a.pdf", "application/pdf", 5000, {}}, {"b.png", "image/png", 300'000, {}}}};
        Header header = test::make_header({.act = "deposit",
                                           .kind = kind_digest(),
                                           .by = territory_.doctor.id,
                                           .station = territory_.practice_station.id,
                                           .thread = thread,
                                           .head = replica_->head(),
                                           .counter = next_seq_},
                                          random);
        if (id) header.id = *id;
        const auto places = chunk_places(list.files);
        ChunkSummary summary{static_cast<std::uint32_t>(places.size()), 0, {}};
        std::vector<Digest> digests;
        for (std::uint32_t i = 0; i < places.size(); ++i) {
            chunks_.push_back(seal::seal_chunk(list.key, {header.id, i, summary.count},
                                               random.bytes(places[i].bytes)));
            digests.push_back(sha256(chunks_.back()));
            summary.bytes += chunks_.back().size();
        }
        summary.root = chunks_root(digests);
        digests_.insert(digests_.end(), digests.begin(), digests.end());
        header.chunks = summary;
        if (!list_honest) list.files.pop_back();
        const auto content =
            seal::pad_content(form("deposit", "Dossier"), random, seal::encode_list(list).expose())
                .value();
        header.content_bytes = static_cast<std::uint32_t>(content.bytes.size());
        header.content_digest = content.digest;
        hear(0, delivery(sealed(header, content, Release::chosen, digests)));
        message_ = header.id;
    }
    // The act that releases what is deposited, in a thread of its own.
    ThreadId choose() {
        auto& random = territory_.random();
        Header header = test::make_header({.act = "choose",
                                           .kind = kind_digest(),
                                           .by = territory_.doctor.id,
                                           .station = territory_.practice_station.id,
                                           .head = replica_->head(),
                                           .counter = next_seq_},
                                          random);
        const auto content = seal::pad_content(form("choose", "Remark"), random).value();
        header.content_bytes = static_cast<std::uint32_t>(content.bytes.size());
        header.content_digest = content.digest;
        hear(0, delivery(sealed(header, content, Release::at_once, {})));
        return header.thread;
    }
    EnvelopeEntry sealed(const Header& header, const seal::PaddedContent& content, Release release,
                         const std::vector<Digest>& chunks) {
        auto& random = territory_.random();
        SignedHeader signed_header = test::sign_header(header, *territory_.doctor.key);
        const Digest digest = header_digest(signed_header.bytes);
        const Secret key = seal::make_content_key(random);
        const P256Public epoch = epochs_.at({ward_.text(), 2})->public_key();
        KeyBox box = seal::seal_box(key, digest, 1, ward_, {2}, epoch, release).value();
        return {std::move(signed_header),
                seal::encrypt_content(key, digest, content.bytes),
                std::move(box),
                {test::kTestTime, territory_.state().size(), {7}, {}},
                false,
                chunks};
    }
    void want() { store_->put_attachment({message_, AttachmentState::wanted, {}}).value(); }
    std::vector<std::pair<std::uint64_t, wire::FetchChunk>> asked() {
        flush();
        return said_of<wire::FetchChunk>();
    }
    [[nodiscard]] wire::Chunk chunk(const Digest& digest) const {
        const auto place = std::ranges::find(digests_, digest) - digests_.begin();
        return {digest, chunks_.at(static_cast<std::size_t>(place))};
    }
    [[nodiscard]] AttachmentState state() {
        return store_->attachment(message_).value().value().state;
    }

    MessageId message_;
    std::vector<Bytes> chunks_;
    std::vector<Digest> digests_;
};

TEST_F(AttachmentsIn, NothingIsFetchedUntilSomebodyWantsIt) {
    ASSERT_EQ(stored().size(), 2U);
    EXPECT_EQ(stored()[1].status, ErrorCode::ok);
    EXPECT_TRUE(asked().empty());
    want();
    EXPECT_EQ(asked().size(), 3U);
}

TEST_F(AttachmentsIn, ThenItComesAndIsNotedWhenItIsWhole) {
    want();
    const auto fetches = asked();
    for (const auto& [number, fetch] : fetches) {
        EXPECT_EQ(fetch.mailbox, ward_);
        EXPECT_EQ(fetch.message, message_);
        EXPECT_EQ(state(), AttachmentState::wanted);
        hear(number, chunk(fetch.digest));
    }
    EXPECT_EQ(state(), AttachmentState::here);
    EXPECT_EQ(shelf_.read(message_, 2, chunks_[2].size()).value(), chunks_[2]);
    EXPECT_TRUE(asked().empty());
}

TEST_F(AttachmentsIn, AfterABreakOnlyTheRestIsFetched) {
    want();
    const auto fetches = asked();
    hear(fetches[1].first, chunk(fetches[1].second.digest));
    sync_.disconnected();
    get_ready();
    const auto again = asked();
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[0].second.digest, digests_[0]);
    EXPECT_EQ(again[1].second.digest, digests_[2]);
}

TEST_F(AttachmentsIn, WhatIsNotItsDigestIsAnAlarmAndNotKept) {
    want();
    const auto fetches = asked();
    wire::Chunk altered = chunk(fetches[0].second.digest);
    altered.bytes[100] ^= 1;
    hear(fetches[0].first, altered);
    EXPECT_EQ(alarm(), ErrorCode::digest_mismatch);
    EXPECT_FALSE(shelf_.read(message_, 0, altered.bytes.size()).ok());
}

TEST_F(AttachmentsIn, WhatTheBrokerNoLongerHasIsNotAskedForEver) {
    want();
    const auto fetches = asked();
    hear(fetches[0].first, wire::Refusal{ErrorCode::unknown_object, Retry::never, "", {}});
    EXPECT_EQ(state(), AttachmentState::gone);
    hear(fetches[1].first, chunk(fetches[1].second.digest));
    EXPECT_TRUE(asked().empty());
}

// Whoever got a message can send one of his own under its id, with other files, and be there first.
TEST_F(AttachmentsIn, TwoMessagesOfOneIdHaveTheirFilesEach) {
    deliver(true, message_);
    ASSERT_EQ(stored().size(), 4U);
    for (const std::size_t which : {1U, 3U, 1U}) {
        const StoredEntry entry = stored()[which];
        ASSERT_EQ(entry.status, ErrorCode::ok);
        const auto opened = judge_->open(std::get<EnvelopeEntry>(entry.delivery.entry), ward_);
        ASSERT_TRUE(opened.ok());
        const Attachments& files = *opened->attachments;
        store_->put_attachment({message_, AttachmentState::wanted, files.sizes, opened->digest})
            .value();
        for (const auto& [number, fetch] : asked()) hear(number, chunk(fetch.digest));
        EXPECT_EQ(state(), AttachmentState::here);
        EXPECT_EQ(store_->attachment(message_).value()->header, opened->digest);
        EXPECT_TRUE(shelf_.missing(message_, files.digests, files.sizes).empty()) << which;
    }
}

TEST_F(AttachmentsIn, WhatIsWantedWhileAnotherOfItsIdComesIsFetchedNext) {
    deliver(true, message_);
    const auto want_of = [&](std::size_t which) {
        const Digest header = stored()[which].digest;
        store_->put_attachment({message_, AttachmentState::wanted, {}, header}).value();
    };
    want_of(1);
    const auto first = asked();
    ASSERT_EQ(first.size(), 3U);
    want_of(3);
    for (const auto& [number, fetch] : first) hear(number, chunk(fetch.digest));
    EXPECT_EQ(state(), AttachmentState::wanted);
    const auto second = asked();
    ASSERT_EQ(second.size(), 3U);
    for (const auto& [number, fetch] : second) hear(number, chunk(fetch.digest));
    EXPECT_EQ(state(), AttachmentState::here);
    EXPECT_EQ(store_->attachment(message_).value()->header, stored()[3].digest);
}

TEST_F(AttachmentsIn, AListThatIsNotTheHeadersChunksIsRefused) {
    chunks_.clear();
    digests_.clear();
    deliver(false);
    ASSERT_EQ(stored().size(), 4U);
    EXPECT_EQ(stored()[3].status, ErrorCode::attachment_invalid);
}

TEST_F(AttachmentsIn, ChunksThatTheHeaderDoesNotSignForAreRefused) {
    auto& random = territory_.random();
    EnvelopeEntry entry = std::get<EnvelopeEntry>(stored()[1].delivery.entry);
    entry.chunks[1] = random.make<Digest>();
    EXPECT_EQ(judge_->open(entry, ward_).code(), ErrorCode::attachment_invalid);
    entry.chunks.clear();
    EXPECT_EQ(judge_->open(entry, ward_).code(), ErrorCode::attachment_invalid);
}

}  // namespace
}  // namespace relais::station
