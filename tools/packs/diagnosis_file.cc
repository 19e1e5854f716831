#include "tools/packs/diagnosis_file.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/names.h"
#include "core/identifiers/identifiers.h"
#include "schemas/packs/code_table.h"

namespace relais::packs {

namespace {

using Fields = std::vector<std::string>;

// Nothing where a quote does not end, or something follows it.
std::optional<Fields> csv_fields(std::string_view line, char separator) {
    Fields fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && line.substr(i + 1).starts_with('"')) {
            fields.back().push_back('"');
            ++i;
        } else if (quoted && c == '"') {
            quoted = false;
            if (i + 1 < line.size() && line[i + 1] != separator) return std::nullopt;
        } else if (!quoted && c == '"' && fields.back().empty()) {
            quoted = true;
        } else if (!quoted && c == separator) {
            fields.emplace_back();
        } else {
            fields.back().push_back(c);
        }
    }
    return quoted ? std::nullopt : std::optional(fields);
}

struct Columns {
    char separator = ';';
    std::size_t count = 0;
    std::size_t code = 0;
    std::size_t label = 0;
};

std::optional<Columns> columns_of(std::string_view head) {
    for (const char separator : {';', ',', '\t'}) {
        const auto names = csv_fields(head, separator);
        if (!names) continue;
        std::optional<std::size_t> code;
        std::optional<std::size_t> label;
        for (std::size_t i = 0; i < names->size(); ++i) {
            const std::string name = folded((*names)[i]);
            if (name == "code") code = i;
            if (name == "label" || name == "libelle") label = i;
        }
        if (code && label) return Columns{separator, names->size(), *code, *label};
    }
    return std::nullopt;
}

}  // namespace

FilledList diagnosis_list(const std::vector<TextLine>& lines, FileReport& report) {
    FilledList list{{"icd10", "urn:oid:2.16.840.1.113883.6.3", "Diagnostics (CIM-10)", {}, 0, {}},
                    {}};
    if (lines.empty()) return list;
    const auto columns = columns_of(lines.front().text);
    if (!columns) {
        report.refuse(lines.front().number, "columns \"code\" and \"label\" expected");
        return list;
    }
    std::map<std::string, Row> rows;
    for (const TextLine& line : lines) {
        if (&line == &lines.front()) continue;
        const auto fields = csv_fields(line.text, columns->separator);
        if (!fields || fields->size() != columns->count) {
            report.refuse(line.number, std::to_string(columns->count) + " fields expected");
            continue;
        }
        const IdentifierVerdict code =
            check_identifier(IdentifierKind::cim10, (*fields)[columns->code]);
        const std::string& label = (*fields)[columns->label];
        if (!code.accepted()) {
            report.refuse(line.number, "not an ICD-10 code");
        } else if (!is_title(label, kLabelBytesMax)) {
            report.refuse(line.number, "no label, or too long");
        } else {
            const auto [place, fresh] =
                rows.emplace(code_key(code.normalised), Row{code.normalised, label, {}});
            if (fresh) {
                ++report.used;
            } else if (place->second.label == label) {
                ++report.repeated;
            } else {
                report.refuse(line.number,
                              "code " + code.normalised + " stands twice, differently");
            }
        }
    }
    for (auto& [key, row] : rows) list.rows.push_back(std::move(row));
    return list;
}

}  // namespace relais::packs
