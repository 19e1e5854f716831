#include "schemas/envelope/statements.h"

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/merkle/tree.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/envelope_generated.h"

namespace relais {

namespace {

constexpr std::size_t kStatementBytesMax = 160 * 1024;  // a notice lists up to 256 messages
// Of a statement beside its body: its signature and what FlatBuffers add.
constexpr std::size_t kUnsignedBytesMax = 256;
constexpr std::size_t kSmallBodyBytesMax = 1024;  // of those that name a mailbox and no list
constexpr std::size_t kDeliveredBytesMax =
    kSmallBodyBytesMax + sizeof(fb::EntryFault) * limits::kCreditEntriesMax;

Result<Word> parse_word(fb::Word word) {
    if (word != fb::Word::opened && word != fb::Word::taken) {
        return fail(ErrorCode::invalid_field, "word");
    }
    return static_cast<Word>(word);
}

WallTime wall_time(std::uint64_t ms) { return {static_cast<std::int64_t>(ms)}; }

Result<std::vector<EntryFault>> parse_faults(const fb::DeliveredStatement& raw) {
    std::vector<EntryFault> faults;
    if (raw.faults() == nullptr) return faults;
    for (const fb::EntryFault* item : *raw.faults()) {
        const bool in_order = faults.empty() || item->index() > faults.back().index;
        if (!in_order || item->index() > raw.last() - raw.first() || item->code() == 0) {
            return fail(ErrorCode::invalid_field, "faults");
        }
        faults.push_back({item->index(), error_from_number(item->code())});
    }
    return faults;
}

}  // namespace

Result<Statement> parse_statement(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::Statement>(bytes, kStatementBytesMax));
    // It is kept as it came: nobody adds to it what nobody signed.
    if (bytes.size() > raw->body()->size() + kUnsignedBytesMax) {
        return fail(ErrorCode::malformed, "bytes beside what is signed");
    }
    return Statement{to_bytes(flat::view(raw->body())), flat::id<Signature>(*raw->signature())};
}

Bytes encode_statement(const Statement& statement) {
    flatbuffers::FlatBufferBuilder builder(512);
    const auto body = flat::bytes(builder, statement.body);
    const auto signature = flat::to_struct<fb::Signature>(statement.signature);
    builder.Finish(fb::CreateStatement(builder, body, &signature));
    return to_bytes(flat::finished(builder));
}

Statement make_statement(std::string_view context, Bytes body, Signer& signer) {
    const Signature signature = signer.sign(signed_message(context, body));
    return {std::move(body), signature};
}

Result<void> verify_statement(std::string_view context, const Statement& statement,
                              const P256Public& key, const Verifier& verifier) {
    return verifier.verify(key, signed_message(context, statement.body), statement.signature);
}

Result<DeliveredStatement> parse_delivered(ByteView body) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::DeliveredStatement>(body, kDeliveredBytesMax));
    RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(raw->mailbox())));
    RELAIS_ASSIGN(const Lane lane, flat::lane(raw->lane()));
    const bool ordered = raw->first() >= 1 && raw->last() >= raw->first();
    if (!ordered || raw->last() - raw->first() >= limits::kCreditEntriesMax) {
        return fail(ErrorCode::invalid_field, "range");
    }
    RELAIS_ASSIGN(auto faults, parse_faults(*raw));
    if (body.size() > kSmallBodyBytesMax + sizeof(fb::EntryFault) * faults.size()) {
        return fail(ErrorCode::too_large, "bytes beside what is said");
    }
    return DeliveredStatement{flat::id<StationId>(*raw->station()),
                              std::move(mailbox),
                              flat::id<Incarnation>(*raw->incarnation()),
                              lane,
                              {raw->first()},
                              {raw->last()},
                              flat::id<Digest>(*raw->root()),
                              std::move(faults)};
}

