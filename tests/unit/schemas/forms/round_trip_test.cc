// What is encoded is decoded as it was, by us and by the stock library, for any values.
#include <flatbuffers/idl.h>
#include <flatbuffers/reflection.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/schemas/forms/fixture.h"

namespace relais::forms {
namespace {

using nlohmann::json;

rc::Gen<json> values_of(const Field& table);

rc::Gen<std::string> text_of(const Field& field) {
    switch (field.format) {
        case TextFormat::date: return rc::gen::element<std::string>("1850-01-01", "2024-02-29");
        case TextFormat::date_time:
            return rc::gen::element<std::string>("2026-11-22T14:30:00Z",
                                                 "2026-11-22T14:30:00.5-03:30");
        case TextFormat::phone: return rc::gen::element<std::string>("3400", "+33 2 61 91 00 00");
        case TextFormat::identifier:
            return rc::gen::just<std::string>(
                field.identifier == IdentifierKind::rpps ? "01234567897" : "3400935955838");
        default: break;
    }
    const bool lines = field.format == TextFormat::lines;
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                            "a", "é", "漢", " ", "\"", "\\", lines ? "\n" : "b")),
                        [&field](const std::vector<std::string>& letters) {
                            std::string text = "t";
                            for (const std::string& letter : letters) {
                                if (text.size() + letter.size() < field.bytes_max) text += letter;
                            }
                            return text + "t";
                        });
}

rc::Gen<json> one_of(const Field& field) {
    const auto to_json = [](const auto& value) { return json(value); };
    switch (field.type) {
        case FieldType::boolean: return rc::gen::map(rc::gen::arbitrary<bool>(), to_json);
        case FieldType::integer:
            return rc::gen::map(rc::gen::oneOf(rc::gen::inRange(field.min, field.max),
                                               rc::gen::element(field.min, field.max)),
                                to_json);
        case FieldType::decimal:
            return rc::gen::map(rc::gen::inRange(0, 1001), [&field](int part) {
                const double span = field.decimal_max - field.decimal_min;
                return json(std::min(field.decimal_max, field.decimal_min + span * part / 1000));
            });
        case FieldType::text: return rc::gen::map(text_of(field), to_json);
        case FieldType::choice:
            return rc::gen::map(rc::gen::elementOf(field.choices),
                                [](const Choice& choice) { return json(choice.name); });
        case FieldType::table: return values_of(field);
    }
    return rc::gen::just(json());
}

rc::Gen<json> answer_to(const Field& field) {
    if (!field.repeated) return one_of(field);
    return rc::gen::exec([&field] {
        json items = json::array();
        const auto count =
            *rc::gen::inRange<std::size_t>(1, std::min<std::size_t>(4, field.items_max + 1));
        for (std::size_t i = 0; i < count; ++i) items.push_back(*one_of(field));
        return items;
    });
}

rc::Gen<json> values_of(const Field& table) {
    return rc::gen::exec([&table] {
        json values = json::object();
        for (const Field& field : table.fields) {
            if (field.mandatory || *rc::gen::arbitrary<bool>()) {
                values[field.name] = *answer_to(field);
            }
        }
        return values;
    });
}

bool reads_back(const FormSchema& schema, const json& values) {
    Findings findings;
    const Result<json> normalised = check(schema, values, kTest, findings);
    RC_ASSERT(normalised.ok());
    const Result<Bytes> bytes = encode(schema, values, kTest, findings);
    RC_ASSERT(bytes.ok());
    const Result<json> decoded = decode(schema, *bytes, kTest, findings);
    RC_ASSERT(decoded.ok());
    RC_ASSERT(*decoded == *normalised);
    // The normalised form is a fixed point, and has the same bytes.
    const Result<Bytes> again = encode(schema, *decoded, kTest, findings);
    RC_ASSERT(again.ok());
    return *again == *bytes;
}

RC_GTEST_PROP(FormRoundTrip, AnyValuesAreReadBackAsTheyWere, ()) {
    const json values = *values_of(everything().root());
    RC_ASSERT(reads_back(everything(), values));
}

TEST(FormRoundTrip, AFullFormIsReadBackAsItWas) {
    EXPECT_TRUE(reads_back(everything(), everything_values()));
    EXPECT_TRUE(reads_back(with_identity(), identity_values()));
}

// Signatures are over these bytes: another version of the writer must not change them unnoticed.
TEST(FormRoundTrip, TheBytesOfASampleStayTheSame) {
    const auto schema = FormSchema::load(schema_of(
        "table Form (label: \"F\") { a:bool = null (label: \"A\"); b:double = null (label: \"B\", "
        "min: 0, max: 9); c:string (label: \"C\"); d:[short] (label: \"D\", min: 0, max: 9); }"));
    ASSERT_TRUE(schema.ok());
    Findings findings;
    const json values = json::parse(R"({"a": true, "b": 1.5, "c": "été", "d": [1, 2, 3]})");
    const Result<Bytes> bytes = encode(*schema, values, kTest, findings);
    ASSERT_TRUE(bytes.ok());
    std::string text;
    for (const std::uint8_t byte : *bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += {kDigits[byte >> 4], kDigits[byte & 0x0F]};
    }
    EXPECT_EQ(text,
              "100000000c001800070010000c0008000c000000000000011000000018000000000000000000f83f"
              "03000000010002000300000005000000c3a974c3a9000000");
    EXPECT_EQ(decode(*schema, *bytes, kTest, findings).value(), values);
}

