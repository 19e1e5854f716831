// indicators_line.cc: the command line of the figures.
#include "tools/admin/line.h"

namespace relais::admin {

void add_indicators(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand(
        "indicators", "Figures of the domain, counted from headers alone, by months or days");
    auto request = std::make_shared<IndicatorsRequest>();
    add_config(*command, line, "Configuration of the broker (TOML); --definitions goes without")
        ->required(false);
    command->add_option("--month", request->period.month,
                        "2026-09, or last (the month before this one, which is the default), or "
                        "current (totals alone)");
    command->add_option("--from", request->period.from,
                        "First month, or the day that begins it: 2026-07 or 2026-07-01");
    command->add_option("--to", request->period.to,
                        "Last month, or the day that ends it: 2026-09 or 2026-09-30");
    command->add_option("--until", request->period.until,
                        "Last day of a period of any days, from --from on: 2026-09-05 (totals "
                        "alone, no shares)");
    command->add_flag("--csv", request->csv, "A table for a spreadsheet, parted by semicolons");
    command->add_flag("--definitions", request->definitions,
                      "What each figure counts, instead of the figures (in French)");
    command->footer(
        "Each kind of exchange declares its own figures; nothing is read but who acted, when, and\n"
        "codes that are public. Breakdowns are of whole months: two periods that overlap would\n"
        "tell, one taken from the other, what happened in between. Totals are always shown. In a\n"
        "breakdown, values under 11 are hidden, and another one where a subtraction would give\n"
        "them away; a median needs 11 cases. Of the current month, and of days (--until), only\n"
        "totals are shown; of days no shares either.\n"
        "\n"
        "--definitions asks no broker: with --config, or RELAIS_CONFIG, they are those of the "
        "domain;\n"
        "without, those of the kinds that are installed with this program.\n"
        "\n"
        "Examples (the others take the configuration from RELAIS_CONFIG):\n"
        "  relais-admin indicators --config /etc/relais/indre.toml\n"
        "  relais-admin indicators --from 2026-07 --to 2026-09 --csv > trimestre.csv\n"
        "  relais-admin indicators --from 2026-11-29 --until 2026-11-29\n"
        "  relais-admin indicators --definitions\n"
        "\n"
        "See docs/operations.md and docs/guide/indicators.md.");
    command->callback([&line, request] {
        line.run = [&line, request]() -> Result<void> {
            if (request->definitions) return define_indicators(line.config, line.output);
            if (line.config.empty()) {
                return fail(ErrorCode::usage, "--config is required, or RELAIS_CONFIG; see --help");
            }
            return with_broker(line,
                               [&](Operator& op) { return indicators(op, *request, line.output); });
        };
    });
}

}  // namespace relais::admin
