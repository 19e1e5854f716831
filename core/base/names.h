// names.h: the slugs of the directory and the addresses made of them.
//
//   domain        indre
//   organisation  ch-valmont
//   mailbox       geriatrie.ch-valmont@indre   (a unit's)
//                 ch-valmont@indre             (the organisation's own)
//   group         #alertes.cpts-val@indre      (a list of mailboxes, kept by an organisation)
//
// A slug is 1 to 40 characters of a-z, 0-9 and '-', starting and ending with a letter or digit.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace relais {

// A checked slug. Safe to log: it cannot hold a person's or patient's name by construction of the
// directory, where it is public.
class Name {
public:
    // Errors: invalid_field  not a slug.
    static Result<Name> parse(std::string_view text);

    [[nodiscard]] const std::string& text() const { return text_; }
    auto operator<=>(const Name&) const = default;

private:
    explicit Name(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// The address of a mailbox or of a group, checked.
class Address {
public:
    // Of a mailbox alone. Errors: invalid_field  not of the form [unit.]organisation@domain.
    static Result<Address> parse(std::string_view text);
    // Of a group alone. Errors: invalid_field  not of the form #name.organisation@domain.
    static Result<Address> parse_group(std::string_view text);
    // Of either. Errors: as above.
    static Result<Address> parse_recipient(std::string_view text);
    static Address of(std::string_view unit, const Name& organisation, const Name& domain);
    static Address of_group(const Name& group, const Name& organisation, const Name& domain);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_group() const { return text_.front() == '#'; }
    // Empty for the organisation's own mailbox; the name of a group.
    [[nodiscard]] std::string_view unit() const;
    [[nodiscard]] std::string_view organisation() const;
    [[nodiscard]] std::string_view domain() const;
    auto operator<=>(const Address&) const = default;

private:
    explicit Address(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

[[nodiscard]] bool is_slug(std::string_view text);

// Valid UTF-8, no control character, 1 to `bytes_max` bytes: what a title may be.
[[nodiscard]] bool is_title(std::string_view text, std::size_t bytes_max);
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace relais
