// parse.cc: bytes to Frame, one function a body, chosen by a table over the union.
#include <type_traits>

#include "core/base/limits.h"
#include "schemas/envelope/flat_parts.h"
#include "schemas/generated/wire_generated.h"
#include "schemas/wire/frame.h"

namespace relais::wire {

namespace {

Error invalid(const char* field) { return fail(ErrorCode::invalid_field, field); }

Result<Hello> parse(const fb::Hello& raw) {
    if (!is_title(flat::view(raw.software()), limits::kTitleBytesMax)) return invalid("software");
    return Hello{raw.protocol(), raw.software()->str()};
}

Result<Submit> parse(const fb::Submit& raw) {
    return Submit{to_bytes(flat::view(raw.envelope())), raw.again()};
}

Result<Attach> parse(const fb::Attach& raw) {
    RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(raw.mailbox())));
    if (raw.lanes()->size() != kLanes) return invalid("lanes");
    if (!flat::readable(raw.lanes())) return fail(ErrorCode::malformed, "lanes");
    Attach attach{std::move(mailbox), flat::optional_id<Incarnation>(raw.incarnation()), {}};
    for (flatbuffers::uoffset_t i = 0; i < kLanes; ++i) {
        const fb::LaneCursor* lane = raw.lanes()->Get(i);
        if (lane->next() == 0) return invalid("lanes.next");
        attach.lanes[i] = {{lane->next()}, lane->credit()};
    }
    return attach;
}

Result<Acknowledge> parse(const fb::Acknowledge& raw) {
    return Acknowledge{to_bytes(flat::view(raw.statement()))};
}

Result<MarkEntry> parse(const fb::MarkEntry& raw) {
    return MarkEntry{to_bytes(flat::view(raw.mark())), to_bytes(flat::view(raw.opened()))};
}

Result<FollowDirectory> parse(const fb::FollowDirectory& raw) {
    return FollowDirectory{{raw.from()}};
}

// What the lists of a frame unfold to, all together: as much as there are bytes in it, counted
// before they are copied. Many offsets to one vector of bytes cost their sender four bytes each.
class Unfolding {
public:
    explicit Unfolding(ByteView frame) : left_(frame.size()) {}
    // Errors: too_large  the item alone is; malformed  items share their bytes.
    Result<void> take(std::size_t bytes, std::size_t bytes_max, const char* what) {
        if (bytes > bytes_max) return fail(ErrorCode::too_large, what);
        if (bytes > left_) return fail(ErrorCode::malformed, "items that share their bytes");
        left_ -= bytes;
        return {};
    }

private:
    std::size_t left_;
};

template <typename Item>
Result<void> check_count(const flatbuffers::Vector<Item>& list, const char* what) {
    if (list.size() > limits::kEntriesPerFrameMax) return fail(ErrorCode::too_large, what);
    return {};
}

Result<std::vector<Bytes>> parse_list(
    const flatbuffers::Vector<flatbuffers::Offset<fb::SignedBytes>>& raw, Unfolding& unfolding) {
    RELAIS_TRY(check_count(raw, "entries"));
    std::vector<Bytes> list;
    for (const fb::SignedBytes* item : raw) {
        RELAIS_TRY(unfolding.take(item->bytes()->size(), limits::kEntryBytesMax, "entry"));
        list.push_back(to_bytes(flat::view(item->bytes())));
    }
    return list;
}

Result<AppendEntries> parse(const fb::AppendEntries& raw, Unfolding& unfolding) {
    RELAIS_ASSIGN(auto entries, parse_list(*raw.entries(), unfolding));
    return AppendEntries{std::move(entries)};
}

