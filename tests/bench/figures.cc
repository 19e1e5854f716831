#include "tests/bench/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace relais::bench {

namespace {

template <typename Take>
Spread over_samples(const Figure& figure, Take take) {
    std::vector<double> values;
    for (const Sample& sample : figure.samples) values.push_back(take(sample));
    return spread_of(std::move(values));
}

// Three significant digits, no more than are known.
std::string number(double value) {
    char text[32];
    const int digits = value == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::fabs(value))));
    std::snprintf(text, sizeof text, "%.*f", std::clamp(2 - digits, 0, 4), value);
    return text;
}

std::string with_spread(const Spread& spread, const std::string& unit) {
    std::string text = number(spread.median) + (unit.starts_with("/") ? "" : " ") + unit;
    if (spread.least != spread.most) {
        text += " (" + number(spread.least) + " to " + number(spread.most) + ")";
    }
    return text;
}

std::string target_text(const Figure& figure) {
    switch (figure.target) {
        case Target::ratio_at_least: return "at least " + number(figure.bound);
        case Target::ratio_at_most: return "at most " + number(figure.bound);
        case Target::value_at_most: return "at most " + number(figure.bound) + " " + figure.unit;
        case Target::none: break;
    }
    return "";
}

std::string verdict(const Figure& figure) {
    if (figure.samples.empty()) return "not measured";
    if (figure.target == Target::none) return "";
    return reached(figure) ? "yes" : "no";
}

struct Cells {
    std::string what, value, reference, ratio, target, verdict;
};

Cells cells_of(const Figure& figure) {
    Cells cells{figure.what, "", "", "", target_text(figure), verdict(figure)};
    if (figure.samples.empty()) return cells;
    cells.value = with_spread(value_of(figure), figure.unit);
    if (!figure.reference.empty()) {
        cells.reference = with_spread(reference_of(figure), figure.unit);
        cells.ratio = with_spread(ratio_of(figure), "");
        while (cells.ratio.find("  ") != std::string::npos) {
            cells.ratio.erase(cells.ratio.find("  "), 1);
        }
    }
    return cells;
}

}  // namespace

Spread spread_of(std::vector<double> values) {
    if (values.empty()) return {};
    std::ranges::sort(values);
    return {values.front(), values[values.size() / 2], values.back()};
}

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

Spread value_of(const Figure& figure) {
    return over_samples(figure, [](const Sample& sample) { return sample.value; });
}
Spread reference_of(const Figure& figure) {
    return over_samples(figure, [](const Sample& sample) { return sample.reference; });
}
Spread ratio_of(const Figure& figure) {
    return over_samples(figure, [](const Sample& sample) {
        return sample.reference == 0 ? 0 : sample.value / sample.reference;
    });
}

bool reached(const Figure& figure) {
    if (figure.samples.empty()) return false;
    switch (figure.target) {
        case Target::ratio_at_least: return ratio_of(figure).median >= figure.bound;
        case Target::ratio_at_most: return ratio_of(figure).median <= figure.bound;
        case Target::value_at_most: return value_of(figure).most <= figure.bound;
        case Target::none: break;
    }
    return true;
}

void progress(const std::string& text) { std::fprintf(stderr, "  %s\n", text.c_str()); }

std::string as_lines(const std::vector<Figure>& figures) {
    std::string text;
    for (const Figure& figure : figures) {
        const Cells cells = cells_of(figure);
        text += figure.name + ": " + cells.what + "\n";
        if (!cells.value.empty()) text += "    value      " + cells.value + "\n";
        if (!cells.reference.empty()) {
            text += "    reference  " + cells.reference + "  " + figure.reference + "\n";
            text += "    ratio      " + cells.ratio + "\n";
        }
        if (!cells.target.empty()) {
            text += "    target     " + cells.target + "; reached: " + cells.verdict + "\n";
        }
        if (!figure.remark.empty()) text += "    " + figure.remark + "\n";
    }
    return text;
}

std::string as_markdown(const std::vector<Figure>& figures) {
    std::string text =
        "| figure | value | reference | ratio | target | reached |\n"
        "| --- | --- | --- | --- | --- | --- |\n";
    for (const Figure& figure : figures) {
        const Cells cells = cells_of(figure);
        const std::string beside =
            cells.reference.empty() ? "" : figure.reference + ": " + cells.reference;
        text += "| **" + figure.name + "** " + cells.what +
                (figure.remark.empty() ? "" : "; " + figure.remark) + " | " + cells.value + " | " +
                beside + " | " + cells.ratio + " | " + cells.target + " | " + cells.verdict +
                " |\n";
    }
    return text;
}

std::string as_json(const std::vector<Figure>& figures) {
    auto all = nlohmann::json::array();
    for (const Figure& figure : figures) {
        auto runs = nlohmann::json::array();
        for (const Sample& sample : figure.samples) {
            runs.push_back({{"value", sample.value}, {"reference", sample.reference}});
        }
        all.push_back({{"name", figure.name},
                       {"what", figure.what},
                       {"unit", figure.unit},
                       {"reference", figure.reference},
                       {"value", value_of(figure).median},
                       {"reference_value", reference_of(figure).median},
                       {"ratio", ratio_of(figure).median},
                       {"target", target_text(figure)},
                       {"reached", verdict(figure)},
                       {"remark", figure.remark},
                       {"runs", runs}});
    }
    return all.dump(2) + "\n";
}

}  // namespace relais::bench
