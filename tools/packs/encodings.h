// encodings.h: the lines of a file whose encoding nobody declared, as UTF-8. The national files mix
// UTF-8, Windows-1252 and ISO-8859-15, from file to file and within one. Pure.
//
// A line that is valid UTF-8 is UTF-8: another text is that by chance only where it is ASCII. Of
// the others, a byte from 0x80 to 0x9F, which is a control in ISO-8859 and a sign in Windows-1252,
// decides for all of the file that are not UTF-8.
#pragma once

#include "core/base/bytes.h"
#include "tools/packs/report.h"

namespace relais::packs {

struct TextLine {
    std::size_t number = 0;  // from 1
    std::string text;        // UTF-8, without its end
};

// Empty lines are passed over. What is no text is a broken line of the report: a byte that its
// encoding does not have, a control character, a last line without an end (the file was cut).
[[nodiscard]] std::vector<TextLine> decode_lines(ByteView file, FileReport& report);

}  // namespace relais::packs
