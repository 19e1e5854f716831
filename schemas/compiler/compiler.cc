#include "schemas/compiler/compiler.h"

#include "core/base/limits.h"
#include "schemas/compiler/declaration.h"
#include "schemas/compiler/form_files.h"
#include "schemas/indicators/indicator.h"
#include "schemas/workflow/kind.h"

namespace relais::compiler {

namespace {

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
