// lines.h: what the C2SP text formats share: lines, decimals, hashes. Private to core/merkle.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace relais::merkle {

// Takes a text apart line by line. Views into the text, which outlives it.
class LineReader {
public:
    explicit LineReader(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() const { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }
    // The next line, without its newline. Errors: malformed  no newline left.
    Result<std::string_view> next();

private:
    std::string_view rest_;
};

// ASCII digits without leading zeros, below 2^64. Errors: malformed.
[[nodiscard]] Result<std::uint64_t> parse_decimal(std::string_view text);

// Padded base64 of 32 bytes. Errors: malformed.
[[nodiscard]] Result<Digest> parse_hash(std::string_view text);
[[nodiscard]] std::string hash_text(const Digest& hash);

// UTF-8 without a control character (below U+0020) but newline: what notes are made of.
[[nodiscard]] bool is_note_text(std::string_view text);
// The same without a newline, and not empty.
[[nodiscard]] bool is_note_line(std::string_view text);

}  // namespace relais::merkle
