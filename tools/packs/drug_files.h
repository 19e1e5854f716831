// drug_files.h: the public drug database (BDPM) in the form in which it is published: files without
// a header, tab separated, French dates. What is read of each is the columns named here; more
// columns than these are no fault, fewer are.
//
//     CIS_bdpm.txt            CIS, name, form, routes, authorisation, procedure, state of sale, …
//     CIS_CIP_bdpm.txt        CIS, CIP7, presentation, authorisation, state of sale, date, CIP13, …
//     CIS_CIP_Dispo_Spec.txt  CIS, CIP13 (empty: all), status, its label, since, updated, back,
//     link CIS_MITM.txt            CIS, ATC (may be partial), name, link
#pragma once

#include "schemas/packs/pack.h"
#include "tools/packs/encodings.h"

namespace relais::packs {

inline constexpr const char* kDrugList = "cis";

// The lines of each file, decoded; those of a file that is not there are none.
struct DrugLines {
    std::vector<TextLine> drugs;
    std::vector<TextLine> presentations;
    std::vector<TextLine> availability;
    std::vector<TextLine> major_interest;
};
struct DrugReports {
    FileReport& drugs;
    FileReport& presentations;
    FileReport& availability;
    FileReport& major_interest;
};

// The lists "cis" and "cip13"; the second only where there are presentations. A line that cannot be
// used (too few fields, a code that is none, one of a drug that is not there, a status that is not
// known, a date that is none, a second line for a code that says something else) is broken.
[[nodiscard]] std::vector<FilledList> drug_lists(const DrugLines& lines, DrugReports reports);

// "02/12/2026" as "2026-12-02"; empty where it is no day.
[[nodiscard]] std::string iso_day(std::string_view french);

}  // namespace relais::packs
