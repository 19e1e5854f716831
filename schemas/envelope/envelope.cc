#include "schemas/envelope/envelope.h"

#include "schemas/envelope/attachments.h"
#include "schemas/envelope/flat_parts.h"

namespace relais {

namespace flat {

Result<std::vector<Digest>> digests(const flatbuffers::Vector<const fb::Digest*>* raw,
                                    std::size_t count_max) {
    std::vector<Digest> list;
    if (raw == nullptr) return list;
    if (raw->size() > count_max) return fail(ErrorCode::too_large, "list of digests");
    list.reserve(raw->size());
    for (const fb::Digest* digest : *raw) list.push_back(id<Digest>(*digest));
    return list;
}

flatbuffers::Offset<flatbuffers::Vector<const fb::Digest*>> digests(
    flatbuffers::FlatBufferBuilder& builder, std::span<const Digest> list) {
    static_assert(sizeof(Digest) == sizeof(fb::Digest));
    return builder.CreateVectorOfStructs(reinterpret_cast<const fb::Digest*>(list.data()),
                                         list.size());
}

Result<HeaderSignature> header_signature(const fb::HeaderSignature& raw) {
    RELAIS_ASSIGN(auto path, digests(raw.path(), limits::kBatchPathMax));
    return HeaderSignature{id<Signature>(*raw.signature()), raw.batch_index(), raw.batch_size(),
                           std::move(path)};
}

flatbuffers::Offset<fb::HeaderSignature> header_signature(flatbuffers::FlatBufferBuilder& builder,
                                                          const HeaderSignature& signature) {
    const auto path = signature.path.empty() ? 0 : digests(builder, signature.path);
    const auto raw = to_struct<fb::Signature>(signature.signature);
    return fb::CreateHeaderSignature(builder, &raw, signature.index, signature.size, path);
}

Result<SignedHeader> signed_header(const fb::SignedHeader& raw) {
    RELAIS_ASSIGN(auto signature, header_signature(*raw.signed_()));
    if (raw.header()->size() > limits::kHeaderBytesMax) return fail(ErrorCode::too_large);
    return SignedHeader{to_bytes(view(raw.header())), std::move(signature)};
}

flatbuffers::Offset<fb::SignedHeader> signed_header(flatbuffers::FlatBufferBuilder& builder,
                                                    const SignedHeader& header) {
    const auto raw = bytes(builder, header.bytes);
    return fb::CreateSignedHeader(builder, raw, header_signature(builder, header.signature));
}

Result<KeyBox> key_box(const fb::KeyBox& raw) {
    if (raw.suite() != kSuiteP256) return fail(ErrorCode::unsupported_version, "key box suite");
    if (raw.enc()->size() != kSuiteP256EncBytes ||
        raw.sealed_key()->size() != kSuiteP256SealedKeyBytes) {
        return fail(ErrorCode::malformed, "key box sizes");
    }
    if (raw.epoch() > limits::kNumberMax) return fail(ErrorCode::invalid_field, "key box epoch");
    if (raw.release() > fb::Release::turn) {
        return fail(ErrorCode::invalid_field, "key box release");
    }
    KeyBox box{raw.position(),
               {raw.epoch()},
               raw.suite(),
               to_bytes(view(raw.enc())),
               to_bytes(view(raw.sealed_key())),
               static_cast<Release>(raw.release())};
    if (raw.mailbox() != nullptr) {
        RELAIS_ASSIGN(box.mailbox, Address::parse(view(raw.mailbox())));
    }
    return box;
}

flatbuffers::Offset<fb::KeyBox> key_box(flatbuffers::FlatBufferBuilder& builder,
                                        const KeyBox& box) {
    const auto enc = bytes(builder, box.enc);
    const auto sealed_key = bytes(builder, box.sealed_key);
    const auto mailbox = box.mailbox ? text(builder, box.mailbox->text()) : 0;
    return fb::CreateKeyBox(builder, box.position, box.epoch.value, box.suite, enc, sealed_key,
                            static_cast<fb::Release>(box.release), mailbox);
}

}  // namespace flat

namespace {

// Members of groups: by rising address, and none that is addressed otherwise.
Result<void> check_members(const std::vector<KeyBox>& boxes, const Header& header) {
    const Address* before = nullptr;
    for (const KeyBox& box : std::span(boxes).subspan(1 + header.mailboxes().size())) {
        const bool rising = before == nullptr || *before < *box.mailbox;
        const bool addressed = *box.mailbox == header.from ||
                               std::ranges::find(header.mailboxes(), *box.mailbox,
                                                 &Recipient::mailbox) != header.mailboxes().end();
        if (!rising || addressed) return fail(ErrorCode::boxes_mismatch, "members of the groups");
        before = &*box.mailbox;
    }
    return {};
}

// One box for the sender, at once, then one for each mailbox in the header's order, then those of
// the members of its groups.
Result<std::vector<KeyBox>> parse_boxes(const fb::Envelope& raw, const Header& header) {
    const std::size_t named = header.mailboxes().size() + 1;
    const std::size_t count = raw.boxes()->size();
    const std::size_t most = named + (header.groups().empty() ? 0 : limits::kGroupReadersMax);
    if (count < named || count > most) return fail(ErrorCode::boxes_mismatch);
    std::vector<KeyBox> boxes;
    boxes.reserve(raw.boxes()->size());
    for (const fb::KeyBox* item : *raw.boxes()) {
        RELAIS_ASSIGN(KeyBox box, flat::key_box(*item));
        if (box.position != boxes.size()) return fail(ErrorCode::boxes_mismatch, "position");
        if (box.mailbox.has_value() != (box.position >= named)) {
            return fail(ErrorCode::boxes_mismatch, "whose box it is");
        }
        boxes.push_back(std::move(box));
    }
    if (boxes.front().release != Release::at_once) {
        return fail(ErrorCode::boxes_mismatch, "the sender's own box is held");
    }
    RELAIS_TRY(check_members(boxes, header));
    return boxes;
}

}  // namespace

Release box_release(const Header& header, std::size_t position, Release act) {
    if (position == 0) return Release::at_once;
    const Recipient* recipient = header.recipient_at(position);
    const Standing standing = recipient == nullptr ? Standing::party : recipient->standing;
    if (standing == Standing::fallback) return Release::overdue;
    const bool absence = standing == Standing::delegate && act == Release::at_once;
    return absence ? Release::absence : act;
}

Result<Envelope> Envelope::parse(Bytes bytes) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::Envelope>(bytes, limits::kFrameBytesMax));
    const ByteView header_bytes = flat::view(raw->header());
    RELAIS_ASSIGN(Header header, parse_header(header_bytes));
    RELAIS_ASSIGN(HeaderSignature signature, flat::header_signature(*raw->signed_()));
    RELAIS_ASSIGN(auto boxes, parse_boxes(*raw, header));
    const ByteView content = flat::view(raw->content());
    if (content.size() != header.content_bytes + kContentTagBytes) {
        return fail(ErrorCode::malformed, "content size");
    }
    RELAIS_ASSIGN(auto chunks, flat::digests(raw->chunks(), limits::kChunksPerEnvelopeMax));
    RELAIS_TRY(check_chunks(header.chunks, chunks));
    Envelope envelope(std::move(bytes), std::move(header));  // the views survive the move
    envelope.digest_ = header_digest(header_bytes);
    envelope.signature_ = std::move(signature);
    envelope.boxes_ = std::move(boxes);
    envelope.chunks_ = std::move(chunks);
    envelope.header_bytes_ = header_bytes;
    envelope.content_ = content;
    return envelope;
}

const Address& Envelope::mailbox_at(std::size_t position) const {
    RELAIS_CHECK(position < boxes_.size());
    if (const auto& member = boxes_[position].mailbox) return *member;
    return position == 0 ? header_.from : header_.to[position - 1].mailbox;
}

Bytes encode_envelope(const SignedHeader& header, ByteView content, std::span<const KeyBox> boxes,
                      std::span<const Digest> chunks) {
    flatbuffers::FlatBufferBuilder builder(content.size() + 2048);
    std::vector<flatbuffers::Offset<fb::KeyBox>> box_offsets;
    for (const KeyBox& box : boxes) box_offsets.push_back(flat::key_box(builder, box));
    const auto box_vector = builder.CreateVector(box_offsets);
    const auto content_offset = flat::bytes(builder, content);
    const auto signature = flat::header_signature(builder, header.signature);
    const auto header_offset = flat::bytes(builder, header.bytes);
    const auto chunk_vector = chunks.empty() ? 0 : flat::digests(builder, chunks);
    builder.Finish(fb::CreateEnvelope(builder, header_offset, signature, content_offset, box_vector,
                                      chunk_vector));
    return to_bytes(flat::finished(builder));
}

}  // namespace relais
