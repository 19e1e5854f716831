// Statements: each body comes back, each rule has its negative twin, each context keeps to itself.
#include "schemas/envelope/statements.h"

#include <functional>

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/merkle/tree.h"
#include "tests/unit/schemas/envelope/raw.h"

namespace relais {
namespace {

class Statements : public testing::Test {
protected:
    DeliveredStatement delivered() {
        return {random.make<StationId>(),
                test::address("geriatrie.ch-valmont@indre"),
                random.make<Incarnation>(),
                Lane::urgent,
                {7},
                {9},
                random.make<Digest>(),
                {{0, ErrorCode::form_invalid}, {2, ErrorCode::box_unopenable}}};
    }
    OpenedStatement opened_statement() {
        return {random.make<StationId>(),
                test::address("cabinet@indre"),
                random.make<MessageId>(),
                random.make<Digest>(),
                Word::opened,
                test::kTestTime};
    }
    PersonMark mark() {
        return {random.make<PersonId>(),
                test::address("cabinet@indre"),
                random.make<MessageId>(),
                random.make<Digest>(),
                Word::taken,
                test::kTestTime};
    }

    DayStatement day_statement() {
        return {random.make<StationId>(), test::address("cabinet@indre"), {20787}, 42, 0};
    }
    ErrorCode day_verdict(const std::function<void(fb::DayStatementT&)>& change) {
        auto object = opened<fb::DayStatement>(encode_day(day_statement()));
        change(*object);
        return parse_day(closed(*object)).code();
    }

    ErrorCode delivered_verdict(const std::function<void(fb::DeliveredStatementT&)>& change) {
        auto object = opened<fb::DeliveredStatement>(encode_delivered(delivered()));
        change(*object);
        return parse_delivered(closed(*object)).code();
    }

