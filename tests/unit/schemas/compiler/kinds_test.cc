// Every kind of schemas/kinds: it compiles and loads, its examples pass through its forms, its
// forms say how to fill them, and nothing of them is published. Whoever adds a folder adds nothing
// here.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "tests/unit/schemas/compiler/compiled_kind.h"

namespace relais::compiler {

using nlohmann::json;

void expect_mandatory(const CompiledKind& of, const std::string& act,
                      const std::vector<std::string>& paths) {
    const forms::FormSchema schema = of.form_of(act);
    for (const std::string& path : paths) {
        json values = of.example(act);
        values[json::json_pointer(path)] = nullptr;
        forms::Findings findings;
        EXPECT_FALSE(forms::check(schema, values, InsEnvironment::test, findings).ok())
            << act << path;
        std::string dotted = path.substr(1);
        std::ranges::replace(dotted, '/', '.');
        const bool said = std::ranges::any_of(findings, [&](const forms::Finding& finding) {
            return finding.path == dotted && finding.code == ErrorCode::missing_field;
        });
        EXPECT_TRUE(said) << act << path;
    }
}

void expect_part(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

namespace {

class EveryKind : public testing::TestWithParam<std::string> {
protected:
    const CompiledKind& of = CompiledKind::of(GetParam());
    const workflow::Kind& kind = of.kind;
};

TEST_P(EveryKind, IsNamedAsItsFolderAndFitsWellInItsLimits) {
    EXPECT_EQ(kind.name, GetParam());
    EXPECT_LT(of.bytes.size(), limits::kKindBundleBytesMax / 3) << of.bytes.size();
}

TEST_P(EveryKind, EveryActWithAFormHasAnExampleAndNoExampleIsWithoutAct) {
    std::set<std::string> expected;
    for (const workflow::Act& act : kind.acts) {
        if (!act.form.empty()) expected.insert(act.name + ".json");
    }
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(of.folder / "examples")) {
        found.insert(entry.path().filename());
    }
    EXPECT_EQ(found, expected);
}

TEST_P(EveryKind, EveryExampleIsEncodedDecodedAndShown) {
    for (const workflow::Act& act : kind.acts) {
        if (act.form.empty()) continue;
        const forms::FormSchema schema = of.form(act.form);
        const json values = of.example(act.name);
        forms::Findings findings;
        const auto bytes = forms::encode(schema, values, InsEnvironment::test, findings);
        ASSERT_TRUE(bytes.ok()) << act.name << ": " << bytes.error().describe() << " "
                                << (findings.empty() ? "" : findings[0].path);
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

TEST_P(EveryKind, EveryFieldSaysHowToAnswer) {
    for (const workflow::Form& declared : kind.forms) {
        const forms::FormSchema schema = of.form(declared.name);
        EXPECT_FALSE(schema.root().help.empty()) << declared.name;
        for (const forms::Field* field : schema.describe()) {
            EXPECT_FALSE(field->help.empty()) << declared.name << " " << field->path;
        }
    }
}

// `value` where `path` says, alone: lists hold one item.
json nested(std::string path, json value) {
    while (!path.empty()) {
        const std::size_t dot = path.rfind('.');
        std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
        const bool list = name.ends_with("[]");
        if (list) name.resize(name.size() - 2);
        json table = json::object();
        table[name] = list ? json::array({value}) : value;
        value = table;
        path = dot == std::string::npos ? "" : path.substr(0, dot);
    }
    return value;
}

std::string first_items(std::string path) {
    for (std::size_t at; (at = path.find("[]")) != std::string::npos;) path.replace(at, 2, "[0]");
    return path;
}

// An example shown as help must be admitted by its own field.
TEST_P(EveryKind, TheExamplesOfFieldsAreAdmitted) {
    for (const workflow::Form& declared : kind.forms) {
        const forms::FormSchema schema = of.form(declared.name);
        for (const forms::Field* field : schema.describe()) {
            if (field->example.empty() || field->trait == forms::Trait::oid) continue;
            const bool text =
                field->type == forms::FieldType::text || field->type == forms::FieldType::choice;
            const json value = text ? json(field->example) : json::parse(field->example);
            forms::Findings findings;
            const auto checked =
                forms::check(schema, nested(field->path, value), InsEnvironment::test, findings);
            const std::string where = first_items(field->path);
            for (const forms::Finding& finding : findings) {
                // Alone, a field with a condition is out of its place: the value is not at fault.
                const bool out_of_place = finding.message.starts_with("Champ à laisser vide");
                const bool of_field = finding.path == where && !out_of_place &&
                                      finding.code != ErrorCode::identity_refused;
                EXPECT_FALSE(of_field) << declared.name << " " << where << ": " << finding.message;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKind, testing::ValuesIn(CompiledKind::names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace relais::compiler
