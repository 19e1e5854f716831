#include "core/merkle/lines.h"

#include <algorithm>
#include <charconv>

#include "core/base/names.h"
#include "core/codecs/codecs.h"

namespace relais::merkle {

Result<std::string_view> LineReader::next() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) return fail(ErrorCode::malformed, "line without an end");
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
}

Result<std::uint64_t> parse_decimal(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    const bool canonical = text == "0" || !text.starts_with('0');
    if (!whole || !canonical) return fail(ErrorCode::malformed, "not a canonical decimal number");
    return value;
}

Result<Digest> parse_hash(std::string_view text) {
    RELAIS_ASSIGN(const Bytes bytes, parse_base64(text));
    if (bytes.size() != Digest::kSize) return fail(ErrorCode::malformed, "a hash is 32 bytes");
    return Digest::from(bytes);
}

std::string hash_text(const Digest& hash) { return base64(hash.view()); }

bool is_note_text(std::string_view text) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; };
    return std::ranges::none_of(text, control) && is_utf8(text);
}

bool is_note_line(std::string_view text) {
    return !text.empty() && text.find('\n') == std::string_view::npos && is_note_text(text);
}

}  // namespace relais::merkle