Result<OfferAgain> parse(const fb::OfferAgain& raw, Unfolding& unfolding) {
    const std::string_view directory = flat::view(raw.directory());
    const std::string_view audit = flat::view(raw.audit());
    RELAIS_TRY(unfolding.take(directory.size(), limits::kNoteBytesMax, "note"));
    RELAIS_TRY(unfolding.take(audit.size(), limits::kNoteBytesMax, "note"));
    RELAIS_ASSIGN(auto entries, parse_list(*raw.entries(), unfolding));
    RELAIS_ASSIGN(auto erasures, parse_list(*raw.erasures(), unfolding));
    RELAIS_ASSIGN(auto proof, flat::digests(raw.proof(), 2 * limits::kProofHashesMax));
    return OfferAgain{{raw.from()},     std::move(entries),  std::string(directory),
                      std::move(proof), std::move(erasures), std::string(audit)};
}

Result<PublishBundle> parse(const fb::PublishBundle& raw) {
    return PublishBundle{to_bytes(flat::view(raw.bundle()))};
}

Result<FetchBundle> parse(const fb::FetchBundle& raw) {
    return FetchBundle{flat::id<Digest>(*raw.digest())};
}

Result<FetchProof> parse(const fb::FetchProof& raw) {
    return FetchProof{{raw.leaf()}, flat::id<Digest>(*raw.leaf_hash())};
}

Result<LogName> parse_log(fb::LogName raw) {
    if (raw != fb::LogName::audit && raw != fb::LogName::directory) return invalid("log");
    return static_cast<LogName>(raw);
}

Result<FetchConsistency> parse(const fb::FetchConsistency& raw) {
    RELAIS_ASSIGN(const LogName log, parse_log(raw.log()));
    return FetchConsistency{log, raw.from_size()};
}

Result<InvitationPurpose> parse_purpose(fb::InvitationPurpose raw) {
    if (raw < fb::InvitationPurpose::organisation || raw > fb::InvitationPurpose::recovery) {
        return invalid("purpose");
    }
    return static_cast<InvitationPurpose>(raw);
}

Result<OpenInvitation> parse(const fb::OpenInvitation& raw) {
    RELAIS_ASSIGN(const auto purpose, parse_purpose(raw.purpose()));
    return OpenInvitation{flat::id<Locator>(*raw.locator()), purpose,
                          std::chrono::seconds(raw.lifetime_s())};
}

Result<FetchProposals> parse(const fb::FetchProposals&) { return FetchProposals{}; }

Result<DecideProposal> parse(const fb::DecideProposal& raw) {
    return DecideProposal{flat::id<Locator>(*raw.locator()), flat::id<Digest>(*raw.proposal()),
                          raw.approved(), flat::id<Digest>(*raw.answer_mac())};
}

Result<AskStatus> parse(const fb::AskStatus&) { return AskStatus{}; }

Result<Probe> parse(const fb::Probe&) { return Probe{}; }

Result<FetchLeaves> parse(const fb::FetchLeaves& raw) {
    RELAIS_ASSIGN(const LogName log, parse_log(raw.log()));
    return FetchLeaves{log, raw.from()};
}

Result<FetchCheckpoints> parse(const fb::FetchCheckpoints& raw) {
    RELAIS_ASSIGN(const LogName log, parse_log(raw.log()));
    return FetchCheckpoints{log, raw.from_size()};
}

Result<Administer> parse(const fb::Administer& raw) {
    if (raw.command() == fb::Command::unset || raw.command() > fb::Command::make_broker_key) {
        return invalid("command");
    }
    if (raw.reason() > fb::ErasureReason::order) return invalid("reason");
    Administer administer{static_cast<Command>(raw.command()),
                          flat::optional_id<Locator>(raw.locator()),
                          flat::optional_id<MessageId>(raw.message()), std::nullopt, std::nullopt};
    if (raw.reason() != fb::ErasureReason::unset) {
        administer.reason = static_cast<ErasureReason>(raw.reason());
    }
    if (raw.from() != nullptr) {
        RELAIS_ASSIGN(administer.from, Address::parse(flat::view(raw.from())));
    }
    return administer;
}

