#include "tools/indicators/present.h"

#include <algorithm>

namespace relais::indicators {

namespace {

constexpr std::size_t kLabelColumns = 58;
constexpr const char* kHidden = "masqué";

// UTF-8 characters, each a column wide.
std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width) {
    return text + std::string(std::max(width, columns(text) + 1) - columns(text), ' ');
}

std::string right(const std::string& text, std::size_t width) {
    const std::size_t used = columns(text);
    return (used < width ? std::string(width - used, ' ') : "") + text;
}

// "42 min", "3 h 10", "2 j 4 h".
std::string duration_text(std::uint64_t minutes) {
    if (minutes < 60) return std::to_string(minutes) + " min";
    const std::uint64_t hours = minutes / 60;
    if (hours >= 48) return std::to_string(hours / 24) + " j " + std::to_string(hours % 24) + " h";
    const std::uint64_t rest = minutes % 60;
    return std::to_string(hours) + " h " + (rest < 10 ? "0" : "") + std::to_string(rest);
}

std::string quantiles_text(const Quantiles& quantiles, Measure measure) {
    std::string text = measure == Measure::reach
                           ? "   la moitié en " + duration_text(quantiles.median)
                           : "   médiane " + duration_text(quantiles.median);
    if (quantiles.p90) text += ", 9 sur 10 en " + duration_text(*quantiles.p90);
    return text;
}

bool is_part(const Figure& figure) {
    return figure.measure == Measure::share || figure.measure == Measure::reach;
}

std::string part_text(const MonthFigure& month) {
    std::string text = " sur " + std::to_string(month.of);
    if (month.of != 0) text += " (" + std::to_string(month.count * 100 / month.of) + " %)";
    return text;
}

std::string total_line(const Figure& figure, const MonthFigure& month) {
    std::string line =
        "  " + padded(figure.label, kLabelColumns) + right(std::to_string(month.count), 8);
    if (is_part(figure)) line += part_text(month);
    if (month.delay) line += quantiles_text(*month.delay, figure.measure);
    return line + "\n";
}

std::string cell_line(const CellFigure& cell) {
    const std::string count = cell.count ? std::to_string(*cell.count) : kHidden;
    std::string line = "      " + padded(cell.label, kLabelColumns - 4) + right(count, 8);
    if (cell.delay) line += quantiles_text(*cell.delay, Measure::delay);
    return line + "\n";
}

std::string heading_end(const MonthFigure& month) {
    if (month.period.month) {
        return month.over ? "\n" : " (mois en cours : totaux seuls, encore provisoires)\n";
    }
    return month.over ? " (totaux seuls)\n" : " (totaux seuls, encore provisoires)\n";
}

std::string month_text(const Report& report, std::size_t place) {
    std::string text;
    std::string kind;
    for (const Figure& figure : report.figures) {
        const MonthFigure& month = figure.months[place];
        if (figure.kind != kind) text += "\n" + figure.kind_title + " (" + figure.kind + ")\n";
        kind = figure.kind;
        text += total_line(figure, month);
        for (const CellFigure& cell : month.cells) text += cell_line(cell);
    }
    return text;
}

}  // namespace

std::string text_of(const Report& report, const std::string& domain) {
    std::string text;
    const std::size_t months = report.figures.empty() ? 0 : report.figures.front().months.size();
    for (std::size_t place = 0; place < months; ++place) {
        const MonthFigure& month = report.figures.front().months[place];
        text += (place == 0 ? "" : "\n") + std::string("Indicateurs du domaine ") + domain + ", " +
                month.period.french();
        text += heading_end(month);
        text += month_text(report, place);
    }
    if (months == 0) text += "Aucun type d'échange ne déclare d'indicateur.\n";
    for (const std::string& note : report.notes) text += "\nAttention : " + note + "\n";
    return text;
}

// ---- CSV

