#include "schemas/forms/forms.h"

#include <iterator>
#include <nlohmann/json.hpp>

#include "core/base/limits.h"
#include "schemas/forms/checker.h"
#include "schemas/forms/reader.h"
#include "schemas/forms/writer.h"

namespace relais::forms {

namespace {

using nlohmann::json;

// The path of the finding as an error may show it: without the name of an unknown member, which is
// not ours and may be anything.
std::string path_to_log(const Finding& finding) {
    if (finding.code != ErrorCode::unknown_field) return finding.path;
    const std::size_t dot = finding.path.rfind('.');
    return dot == std::string::npos ? std::string() : finding.path.substr(0, dot);
}

// Moves `found` to the end of `findings`. Errors: the first of them that is one.
Result<void> deliver(Findings found, Findings& findings) {
    Result<void> result;
    if (const Finding* first = first_error(found)) result = fail(first->code, path_to_log(*first));
    findings.insert(findings.end(), std::make_move_iterator(found.begin()),
                    std::make_move_iterator(found.end()));
    return result;
}

}  // namespace

Result<json> check(const FormSchema& schema, const json& values, const Context& context,
                   Findings& findings) {
    Findings found;
    json checked = check_values(schema.root(), values, context, found);
    RELAIS_TRY(deliver(std::move(found), findings));
    return checked;
}

Result<Bytes> encode(const FormSchema& schema, const json& values, const Context& context,
                     Findings& findings) {
    RELAIS_ASSIGN(const json checked, check(schema, values, context, findings));
    // As its readers will find it: they refuse what is not whole.
    Findings read;
    if (!check(schema, checked, context, read).ok()) RELAIS_TRY(deliver(std::move(read), findings));
    Bytes bytes = write_values(schema.root(), checked);
    if (bytes.size() > limits::kFormBytesMax) return fail(ErrorCode::too_large, "form");
    return bytes;
}

Result<json> decode(const FormSchema& schema, ByteView bytes, const Context& context,
                    Findings& findings) {
    if (bytes.size() > limits::kFormBytesMax) return fail(ErrorCode::too_large, "form");
    RELAIS_ASSIGN(const json values, read_values(schema.root(), bytes, findings));
    Result<json> checked = check(schema, values, context, findings);
    if (!checked.ok()) return fail(ErrorCode::form_invalid, checked.error().detail);
    return checked;
}

}  // namespace relais::forms
