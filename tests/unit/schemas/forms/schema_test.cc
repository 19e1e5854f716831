// What a binary schema must keep to be a form, each rule with the schema that breaks it.
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/unit/schemas/forms/fixture.h"

namespace relais::forms {
namespace {

using nlohmann::json;

const Field* find(const FormSchema& schema, const std::string& path) {
    for (const Field* field : schema.describe()) {
        if (field->path == path) return field;
    }
    return nullptr;
}

TEST(FormSchema, SaysEveryFieldInTheOrderOfItsDeclaration) {
    std::string paths;
    for (const Field* field : everything().describe()) paths += field->path + " ";
    EXPECT_EQ(paths,
              "yes tiny small short_ ushort_ int_ uint_ long_ ulong_ decimal line lines day moment "
              "phone rpps cip colour wide colours[] flags[] decimals[] texts[] outer outer.inner "
              "outer.inner.text outer.inner.numbers[] outer.inner.flag outer.list[] "
              "outer.list[].text outer.list[].numbers[] outer.list[].flag ");
}

TEST(FormSchema, SaysWhatToAsk) {
    const FormSchema& schema = everything();
    EXPECT_EQ(schema.name(), "Form");
    EXPECT_EQ(schema.title(), "Tout");
    EXPECT_EQ(schema.root().help, "Une aide sur deux lignes.");
    const Field* yes = find(schema, "yes");
    ASSERT_NE(yes, nullptr);
    EXPECT_EQ(yes->label, "Oui ou non");
    EXPECT_EQ(yes->help, "Répondez.");
    EXPECT_EQ(yes->example, "true");
    EXPECT_TRUE(yes->mandatory);
    EXPECT_EQ(yes->type, FieldType::boolean);
    const Field* decimal = find(schema, "decimal");
    EXPECT_EQ(decimal->unit, "°C");
    EXPECT_EQ(decimal->decimal_min, -1.5);
    EXPECT_EQ(decimal->decimal_max, 45.25);
    EXPECT_FALSE(decimal->mandatory);
    const Field* rpps = find(schema, "rpps");
    EXPECT_EQ(rpps->identifier, IdentifierKind::rpps);
    EXPECT_EQ(rpps->codes, "https://rpps.esante.gouv.fr");
    const Field* numbers = find(schema, "outer.inner.numbers[]");
    EXPECT_TRUE(numbers->repeated);
    EXPECT_EQ(numbers->min, -300);
    EXPECT_EQ(numbers->items_max, 4u);
    EXPECT_FALSE(schema.holds_identity());
}

TEST(FormSchema, TextsAndListsHaveLimitsWithoutSayingSo) {
    const Result<FormSchema> schema = FormSchema::load(schema_of(
        "table Form (label: \"F\") { a:string (label: \"A\"); b:string (label: \"B\", multiline); "
        "c:[bool] (label: \"C\"); }"));
    ASSERT_TRUE(schema.ok());
    EXPECT_EQ(schema->root().fields[0].bytes_max, limits::kTextLineBytesDefault);
    EXPECT_EQ(schema->root().fields[1].bytes_max, limits::kTextLinesBytesDefault);
    EXPECT_EQ(schema->root().fields[2].items_max, limits::kItemsDefault);
}

TEST(FormSchema, ValuesOfAChoiceKeepTheirLabels) {
    const Field* colour = find(everything(), "colour");
    ASSERT_EQ(colour->choices.size(), 2u);
    EXPECT_EQ(colour->choices[0].name, "red");
    EXPECT_EQ(colour->choices[0].label, "Rouge");
    EXPECT_EQ(colour->choices[0].value, -1);
}

// One rule and a form that breaks it, with what the error says of it.
struct BrokenSchema {
    std::string rule;
    std::string source;
    std::string said;
};

std::string form(const std::string& fields) {
    return "table Form (label: \"F\") { " + fields + " }";
}

std::string identity(const std::string& without, const std::string& extra = {}) {
    const std::vector<std::string> fields = {
        R"(status:relais.kinds.IdentityStatus = null (label: "S", mandatory, trait: "status");)",
        R"(name:string (label: "N", trait: "birth_name");)",
        R"(given:[string] (label: "G", trait: "birth_given_names");)",
        R"(born:string (label: "B", date, trait: "birth_date");)",
        R"(sex:relais.kinds.Sex = null (label: "X", trait: "sex");)",
        R"(place:string (label: "P", ident: "cog", trait: "birth_place");)",
        R"(matricule:string (label: "M", ident: "ins", trait: "matricule");)",
        R"(oid:string (label: "O", trait: "oid");)"};
    std::string block = "table Who (identity) { ";
    for (const std::string& field : fields) {
        if (without.empty() || !field.starts_with(without)) block += field + " ";
    }
    return block + extra + " }\n" + form("who:Who (label: \"Qui\");");
}

std::string many_attributes(int count) {
    std::string declared;
    std::string used = "label: \"A\"";
    for (int i = 1; i < count; ++i) {
        declared += "attribute \"a" + std::to_string(i) + "\";\n";
        used += ", a" + std::to_string(i);
    }
    return declared + form("a:bool = null (" + used + ");");
}

std::vector<BrokenSchema> broken_shapes() {
    return {
        {"form_label", "table Form { a:bool = null (label: \"A\"); }", "Form: no label"},
        {"form_attribute", "table Form (label: \"F\", identity) { a:bool = null (label: \"A\"); }",
         "not for a form"},
        {"no_field", "table Form (label: \"F\") { }", "a table has fields"},
        {"empty_table", "table In { }\n" + form("a:In (label: \"A\");"), "a table has fields"},
        {"field_label", form("a:bool = null;"), "Form.a: no label"},
        {"empty_label", form("a:bool = null (label: \"\");"), "Form.a: attribute \"label\""},
        {"two_line_label", form("a:bool = null (label: \"a\\nb\");"), "attribute \"label\""},
        {"scalar_default", form("a:bool (label: \"A\");"), "\"= null\""},
        {"number_default", form("a:int = 3 (label: \"A\", min: 0, max: 9);"), "\"= null\""},
        {"choice_default", "enum E:byte {\n/// X\n x }\n" + form("a:E = x (label: \"A\");"),
         "\"= null\""},
        {"number_min", form("a:int = null (label: \"A\", max: 9);"), "min and a max"},
        {"number_max", form("a:int = null (label: \"A\", min: 9);"), "min and a max"},
        {"decimal_bounds", form("a:double = null (label: \"A\");"), "min and a max"},
        {"min_above_max", form("a:int = null (label: \"A\", min: 9, max: 1);"), "min is above max"},
        {"decimal_min_above_max",
         form("a:double = null (label: \"A\", min: \"1.5\", max: \"1.4\");"), "min is above max"},
        {"bounds_of_type", form("a:ubyte = null (label: \"A\", min: 0, max: 256);"),
         "outside what the type holds"},
        {"bounds_of_json", form("a:long = null (label: \"A\", min: 0, max: \"9007199254740993\");"),
         "outside what the type holds"},
        {"bound_not_a_number", form("a:int = null (label: \"A\", min: \"x\", max: 9);"),
         "attribute \"min\": not a number"},
        {"bound_infinite", form("a:double = null (label: \"A\", min: 0, max: \"inf\");"),
         "not a finite number"},
        {"float", form("a:float = null (label: \"A\", min: 0, max: 9);"), "type not allowed"},
        {"struct", "struct S { a:int; }\n" + form("a:S (label: \"A\");"), "struct"},
        {"union",
         "table T { a:bool = null (label: \"A\"); }\nunion U { T }\n" + form("a:U (label: \"A\");"),
         "not allowed"},
        {"required", form("a:string (label: \"A\", required);"), "required"},
        {"deprecated", form("a:string (label: \"A\", deprecated);"), "deprecated"},
        {"key", form("a:string (label: \"A\", key);"), "key"},
    };
}

std::vector<BrokenSchema> broken_attributes() {
    return {
        {"unknown_attribute", "attribute \"colour\";\n" + form("a:string (label: \"A\", colour);"),
         "unknown attribute \"colour\""},
        {"many_attributes", many_attributes(33), "too many attributes"},
        {"long_help", form("\n/// " + std::string(401, 'x') + "\na:bool = null (label: \"A\");"),
         "comment too long"},
        {"min_of_text", form("a:string (label: \"A\", min: 1);"), "not for this type"},
        {"date_of_number", form("a:int = null (label: \"A\", min: 0, max: 9, date);"),
         "not for this type"},
        {"items_max_of_one", form("a:string (label: \"A\", items_max: 3);"), "not for this type"},
        {"unit_of_text", form("a:string (label: \"A\", unit: \"kg\");"), "not for this type"},
        {"mandatory_with_value", form("a:string (label: \"A\", mandatory: \"yes\");"),
         "takes no value"},
        {"two_formats", form("a:string (label: \"A\", date, phone);"), "one format"},
        {"unknown_identifier", form("a:string (label: \"A\", ident: \"nss\");"),
         "unknown kind of identifier"},
        {"bytes_max_zero", form("a:string (label: \"A\", bytes_max: 0);"), "not from 1"},
        {"bytes_max_huge", form("a:string (label: \"A\", bytes_max: 20001);"), "not from 1"},
        {"characters_max_zero", form("a:string (label: \"A\", characters_max: 0);"), "not from 1"},
        {"characters_max_of_number",
         form("a:int = null (label: \"A\", min: 0, max: 9, characters_max: 3);"),
         "not for this type"},
        {"items_max_huge", form("a:[bool] (label: \"A\", items_max: 501);"), "not from 1"},
        {"name_upper_case", form("Abc:string (label: \"A\");"), "a field's name"},
        {"value_label", "enum E:byte { x }\n" + form("a:E = null (label: \"A\");"), "has no label"},
        {"recursion", "table In { a:In (label: \"A\"); }\n" + form("a:In (label: \"A\");"),
         "nested too deep"},
        {"attribute_of_table",
         "table In (mandatory) { a:bool = null (label: \"A\"); }\n" + form("a:In (label: \"A\");"),
         "not for a table"},
    };
}

std::vector<BrokenSchema> broken_identities() {
    return {
        {"ins_alone", form("a:string (label: \"A\", ident: \"ins\");"), "identity block"},
        {"ins_nir_alone", form("a:string (label: \"A\", ident: \"ins_nir\");"), "identity block"},
        {"trait_alone", form("a:string (label: \"A\", trait: \"birth_name\");"), "identity block"},
        {"unknown_trait", form("a:string (label: \"A\", trait: \"nose\");"), "unknown trait"},
        {"identity_without_status", identity("status"), "all eight traits"},
        {"identity_without_place", identity("place"), "all eight traits"},
        {"identity_without_oid", identity("oid"), "all eight traits"},
        {"trait_twice", identity("", R"(again:string (label: "A", trait: "oid");)"),
         "played twice"},
        {"second_ins", identity("", R"(other:string (label: "A", ident: "ins");)"),
         "identity block"},
        {"birth_date_of_text",
         identity("born", R"(born:string (label: "B", trait: "birth_date");)"), "unfit"},
        {"optional_status",
         identity("status",
                  "s:relais.kinds.IdentityStatus = null (label: \"S\", trait: \"status\");"),
         "unfit"},
        {"status_of_other_words",
         "enum E:byte {\n/// X\n x }\n" +
             identity("status", "s:E = null (label: \"S\", mandatory, trait: \"status\");"),
         "unfit"},
    };
}

std::vector<BrokenSchema> broken_forms() {
    std::vector<BrokenSchema> all;
    for (const auto& part : {broken_shapes(), broken_attributes(), broken_identities()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

void PrintTo(const BrokenSchema& broken, std::ostream* out) { *out << broken.rule; }

class BrokenForm : public testing::TestWithParam<BrokenSchema> {};

TEST_P(BrokenForm, IsRefusedAndSaysWhere) {
    const Result<FormSchema> schema = FormSchema::load(schema_of(GetParam().source));
    ASSERT_FALSE(schema.ok());
    EXPECT_EQ(schema.code(), ErrorCode::bad_configuration);
    EXPECT_NE(schema.error().detail.find(GetParam().said), std::string::npos)
        << schema.error().detail;
}

INSTANTIATE_TEST_SUITE_P(Rules, BrokenForm, testing::ValuesIn(broken_forms()),
                         [](const auto& param) { return param.param.rule; });

TEST(FormSchema, TheTwinsOfTheBrokenFormsLoad) {
    for (const std::string& source :
         {form("a:bool = null (label: \"A\");"),
          form("a:ubyte = null (label: \"A\", min: 0, max: 255);"),
          form("a:long = null (label: \"A\", min: 0, max: \"9007199254740991\");"),
          form("a:string (label: \"A\", mandatory, date);"),
          form("a:string (label: \"A\", bytes_max: 20000);"), identity("")}) {
        const Result<FormSchema> schema = FormSchema::load(schema_of(source));
        EXPECT_TRUE(schema.ok()) << source << "\n" << schema.error().describe();
    }
}

std::string nested(int depth) {
    std::string source = "table T1 { a:bool = null (label: \"A\"); }\n";
    for (int level = 2; level < depth; ++level) {
        source += "table T" + std::to_string(level) + " { a:T" + std::to_string(level - 1) +
                  " (label: \"A\"); }\n";
    }
    return source + form("a:T" + std::to_string(depth - 1) + " (label: \"A\");");
}

TEST(FormSchema, NestsNoDeeperThanTheLimit) {
    const auto depth = static_cast<int>(limits::kFormDepthMax);
    EXPECT_TRUE(FormSchema::load(schema_of(nested(depth))).ok());
    EXPECT_EQ(FormSchema::load(schema_of(nested(depth + 1))).code(), ErrorCode::bad_configuration);
}

std::string flat(std::size_t count) {
    std::string fields;
    for (std::size_t i = 0; i < count; ++i) {
        fields += "f" + std::to_string(i) + ":bool = null (label: \"A\"); ";
    }
    return form(fields);
}

TEST(FormSchema, DescribesAsManyFieldsAsTheLimit) {
    EXPECT_TRUE(FormSchema::load(schema_of(flat(limits::kFormFieldsMax))).ok());
    EXPECT_EQ(FormSchema::load(schema_of(flat(limits::kFormFieldsMax + 1))).code(),
              ErrorCode::bad_configuration);
}

TEST(FormSchema, CannotBeMadeToDescribeMoreFieldsThanTheLimit) {
    // Six levels of eight fields each: 262 144 fields from a schema of a few kilobytes.
    std::string source = "table T0 { a:bool = null (label: \"A\"); }\n";
    for (int level = 1; level <= 6; ++level) {
        source += "table T" + std::to_string(level) + " { ";
        for (char name = 'a'; name < 'i'; ++name) {
            source += std::string(1, name) + ":T" + std::to_string(level - 1) + " (label: \"A\"); ";
        }
        source += "}\n";
    }
    const auto schema = FormSchema::load(schema_of(source + form("a:T6 (label: \"A\");")));
    EXPECT_EQ(schema.code(), ErrorCode::bad_configuration);
    EXPECT_NE(schema.error().detail.find("too many fields"), std::string::npos);
}

TEST(FormSchema, NeedsARootType) {
    const Bytes schema = schema_of_file("table Form { a:bool = null; }");
    EXPECT_EQ(FormSchema::load(schema).code(), ErrorCode::bad_configuration);
}

TEST(FormSchema, OtherBytesAreNoSchema) {
    EXPECT_EQ(FormSchema::load({}).code(), ErrorCode::malformed);
    EXPECT_EQ(FormSchema::load(Bytes(4, 0)).code(), ErrorCode::malformed);
    EXPECT_EQ(FormSchema::load(Bytes(200, 0x41)).code(), ErrorCode::malformed);
    EXPECT_EQ(FormSchema::load(Bytes(limits::kFormSchemaBytesMax + 1, 0)).code(),
              ErrorCode::too_large);
}

// A schema comes in a bundle that someone signed: it may still be wrong in any byte.
TEST(FormSchema, AnAlteredSchemaIsRefusedOrStillDescribesAForm) {
    const Bytes sound = schema_of(everything_source());
    std::size_t refused = 0;
    for (std::size_t at = 0; at < sound.size(); ++at) {
        for (const int mask : {0x01, 0x80, 0xFF}) {
            Bytes altered = sound;
            altered[at] = static_cast<std::uint8_t>(altered[at] ^ mask);
            const Result<FormSchema> schema = FormSchema::load(altered);
            refused += schema.ok() ? 0u : 1u;
            if (schema.ok()) {
                EXPECT_LE(schema->describe().size(), limits::kFormFieldsMax);
            }
        }
    }
    EXPECT_GT(refused, sound.size());
}

TEST(FormSchema, ATruncatedSchemaIsRefused) {
    const Bytes sound = schema_of(everything_source());
    for (std::size_t size = 0; size + 8 < sound.size(); size += 7) {
        EXPECT_FALSE(FormSchema::load(ByteView(sound).first(size)).ok()) << size;
    }
}

}  // namespace
}  // namespace relais::forms
