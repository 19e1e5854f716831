// report.h: figures as they may be published: what suppression hid is not in them. Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/indicators/indicator.h"
#include "tools/indicators/months.h"

namespace relais::indicators {

// In whole minutes, as Delays gives them: within which half, and nine tenths, of what counts were
// over. p90 none: of a reach, fewer acted.
struct Quantiles {
    std::uint64_t median;
    std::optional<std::uint64_t> p90;
};

// One value of a breakdown. `count` none: hidden.
struct CellFigure {
    std::string code;
    std::string label;
    std::optional<std::uint64_t> count;
    std::optional<Quantiles> delay;
};

struct MonthFigure {
    Period period;
    bool over = false;        // not yet: totals alone, and they still grow
    std::uint64_t count = 0;  // cases; share, reach: those that are good
    std::uint64_t of = 0;     // share, reach: all
    // delay, reach: none below kLeastShown that have one; reach: nor where fewer than half acted.
    std::optional<Quantiles> delay{};
    std::vector<CellFigure> cells{};  // empty: no breakdown, or not now
};

struct Figure {
    std::string kind;
    std::string kind_title;
    std::string name;
    std::string label;
    std::string definition;
    Measure measure{};
    std::string by;                     // what the breakdown is by; empty: there is none
    std::vector<MonthFigure> months{};  // of days, one
};

struct Report {
    std::vector<Figure> figures;     // by kind and as it declares them
    std::vector<std::string> notes;  // what could not be counted, in French
};

}  // namespace relais::indicators
