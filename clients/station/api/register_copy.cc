#include "clients/station/api/register_copy.h"

#include <algorithm>

#include "core/codecs/codecs.h"

namespace relais::station {

namespace {

using Json = nlohmann::json;

std::string value_name(const std::string& kind, const std::string& name) {
    return "register/" + kind + "/" + name;
}

Json set_json(const RegisterSet& set) {
    return {{"accepted", set.accepted.ms},  {"leaf", set.leaf.value},
            {"from", set.from.text()},      {"thread", uuid(set.thread)},
            {"kind", hex(set.kind.view())}, {"act", set.act}};
}

Error corrupt_copy() { return fail(ErrorCode::corrupt, "copy of a register"); }

Result<RegisterSet> parse_set(const Json& json) {
    const auto text = [&](const char* member) {
        const auto found = json.find(member);
        return found != json.end() && found->is_string() ? found->get<std::string>() : "";
    };
    const auto number = [&](const char* member) {
        const auto found = json.find(member);
        return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
    };
    if (!json.is_object() || number("accepted") < 0 || number("leaf") < 0) return corrupt_copy();
    auto from = Address::parse(text("from"));
    const auto thread = uuid_from<ThreadId>(text("thread"));
    const auto kind = hex_from<Digest>(text("kind"));
    if (!from.ok() || !thread.ok() || !kind.ok()) return corrupt_copy();
    return RegisterSet{{number("accepted")},
                       {static_cast<std::uint64_t>(number("leaf"))},
                       *std::move(from),
                       *thread,
                       *kind,
                       text("act")};
}

bool not_for_us(ErrorCode code) {
    return code == ErrorCode::forbidden || code == ErrorCode::unknown_kind ||
           code == ErrorCode::unknown_object;
}

}  // namespace

bool sets_own_entry(const workflow::Effect& effect) {
    return effect.op == workflow::EffectOp::set_register &&
           std::ranges::find(effect.key, workflow::KeySource::signer, &workflow::KeyPart::source) !=
               effect.key.end();
}

std::set<RegisterName> asked_registers(const workflow::Kind& kind, workflow::ActIndex act) {
    std::set<RegisterName> names;
    const auto add = [&](workflow::RegisterIndex index) {
        const workflow::RegisterDeclared& declared = kind.registers[index];
        names.emplace(declared.kind.empty() ? kind.name : declared.kind, declared.name);
    };
    for (const workflow::Row& row : kind.rows) {
        if (row.trigger != workflow::TriggerKind::act || row.index != act) continue;
        for (const workflow::Guard& guard : row.guards) {
            const bool asks = guard.op == workflow::GuardOp::register_is ||
                              guard.op == workflow::GuardOp::register_is_not;
            if (asks) add(guard.reg);
        }
        for (const workflow::Effect& effect : row.effects) {
            if (sets_own_entry(effect)) add(effect.reg);
        }
    }
    return names;
}

RegisterSet set_by(const RegisterLine& line) {
    return {line.accepted.time, line.accepted.leaf, line.act.from,
            line.act.thread,    line.act.kind,      line.act.act};
}

Result<std::optional<RegisterCopy>> register_copy(StationStore& store, const std::string& kind,
                                                  const std::string& name) {
    RELAIS_ASSIGN(const auto bytes, store.value(value_name(kind, name)));
    if (!bytes) return std::optional<RegisterCopy>();
    const Json json = Json::parse(as_text(*bytes), nullptr, false);
    const Json latest = json.is_object() ? json.value("latest", Json()) : Json();
    const Json sets = json.is_object() ? json.value("sets", Json::object()) : Json();
    if (!latest.is_object() || !sets.is_object()) return corrupt_copy();
    RegisterCopy copy;
    copy.read = {json.value("read", std::int64_t{0})};
    copy.position = json.value("position", std::uint64_t{0});
    const auto incarnation = hex_from<Incarnation>(json.value("incarnation", std::string()));
    if (incarnation.ok()) copy.incarnation = *incarnation;
    for (const auto& [key, value] : latest.items()) {
        if (!value.is_number_integer()) return corrupt_copy();
        copy.latest[key] = value.get<std::int64_t>();
    }
    for (const auto& [key, set] : sets.items()) {
        RELAIS_ASSIGN(RegisterSet parsed, parse_set(set));
        copy.sets.insert_or_assign(key, std::move(parsed));
    }
    return std::optional(std::move(copy));
}

Result<void> keep_register_copy(StationStore& store, const std::string& kind,
                                const std::string& name, const RegisterCopy& copy) {
    Json sets = Json::object();
    for (const auto& [key, set] : copy.sets) sets[key] = set_json(set);
    const Json json = {{"read", copy.read.ms},
                       {"incarnation", hex(copy.incarnation.view())},
                       {"position", copy.position},
                       {"latest", copy.latest},
                       {"sets", std::move(sets)}};
    return store.set_value(value_name(kind, name), as_bytes(json.dump()));
}

Result<RegisterCopy> bring_up_to_date(RegisterCopy copy, const RegisterSource& read) {
    if (copy.sets.size() != copy.latest.size()) copy = {};
    RELAIS_ASSIGN(RegisterPart part, read(copy.position));
    if (part.incarnation != copy.incarnation || part.size < copy.position) {
        if (copy.position != 0) {
            RELAIS_ASSIGN(part, read(0));
        }
        copy = {};
        copy.incarnation = part.incarnation;
    }
    copy.position += part.lines.size();
    for (const RegisterLine& line : part.lines) {
        copy.latest[line.key] = line.value;
        copy.sets.insert_or_assign(line.key, set_by(line));
    }
    return copy;
}

Result<RegisterCopy> refresh_register(Station& station, const std::string& kind,
                                      const std::string& name, std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(const auto known, register_copy(station.store(), kind, name));
    const auto read = [&](std::uint64_t from) {
        return read_register_from(station, kind, name, from, patience);
    };
    RELAIS_ASSIGN(RegisterCopy copy, bring_up_to_date(known.value_or(RegisterCopy{}), read));
    copy.read = station.now();
    RELAIS_TRY(keep_register_copy(station.store(), kind, name, copy));
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
