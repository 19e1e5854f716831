// encode.cc: Frame to bytes, one function a body.
#include <algorithm>

#include "core/base/limits.h"
#include "schemas/envelope/flat_parts.h"
#include "schemas/generated/wire_generated.h"
#include "schemas/wire/frame.h"

namespace relais::wire {

namespace {

using Builder = flatbuffers::FlatBufferBuilder;

auto encode(Builder& b, const Hello& hello) {
    return fb::CreateHello(b, hello.protocol, flat::text(b, hello.software));
}

auto encode(Builder& b, const Submit& submit) {
    return fb::CreateSubmit(b, flat::bytes(b, submit.envelope), submit.again);
}

auto encode(Builder& b, const Attach& attach) {
    std::array<fb::LaneCursor, kLanes> lanes;
    for (std::size_t i = 0; i < kLanes; ++i) {
        lanes[i] = fb::LaneCursor(attach.lanes[i].next.value, attach.lanes[i].credit);
    }
    const auto lane_vector = b.CreateVectorOfStructs(lanes.data(), lanes.size());
    const auto mailbox = flat::text(b, attach.mailbox.text());
    const auto incarnation = flat::to_struct<fb::Uuid>(attach.incarnation.value_or(Incarnation{}));
    return fb::CreateAttach(b, mailbox, attach.incarnation ? &incarnation : nullptr, lane_vector);
}

auto encode(Builder& b, const Acknowledge& acknowledge) {
    return fb::CreateAcknowledge(b, flat::bytes(b, acknowledge.statement));
}

auto encode(Builder& b, const MarkEntry& mark) {
    const auto mark_bytes = flat::bytes(b, mark.mark);
    return fb::CreateMarkEntry(b, mark_bytes, flat::bytes(b, mark.opened));
}

auto encode(Builder& b, const FollowDirectory& follow) {
    return fb::CreateFollowDirectory(b, follow.from.value);
}

auto encode_list(Builder& b, const std::vector<Bytes>& list) {
    std::vector<flatbuffers::Offset<fb::SignedBytes>> items;
    for (const Bytes& item : list) items.push_back(fb::CreateSignedBytes(b, flat::bytes(b, item)));
    return b.CreateVector(items);
}

auto encode(Builder& b, const AppendEntries& append) {
    return fb::CreateAppendEntries(b, encode_list(b, append.entries));
}

auto encode(Builder& b, const OfferAgain& offer) {
    const auto entries = encode_list(b, offer.entries);
    const auto directory = offer.directory.empty() ? 0 : flat::text(b, offer.directory);
    const auto proof = flat::digests(b, offer.proof);
    const auto erasures = encode_list(b, offer.erasures);
    const auto audit = offer.audit.empty() ? 0 : flat::text(b, offer.audit);
    return fb::CreateOfferAgain(b, offer.from.value, entries, directory, proof, erasures, audit);
}

auto encode(Builder& b, const PublishBundle& publish) {
    return fb::CreatePublishBundle(b, flat::bytes(b, publish.bundle));
}

auto encode(Builder& b, const FetchBundle& fetch) {
    const auto digest = flat::to_struct<fb::Digest>(fetch.digest);
    return fb::CreateFetchBundle(b, &digest);
}

auto encode(Builder& b, const FetchProof& fetch) {
    const auto hash = flat::to_struct<fb::Digest>(fetch.leaf_hash);
    return fb::CreateFetchProof(b, fetch.leaf.value, &hash);
}

auto encode(Builder& b, const FetchConsistency& fetch) {
    return fb::CreateFetchConsistency(b, static_cast<fb::LogName>(fetch.log), fetch.from_size);
}

auto encode(Builder& b, const OpenInvitation& open) {
    const auto locator = flat::to_struct<fb::Uuid>(open.locator);
    return fb::CreateOpenInvitation(b, &locator, static_cast<fb::InvitationPurpose>(open.purpose),
                                    static_cast<std::uint32_t>(open.lifetime.count()));
}

auto encode(Builder& b, const FetchProposals&) { return fb::CreateFetchProposals(b); }

auto encode(Builder& b, const DecideProposal& decide) {
    const auto locator = flat::to_struct<fb::Uuid>(decide.locator);
    const auto proposal = flat::to_struct<fb::Digest>(decide.proposal);
    const auto mac = flat::to_struct<fb::Digest>(decide.answer_mac);
    return fb::CreateDecideProposal(b, &locator, &proposal, decide.approved, &mac);
}

auto encode(Builder& b, const AskStatus&) { return fb::CreateAskStatus(b); }

auto encode(Builder& b, const Probe&) { return fb::CreateProbe(b); }

auto encode(Builder& b, const FetchLeaves& fetch) {
    return fb::CreateFetchLeaves(b, static_cast<fb::LogName>(fetch.log), fetch.from);
}

auto encode(Builder& b, const FetchCheckpoints& fetch) {
    return fb::CreateFetchCheckpoints(b, static_cast<fb::LogName>(fetch.log), fetch.from_size);
}

auto encode(Builder& b, const Administer& administer) {
    const auto locator = flat::to_struct<fb::Uuid>(administer.locator.value_or(Locator{}));
    const auto message = flat::to_struct<fb::Uuid>(administer.message.value_or(MessageId{}));
    const auto reason = administer.reason ? static_cast<fb::ErasureReason>(*administer.reason)
                                          : fb::ErasureReason::unset;
    const auto from = administer.from ? flat::text(b, administer.from->text())
                                      : flatbuffers::Offset<flatbuffers::String>();
    return fb::CreateAdminister(b, static_cast<fb::Command>(administer.command),
                                administer.locator ? &locator : nullptr,
                                administer.message ? &message : nullptr, reason, from);
}

flatbuffers::Offset<fb::Restored> encode_restored(Builder& b, const Restored& restored) {
    const auto origin = flat::text(b, restored.origin);
    const auto hash = flat::to_struct<fb::Digest>(restored.leaf_hash);
    return fb::CreateRestored(b, restored.leaf.value, &hash, origin, restored.open);
}

auto encode(Builder& b, const Welcome& welcome) {
    const auto domain = flat::text(b, welcome.domain.text());
    const auto incarnation = flat::to_struct<fb::Uuid>(welcome.incarnation);
    const auto station = flat::to_struct<fb::Uuid>(welcome.station);
    const auto endpoint = flat::text(b, welcome.endpoint);
    const auto enrolment = flat::text(b, welcome.enrolment_endpoint);
    const auto restored = welcome.restored ? encode_restored(b, *welcome.restored) : 0;
    return fb::CreateWelcome(
        b, domain, &incarnation, &station, static_cast<std::uint64_t>(welcome.time.ms),
        welcome.directory_size.value, welcome.clock_suspect, endpoint, enrolment, restored);
}

auto encode(Builder& b, const Done& done) {
    const auto made = flat::to_struct<fb::P256Key>(done.made.value_or(P256Public{}));
    return fb::CreateDone(b, done.made ? &made : nullptr);
}

auto encode(Builder& b, const Attached& attached) {
    std::array<fb::LaneEnd, kLanes> lanes;
    for (std::size_t i = 0; i < kLanes; ++i) {
        lanes[i] = fb::LaneEnd(attached.lanes[i].acknowledged.value, attached.lanes[i].last.value);
    }
    const auto lane_vector = b.CreateVectorOfStructs(lanes.data(), lanes.size());
    const auto incarnation = flat::to_struct<fb::Uuid>(attached.incarnation);
    return fb::CreateAttached(b, &incarnation, lane_vector);
}

auto encode_accepted(Builder& b, const Accepted& accepted) {
    const auto hash = flat::to_struct<fb::Digest>(accepted.leaf_hash);
    return fb::CreateAccepted(b, static_cast<std::uint64_t>(accepted.time.ms),
                              accepted.directory_size.value, accepted.leaf.value, &hash);
}

auto encode(Builder& b, const Receipt& receipt) {
    const auto accepted = encode_accepted(b, receipt.accepted);
    const auto id = flat::to_struct<fb::Uuid>(receipt.id);
    return fb::CreateReceipt(b, &id, accepted, receipt.duplicate);
}

// One line that every reader accepts, whatever stood in the error: else the refusal itself would be
// refused, and its request never answered.
std::string line_of(std::string detail) {
    constexpr int kCharacterTailMax = 3;  // bytes of a UTF-8 character that a cut may leave
    detail.resize(std::min(detail.size(), limits::kDetailBytesMax));
    for (char& c : detail) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    for (int i = 0; i < kCharacterTailMax && !is_utf8(detail); ++i) detail.pop_back();
    return is_utf8(detail) ? detail : std::string();
}

auto encode(Builder& b, const Refusal& refusal) {
    const std::string line = line_of(refusal.detail);
    const auto name = flat::text(b, error_name(refusal.code));
    const auto detail = line.empty() ? 0 : flat::text(b, line);
    const auto winning = refusal.winning ? flat::signed_header(b, *refusal.winning) : 0;
    return fb::CreateRefusal(b, static_cast<std::uint16_t>(refusal.code), name,
                             static_cast<std::uint8_t>(refusal.retry), detail, winning);
}

auto encode(Builder& b, const Bundle& bundle) {
    return fb::CreateBundle(b, flat::bytes(b, bundle.bytes));
}

auto encode(Builder& b, const Proof& proof) {
    const auto leaf = flat::bytes(b, proof.leaf);
    const auto hashes = flat::digests(b, proof.hashes);
    return fb::CreateProof(b, leaf, proof.index.value, hashes, flat::text(b, proof.checkpoint));
}

auto encode(Builder& b, const Consistency& consistency) {
    const auto hashes = flat::digests(b, consistency.hashes);
    const auto checkpoint = flat::text(b, consistency.checkpoint);
    if (consistency.witnessed.empty()) {
        return fb::CreateConsistency(b, consistency.from_size, hashes, checkpoint);
    }
    const auto witnessed = flat::text(b, consistency.witnessed);
    const auto witnessed_hashes = flat::digests(b, consistency.witnessed_hashes);
    return fb::CreateConsistency(b, consistency.from_size, hashes, checkpoint, witnessed,
                                 witnessed_hashes);
}

auto encode(Builder& b, const Status& status) {
    return fb::CreateStatus(b, flat::text(b, status.json));
}

auto encode(Builder& b, const Probed& probed) {
    const auto time = flat::bytes(b, probed.time);
    const auto signature = flat::to_struct<fb::Signature>(probed.signature);
    return fb::CreateProbed(b, time, &signature);
}

auto encode(Builder& b, const Leaves& leaves) {
    return fb::CreateLeaves(b, leaves.from, encode_list(b, leaves.leaves));
}

auto encode(Builder& b, const Checkpoints& checkpoints) {
    return fb::CreateCheckpoints(b, b.CreateVectorOfStrings(checkpoints.notes));
}

auto encode(Builder& b, const Proposals& proposals) {
    std::vector<flatbuffers::Offset<fb::Proposal>> items;
    for (const Proposal& proposal : proposals.proposals) {
        const auto payload = flat::bytes(b, proposal.payload);
        const auto locator = flat::to_struct<fb::Uuid>(proposal.locator);
        const auto mac = flat::to_struct<fb::Digest>(proposal.mac);
        items.push_back(fb::CreateProposal(b, &locator, payload, &mac));
    }
    return fb::CreateProposals(b, b.CreateVector(items));
}

auto encode_entry(Builder& b, const EnvelopeEntry& entry) {
    const auto header = flat::bytes(b, entry.header.bytes);
    const auto signature = flat::header_signature(b, entry.header.signature);
    const auto content = flat::bytes(b, entry.content);
    const auto box = flat::key_box(b, entry.box);
    const auto accepted = encode_accepted(b, entry.accepted);
    const auto chunks = entry.chunks.empty() ? 0 : flat::digests(b, entry.chunks);
    return fb::CreateEnvelopeEntry(b, header, signature, content, box, accepted, entry.old_epoch,
                                   chunks);
}

auto encode_entry(Builder& b, const NoticeEntry& entry) {
    return fb::CreateNoticeEntry(b, flat::bytes(b, entry.statement));
}

auto encode_entry(Builder& b, const MarkedEntry& entry) {
    return fb::CreateMarkedEntry(b, flat::bytes(b, entry.statement));
}

auto encode_entry(Builder& b, const Tombstone& entry) {
    const auto digest = flat::to_struct<fb::Digest>(entry.digest);
    const auto message = flat::to_struct<fb::Uuid>(entry.message.value_or(MessageId{}));
    return fb::CreateTombstone(b, &digest, entry.message ? &message : nullptr);
}

auto encode(Builder& b, const Delivery& delivery) {
    const auto entry =
        std::visit([&](const auto& each) { return encode_entry(b, each).Union(); }, delivery.entry);
    const auto type = static_cast<fb::ChannelEntry>(delivery.entry.index() + 1);
    const auto mailbox = flat::text(b, delivery.mailbox.text());
    const auto incarnation = flat::to_struct<fb::Uuid>(delivery.incarnation);
    return fb::CreateDelivery(b, mailbox, &incarnation, flat::lane(delivery.lane),
                              delivery.seq.value, type, entry);
}

auto encode(Builder& b, const DirectoryEntries& entries) {
    const auto list = encode_list(b, entries.entries);
    const auto checkpoint = entries.checkpoint.empty() ? 0 : flat::text(b, entries.checkpoint);
    return fb::CreateDirectoryEntries(b, entries.from.value, list, checkpoint);
}

auto encode(Builder& b, const Cut& cut) {
    return fb::CreateCut(b, static_cast<std::uint16_t>(cut.code));
}

auto encode(Builder& b, const FollowCheckpoints& follow) {
    return fb::CreateFollowCheckpoints(b, follow.audit, follow.directory);
}

auto encode(Builder& b, const Cosign& cosign) {
    return fb::CreateCosign(b, static_cast<fb::LogName>(cosign.log), cosign.size,
                            flat::text(b, cosign.cosignature));
}

auto encode(Builder& b, const NewCheckpoint& push) {
    const auto hashes = flat::digests(b, push.hashes);
    return fb::CreateNewCheckpoint(b, static_cast<fb::LogName>(push.log), push.from_size, hashes,
                                   flat::text(b, push.checkpoint));
}

auto encode(Builder& b, const Enrol& enrol) {
    const auto payload = flat::bytes(b, enrol.payload);
    const auto locator = flat::to_struct<fb::Uuid>(enrol.locator);
    const auto mac = flat::to_struct<fb::Digest>(enrol.mac);
    return fb::CreateEnrol(b, &locator, payload, &mac);
}

auto encode(Builder& b, const EnrolmentStatus& status) {
    const auto locator = flat::to_struct<fb::Uuid>(status.locator);
    const auto proposal = flat::to_struct<fb::Digest>(status.proposal);
    return fb::CreateEnrolmentStatus(b, &locator, &proposal);
}

auto encode(Builder& b, const EnrolmentDecision& decision) {
    const auto mac = flat::to_struct<fb::Digest>(decision.answer_mac);
    return fb::CreateEnrolmentDecision(b, decision.approved, &mac, decision.directory_size.value);
}

auto encode(Builder& b, const PutChunk& put) {
    const auto bytes = flat::bytes(b, put.bytes);
    const auto digest = flat::to_struct<fb::Digest>(put.digest);
    return fb::CreatePutChunk(b, &digest, bytes);
}

auto encode(Builder& b, const AskChunks& ask) {
    return fb::CreateAskChunks(b, flat::digests(b, ask.digests));
}

auto encode(Builder& b, const FetchChunk& fetch) {
    const auto mailbox = flat::text(b, fetch.mailbox.text());
    const auto message = flat::to_struct<fb::Uuid>(fetch.message);
    const auto digest = flat::to_struct<fb::Digest>(fetch.digest);
    return fb::CreateFetchChunk(b, mailbox, &message, &digest);
}

auto encode(Builder& b, const ChunksMissing& missing) {
    return fb::CreateChunksMissing(b, b.CreateVector(missing.places));
}

auto encode(Builder& b, const Chunk& chunk) {
    const auto bytes = flat::bytes(b, chunk.bytes);
    const auto digest = flat::to_struct<fb::Digest>(chunk.digest);
    return fb::CreateChunk(b, &digest, bytes);
}

auto encode(Builder& b, const FetchRegister& fetch) {
    const auto kind = flat::text(b, fetch.kind.text());
    return fb::CreateFetchRegister(b, kind, flat::text(b, fetch.name.text()), fetch.from);
}

auto encode(Builder& b, const RegisterEntries& entries) {
    std::vector<flatbuffers::Offset<fb::RegisterEntry>> items;
    for (const RegisterEntry& entry : entries.entries) {
        const auto key = flat::text(b, entry.key);
        const auto accepted = encode_accepted(b, entry.accepted);
        const auto act = flat::signed_header(b, entry.act);
        items.push_back(fb::CreateRegisterEntry(b, key, entry.value, accepted, act));
    }
    return fb::CreateRegisterEntries(b, entries.from, b.CreateVector(items), entries.size);
}

auto encode(Builder& b, const StateDay& state) {
    return fb::CreateStateDay(b, flat::bytes(b, state.statement));
}

auto encode(Builder& b, const DayCounted& counted) {
    const auto mailbox = flat::text(b, counted.mailbox.text());
    return fb::CreateDayCounted(b, mailbox, counted.day.number, counted.sent, counted.held);
}

std::size_t size_hint(const Body& body) {
    if (const auto* submit = std::get_if<Submit>(&body)) return submit->envelope.size() + 128;
    if (const auto* bundle = std::get_if<Bundle>(&body)) return bundle->bytes.size() + 128;
    if (const auto* put = std::get_if<PutChunk>(&body)) return put->bytes.size() + 256;
    if (const auto* chunk = std::get_if<Chunk>(&body)) return chunk->bytes.size() + 256;
    return 1024;
}

}  // namespace

Bytes encode_frame(const Frame& frame) {
    Builder builder(size_hint(frame.body));
    const auto body =
        std::visit([&](const auto& each) { return encode(builder, each).Union(); }, frame.body);
    const auto type = static_cast<fb::Body>(frame.body.index() + 1);
    builder.Finish(fb::CreateFrame(builder, frame.number, type, body));
    return to_bytes(flat::finished(builder));
}

}  // namespace relais::wire
