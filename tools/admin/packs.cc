// packs.cc: reference packs: read from files as they are published, signed and published on a
// station of the anchor.
#include <algorithm>
#include <iterator>

#include "clients/station/api/watched.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "tools/admin/anchor.h"
#include "tools/admin/commands.h"
#include "tools/packs/drug_files.h"
#include "tools/packs/folder.h"

namespace relais::admin {

namespace {

constexpr std::size_t kBrokenShown = 50;

struct Changes {
    std::size_t added = 0;
    std::size_t removed = 0;
    std::size_t changed = 0;
};

// From the list in force to the rows of the new one.
Changes changes_of(const packs::CodeTable& before, const std::vector<packs::Row>& rows) {
    Changes changes;
    std::size_t kept = 0;
    for (const packs::Row& row : rows) {
        const packs::Row* old = before.find(row.code);
        if (old == nullptr) {
            ++changes.added;
        } else {
            ++kept;
            if (!(*old == row)) ++changes.changed;
        }
    }
    changes.removed = before.rows().size() - kept;
    return changes;
}

// The rows of a list of the pack that was just read.
Result<std::vector<packs::Row>> rows_of(const packs::ImportedPack& pack, const packs::List& list) {
    std::vector<packs::Row> rows;
    for (const Bytes& part : pack.files.parts) {
        const Digest digest = sha256(part);
        if (std::ranges::find(list.parts, digest, &packs::Part::digest) == list.parts.end()) {
            continue;
        }
        RELAIS_ASSIGN(auto read, packs::parse_part(part, list.facts.size()));
        std::ranges::move(read, std::back_inserter(rows));
    }
    return rows;
}

// Of the version that the anchor's station has of that pack.
std::vector<packs::List> lists_in_force(const station::Station& anchor, const std::string& name) {
    const auto held = anchor.packs().packs();
    if (!held.ok()) return {};
    for (const station::HeldPack& pack : *held) {
        const bool in_force = pack.published.name.text() == name && !pack.published.withdrawn;
        if (in_force && pack.manifest) return pack.manifest->lists;
    }
    return {};
}

Result<nlohmann::json> say_lists(const station::Station& anchor, const packs::ImportedPack& pack,
                                 const Output& output) {
    nlohmann::json all = nlohmann::json::array();
    for (const packs::List& list : pack.lists) {
        RELAIS_ASSIGN(const auto rows, rows_of(pack, list));
        Changes changes{rows.size(), 0, 0};
        if (const auto held = anchor.packs().list(list.name); held.ok()) {
            changes = changes_of((*held)->table, rows);
        }
        output.line("list " + list.name + ": " + std::to_string(list.rows) + " codes; " +
                    std::to_string(changes.added) + " added, " + std::to_string(changes.removed) +
                    " removed, " + std::to_string(changes.changed) + " changed");
        all.push_back({{"list", list.name},
                       {"rows", list.rows},
                       {"added", changes.added},
                       {"removed", changes.removed},
                       {"changed", changes.changed}});
    }
    for (const packs::List& list : lists_in_force(anchor, pack.name)) {
        if (std::ranges::find(pack.lists, list.name, &packs::List::name) != pack.lists.end()) {
            continue;
        }
        output.line("list " + list.name + ": NOT IN THIS VERSION; " + std::to_string(list.rows) +
                    " codes removed, they are not checked any more");
        all.push_back({{"list", list.name},
                       {"rows", 0},
                       {"added", 0},
                       {"removed", list.rows},
                       {"changed", 0}});
    }
    return all;
}

// A download that failed leaves an empty file.
Result<void> refuse_empty(const packs::ImportedPack& pack) {
    for (const packs::List& list : pack.lists) {
        if (list.rows > 0) continue;
        return fail(ErrorCode::bad_configuration,
                    "list " + list.name + " has no code: is its file whole? nothing was published");
    }
    return {};
}

// Drugs of which nothing is said are available: all shortages would end, and with them what
// substitutions rest on.
Result<void> refuse_without_availability(const packs::ImportedPack& pack) {
    const bool drugs = std::ranges::any_of(
        pack.lists, [](const packs::List& list) { return list.name == packs::kDrugList; });
    if (!drugs || pack.report.used(packs::kAvailabilityFile) > 0) return {};
    return fail(ErrorCode::bad_configuration,
                std::string("no line of ") + packs::kAvailabilityFile +
                    " is used: every shortage would end; nothing was published "
                    "(--without-availability publishes it so)");
}

nlohmann::json broken_json(const packs::ReadReport& report) {
    nlohmann::json broken = nlohmann::json::array();
    for (const packs::FileReport& file : report.files) {
        for (const packs::BrokenLine& line : file.broken) {
            broken.push_back({{"file", file.name}, {"line", line.line}, {"why", line.why}});
        }
    }
    return broken;
}

constexpr std::chrono::seconds kPatience{30};

// What kinds declare about packs: acts that are due now, kept as drafts for whoever may sign them.
Result<nlohmann::json> prepare_turns(station::Station& anchor, const Output& output) {
    RELAIS_TRY(anchor.synchronise(kPatience));
    RELAIS_ASSIGN(auto due, station::watched_turns(anchor, kPatience));
    RELAIS_ASSIGN(const auto kept, station::keep_turns(anchor, std::move(due)));
    nlohmann::json all = nlohmann::json::array();
    for (const station::WatchedTurn& turn : kept) {
        output.line("draft kept, to be signed (relais send " + uuid(turn.draft.id) +
                    "): " + turn.draft.kind + " " + turn.draft.acts[0].act + " " + turn.entry +
                    "\n  " + turn.why);
        all.push_back({{"draft", uuid(turn.draft.id)},
                       {"kind", turn.draft.kind},
                       {"act", turn.draft.acts[0].act},
                       {"entry", turn.entry},
                       {"why", turn.why}});
    }
    return all;
}

}  // namespace

Result<void> import_pack(const PublishRequest& request, const ImportOptions& options,
                         const Output& output) {
    RELAIS_ASSIGN(const packs::ImportedPack pack, packs::read_pack_folder(request.folder));
    output.line("pack " + pack.name + " version " + std::to_string(pack.version) + " (" +
                pack.title + ")\n" + pack.report.text(kBrokenShown));
    if (pack.report.broken() > 0 && !options.skip_broken) {
        return fail(ErrorCode::bad_configuration,
                    std::to_string(pack.report.broken()) +
                        " broken lines; nothing was published (--skip-broken leaves them out)");
    }
    RELAIS_TRY(refuse_empty(pack));
    if (!options.without_availability) RELAIS_TRY(refuse_without_availability(pack));
    RELAIS_ASSIGN(const auto anchor, open_anchor(request));
    RELAIS_ASSIGN(auto lists, say_lists(*anchor, pack, output));
    if (!confirmed(request)) return fail(ErrorCode::usage, "not confirmed; nothing was published");
    RELAIS_ASSIGN(station::Registrar registrar, station::Registrar::of(*anchor));
    RELAIS_TRY(registrar.publish_pack(pack.files));
    const std::string digest = hex(sha256(pack.files.manifest).view());
    output.line("Published, signed by " + anchor->identity().organisation.text() + ": " + digest);
    const auto turns = prepare_turns(*anchor, output);
    if (!turns.ok()) {
        output.line("What the pack asks to suspend or reopen could not be prepared (" +
                    turns.error().describe() + "): relais pack review does it.");
    }
    output.result({{"pack", pack.name},
                   {"version", pack.version},
                   {"digest", digest},
                   {"turns", turns.ok() ? *turns : nlohmann::json()},
                   {"lists", std::move(lists)},
                   {"absent", pack.report.absent},
                   {"ignored", pack.report.ignored},
                   {"broken", broken_json(pack.report)}});
    return {};
}

Result<void> withdraw_pack(const std::string& pack, const PublishRequest& request,
                           const Output& output) {
    RELAIS_ASSIGN(const Name name, Name::parse(pack));
    RELAIS_ASSIGN(const auto anchor, open_anchor(request));
    RELAIS_ASSIGN(station::Registrar registrar, station::Registrar::of(*anchor));
    RELAIS_TRY(registrar.withdraw_pack(name));
    output.line(pack + ": its codes are not checked any more.");
    output.result({{"withdrawn", pack}});
    return {};
}

Result<void> list_packs(Operator& op, const Output& output) {
    RELAIS_ASSIGN(const directory::DirectoryState state, op.directory());
    nlohmann::json all = nlohmann::json::array();
    for (const directory::PackRecord& record : state.packs()) {
        const directory::PackPublished& pack = record.pack;
        output.line(pack.name.text() + " version " + std::to_string(pack.version) + "  " +
                    std::to_string(pack.bytes) + " bytes" +
                    (pack.withdrawn ? "  withdrawn" : "  " + hex(pack.digest.view())));
        all.push_back({{"pack", pack.name.text()},
                       {"version", pack.version},
                       {"digest", hex(pack.digest.view())},
                       {"bytes", pack.bytes},
                       {"withdrawn", pack.withdrawn}});
    }
    output.result(all);
    return {};
}

}  // namespace relais::admin
