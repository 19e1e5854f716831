// main.cc: relais-bench: what the whole does, each figure beside what the machine itself can do,
// measured within the same minute. Figures, not verdicts: none of them makes it fail.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>

#include "core/files/files.h"
#include "tests/bench/bare.h"
#include "tests/bench/figures.h"
#include "tests/bench/references.h"
#include "tests/process/support/must.h"

namespace {

using namespace relais;

struct Options {
    bench::Effort effort;
    std::vector<std::string> only;
    std::string json;
    bool markdown = false;
    std::string raw_folder;  // of the reference that runs as a process of its own
    int raw_rows = 0;
    bool bare_router = false;
};

std::string names() {
    std::string text = "Rows:\n";
    for (const bench::Row& row : bench::rows()) {
        text += "  " + row.name + std::string(row.name.size() < 14 ? 14 - row.name.size() : 1, ' ') +
                row.what + "\n";
    }
    return text;
}

void run(const Options& options) {
    std::vector<bench::Figure> all;
    for (const bench::Row& row : bench::rows()) {
        const bool wanted =
            options.only.empty() || std::ranges::find(options.only, row.name) != options.only.end();
        if (!wanted) continue;
        bench::progress(row.name + ": " + row.what);
        for (bench::Figure& figure : row.measure(options.effort)) all.push_back(std::move(figure));
    }
    std::cout << (options.markdown ? bench::as_markdown(all) : bench::as_text(all));
    if (options.json.empty()) return;
    test::must(write_file(options.json, as_bytes(bench::as_json(all)), 0644, Replace::yes));
}

// A thousand connections need more descriptors than a shell gives.
void allow_descriptors() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int main(int argc, char** argv) {
    allow_descriptors();
    Options options;
    CLI::App app{"Measures Relais beside what the machine can do (docs/performance.md)."};
    app.footer(names());
    app.add_flag("--quick", options.effort.quick,
                 "One run of the least size: says that everything still runs, not how fast");
    app.add_option("--only", options.only, "Only this row; may be repeated")->type_name("NAME");
    app.add_option("--runs", options.effort.runs, "Runs of each figure")->check(CLI::Range(1, 99));
    app.add_option("--json", options.json, "Also write every run there")->type_name("FILE");
    app.add_flag("--markdown", options.markdown, "The table as in docs/performance.md");
    app.add_option("--raw-sqlite", options.raw_folder)->group("");
    app.add_option("--raw-rows", options.raw_rows)->group("");
    app.add_flag("--bare-router", options.bare_router)->group("");
    CLI11_PARSE(app, argc, argv);
    for (const std::string& name : options.only) {
        if (std::ranges::find(bench::rows(), name, &bench::Row::name) == bench::rows().end()) {
            std::cerr << "relais-bench: no row \"" << name << "\"\n" << names();
            return 2;
        }
    }
    if (options.effort.quick) options.effort.runs = 1;
    try {
        if (options.bare_router) {
            bench::run_bare_router();
        } else if (!options.raw_folder.empty()) {
            std::fprintf(stderr, "rows=%.0f\n",
                         bench::sqlite_rows_per_second(options.raw_folder, options.raw_rows));
        } else {
            run(options);
        }
        return 0;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "relais-bench: %s\n", failure.what());
        return 1;
    }
}
