#include "clients/station/api/register_copy.h"

#include "clients/station/api/registers.h"

namespace relais::station {

namespace {

using Json = nlohmann::json;

std::string value_name(const std::string& kind, const std::string& name) {
    return "register/" + kind + "/" + name;
}

Result<void> keep(Station& station, const std::string& value, const RegisterCopy& copy) {
    const Json json = {
        {"read", copy.read.ms}, {"position", copy.position}, {"latest", copy.latest}};
    return station.store().set_value(value, as_bytes(json.dump()));
}

bool not_for_us(ErrorCode code) {
    return code == ErrorCode::forbidden || code == ErrorCode::unknown_kind ||
           code == ErrorCode::unknown_object;
}

}  // namespace

std::set<RegisterName> asked_registers(const workflow::Kind& kind, workflow::ActIndex act) {
    std::set<RegisterName> names;
    for (const workflow::Row& row : kind.rows) {
        if (row.trigger != workflow::TriggerKind::act || row.index != act) continue;
        for (const workflow::Guard& guard : row.guards) {
            if (guard.op != workflow::GuardOp::register_is &&
                guard.op != workflow::GuardOp::register_is_not) {
                continue;
            }
            const workflow::RegisterDeclared& declared = kind.registers[guard.reg];
            names.emplace(declared.kind.empty() ? kind.name : declared.kind, declared.name);
        }
    }
    return names;
}

Result<std::optional<RegisterCopy>> register_copy(Station& station, const std::string& kind,
                                                  const std::string& name) {
    RELAIS_ASSIGN(const auto bytes, station.store().value(value_name(kind, name)));
    if (!bytes) return std::optional<RegisterCopy>();
    const Json json = Json::parse(as_text(*bytes), nullptr, false);
    const Json latest = json.is_object() ? json.value("latest", Json()) : Json();
    if (!latest.is_object()) return fail(ErrorCode::corrupt, "copy of a register");
    RegisterCopy copy{
        {json.value("read", std::int64_t{0})}, json.value("position", std::uint64_t{0}), {}};
    for (const auto& [key, value] : latest.items()) {
        if (!value.is_number_integer()) return fail(ErrorCode::corrupt, "copy of a register");
        copy.latest[key] = value.get<std::int64_t>();
    }
    return std::optional(std::move(copy));
}

Result<RegisterCopy> refresh_register(Station& station, const std::string& kind,
                                      const std::string& name, std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(const auto known, register_copy(station, kind, name));
    RegisterCopy copy = known.value_or(RegisterCopy{});
    RELAIS_ASSIGN(RegisterPart part,
                  read_register_from(station, kind, name, copy.position, patience));
    if (part.size < copy.position) {  // the broker was restored, and lost some
        copy = {};
        RELAIS_ASSIGN(part, read_register_from(station, kind, name, 0, patience));
    }
    copy.position += part.lines.size();
    for (const RegisterLine& line : part.lines) copy.latest[line.key] = line.value;
    copy.read = station.now();
    RELAIS_TRY(keep(station, value_name(kind, name), copy));
    return copy;
}

Result<void> refresh_registers(Station& station, const Draft& draft,
                               std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(const auto kind, station.kinds().get(draft.kind_digest));
    std::set<RegisterName> names;
    for (const DraftAct& filled : draft.acts) {
        const auto act = kind->kind.act(filled.act);
        if (act) names.merge(asked_registers(kind->kind, *act));
    }
    for (const auto& [of, name] : names) {
        const auto read = refresh_register(station, of, name, patience);
        if (!read.ok() && !not_for_us(read.code())) return read.error();
    }
    return {};
}

}  // namespace relais::station
