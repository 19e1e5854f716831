// marker_scan.h: looks for a marker wherever a process could have left it: files, its memory, what
// it said; as text, as hex, as base64 at each alignment, as UTF-16 of both orders.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "tests/support/markers.h"

namespace relais::test {

class MarkerScan {
public:
    explicit MarkerScan(const std::string& marker);

    // Where each was found, in words; empty: nowhere.
    [[nodiscard]] std::vector<std::string> in_bytes(const std::string& where, ByteView bytes) const;
    [[nodiscard]] std::vector<std::string> in_folder(const std::filesystem::path& folder) const;
    // Every readable page of a child of this process.
    [[nodiscard]] std::vector<std::string> in_memory(pid_t process) const;

    [[nodiscard]] const std::vector<MarkerForm>& forms() const { return forms_; }

private:
    std::vector<MarkerForm> forms_;
};

}  // namespace relais::test
