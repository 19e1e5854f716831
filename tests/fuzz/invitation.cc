// An invitation that is accepted is written again as an invitation to the same.
#include "schemas/wire/enrolment.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    const auto invitation = parse_invitation(as_text(input));
    if (!invitation.ok()) return false;
    RELAIS_CHECK(invitation->authenticator.size() == 16);
    const Secret token = encode_invitation(*invitation);
    const auto again = parse_invitation(as_text(token.expose()));
    RELAIS_CHECK(again.ok());
    RELAIS_CHECK(again->locator == invitation->locator);
    RELAIS_CHECK(bytes_equal(encode_invitation(*again).expose(), token.expose()));
    return true;
}

}  // namespace relais::fuzz
