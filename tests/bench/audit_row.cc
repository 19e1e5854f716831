// audit_row.cc: verifying a domain's evidence offline, beside hashing the same bytes.
#include <openssl/sha.h>

#include <cstdio>

#include "core/files/files.h"
#include "tests/bench/peer.h"
#include "tests/bench/row_list.h"
#include "tools/evidence/layout.h"
#include "tools/evidence/verify.h"

namespace relais::bench {

namespace {

using test::fail_test;
using test::must;

constexpr std::size_t kFileBytesMax = 64 << 20;

// The folder that `relais-audit export` makes of the stopped domain.
std::filesystem::path exported(const Domain& domain) {
    const auto folder = domain.folder() / "evidence";
    test::Child child(test::program("relais-audit"), {"export", "--data", domain.data().string(),
                                                      "--stopped", "--out", folder.string()});
    if (child.wait() != 0) fail_test("no export: " + child.said());
    return folder;
}

std::vector<Bytes> files_of(const std::filesystem::path& folder) {
    std::vector<Bytes> files;
    for (const std::string& file : must(evidence::list_files(folder))) {
        files.push_back(must(read_file(folder / file, kFileBytesMax)));
    }
    return files;
}

std::vector<Figure> measure_audit(const Effort& effort) {
    Figure figure{"verification",
                  "offline verification of an exported log",
                  "MB/s",
                  "SHA-256 of the same bytes, in memory",
                  Target::ratio_at_least,
                  0.5};
    Domain domain({.producers = 4, .posts = 1});
    const std::size_t leaves = effort.of(200'000, 500);
    fill(domain, {0}, leaves, Lane::routine);
    const auto folder = exported(domain);
    const auto files = files_of(folder);
    double bytes = 0;
    for (const Bytes& file : files) bytes += static_cast<double>(file.size());
    for (int run = 0; run < effort.runs; ++run) {
        auto begun = SteadyClock::now();
        unsigned char digest[32];
        for (const Bytes& file : files) SHA256(file.data(), file.size(), digest);
        Sample sample;
        sample.reference = bytes / 1e6 / seconds_since(begun);
        begun = SteadyClock::now();
        const auto verified = must(evidence::verify_evidence(folder, {}));
        sample.value = bytes / 1e6 / seconds_since(begun);
        if (!verified.verdict.good()) fail_test("good evidence was found wanting");
        figure.samples.push_back(sample);
        tell_run(figure);
    }
    char text[80];
    std::snprintf(text, sizeof text, "%.0f leaves a second",
                  value_of(figure).median * 1e6 * static_cast<double>(leaves) / bytes);
    figure.remark = text;
    return {std::move(figure)};
}

}  // namespace

std::vector<Row> audit_rows() {
    return {{"verification", "offline verification beside bare SHA-256", measure_audit}};
}

}  // namespace relais::bench
