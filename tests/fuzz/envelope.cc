// An envelope that is accepted has a box for its sender, each mailbox among its recipients and
// whichever members of its groups it says, the digest of its header's very bytes, and can be
// written and read again as the same.
#include "schemas/envelope/envelope.h"

#include <algorithm>

#include "core/base/limits.h"
#include "tests/fuzz/target.h"
#include "tests/support/members.h"

namespace relais::fuzz {

namespace {

// Members of groups have theirs after all others: by rising address, each once, none of those that
// are addressed otherwise, and none where there is no group.
void check_boxes(const Envelope& envelope) {
    const Header& header = envelope.header();
    const auto boxes = envelope.boxes();
    const auto mailboxes = header.mailboxes();
    const std::size_t named = mailboxes.size() + 1;
    RELAIS_CHECK(mailboxes.size() + header.groups().size() == header.to.size());
    RELAIS_CHECK(boxes.size() >= named && boxes.size() <= named + limits::kGroupReadersMax);
    RELAIS_CHECK(boxes.size() == named || !header.groups().empty());
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        RELAIS_CHECK(boxes[i].position == i);
        const Address& meant = envelope.mailbox_at(i);
        RELAIS_CHECK(!meant.is_group());
        RELAIS_CHECK(boxes[i].mailbox.has_value() == (i >= named));
        if (i < named) RELAIS_CHECK(meant == (i == 0 ? header.from : mailboxes[i - 1].mailbox));
        if (i < named) continue;
        RELAIS_CHECK(meant == *boxes[i].mailbox && meant != header.from);
        RELAIS_CHECK(i == named || envelope.mailbox_at(i - 1) < meant);
        RELAIS_CHECK(std::ranges::find(mailboxes, meant, &Recipient::mailbox) == mailboxes.end());
    }
    for (const Recipient& group : header.groups()) RELAIS_CHECK(group.mailbox.is_group());
}

}  // namespace

bool accepts(ByteView input) {
    const auto envelope = Envelope::parse(to_bytes(input));
    if (!envelope.ok()) return false;
    const Header& header = envelope->header();
    RELAIS_CHECK(envelope->digest() == header_digest(envelope->header_bytes()));
    RELAIS_CHECK(envelope->content().size() == header.content_bytes + kContentTagBytes);
    check_boxes(*envelope);
    const auto header_again = parse_header(encode_header(header));
    RELAIS_CHECK(header_again.ok() && test::same(*header_again, header));

    const auto again = Envelope::parse(encode_envelope(
        envelope->signed_header(), envelope->content(), envelope->boxes(), envelope->chunks()));
    RELAIS_CHECK(again.ok() && again->digest() == envelope->digest());
    RELAIS_CHECK(test::same(again->signature(), envelope->signature()));
    RELAIS_CHECK(bytes_equal(again->content(), envelope->content()));
    RELAIS_CHECK(again->boxes().size() == envelope->boxes().size());
    for (std::size_t i = 0; i < envelope->boxes().size(); ++i) {
        RELAIS_CHECK(test::same(again->boxes()[i], envelope->boxes()[i]));
    }
    return true;
}

}  // namespace relais::fuzz
