// figures.h: what is measured, and how it is told: each figure beside its reference, both taken in
// the same minute, run after run; medians, with the spread; the ratio against what it should reach.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace relais::bench {

// How much is done for a figure.
struct Effort {
    int runs = 5;
    bool quick = false;
    // The usual amount, or the least that still goes every way: for --quick.
    [[nodiscard]] std::size_t of(std::size_t usual, std::size_t least) const {
        return quick ? least : usual;
    }
};

// One run of a figure.
struct Sample {
    double value = 0;
    double reference = 0;
};

// What a target says: of the median ratio of value and reference, or of the value in every run; or
// nothing.
enum class Target : std::uint8_t { ratio_at_least, ratio_at_most, value_at_most, none };

struct Figure {
    std::string name;       // of the row: "submits"
    std::string what;       // "acknowledged submits, each signed alone"
    std::string unit;       // "/s", "ms", "MiB"
    std::string reference;  // "P-256 verifications, both cores"; empty: none
    Target target = Target::none;
    double bound = 0;
    std::vector<Sample> samples{};
    std::string remark{};  // measured with it, or why it is not measured
};

struct Spread {
    double least = 0;
    double median = 0;
    double most = 0;
};
[[nodiscard]] Spread spread_of(std::vector<double> values);
[[nodiscard]] double percentile(std::vector<double> values, double share);

[[nodiscard]] Spread value_of(const Figure& figure);
[[nodiscard]] Spread reference_of(const Figure& figure);
// Of the runs' own ratios.
[[nodiscard]] Spread ratio_of(const Figure& figure);
[[nodiscard]] bool reached(const Figure& figure);

// A row of the table: measures one or several figures together.
struct Row {
    std::string name;
    std::string what;
    std::function<std::vector<Figure>(const Effort&)> measure;
};
// Every row, in the order of docs/performance.md.
[[nodiscard]] const std::vector<Row>& rows();

// To standard error, as work goes on.
void progress(const std::string& text);

[[nodiscard]] std::string as_lines(const std::vector<Figure>& figures);
[[nodiscard]] std::string as_markdown(const std::vector<Figure>& figures);
[[nodiscard]] std::string as_json(const std::vector<Figure>& figures);

}  // namespace relais::bench
