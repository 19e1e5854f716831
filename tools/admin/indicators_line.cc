// indicators_line.cc: the command line of the figures.
#include "tools/admin/line.h"

namespace relais::admin {

void add_indicators(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand(
        "indicators", "Figures of the domain, counted from headers alone, month by month");
    auto request = std::make_shared<IndicatorsRequest>();
    add_config(*command, line);
    command->add_option("--month", request->period.month,
                        "2026-09, or last (the month before this one, which is the default), or "
                        "current (totals alone)");
    command->add_option("--from", request->period.from,
                        "First month, or the day that begins it: 2026-07 or 2026-07-01");
    command->add_option("--to", request->period.to,
                        "Last month, or the day that ends it: 2026-09 or 2026-09-30");
    command->add_flag("--csv", request->csv, "A table for a spreadsheet, parted by semicolons");
    command->add_flag("--definitions", request->definitions,
                      "What each figure counts, instead of the figures (in French)");
    command->footer(
        "Each kind of exchange declares its own figures; nothing is read but who acted, when, and\n"
        "codes that are public. A figure is of whole months: two periods that overlap would tell,\n"
        "one taken from the other, what happened in between. Totals are always shown. In a\n"
        "breakdown, values under 11 are hidden, and another one where a subtraction would give\n"
        "them away; a median needs 11 cases. Of the current month only totals are shown.\n"
        "\n"
        "Examples:\n"
        "  relais-admin indicators --config /etc/relais/indre.toml\n"
        "  relais-admin indicators --from 2026-07 --to 2026-09 --csv > trimestre.csv\n"
        "  relais-admin indicators --definitions\n"
        "\n"
        "See docs/operations.md and docs/guide/indicators.md.");
    command->callback([&line, request] {
        line.run = [&line, request] {
            return with_broker(line,
                               [&](Operator& op) { return indicators(op, *request, line.output); });
        };
    });
}

}  // namespace relais::admin
