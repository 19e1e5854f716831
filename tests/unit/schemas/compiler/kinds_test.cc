// Every kind of schemas/kinds: it compiles and loads, its examples pass through its forms, and each
// field helps whoever fills it.
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/limits.h"
#include "schemas/forms/forms.h"
#include "tests/unit/schemas/compiler/folder.h"
#include "tests/unit/schemas/compiler/kind_case.h"

namespace relais::compiler {
namespace {

using nlohmann::json;

const std::filesystem::path kKinds = RELAIS_SOURCE_DIR "/schemas/kinds";

class EachKind : public testing::TestWithParam<std::string> {
protected:
    [[nodiscard]] static std::filesystem::path folder() { return kKinds / GetParam(); }
    [[nodiscard]] static const workflow::Kind& kind() { return kind_named(GetParam()); }
    [[nodiscard]] static forms::FormSchema form(const std::string& name) {
        return forms::FormSchema::load(kind().form(name)->schema).value();
    }
    [[nodiscard]] static json example(const std::string& act) {
        return forms::parse_json(read_file(folder() / "examples" / (act + ".json"))).value();
    }
};

TEST_P(EachKind, FitsWellInItsLimits) {
    const Bytes bundle = compile_kind(folder()).value();
    EXPECT_LT(bundle.size(), limits::kKindBundleBytesMax / 4);
    EXPECT_EQ(kind().name, GetParam());
}

TEST_P(EachKind, EveryActWithAFormHasAnExampleAndNoExampleIsWithoutAct) {
    std::set<std::string> expected;
    for (const workflow::Act& act : kind().acts) {
        if (!act.form.empty()) expected.insert(act.name + ".json");
    }
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder() / "examples")) {
        found.insert(entry.path().filename());
    }
    EXPECT_EQ(found, expected);
}

TEST_P(EachKind, EveryExampleIsEncodedDecodedAndShown) {
    for (const workflow::Act& act : kind().acts) {
        if (act.form.empty()) continue;
        const forms::FormSchema schema = form(act.form);
        const json values = example(act.name);
        forms::Findings findings;
        const auto bytes = forms::encode(schema, values, InsEnvironment::test, findings);
        ASSERT_TRUE(bytes.ok()) << act.name << ": " << bytes.error().describe();
        const auto decoded = forms::decode(schema, *bytes, InsEnvironment::test, findings);
        ASSERT_TRUE(decoded.ok()) << act.name;
        EXPECT_EQ(*decoded, values) << act.name;
        EXPECT_TRUE(findings.empty()) << act.name << ": " << findings[0].path;
        const std::string text = forms::render_text(schema, *decoded);
        for (const auto& [name, value] : values.items()) {
            const auto& fields = schema.root().fields;
            const auto field = std::ranges::find(fields, name, &forms::Field::name);
            EXPECT_NE(text.find("  " + field->label), std::string::npos) << act.name << " " << name;
        }
    }
}

TEST_P(EachKind, EveryFieldSaysHowToAnswer) {
    for (const workflow::Form& declared : kind().forms) {
        const forms::FormSchema schema = form(declared.name);
        EXPECT_FALSE(schema.root().help.empty()) << declared.name;
        for (const forms::Field* field : schema.describe()) {
            EXPECT_FALSE(field->help.empty()) << declared.name << " " << field->path;
        }
    }
}

// An example shown as help must be admitted by its own field.
TEST_P(EachKind, TheExamplesOfFieldsAreAdmitted) {
    for (const workflow::Form& declared : kind().forms) {
        const forms::FormSchema schema = form(declared.name);
        for (const forms::Field* field : schema.describe()) {
            if (field->example.empty() || field->trait == forms::Trait::oid) continue;
            const bool text =
                field->type == forms::FieldType::text || field->type == forms::FieldType::choice;
            json value = text ? json(field->example) : json::parse(field->example);
            // The path, as the values must nest: lists hold one item.
            std::string path = field->path;
            json values = value;
            while (!path.empty()) {
                const std::size_t dot = path.rfind('.');
                std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
                const bool list = name.ends_with("[]");
                if (list) name.resize(name.size() - 2);
                json table = json::object();
                table[name] = list ? json::array({values}) : values;
                values = table;
                path = dot == std::string::npos ? "" : path.substr(0, dot);
            }
            forms::Findings findings;
            const auto checked = forms::check(schema, values, InsEnvironment::test, findings);
            std::string where = field->path;
            for (std::size_t at; (at = where.find("[]")) != std::string::npos;) {
                where.replace(at, 2, "[0]");
            }
            for (const forms::Finding& finding : findings) {
                const bool of_field =
                    finding.path == where && finding.code != ErrorCode::identity_refused;
                EXPECT_FALSE(of_field) << declared.name << " " << where << ": " << finding.message;
            }
        }
    }
}

std::vector<std::string> folders() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(kKinds)) {
        if (entry.is_directory()) names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Kinds, EachKind, testing::ValuesIn(folders()),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace relais::compiler
