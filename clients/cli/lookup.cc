#include "clients/cli/lookup.h"

#include <algorithm>

#include "clients/cli/text.h"
#include "schemas/directory/professions.h"

namespace relais::cli {

namespace {

constexpr std::size_t kLookupPage = 200;

// The only id that `typed` means; nothing: none. Errors: usage  several.
template <typename Id>
Result<std::optional<Id>> one_id(const std::vector<Id>& ids, const std::string& typed) {
    std::optional<Id> found;
    for (const Id& id : ids) {
        if (!means_id(typed, id.view()) || found == id) continue;
        if (found) return fail(ErrorCode::usage, "« " + typed + " » désigne plusieurs numéros");
        found = id;
    }
    return found;
}

// As above. Errors: also `none`.
template <typename Id>
Result<Id> only_id(const std::vector<Id>& ids, const std::string& typed, ErrorCode none) {
    RELAIS_ASSIGN(const auto found, one_id(ids, typed));
    if (!found) return fail(none, typed);
    return *found;
}

}  // namespace

std::string told_apart(const directory::Person& person) {
    return person.title + (person.rpps.empty() ? "" : ", RPPS " + person.rpps) + ", n° " +
           short_id(person.id);
}

std::string told_apart(const directory::Station& station) {
    return station.title + ", n° " + short_id(station.id);
}

Result<const directory::PersonRecord*> pick_person(const PersonList& among,
                                                   const std::string& typed, Inscription which) {
    PersonList exact;
    PersonList partial;
    for (const auto* record : among) {
        const directory::Person& person = record->person;
        if (means_id(typed, person.id.view())) return record;
        const bool named = person.title == typed || (!typed.empty() && person.rpps == typed);
        if (named) exact.push_back(record);
        if (contains(person.title, fold(typed))) partial.push_back(record);
    }
    const PersonList& found = exact.empty() ? partial : exact;
    if (found.empty()) return fail(ErrorCode::unknown_person, typed);
    const std::string& rpps = found.front()->person.rpps;
    const bool one_person = !rpps.empty() && std::ranges::all_of(found, [&](const auto* record) {
        return record->person.rpps == rpps;
    });
    if (found.size() == 1 || (one_person && which == Inscription::any)) return found.front();
    std::string several;
    for (const auto* record : found) {
        several += (several.empty() ? "" : " ; ") + told_apart(record->person);
    }
    return fail(ErrorCode::usage,
                "« " + typed + " » : plusieurs inscriptions, donnez le numéro : " + several);
}

Result<const directory::PersonRecord*> find_person(station::Station& station,
                                                   const std::string& organisation,
                                                   const std::string& typed, Inscription which) {
    const std::string& of =
        organisation.empty() ? station.identity().organisation.text() : organisation;
    return pick_person(station.directory().persons_of(of), typed, which);
}

Result<StationId> find_station(station::Station& station, const std::string& typed) {
    std::vector<const directory::Station*> exact;
    std::vector<const directory::Station*> partial;
    const std::string& own = station.identity().organisation.text();
    for (const auto* record : station.directory().stations_of(own)) {
        const directory::Station& entry = record->station;
        if (means_id(typed, entry.id.view())) return entry.id;
        if (entry.title == typed) exact.push_back(&entry);
        if (contains(entry.title, fold(typed))) partial.push_back(&entry);
    }
    const auto& found = exact.empty() ? partial : exact;
    if (found.empty()) return fail(ErrorCode::unknown_object, "poste " + typed);
    if (found.size() == 1) return found.front()->id;
    std::string several;
    for (const directory::Station* entry : found) {
        several += (several.empty() ? "" : " ; ") + told_apart(*entry);
    }
    return fail(ErrorCode::usage,
                "« " + typed + " » : plusieurs postes, donnez le numéro : " + several);
}

Result<const directory::OrganisationRecord*> find_organisation(station::Station& station,
                                                               const std::string& typed) {
    const auto* exact = station.directory().organisation(typed);
    if (exact != nullptr) return exact;
    const directory::OrganisationRecord* found = nullptr;
    for (const auto& [name, record] : station.directory().organisations()) {
        const directory::Organisation* entry = record.entry.now();
        if (entry == nullptr || !contains(entry->title, fold(typed))) continue;
        if (found != nullptr) {
            return fail(ErrorCode::usage, "« " + typed + " » : plusieurs organisations");
        }
        found = &record;
    }
    if (found == nullptr || typed.empty()) return fail(ErrorCode::unknown_object, typed);
    return found;
}

Result<Address> find_mailbox(station::Station& station, const std::string& typed) {
    const bool whole = typed.find('@') != std::string::npos;
    RELAIS_ASSIGN(Address address,
                  Address::parse(whole ? typed : typed + "@" + station.identity().domain.text()));
    if (!station.directory().mailbox_exists(address)) {
        return fail(ErrorCode::unknown_recipient, address.text());
    }
    return address;
}

Result<Address> find_group(station::Station& station, const std::string& typed) {
    const std::string sharp = typed.starts_with('#') ? typed : "#" + typed;
    if (sharp.find('.') == std::string::npos) {
        std::optional<Address> found;
        for (const Address& group : station.directory().groups()) {
            if (group.unit() != sharp.substr(1)) continue;
            if (found) return fail(ErrorCode::usage, found->text() + ", " + group.text());
            found = group;
        }
        if (!found) return fail(ErrorCode::unknown_recipient, sharp);
        return *found;
    }
    const bool whole = sharp.find('@') != std::string::npos;
    RELAIS_ASSIGN(
        Address group,
        Address::parse_group(whole ? sharp : sharp + "@" + station.identity().domain.text()));
    if (station.directory().group(group) == nullptr) {
        return fail(ErrorCode::unknown_recipient, group.text());
    }
    return group;
}

Result<Address> find_recipient(station::Station& station, const std::string& typed) {
    return typed.starts_with('#') ? find_group(station, typed) : find_mailbox(station, typed);
}

std::vector<Address> own_mailboxes(station::Station& station) {
    std::vector<Address> mailboxes;
    const auto* self = station.self();
    if (self == nullptr) return mailboxes;
    const auto& identity = station.identity();
    for (const std::string& unit : self->station.units) {
        Address mailbox = Address::of(unit, identity.organisation, identity.domain);
        if (station.directory().mailbox_exists(mailbox)) mailboxes.push_back(std::move(mailbox));
    }
    return mailboxes;
}

Result<Address> own_mailbox(station::Station& station, const std::string& typed) {
    const std::vector<Address> own = own_mailboxes(station);
    if (!typed.empty()) {
        RELAIS_ASSIGN(const Address wanted, find_mailbox(station, typed));
        if (std::ranges::find(own, wanted) != own.end()) return wanted;
        return fail(ErrorCode::not_your_mailbox, wanted.text());
    }
    if (own.empty()) return fail(ErrorCode::not_your_mailbox, "ce poste ne dessert aucune boîte");
    if (own.size() == 1) return own.front();
    std::string names;
    for (const Address& mailbox : own) names += (names.empty() ? "" : ", ") + mailbox.text();
    return fail(
        ErrorCode::usage,
        "ce poste dessert plusieurs boîtes, indiquez avec --from celle qui envoie : " + names);
}

Result<ThreadId> find_thread_typed(station::Station& station, const std::string& typed) {
    RELAIS_ASSIGN(const auto ids, station.store().threads());
    return only_id(ids, typed, ErrorCode::unknown_thread);
}

Result<MessageId> find_message(station::Station& station, const std::string& typed) {
    std::vector<MessageId> ids;
    std::uint64_t after = 0;
    for (;;) {
        RELAIS_ASSIGN(const auto page, station.store().entries(after, kLookupPage));
        for (const station::StoredEntry& entry : page) {
            const bool envelope = std::holds_alternative<EnvelopeEntry>(entry.delivery.entry);
            if (entry.message && envelope) ids.push_back(*entry.message);
            after = entry.serial;
        }
        if (page.size() < kLookupPage) break;
    }
    RELAIS_ASSIGN(const auto sent, station.store().outgoing_ids());
    ids.insert(ids.end(), sent.begin(), sent.end());
    RELAIS_ASSIGN(const auto id, one_id(ids, typed));
    if (id) return *id;
    return fail(ErrorCode::not_found, "aucun message n° " + typed +
                                          " sur ce poste ; « relais show "
                                          "DOSSIER » dit les numéros d'un dossier");
}

Result<station::Draft> find_draft(station::Station& station, const std::string& typed) {
    RELAIS_ASSIGN(const auto ids, station.store().drafts());
    RELAIS_ASSIGN(const MessageId id, only_id(ids, typed, ErrorCode::not_found));
    RELAIS_ASSIGN(const auto bytes, station.store().draft(id));
    if (!bytes) return fail(ErrorCode::not_found, typed);
    return station::decode_draft(*bytes);
}

Result<void> check_profession(const std::string& code) {
    if (directory::find_profession(code) != nullptr) return {};
    std::string codes;
    for (const auto& each : directory::professions()) {
        codes +=
            (codes.empty() ? "" : ", ") + std::string(each.code) + " " + std::string(each.label);
    }
    return fail(ErrorCode::invalid_field, "profession « " + code + " » ; codes : " + codes);
}

Result<std::shared_ptr<const station::LoadedKind>> find_kind(station::Station& station,
                                                             const std::string& name) {
    const auto* record = station.directory().kind(name);
    if (record == nullptr) return fail(ErrorCode::unknown_kind, name);
    return station.kinds().get(record->kind.digest);
}

}  // namespace relais::cli