Bytes encode_delivered(const DeliveredStatement& statement) {
    flatbuffers::FlatBufferBuilder builder(256);
    const auto mailbox = flat::text(builder, statement.mailbox.text());
    const auto station = flat::to_struct<fb::Uuid>(statement.station);
    const auto incarnation = flat::to_struct<fb::Uuid>(statement.incarnation);
    const auto root = flat::to_struct<fb::Digest>(statement.root);
    flatbuffers::Offset<flatbuffers::Vector<const fb::EntryFault*>> faults;
    if (!statement.faults.empty()) {
        std::vector<fb::EntryFault> items;
        for (const EntryFault& fault : statement.faults) {
            items.emplace_back(fault.index, static_cast<std::uint16_t>(fault.code));
        }
        faults = builder.CreateVectorOfStructs(items);
    }
    builder.Finish(fb::CreateDeliveredStatement(builder, &station, mailbox, &incarnation,
                                                flat::lane(statement.lane), statement.first.value,
                                                statement.last.value, &root, faults));
    return to_bytes(flat::finished(builder));
}

Result<OpenedStatement> parse_opened(ByteView body) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::OpenedStatement>(body, kSmallBodyBytesMax));
    RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(raw->mailbox())));
    RELAIS_ASSIGN(const Word word, parse_word(raw->word()));
    return OpenedStatement{flat::id<StationId>(*raw->station()),
                           std::move(mailbox),
                           flat::id<MessageId>(*raw->message()),
                           flat::id<Digest>(*raw->header()),
                           word,
                           wall_time(raw->time_ms())};
}

Bytes encode_opened(const OpenedStatement& statement) {
    flatbuffers::FlatBufferBuilder builder(256);
    const auto mailbox = flat::text(builder, statement.mailbox.text());
    const auto station = flat::to_struct<fb::Uuid>(statement.station);
    const auto message = flat::to_struct<fb::Uuid>(statement.message);
    const auto header = flat::to_struct<fb::Digest>(statement.header);
    builder.Finish(fb::CreateOpenedStatement(builder, &station, mailbox, &message, &header,
                                             static_cast<fb::Word>(statement.word),
                                             static_cast<std::uint64_t>(statement.time.ms)));
    return to_bytes(flat::finished(builder));
}

Result<PersonMark> parse_mark(ByteView body) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::PersonMark>(body, kSmallBodyBytesMax));
    RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(raw->mailbox())));
    RELAIS_ASSIGN(const Word word, parse_word(raw->word()));
    return PersonMark{flat::id<PersonId>(*raw->person()),
                      std::move(mailbox),
                      flat::id<MessageId>(*raw->message()),
                      flat::id<Digest>(*raw->header()),
                      word,
                      wall_time(raw->time_ms())};
}

Bytes encode_mark(const PersonMark& mark) {
    flatbuffers::FlatBufferBuilder builder(256);
    const auto mailbox = flat::text(builder, mark.mailbox.text());
    const auto person = flat::to_struct<fb::Uuid>(mark.person);
    const auto message = flat::to_struct<fb::Uuid>(mark.message);
    const auto header = flat::to_struct<fb::Digest>(mark.header);
    builder.Finish(fb::CreatePersonMark(builder, &person, mailbox, &message, &header,
                                        static_cast<fb::Word>(mark.word),
                                        static_cast<std::uint64_t>(mark.time.ms)));
    return to_bytes(flat::finished(builder));
}

Result<DayStatement> parse_day(ByteView body) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::DayStatement>(body, kSmallBodyBytesMax));
    RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(raw->mailbox())));
    if (raw->day() < 0 || raw->day() > limits::kDayNumberMax) {
        return fail(ErrorCode::invalid_field, "day");
    }
    if (raw->sent() > limits::kNumberMax || raw->held() > limits::kNumberMax) {
        return fail(ErrorCode::invalid_field, "count");
    }
    return DayStatement{flat::id<StationId>(*raw->station()),
                        std::move(mailbox),
                        {raw->day()},
                        raw->sent(),
                        raw->held()};
}

Bytes encode_day(const DayStatement& statement) {
    flatbuffers::FlatBufferBuilder builder(256);
    const auto mailbox = flat::text(builder, statement.mailbox.text());
    const auto station = flat::to_struct<fb::Uuid>(statement.station);
    builder.Finish(fb::CreateDayStatement(builder, &station, mailbox, statement.day.number,
                                          statement.sent, statement.held));
    return to_bytes(flat::finished(builder));
}

Digest statement_digest(ByteView statement_bytes) { return merkle::leaf_hash(statement_bytes); }

}  // namespace relais
