// An envelope that is accepted has a box for its sender and each recipient, the digest of its
// header's very bytes, and can be written and read again as the same.
#include "schemas/envelope/envelope.h"

#include "core/base/limits.h"
#include "tests/fuzz/target.h"
#include "tests/support/members.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    const auto envelope = Envelope::parse(to_bytes(input));
    if (!envelope.ok()) return false;
    const Header& header = envelope->header();
    RELAIS_CHECK(envelope->digest() == header_digest(envelope->header_bytes()));
    RELAIS_CHECK(envelope->boxes().size() == header.to.size() + 1);
    RELAIS_CHECK(envelope->content().size() == header.content_bytes + kContentTagBytes);
    for (std::size_t i = 0; i < envelope->boxes().size(); ++i) {
        const std::uint16_t position = envelope->boxes()[i].position;
        RELAIS_CHECK(position == i);
        const Address& meant = i == 0 ? header.from : header.to[i - 1].mailbox;
        RELAIS_CHECK(envelope->mailbox_at(position) == meant);
    }
    const auto header_again = parse_header(encode_header(header));
    RELAIS_CHECK(header_again.ok() && test::same(*header_again, header));

    const auto again = Envelope::parse(encode_envelope(
        envelope->signed_header(), envelope->content(), envelope->boxes(), envelope->chunks()));
    RELAIS_CHECK(again.ok() && again->digest() == envelope->digest());
    RELAIS_CHECK(test::same(again->signature(), envelope->signature()));
    RELAIS_CHECK(bytes_equal(again->content(), envelope->content()));
    for (std::size_t i = 0; i < envelope->boxes().size(); ++i) {
        RELAIS_CHECK(test::same(again->boxes()[i], envelope->boxes()[i]));
    }
    return true;
}

}  // namespace relais::fuzz
