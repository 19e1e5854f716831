// Notices of the broker and statements of stations and persons: each that is accepted says the same
// when it is written again. One input is offered to every reader: they share a transport, and none
// may trust another's check.
#include "schemas/envelope/statements.h"

#include "schemas/envelope/notice.h"
#include "tests/fuzz/target.h"
#include "tests/support/members.h"

namespace relais::fuzz {

namespace {

template <typename Parse, typename Encode>
bool accepted_by(ByteView input, Parse parse, Encode encode) {
    const auto value = parse(input);
    if (!value.ok()) return false;
    const Bytes bytes = encode(*value);
    const auto again = parse(bytes);
    RELAIS_CHECK(again.ok() && test::same(*again, *value) && encode(*again) == bytes);
    return true;
}

}  // namespace

bool accepts(ByteView input) {
    const bool notice = accepted_by(input, parse_notice, encode_notice);
    const bool statement = accepted_by(input, parse_statement, encode_statement);
    const bool delivered = accepted_by(input, parse_delivered, encode_delivered);
    const bool opened = accepted_by(input, parse_opened, encode_opened);
    const bool mark = accepted_by(input, parse_mark, encode_mark);
    const bool day = accepted_by(input, parse_day, encode_day);
    return notice || statement || delivered || opened || mark || day;
}

}  // namespace relais::fuzz
