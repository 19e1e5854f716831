// Buffers made to harm their reader: nothing is read outside them, nothing unfolds without bound.
#include <flatbuffers/flatbuffers.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "core/base/limits.h"
#include "tests/unit/schemas/forms/fixture.h"

namespace relais::forms {
namespace {

using nlohmann::json;

// Holds bytes that end where readable memory does: one byte too far stops the test.
class Cliff {
public:
    explicit Cliff(std::size_t room) {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        readable_ = (room + page - 1) / page * page;
        total_ = readable_ + page;
        void* memory =
            mmap(nullptr, total_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        RELAIS_CHECK(memory != MAP_FAILED);
        memory_ = static_cast<std::uint8_t*>(memory);
        RELAIS_CHECK(mprotect(memory_ + readable_, page, PROT_NONE) == 0);
    }
    ~Cliff() { munmap(memory_, total_); }
    Cliff(const Cliff&) = delete;
    Cliff& operator=(const Cliff&) = delete;

    ByteView put(ByteView bytes) {
        std::uint8_t* at = memory_ + readable_ - bytes.size();
        std::memcpy(at, bytes.data(), bytes.size());
        return {at, bytes.size()};
    }

private:
    std::uint8_t* memory_ = nullptr;
    std::size_t readable_ = 0;
    std::size_t total_ = 0;
};

Bytes encoded(const FormSchema& schema, const json& values) {
    Findings findings;
    const Result<Bytes> bytes = encode(schema, values, kTest, findings);
    RELAIS_CHECK(bytes.ok());
    return *bytes;
}

// What may come of any bytes: values that keep every rule, or one of these errors.
void expect_sound(const FormSchema& schema, ByteView bytes) {
    Findings findings;
    const Result<json> decoded = decode(schema, bytes, kTest, findings);
    if (decoded.ok()) {
        EXPECT_LE(decoded->dump().size(), 8 * limits::kFormBytesMax);
        EXPECT_TRUE(encode(schema, *decoded, kTest, findings).ok());
        EXPECT_FALSE(render_text(schema, *decoded).empty());
        return;
    }
    const bool known =
        decoded.code() == ErrorCode::malformed || decoded.code() == ErrorCode::over_budget ||
        decoded.code() == ErrorCode::form_invalid || decoded.code() == ErrorCode::too_large;
    EXPECT_TRUE(known) << decoded.error().describe();
}

TEST(HostileForm, EveryAlteredByteIsRefusedOrReadAsSoundValues) {
    Cliff cliff(1 << 16);
    for (const auto& [schema, values] : {std::pair(&everything(), everything_values()),
                                         std::pair(&with_identity(), identity_values())}) {
        const Bytes sound = encoded(*schema, values);
        for (std::size_t at = 0; at < sound.size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                Bytes altered = sound;
                altered[at] = static_cast<std::uint8_t>(altered[at] ^ 1 << bit);
                expect_sound(*schema, cliff.put(altered));
            }
            for (const int value : {0x00, 0x7F, 0xFF}) {
                Bytes altered = sound;
                altered[at] = static_cast<std::uint8_t>(value);
                expect_sound(*schema, cliff.put(altered));
            }
        }
    }
}

TEST(HostileForm, EveryAlteredOffsetIsRefusedOrReadAsSoundValues) {
    Cliff cliff(1 << 16);
    const Bytes sound = encoded(everything(), everything_values());
    for (std::size_t at = 0; at + 4 <= sound.size(); at += 4) {
        for (const std::uint32_t value : {0u, 1u, 4u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFCu,
                                          static_cast<std::uint32_t>(sound.size() - at)}) {
            Bytes altered = sound;
            std::memcpy(altered.data() + at, &value, 4);
            expect_sound(everything(), cliff.put(altered));
        }
    }
}

RC_GTEST_PROP(HostileForm, SeveralAlteredBytesAreRefusedOrReadAsSoundValues, ()) {
    static Cliff cliff(1 << 16);
    static const Bytes sound = encoded(everything(), everything_values());
    for (int round = 0; round < 50; ++round) {
        Bytes altered = sound;
        const auto changes = *rc::gen::inRange(2, 9);
        for (int i = 0; i < changes; ++i) {
            altered[*rc::gen::inRange<std::size_t>(0, altered.size())] =
                *rc::gen::arbitrary<std::uint8_t>();
        }
        expect_sound(everything(), cliff.put(altered));
    }
}

TEST(HostileForm, EveryTruncationIsRefused) {
    Cliff cliff(1 << 16);
    const Bytes sound = encoded(everything(), everything_values());
    for (std::size_t size = 0; size < sound.size(); ++size) {
        Findings findings;
        const Result<json> decoded =
            decode(everything(), cliff.put(ByteView(sound).first(size)), kTest, findings);
        // The last bytes may be padding: then nothing is lost.
        if (decoded.ok()) {
            EXPECT_GT(size + 8, sound.size());
        }
    }
    Findings findings;
    EXPECT_EQ(decode(everything(), {}, kTest, findings).code(), ErrorCode::malformed);
}

// ---- crafted by hand, little-endian
// ---------------------------------------------------------------

class Craft {
public:
    Craft& u8(std::uint8_t value) { return raw(value); }
    Craft& u16(std::uint16_t value) { return raw(value); }
    Craft& u32(std::uint32_t value) { return raw(value); }
    Craft& i32(std::int32_t value) { return raw(value); }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] const Bytes& bytes() const { return bytes_; }
    Craft& patch32(std::size_t at, std::uint32_t value) {
        std::memcpy(bytes_.data() + at, &value, sizeof(value));
        return *this;
    }

private:
    template <typename T>
    Craft& raw(T value) {
        const auto* at = reinterpret_cast<const std::uint8_t*>(&value);
        bytes_.insert(bytes_.end(), at, at + sizeof(T));
        return *this;
    }
    Bytes bytes_;
};

FormSchema schema(const std::string& source) {
    Result<FormSchema> loaded = FormSchema::load(schema_of(source));
    RELAIS_CHECK(loaded.ok());
    return std::move(loaded).value();
}

Error refusal(const FormSchema& form, ByteView bytes) {
    Cliff cliff(bytes.size());
    Findings findings;
    const Result<json> decoded = decode(form, cliff.put(bytes), kTest, findings);
    return decoded.ok() ? Error(fail(ErrorCode::ok)) : decoded.error();
}

// The case that version 2.0.8 of the library's own verifier reads outside of: the offset to a
// nested table stands beyond the end of the buffer.
TEST(HostileForm, AFieldBeyondTheBufferIsNotRead) {
    const FormSchema form = schema(
        "table In { a:string (label: \"A\"); } table Form (label: \"F\") { in:In (label: "
        "\"I\"); }");
    Craft craft;
    craft.u32(12).u16(6).u16(4).u16(0x0FFF).u16(0).i32(8);
    const Error error = refusal(form, craft.bytes());
    EXPECT_EQ(error.code, ErrorCode::malformed);
    EXPECT_EQ(error.detail, "in");
}

const FormSchema& nested_lists() {
    static const FormSchema form = schema(
        "table C { text:[string] (label: \"T\", items_max: 500); }\n"
        "table B { c:[C] (label: \"C\", items_max: 500); }\n"
        "table A { b:[B] (label: \"B\", items_max: 500); }\n"
        "table Form (label: \"F\") { a:[A] (label: \"A\", items_max: 500); }");
    return form;
}

// A table with one field, `count` times the same element that follows it; returns where the offset
// of each element must point.
void append_list_table(Craft& craft, std::uint32_t count) {
    craft.u16(6).u16(8).u16(4).u16(0).i32(8).u32(4).u32(count);
    const auto end = craft.size() + 4 * count;
    // Whatever the level, the vtable of the next table stands first: 8 bytes.
    for (std::uint32_t i = 0; i < count; ++i) {
        craft.u32(static_cast<std::uint32_t>(end + 8 - craft.size()));
    }
}

// Four lists of 64 elements that are all the same: 64^4 texts of 100 bytes each would be
// printed, 1.6 gigabytes from two kilobytes.
TEST(HostileForm, SharedTablesAreCountedAtEachVisit) {
    Craft craft;
    craft.u32(12);
    for (int level = 0; level < 3; ++level) append_list_table(craft, 64);
    // The last list is of texts: its offsets lead to the text itself, without a vtable.
    craft.u16(6).u16(8).u16(4).u16(0).i32(8).u32(4).u32(64);
    const std::size_t text = craft.size() + 64 * 4;
    for (int i = 0; i < 64; ++i) craft.u32(static_cast<std::uint32_t>(text - craft.size()));
    craft.u32(100);
    for (int i = 0; i < 104; ++i) craft.u8(i < 100 ? 'x' : 0);
    ASSERT_LT(craft.size(), 2048u);
    EXPECT_EQ(refusal(nested_lists(), craft.bytes()).code, ErrorCode::over_budget);
}

TEST(HostileForm, TheSameShapeWithoutSharingIsRead) {
    Craft craft;
    craft.u32(12);
    for (int level = 0; level < 3; ++level) append_list_table(craft, 1);
    craft.u16(6).u16(8).u16(4).u16(0).i32(8).u32(4).u32(1).u32(4).u32(1).u8('x').u8(0).u16(0);
    Findings findings;
    const Result<json> decoded = decode(nested_lists(), craft.bytes(), kTest, findings);
    ASSERT_TRUE(decoded.ok()) << decoded.error().describe();
    EXPECT_EQ(decoded->dump(), R"({"a":[{"b":[{"c":[{"text":["x"]}]}]}]})");
}

TEST(HostileForm, OneLongTextSharedManyTimesIsCountedEachTime) {
    const FormSchema form = schema(
        "table Form (label: \"F\") { a:[string] (label: \"A\", bytes_max: 20000, items_max: 500); "
        "}");
    flatbuffers::FlatBufferBuilder builder;
    const auto text = builder.CreateString(std::string(20'000, 'x'));
    const auto list = builder.CreateVector(
        std::vector<flatbuffers::Offset<flatbuffers::String>>(20, text));  // 400 000 bytes to print
    const auto start = builder.StartTable();
    builder.AddOffset(4, list);
    builder.Finish(flatbuffers::Offset<flatbuffers::Table>(builder.EndTable(start)));
    ASSERT_LT(builder.GetSize(), 21'000u);
    EXPECT_EQ(refusal(form, {builder.GetBufferPointer(), builder.GetSize()}).code,
              ErrorCode::over_budget);
}

const FormSchema& one_text() {
    static const FormSchema form = schema("table Form (label: \"F\") { a:string (label: \"A\"); }");
    return form;
}

// root, vtable (6, 8, 4), table, offset to the text, length, text, terminator.
Craft text_form(std::uint32_t offset, std::uint32_t length) {
    Craft craft;
    craft.u32(12).u16(6).u16(8).u16(4).u16(0).i32(8).u32(offset).u32(length);
    return craft.u8('a').u8('b').u8(0).u8(0), craft;
}

TEST(HostileForm, TheHandMadeTextFormIsRead) {
    Findings findings;
    const auto decoded = decode(one_text(), text_form(4, 2).bytes(), kTest, findings);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ((*decoded)["a"], "ab");
}

TEST(HostileForm, OffsetsLeadForwardAndInside) {
    // To itself, backwards (no cycle can be made), and beyond the end.
    for (const std::uint32_t offset : {0u, 0xFFFFFFF0u, 0x80000000u, 0x7FFFFFFFu, 16u, 1u}) {
        const Error error = refusal(one_text(), text_form(offset, 2).bytes());
        EXPECT_EQ(error.code, ErrorCode::malformed) << offset;
        EXPECT_EQ(error.detail, "a");
    }
}

TEST(HostileForm, ATextEndsInsideTheBufferWithAZero) {
    for (const std::uint32_t length : {1u, 4u, 100u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
        EXPECT_EQ(refusal(one_text(), text_form(4, length).bytes()).code, ErrorCode::malformed)
            << length;
    }
}

TEST(HostileForm, AListIsNotLongerThanTheBuffer) {
    const FormSchema form =
        schema("table Form (label: \"F\") { a:[long] (label: \"A\", min: 0, max: 9); }");
    for (const std::uint32_t count : {1u, 2u, 0x20000000u, 0xFFFFFFFFu}) {
        EXPECT_EQ(refusal(form, text_form(4, count).bytes()).code, ErrorCode::malformed) << count;
    }
}

TEST(HostileForm, AVtableLiesInsideTheBuffer) {
    for (const std::int32_t back : {16, 13, -20, -400, INT32_MIN, INT32_MAX, 9}) {
        Craft craft = text_form(4, 2);
        craft.patch32(12, static_cast<std::uint32_t>(back));
        EXPECT_EQ(refusal(one_text(), craft.bytes()).code, ErrorCode::malformed) << back;
    }
}

TEST(HostileForm, AVtableHasAnEvenSizeAndFieldsInsideTheTable) {
    struct Vtable {
        std::uint16_t bytes, table, field;
    };
    for (const auto& [bytes, table, field] :
         {Vtable{5, 8, 4}, Vtable{2, 8, 4}, Vtable{0, 8, 4}, Vtable{0xFFFE, 8, 4}, Vtable{6, 2, 4},
          Vtable{6, 0xFFF0, 4}, Vtable{6, 8, 6}, Vtable{6, 8, 8}, Vtable{6, 8, 2},
          Vtable{6, 8, 0xFFFC}}) {
        Craft craft;
        craft.u32(12).u16(bytes).u16(table).u16(field).u16(0).i32(8).u32(4).u32(2);
        craft.u8('a').u8('b').u8(0).u8(0);
        EXPECT_EQ(refusal(one_text(), craft.bytes()).code, ErrorCode::malformed)
            << bytes << " " << table << " " << field;
    }
}

TEST(HostileForm, AFieldThatIsNotDeclaredIsRefused) {
    Craft craft;
    craft.u32(16).u16(8).u16(12).u16(4).u16(8).u32(0).i32(12).u32(8).u32(7).u32(2);
    craft.u8('a').u8('b').u8(0).u8(0);
    const Error error = refusal(one_text(), craft.bytes());
    EXPECT_EQ(error.code, ErrorCode::form_invalid);
}

TEST(HostileForm, ATextThatIsNotUtf8IsRefused) {
    Craft craft = text_form(4, 2);
    Bytes bytes = craft.bytes();
    bytes[24] = 0xC3;
    bytes[25] = 0x28;
    const Error error = refusal(one_text(), bytes);
    EXPECT_EQ(error.code, ErrorCode::form_invalid);
    EXPECT_EQ(error.detail, "a");
}

TEST(HostileForm, ABooleanIsZeroOrOne) {
    const FormSchema form = schema("table Form (label: \"F\") { a:bool = null (label: \"A\"); }");
    for (const int value : {0, 1, 2, 255}) {
        Craft craft;
        craft.u32(12).u16(6).u16(8).u16(4).u16(0).i32(8).u8(static_cast<std::uint8_t>(value));
        craft.u8(0).u16(0);
        EXPECT_EQ(refusal(form, craft.bytes()).code,
                  value < 2 ? ErrorCode::ok : ErrorCode::form_invalid);
    }
}

TEST(HostileForm, ANumberAboveSixtyThreeBitsIsRefused) {
    const FormSchema form =
        schema("table Form (label: \"F\") { a:ulong = null (label: \"A\", min: 0, max: 9); }");
    Craft craft;
    craft.u32(16)
        .u16(6)
        .u16(16)
        .u16(8)
        .u16(0)
        .u32(0)
        .i32(12)
        .u32(0)
        .u32(0xFFFFFFFF)
        .u32(0xFFFFFFFF);
    EXPECT_EQ(refusal(form, craft.bytes()).code, ErrorCode::form_invalid);
}

TEST(HostileForm, MoreBytesThanAFormMayHaveAreNotRead) {
    EXPECT_EQ(refusal(one_text(), Bytes(limits::kFormBytesMax + 1, 0)).code, ErrorCode::too_large);
}

}  // namespace
}  // namespace relais::forms
