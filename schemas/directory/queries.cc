// queries.cc: what the directory answers.
#include <algorithm>

#include "schemas/directory/state.h"

namespace relais::directory {

namespace {

template <typename Map, typename Id>
auto lookup(const Map& map, const Id& id, DirectorySize at)
    -> decltype(map.begin()->second.at(at)) {
    const auto found = map.find(id);
    return found == map.end() ? nullptr : found->second.at(at);
}

// The values of a map of histories that hold now and satisfy `wanted`.
template <typename Map, typename Wanted>
auto all_now(const Map& map, Wanted wanted) {
    std::vector<decltype(map.begin()->second.now())> result;
    for (const auto& [id, history] : map) {
        const auto* value = history.now();
        if (value != nullptr && wanted(*value)) result.push_back(value);
    }
    return result;
}

}  // namespace

const OrganisationRecord* DirectoryState::organisation(std::string_view name) const {
    const auto found = organisations_.find(std::string(name));
    return found == organisations_.end() ? nullptr : &found->second;
}

const PersonRecord* DirectoryState::person(const PersonId& id, DirectorySize at) const {
    return lookup(persons_, id, at);
}

const StationRecord* DirectoryState::station(const StationId& id, DirectorySize at) const {
    return lookup(stations_, id, at);
}

const PersonRecord* DirectoryState::person_ever(const PersonId& id) const {
    const auto found = persons_.find(id);
    return found == persons_.end() ? nullptr : found->second.last();
}

const StationRecord* DirectoryState::station_ever(const StationId& id) const {
    const auto found = stations_.find(id);
    return found == stations_.end() ? nullptr : found->second.last();
}

const StationRecord* DirectoryState::station_by_curve(const CurvePublic& key) const {
    const auto found = by_curve_.find(key);
    return found == by_curve_.end() ? nullptr : station(found->second);
}

const Unit* DirectoryState::unit(std::string_view organisation, std::string_view unit,
                                 DirectorySize at) const {
    const OrganisationRecord* record = this->organisation(organisation);
    return record == nullptr ? nullptr : lookup(record->units, std::string(unit), at);
}

const Unit* DirectoryState::unit(const Address& mailbox, DirectorySize at) const {
    return unit(mailbox.organisation(), mailbox.unit(), at);
}

bool DirectoryState::takes(const Address& mailbox, std::string_view kind, DirectorySize at) const {
    const Unit* found = unit(mailbox, at);
    return found != nullptr && std::ranges::find(found->kinds, kind) != found->kinds.end();
}

const MandateRecord* DirectoryState::mandate(const MandateId& id, DirectorySize at) const {
    return lookup(mandates_, id, at);
}

std::vector<const PersonRecord*> DirectoryState::persons_of(std::string_view organisation) const {
    return all_now(persons_, [&](const PersonRecord& p) { return p.organisation == organisation; });
}

std::vector<const StationRecord*> DirectoryState::stations_of(std::string_view organisation) const {
    return all_now(stations_,
                   [&](const StationRecord& s) { return s.organisation == organisation; });
}

std::vector<const MandateRecord*> DirectoryState::mandates() const {
    return all_now(mandates_, [](const MandateRecord&) { return true; });
}

std::vector<const StationRecord*> DirectoryState::stations() const {
    return all_now(stations_, [](const StationRecord&) { return true; });
}

bool DirectoryState::mailbox_exists(const Address& mailbox, DirectorySize at) const {
    if (mailbox.domain() != domain_name_.text()) return false;
    const OrganisationRecord* record = organisation(mailbox.organisation());
    if (record == nullptr || record->entry.at(at) == nullptr) return false;
    return mailbox.unit().empty() || unit(mailbox.organisation(), mailbox.unit(), at) != nullptr;
}

bool DirectoryState::serves(const StationRecord& station, const Address& mailbox) const {
    return mailbox.domain() == domain_name_.text() &&
           station.organisation == mailbox.organisation() &&
           std::ranges::find(station.station.units, mailbox.unit()) !=
               station.station.units.end() &&
           mailbox_exists(mailbox);
}

std::vector<const StationRecord*> DirectoryState::stations_of(const Address& mailbox) const {
    return all_now(stations_, [&](const StationRecord& s) { return serves(s, mailbox); });
}

const EpochRecord* DirectoryState::epoch(const Address& mailbox) const {
    const OrganisationRecord* record = organisation(mailbox.organisation());
    if (record == nullptr || mailbox.domain() != domain_name_.text()) return nullptr;
    const auto found = record->epochs.find(std::string(mailbox.unit()));
    return found == record->epochs.end() ? nullptr : &found->second.back();
}

const EpochRecord* DirectoryState::epoch(const Address& mailbox, EpochNumber number) const {
    const OrganisationRecord* record = organisation(mailbox.organisation());
    if (record == nullptr || mailbox.domain() != domain_name_.text()) return nullptr;
    const auto found = record->epochs.find(std::string(mailbox.unit()));
    if (found == record->epochs.end() || number.value == 0 || number.value > found->second.size()) {
        return nullptr;
    }
    return &found->second[number.value - 1];
}

bool DirectoryState::has_reader(const Address& mailbox) const {
    return epoch(mailbox) != nullptr && !stations_of(mailbox).empty();
}

bool DirectoryState::has_key(const Address& mailbox, DirectorySize at) const {
    const EpochRecord* first = epoch(mailbox, EpochNumber{1});
    return first != nullptr && first->from <= at;
}

bool DirectoryState::suspended(std::string_view organisation, DirectorySize at) const {
    const OrganisationRecord* record = this->organisation(organisation);
    const bool* suspended = record == nullptr ? nullptr : record->suspended.at(at);
    return suspended != nullptr && *suspended;
}

bool DirectoryState::is_log_key(const Ed25519Public& key) const {
    return domain_.ever([&](const Domain& domain) {
        return domain.audit_log == key || domain.directory_log == key;
    });
}

bool DirectoryState::established(std::string_view organisation, DirectorySize at) const {
    const OrganisationRecord* record = this->organisation(organisation);
    return record != nullptr && record->established && *record->established <= at;
}

bool DirectoryState::attested(const PersonId& id, DirectorySize at) const {
    const PersonRecord* declared = person(id, at);
    const auto found = attestations_.find(id);
    if (declared == nullptr || found == attestations_.end()) return false;
    return std::ranges::any_of(found->second, [&](const auto& by) {
        const AttestationRecord* record = by.second.at(at);
        return record != nullptr && record->attestation.profession == declared->person.profession &&
               record->attestation.rpps == declared->person.rpps;
    });
}

std::vector<const AttestationRecord*> DirectoryState::attestations(const PersonId& id) const {
    const auto found = attestations_.find(id);
    if (found == attestations_.end()) return {};
    return all_now(found->second, [](const AttestationRecord&) { return true; });
}

std::vector<PersonId> DirectoryState::same_rpps(const PersonId& id) const {
    const PersonRecord* own = person(id);
    std::vector<PersonId> others;
    if (own == nullptr || own->person.rpps.empty()) return others;
    for (const auto& [other, history] : persons_) {
        const PersonRecord* record = history.now();
        if (record != nullptr && other != id && record->person.rpps == own->person.rpps) {
            others.push_back(other);
        }
    }
    return others;
}

bool DirectoryState::mandated(const PersonId& by, const PersonId& on_behalf_of,
                              std::string_view kind, std::string_view act, WallTime when,
                              DirectorySize at) const {
    const std::string exact = std::string(kind) + "/" + std::string(act);
    const std::string any = std::string(kind) + "/*";
    return std::ranges::any_of(mandates_, [&](const auto& item) {
        const MandateRecord* record = item.second.at(at);
        if (record == nullptr) return false;
        const Mandate& mandate = record->mandate;
        if (mandate.by != by || mandate.on_behalf_of != on_behalf_of) return false;
        if (mandate.until.ms != 0 && when > mandate.until) return false;
        return std::ranges::any_of(mandate.acts, [&](const std::string& allowed) {
            return allowed == exact || allowed == any;
        });
    });
}

const KindRecord* DirectoryState::kind(std::string_view name) const {
    for (auto record = kinds_.rbegin(); record != kinds_.rend(); ++record) {
        if (record->kind.name.text() == name) return &*record;
    }
    return nullptr;
}

const KindRecord* DirectoryState::kind(const Digest& digest) const {
    const auto found = std::ranges::find(
        kinds_, digest, [](const KindRecord& record) { return record.kind.digest; });
    return found == kinds_.end() ? nullptr : &*found;
}

const PackRecord* DirectoryState::pack(std::string_view name) const {
    for (auto record = packs_.rbegin(); record != packs_.rend(); ++record) {
        if (record->pack.name.text() == name) return &*record;
    }
    return nullptr;
}

std::vector<const PackRecord*> DirectoryState::packs_in_force() const {
    std::map<std::string, const PackRecord*> last;
    for (const PackRecord& record : packs_) last[record.pack.name.text()] = &record;
    std::vector<const PackRecord*> in_force;
    for (const auto& [name, record] : last) {
        if (!record->pack.withdrawn) in_force.push_back(record);
    }
    return in_force;
}

const OrganisationRecord* DirectoryState::anchor() const {
    for (const auto& [name, record] : organisations_) {
        if (record.admission.anchor) return &record;
    }
    return nullptr;
}

std::optional<Address> DirectoryState::coordinator() const {
    const OrganisationRecord* const publisher = anchor();
    if (publisher == nullptr) return std::nullopt;
    for (const auto& [unit, epochs] : publisher->epochs) {  // its own, "", before the others
        Address mailbox = Address::of(unit, publisher->name, domain_name_);
        if (!stations_of(mailbox).empty()) return mailbox;
    }
    return Address::of("", publisher->name, domain_name_);
}

}  // namespace relais::directory
