// replay_main.cc: runs a target over every file of a corpus, and over damages of each that follow
// from the file alone: cut at each length, each byte changed in six ways, each byte gone or
// doubled, evenly thinned out to a budget. Of a target that has a structure (changes.h), also over
// changes of each valid file. Two runs do the same. One thread.
//
//   fuzz_frame CORPUS [DAMAGES-PER-FILE]
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/changes.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

constexpr std::size_t kDamagesPerFile = 4000;
constexpr std::size_t kDamagesPerFileLong = 400'000;
constexpr std::size_t kWays = 9;
constexpr std::size_t kChangesPerFile = 1500;  // and no more than damages
constexpr std::size_t kChangesPerFileLong = 200'000;
constexpr std::size_t kChangesAtOnceMax = 4;

// What is being run, for whoever has to find out why it stopped.
char current[300];

void say_current(int signal_number) {
    [[maybe_unused]] const ssize_t put = ::write(2, current, std::strlen(current));
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
}

// The `which`-th damage of `whole`; there are kWays for each byte.
Bytes damaged(const Bytes& whole, std::size_t which) {
    const auto at = static_cast<std::ptrdiff_t>(which / kWays);
    Bytes bad = whole;
    std::uint8_t& byte = bad[which / kWays];
    switch (which % kWays) {
        case 0: bad.resize(which / kWays); break;
        case 1: bad.erase(bad.begin() + at); break;
        case 2: bad.insert(bad.begin() + at, byte); break;
        case 3: byte = 0; break;
        case 4: byte = 0xFF; break;
        case 5: byte ^= 1; break;
        case 6: byte ^= 0x80; break;
        case 7: ++byte; break;
        default: --byte; break;
    }
    bad.shrink_to_fit();  // a reader that goes too far leaves the allocation
    return bad;
}

Bytes file_bytes(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// The `which`-th of a file: one to four changes, one upon the other. How many were accepted.
std::size_t replay_changes(const std::filesystem::path& path, const Bytes& whole,
                           std::size_t count) {
    std::size_t accepted = 0;
    for (std::size_t which = 0; which < count; ++which) {
        std::snprintf(current, sizeof current, "%s, change %zu\n", path.c_str(), which);
        test::SeededRandom random(which);
        Bytes bytes = whole;
        for (std::size_t i = 0; i <= which % kChangesAtOnceMax; ++i) {
            bytes = changed(bytes, random);
        }
        bytes.shrink_to_fit();
        accepted += accepts(bytes) ? 1 : 0;
    }
    return accepted;
}

bool replay(const std::filesystem::path& path, std::size_t damages_max, std::size_t& runs) {
    const Bytes whole = file_bytes(path);
    std::snprintf(current, sizeof current, "%s, whole\n", path.c_str());
    const bool accepted = accepts(whole);
    ++runs;
    const std::size_t possible = kWays * whole.size();
    const std::size_t count = std::min(possible, damages_max);
    for (std::size_t i = 0; i < count; ++i) {
        // Every one where there are few; else spread over the file, each way in turn.
        const std::size_t place = possible <= damages_max ? i / kWays : i * whole.size() / count;
        const std::size_t which = kWays * place + i % kWays;
        std::snprintf(current, sizeof current, "%s, damage %zu\n", path.c_str(), which);
        accepts(damaged(whole, which));
        ++runs;
    }
    const std::string name = path.filename().string();
    if constexpr (RELAIS_STRUCTURED) {
        const std::size_t changes = damages_max >= kDamagesPerFileLong
                                        ? kChangesPerFileLong
                                        : std::min(damages_max, kChangesPerFile);
        if (name.starts_with("valid-")) {
            const std::size_t passed = replay_changes(path, whole, changes);
            std::printf("%s: %zu of %zu changes accepted\n", name.c_str(), passed, changes);
            runs += changes;
        }
    }
    const bool as_named =
        !(name.starts_with("valid-") && !accepted) && !(name.starts_with("bad-") && accepted);
    if (!as_named) {
        std::fprintf(stderr, "%s was %s\n", name.c_str(), accepted ? "accepted" : "refused");
    }
    return as_named;
}

std::vector<std::filesystem::path> files_of(const char* folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& item : std::filesystem::directory_iterator(folder)) {
        if (item.is_regular_file()) files.push_back(item.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

}  // namespace relais::fuzz

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s CORPUS [DAMAGES-PER-FILE]\n", argv[0]);
        return 2;
    }
    const bool thorough = std::getenv("RELAIS_LONG") != nullptr;
    std::size_t damages_max =
        thorough ? relais::fuzz::kDamagesPerFileLong : relais::fuzz::kDamagesPerFile;
    if (argc > 2 && !thorough) damages_max = std::strtoul(argv[2], nullptr, 10);
    std::signal(SIGABRT, relais::fuzz::say_current);
    std::signal(SIGSEGV, relais::fuzz::say_current);
    const auto files = relais::fuzz::files_of(argv[1]);
    std::size_t runs = 0;
    bool well = !files.empty();
    for (const auto& file : files) well = relais::fuzz::replay(file, damages_max, runs) && well;
    std::printf("%zu inputs from %zu files\n", runs, files.size());
    return well ? 0 : 1;
}
