// stock_tools.h: a PDF file as other people's programs read it: its text (pdftotext), its QR codes
// (pdftoppm, zbarimg). tools/setup installs them.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace relais::print::test {

// The text of each page, its lines as they stand, of a file that these tools accept.
[[nodiscard]] std::vector<std::string> pages_of(ByteView pdf);
// What the codes of the file say, a line each.
[[nodiscard]] std::string codes_of(ByteView pdf);

// Without any white space, for what may be broken anywhere.
[[nodiscard]] std::string packed(const std::string& text);
// Its words, one space between.
[[nodiscard]] std::string spaced(const std::string& text);

}  // namespace relais::print::test
