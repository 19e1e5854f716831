#include "schemas/envelope/notice.h"

#include "core/base/limits.h"
#include "schemas/envelope/flat_parts.h"

namespace relais {

namespace {

constexpr std::size_t kNoticeBytesMax = 128 * 1024;

Result<std::vector<DeliveredItem>> parse_items(const fb::Notice& raw) {
    std::vector<DeliveredItem> items;
    if (raw.delivered() == nullptr) return items;
    if (raw.delivered()->size() > limits::kBatchSignedMax) return fail(ErrorCode::too_large);
    for (const fb::DeliveredItem* item : *raw.delivered()) {
        RELAIS_ASSIGN(auto path, flat::digests(item->path(), limits::kBatchPathMax));
        items.push_back({flat::id<MessageId>(*item->message()), item->index(), std::move(path)});
    }
    return items;
}

auto encode_items(flatbuffers::FlatBufferBuilder& builder,
                  const std::vector<DeliveredItem>& items) {
    std::vector<flatbuffers::Offset<fb::DeliveredItem>> offsets;
    for (const DeliveredItem& item : items) {
        const auto path = flat::digests(builder, item.path);
        const auto message = flat::to_struct<fb::Uuid>(item.message);
        offsets.push_back(fb::CreateDeliveredItem(builder, &message, item.index, path));
    }
    return builder.CreateVector(offsets);
}

}  // namespace

Result<Notice> parse_notice(ByteView body) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::Notice>(body, kNoticeBytesMax));
    if (raw->kind() == fb::NoticeKind::unset || raw->kind() > fb::NoticeKind::delegated ||
        fb::EnumNameNoticeKind(raw->kind())[0] == '\0') {
        return fail(ErrorCode::invalid_field, "kind");
    }
    Notice notice{.kind = static_cast<NoticeKind>(raw->kind()),
                  .time = {static_cast<std::int64_t>(raw->time_ms())},
                  .thread = flat::optional_id<ThreadId>(raw->thread()),
                  .message = flat::optional_id<MessageId>(raw->message()),
                  .mailbox = std::string(flat::view(raw->mailbox())),
                  .clock = std::string(flat::view(raw->clock())),
                  .state = std::string(flat::view(raw->state())),
                  .act = std::nullopt,
                  .statement = to_bytes(flat::view(raw->statement())),
                  .delivered = {},
                  .header = flat::optional_id<Digest>(raw->header())};
    if (raw->act() != nullptr) {
        RELAIS_ASSIGN(notice.act, flat::signed_header(*raw->act()));
    }
    RELAIS_ASSIGN(notice.delivered, parse_items(*raw));
    return notice;
}

Bytes encode_notice(const Notice& notice) {
    flatbuffers::FlatBufferBuilder builder(512);
    const auto mailbox = flat::text(builder, notice.mailbox);
    const auto clock = flat::text(builder, notice.clock);
    const auto state = flat::text(builder, notice.state);
    const auto act = notice.act ? flat::signed_header(builder, *notice.act) : 0;
    const auto statement = flat::bytes(builder, notice.statement);
    const auto items = encode_items(builder, notice.delivered);
    const auto thread = flat::to_struct<fb::Uuid>(notice.thread.value_or(ThreadId{}));
    const auto message = flat::to_struct<fb::Uuid>(notice.message.value_or(MessageId{}));
    const auto header = flat::to_struct<fb::Digest>(notice.header.value_or(Digest{}));
    fb::NoticeBuilder out(builder);
    out.add_kind(static_cast<fb::NoticeKind>(notice.kind));
    out.add_time_ms(static_cast<std::uint64_t>(notice.time.ms));
    if (notice.thread) out.add_thread(&thread);
    if (notice.message) out.add_message(&message);
    if (!notice.mailbox.empty()) out.add_mailbox(mailbox);
    if (!notice.clock.empty()) out.add_clock(clock);
    if (!notice.state.empty()) out.add_state(state);
    if (notice.act) out.add_act(act);
    if (!notice.statement.empty()) out.add_statement(statement);
    if (!notice.delivered.empty()) out.add_delivered(items);
    if (notice.header) out.add_header(&header);
    builder.Finish(out.Finish());
    return to_bytes(flat::finished(builder));
}

}  // namespace relais
