#include "tools/evidence/damage.h"

#include <iterator>

#include "core/base/check.h"

namespace relais::evidence {

namespace {

struct Row {
    std::string_view name;
    std::string_view text;
};

constexpr Row kRows[] = {
    {"record_altered", "record altered"},
    {"record_missing", "record missing"},
    {"record_extra", "record that no signed head covers"},
    {"record_moved", "record out of its place"},
    {"records_cut", "records cut short or prolonged"},
    {"record_disputed", "record and tile differ, and the signed head fits neither"},
    {"record_invalid", "record breaks the rules of its log"},
    {"tile_altered", "tile altered"},
    {"tile_missing", "tile missing"},
    {"checkpoint_missing", "checkpoint missing"},
    {"checkpoint_altered", "checkpoint not signed by the log"},
    {"checkpoint_contradicted", "log contradicts a head that it signed"},
    {"log_truncated", "log shorter than a head that it signed"},
    {"statement_invalid", "statement not signed by the one it names"},
    {"logs_disagree", "audit and directory disagree"},
    {"keys_untrusted", "keys are not the trusted ones"},
    {"file_missing", "file missing"},
    {"file_altered", "file altered"},
    {"file_unexpected", "file that is no part of the evidence"},
};
static_assert(std::size(kRows) == static_cast<std::size_t>(Damage::file_unexpected) + 1);

const Row& row(Damage damage) {
    const auto index = static_cast<std::size_t>(damage);
    RELAIS_CHECK(index < std::size(kRows));
    return kRows[index];
}

}  // namespace

std::string_view damage_name(Damage damage) { return row(damage).name; }
std::string_view damage_text(Damage damage) { return row(damage).text; }

std::string Finding::describe() const {
    std::string text = log;
    if (index) text += (text.empty() ? "leaf " : ", leaf ") + std::to_string(*index);
    if (index && count > 1) text += " to " + std::to_string(*index + count - 1);
    if (!text.empty()) text += ": ";
    text += damage_text(damage);
    if (!detail.empty()) text += ": " + detail;
    return text;
}

void add(Findings& findings, Finding finding) {
    if (!findings.empty() && finding.index) {
        Finding& last = findings.back();
        if (last.damage == finding.damage && last.log == finding.log && last.index &&
            *last.index + last.count == *finding.index && last.detail == finding.detail) {
            last.count += finding.count;
            return;
        }
    }
    findings.push_back(std::move(finding));
}

}  // namespace relais::evidence
