#include "broker/engine/checks.h"

#include "core/base/contexts.h"
#include "core/crypto/sha256.h"

namespace relais::broker {

std::optional<P256Public> Checks::person_key(const PersonId& id) const {
    return directory_.read([&](const directory::DirectoryState& state) {
        const auto* record = state.person(id);
        return record == nullptr ? std::nullopt : std::optional(record->person.key);
    });
}

std::optional<P256Public> Checks::station_key(const StationId& id) const {
    return directory_.read([&](const directory::DirectoryState& state) {
        const auto* record = state.station(id);
        return record == nullptr ? std::nullopt : std::optional(record->station.signing);
    });
}

Result<void> verify_encoded(std::string_view context, ByteView statement, const P256Public& key,
                            const Verifier& verifier) {
    RELAIS_ASSIGN(const Statement parsed, parse_statement(statement));
    return verify_statement(context, parsed, key, verifier);
}

SignatureCheck Checks::check_statement(const std::optional<P256Public>& key,
                                       std::string_view context, ByteView statement) const {
    if (!key) return {key, fail(ErrorCode::unknown_person, "who signs")};
    return {key, verify_encoded(context, statement, *key, verifier_)};
}

Request Checks::check_submit(wire::Submit submit) const {
    const Digest bytes_digest = sha256(submit.envelope);
    auto envelope = Envelope::parse(std::move(submit.envelope));
    SignatureCheck signature{std::nullopt, {}};
    if (envelope.ok()) {
        signature.key = person_key(envelope->header().by);
        signature.verdict = signature.key
                                ? verify_header_signature(envelope->digest(), envelope->signature(),
                                                          *signature.key, verifier_)
                                : Result<void>(fail(ErrorCode::unknown_person, "who signs"));
    }
    return Submission{std::move(envelope), bytes_digest, std::move(signature), submit.again};
}

Request Checks::check_acknowledge(wire::Acknowledge acknowledge) const {
    const auto parsed = parse_statement(acknowledge.statement);
    auto statement =
        parsed.ok() ? parse_delivered(parsed->body) : Result<DeliveredStatement>(parsed.error());
    SignatureCheck signature{std::nullopt, {}};
    if (statement.ok()) {
        signature = check_statement(station_key(statement->station), contexts::kDelivered,
                                    acknowledge.statement);
    }
    return Acknowledgement{std::move(statement), std::move(acknowledge.statement),
                           std::move(signature)};
}

Request Checks::check_day(wire::StateDay state) const {
    const auto parsed = parse_statement(state.statement);
    auto statement = parsed.ok() ? parse_day(parsed->body) : Result<DayStatement>(parsed.error());
    SignatureCheck signature{std::nullopt, {}};
    if (statement.ok()) {
        signature =
            check_statement(station_key(statement->station), contexts::kDay, state.statement);
    }
    return DayStating{std::move(statement), std::move(state.statement), std::move(signature)};
}

Request Checks::check_mark(wire::MarkEntry entry) const {
    const auto mark_statement = parse_statement(entry.mark);
    const auto opened_statement = parse_statement(entry.opened);
    auto mark = mark_statement.ok() ? parse_mark(mark_statement->body)
                                    : Result<PersonMark>(mark_statement.error());
    auto opened = opened_statement.ok() ? parse_opened(opened_statement->body)
                                        : Result<OpenedStatement>(opened_statement.error());
    SignatureCheck by_person{std::nullopt, {}};
    SignatureCheck by_station{std::nullopt, {}};
    if (mark.ok()) {
        by_person = check_statement(person_key(mark->person), contexts::kMark, entry.mark);
    }
    if (opened.ok()) {
        by_station = check_statement(station_key(opened->station), contexts::kOpened, entry.opened);
    }
    return Marking{std::move(mark),   std::move(entry.mark),   std::move(by_person),
                   std::move(opened), std::move(entry.opened), std::move(by_station)};
}

namespace {

template <typename T, typename Variant>
constexpr bool is_alternative = false;
template <typename T, typename... Alternatives>
constexpr bool is_alternative<T, std::variant<Alternatives...>> =
    (std::is_same_v<T, Alternatives> || ...);

}  // namespace

Request Checks::check(wire::Body body) const {
    return std::visit(
        [&](auto& each) -> Request {
            using Body = std::decay_t<decltype(each)>;
            if constexpr (std::is_same_v<Body, wire::Submit>) {
                return check_submit(std::move(each));
            } else if constexpr (std::is_same_v<Body, wire::Acknowledge>) {
                return check_acknowledge(std::move(each));
            } else if constexpr (std::is_same_v<Body, wire::MarkEntry>) {
                return check_mark(std::move(each));
            } else if constexpr (std::is_same_v<Body, wire::StateDay>) {
                return check_day(std::move(each));
            } else if constexpr (std::is_same_v<Body, wire::PutChunk>) {
                const bool sound = sha256(each.bytes) == each.digest;
                return ChunkPut{each.digest, std::move(each.bytes), sound};
            } else if constexpr (is_alternative<Body, Request>) {  // nothing to check here
                return std::move(each);
            } else {
                return Malformed{fail(ErrorCode::malformed, "not a request")};
            }
        },
        body);
}

}  // namespace relais::broker
