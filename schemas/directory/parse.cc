// parse.cc: directory entries from bytes, one function a body.
#include <algorithm>
#include <array>

#include "core/base/limits.h"
#include "schemas/directory/entries.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/directory_generated.h"

namespace relais::directory {

namespace {

constexpr std::size_t kUnitKindsMax = 64;
constexpr std::size_t kMandateActsMax = 64;
constexpr std::size_t kRegistrarsMax = 16;
constexpr std::uint64_t kLatest = std::uint64_t{1} << 48;  // of a time in milliseconds

Error invalid(const char* field) { return fail(ErrorCode::invalid_field, field); }

Result<std::string> title(const flatbuffers::String* raw, const char* field) {
    if (!is_title(flat::view(raw), limits::kTitleBytesMax)) return invalid(field);
    return raw->str();
}

// Empty, or a title.
Result<std::string> optional_title(const flatbuffers::String* raw, const char* field) {
    if (flat::view(raw).empty()) return std::string();
    return title(raw, field);
}

// Empty (the organisation's own mailbox), or a slug.
Result<std::string> unit_name(const flatbuffers::String* raw) {
    const std::string_view text = flat::view(raw);
    if (!text.empty() && !is_slug(text)) return invalid("unit");
    return std::string(text);
}

template <typename Enum, typename Raw>
Result<Enum> enumeration(Raw raw, Raw last, const char* field) {
    if (raw == Raw::unset || raw > last) return invalid(field);
    return static_cast<Enum>(raw);
}

Result<OrganisationKind> kind(fb::OrganisationKind raw) {
    return enumeration<OrganisationKind>(raw, fb::OrganisationKind::other, "kind");
}

Result<Domain> parse(const fb::Domain& raw) {
    RELAIS_ASSIGN(std::string name, title(raw.title(), "title"));
    if (raw.registrars()->size() > kRegistrarsMax) return invalid("registrars");
    std::vector<Registrar> registrars;
    for (const fb::Registrar* item : *raw.registrars()) {
        RELAIS_ASSIGN(std::string label, title(item->title(), "registrars.title"));
        registrars.push_back({flat::id<P256Public>(*item->key()), std::move(label)});
    }
    return Domain{std::move(name),
                  flat::id<P256Public>(*raw.authority()),
                  std::move(registrars),
                  flat::id<P256Public>(*raw.broker_key()),
                  {static_cast<std::int64_t>(raw.broker_key_until_ms())},
                  flat::id<CurvePublic>(*raw.curve_key()),
                  flat::id<CurvePublic>(*raw.enrolment_key()),
                  flat::id<Ed25519Public>(*raw.directory_log()),
                  flat::id<Ed25519Public>(*raw.audit_log()),
                  raw.test()};
}

Result<Admission> parse(const fb::Admission& raw) {
    RELAIS_ASSIGN(Name organisation, Name::parse(flat::view(raw.organisation())));
    RELAIS_ASSIGN(const auto organisation_kind, kind(raw.kind()));
    RELAIS_ASSIGN(std::string identifier, title(raw.identifier(), "identifier"));
    return Admission{std::move(organisation), organisation_kind, std::move(identifier),
                     flat::id<Digest>(*raw.authority()), raw.anchor()};
}

Result<Suspension> parse(const fb::Suspension& raw) {
    RELAIS_ASSIGN(Name organisation, Name::parse(flat::view(raw.organisation())));
    return Suspension{std::move(organisation), raw.suspended()};
}

Result<Organisation> parse(const fb::Organisation& raw) {
    RELAIS_ASSIGN(std::string name, title(raw.title(), "title"));
    RELAIS_ASSIGN(const auto organisation_kind, kind(raw.kind()));
    RELAIS_ASSIGN(std::string identifier, title(raw.identifier(), "identifier"));
    return Organisation{std::move(name),
                        organisation_kind,
                        std::move(identifier),
                        flat::id<P256Public>(*raw.authority()),
                        flat::id<Digest>(*raw.recovery_signing()),
                        flat::id<P256Public>(*raw.recovery_sealing())};
}

Result<AuthorityReplaced> parse(const fb::AuthorityReplaced& raw) {
    return AuthorityReplaced{
        flat::id<P256Public>(*raw.authority()), flat::id<P256Public>(*raw.recovery_key()),
        flat::id<Digest>(*raw.recovery_signing()), flat::id<P256Public>(*raw.recovery_sealing())};
}

Result<Person> parse(const fb::Person& raw) {
    RELAIS_ASSIGN(std::string name, title(raw.title(), "title"));
    RELAIS_ASSIGN(std::string profession, title(raw.profession(), "profession"));
    RELAIS_ASSIGN(std::string rpps, optional_title(raw.rpps(), "rpps"));
    if (raw.from_ms() > kLatest || raw.until_ms() > kLatest) return invalid("until_ms");
    if (raw.until_ms() != 0 && raw.from_ms() >= raw.until_ms()) return invalid("until_ms");
    return Person{flat::id<PersonId>(*raw.id()),
                  std::move(name),
                  std::move(profession),
                  std::move(rpps),
                  flat::id<P256Public>(*raw.key()),
                  raw.registrar(),
                  {static_cast<std::int64_t>(raw.from_ms())},
                  {static_cast<std::int64_t>(raw.until_ms())}};
}

Result<Station> parse(const fb::Station& raw) {
    RELAIS_ASSIGN(std::string name, title(raw.title(), "title"));
    if (raw.persons()->size() > limits::kPersonsPerStationMax) return invalid("persons");
    if (raw.units()->size() > limits::kUnitsPerStationMax) return invalid("units");
    Station station{flat::id<StationId>(*raw.id()),
                    std::move(name),
                    flat::id<CurvePublic>(*raw.curve()),
                    flat::id<P256Public>(*raw.sealing()),
                    flat::id<P256Public>(*raw.signing()),
                    {},
                    {}};
    for (const fb::Uuid* person : *raw.persons()) {
        station.persons.push_back(flat::id<PersonId>(*person));
    }
    for (const flatbuffers::String* unit : *raw.units()) {
        RELAIS_ASSIGN(std::string checked, unit_name(unit));
        station.units.push_back(std::move(checked));
    }
    return station;
}

Result<calendar::Hours> parse_hours(const fb::Unit& raw) {
    calendar::Hours hours;
    const std::string_view zone = flat::view(raw.zone());
    if (!zone.empty() && !calendar::is_zone_name(zone)) return invalid("zone");
    hours.zone = std::string(zone);
    hours.holidays = static_cast<calendar::Holidays>(raw.holidays());
    if (hours.holidays > calendar::kLastHolidays) return invalid("holidays");
    if (raw.opening() == nullptr) return hours;
    if (raw.opening()->size() > limits::kOpeningPeriodsMax) return invalid("opening");
    if (!flat::readable(raw.opening())) return fail(ErrorCode::malformed, "opening");
    for (const fb::OpeningPeriod* item : *raw.opening()) {
        const bool sound = item->days() != 0 && item->days() < 1 << 7 &&
                           item->from_minute() < item->until_minute() &&
                           item->until_minute() <= calendar::kMinutesOfDay;
        if (!sound) return invalid("opening");
        hours.opening.push_back({item->days(), item->from_minute(), item->until_minute()});
    }
    return hours;
}

// An https URL with a host, and neither name nor password before it: the whole directory reads it.
bool is_webhook(std::string_view to) {
    constexpr std::string_view kScheme = "https://";
    if (!to.starts_with(kScheme)) return false;
    to.remove_prefix(kScheme.size());
    const std::string_view authority = to.substr(0, to.find_first_of("/?#\\"));
    return !authority.empty() && authority.find('@') == std::string_view::npos;
}

// An address has something on both sides of one @.
bool can_be_rung(RingWay way, std::string_view to) {
    const bool printable = std::ranges::all_of(to, [](char c) { return c > ' ' && c < 0x7F; });
    if (!printable || to.size() > limits::kRingTargetBytesMax) return false;
    if (way == RingWay::webhook) return is_webhook(to);
    const std::size_t at = to.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < to.size() && at == to.rfind('@') &&
           to.find_first_of("<>(),;:\\\"[]") == std::string_view::npos;
}

Result<std::vector<RingStep>> parse_rings(const fb::Unit& raw) {
    std::vector<RingStep> steps;
    if (raw.rings() == nullptr) return steps;
    if (raw.rings()->size() > limits::kRingStepsMax) return invalid("rings");
    for (const fb::RingStep* item : *raw.rings()) {
        RingStep step{static_cast<RingWay>(item->way()), item->to()->str(),
                      std::chrono::seconds(item->after_seconds()),
                      static_cast<RingHours>(item->hours())};
        const bool known = (step.way == RingWay::email || step.way == RingWay::webhook) &&
                           step.hours <= RingHours::while_closed;
        if (!known || !can_be_rung(step.way, step.to) || step.after > limits::kRingAfterMax) {
            return invalid("rings");
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

Result<Unit> parse(const fb::Unit& raw) {
    RELAIS_ASSIGN(Name name, Name::parse(flat::view(raw.name())));
    RELAIS_ASSIGN(std::string label, title(raw.title(), "title"));
    RELAIS_ASSIGN(std::string speciality, optional_title(raw.speciality(), "speciality"));
    RELAIS_ASSIGN(std::string phone, optional_title(raw.phone(), "phone"));
    if (raw.kinds()->size() > kUnitKindsMax) return invalid("kinds");
    Unit unit{std::move(name), std::move(label), std::move(speciality), std::move(phone), {}};
    RELAIS_ASSIGN(unit.hours, parse_hours(raw));
    if (raw.fallback() != nullptr) {
        RELAIS_ASSIGN(unit.fallback, Address::parse(flat::view(raw.fallback())));
    }
    RELAIS_ASSIGN(unit.rings, parse_rings(raw));
    for (const flatbuffers::String* item : *raw.kinds()) {
        if (!is_slug(flat::view(item))) return invalid("kinds");
        unit.kinds.push_back(item->str());
    }
    return unit;
}

Result<std::vector<Grant>> parse_grants(
    const flatbuffers::Vector<flatbuffers::Offset<fb::Grant>>& raw) {
    if (raw.size() == 0 || raw.size() > limits::kGrantsMax) return invalid("grants");
    std::vector<Grant> grants;
    for (const fb::Grant* item : raw) {
        if (item->enc()->size() != 65 || item->sealed_key()->size() != 48) {
            return invalid("grants: sizes");
        }
        grants.push_back({flat::optional_id<StationId>(item->station()),
                          to_bytes(flat::view(item->enc())),
                          to_bytes(flat::view(item->sealed_key()))});
    }
    return grants;
}

Result<Epoch> parse(const fb::Epoch& raw) {
    RELAIS_ASSIGN(std::string unit, unit_name(raw.unit()));
    RELAIS_ASSIGN(auto grants, parse_grants(*raw.grants()));
    return Epoch{
        std::move(unit), {raw.number()}, flat::id<P256Public>(*raw.key()), std::move(grants)};
}

Result<GrantsAdded> parse(const fb::GrantsAdded& raw) {
    RELAIS_ASSIGN(std::string unit, unit_name(raw.unit()));
    RELAIS_ASSIGN(auto grants, parse_grants(*raw.grants()));
    return GrantsAdded{std::move(unit), {raw.number()}, std::move(grants)};
}

Result<Mandate> parse(const fb::Mandate& raw) {
    if (raw.acts()->size() == 0 || raw.acts()->size() > kMandateActsMax) return invalid("acts");
    Mandate mandate{flat::id<MandateId>(*raw.id()),
                    flat::id<PersonId>(*raw.by()),
                    flat::id<PersonId>(*raw.on_behalf_of()),
                    {},
                    {static_cast<std::int64_t>(raw.until_ms())}};
    for (const flatbuffers::String* act : *raw.acts()) {
        const std::string_view text = flat::view(act);
        const std::size_t slash = text.find('/');
        if (slash == std::string_view::npos || !is_slug(text.substr(0, slash))) {
            return invalid("acts");
        }
        const std::string_view name = text.substr(slash + 1);
        if (name != "*" && !is_slug(name)) return invalid("acts");
        mandate.acts.emplace_back(text);
    }
    return mandate;
}

Result<Revocation> parse(const fb::Revocation& raw) {
    RELAIS_ASSIGN(const auto object,
                  enumeration<RevokedObject>(raw.object(), fb::RevokedObject::group, "object"));
    RELAIS_ASSIGN(const auto reason, enumeration<RevocationReason>(
                                         raw.reason(), fb::RevocationReason::other, "reason"));
    RELAIS_ASSIGN(std::string unit, unit_name(raw.unit()));
    Revocation revocation{object, {}, std::move(unit), reason};
    const bool named = object == RevokedObject::unit || object == RevokedObject::group;
    if ((raw.id() == nullptr) != named) return invalid("id");
    if (raw.id() != nullptr) {
        revocation.id = flat::id<decltype(revocation.id)>(*raw.id());
    }
    return revocation;
}

Result<Confirmation> parse(const fb::Confirmation& raw) {
    RELAIS_ASSIGN(Name organisation, Name::parse(flat::view(raw.organisation())));
    return Confirmation{std::move(organisation), flat::id<Digest>(*raw.authority())};
}

Result<Attestation> parse(const fb::Attestation& raw) {
    RELAIS_ASSIGN(Name organisation, Name::parse(flat::view(raw.organisation())));
    RELAIS_ASSIGN(std::string profession, title(raw.profession(), "profession"));
    RELAIS_ASSIGN(std::string rpps, optional_title(raw.rpps(), "rpps"));
    RELAIS_ASSIGN(const auto evidence,
                  enumeration<Evidence>(raw.evidence(), fb::Evidence::in_person, "evidence"));
    return Attestation{std::move(organisation),
                       flat::id<PersonId>(*raw.person()),
                       std::move(profession),
                       std::move(rpps),
                       evidence,
                       raw.withdrawn()};
}

Result<KindPublished> parse(const fb::KindPublished& raw) {
    RELAIS_ASSIGN(Name name, Name::parse(flat::view(raw.name())));
    return KindPublished{std::move(name), raw.version(), flat::id<Digest>(*raw.digest()),
                         raw.bytes(), raw.withdrawn()};
}

Result<Witness> parse(const fb::Witness& raw) {
    return Witness{flat::id<StationId>(*raw.station()), flat::id<Ed25519Public>(*raw.key()),
                   raw.withdrawn()};
}

Result<WitnessPolicy> parse(const fb::WitnessPolicy& raw) {
    return WitnessPolicy{raw.organisations(), std::chrono::seconds(raw.late_after_s())};
}

// Mailboxes, each once. Errors: invalid_field.
Result<std::vector<Address>> mailboxes(
    const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* raw, std::size_t count_max,
    const char* field) {
    std::vector<Address> list;
    if (raw == nullptr) return list;
    if (raw->size() > count_max) return invalid(field);
    for (const flatbuffers::String* item : *raw) {
        RELAIS_ASSIGN(Address mailbox, Address::parse(flat::view(item)));
        list.push_back(std::move(mailbox));
    }
    std::vector<Address> sorted = list;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) return invalid(field);
    return list;
}

Result<Group> parse(const fb::Group& raw) {
    RELAIS_ASSIGN(Name name, Name::parse(flat::view(raw.name())));
    RELAIS_ASSIGN(std::string label, title(raw.title(), "title"));
    if (raw.posting() > fb::Posting::members) return invalid("posting");
    if (raw.kinds()->size() == 0 || raw.kinds()->size() > kUnitKindsMax) return invalid("kinds");
    RELAIS_ASSIGN(auto posters, mailboxes(raw.posters(), limits::kGroupPostersMax, "posters"));
    Group group{std::move(name),
                std::move(label),
                {},
                static_cast<Posting>(raw.posting()),
                std::move(posters)};
    for (const flatbuffers::String* item : *raw.kinds()) {
        if (!is_slug(flat::view(item))) return invalid("kinds");
        group.kinds.push_back(item->str());
    }
    return group;
}

Result<Membership> parse(const fb::Membership& raw) {
    RELAIS_ASSIGN(Address group, Address::parse_group(flat::view(raw.group())));
    constexpr std::size_t kMost = limits::kMembershipsPerEntryMax;
    RELAIS_ASSIGN(auto added, mailboxes(raw.added(), kMost, "added"));
    RELAIS_ASSIGN(auto removed, mailboxes(raw.removed(), kMost, "removed"));
    if (added.empty() && removed.empty()) return invalid("nobody comes or goes");
    return Membership{std::move(group), std::move(added), std::move(removed)};
}

Result<PackPublished> parse(const fb::PackPublished& raw) {
    RELAIS_ASSIGN(Name name, Name::parse(flat::view(raw.name())));
    return PackPublished{std::move(name), raw.version(), flat::id<Digest>(*raw.digest()),
                         raw.bytes(), raw.withdrawn()};
}

Result<AbsencePeriod> parse(const fb::AbsencePeriod& raw) {
    if (raw.from_ms() >= raw.until_ms() || raw.until_ms() > kLatest) return invalid("periods");
    AbsencePeriod period{{static_cast<std::int64_t>(raw.from_ms())},
                         {static_cast<std::int64_t>(raw.until_ms())}};
    if (raw.delegate() != nullptr) {
        RELAIS_ASSIGN(period.delegate, Address::parse(flat::view(raw.delegate())));
    }
    return period;
}

Result<Absence> parse(const fb::Absence& raw) {
    RELAIS_ASSIGN(Name unit, Name::parse(flat::view(raw.unit())));
    Absence absence{std::move(unit)};
    if (raw.periods() == nullptr) return absence;
    if (raw.periods()->size() > limits::kAbsencePeriodsMax) return invalid("periods");
    for (const fb::AbsencePeriod* item : *raw.periods()) {
        RELAIS_ASSIGN(AbsencePeriod period, parse(*item));
        if (!absence.periods.empty() && period.from < absence.periods.back().until) {
            return invalid("periods");
        }
        absence.periods.push_back(std::move(period));
    }
    return absence;
}

template <typename Raw>
Result<EntryBody> as_body(const fb::Entry& entry) {
    auto parsed = parse(*entry.body_as<Raw>());
    if (!parsed.ok()) return parsed.error();
    return EntryBody(std::move(parsed).value());
}

using BodyParser = Result<EntryBody> (*)(const fb::Entry&);

template <typename... Raws>
constexpr auto parser_table() {
    std::array<BodyParser, sizeof...(Raws) + 1> table{};
    ((table[static_cast<std::size_t>(fb::EntryBodyTraits<Raws>::enum_value)] = as_body<Raws>), ...);
    return table;
}

constexpr auto kParsers =
    parser_table<fb::Domain, fb::Admission, fb::Suspension, fb::Organisation, fb::AuthorityReplaced,
                 fb::Person, fb::Station, fb::Unit, fb::Epoch, fb::GrantsAdded, fb::Mandate,
                 fb::Revocation, fb::Confirmation, fb::Attestation, fb::KindPublished, fb::Witness,
                 fb::WitnessPolicy, fb::Group, fb::Membership, fb::PackPublished, fb::Absence>();
static_assert(kParsers.size() == static_cast<std::size_t>(fb::EntryBody::MAX) + 1);
static_assert(std::variant_size_v<EntryBody> == static_cast<std::size_t>(fb::EntryBody::MAX));

}  // namespace

Result<Entry> parse_entry(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::Entry>(bytes, limits::kEntryBytesMax));
    RELAIS_ASSIGN(Name domain, Name::parse(flat::view(raw->domain())));
    const std::string_view chain = flat::view(raw->chain());
    if (!chain.empty() && !is_slug(chain)) return invalid("chain");
    const auto type = static_cast<std::size_t>(raw->body_type());
    if (type == 0 || type >= kParsers.size()) return invalid("body");
    RELAIS_ASSIGN(EntryBody body, kParsers[type](*raw));
    return Entry{std::move(domain),
                 std::string(chain),
                 raw->number(),
                 flat::id<Digest>(*raw->previous()),
                 {static_cast<std::int64_t>(raw->time_ms())},
                 flat::id<Digest>(*raw->signer()),
                 std::move(body)};
}

}  // namespace relais::directory
