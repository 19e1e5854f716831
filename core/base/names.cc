#include "core/base/names.h"

#include <algorithm>

#include "core/base/limits.h"

namespace relais {

namespace {

bool is_slug_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

// Length of the well-formed UTF-8 sequence at the front of `text` (RFC 3629); 0 where there is
// none.
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

bool is_slug(std::string_view text) {
    return !text.empty() && text.size() <= limits::kNameBytesMax && text.front() != '-' &&
           text.back() != '-' && std::ranges::all_of(text, is_slug_character);
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool is_title(std::string_view text, std::size_t bytes_max) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    return !text.empty() && text.size() <= bytes_max && !std::ranges::any_of(text, control) &&
           is_utf8(text);
}

Result<Name> Name::parse(std::string_view text) {
    if (!is_slug(text)) {
        return fail(ErrorCode::invalid_field,
                    "a name is 1 to 40 characters of a-z, 0-9 and '-', not '-' at an end");
    }
    return Name(std::string(text));
}

namespace {

// Whether the text is local@domain, and the local part a slug, or two with a dot between.
bool is_address(std::string_view text, bool two) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || text.size() > limits::kAddressBytesMax) return false;
    const std::string_view local = text.substr(0, at);
    const std::size_t dot = local.find('.');
    const bool one = dot == std::string_view::npos;
    if (one ? two : !is_slug(local.substr(0, dot))) return false;
    return is_slug(one ? local : local.substr(dot + 1)) && is_slug(text.substr(at + 1));
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
    if (!is_address(text, false)) {
        return fail(ErrorCode::invalid_field,
                    "a mailbox is written unit.organisation@domain or organisation@domain");
    }
    return Address(std::string(text));
}

Result<Address> Address::parse_group(std::string_view text) {
    if (!text.starts_with('#') || !is_address(text.substr(1), true)) {
        return fail(ErrorCode::invalid_field, "a group is written #name.organisation@domain");
    }
    return Address(std::string(text));
}

Result<Address> Address::parse_recipient(std::string_view text) {
    return text.starts_with('#') ? parse_group(text) : parse(text);
}

Address Address::of(std::string_view unit, const Name& organisation, const Name& domain) {
    RELAIS_CHECK(unit.empty() || is_slug(unit));
    std::string text;
    if (!unit.empty()) text.append(unit).append(".");
    text.append(organisation.text()).append("@").append(domain.text());
    return Address(std::move(text));
}

Address Address::of_group(const Name& group, const Name& organisation, const Name& domain) {
    return Address("#" + group.text() + "." + organisation.text() + "@" + domain.text());
}

std::string_view Address::unit() const {
    const std::string_view all = std::string_view(text_).substr(is_group() ? 1 : 0);
    const std::size_t dot = all.find('.');
    return dot == std::string_view::npos ? std::string_view{} : all.substr(0, dot);
}

std::string_view Address::organisation() const {
    const std::string_view all = text_;
    const std::size_t dot = all.find('.');
    const std::size_t start = dot == std::string_view::npos ? 0 : dot + 1;
    return all.substr(start, all.find('@') - start);
}

std::string_view Address::domain() const {
    const std::string_view all = text_;
    return all.substr(all.find('@') + 1);
}

}  // namespace relais
