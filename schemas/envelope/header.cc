#include "schemas/envelope/header.h"

#include <algorithm>
#include <set>

#include "core/base/ports.h"
#include "core/merkle/tree.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/envelope_generated.h"

namespace relais {

namespace {

constexpr std::uint8_t kVersion = 1;

Error invalid(const char* field) { return fail(ErrorCode::invalid_field, field); }

// A delegate stands in for one party that stands before it, and for whom no other one does.
Result<void> check_delegate(const fb::Recipient& item, const std::vector<Recipient>& before) {
    if (item.standing() != fb::Standing::delegate) {
        if (item.in_place_of() != 0) return invalid("to.in_place_of");
        return {};
    }
    const std::size_t place = item.in_place_of();
    const bool of_party = place >= 1 && place <= before.size() &&
                          before[place - 1].standing == Standing::party &&
                          !before[place - 1].mailbox.is_group();
    const bool second =
        std::ranges::find(before, item.in_place_of(), &Recipient::in_place_of) != before.end();
    if (!of_party || second || item.attention() != nullptr) return invalid("to.in_place_of");
    return {};
}

Result<std::vector<Recipient>> parse_recipients(const fb::Header& header) {
    const auto* list = header.to();
    if (list->size() > limits::kRecipientsMax) return invalid("to");
    std::vector<Recipient> recipients;
    std::set<std::string_view> seen;
    std::size_t groups = 0;
    for (const fb::Recipient* item : *list) {
        RELAIS_ASSIGN(Address mailbox, Address::parse_recipient(flat::view(item->mailbox())));
        if (item->counter() == 0 || item->counter() > limits::kNumberMax) {
            return invalid("to.counter");
        }
        if (!seen.insert(flat::view(item->mailbox())).second) return invalid("to: repeated");
        if (item->standing() > fb::Standing::delegate) return invalid("to.standing");
        RELAIS_TRY(check_delegate(*item, recipients));
        const bool of_group = mailbox.is_group();
        if (!recipients.empty() && recipients.back().mailbox.is_group() && !of_group) {
            return invalid("to: a mailbox after a group");
        }
        if (of_group && (item->standing() != fb::Standing::party || item->attention() != nullptr)) {
            return invalid("to: a group is for all its members");
        }
        if (of_group && ++groups > limits::kGroupsPerHeaderMax) return invalid("to: groups");
        recipients.push_back({std::move(mailbox), item->counter(),
                              static_cast<Standing>(item->standing()),
                              flat::optional_id<PersonId>(item->attention()), item->in_place_of()});
    }
    return recipients;
}

Result<std::vector<PublicField>> parse_publics(const fb::Header& header) {
    std::vector<PublicField> publics;
    if (flat::size(header.public_()) > limits::kPublicFieldsMax) return invalid("public");
    if (header.public_() == nullptr) return publics;
    if (!flat::readable(header.public_())) return fail(ErrorCode::malformed, "public");
    for (const fb::PublicField* item : *header.public_()) {
        if (!publics.empty() && item->field() <= publics.back().number) return invalid("public");
        publics.push_back({item->field(), item->value()});
    }
    return publics;
}

// What the schema leaves open in the ids and sizes.
Result<void> check_scalars(const fb::Header& header) {
    if (header.version() != kVersion) return fail(ErrorCode::unsupported_version, "header");
    if (!is_uuid_v7(flat::id<MessageId>(*header.id()))) return invalid("id");
    if (!is_uuid_v7(flat::id<ThreadId>(*header.thread()))) return invalid("thread");
    const auto follows = flat::optional_id<ThreadId>(header.follows());
    const bool itself = follows && *follows == flat::id<ThreadId>(*header.thread());
    if (itself || (follows && !is_uuid_v7(*follows))) return invalid("follows");
    if (!is_slug(flat::view(header.act()))) return invalid("act");
    const std::uint32_t size = header.content_bytes();
    if (size < limits::kContentPaddedBytesMin || size > limits::kContentPaddedBytesMax) {
        return invalid("content_bytes");
    }
    if (const fb::ChunkSummary* chunks = header.chunks(); chunks != nullptr) {
        const std::uint64_t sealed_max = chunks->count() * limits::kChunkSealedBytesMax;
        const bool fits = chunks->count() > 0 && chunks->count() <= limits::kChunksPerEnvelopeMax &&
                          chunks->bytes() > 0 && chunks->bytes() <= sealed_max;
        if (!fits) return invalid("chunks");
    }
    if (header.time_ms() > (std::uint64_t{1} << 48)) return invalid("time_ms");
    return {};
}

std::optional<ChunkSummary> parse_chunks(const fb::ChunkSummary* raw) {
    if (raw == nullptr) return std::nullopt;
    return ChunkSummary{raw->count(), raw->bytes(), flat::id<Digest>(raw->root())};
}

}  // namespace

std::optional<std::int64_t> Header::public_value(std::uint16_t number) const {
    const auto field = std::ranges::find(publics, number, &PublicField::number);
    if (field == publics.end()) return std::nullopt;
    return field->value;
}

namespace {

std::size_t mailboxes_in(const std::vector<Recipient>& to) {
    const auto first_group = std::ranges::find_if(
        to, [](const Recipient& recipient) { return recipient.mailbox.is_group(); });
    return static_cast<std::size_t>(first_group - to.begin());
}

}  // namespace

std::span<const Recipient> Header::mailboxes() const {
    return std::span(to).first(mailboxes_in(to));
}

std::span<const Recipient> Header::groups() const {
    return std::span(to).subspan(mailboxes_in(to));
}

const Recipient* Header::recipient_at(std::size_t position) const {
    return position >= 1 && position <= mailboxes_in(to) ? &to[position - 1] : nullptr;
}

const Address& Header::absent(const Recipient& delegate) const {
    RELAIS_CHECK(delegate.in_place_of >= 1 && delegate.in_place_of <= to.size());
    return to[delegate.in_place_of - 1U].mailbox;
}

Result<Header> parse_header(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::Header>(bytes, limits::kHeaderBytesMax));
    RELAIS_TRY(check_scalars(*raw));
    RELAIS_ASSIGN(Address from, Address::parse(flat::view(raw->from())));
    RELAIS_ASSIGN(auto to, parse_recipients(*raw));
    RELAIS_ASSIGN(auto publics, parse_publics(*raw));
    RELAIS_ASSIGN(const Lane lane, flat::lane(raw->lane()));
    return Header{
        .id = flat::id<MessageId>(*raw->id()),
        .thread = flat::id<ThreadId>(*raw->thread()),
        .follows = flat::optional_id<ThreadId>(raw->follows()),
        .kind = flat::id<Digest>(*raw->kind()),
        .act = std::string(flat::view(raw->act())),
        .answers = flat::optional_id<Digest>(raw->answers()),
        .by = flat::id<PersonId>(*raw->by()),
        .on_behalf_of = flat::optional_id<PersonId>(raw->on_behalf_of()),
        .station = flat::id<StationId>(*raw->station()),
        .from = std::move(from),
        .to = std::move(to),
        .lane = lane,
        .respond_within = std::chrono::seconds(raw->respond_within_s()),
        .expires_after = std::chrono::seconds(raw->expires_after_s()),
        .time = {static_cast<std::int64_t>(raw->time_ms())},
        .head = {{raw->head()->size()}, flat::id<Digest>(raw->head()->root())},
        .publics = std::move(publics),
        .content_digest = flat::id<Digest>(*raw->content_digest()),
        .content_bytes = raw->content_bytes(),
        .chunks = parse_chunks(raw->chunks()),
    };
}