Result<std::optional<Restored>> parse_restored(const fb::Restored* raw) {
    if (raw == nullptr) return std::optional<Restored>();
    const std::string origin(flat::view(raw->origin()));
    if (!is_title(origin, limits::kNoteKeyNameBytesMax)) return invalid("restored.origin");
    return std::optional(
        Restored{{raw->leaf()}, flat::id<Digest>(*raw->leaf_hash()), origin, raw->open()});
}

Result<Welcome> parse(const fb::Welcome& raw) {
    RELAIS_ASSIGN(Name domain, Name::parse(flat::view(raw.domain())));
    RELAIS_ASSIGN(auto restored, parse_restored(raw.restored()));
    return Welcome{std::move(domain),
                   flat::id<Incarnation>(*raw.incarnation()),
                   flat::id<StationId>(*raw.station()),
                   {static_cast<std::int64_t>(raw.time_ms())},
                   {raw.directory_size()},
                   raw.clock_suspect(),
                   raw.endpoint()->str(),
                   raw.enrolment_endpoint()->str(),
                   std::move(restored)};
}

Result<Done> parse(const fb::Done& raw) { return Done{flat::optional_id<P256Public>(raw.made())}; }

Result<Attached> parse(const fb::Attached& raw) {
    if (raw.lanes()->size() != kLanes) return invalid("lanes");
    if (!flat::readable(raw.lanes())) return fail(ErrorCode::malformed, "lanes");
    Attached attached{flat::id<Incarnation>(*raw.incarnation()), {}};
    for (flatbuffers::uoffset_t i = 0; i < kLanes; ++i) {
        const fb::LaneEnd* lane = raw.lanes()->Get(i);
        attached.lanes[i] = {{lane->acknowledged()}, {lane->last()}};
    }
    return attached;
}

Accepted parse_accepted(const fb::Accepted& raw) {
    return {{static_cast<std::int64_t>(raw.time_ms())},
            {raw.directory_size()},
            {raw.leaf()},
            flat::id<Digest>(*raw.leaf_hash())};
}

Result<Receipt> parse(const fb::Receipt& raw) {
    return Receipt{flat::id<MessageId>(*raw.id()), parse_accepted(*raw.accepted()),
                   raw.duplicate()};
}

Result<Refusal> parse(const fb::Refusal& raw) {
    if (raw.retry() > static_cast<std::uint8_t>(Retry::remade)) return invalid("retry");
    Refusal refusal{error_from_number(raw.code()), static_cast<Retry>(raw.retry()),
                    std::string(flat::view(raw.detail())), std::nullopt};
    if (!refusal.detail.empty() && !is_title(refusal.detail, limits::kDetailBytesMax)) {
        return invalid("detail");
    }
    if (raw.winning() != nullptr) {
        RELAIS_ASSIGN(refusal.winning, flat::signed_header(*raw.winning()));
    }
    return refusal;
}

Result<Bundle> parse(const fb::Bundle& raw) { return Bundle{to_bytes(flat::view(raw.bytes()))}; }

Result<Proof> parse(const fb::Proof& raw) {
    RELAIS_ASSIGN(auto hashes, flat::digests(raw.hashes(), limits::kProofHashesMax));
    return Proof{to_bytes(flat::view(raw.leaf())),
                 {raw.index()},
                 std::move(hashes),
                 raw.checkpoint()->str()};
}

Result<Consistency> parse(const fb::Consistency& raw) {
    RELAIS_ASSIGN(auto hashes, flat::digests(raw.hashes(), 2 * limits::kProofHashesMax));
    Consistency consistency{raw.from_size(), std::move(hashes), raw.checkpoint()->str()};
    const bool witnessed = raw.witnessed() != nullptr && raw.witnessed()->size() != 0;
    if (witnessed != (raw.witnessed_hashes() != nullptr)) return invalid("witnessed");
    if (!witnessed) return consistency;
    consistency.witnessed = raw.witnessed()->str();
    RELAIS_ASSIGN(consistency.witnessed_hashes,
                  flat::digests(raw.witnessed_hashes(), 2 * limits::kProofHashesMax));
    return consistency;
}

Result<Status> parse(const fb::Status& raw) { return Status{raw.json()->str()}; }

