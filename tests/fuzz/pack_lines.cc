// The files that a reference pack is read from, of whatever encoding: what is used can be published
// and is read back, and every line that is not used is named once. The first byte says which file;
// the drug files follow each other, a form feed between them. Accepted: some line was used.
#include <algorithm>
#include <set>

#include "core/base/names.h"
#include "tests/fuzz/target.h"
#include "tools/packs/diagnosis_file.h"
#include "tools/packs/drug_files.h"

namespace relais::fuzz {

namespace {

constexpr std::uint8_t kDiagnoses = 0;
constexpr std::uint8_t kDrugs = 1;
constexpr std::uint8_t kBetween = 0x0C;
constexpr std::size_t kDrugFiles = 4;

struct File {
    ByteView bytes;
    packs::FileReport report{};
    std::vector<packs::TextLine> lines{};

    void decode() {
        lines = packs::decode_lines(bytes, report);
        for (const packs::TextLine& line : lines) {
            RELAIS_CHECK(is_utf8(line.text));
            RELAIS_CHECK(line.text.find('\n') == std::string::npos);
        }
    }
    void check() const {
        std::set<std::size_t> named;
        for (const packs::BrokenLine& broken : report.broken) {
            RELAIS_CHECK(!broken.why.empty());
            RELAIS_CHECK(named.insert(broken.line).second);
        }
    }
};

bool publishable(const std::vector<packs::FilledList>& lists) {
    bool any = false;
    for (const packs::FilledList& list : lists) {
        if (list.rows.empty()) continue;
        any = true;
        const auto written = packs::write_pack("liste", 1, "Liste", {list});
        RELAIS_CHECK(written.ok());
        std::size_t rows = 0;
        for (const Bytes& part : written->parts) {
            const auto read = packs::parse_part(part, list.list.facts.size());
            RELAIS_CHECK(read.ok());
            rows += read->size();
        }
        RELAIS_CHECK(rows == list.rows.size());
    }
    return any;
}

bool accepts_drugs(ByteView input) {
    std::array<File, kDrugFiles> files{};
    for (File& file : files) {
        const auto end = std::find(input.begin(), input.end(), kBetween);
        file.bytes = input.first(static_cast<std::size_t>(end - input.begin()));
        input = input.subspan(std::min(file.bytes.size() + 1, input.size()));
        file.decode();
    }
    const packs::DrugLines lines{files[0].lines, files[1].lines, files[2].lines, files[3].lines};
    const auto lists = packs::drug_lists(
        lines, {files[0].report, files[1].report, files[2].report, files[3].report});
    for (const File& file : files) file.check();
    return publishable(lists);
}

}  // namespace

bool accepts(ByteView input) {
    if (input.empty() || input[0] > kDrugs) return false;
    if (input[0] == kDrugs) return accepts_drugs(input.subspan(1));
    static_assert(kDiagnoses == 0);
    File file{input.subspan(1)};
    file.decode();
    const auto list = packs::diagnosis_list(file.lines, file.report);
    file.check();
    return publishable({list});
}

}  // namespace relais::fuzz
