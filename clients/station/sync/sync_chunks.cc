// sync_chunks.cc: attachments on their way: the chunks that an envelope refers to go before it, a
// few at a time; those that somebody asked for come the same way. Both go on where they were after
// a break: the broker says what it lacks, the shelf what it has.
#include <algorithm>

#include "clients/station/sync/sync.h"
#include "core/crypto/sha256.h"

namespace relais::station {

namespace {

constexpr std::size_t kChunksInFlight = 4;  // so that an act waits for a mebibyte at most
constexpr Milliseconds kLater{2000};

}  // namespace

bool Sync::is_download(const Sent& sent) const {
    const auto* chunk = std::get_if<SentChunk>(&sent);
    if (chunk == nullptr) return false;
    const auto transfer = transfers_.find(chunk->message);
    return transfer != transfers_.end() && !transfer->second.upload;
}

// Whether the broker has the chunks of this envelope, or it has none; else their way begins.
Result<bool> Sync::chunks_are_there(const StoredOutgoing& item) {
    if (parts_.chunks == nullptr) return true;
    if (const auto known = transfers_.find(item.message); known != transfers_.end()) {
        return !known->second.upload || known->second.done();
    }
    RELAIS_ASSIGN(const auto attachment, parts_.store.attachment(item.message));
    if (!attachment || attachment->state != AttachmentState::outgoing) return true;
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(item.envelope));
    if (envelope.chunks().size() != attachment->sizes.size()) {
        return fail(ErrorCode::corrupt, "chunks of a message");
    }
    Transfer transfer;
    transfer.upload = true;
    transfer.digests.assign(envelope.chunks().begin(), envelope.chunks().end());
    transfer.sizes = attachment->sizes;
    send(wire::AskChunks{transfer.digests}, SentChunkQuestion{item.message});
    transfers_.emplace(item.message, std::move(transfer));
    return false;
}

Result<void> Sync::move_chunks(BootTime now) {
    if (parts_.chunks == nullptr) return {};
    if (chunks_pause_ && !chunks_at_) chunks_at_ = now + kLater;
    if (chunks_at_ && now < *chunks_at_) return {};
    chunks_at_.reset();
    chunks_pause_ = false;
    RELAIS_TRY(begin_downloads());
    std::vector<MessageId> lost;
    for (auto& [message, transfer] : transfers_) {
        const Result<void> gone_on = go_on(message, transfer);
        if (gone_on.code() == ErrorCode::not_found) {
            lost.push_back(message);
        } else {
            RELAIS_TRY(gone_on);
        }
    }
    for (const MessageId& message : lost) {
        RELAIS_TRY(
            refuse_finally(message, {ErrorCode::chunks_missing, Retry::never, "", std::nullopt}));
    }
    return {};
}

Result<void> Sync::go_on(const MessageId& message, Transfer& transfer) {
    while (transfer.known && !transfer.missing.empty() && chunks_in_flight_ < kChunksInFlight) {
        const std::uint32_t index = transfer.missing.front();
        wire::Body body = wire::Done{};
        if (transfer.upload) {
            RELAIS_ASSIGN(Bytes bytes, parts_.chunks->read(message, index, transfer.sizes[index]));
            body = wire::PutChunk{transfer.digests[index], std::move(bytes)};
        } else {
            body = wire::FetchChunk{*transfer.mailbox, message, transfer.digests[index]};
        }
        transfer.missing.pop_front();
        ++transfer.in_flight;
        ++chunks_in_flight_;
        send(std::move(body), SentChunk{message, index});
    }
    return {};
}

Result<void> Sync::begin_downloads() {
    RELAIS_ASSIGN(const auto wanted, parts_.store.attachments_with(AttachmentState::wanted));
    for (const MessageId& message : wanted) {
        if (transfers_.contains(message)) continue;
        RELAIS_TRY(begin_download(message));
        if (transfers_.contains(message)) return {};  // one after the other
    }
    return {};
}

