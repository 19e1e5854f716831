#include "clients/station/sync/pack_shelf.h"

#include <algorithm>
#include <iterator>

namespace relais::station {

namespace {

Result<bool> has_all(StationStore& store, const packs::Manifest& manifest) {
    for (const packs::List& list : manifest.lists) {
        for (const packs::Part& part : list.parts) {
            RELAIS_ASSIGN(const bool here, store.has_bundle(part.digest));
            if (!here) return false;
        }
    }
    return true;
}

}  // namespace

Result<std::vector<HeldPack>> PackShelf::packs() const {
    std::vector<HeldPack> held;
    for (const directory::PackRecord* record : replica_.state().packs_in_force()) {
        HeldPack pack{record->pack};
        RELAIS_ASSIGN(const auto bytes, store_.bundle(record->pack.digest));
        if (bytes) {
            auto manifest = packs::parse_manifest(*bytes);
            if (!manifest.ok()) return fail(ErrorCode::corrupt, "manifest of a pack");
            RELAIS_ASSIGN(pack.complete, has_all(store_, *manifest));
            pack.manifest = std::move(manifest).value();
        }
        held.push_back(std::move(pack));
    }
    return held;
}

Result<std::shared_ptr<const HeldList>> PackShelf::list(std::string_view name) const {
    RELAIS_ASSIGN(const auto held, packs());
    for (const HeldPack& pack : held) {
        const packs::List* list = pack.manifest ? pack.manifest->list(name) : nullptr;
        if (list != nullptr) return read(pack, *list);
    }
    return fail(ErrorCode::not_found, "list " + std::string(name));
}

Result<std::shared_ptr<const HeldList>> PackShelf::read(const HeldPack& pack,
                                                        const packs::List& list) const {
    auto& known = read_[{pack.published.digest, list.name}];
    if (known) return known;
    std::vector<packs::Row> rows;
    for (const packs::Part& part : list.parts) {
        RELAIS_ASSIGN(const auto bytes, store_.bundle(part.digest));
        if (!bytes) return fail(ErrorCode::not_found, "list " + list.name + ": not all here yet");
        auto read = packs::parse_part(*bytes, list.facts.size());
        if (!read.ok()) return fail(ErrorCode::corrupt, "list " + list.name);
        std::ranges::move(*read, std::back_inserter(rows));
    }
    auto table = packs::CodeTable::make(list, std::move(rows));
    if (!table.ok()) return fail(ErrorCode::corrupt, table.error().detail);
    known = std::make_shared<const HeldList>(
        HeldList{std::move(table).value(), pack.published.name.text(), pack.published.version});
    return known;
}

forms::CodeAnswer PackShelf::find(std::string_view name, std::string_view code) const {
    const auto held = list(name);
    if (!held.ok()) return {};
    const std::string source = (*held)->pack + ", version " + std::to_string((*held)->version);
    const packs::Row* row = (*held)->table.find(code);
    if (row == nullptr) return {forms::CodeAnswer::Known::no, {}, source};
    return {forms::CodeAnswer::Known::yes, row->label, source};
}

}  // namespace relais::station
