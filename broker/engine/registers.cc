#include "broker/engine/registers.h"

#include <algorithm>
#include <limits>

#include "schemas/workflow/register_act.h"

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
    RELAIS_ASSIGN(const auto record, parts_.store.last_register_record(full_name(kind, name), key));
    return record ? std::optional(record->value) : std::nullopt;
}

Result<std::optional<RegisterRecord>> Registers::said_since(const workflow::Kind& kind,
                                                            const workflow::Registered& set,
                                                            const Header& header) const {
    const std::string name = full_name(kind.name, kind.registers[set.reg].name);
    RELAIS_ASSIGN(auto standing, parts_.store.last_register_record(name, set.key));
    if (!standing) return std::optional<RegisterRecord>();
    const auto before = parse_header(standing->act.bytes);
    if (!before.ok()) return fail(ErrorCode::corrupt, "act of a register");
    // A clock that may have gone back does not say that an act comes promptly.
    constexpr WallTime kLate{std::numeric_limits<std::int64_t>::max()};
    const WallTime now = parts_.time.suspect() ? kLate : parts_.time.wall();
    const bool since = workflow::was_said_before(
        parts_.state(), {header, parts_.state().size(), now},
        {*before, standing->accepted.directory_size, standing->accepted.time});
    return since ? std::move(standing) : std::nullopt;
}

Result<std::optional<Registers::SaidSince>> Registers::leave_out_said_before(
    const workflow::Kind& kind, workflow::Outcome& outcome, const Header& header) const {
    std::optional<SaidSince> otherwise;
    std::vector<workflow::Consequence> kept;
    for (workflow::Consequence& each : outcome.consequences) {
        std::optional<RegisterRecord> since;
        const auto* set = std::get_if<workflow::Registered>(&each);
        if (set != nullptr) {
            RELAIS_ASSIGN(since, said_since(kind, *set, header));
        }
        if (!since) {
            kept.push_back(std::move(each));
        } else if (since->value != set->value) {
            otherwise = SaidSince{kind.registers[set->reg].name, std::move(since->act)};
        }
    }
    outcome.consequences = std::move(kept);
    return otherwise;
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