Result<Probed> parse(const fb::Probed& raw) {
    return Probed{to_bytes(flat::view(raw.time())), flat::id<Signature>(*raw.signature())};
}

Result<Leaves> parse(const fb::Leaves& raw, Unfolding& unfolding) {
    RELAIS_ASSIGN(auto leaves, parse_list(*raw.leaves(), unfolding));
    return Leaves{raw.from(), std::move(leaves)};
}

Result<Checkpoints> parse(const fb::Checkpoints& raw, Unfolding& unfolding) {
    RELAIS_TRY(check_count(*raw.notes(), "notes"));
    Checkpoints checkpoints;
    for (const flatbuffers::String* note : *raw.notes()) {
        RELAIS_TRY(unfolding.take(note->size(), limits::kNoteBytesMax, "note"));
        checkpoints.notes.push_back(note->str());
    }
    return checkpoints;
}

Result<Proposals> parse(const fb::Proposals& raw, Unfolding& unfolding) {
    RELAIS_TRY(check_count(*raw.proposals(), "proposals"));
    Proposals list;
    for (const fb::Proposal* item : *raw.proposals()) {
        RELAIS_TRY(unfolding.take(item->payload()->size(), limits::kProposalBytesMax, "proposal"));
        list.proposals.push_back({flat::id<Locator>(*item->locator()),
                                  to_bytes(flat::view(item->payload())),
                                  flat::id<Digest>(*item->mac())});
    }
    return list;
}

Result<ChannelEntry> parse_entry(const fb::EnvelopeEntry& raw) {
    RELAIS_ASSIGN(auto signature, flat::header_signature(*raw.signed_()));
    RELAIS_ASSIGN(auto box, flat::key_box(*raw.box()));
    RELAIS_ASSIGN(auto chunks, flat::digests(raw.chunks(), limits::kChunksPerEnvelopeMax));
    return ChannelEntry(EnvelopeEntry{{to_bytes(flat::view(raw.header())), std::move(signature)},
                                      to_bytes(flat::view(raw.content())),
                                      std::move(box),
                                      parse_accepted(*raw.accepted()),
                                      raw.old_epoch(),
                                      std::move(chunks)});
}

Result<ChannelEntry> parse_channel_entry(const fb::Delivery& raw) {
    switch (raw.entry_type()) {
        case fb::ChannelEntry::EnvelopeEntry: return parse_entry(*raw.entry_as_EnvelopeEntry());
        case fb::ChannelEntry::NoticeEntry:
            return ChannelEntry(
                NoticeEntry{to_bytes(flat::view(raw.entry_as_NoticeEntry()->statement()))});
        case fb::ChannelEntry::MarkedEntry:
            return ChannelEntry(
                MarkedEntry{to_bytes(flat::view(raw.entry_as_MarkedEntry()->statement()))});
        case fb::ChannelEntry::Tombstone: {
            const fb::Tombstone& stone = *raw.entry_as_Tombstone();
            return ChannelEntry(Tombstone{flat::id<Digest>(*stone.digest()),
                                          flat::optional_id<MessageId>(stone.message())});
        }
        case fb::ChannelEntry::NONE: break;
    }
    return invalid("entry");
}

Result<Delivery> parse(const fb::Delivery& raw) {
    RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(raw.mailbox())));
    RELAIS_ASSIGN(const Lane lane, flat::lane(raw.lane()));
    if (raw.seq() == 0) return invalid("seq");
    RELAIS_ASSIGN(ChannelEntry entry, parse_channel_entry(raw));
    return Delivery{std::move(mailbox),
                    flat::id<Incarnation>(*raw.incarnation()),
                    lane,
                    {raw.seq()},
                    std::move(entry)};
}

Result<DirectoryEntries> parse(const fb::DirectoryEntries& raw, Unfolding& unfolding) {
    RELAIS_ASSIGN(auto entries, parse_list(*raw.entries(), unfolding));
    return DirectoryEntries{
        {raw.from()}, std::move(entries), std::string(flat::view(raw.checkpoint()))};
}

