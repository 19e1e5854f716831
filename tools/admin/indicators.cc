// indicators.cc: the figures of the domain. The broker is asked first, so that the reading has its
// leaf; then its store is read in one view, on a connection that cannot write.
#include <cstdio>

#include "tools/admin/commands.h"
#include "tools/indicators/present.h"
#include "tools/indicators/read.h"

namespace relais::admin {

Result<void> indicators(Operator& op, const IndicatorsRequest& request, const Output& output) {
    if (request.csv && output.json) return fail(ErrorCode::usage, "--csv or --json");
    const WallTime now = wall_now();
    RELAIS_ASSIGN(const auto periods, relais::indicators::read_period(request.period, now));
    RELAIS_TRY(op.client().ask(wire::FetchLeaves{wire::LogName::audit, 0}));
    RELAIS_ASSIGN(const auto store, broker::SqliteStore::open(op.config().database().string(),
                                                              {Database::Mode::read_only, "", ""}));
    RELAIS_ASSIGN(const relais::indicators::Report report,
                  relais::indicators::read_figures(*store, periods, now));
    const std::string domain = op.config().domain.text();
    output.result(relais::indicators::json_of(report, domain));
    if (output.json) return {};
    std::string text;
    if (request.definitions) {
        text = relais::indicators::definitions_of(report);
    } else {
        text = request.csv ? relais::indicators::csv_of(report)
                           : relais::indicators::text_of(report, domain);
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
}

}  // namespace relais::admin
