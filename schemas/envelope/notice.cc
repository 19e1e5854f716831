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

Result<std::vector<Finding>> parse_findings(const fb::Reckoning& raw) {
    if (raw.findings()->size() > limits::kFindingsMax) return fail(ErrorCode::too_large);
    std::vector<Finding> findings;
    for (const fb::Finding* item : *raw.findings()) {
        RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(item->mailbox())));
        if (item->code() == fb::FindingCode::unset ||
            item->code() > fb::FindingCode::stopped_sending) {
            return fail(ErrorCode::invalid_field, "finding.code");
        }
        if (item->since() < 0 || item->since() > raw.last()) {
            return fail(ErrorCode::invalid_field, "finding.since");
        }
        findings.push_back({static_cast<FindingCode>(item->code()),
                            std::move(mailbox),
                            {item->since()},
                            item->expected(),
                            item->counted()});
    }
    return findings;
}

Result<std::optional<Reckoning>> parse_reckoning(const fb::Reckoning* raw) {
    if (raw == nullptr) return std::optional<Reckoning>();
    if (raw->first() < 0 || raw->last() < raw->first() || raw->last() > limits::kDayNumberMax) {
        return fail(ErrorCode::invalid_field, "reckoning.days");
    }
    RELAIS_ASSIGN(auto findings, parse_findings(*raw));
    return std::optional(Reckoning{{raw->first()},
                                   {raw->last()},
                                   raw->revision(),
                                   raw->mailboxes(),
                                   raw->messages(),
                                   std::move(findings),
                                   raw->left_off(),
                                   raw->interrupted()});
}

auto encode_reckoning(flatbuffers::FlatBufferBuilder& builder, const Reckoning& reckoning) {
    std::vector<flatbuffers::Offset<fb::Finding>> findings;
    for (const Finding& finding : reckoning.findings) {
        const auto mailbox = flat::text(builder, finding.mailbox.text());
        findings.push_back(fb::CreateFinding(builder, static_cast<fb::FindingCode>(finding.code),
                                             mailbox, finding.since.number, finding.expected,
                                             finding.counted));
    }
    return fb::CreateReckoning(builder, reckoning.first.number, reckoning.last.number,
                               reckoning.revision, reckoning.mailboxes, reckoning.messages,
                               builder.CreateVector(findings), reckoning.left_off,
                               reckoning.interrupted);
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

std::string_view finding_name(FindingCode code) {
    return fb::EnumNameFindingCode(static_cast<fb::FindingCode>(code));
}

Result<Notice> parse_notice(ByteView body) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::Notice>(body, kNoticeBytesMax));
    if (raw->kind() == fb::NoticeKind::unset || raw->kind() > fb::NoticeKind::delegated) {
        return fail(ErrorCode::invalid_field, "kind");
    }
    RELAIS_ASSIGN(auto reckoning, parse_reckoning(raw->reckoning()));
    if (reckoning.has_value() != (raw->kind() == fb::NoticeKind::reckoned)) {
        return fail(ErrorCode::invalid_field, "reckoning");
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
                  .header = flat::optional_id<Digest>(raw->header()),
                  .reckoning = std::move(reckoning),
                  .due = {static_cast<std::int64_t>(raw->due_ms())}};
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
    const auto reckoning = notice.reckoning ? encode_reckoning(builder, *notice.reckoning)
                                            : flatbuffers::Offset<fb::Reckoning>();
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
    if (notice.reckoning) out.add_reckoning(reckoning);
    out.add_due_ms(static_cast<std::uint64_t>(notice.due.ms));
    builder.Finish(out.Finish());
    return to_bytes(flat::finished(builder));
}

}  // namespace relais
