#include "schemas/compiler/form_files.h"

#include <flatbuffers/idl.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "core/base/limits.h"
#include "schemas/compiler/prune.h"
#include "schemas/forms/form_schema.h"

namespace relais::compiler {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kSourceBytesMax = 1 << 20;

std::vector<fs::path> form_sources(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (entry.path().extension() == ".fbs") files.push_back(entry.path());
    }
    // The order of a folder is the file system's: sorted, so that all machines agree.
    std::ranges::sort(files);
    return files;
}

// Without the folder's own place, which is another on each machine.
std::string relative_message(std::string text, const fs::path& folder) {
    const std::string root = folder.parent_path().string() + "/";
    for (std::size_t at = text.find(root); at != std::string::npos; at = text.find(root)) {
        text.erase(at, root.size());
    }
    std::ranges::replace(text, '\n', ' ');
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string::npos ? text : text.substr(first);
}

// The binary schema of a source; nothing where it has no root type.
Result<std::optional<Bytes>> parse(const std::string& source, const fs::path& file,
                                   const fs::path& folder) {
    flatbuffers::IDLOptions options;
    options.binary_schema_comments = true;
    flatbuffers::Parser parser(options);
    const std::string own = folder.string();
    const std::string shared = folder.parent_path().string();
    const char* includes[] = {own.c_str(), shared.c_str(), nullptr};
    if (!parser.Parse(source.c_str(), includes, file.c_str())) {
        return fail(ErrorCode::bad_configuration, relative_message(parser.error_, folder));
    }
    if (parser.root_struct_def_ == nullptr) return std::optional<Bytes>();
    parser.Serialize();
    const ByteView whole(parser.builder_.GetBufferPointer(), parser.builder_.GetSize());
    return std::optional(prune_schema(whole));
}

// Whether whoever fills it must say when something happened, and write who was there.
bool tells(const forms::FormSchema& form) {
    const auto asks = [&](forms::TextFormat format) {
        return std::ranges::any_of(form.root().fields, [&](const forms::Field& field) {
            return field.mandatory && field.type == forms::FieldType::text &&
                   field.format == format;
        });
    };
    return asks(forms::TextFormat::date_time) && asks(forms::TextFormat::line);
}

void add_asked(const forms::Field& field, const std::optional<forms::Condition>& condition,
               std::vector<PublicAsked>& asked) {
    if (!condition) return;
    for (const auto& all : condition->any_all) {
        for (const forms::Term& term : all) {
            if (term.of_public) asked.push_back({field.path, term.path[0], term.values});
        }
    }
}

std::vector<PublicAsked> asked_publics(const forms::FormSchema& form) {
    std::vector<PublicAsked> asked;
    for (const forms::Field* field : form.describe()) {
        add_asked(*field, field->required_if, asked);
        add_asked(*field, field->attention_if, asked);
    }
    return asked;
}

Result<std::optional<FormKnown>> compile_form(const fs::path& file, const fs::path& folder) {
    RELAIS_ASSIGN(const std::string source, read_text(file));
    RELAIS_ASSIGN(std::optional<Bytes> schema, parse(source, file, folder));
    if (!schema) return std::optional<FormKnown>();
    const Result<forms::FormSchema> loaded = forms::FormSchema::load(*schema);
    if (!loaded.ok()) {
        return fail(loaded.code(), file.filename().string() + ": " + loaded.error().detail);
    }
    return std::optional(FormKnown{loaded->name(), loaded->title(), loaded->holds_identity(),
                                   tells(*loaded), asked_publics(*loaded), std::move(*schema)});
}

}  // namespace

Result<std::string> read_text(const fs::path& file) {
    std::error_code problem;
    const std::uintmax_t size = fs::file_size(file, problem);
    if (problem) return fail(ErrorCode::not_found, file.string());
    if (size > kSourceBytesMax) return fail(ErrorCode::too_large, file.string());
    std::ifstream stream(file, std::ios::binary);
    std::string text(size, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(size));
    if (!stream) return fail(ErrorCode::io_failed, file.string());
    return text;
}

Result<std::vector<FormKnown>> compile_forms(const fs::path& folder) {
    std::vector<FormKnown> forms;
    for (const fs::path& file : form_sources(folder)) {
        RELAIS_ASSIGN(std::optional<FormKnown> form, compile_form(file, folder));
        if (form) forms.push_back(std::move(*form));
    }
    if (forms.size() > limits::kKindFormsMax) {
        return fail(ErrorCode::bad_configuration, "too many forms");
    }
    return forms;
}

}  // namespace relais::compiler
