#include "core/base/error.h"

#include <algorithm>

namespace relais {

namespace {

constexpr ErrorInfo kTable[] = {
    {ErrorCode::ok, "ok", Retry::never, 0, "success", "Fait.", ""},
#define RELAIS_ERROR(number, name, retry, exit_code, english, french, next_step) \
    {ErrorCode::name, #name, Retry::retry, exit_code, english, french, next_step},
#include "core/base/errors.def"
#undef RELAIS_ERROR
};

constexpr bool sorted() {
    return std::ranges::is_sorted(kTable, std::less_equal{}, &ErrorInfo::code);
}
static_assert(sorted(), "errors.def is ordered by number, each number once");

const ErrorInfo* find(ErrorCode code) {
    const auto* row = std::ranges::lower_bound(kTable, code, {}, &ErrorInfo::code);
    return row != std::end(kTable) && row->code == code ? row : nullptr;
}

}  // namespace

const ErrorInfo& error_info(ErrorCode code) {
    const ErrorInfo* row = find(code);
    return row != nullptr ? *row : *find(ErrorCode::internal);
}

std::string_view error_name(ErrorCode code) { return error_info(code).name; }

ErrorCode error_from_number(std::uint16_t number) {
    return error_info(static_cast<ErrorCode>(number)).code;
}

std::span<const ErrorInfo> error_table() { return kTable; }

std::string Error::describe() const {
    std::string text(error_name(code));
    if (!detail.empty()) {
        text += ": ";
        text += detail;
    }
    return text;
}

}  // namespace relais
