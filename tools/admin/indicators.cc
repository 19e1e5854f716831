// indicators.cc: the figures of the domain. The broker is asked first, so that the reading has its
// leaf; then its store is read in one view, on a connection that cannot write. What the figures
// count is told without the broker: it is what the kinds declare.
#include <cstdio>

#include "schemas/compiler/compiler.h"
#include "tools/admin/commands.h"
#include "tools/indicators/present.h"
#include "tools/indicators/read.h"
#include "tools/indicators/tally.h"

namespace relais::admin {

namespace {

using relais::indicators::Report;

void put(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<std::unique_ptr<broker::SqliteStore>> open_to_read(const broker::Config& config) {
    return broker::SqliteStore::open(config.database().string(),
                                     {Database::Mode::read_only, "", ""});
}

// As `cmake --install` puts them: PREFIX/bin, PREFIX/share/relais/kinds.
Result<std::vector<std::filesystem::path>> installed_kinds() {
    std::error_code missing;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", missing);
    const auto kinds = program.parent_path().parent_path() / "share/relais/kinds";
    std::vector<std::filesystem::path> folders;
    for (std::filesystem::directory_iterator each(kinds, missing), end; each != end;
         each.increment(missing)) {
        if (std::filesystem::exists(each->path() / "declaration.toml", missing)) {
            folders.push_back(each->path());
        }
    }
    if (!folders.empty()) return folders;
    return fail(ErrorCode::not_found,
                "no kinds in " + kinds.string() + "; name a domain by --config or RELAIS_CONFIG");
}

Result<Report> declared_by_installed(const std::vector<relais::indicators::Period>& periods,
                                     WallTime now) {
    RELAIS_ASSIGN(auto tally, relais::indicators::Tally::begin(periods, now));
    RELAIS_ASSIGN(const auto folders, installed_kinds());
    for (const std::filesystem::path& folder : folders) {
        RELAIS_ASSIGN(const Bytes bundle, compiler::compile_kind(folder));
        tally.add_kind(bundle);
    }
    std::fprintf(stderr,
                 "relais-admin: of the kinds installed with this program; --config or "
                 "RELAIS_CONFIG gives those of a domain\n");
    return tally.report();
}

Result<Report> declared_in(const std::filesystem::path& config_file,
                           const std::vector<relais::indicators::Period>& periods, WallTime now) {
    RELAIS_ASSIGN(const broker::Config config, broker::read_config(config_file));
    RELAIS_ASSIGN(const auto store, open_to_read(config));
    return relais::indicators::read_figures(*store, periods, now);
}

}  // namespace

Result<void> define_indicators(const std::filesystem::path& config_file, const Output& output) {
    const WallTime now = wall_now();
    RELAIS_ASSIGN(const auto periods, relais::indicators::read_period({}, now));
    RELAIS_ASSIGN(const Report report, config_file.empty()
                                           ? declared_by_installed(periods, now)
                                           : declared_in(config_file, periods, now));
    if (!output.json) put(relais::indicators::definitions_of(report));
    output.result(relais::indicators::definitions_json(report));
    return {};
}

Result<void> indicators(Operator& op, const IndicatorsRequest& request, const Output& output) {
    if (request.csv && output.json) return fail(ErrorCode::usage, "--csv or --json");
    const WallTime now = wall_now();
    RELAIS_ASSIGN(const auto periods, relais::indicators::read_period(request.period, now));
    RELAIS_TRY(op.client().ask(wire::FetchLeaves{wire::LogName::audit, 0}));
    RELAIS_ASSIGN(const auto store, open_to_read(op.config()));
    RELAIS_ASSIGN(const Report report, relais::indicators::read_figures(*store, periods, now));
    const std::string domain = op.config().domain.text();
    output.result(relais::indicators::json_of(report, domain));
    if (output.json) return {};
    put(request.csv ? relais::indicators::csv_of(report)
                    : relais::indicators::text_of(report, domain));
    return {};
}

}  // namespace relais::admin
