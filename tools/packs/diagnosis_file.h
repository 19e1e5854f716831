// diagnosis_file.h: a list of ICD-10 (CIM-10) codes as a CSV file (RFC 4180): a first line that
// names the columns `code` and `label` (or `libelle`), among others or alone; the separator is the
// one of ';', ',' and tab that this line has. Quoted fields hold separators, not line ends.
#pragma once

#include "schemas/packs/pack.h"
#include "tools/packs/encodings.h"

namespace relais::packs {

// The list "icd10". A line that cannot be used (another number of fields than the first line, a
// code that is none, no label, a second line for a code that says something else) is broken; a
// first line that names no such columns too, and then nothing is read.
[[nodiscard]] FilledList diagnosis_list(const std::vector<TextLine>& lines, FileReport& report);

}  // namespace relais::packs
