// error.h: the codes of every error that can cross a module border, one table (errors.def), and
// the Error value. Numbers are stable: they travel on the wire, stand in audit leaves and scripts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace relais {

// Whether the same request can succeed later without being changed.
enum class Retry : std::uint8_t {
    never,   // final: the same bytes will be refused again, and the refusal is remembered
    later,   // a condition that passes: send the same bytes again after a delay
    remade,  // send the same message again after the named repair (seal again, synchronise first)
};

enum class ErrorCode : std::uint16_t {
    ok = 0,
#define RELAIS_ERROR(number, name, retry, exit_code, english, french, next_step) name = number,
#include "core/base/errors.def"
#undef RELAIS_ERROR
};

// One row of the table.
struct ErrorInfo {
    ErrorCode code;
    std::string_view name;  // stable identifier, as in "counter_reused"
    Retry retry;
    int exit_code;               // of the command line (docs/operations.md)
    std::string_view english;    // what the operator reads
    std::string_view french;     // what the professional reads
    std::string_view next_step;  // French: what to do now
};

// The row of `code`; the row of `internal` for a number this version does not know.
[[nodiscard]] const ErrorInfo& error_info(ErrorCode code);
[[nodiscard]] std::string_view error_name(ErrorCode code);
// The code with that wire number; `internal` where the number is unknown.
[[nodiscard]] ErrorCode error_from_number(std::uint16_t number);
// All rows, by number.
[[nodiscard]] std::span<const ErrorInfo> error_table();

// `detail` says which field, line, file or object: it is shown and logged, so it never holds
// content, a secret, or a patient's data.
struct Error {
    ErrorCode code;
    std::string detail;
    const char* file;  // where it arose; builtins, since clang 14 has no std::source_location
    int line;

    // "counter_reused: mailbox geriatrie.ch-valmont@indre"
    [[nodiscard]] std::string describe() const;
};

[[nodiscard]] inline Error fail(ErrorCode code, std::string detail = {},
                                const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return Error{code, std::move(detail), file, line};
}

}  // namespace relais
