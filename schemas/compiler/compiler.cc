#include "schemas/compiler/compiler.h"

#include "core/base/limits.h"
#include "schemas/compiler/declaration.h"
#include "schemas/compiler/form_files.h"
#include "schemas/forms/form_schema.h"
#include "schemas/indicators/indicator.h"
#include "schemas/references/references.h"
#include "schemas/workflow/kind.h"

namespace relais::compiler {

namespace {

Result<void> check_references(ByteView bundle, const workflow::Kind& kind) {
    RELAIS_ASSIGN(const auto all, references::load_references(bundle, kind));
    const auto form_named = [&](const std::string& name) {
        return forms::FormSchema::load(kind.form(name)->schema);
    };
    for (const references::Watch& watch : all.watches) {
        RELAIS_ASSIGN(const auto form, form_named(watch.form));
        RELAIS_TRY(references::check_watch(watch, form));
    }
    for (const references::Listed& listed : all.listed) {
        RELAIS_ASSIGN(const auto form, form_named(kind.acts[listed.act].form));
        RELAIS_TRY(references::check_listed(listed, form));
    }
    return {};
}

// The same rules as those of every broker and station that will load it: what is published can be
// used.
Result<void> check_loads(ByteView bundle) {
    const auto wrong = [](const Error& error) {
        return fail(ErrorCode::bad_configuration, "declaration.toml:1: kind: " + error.detail);
    };
    const Result<workflow::Kind> loaded = workflow::Kind::load(bundle);
    if (!loaded.ok()) return wrong(loaded.error());
    const auto indicators = indicators::load_indicators(bundle, *loaded);
    if (!indicators.ok()) return wrong(indicators.error());
    const auto checked = check_references(bundle, *loaded);
    if (!checked.ok()) return wrong(checked.error());
    return {};
}

}  // namespace

Result<Bytes> compile_kind(const std::filesystem::path& folder) {
    std::error_code problem;
    const std::filesystem::path place = std::filesystem::canonical(folder, problem);
    if (problem) return fail(ErrorCode::not_found, folder.string());
    RELAIS_ASSIGN(const std::string text, read_text(place / "declaration.toml"));
    RELAIS_ASSIGN(std::vector<FormKnown> forms, compile_forms(place));
    RELAIS_ASSIGN(const fb::KindBundleT bundle, read_declaration(text, std::move(forms)));
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(fb::KindBundle::Pack(builder, &bundle));
    const ByteView bytes(builder.GetBufferPointer(), builder.GetSize());
    if (bytes.size() > limits::kKindBundleBytesMax) {
        return fail(ErrorCode::too_large, "bundle of kind " + bundle.name);
    }
    RELAIS_TRY(check_loads(bytes));
    return to_bytes(bytes);
}

}  // namespace relais::compiler