Result<Cut> parse(const fb::Cut& raw) { return Cut{error_from_number(raw.code())}; }

Result<FollowCheckpoints> parse(const fb::FollowCheckpoints& raw) {
    return FollowCheckpoints{raw.audit(), raw.directory()};
}

Result<Cosign> parse(const fb::Cosign& raw) {
    RELAIS_ASSIGN(const LogName log, parse_log(raw.log()));
    if (raw.cosignature()->size() > limits::kCosignatureLineBytesMax) {
        return fail(ErrorCode::too_large);
    }
    return Cosign{log, raw.size(), raw.cosignature()->str()};
}

Result<NewCheckpoint> parse(const fb::NewCheckpoint& raw) {
    RELAIS_ASSIGN(const LogName log, parse_log(raw.log()));
    RELAIS_ASSIGN(auto hashes, flat::digests(raw.hashes(), 2 * limits::kProofHashesMax));
    return NewCheckpoint{log, raw.from_size(), std::move(hashes), raw.checkpoint()->str()};
}

Result<Enrol> parse(const fb::Enrol& raw) {
    if (raw.payload()->size() > limits::kProposalBytesMax) return fail(ErrorCode::too_large);
    return Enrol{flat::id<Locator>(*raw.locator()), to_bytes(flat::view(raw.payload())),
                 flat::id<Digest>(*raw.mac())};
}

Result<EnrolmentStatus> parse(const fb::EnrolmentStatus& raw) {
    return EnrolmentStatus{flat::id<Locator>(*raw.locator()), flat::id<Digest>(*raw.proposal())};
}

Result<EnrolmentDecision> parse(const fb::EnrolmentDecision& raw) {
    return EnrolmentDecision{
        raw.approved(), flat::id<Digest>(*raw.answer_mac()), {raw.directory_size()}};
}

Result<Bytes> parse_chunk(const flatbuffers::Vector<std::uint8_t>& raw) {
    if (raw.size() > limits::kChunkSealedBytesMax) return fail(ErrorCode::too_large, "chunk");
    return to_bytes(flat::view(&raw));
}

Result<PutChunk> parse(const fb::PutChunk& raw) {
    RELAIS_ASSIGN(Bytes bytes, parse_chunk(*raw.bytes()));
    return PutChunk{flat::id<Digest>(*raw.digest()), std::move(bytes)};
}

Result<AskChunks> parse(const fb::AskChunks& raw) {
    RELAIS_ASSIGN(auto digests, flat::digests(raw.digests(), limits::kChunksPerEnvelopeMax));
    return AskChunks{std::move(digests)};
}

Result<FetchChunk> parse(const fb::FetchChunk& raw) {
    RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(raw.mailbox())));
    return FetchChunk{std::move(mailbox), flat::id<MessageId>(*raw.message()),
                      flat::id<Digest>(*raw.digest())};
}

Result<ChunksMissing> parse(const fb::ChunksMissing& raw) {
    if (raw.places()->size() > limits::kChunksPerEnvelopeMax) {
        return fail(ErrorCode::too_large, "places");
    }
    return ChunksMissing{{raw.places()->begin(), raw.places()->end()}};
}

Result<Chunk> parse(const fb::Chunk& raw) {
    RELAIS_ASSIGN(Bytes bytes, parse_chunk(*raw.bytes()));
    return Chunk{flat::id<Digest>(*raw.digest()), std::move(bytes)};
}

Result<FetchRegister> parse(const fb::FetchRegister& raw) {
    RELAIS_ASSIGN(Name kind, Name::parse(flat::view(raw.kind())));
    RELAIS_ASSIGN(Name name, Name::parse(flat::view(raw.name())));
    if (raw.from() > limits::kNumberMax) return invalid("from");
    return FetchRegister{std::move(kind), std::move(name), raw.from()};
}