Bytes encode_header(const Header& header) {
    flatbuffers::FlatBufferBuilder builder(1024);
    std::vector<flatbuffers::Offset<fb::Recipient>> to;
    for (const Recipient& recipient : header.to) {
        const auto attention = flat::to_struct<fb::Uuid>(recipient.attention.value_or(PersonId{}));
        to.push_back(
            fb::CreateRecipient(builder, flat::text(builder, recipient.mailbox.text()),
                                recipient.counter, static_cast<fb::Standing>(recipient.standing),
                                recipient.attention ? &attention : nullptr, recipient.in_place_of));
    }
    std::vector<fb::PublicField> publics;
    for (const PublicField& field : header.publics) publics.emplace_back(field.number, field.value);
    const auto to_offset = builder.CreateVector(to);
    const auto from = flat::text(builder, header.from.text());
    const auto act = flat::text(builder, header.act);
    const auto public_offset =
        publics.empty() ? 0 : builder.CreateVectorOfStructs(publics.data(), publics.size());
    const auto id = flat::to_struct<fb::Uuid>(header.id);
    const auto thread = flat::to_struct<fb::Uuid>(header.thread);
    const auto follows = flat::to_struct<fb::Uuid>(header.follows.value_or(ThreadId{}));
    const auto kind = flat::to_struct<fb::Digest>(header.kind);
    const auto answers = flat::to_struct<fb::Digest>(header.answers.value_or(Digest{}));
    const auto by = flat::to_struct<fb::Uuid>(header.by);
    const auto on_behalf_of = flat::to_struct<fb::Uuid>(header.on_behalf_of.value_or(PersonId{}));
    const auto station = flat::to_struct<fb::Uuid>(header.station);
    const fb::Head head(header.head.size.value, flat::to_struct<fb::Digest>(header.head.root));
    const auto content_digest = flat::to_struct<fb::Digest>(header.content_digest);
    const ChunkSummary summary = header.chunks.value_or(ChunkSummary{});
    const fb::ChunkSummary chunks(summary.count, summary.bytes,
                                  flat::to_struct<fb::Digest>(summary.root));

    fb::HeaderBuilder out(builder);
    out.add_version(kVersion);
    out.add_id(&id);
    out.add_thread(&thread);
    if (header.follows) out.add_follows(&follows);
    out.add_kind(&kind);
    out.add_act(act);
    if (header.answers) out.add_answers(&answers);
    out.add_by(&by);
    if (header.on_behalf_of) out.add_on_behalf_of(&on_behalf_of);
    out.add_station(&station);
    out.add_from(from);
    out.add_to(to_offset);
    out.add_lane(flat::lane(header.lane));
    out.add_respond_within_s(static_cast<std::uint32_t>(header.respond_within.count()));
    out.add_expires_after_s(static_cast<std::uint32_t>(header.expires_after.count()));
    out.add_time_ms(static_cast<std::uint64_t>(header.time.ms));
    out.add_head(&head);
    if (!publics.empty()) out.add_public_(public_offset);
    out.add_content_digest(&content_digest);
    out.add_content_bytes(header.content_bytes);
    if (header.chunks) out.add_chunks(&chunks);
    builder.Finish(out.Finish());
    return to_bytes(flat::finished(builder));
}

Digest header_digest(ByteView bytes) { return merkle::leaf_hash(bytes); }

}  // namespace relais
