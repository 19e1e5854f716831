// lookup.h: from what somebody typed to the one thing that it means: a person, an organisation, a
// mailbox, a thread, a message, a draft. Several meanings are refused, never guessed. One thread.
#pragma once

#include <string>
#include <vector>

#include "clients/station/api/draft.h"

namespace relais::cli {

using PersonList = std::vector<const directory::PersonRecord*>;

// Somebody may be inscribed several times, once for each of their posts: under one RPPS.
enum class Inscription : std::uint8_t {
    any,  // each is as good: the first
    one,  // it matters which: several are refused
};
// The person of `among` with that id (or 6 characters of it), that RPPS, that title, or the only
// one whose title contains it. Errors: unknown_person; usage  several, which the detail tells
// apart.
Result<const directory::PersonRecord*> pick_person(const PersonList& among,
                                                   const std::string& typed,
                                                   Inscription which = Inscription::any);
// The same among the persons of an organisation; "" means this station's own.
Result<const directory::PersonRecord*> find_person(station::Station& station,
                                                   const std::string& organisation,
                                                   const std::string& typed,
                                                   Inscription which = Inscription::any);
// What tells homonyms apart: "Dr Alix Modèle, RPPS 99700000013, n° 1a2b3c4d"; "Accueil, n° ...".
[[nodiscard]] std::string told_apart(const directory::Person& person);
[[nodiscard]] std::string told_apart(const directory::Station& station);
// A station of this organisation, by id or title. Errors: unknown_object; usage  several.
Result<StationId> find_station(station::Station& station, const std::string& typed);
// By name, or the only one whose title contains it. Errors: unknown_object; usage  several.
Result<const directory::OrganisationRecord*> find_organisation(station::Station& station,
                                                               const std::string& typed);

// An address; the domain may be left out. Errors: invalid_field; unknown_recipient.
Result<Address> find_mailbox(station::Station& station, const std::string& typed);
// A mailbox, or a group where it begins with '#'; as above.
Result<Address> find_recipient(station::Station& station, const std::string& typed);
// A group, by its address or, where only one has it, its name. Errors: invalid_field;
// unknown_recipient; usage  several.
Result<Address> find_group(station::Station& station, const std::string& typed);
// Mailboxes that this station serves.
[[nodiscard]] std::vector<Address> own_mailboxes(station::Station& station);
// One of them; where nothing is typed, the only one, from which to send. Errors: not_your_mailbox;
// usage  several.
Result<Address> own_mailbox(station::Station& station, const std::string& typed);

// Errors: unknown_thread; usage  several.
Result<ThreadId> find_thread_typed(station::Station& station, const std::string& typed);
// A message received or sent here. Errors: not_found; usage  several.
Result<MessageId> find_message(station::Station& station, const std::string& typed);
// Errors: not_found; usage  several.
Result<station::Draft> find_draft(station::Station& station, const std::string& typed);

// That it is the code of a profession. Errors: invalid_field  the detail lists the codes.
Result<void> check_profession(const std::string& code);

// The version in force. Errors: unknown_kind.
Result<std::shared_ptr<const station::LoadedKind>> find_kind(station::Station& station,
                                                             const std::string& name);

}  // namespace relais::cli
