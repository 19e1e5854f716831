#include "clients/station/api/registers.h"

#include <algorithm>
#include <map>

#include "schemas/workflow/register_act.h"

namespace relais::station {

namespace {

Error altered(const std::string& why) { return fail(ErrorCode::evidence_altered, why); }

Result<RegisterLine> check_entry(Station& station, const std::string& kind_name,
                                 const std::string& name, const wire::RegisterEntry& entry) {
    RELAIS_ASSIGN(Header header, parse_header(entry.act.bytes));
    const Digest digest = header_digest(entry.act.bytes);
    const DirectorySize at = entry.accepted.directory_size;
    const directory::DirectoryState& directory = station.directory();
    if (at > station.replica().size()) return fail(ErrorCode::ahead_of_directory);
    const auto* person = directory.person(header.by, at);
    if (person == nullptr) return altered("who signed is unknown");
    const auto genuine = verify_header_signature(digest, entry.act.signature, person->person.key,
                                                 station.verifier());
    if (!genuine.ok()) return altered("signature");
    RELAIS_ASSIGN(const auto loaded, station.kinds().get(header.kind));
    const workflow::Kind& kind = loaded->kind;
    if (kind.name != kind_name) return altered("act of another kind");
    const auto set = workflow::check_set(directory, kind, header, at, entry.accepted.time,
                                         {name, entry.key, entry.value});
    if (set.code() == ErrorCode::act_refused) return altered("act of another kind");
    if (!set.ok()) return set.error();
    return RegisterLine{entry.key, entry.value, std::move(header), entry.accepted};
}

}  // namespace

Result<RegisterPart> read_register_from(Station& station, const std::string& kind,
                                        const std::string& name, std::uint64_t from,
                                        std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(const Name kind_name, Name::parse(kind));
    RELAIS_ASSIGN(const Name register_name, Name::parse(name));
    RegisterPart part{{}, 0, {}};
    for (bool first = true;; first = false) {
        const std::uint64_t at = from + part.lines.size();
        RELAIS_ASSIGN(const wire::Body body,
                      station.ask(wire::FetchRegister{kind_name, register_name, at}, patience));
        const auto* page = std::get_if<wire::RegisterEntries>(&body);
        if (page == nullptr || page->from != at) return altered("another answer");
        // Pages of a broker and of what it was restored to make no register.
        const auto& welcome = station.sync().welcome();
        if (!welcome || !(first || welcome->incarnation == part.incarnation)) {
            return fail(ErrorCode::unreachable, station.identity().endpoint);
        }
        part.incarnation = welcome->incarnation;
        for (const wire::RegisterEntry& entry : page->entries) {
            RELAIS_ASSIGN(RegisterLine line, check_entry(station, kind, name, entry));
            part.lines.push_back(std::move(line));
        }
        part.size = page->size;
        if (from + part.lines.size() >= page->size || page->entries.empty()) return part;
    }
}

Result<std::vector<RegisterLine>> read_register(Station& station, const std::string& kind,
                                                const std::string& name,
                                                std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(RegisterPart part, read_register_from(station, kind, name, 0, patience));
    return std::move(part.lines);
}

std::vector<RegisterLine> latest_lines(const std::vector<RegisterLine>& lines,
                                       std::optional<LeafIndex> at) {
    std::map<std::string, const RegisterLine*> latest;
    for (const RegisterLine& line : lines) {
        if (!at || line.accepted.leaf < *at) latest[line.key] = &line;
    }
    std::vector<RegisterLine> result;
    for (const auto& [key, line] : latest) result.push_back(*line);
    return result;
}

}  // namespace relais::station
