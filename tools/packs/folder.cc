#include "tools/packs/folder.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/files/files.h"
#include "tools/packs/diagnosis_file.h"
#include "tools/packs/drug_files.h"

namespace relais::packs {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kTomlBytesMax = 64 * 1024;
constexpr const char* kHeadingFile = "pack.toml";
constexpr const char* kDrugFile = "CIS_bdpm.txt";
constexpr const char* kBoxFile = "CIS_CIP_bdpm.txt";
constexpr const char* kMajorInterestFile = "CIS_MITM.txt";
constexpr std::array kDiagnosisFiles = {"icd10.csv", "cim10.csv"};

struct Source {
    FileReport report;
    std::vector<TextLine> lines;
    bool there = false;
};

Result<Source> read_source(const fs::path& folder, const std::string& name) {
    Source source;
    source.report.name = name;
    std::error_code ignored;
    source.there = fs::exists(folder / name, ignored);
    if (!source.there) return source;
    RELAIS_ASSIGN(const Bytes bytes, read_file(folder / name, kFileBytesMax));
    source.lines = decode_lines(bytes, source.report);
    return source;
}

Result<ImportedPack> read_heading(const fs::path& folder) {
    RELAIS_ASSIGN(const Bytes bytes, read_file(folder / kHeadingFile, kTomlBytesMax));
    toml::table table;
    try {
        table = toml::parse(as_text(bytes));
    } catch (const toml::parse_error& problem) {
        return fail(ErrorCode::bad_configuration,
                    "pack.toml:" + std::to_string(problem.source().begin.line) + ": " +
                        std::string(problem.description()));
    }
    const auto name = table["name"].value<std::string>();
    const auto version = table["version"].value<std::int64_t>();
    const auto title = table["title"].value<std::string>();
    if (!name || !version || !title || *version < 1 || *version > INT32_MAX) {
        return fail(ErrorCode::bad_configuration,
                    "pack.toml: name, version (from 1) and title expected");
    }
    return ImportedPack{*name, static_cast<std::uint32_t>(*version), *title, {}, {}, {}};
}

Result<std::vector<FilledList>> drugs_of(const fs::path& folder, ReadReport& report) {
    RELAIS_ASSIGN(Source drugs, read_source(folder, kDrugFile));
    RELAIS_ASSIGN(Source boxes, read_source(folder, kBoxFile));
    RELAIS_ASSIGN(Source supply, read_source(folder, kAvailabilityFile));
    RELAIS_ASSIGN(Source major, read_source(folder, kMajorInterestFile));
    const bool others = boxes.there || supply.there || major.there;
    if (!drugs.there && others) return fail(ErrorCode::not_found, kDrugFile);
    if (!drugs.there) return std::vector<FilledList>();
    auto lists = drug_lists({drugs.lines, boxes.lines, supply.lines, major.lines},
                            {drugs.report, boxes.report, supply.report, major.report});
    for (Source* source : {&drugs, &boxes, &supply, &major}) {
        if (source->there) {
            report.files.push_back(std::move(source->report));
        } else {
            report.absent.push_back(std::move(source->report.name));
        }
    }
    return lists;
}

Result<std::vector<FilledList>> diagnoses_of(const fs::path& folder, ReadReport& report) {
    RELAIS_ASSIGN(Source source, read_source(folder, kDiagnosisFiles[0]));
    if (!source.there) {
        RELAIS_ASSIGN(source, read_source(folder, kDiagnosisFiles[1]));
    }
    std::vector<FilledList> lists;
    if (!source.there) return lists;
    lists.push_back(diagnosis_list(source.lines, source.report));
    report.files.push_back(std::move(source.report));
    return lists;
}

// A name that is written otherwise is a file that is missing.
std::vector<std::string> ignored_in(const fs::path& folder) {
    std::set<std::string> read = {kHeadingFile, kDrugFile, kBoxFile, kAvailabilityFile,
                                  kMajorInterestFile};
    read.insert(kDiagnosisFiles.begin(), kDiagnosisFiles.end());
    std::set<std::string> names;
    std::error_code failed;
    for (const auto& item : fs::directory_iterator(folder, failed)) {
        const std::string name = item.path().filename();
        if (!read.contains(name)) names.insert(name);
    }
    return {names.begin(), names.end()};
}

}  // namespace

Result<ImportedPack> read_pack_folder(const fs::path& folder) {
    RELAIS_ASSIGN(ImportedPack pack, read_heading(folder));
    RELAIS_ASSIGN(auto lists, drugs_of(folder, pack.report));
    RELAIS_ASSIGN(auto diagnoses, diagnoses_of(folder, pack.report));
    for (FilledList& list : diagnoses) lists.push_back(std::move(list));
    if (lists.empty()) return fail(ErrorCode::not_found, "no file of codes in this folder");
    pack.report.ignored = ignored_in(folder);
    for (FileReport& file : pack.report.files) {
        std::ranges::stable_sort(file.broken, {}, &BrokenLine::line);
    }
    RELAIS_ASSIGN(pack.files, write_pack(pack.name, pack.version, pack.title, std::move(lists)));
    RELAIS_ASSIGN(Manifest manifest, parse_manifest(pack.files.manifest));
    pack.lists = std::move(manifest.lists);
    return pack;
}

}  // namespace relais::packs
