// dictionary.h: the elements of a CAP 1.2 message, in the order of its schema: how often each may
// stand, and what it may hold. Source: OASIS, Common Alerting Protocol 1.2 (1 July 2010), section
// 3.2, and its errata. Reading and writing both walk it; nothing else says what CAP is. Constant.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace relais::cap {

inline constexpr std::string_view kNamespace = "urn:oasis:names:tc:emergency:cap:1.2";

enum class Type : std::uint8_t {
    text,
    name,        // no space, comma, '<' or '&': sender and identifier
    time,        // 2026-11-22T14:30:00+01:00; never 'Z'
    choice,      // of Rule::choices, letter by letter
    language,    // RFC 3066
    uri,         // xs:anyURI
    decimal,     // xs:decimal
    integer,     // xs:integer
    polygon,     // "lat,lon lat,lon ...", four at least, the last being the first
    circle,      // "lat,lon radius", in kilometres
    references,  // "sender,identifier,sent", separated by spaces
    words,       // separated by spaces; one that has spaces stands in double quotes
    group,       // of Rule::parts
};

struct Rule {
    std::string_view name;
    Type type = Type::text;
    bool mandatory = false;
    bool repeated = false;
    std::span<const std::string_view> choices{};
    const Rule* first_part = nullptr;
    std::size_t part_count = 0;

    [[nodiscard]] std::span<const Rule> parts() const { return {first_part, part_count}; }
};

// The element `alert`.
[[nodiscard]] const Rule& alert_rule();

// What is wrong with the text of an element, in French; empty: nothing. Requires no group.
[[nodiscard]] std::string objection(const Rule& rule, std::string_view text);

}  // namespace relais::cap
