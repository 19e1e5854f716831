// paper.h: pages of A4 as the bytes of a PDF file: what is to be read, under a header and over a
// number on every page, and a QR code. Nothing touches a disk. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace relais::print {

enum class Style : std::uint8_t {
    title,
    heading,  // never the last on its page
    text,
    alarm,  // in a frame
    small,
};

// One paragraph, broken over as many lines and pages as it needs.
struct Paragraph {
    Style style = Style::text;
    std::string text;
    unsigned depth = 0;  // steps from the margin
};

struct Paper {
    std::string title;   // of the file, as a reader's window shows it: never a patient's name
    std::string header;  // on every page
    std::string mark;    // in a frame on every page; empty: none
    std::string footer;  // on every page, beside "page 1 / 3"
    std::vector<Paragraph> paragraphs;
    std::string code;               // what the QR code says; empty: none
    std::vector<Paragraph> beside;  // the code, on the last page; they fit beside it
};

// UTF-8, whatever of it is not valid or turns the writing direction shown as U+FFFD. The text can
// be selected and searched. Errors: too_large  over 200 pages, or more than a QR code holds;
// not_found  no font on this machine; io_failed  the library failed.
[[nodiscard]] Result<Bytes> pdf_of(const Paper& paper);

}  // namespace relais::print
