// values.h: what the texts of a CAP message may be, and how lists stand in one. Any bytes may come;
// pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relais::cap {

// What names a message for ever. CAP 1.2, section 3.2.1: sender, identifier and sent together.
struct MessageKey {
    std::string sender;
    std::string identifier;
    std::string sent;  // is_time
    bool operator==(const MessageKey&) const = default;
};

// Valid UTF-8 of characters that XML 1.0 can hold (section 2.2), carriage returns apart: those
// would not come back.
[[nodiscard]] bool is_xml_text(std::string_view text);

// Requires is_xml_text for all that follow, or they are false.
[[nodiscard]] bool is_name(std::string_view text);
[[nodiscard]] bool is_time(std::string_view text);
[[nodiscard]] bool is_language(std::string_view text);
[[nodiscard]] bool is_uri(std::string_view text);
[[nodiscard]] bool is_decimal(std::string_view text);
[[nodiscard]] bool is_integer(std::string_view text);
[[nodiscard]] bool is_polygon(std::string_view text);
[[nodiscard]] bool is_circle(std::string_view text);

// A time with its offset (RFC 3339) as CAP writes it: 'Z' becomes -00:00, a fraction of a second is
// cut off. Nothing where it is not a time.
[[nodiscard]] std::optional<std::string> cap_time(std::string_view text);

// Words in the order they stand; nothing where a quote is not closed or stands inside a word.
[[nodiscard]] std::optional<std::vector<std::string>> split_words(std::string_view text);
// Nothing where a word is empty or has a double quote: CAP has no way to write it.
[[nodiscard]] std::optional<std::string> join_words(const std::vector<std::string>& words);

// Nothing where one is not a triple of a name, a name and a time.
[[nodiscard]] std::optional<std::vector<MessageKey>> split_references(std::string_view text);
// "sender,identifier,sent". Requires names and a time.
[[nodiscard]] std::string key_text(const MessageKey& key);
[[nodiscard]] bool is_key(const MessageKey& key);

// Runs of white space as one space, none at either end: how XML Schema collapses, and how a text of
// one line is kept.
[[nodiscard]] std::string collapsed(std::string_view text);

}  // namespace relais::cap