    test::SeededRandom random{1};
    P256Key key = test::make_p256_key(random);
    P256Verifier verifier;
};

TEST_F(Statements, EveryBodyComesBackAsItWasWritten) {
    EXPECT_TRUE(test::same(parse_delivered(encode_delivered(delivered())).value().last.value,
                           std::uint64_t{9}));
    const DeliveredStatement held = delivered();
    EXPECT_TRUE(test::same(parse_delivered(encode_delivered(held)).value(), held));
    const OpenedStatement seen = opened_statement();
    EXPECT_TRUE(test::same(parse_opened(encode_opened(seen)).value(), seen));
    const PersonMark taken = mark();
    EXPECT_TRUE(test::same(parse_mark(encode_mark(taken)).value(), taken));
    const DayStatement counted = day_statement();
    EXPECT_TRUE(test::same(parse_day(encode_day(counted)).value(), counted));
}

TEST_F(Statements, ADayIsOneOfTheYears1970To9999AndOfAMailbox) {
    const auto day = [](std::int32_t number) {
        return [=](fb::DayStatementT& s) { s.day = number; };
    };
    EXPECT_EQ(day_verdict(day(0)), ErrorCode::ok);
    EXPECT_EQ(day_verdict(day(-1)), ErrorCode::invalid_field);
    EXPECT_EQ(day_verdict(day(limits::kDayNumberMax)), ErrorCode::ok);
    EXPECT_EQ(day_verdict(day(limits::kDayNumberMax + 1)), ErrorCode::invalid_field);
    EXPECT_EQ(day_verdict([](auto& s) { s.mailbox = "#alertes.cpts@indre"; }),
              ErrorCode::invalid_field);
}

TEST_F(Statements, CountsOfADayFitWhatAStoreCanKeep) {
    for (const bool sent : {true, false}) {
        const auto count = [=](std::uint64_t value) {
            return [=](fb::DayStatementT& s) { (sent ? s.sent : s.held) = value; };
        };
        EXPECT_EQ(day_verdict(count(limits::kNumberMax)), ErrorCode::ok);
        EXPECT_EQ(day_verdict(count(limits::kNumberMax + 1)), ErrorCode::invalid_field);
    }
}

TEST_F(Statements, ADeliveredRangeIsInOrderStartsAt1AndHas256EntriesAtMost) {
    const auto range = [](std::uint64_t first, std::uint64_t last) {
        return [=](fb::DeliveredStatementT& s) {
            s.first = first;
            s.last = last;
            s.faults.clear();
        };
    };
    EXPECT_EQ(delivered_verdict(range(1, 1)), ErrorCode::ok);
    EXPECT_EQ(delivered_verdict(range(1, 256)), ErrorCode::ok);
    EXPECT_EQ(delivered_verdict(range(1, 257)), ErrorCode::invalid_field);
    EXPECT_EQ(delivered_verdict(range(0, 1)), ErrorCode::invalid_field);
    EXPECT_EQ(delivered_verdict(range(0, 0)), ErrorCode::invalid_field);
    EXPECT_EQ(delivered_verdict(range(3, 2)), ErrorCode::invalid_field);
    EXPECT_EQ(delivered_verdict(range(UINT64_MAX, UINT64_MAX)), ErrorCode::ok);
    EXPECT_EQ(delivered_verdict(range(1, UINT64_MAX)), ErrorCode::invalid_field);
}

TEST_F(Statements, FaultsAreOfTheRangeInOrderAndHaveACode) {
    const auto faults = [](std::vector<fb::EntryFault> items) {
        return [items](fb::DeliveredStatementT& s) { s.faults = items; };
    };
    EXPECT_EQ(delivered_verdict(faults({})), ErrorCode::ok);
    EXPECT_EQ(delivered_verdict(faults({{0, 405}, {1, 405}, {2, 405}})), ErrorCode::ok);
    EXPECT_EQ(delivered_verdict(faults({{3, 405}})), ErrorCode::invalid_field);
    EXPECT_EQ(delivered_verdict(faults({{1, 405}, {1, 405}})), ErrorCode::invalid_field);
    EXPECT_EQ(delivered_verdict(faults({{1, 405}, {0, 405}})), ErrorCode::invalid_field);
    EXPECT_EQ(delivered_verdict(faults({{0, 0}})), ErrorCode::invalid_field);
    EXPECT_EQ(parse_delivered(encode_delivered(delivered())).value().faults[1].code,
              ErrorCode::box_unopenable);
}

TEST_F(Statements, ADeliveredStatementNamesAMailboxAndALane) {
    EXPECT_EQ(delivered_verdict([](auto& s) { s.mailbox = "geriatrie"; }),
              ErrorCode::invalid_field);
    EXPECT_EQ(delivered_verdict([](auto& s) { s.lane = static_cast<fb::Lane>(3); }),
              ErrorCode::invalid_field);
}

TEST_F(Statements, AWordIsOpenedOrTaken) {
    for (const int word : {0, 3, 255}) {
        auto seen = opened<fb::OpenedStatement>(encode_opened(opened_statement()));
        seen->word = static_cast<fb::Word>(word);
        EXPECT_EQ(parse_opened(closed(*seen)).code(), ErrorCode::invalid_field);
        auto taken = opened<fb::PersonMark>(encode_mark(mark()));
        taken->word = static_cast<fb::Word>(word);
        EXPECT_EQ(parse_mark(closed(*taken)).code(), ErrorCode::invalid_field);
    }
}

TEST_F(Statements, OpenedAndMarkNameAMailbox) {
    auto seen = opened<fb::OpenedStatement>(encode_opened(opened_statement()));
    seen->mailbox = "";
    EXPECT_EQ(parse_opened(closed(*seen)).code(), ErrorCode::invalid_field);
    auto taken = opened<fb::PersonMark>(encode_mark(mark()));
    taken->mailbox = "@indre";
    EXPECT_EQ(parse_mark(closed(*taken)).code(), ErrorCode::invalid_field);
}

TEST_F(Statements, AStatementComesBackAndItsSignatureIsOfItsContextBodyAndKey) {
    const Statement made =
        make_statement(contexts::kOpened, encode_opened(opened_statement()), key);
    const Statement read = parse_statement(encode_statement(made)).value();
    EXPECT_TRUE(test::same(read, made));
    const auto verdict = [&](std::string_view context, const Statement& statement,
                             const P256Public& signer) {
        return verify_statement(context, statement, signer, verifier).code();
    };
    EXPECT_EQ(verdict(contexts::kOpened, read, key.public_key()), ErrorCode::ok);
    for (const auto context : {contexts::kMark, contexts::kDelivered, contexts::kNotice,
                               contexts::kEnvelope, contexts::kDay}) {
        EXPECT_EQ(verdict(context, read, key.public_key()), ErrorCode::bad_signature) << context;
    }
    const P256Key other = test::make_p256_key(random);
    EXPECT_EQ(verdict(contexts::kOpened, read, other.public_key()), ErrorCode::bad_signature);
    Statement altered = read;
    altered.body.back() ^= 1;
    EXPECT_EQ(verdict(contexts::kOpened, altered, key.public_key()), ErrorCode::bad_signature);
    altered = read;
    altered.body.push_back(0);
    EXPECT_EQ(verdict(contexts::kOpened, altered, key.public_key()), ErrorCode::bad_signature);
}

TEST_F(Statements, TheLargestNoticeFitsInAStatementAndNothingOver160Kib) {
    const Bytes notice = encode_notice(test::full_notice(random, key, limits::kBatchSignedMax));
    const Statement statement = make_statement(contexts::kNotice, notice, key);
    EXPECT_TRUE(parse_statement(encode_statement(statement)).ok());
    EXPECT_EQ(parse_statement(Bytes(160 * 1024 + 1)).code(), ErrorCode::too_large);
}

TEST_F(Statements, AStatementIsCalledByTheLeafHashOfItsBytes) {
    const Bytes bytes = random.bytes(100);
    EXPECT_EQ(statement_digest(bytes), merkle::leaf_hash(bytes));
}

// It is kept in logs and handed on as it came.
TEST_F(Statements, NobodyAddsToAStatementWhatNobodySigned) {
    const Statement made = make_statement(contexts::kMark, encode_mark(mark()), key);
    const Bytes whole = encode_statement(made);
    EXPECT_TRUE(parse_statement(whole).ok());
    Bytes padded = whole;
    padded.resize(padded.size() + 256);
    EXPECT_EQ(parse_statement(padded).code(), ErrorCode::malformed);
    padded.resize(150 * 1024);
    EXPECT_EQ(parse_statement(padded).code(), ErrorCode::malformed);
}

TEST_F(Statements, AllButTheirListIsShort) {
    const auto parses = {
        +[](ByteView body) { return parse_delivered(body).code(); },
        +[](ByteView body) { return parse_opened(body).code(); },
        +[](ByteView body) { return parse_mark(body).code(); },
        +[](ByteView body) { return parse_day(body).code(); },
    };
    const auto bodies = {encode_delivered(delivered()), encode_opened(opened_statement()),
                         encode_mark(mark()), encode_day(day_statement())};
    auto parse = parses.begin();
    std::size_t listed = 8 * delivered().faults.size();  // of the first
    for (Bytes body : bodies) {
        body.resize(1024 + listed);
        EXPECT_EQ((*parse)(body), ErrorCode::ok);
        body.resize(1025 + listed);
        EXPECT_EQ((*parse++)(body), ErrorCode::too_large);
        listed = 0;
    }
}

}  // namespace
}  // namespace relais