namespace {

// Quoted where it must be, and never read as a formula by a spreadsheet.
std::string field(std::string text) {
    const bool formula = !text.empty() && std::string_view("=+-@\t").find(text[0]) !=  //
                                              std::string_view::npos;
    if (formula) text.insert(0, "'");
    if (text.find_first_of(";\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string row(const std::vector<std::string>& fields) {
    std::string line;
    for (const std::string& each : fields) line += (line.empty() ? "" : ";") + each;
    return line + "\r\n";
}

std::vector<std::string> front(const Figure& figure, const MonthFigure& month) {
    return {month.period.text(), month.over ? "oui" : "non", field(figure.kind), field(figure.name),
            field(figure.label)};
}

std::string csv_row(std::vector<std::string> fields, const std::vector<std::string>& rest,
                    const std::optional<Quantiles>& delay, bool hidden) {
    fields.insert(fields.end(), rest.begin(), rest.end());
    fields.push_back(delay ? std::to_string(delay->median) : "");
    fields.push_back(delay && delay->p90 ? std::to_string(*delay->p90) : "");
    fields.emplace_back(hidden ? "oui" : "non");
    return row(fields);
}

}  // namespace

std::string csv_of(const Report& report) {
    std::string text = row({"mois", "clos", "type", "indicateur", "libelle", "detail_par", "code",
                            "valeur", "nombre", "sur", "mediane_minutes", "p90_minutes", "masque"});
    for (const Figure& figure : report.figures) {
        for (const MonthFigure& month : figure.months) {
            const std::string of = is_part(figure) ? std::to_string(month.of) : "";
            text += csv_row(front(figure, month), {"", "", "", std::to_string(month.count), of},
                            month.delay, false);
            for (const CellFigure& cell : month.cells) {
                const std::string count = cell.count ? std::to_string(*cell.count) : "";
                text += csv_row(front(figure, month),
                                {field(figure.by), field(cell.code), field(cell.label), count, ""},
                                cell.delay, !cell.count);
            }
        }
    }
    return text;
}

// ---- JSON

namespace {

nlohmann::json json_of(const std::optional<Quantiles>& delay) {
    if (!delay) return nullptr;
    return {{"median_minutes", delay->median},
            {"p90_minutes", delay->p90 ? nlohmann::json(*delay->p90) : nlohmann::json(nullptr)}};
}

nlohmann::json json_of(const Figure& figure, const MonthFigure& month) {
    nlohmann::json value = {{"over", month.over}, {"count", month.count}};
    if (month.period.month) {
        value["month"] = month.period.text();
    } else {
        value["from"] = format_day(month.period.first);
        value["until"] = format_day(month.period.last);
    }
    if (is_part(figure)) value["of"] = month.of;
    const bool timed = figure.measure == Measure::delay || figure.measure == Measure::reach;
    if (timed) value["delay"] = json_of(month.delay);
    nlohmann::json cells = nlohmann::json::array();
    for (const CellFigure& cell : month.cells) {
        nlohmann::json each = {
            {"code", cell.code}, {"label", cell.label}, {"hidden", !cell.count.has_value()}};
        each["count"] = cell.count ? nlohmann::json(*cell.count) : nlohmann::json(nullptr);
        if (figure.measure == Measure::delay) each["delay"] = json_of(cell.delay);
        cells.push_back(std::move(each));
    }
    value["cells"] = std::move(cells);
    return value;
}

}  // namespace

nlohmann::json json_of(const Report& report, const std::string& domain) {
    nlohmann::json figures = nlohmann::json::array();
    for (const Figure& figure : report.figures) {
        nlohmann::json months = nlohmann::json::array();
        for (const MonthFigure& month : figure.months) months.push_back(json_of(figure, month));
        figures.push_back({{"kind", figure.kind},
                           {"indicator", figure.name},
                           {"label", figure.label},
                           {"definition", figure.definition},
                           {"measure", measure_name(figure.measure)},
                           {"by", figure.by},
                           {"months", std::move(months)}});
    }
    return {{"domain", domain}, {"indicators", std::move(figures)}, {"notes", report.notes}};
}

}  // namespace relais::indicators
