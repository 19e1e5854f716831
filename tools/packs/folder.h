// folder.h: a folder of files as they are published, read into the files of a pack.
//
//     pack.toml               name = "medicaments", version = 20261129, title = "…"
//     CIS_bdpm.txt and the others of drug_files.h; icd10.csv or cim10.csv
//
// Each file may be absent; files of another name are not read. The report names both.
#pragma once

#include <filesystem>

#include "schemas/packs/pack.h"
#include "tools/packs/report.h"

namespace relais::packs {

inline constexpr const char* kAvailabilityFile = "CIS_CIP_Dispo_Spec.txt";

struct ImportedPack {
    std::string name;
    std::uint32_t version = 0;
    std::string title;
    std::vector<List> lists;  // as the manifest has them
    PackFiles files;
    ReadReport report;
};

// Reads the folder. Errors: not_found  no pack.toml, no file of codes, presentations or
// availabilities without their drugs; bad_configuration  of pack.toml; too_large; io_failed; those
// of write_pack. Broken lines are no error here: they are left out, and in the report.
[[nodiscard]] Result<ImportedPack> read_pack_folder(const std::filesystem::path& folder);

}  // namespace relais::packs
