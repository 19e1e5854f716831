#include "tests/support/envelopes.h"

#include "core/base/limits.h"
#include "schemas/envelope/attachments.h"

namespace relais::test {

namespace {

Bytes random_bytes(Random& random, std::size_t size) {
    Bytes bytes(size);
    random.fill(bytes);
    return bytes;
}

std::vector<Digest> to_list(std::span<const Digest> digests) {
    return {digests.begin(), digests.end()};
}

}  // namespace

Header make_header(const HeaderDraft& draft, Random& random) {
    std::vector<Recipient> to;
    for (const std::string& mailbox : draft.to)
        to.push_back({Address::parse_recipient(mailbox).value(), draft.counter});
    return Header{.id = make_uuid_v7<MessageId>(random, kTestTime),
                  .thread = draft.thread.value_or(make_uuid_v7<ThreadId>(random, kTestTime)),
                  .follows = std::nullopt,
                  .kind = draft.kind,
                  .act = draft.act,
                  .answers = draft.answers,
                  .by = draft.by,
                  .on_behalf_of = draft.on_behalf_of,
                  .station = draft.station,
                  .from = address(draft.from),
                  .to = std::move(to),
                  .lane = draft.lane,
                  .respond_within = std::chrono::seconds(0),
                  .expires_after = std::chrono::seconds(0),
                  .time = kTestTime,
                  .head = draft.head,
                  .publics = draft.publics,
                  .content_digest = random.make<Digest>(),
                  .content_bytes = limits::kContentPaddedBytesMin,
                  .chunks = draft.chunks};
}

std::vector<Digest> full_chunks() {
    Digest second;
    second.bytes.fill(0xC2);
    return {Digest{}, second};
}

Header full_header(Random& random) {
    Header header =
        make_header({.to = {"geriatrie.ch-valmont@indre", "cardiologie.ch-valmont@indre"},
                     .kind = random.make<Digest>(),
                     .by = random.make<PersonId>(),
                     .station = random.make<StationId>(),
                     .on_behalf_of = random.make<PersonId>(),
                     .answers = random.make<Digest>(),
                     .lane = Lane::crisis,
                     .publics = {{1, 3}, {2, -70'000}, {900, INT64_MAX}},
                     .head = {{12}, random.make<Digest>()},
                     .counter = 41,
                     .chunks = ChunkSummary{2, 266'272, chunks_root(full_chunks())}},
                    random);
    header.follows = make_uuid_v7<ThreadId>(random, kTestTime);
    header.to[0].attention = random.make<PersonId>();
    header.to[1].standing = Standing::fallback;
    header.respond_within = std::chrono::hours(4);
    header.expires_after = std::chrono::hours(72);
    return header;
}

SignedHeader sign_header(const Header& header, Signer& signer) {
    Bytes bytes = encode_header(header);
    const Digest digest = header_digest(bytes);
    return {std::move(bytes), sign_headers({&digest, 1}, signer).front()};
}

std::vector<KeyBox> make_boxes(const Header& header, Random& random, Release release,
                               std::span<const Address> readers) {
    std::vector<KeyBox> boxes;
    const std::size_t named = header.mailboxes().size();
    for (std::size_t position = 0; position <= named + readers.size(); ++position) {
        boxes.push_back({static_cast<std::uint16_t>(position),
                         {1},
                         kSuiteP256,
                         random_bytes(random, kSuiteP256EncBytes),
                         random_bytes(random, kSuiteP256SealedKeyBytes),
                         box_release(header, position, release)});
        if (position > named) boxes.back().mailbox = readers[position - named - 1];
    }
    return boxes;
}

Bytes make_envelope(const Header& header, Signer& signer, Random& random, Release release,
                    std::span<const Digest> chunks, std::span<const Address> readers) {
    const Bytes content = random_bytes(random, header.content_bytes + kContentTagBytes);
    return encode_envelope(sign_header(header, signer), content,
                           make_boxes(header, random, release, readers),
                           header.chunks && chunks.empty() ? full_chunks() : to_list(chunks));
}

Notice full_notice(Random& random, Signer& signer, std::size_t items) {
    Notice notice{.kind = NoticeKind::delivered,
                  .time = kTestTime,
                  .thread = make_uuid_v7<ThreadId>(random, kTestTime),
                  .message = make_uuid_v7<MessageId>(random, kTestTime),
                  .mailbox = "geriatrie.ch-valmont@indre",
                  .clock = "answer",
                  .state = "overdue",
                  .act = sign_header(full_header(random), signer),
                  .statement = random_bytes(random, 400),
                  .delivered = {}};
    notice.due = {kTestTime.ms};
    for (std::size_t i = 0; i < items; ++i) {
        std::vector<Digest> path(limits::kBatchPathMax);
        for (Digest& digest : path) digest = random.make<Digest>();
        notice.delivered.push_back({make_uuid_v7<MessageId>(random, kTestTime),
                                    static_cast<std::uint32_t>(i), std::move(path)});
    }
    return notice;
}

}  // namespace relais::test
