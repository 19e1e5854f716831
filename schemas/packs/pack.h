// pack.h: a reference pack: code lists that forms are checked against and that people search (drugs
// and their shortages, diagnoses). A pack is text that a stock tool can read and check: a manifest,
// whose SHA-256 the directory publishes, and parts, whose SHA-256 the manifest gives. Pure.
//
//     relais-pack/1                          relais-pack-part/1
//     name medicaments                       60000001 TAB Amoxicilline … TAB J01CA04 TAB oui
//     version 20261129                       …
//     title Médicaments
//     list cis 2 https://exemple.invalid/cis     ("-": the list has no code system)
//     title Spécialités
//     facts atc mitm                         (may be absent)
//     part <SHA-256, 64 hex digits> <bytes>
//
// UTF-8, every line ends with a line feed. The rows of a list stand in the order of their codes'
// bytes, over all its parts; a row has its code, its label and one field, empty or not, for each
// fact. The same rows give the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace relais::packs {

inline constexpr std::size_t kManifestBytesMax = 64 * 1024;
inline constexpr std::size_t kPartBytesMax = 512 * 1024;
inline constexpr std::size_t kListsMax = 16;  // of a pack
inline constexpr std::size_t kPartsMax = 64;  // of a pack
inline constexpr std::size_t kFactsMax = 12;  // of a list
inline constexpr std::size_t kRowsMax = 200'000;
inline constexpr std::size_t kCodeBytesMax = 40;
inline constexpr std::size_t kLabelBytesMax = 500;  // of a label, and of a fact

struct Row {
    std::string code;   // printable ASCII, no space
    std::string label;  // one line
    std::vector<std::string> facts;

    bool operator==(const Row&) const = default;
};

struct Part {
    Digest digest;
    std::uint32_t bytes = 0;
};

struct List {
    std::string name;   // a slug: "icd10"
    std::string codes;  // the code system, an OID or a URL; empty: none
    std::string title;
    std::vector<std::string> facts;  // slugs, in the order of the rows' fields
    std::size_t rows = 0;
    std::vector<Part> parts;
};

struct Manifest {
    std::string name;  // a slug
    std::uint32_t version = 0;
    std::string title;
    std::vector<List> lists;

    [[nodiscard]] const List* list(std::string_view name) const;
    // Whether a part of it has that digest.
    [[nodiscard]] bool names(const Digest& digest) const;
};

// A list with its rows, to be written or as read.
struct FilledList {
    List list;
    std::vector<Row> rows;
};

// The files of a pack.
struct PackFiles {
    Bytes manifest;
    std::vector<Bytes> parts;
};

// Sorts the rows and cuts them. Requires lists and rows of the form above. Errors: already_exists
// two rows of one code (as same_code() has it), two lists of one name; invalid_field  a row or list
// not of the form; too_large  above a bound.
[[nodiscard]] Result<PackFiles> write_pack(const std::string& name, std::uint32_t version,
                                           const std::string& title, std::vector<FilledList> lists);

// Whether the bytes begin as a manifest or part does: nothing is said of the rest.
[[nodiscard]] bool is_pack_file(ByteView bytes);
[[nodiscard]] bool is_manifest(ByteView bytes);

// Of bytes that may come from anyone. Errors: malformed, with the line; too_large.
[[nodiscard]] Result<Manifest> parse_manifest(ByteView bytes);
// Rows of `facts` facts each, in rising order of codes. Errors: as above.
[[nodiscard]] Result<std::vector<Row>> parse_part(ByteView bytes, std::size_t facts);
// That it has the form of a part of some list. Errors: as above.
[[nodiscard]] Result<void> check_part(ByteView bytes);

// The one way to write what was parsed: parse_manifest(encode_manifest(m)) is m again, and so for
// rows. Requires the form above.
[[nodiscard]] Bytes encode_manifest(const Manifest& manifest);
[[nodiscard]] Bytes encode_part(const std::vector<Row>& rows);

// What two codes must share to be one: "R53.0", "r530" and "R530" are.
[[nodiscard]] std::string code_key(std::string_view code);

}  // namespace relais::packs
