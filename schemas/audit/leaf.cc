#include "schemas/audit/leaf.h"

#include "schemas/flat/flat.h"
#include "schemas/generated/audit_generated.h"

namespace relais {

namespace {

constexpr std::size_t kLeafBytesMax = 16 * 1024;

bool is_known(fb::Event event) {
    return event != fb::Event::unset && *fb::EnumNameEvent(event) != '\0';
}

}  // namespace

std::string_view event_name(Event event) {
    const auto raw = static_cast<fb::Event>(event);
    return is_known(raw) ? fb::EnumNameEvent(raw) : "unknown";
}

Bytes encode_leaf(const Leaf& leaf) {
    flatbuffers::FlatBufferBuilder builder(384);
    const auto mailbox = leaf.mailbox.empty() ? 0 : flat::text(builder, leaf.mailbox);
    const auto subject = leaf.subject.empty() ? 0 : flat::text(builder, leaf.subject);
    const auto statement = leaf.statement.empty() ? 0 : flat::bytes(builder, leaf.statement);
    const auto salt = flat::to_struct<fb::Salt>(leaf.salt);
    const auto station = flat::to_struct<fb::Uuid>(leaf.station.value_or(StationId{}));
    const auto person = flat::to_struct<fb::Uuid>(leaf.person.value_or(PersonId{}));
    const auto message = flat::to_struct<fb::Uuid>(leaf.message.value_or(MessageId{}));
    const auto thread = flat::to_struct<fb::Uuid>(leaf.thread.value_or(ThreadId{}));
    const auto header = flat::to_struct<fb::Digest>(leaf.header.value_or(Digest{}));

    fb::LeafBuilder out(builder);
    out.add_salt(&salt);
    out.add_time_ms(static_cast<std::uint64_t>(leaf.time.ms));
    out.add_event(static_cast<fb::Event>(leaf.event));
    out.add_code(static_cast<std::uint16_t>(leaf.code));
    if (leaf.station) out.add_station(&station);
    if (leaf.person) out.add_person(&person);
    if (!leaf.mailbox.empty()) out.add_mailbox(mailbox);
    if (leaf.message) out.add_message(&message);
    if (leaf.thread) out.add_thread(&thread);
    if (leaf.header) out.add_header(&header);
    out.add_lane(flat::lane(leaf.lane));
    out.add_first(leaf.first.value);
    out.add_last(leaf.last.value);
    out.add_count(leaf.count);
    if (!leaf.subject.empty()) out.add_subject(subject);
    out.add_directory_size(leaf.directory_size.value);
    if (!leaf.statement.empty()) out.add_statement(statement);
    builder.Finish(out.Finish());
    return to_bytes(flat::finished(builder));
}

Result<Leaf> parse_leaf(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::Leaf>(bytes, kLeafBytesMax));
    if (!is_known(raw->event())) return fail(ErrorCode::invalid_field, "event");
    RELAIS_ASSIGN(const Lane lane, flat::lane(raw->lane()));
    return Leaf{.salt = flat::id<Salt>(*raw->salt()),
                .time = {static_cast<std::int64_t>(raw->time_ms())},
                .event = static_cast<Event>(raw->event()),
                .code = static_cast<ErrorCode>(raw->code()),
                .station = flat::optional_id<StationId>(raw->station()),
                .person = flat::optional_id<PersonId>(raw->person()),
                .mailbox = std::string(flat::view(raw->mailbox())),
                .message = flat::optional_id<MessageId>(raw->message()),
                .thread = flat::optional_id<ThreadId>(raw->thread()),
                .header = flat::optional_id<Digest>(raw->header()),
                .lane = lane,
                .first = {raw->first()},
                .last = {raw->last()},
                .count = raw->count(),
                .subject = std::string(flat::view(raw->subject())),
                .directory_size = {raw->directory_size()},
                .statement = to_bytes(flat::view(raw->statement()))};
}

}  // namespace relais