// ---- with the stock library: a client in another language uses that one
// ---------------------------

RC_GTEST_PROP(FormRoundTrip, TheStockLibraryVerifiesWhatWeEncode, ()) {
    static const Bytes schema_bytes = schema_of(everything_source());
    const reflection::Schema& schema = *reflection::GetSchema(schema_bytes.data());
    Findings findings;
    const auto bytes = encode(everything(), *values_of(everything().root()), kTest, findings);
    RC_ASSERT(bytes.ok());
    RC_ASSERT(flatbuffers::Verify(schema, *schema.root_table(), bytes->data(), bytes->size()));
}

TEST(FormRoundTrip, WhatTheStockLibraryEncodesIsRead) {
    flatbuffers::Parser parser;
    const char* includes[] = {RELAIS_SOURCE_DIR "/schemas/kinds", nullptr};
    const std::string source =
        "include \"form.fbs\"; namespace test;" + everything_source() + "root_type Form;";
    ASSERT_TRUE(parser.Parse(source.c_str(), includes)) << parser.error_;
    ASSERT_TRUE(parser.Parse(everything_values().dump().c_str())) << parser.error_;
    const ByteView bytes(parser.builder_.GetBufferPointer(), parser.builder_.GetSize());
    Findings findings;
    const Result<json> decoded = decode(everything(), bytes, kTest, findings);
    ASSERT_TRUE(decoded.ok()) << decoded.error().describe();
    EXPECT_EQ(*decoded, everything_values());
}

TEST(FormRoundTrip, WhatBreaksARuleIsRefusedWhenReadToo) {
    flatbuffers::Parser parser;
    const char* includes[] = {RELAIS_SOURCE_DIR "/schemas/kinds", nullptr};
    const std::string source =
        "include \"form.fbs\"; namespace test;" + everything_source() + "root_type Form;";
    ASSERT_TRUE(parser.Parse(source.c_str(), includes));
    const std::vector<std::pair<std::string, std::string>> cases = {
        {R"({"small": 3})", "yes missing_field error\n"},
        {R"({"yes": true, "small": 201})", "small invalid_field error\n"},
        {R"({"yes": true, "decimal": 46})", "decimal invalid_field error\n"},
        {R"({"yes": true, "decimal": nan})", "decimal invalid_field error\n"},
        {R"({"yes": true, "line": "a\u0007"})", "line invalid_field error\n"},
        {R"({"yes": true, "cip": "3400935955839"})", "cip bad_identifier error\n"},
        {R"({"yes": true, "colours": [5, 5, 5, 5]})", "colours invalid_field error\n"},
        {R"({"yes": true, "colours": [4]})", "colours[0] invalid_field error\n"},
        {R"({"yes": true, "outer": {"list": [{"flag": true}]}})",
         "outer.list[0].text missing_field error\n"},
    };
    for (const auto& [values, found] : cases) {
        ASSERT_TRUE(parser.Parse(values.c_str())) << values << parser.error_;
        const ByteView bytes(parser.builder_.GetBufferPointer(), parser.builder_.GetSize());
        Findings findings;
        const Result<json> decoded = decode(everything(), bytes, kTest, findings);
        EXPECT_EQ(decoded.code(), ErrorCode::form_invalid) << values;
        EXPECT_EQ(shown(findings), found);
        const std::string path = found.substr(0, found.find(' '));
        EXPECT_EQ(decoded.error().detail, path);
    }
}

TEST(FormRoundTrip, WarningsAreKeptWhenReading) {
    json values = everything_values();
    values["rpps"] = "01234567898";
    Findings findings;
    const Result<Bytes> bytes = encode(everything(), values, kTest, findings);
    ASSERT_TRUE(bytes.ok());
    findings.clear();
    EXPECT_TRUE(decode(everything(), *bytes, kTest, findings).ok());
    EXPECT_EQ(shown(findings), "rpps bad_identifier warning\n");
}

TEST(FormRoundTrip, AMatriculeOfTheOtherEnvironmentIsRefusedWhenRead) {
    Findings findings;
    const Result<Bytes> bytes = encode(with_identity(), identity_values(), kTest, findings);
    ASSERT_TRUE(bytes.ok());
    const auto decoded = decode(with_identity(), *bytes, InsEnvironment::production, findings);
    EXPECT_EQ(decoded.code(), ErrorCode::form_invalid);
    EXPECT_EQ(shown(findings), "patient.matricule identity_refused error\n");
}

TEST(FormRoundTrip, WhatIsRefusedIsNotEncoded) {
    Findings findings;
    EXPECT_EQ(encode(everything(), json::object(), kTest, findings).code(),
              ErrorCode::missing_field);
}

}  // namespace
}  // namespace relais::forms
