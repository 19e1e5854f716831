// Sealed chunks in a station's folder: each at its place, known by its digest alone; and why they
// are there.
#include "clients/station/store/chunk_shelf.h"
#include "core/crypto/sha256.h"
#include "tests/unit/clients/station/store/fixture.h"

namespace relais::station {
namespace {

class ShelfTest : public StoreTest {
protected:
    ShelfTest() {
        for (const std::size_t size : {4112U, 262'160U, 8208U}) {
            chunks_.push_back(random_.bytes(size));
            digests_.push_back(sha256(chunks_.back()));
            sizes_.push_back(static_cast<std::uint32_t>(size));
        }
    }
    std::vector<std::uint32_t> missing() { return shelf_.missing(message_, digests_, sizes_); }
    void put(std::uint32_t index) { shelf_.write(message_, index, chunks_[index]).value(); }

    ChunkShelf shelf_{folder_.file("attachments")};
    MessageId message_ = random_.make<MessageId>();
    std::vector<Bytes> chunks_;
    std::vector<Digest> digests_;
    std::vector<std::uint32_t> sizes_;
};

TEST_F(ShelfTest, ChunksComeInAnyOrderAndEachIsFound) {
    EXPECT_EQ(missing(), (std::vector<std::uint32_t>{0, 1, 2}));
    put(2);
    EXPECT_EQ(missing(), (std::vector<std::uint32_t>{0, 1}));
    EXPECT_EQ(shelf_.read(message_, 1, sizes_[1]).value(), Bytes(sizes_[1]))
        << "a hole, which its digest tells";
    put(0);
    put(1);
    EXPECT_TRUE(missing().empty());
    shelf_.sync(message_).value();
    EXPECT_EQ(shelf_.read(message_, 1, sizes_[1]).value(), chunks_[1]);
}

TEST_F(ShelfTest, AnAlteredChunkIsMissing) {
    for (std::uint32_t i = 0; i < 3; ++i) put(i);
    chunks_[1][70'000] ^= 1;
    put(1);
    EXPECT_EQ(missing(), (std::vector<std::uint32_t>{1}));
}

TEST_F(ShelfTest, WhatIsRemovedOrNeverCameIsNotFound) {
    put(0);
    EXPECT_EQ(shelf_.read(message_, 2, sizes_[2]).code(), ErrorCode::not_found);
    shelf_.remove(message_);
    EXPECT_EQ(shelf_.read(message_, 0, sizes_[0]).code(), ErrorCode::not_found);
    EXPECT_EQ(shelf_.sync(message_).code(), ErrorCode::io_failed);
}

TEST_F(ShelfTest, OldFilesAreNamed) {
    put(0);
    EXPECT_TRUE(shelf_.older_than(std::chrono::hours(1)).empty());
    EXPECT_EQ(shelf_.older_than(std::chrono::hours(-1)), std::vector{message_});
}

TEST_F(ShelfTest, WhyTheyAreHereIsKeptSealed) {
    EXPECT_FALSE(store_->attachment(message_).value());
    store_->put_attachment({message_, AttachmentState::wanted, {}}).value();
    store_->put_attachment({message_, AttachmentState::here, sizes_}).value();
    restart();
    const auto stored = store_->attachment(message_).value();
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->state, AttachmentState::here);
    EXPECT_EQ(stored->sizes, sizes_);
    EXPECT_EQ(store_->attachments_with(AttachmentState::here).value(), std::vector{message_});
    EXPECT_TRUE(store_->attachments_with(AttachmentState::wanted).value().empty());
    {
        Database database = raw();
        auto query = database.query("UPDATE attachment SET message = ?");
        const MessageId other = random_.make<MessageId>();
        query.bind(other.view()).run().value();
        EXPECT_EQ(store_->attachment(other).code(), ErrorCode::corrupt) << "moved to another";
    }
    store_->remove_attachment(message_).value();
}

class OfErased : public ShelfTest {
protected:
    // An envelope's entry of that message; its digest.
    Digest receive(const MessageId& message) {
        const Envelope envelope =
            Envelope::parse(test::make_envelope(test::make_header({}, random_), key_, random_))
                .value();
        StoredEntry received = entry(++places_);
        received.delivery.entry = EnvelopeEntry{envelope.signed_header(),
                                                to_bytes(envelope.content()),
                                                envelope.boxes()[1],
                                                {test::kTestTime, {1}, {1}, {}}};
        received.message = message;
        store_->add_entry(received).value();
        store_->put_attachment({message, AttachmentState::here, sizes_}).value();
        return received.digest;
    }
    [[nodiscard]] std::vector<MessageId> stray() { return store_->stray_attachments().value(); }

    P256Key key_ = make_p256_key(random_);
    std::uint64_t places_ = 0;
};

TEST_F(OfErased, TheRowGoesWithTheMessageAndNoOther) {
    const MessageId other = random_.make<MessageId>();
    receive(other);
    store_->erase_message(message_, receive(message_)).value();
    EXPECT_FALSE(store_->attachment(message_).value());
    EXPECT_TRUE(store_->attachment(other).value());
}

// As a former version left them.
TEST_F(OfErased, ARowWhoseMessageHasNoEnvelopeLeftIsStray) {
    const MessageId sent = random_.make<MessageId>();
    store_->queue(sent, random_.make<ThreadId>(), Bytes{1}).value();
    store_->put_attachment({sent, AttachmentState::outgoing, sizes_}).value();
    const Digest header = receive(message_);
    EXPECT_TRUE(stray().empty());
    store_->erase_message(message_, header).value();
    store_->put_attachment({message_, AttachmentState::here, sizes_}).value();
    EXPECT_EQ(stray(), std::vector{message_});
}

}  // namespace
}  // namespace relais::station
