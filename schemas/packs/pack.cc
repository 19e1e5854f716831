#include "schemas/packs/pack.h"

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "schemas/packs/text_lines.h"

namespace relais::packs {

namespace {

constexpr std::string_view kManifestHead = "relais-pack/1\n";
constexpr std::string_view kPartHead = "relais-pack-part/1\n";
constexpr std::uint32_t kVersionMax = INT32_MAX;

bool is_code(std::string_view text) {
    return !text.empty() && text.size() <= kCodeBytesMax &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_row(const Row& row, std::size_t facts) {
    return is_code(row.code) && is_title(row.label, kLabelBytesMax) && row.facts.size() == facts &&
           std::ranges::all_of(row.facts, [](const std::string& fact) {
               return fact.empty() || is_title(fact, kLabelBytesMax);
           });
}

bool is_system(std::string_view text) {
    return is_title(text, limits::kTitleBytesMax) && text.find(' ') == std::string_view::npos;
}

// ---- reading

Result<Part> read_part_line(TextLines& lines) {
    RELAIS_ASSIGN(const std::string_view line, lines.after("part"));
    const auto fields = split(line, ' ');
    if (fields.size() != 2) return lines.wrong("digest and size expected");
    const auto digest = hex_from<Digest>(fields[0]);
    const auto bytes = number(fields[1], kPartBytesMax);
    if (!digest.ok() || !bytes) return lines.wrong("digest and size expected");
    return Part{*digest, *bytes};
}

Result<void> read_facts(TextLines& lines, List& list) {
    if (!lines.comes("facts")) return {};
    RELAIS_ASSIGN(const std::string_view line, lines.after("facts"));
    for (const std::string_view fact : split(line, ' ')) list.facts.emplace_back(fact);
    const std::set<std::string> apart(list.facts.begin(), list.facts.end());
    const bool good = list.facts.size() <= kFactsMax && apart.size() == list.facts.size() &&
                      std::ranges::all_of(list.facts, is_slug);
    return good ? Result<void>{} : lines.wrong("names of facts expected");
}

Result<List> read_list(TextLines& lines) {
    RELAIS_ASSIGN(const std::string_view line, lines.after("list"));
    const auto fields = split(line, ' ');
    if (fields.size() != 3 || !is_slug(fields[0])) return lines.wrong("name, rows, codes expected");
    const auto rows = number(fields[1], kRowsMax);
    if (!rows || !is_system(fields[2])) return lines.wrong("name, rows, codes expected");
    List list{
        std::string(fields[0]), fields[2] == "-" ? "" : std::string(fields[2]), {}, {}, *rows, {}};
    RELAIS_ASSIGN(const std::string_view title, lines.after("title"));
    if (!is_title(title, limits::kTitleBytesMax)) return lines.wrong("not a title");
    list.title = title;
    RELAIS_TRY(read_facts(lines, list));
    while (lines.comes("part")) {
        RELAIS_ASSIGN(list.parts.emplace_back(), read_part_line(lines));
        if (list.parts.size() > kPartsMax) return lines.wrong("too many parts");
    }
    return list;
}

Result<TextLines> open(ByteView bytes, std::string_view head, std::size_t bytes_max) {
    if (bytes.size() > bytes_max) return fail(ErrorCode::too_large, "file of a pack");
    const std::string_view text = as_text(bytes);
    if (!text.starts_with(head) || !is_utf8(text)) {
        return fail(ErrorCode::malformed, "line 1: not a file of a pack");
    }
    TextLines lines(text);
    RELAIS_TRY(lines.next());
    return lines;
}

Result<Row> read_row(TextLines& lines, std::optional<std::size_t> facts) {
    RELAIS_ASSIGN(const std::string_view line, lines.next());
    const auto fields = split(line, '\t');
    if (fields.size() < 2) return lines.wrong("a code and a label expected");
    Row row{std::string(fields[0]), std::string(fields[1]), {}};
    for (std::size_t i = 2; i < fields.size(); ++i) row.facts.emplace_back(fields[i]);
    if (!is_row(row, facts.value_or(std::min(row.facts.size(), kFactsMax)))) {
        return lines.wrong("not a row of this list");
    }
    return row;
}

Result<std::vector<Row>> read_rows(ByteView bytes, std::optional<std::size_t> facts) {
    RELAIS_ASSIGN(TextLines lines, open(bytes, kPartHead, kPartBytesMax));
    std::vector<Row> rows;
    while (!lines.ended()) {
        RELAIS_ASSIGN(Row row, read_row(lines, facts));
        if (!rows.empty() && rows.back().code >= row.code) return lines.wrong("codes out of order");
        rows.push_back(std::move(row));
    }
    return rows;
}

// ---- writing

std::string row_line(const Row& row) {
    std::string line = row.code + "\t" + row.label;
    for (const std::string& fact : row.facts) line += "\t" + fact;
    return line + "\n";
}

Result<void> check_filled(const FilledList& filled) {
    const List& list = filled.list;
    const bool good = is_slug(list.name) && is_title(list.title, limits::kTitleBytesMax) &&
                      (list.codes.empty() || is_system(list.codes)) &&
                      list.facts.size() <= kFactsMax && std::ranges::all_of(list.facts, is_slug);
    if (!good) return fail(ErrorCode::invalid_field, "list " + list.name);
    if (filled.rows.size() > kRowsMax) return fail(ErrorCode::too_large, "list " + list.name);
    std::set<std::string> keys;
    for (const Row& row : filled.rows) {
        if (!is_row(row, list.facts.size())) {
            return fail(ErrorCode::invalid_field, "list " + list.name + ", code " + row.code);
        }
        if (!keys.insert(code_key(row.code)).second) {
            return fail(ErrorCode::already_exists, "list " + list.name + ", code " + row.code);
        }
    }
    return {};
}

// The parts of a list: appended to `files`, named by the list.
List cut(const FilledList& filled, std::vector<Bytes>& files) {
    List list = filled.list;
    list.rows = filled.rows.size();
    list.parts.clear();
    std::vector<Row> rows;
    std::size_t bytes = kPartHead.size();
    const auto close = [&] {
        files.push_back(encode_part(rows));
        list.parts.push_back(
            {sha256(files.back()), static_cast<std::uint32_t>(files.back().size())});
        rows.clear();
        bytes = kPartHead.size();
    };
    for (const Row& row : filled.rows) {
        const std::size_t more = row_line(row).size();
        if (bytes + more > kPartBytesMax) close();
        rows.push_back(row);
        bytes += more;
    }
    if (!rows.empty()) close();
    return list;
}

}  // namespace

const List* Manifest::list(std::string_view wanted) const {
    const auto found = std::ranges::find(lists, wanted, &List::name);
    return found == lists.end() ? nullptr : &*found;
}

bool Manifest::names(const Digest& digest) const {
    return std::ranges::any_of(lists, [&](const List& list) {
        return std::ranges::find(list.parts, digest, &Part::digest) != list.parts.end();
    });
}

Result<PackFiles> write_pack(const std::string& name, std::uint32_t version,
                             const std::string& title, std::vector<FilledList> lists) {
    if (!is_slug(name) || !is_title(title, limits::kTitleBytesMax) || version == 0 ||
        version > kVersionMax || lists.empty()) {
        return fail(ErrorCode::invalid_field, "name, version, title or lists of the pack");
    }
    PackFiles files;
    Manifest manifest{name, version, title, {}};
    std::ranges::sort(lists, {}, [](const FilledList& filled) { return filled.list.name; });
    for (FilledList& filled : lists) {
        if (manifest.list(filled.list.name) != nullptr) {
            return fail(ErrorCode::already_exists, "list " + filled.list.name);
        }
        RELAIS_TRY(check_filled(filled));
        std::ranges::sort(filled.rows, {}, &Row::code);
        manifest.lists.push_back(cut(filled, files.parts));
    }
    files.manifest = encode_manifest(manifest);
    if (lists.size() > kListsMax || files.parts.size() > kPartsMax ||
        files.manifest.size() > kManifestBytesMax) {
        return fail(ErrorCode::too_large, "pack " + name);
    }
    return files;
}

Bytes encode_manifest(const Manifest& manifest) {
    std::string text = std::string(kManifestHead) + "name " + manifest.name + "\nversion " +
                       std::to_string(manifest.version) + "\ntitle " + manifest.title + "\n";
    for (const List& list : manifest.lists) {
        text += "list " + list.name + " " + std::to_string(list.rows) + " " +
                (list.codes.empty() ? "-" : list.codes) + "\ntitle " + list.title + "\n";
        for (const std::string& fact : list.facts) {
            text += (&fact == &list.facts.front() ? "facts " : " ") + fact;
        }
        if (!list.facts.empty()) text += "\n";
        for (const Part& part : list.parts) {
            text += "part " + hex(part.digest.view()) + " " + std::to_string(part.bytes) + "\n";
        }
    }
    return to_bytes(as_bytes(text));
}

Bytes encode_part(const std::vector<Row>& rows) {
    std::string text(kPartHead);
    for (const Row& row : rows) text += row_line(row);
    return to_bytes(as_bytes(text));
}

bool is_manifest(ByteView bytes) { return as_text(bytes).starts_with(kManifestHead); }

bool is_pack_file(ByteView bytes) {
    return is_manifest(bytes) || as_text(bytes).starts_with(kPartHead);
}

Result<Manifest> parse_manifest(ByteView bytes) {
    RELAIS_ASSIGN(TextLines lines, open(bytes, kManifestHead, kManifestBytesMax));
    Manifest manifest;
    RELAIS_ASSIGN(const std::string_view name, lines.after("name"));
    if (!is_slug(name)) return lines.wrong("not a name");
    RELAIS_ASSIGN(const std::string_view version_text, lines.after("version"));
    const auto version = number(version_text, kVersionMax);
    if (!version || *version == 0) return lines.wrong("not a version");
    RELAIS_ASSIGN(const std::string_view title, lines.after("title"));
    if (!is_title(title, limits::kTitleBytesMax)) return lines.wrong("not a title");
    manifest.name = name;
    manifest.version = *version;
    manifest.title = title;
    std::size_t parts = 0;
    while (!lines.ended()) {
        RELAIS_ASSIGN(List list, read_list(lines));
        const bool rising = manifest.lists.empty() || manifest.lists.back().name < list.name;
        parts += list.parts.size();
        if (!rising || manifest.lists.size() == kListsMax || parts > kPartsMax) {
            return lines.wrong("lists out of order, or too much of them");
        }
        manifest.lists.push_back(std::move(list));
    }
    if (manifest.lists.empty()) return lines.wrong("no list");
    return manifest;
}

Result<std::vector<Row>> parse_part(ByteView bytes, std::size_t facts) {
    return read_rows(bytes, facts);
}

Result<void> check_part(ByteView bytes) {
    RELAIS_ASSIGN(const auto rows, read_rows(bytes, std::nullopt));
    return rows.empty() ? fail(ErrorCode::malformed, "line 2: no rows") : Result<void>{};
}

std::string code_key(std::string_view code) {
    std::string key;
    for (const char c : code) {
        if (c == '.' || c == ' ') continue;
        key.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
    }
    return key;
}

}  // namespace relais::packs