// Of the envelope that was asked for: another may have come under its id.
Result<void> Sync::begin_download(const MessageId& message) {
    RELAIS_ASSIGN(const auto wanted, parts_.store.attachment(message));
    if (!wanted) return {};
    RELAIS_ASSIGN(const auto entries, parts_.store.entries_of_message(message));
    for (const StoredEntry& entry : entries) {
        const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
        const bool ours = lanes_.contains(entry.delivery.mailbox);
        if (envelope == nullptr || entry.status != ErrorCode::ok || !ours) continue;
        if (!wanted->of(entry.digest)) continue;
        const auto opened = parts_.judge.open(*envelope, entry.delivery.mailbox);
        if (!opened.ok() || opened->attachments == nullptr) continue;
        Transfer transfer;
        transfer.digests = opened->attachments->digests;
        transfer.sizes = opened->attachments->sizes;
        transfer.mailbox = entry.delivery.mailbox;
        transfer.header = entry.digest;
        transfer.known = true;
        const auto missing = parts_.chunks->missing(message, transfer.digests, transfer.sizes);
        transfer.missing.assign(missing.begin(), missing.end());
        if (transfer.missing.empty()) return finish_download(message, transfer);
        transfers_.emplace(message, std::move(transfer));
        return {};
    }
    return parts_.store.put_attachment({message, AttachmentState::gone, {}, wanted->header});
}

Result<void> Sync::finish_download(const MessageId& message, const Transfer& transfer) {
    RELAIS_TRY(parts_.chunks->sync(message));
    return end_download({message, AttachmentState::here, transfer.sizes, transfer.header});
}

// Unless those of another envelope were asked for since: theirs come next.
Result<void> Sync::end_download(const StoredAttachment& attachment) {
    RELAIS_ASSIGN(const auto noted, parts_.store.attachment(attachment.message));
    if (noted && attachment.header && !noted->of(*attachment.header)) return {};
    return parts_.store.put_attachment(attachment);
}

Result<void> Sync::chunk_question_answered(const MessageId& message, const wire::Body& body) {
    const auto transfer = transfers_.find(message);
    if (transfer == transfers_.end()) return {};
    const auto* missing = std::get_if<wire::ChunksMissing>(&body);
    if (missing == nullptr) {  // asked again
        transfers_.erase(transfer);
        return {};
    }
    const std::size_t count = transfer->second.digests.size();
    if (std::ranges::any_of(missing->places, [&](std::uint32_t i) { return i >= count; })) {
        raise(fail(ErrorCode::malformed, "answer about chunks"));
        return {};
    }
    transfer->second.missing.assign(missing->places.begin(), missing->places.end());
    transfer->second.known = true;
    return {};
}

Result<void> Sync::chunk_answered(const SentChunk& sent, const wire::Body& body) {
    --chunks_in_flight_;
    const auto transfer = transfers_.find(sent.message);
    if (transfer == transfers_.end()) return {};
    --transfer->second.in_flight;
    if (const auto* refusal = std::get_if<wire::Refusal>(&body)) {
        return chunk_refused(sent, *refusal);
    }
    if (transfer->second.upload) {
        ++events_.chunks;
        return {};
    }
    if (const auto* chunk = std::get_if<wire::Chunk>(&body)) return chunk_arrived(sent, *chunk);
    raise(fail(ErrorCode::malformed, "answer to a chunk"));
    return {};
}

Result<void> Sync::chunk_arrived(const SentChunk& sent, const wire::Chunk& chunk) {
    Transfer& transfer = transfers_.at(sent.message);
    if (sha256(chunk.bytes) != transfer.digests[sent.index]) {
        raise(fail(ErrorCode::digest_mismatch, "chunk of an attachment"));
        return {};
    }
    RELAIS_TRY(parts_.chunks->write(sent.message, sent.index, chunk.bytes));
    ++events_.chunks;
    if (!transfer.done()) return {};
    RELAIS_TRY(finish_download(sent.message, transfer));
    transfers_.erase(sent.message);
    return {};
}

Result<void> Sync::chunk_refused(const SentChunk& sent, const wire::Refusal& refusal) {
    Transfer& transfer = transfers_.at(sent.message);
    if (refusal.retry != Retry::never) {
        transfer.missing.push_front(sent.index);
        chunks_pause_ = true;
        return {};
    }
    if (transfer.upload) return refuse_finally(sent.message, refusal);
    const StoredAttachment gone{sent.message, AttachmentState::gone, {}, transfer.header};
    transfers_.erase(sent.message);
    return end_download(gone);
}

}  // namespace relais::station
