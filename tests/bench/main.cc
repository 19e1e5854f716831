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
    std::string bare_folder;
};

std::string names() {
    std::string text = "Rows:\n";
    for (const bench::Row& row : bench::rows()) {
        text += "  " + row.name +
                std::string(row.name.size() < 14 ? 14 - row.name.size() : 1, ' ') + row.what + "\n";
    }
    return text;
}

// What a row gave. One that fails says so in its place: the others are not lost with it.
std::vector<bench::Figure> figures_of(const bench::Row& row, const bench::Effort& effort,
                                      bool& failed) {
    bench::progress(row.name + ": " + row.what);
    try {
        return row.measure(effort);
    } catch (const std::exception& failure) {
        failed = true;
        bench::progress(row.name + " failed: " + failure.what());
        bench::Figure figure{.name = row.name, .what = row.what, .unit = "", .reference = ""};
        figure.remark = std::string("failed: ") + failure.what();
        return {std::move(figure)};
    }
}

// False where a row failed.
bool run(const Options& options) {
    std::vector<bench::Figure> all;
    bool failed = false;
    for (const bench::Row& row : bench::rows()) {
        const bool wanted =
            options.only.empty() || std::ranges::find(options.only, row.name) != options.only.end();
        if (!wanted) continue;
        for (bench::Figure& figure : figures_of(row, options.effort, failed)) {
            all.push_back(std::move(figure));
        }
    }
    std::cout << (options.markdown ? bench::as_markdown(all) : bench::as_lines(all));
    if (!options.json.empty()) {
        test::must(write_file(options.json, as_bytes(bench::as_json(all)), 0644, Replace::yes));
    }
    return !failed;
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
    app.add_option("--bare-folder", options.bare_folder)->group("");
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
            bench::run_bare_router(options.bare_folder);
        } else if (!options.raw_folder.empty()) {
            std::fprintf(stderr, "rows=%.0f\n",
                         bench::sqlite_rows_per_second(options.raw_folder, options.raw_rows));
        } else if (!run(options)) {
            return 1;
        }
        return 0;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "relais-bench: %s\n", failure.what());
        return 1;
    }
}
