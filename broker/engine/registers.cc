#include "broker/engine/registers.h"

#include <algorithm>

#include "core/base/limits.h"

namespace relais::broker {

namespace {

// Acts are a few hundred bytes each: as many as a frame surely holds.
constexpr std::size_t kReadAtOnce = 64;

std::string full_name(const std::string& kind, const std::string& name) {
    return kind + "/" + name;
}

}  // namespace

Result<std::optional<std::int64_t>> Registers::latest(const std::string& kind,
                                                      const std::string& name,
                                                      const std::string& key) const {
    return parts_.store.register_value(full_name(kind, name), key);
}

Result<void> Registers::set(const workflow::Kind& kind, const workflow::Registered& set,
                            const Accepted& accepted, const SignedHeader& act) {
    return parts_.store.add_register_record(full_name(kind.name, kind.registers[set.reg].name),
                                            {set.key, set.value, accepted, act});
}

Result<wire::RegisterEntries> Registers::read(const std::string& organisation,
                                              const wire::FetchRegister& fetch) const {
    const directory::KindRecord* published = parts_.state().kind(fetch.kind.text());
    if (published == nullptr) return fail(ErrorCode::unknown_kind, fetch.kind.text());
    RELAIS_ASSIGN(const auto kind, parts_.kinds.get(published->kind.digest));
    const auto declared =
        std::ranges::find_if(kind->registers, [&](const workflow::RegisterDeclared& each) {
            return each.kind.empty() && each.name == fetch.name.text();
        });
    if (declared == kind->registers.end()) {
        return fail(ErrorCode::unknown_object, fetch.name.text());
    }
    const auto* reader = parts_.state().organisation(organisation);
    const bool may =
        reader != nullptr &&
        std::ranges::find(declared->readers, reader->admission.kind) != declared->readers.end();
    if (!may) return fail(ErrorCode::forbidden, fetch.name.text());
    const std::string name = full_name(fetch.kind.text(), fetch.name.text());
    RELAIS_ASSIGN(auto records, parts_.store.register_records(name, fetch.from, kReadAtOnce));
    RELAIS_ASSIGN(const std::uint64_t size, parts_.store.register_size(name));
    wire::RegisterEntries entries{fetch.from, {}, size};
    for (RegisterRecord& record : records) {
        entries.entries.push_back(
            {std::move(record.key), record.value, record.accepted, std::move(record.act)});
    }
    return entries;
}

}  // namespace relais::broker
