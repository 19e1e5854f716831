#include "clients/station/api/inviter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/contexts.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"

namespace relais::station {

namespace {

using Json = nlohmann::json;

constexpr const char* kInvitations = "invitations";
// Apart from the rest, whose text is a library's to copy: locator and authenticator of each, one
// after the other.
constexpr const char* kAuthenticators = "invitation_authenticators";
constexpr std::size_t kAuthenticatorBytes = 16;
constexpr std::size_t kRecordBytes = Locator::kSize + kAuthenticatorBytes;

// What the inviter keeps of an invitation until it is answered.
struct Kept {
    Locator locator;
    Secret authenticator;
    std::vector<std::string> units;
    std::vector<PersonId> persons;
    bool new_person = false;
    WallTime expires;
    Digest inviter;  // fingerprint of the key that the invitee expects to be let in by
};

Json to_json(const Kept& kept) {
    Json persons = Json::array();
    for (const PersonId& id : kept.persons) persons.push_back(uuid(id));
    return {{"locator", hex(kept.locator.view())},
            {"units", kept.units},
            {"persons", persons},
            {"new_person", kept.new_person},
            {"expires", kept.expires.ms},
            {"inviter", hex(kept.inviter.view())}};
}

// Empty where there is none. A former version had them in the document itself.
Result<Secret> authenticator_of(const Json& json, const Locator& locator, ByteView records) {
    for (; records.size() >= kRecordBytes; records = records.subspan(kRecordBytes)) {
        if (!std::ranges::equal(records.first(Locator::kSize), locator.view())) continue;
        return Secret::copy_of(records.subspan(Locator::kSize, kAuthenticatorBytes));
    }
    RELAIS_ASSIGN(Bytes bytes, parse_hex(json.value("authenticator", std::string())));
    Secret authenticator = Secret::copy_of(bytes);
    wipe(bytes);
    return authenticator;
}

Result<Kept> from_json(const Json& json, ByteView authenticators) {
    const auto text = [&](const char* key) { return json.value(key, std::string()); };
    RELAIS_ASSIGN(const Locator locator, hex_from<Locator>(text("locator")));
    RELAIS_ASSIGN(const Digest inviter, hex_from<Digest>(text("inviter")));
    RELAIS_ASSIGN(Secret authenticator, authenticator_of(json, locator, authenticators));
    Kept kept{locator, std::move(authenticator),        {},
              {},      json.value("new_person", false), {json.value("expires", std::int64_t{0})},
              inviter};
    for (const Json& unit : json.value("units", Json::array())) {
        kept.units.push_back(unit.is_string() ? unit.get<std::string>() : "");
    }
    for (const Json& person : json.value("persons", Json::array())) {
        RELAIS_ASSIGN(const PersonId id,
                      uuid_from<PersonId>(person.is_string() ? person.get<std::string>() : ""));
        kept.persons.push_back(id);
    }
    return kept;
}

Result<std::vector<Kept>> load_kept(Station& station) {
    RELAIS_ASSIGN(const auto bytes, station.store().value(kInvitations));
    std::vector<Kept> all;
    if (!bytes) return all;
    RELAIS_ASSIGN(auto records, station.store().value(kAuthenticators));
    const Secret authenticators = Secret::copy_of(records ? ByteView(*records) : ByteView());
    if (records) wipe(*records);
    const Json json = Json::parse(as_text(*bytes), nullptr, false);
    if (!json.is_array()) return fail(ErrorCode::corrupt, "invitations");
    for (const Json& item : json) {
        RELAIS_ASSIGN(Kept kept, from_json(item, authenticators.expose()));
        all.push_back(std::move(kept));
    }
    return all;
}

// Those that are over go, whatever became of them.
Result<void> save_kept(Station& station, const std::vector<Kept>& all) {
    Json json = Json::array();
    Secret records(all.size() * kRecordBytes);
    auto next = records.expose_mutable();
    for (const Kept& kept : all) {
        if (kept.expires < station.now()) continue;
        if (kept.authenticator.size() != kAuthenticatorBytes) {
            return fail(ErrorCode::corrupt, "authenticator of an invitation");
        }
        json.push_back(to_json(kept));
        std::ranges::copy(kept.locator.view(), next.begin());
        std::ranges::copy(kept.authenticator.expose(), next.begin() + Locator::kSize);
        next = next.subspan(kRecordBytes);
    }
    const ByteView written = records.expose().first(records.size() - next.size());
    StationStore& store = station.store();
    RELAIS_TRY(store.begin());
    Result<void> done = store.set_value(kAuthenticators, written);
    if (done.ok()) done = store.set_value(kInvitations, as_bytes(json.dump()));
    if (done.ok()) done = store.commit();
    if (!done.ok()) store.rollback();
    return done;
}

// What a station's proposal brings: its keys and titles. Its rights are the inviter's to give.
struct ProposedStation {
    std::optional<directory::Person> person;
    directory::Station station;
};

Result<ProposedStation> read_proposal(ByteView payload, const Kept& kept,
                                      const Name& organisation) {
    RELAIS_ASSIGN(const EnrolmentProposal proposal, parse_proposal(payload));
    if (proposal.purpose != wire::InvitationPurpose::station ||
        proposal.organisation != organisation.text()) {
        return fail(ErrorCode::invalid_field, "proposal for something else");
    }
    RELAIS_ASSIGN(const directory::Entry station_entry, directory::parse_entry(proposal.station));
    const auto* station = std::get_if<directory::Station>(&station_entry.body);
    if (station == nullptr) return fail(ErrorCode::invalid_field, "no station in the proposal");
    ProposedStation proposed{std::nullopt, *station};
    proposed.station.units = kept.units;
    proposed.station.persons = kept.persons;
    if (!proposal.person.empty()) {
        RELAIS_ASSIGN(const directory::Entry entry, directory::parse_entry(proposal.person));
        const auto* person = std::get_if<directory::Person>(&entry.body);
        if (person == nullptr || !kept.new_person) {
            return fail(ErrorCode::invalid_field, "a person that was not invited");
        }
        proposed.person = *person;
        proposed.person->registrar = false;
        proposed.station.persons.push_back(person->id);
    }
    return proposed;
}

Result<void> decide(Station& station, const Kept& kept, const Digest& proposal, bool approved) {
    const Digest mac = answer_mac(kept.authenticator, proposal, approved);
    RELAIS_TRY(
        station.ask(wire::DecideProposal{kept.locator, proposal, approved, mac}, kAnswerPatience));
    return {};
}

// Whether the directory has this very station already: it was let in before, and whoever did so was
// cut off before it could answer.
bool taken_before(const Station& station, const directory::Station& proposed) {
    const auto* known = station.directory().station(proposed.id);
    return known != nullptr && known->organisation == station.identity().organisation.text() &&
           known->station.curve == proposed.curve && known->station.sealing == proposed.sealing &&
           known->station.signing == proposed.signing;
}

// The directory's rules let a registrar give somebody of the organisation another key, and rights
// and attestations go by the id: an invitee that proposed the id of who is there would become them.
// A person and their first station come together, so no honest proposal says one that is known.
Result<void> check_new_person(const Station& station, const ProposedStation& proposed) {
    if (!proposed.person) return {};
    if (station.directory().person_ever(proposed.person->id) == nullptr) return {};
    return fail(ErrorCode::bad_entry, "the person proposed is in the directory already");
}

Result<void> admit(Station& station, Registrar& registrar, const ProposedStation& proposed) {
    RELAIS_TRY(station.synchronise(kAnswerPatience));
    if (taken_before(station, proposed.station)) return {};
    RELAIS_TRY(check_new_person(station, proposed));
    return registrar.admit_station(proposed.person, proposed.station);
}

bool rightly_made(const Kept& kept, const wire::Proposal& proposal) {
    const Digest expected = proposal_mac(kept.authenticator, kept.locator, proposal.payload);
    return equal_constant_time(expected.view(), proposal.mac.view());
}

// Whether two stations claim it, each with its authenticator: then it was copied, and nothing says
// which of them is the one that was invited.
bool copied(const Kept& kept, const std::vector<wire::Proposal>& waiting) {
    const wire::Proposal* first = nullptr;
    for (const wire::Proposal& proposal : waiting) {
        if (proposal.locator != kept.locator || !rightly_made(kept, proposal)) continue;
        if (first != nullptr && first->payload != proposal.payload) return true;
        first = &proposal;
    }
    return false;
}

Result<void> judge(Station& station, Registrar& registrar, const Kept& kept,
                   const std::vector<wire::Proposal>& waiting, const wire::Proposal& proposal,
                   ApprovalOutcome& outcome) {
    if (!rightly_made(kept, proposal)) return fail(ErrorCode::authenticator_wrong);
    RELAIS_ASSIGN(const ProposedStation proposed,
                  read_proposal(proposal.payload, kept, station.identity().organisation));
    outcome.station_title = proposed.station.title;
    outcome.person_title = proposed.person ? proposed.person->title : "";
    if (copied(kept, waiting)) {
        return fail(ErrorCode::invitation_unknown,
                    "deux postes se réclament de cette invitation : elle a été copiée, refaites-en "
                    "une pour chacun");
    }
    return admit(station, registrar, proposed);
}

// What the broker does not take of an answer is this proposal's alone: the others go on.
Result<ApprovalOutcome> answer(Station& station, Registrar& registrar, const Kept& kept,
                               const std::vector<wire::Proposal>& waiting,
                               const wire::Proposal& proposal) {
    ApprovalOutcome outcome;
    outcome.verdict = judge(station, registrar, kept, waiting, proposal, outcome);
    const bool approved = outcome.verdict.ok();
    outcome.decided = approved || ends_proposal(outcome.verdict.code());
    if (!outcome.decided) return outcome;
    const auto said = decide(station, kept, sha256(proposal.payload), approved);
    if (said.ok()) return outcome;
    if (error_info(said.code()).retry != Retry::never) return said.error();
    outcome.verdict = said.error();
    outcome.decided = false;
    return outcome;
}

}  // namespace

bool ends_proposal(ErrorCode code) {
    switch (code) {
        case ErrorCode::authenticator_wrong:
        case ErrorCode::invitation_unknown:  // copied
        case ErrorCode::bad_signature: return true;
        case ErrorCode::usage:
        case ErrorCode::bad_configuration:
        case ErrorCode::unsupported_version:  // of this program or of the broker
        case ErrorCode::chain_broken:         // somebody else's entry came first
        case ErrorCode::not_a_signer: return false;
        default: break;
    }
    constexpr unsigned kInput = 1;
    constexpr unsigned kDirectory = 5;
    const unsigned family = static_cast<unsigned>(code) / 100;
    return error_info(code).retry == Retry::never && (family == kInput || family == kDirectory);
}

Digest proposal_mac(const Secret& authenticator, const Locator& locator, ByteView payload) {
    const std::uint8_t zero = 0;
    return hmac_sha256(authenticator,
                       {as_bytes(contexts::kEnrol), ByteView(&zero, 1), locator.view(), payload});
}

Digest answer_mac(const Secret& authenticator, const Digest& proposal, bool approved) {
    const std::uint8_t tail[] = {0, static_cast<std::uint8_t>(approved ? 1 : 0)};
    return hmac_sha256(authenticator, {as_bytes(contexts::kEnrolAnswer), ByteView(tail, 1),
                                       proposal.view(), ByteView(tail + 1, 1)});
}

Result<Secret> invite_station(Station& station, const Registrar& registrar,
                              const StationInvitation& wanted) {
    RELAIS_TRY(station.synchronise(kAnswerPatience));
    const wire::Welcome& welcome = *station.sync().welcome();
    const directory::Domain& domain = *station.directory().domain();
    Secret authenticator(kAuthenticatorBytes);
    station.random().fill(authenticator.expose_mutable());
    const Locator locator = station.random().make<Locator>();
    const WallTime expires = station.now() + wanted.lifetime;
    std::vector<Kept> kept;
    RELAIS_ASSIGN(kept, load_kept(station));
    kept.push_back({locator, authenticator.duplicate(), wanted.units, wanted.persons,
                    wanted.new_person, expires, registrar.fingerprint()});
    RELAIS_TRY(save_kept(station, kept));
    RELAIS_TRY(station.ask(
        wire::OpenInvitation{locator, wire::InvitationPurpose::station, wanted.lifetime},
        kAnswerPatience));
    return encode_invitation({.domain = station.identity().domain,
                              .purpose = wire::InvitationPurpose::station,
                              .locator = locator,
                              .authenticator = std::move(authenticator),
                              .expires = expires,
                              .inviter = registrar.fingerprint(),
                              .domain_authority = station.identity().authority,
                              .broker_curve = domain.curve_key,
                              .enrolment_curve = domain.enrolment_key,
                              .broker_endpoint = welcome.endpoint,
                              .enrolment_endpoint = welcome.enrolment_endpoint,
                              .checkpoint = station.replica().checkpoint(),
                              .organisation = station.identity().organisation.text()});
}

Result<std::vector<ApprovalOutcome>> approve_waiting(Station& station, Registrar& registrar) {
    std::vector<ApprovalOutcome> outcomes;
    RELAIS_ASSIGN(const auto kept, load_kept(station));
    if (kept.empty()) return outcomes;
    RELAIS_ASSIGN(const wire::Body body, station.ask(wire::FetchProposals{}, kAnswerPatience));
    const auto* waiting = std::get_if<wire::Proposals>(&body);
    if (waiting == nullptr) return fail(ErrorCode::malformed, "answer to FetchProposals");
    for (const wire::Proposal& proposal : waiting->proposals) {
        const auto own = std::ranges::find(kept, proposal.locator, &Kept::locator);
        // Signed by another registrar of this station it would not be what the invitee expects.
        if (own == kept.end() || own->inviter != registrar.fingerprint()) continue;
        RELAIS_ASSIGN(ApprovalOutcome outcome,
                      answer(station, registrar, *own, waiting->proposals, proposal));
        outcomes.push_back(std::move(outcome));
    }
    return outcomes;
}

}  // namespace relais::station