Result<RegisterEntries> parse(const fb::RegisterEntries& raw, Unfolding& unfolding) {
    RELAIS_TRY(check_count(*raw.entries(), "entries"));
    RegisterEntries entries{raw.from(), {}, raw.size()};
    for (const fb::RegisterEntry* item : *raw.entries()) {
        if (!is_title(flat::view(item->key()), limits::kRegisterKeyBytesMax)) return invalid("key");
        RELAIS_TRY(unfolding.take(item->act()->header()->size(), limits::kHeaderBytesMax, "act"));
        RELAIS_ASSIGN(SignedHeader act, flat::signed_header(*item->act()));
        entries.entries.push_back(
            {item->key()->str(), item->value(), parse_accepted(*item->accepted()), std::move(act)});
    }
    return entries;
}

Result<StateDay> parse(const fb::StateDay& raw) {
    return StateDay{to_bytes(flat::view(raw.statement()))};
}

Result<DayCounted> parse(const fb::DayCounted& raw) {
    RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(raw.mailbox())));
    if (raw.day() < 0 || raw.day() > limits::kDayNumberMax) return invalid("day");
    return DayCounted{std::move(mailbox), {raw.day()}, raw.sent(), raw.held()};
}

template <typename Raw>
auto parse_body(const Raw& raw, Unfolding& unfolding) {
    if constexpr (requires { parse(raw, unfolding); }) {
        return parse(raw, unfolding);
    } else {
        return parse(raw);
    }
}

template <typename Raw>
Result<Body> as_body(const fb::Frame& frame, Unfolding& unfolding) {
    auto parsed = parse_body(*frame.body_as<Raw>(), unfolding);
    if (!parsed.ok()) return parsed.error();
    return Body(std::move(parsed).value());
}

using BodyParser = Result<Body> (*)(const fb::Frame&, Unfolding&);

template <typename... Raws>
constexpr auto parser_table() {
    std::array<BodyParser, sizeof...(Raws) + 1> table{};
    ((table[static_cast<std::size_t>(fb::BodyTraits<Raws>::enum_value)] = as_body<Raws>), ...);
    return table;
}

constexpr auto kParsers = parser_table<
    fb::Hello, fb::Submit, fb::Attach, fb::Acknowledge, fb::MarkEntry, fb::FollowDirectory,
    fb::AppendEntries, fb::PublishBundle, fb::FetchBundle, fb::FetchProof, fb::FetchConsistency,
    fb::OpenInvitation, fb::FetchProposals, fb::DecideProposal, fb::AskStatus, fb::Probe,
    fb::FetchLeaves, fb::FetchCheckpoints, fb::Administer, fb::Welcome, fb::Done, fb::Attached,
    fb::Receipt, fb::Refusal, fb::Bundle, fb::Proof, fb::Consistency, fb::Proposals, fb::Status,
    fb::Probed, fb::Leaves, fb::Checkpoints, fb::Delivery, fb::DirectoryEntries, fb::Cut, fb::Enrol,
    fb::EnrolmentStatus, fb::EnrolmentDecision, fb::PutChunk, fb::AskChunks, fb::FetchChunk,
    fb::ChunksMissing, fb::Chunk, fb::OfferAgain, fb::FollowCheckpoints, fb::Cosign,
    fb::NewCheckpoint, fb::FetchRegister, fb::RegisterEntries, fb::StateDay, fb::DayCounted>();
static_assert(kParsers.size() == static_cast<std::size_t>(fb::Body::MAX) + 1);
static_assert(std::variant_size_v<Body> == static_cast<std::size_t>(fb::Body::MAX));

}  // namespace

Result<Frame> parse_frame(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::Frame>(bytes, limits::kFrameBytesMax));
    const auto type = static_cast<std::size_t>(raw->body_type());
    if (type == 0 || type >= kParsers.size()) return invalid("body");
    Unfolding unfolding(bytes);
    RELAIS_ASSIGN(Body body, kParsers[type](*raw, unfolding));
    return Frame{raw->number(), std::move(body)};
}

}  // namespace relais::wire
