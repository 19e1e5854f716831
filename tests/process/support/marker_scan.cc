#include "tests/process/support/marker_scan.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "tests/process/support/must.h"

namespace relais::test {

namespace {

// Above: the shadow that a sanitizer keeps of the memory, which holds no bytes of the program.
constexpr unsigned long kRegionBytesMax = 16UL << 30;

}  // namespace

MarkerScan::MarkerScan(const std::string& marker) : forms_(forms_of(marker)) {}

std::vector<std::string> MarkerScan::in_bytes(const std::string& where, ByteView bytes) const {
    std::vector<std::string> found;
    for (const MarkerForm& form : forms_) {
        if (as_text(bytes).find(form.bytes) != std::string_view::npos) {
            found.push_back(where + " holds the marker as " + form.name);
        }
    }
    return found;
}

std::vector<std::string> MarkerScan::in_folder(const std::filesystem::path& folder) const {
    std::vector<std::string> found;
    for (const auto& item : std::filesystem::recursive_directory_iterator(folder)) {
        if (!item.is_regular_file()) continue;
        const auto here = in_bytes(item.path().string(), as_bytes(whole_file(item.path())));
        found.insert(found.end(), here.begin(), here.end());
    }
    return found;
}

std::vector<std::string> MarkerScan::in_memory(pid_t process) const {
    const std::string folder = "/proc/" + std::to_string(process);
    const int memory = ::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    if (memory < 0) fail_test("the memory of the process cannot be read");
    std::vector<std::string> found;
    std::ifstream maps(folder + "/maps");
    std::size_t bytes_read = 0;
    for (std::string line; std::getline(maps, line);) {
        unsigned long first = 0;
        unsigned long last = 0;
        char readable = '-';
        if (std::sscanf(line.c_str(), "%lx-%lx %c", &first, &last, &readable) != 3) continue;
        if (readable != 'r' || last - first > kRegionBytesMax) continue;
        std::string bytes(last - first, '\0');
        const ssize_t got = ::pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(first));
        if (got <= 0) continue;  // vvar and the like
        bytes.resize(static_cast<std::size_t>(got));
        bytes_read += bytes.size();
        const auto here = in_bytes("memory " + line, as_bytes(bytes));
        found.insert(found.end(), here.begin(), here.end());
    }
    ::close(memory);
    if (bytes_read < (1U << 20)) fail_test("hardly any memory could be read");
    return found;
}

}  // namespace relais::test
