#include "clients/station/api/enrol.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clients/station/api/duties.h"
#include "clients/station/api/enrol_entries.h"
#include "clients/station/seal/envelope_seal.h"
#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"
#include "core/files/lock.h"

namespace relais::station {

namespace {

constexpr const char* kPending = "pending_enrolment";  // in the vault: the token is a secret
constexpr const char* kProposal = "enrolment_proposal";
constexpr const char* kRecovery = "recovery";  // in the vault until a recovery is complete
// In the vault until the sheet is kept elsewhere: whose it is, and its secret.
constexpr const char* kSheetTitle = "recovery_sheet_title";
constexpr const char* kSheet = "recovery_sheet";
constexpr std::chrono::milliseconds kStep{100};
constexpr std::chrono::milliseconds kBusyPause{250};

Result<void> check_request(const Invitation& invitation, const EnrolmentRequest& request,
                           WallTime now) {
    if (invitation.expires < now) return fail(ErrorCode::invitation_unknown, "expired");
    if (request.passphrase.size() < limits::kPassphraseCharactersMin) {
        return fail(ErrorCode::invalid_field, "passphrase too short");
    }
    if (!is_title(request.station_title, limits::kTitleBytesMax)) {
        return fail(ErrorCode::invalid_field, "station title");
    }
    return {};
}

Result<void> keep(const StationFolder& folder, Vault& vault, const Invitation& invitation,
                  const EnrolmentRequest& request, const PreparedEnrolment& prepared,
                  Random& random) {
    RELAIS_ASSIGN(const auto store, open_store(folder, vault, Database::Mode::create, random));
    RELAIS_TRY(store->begin());
    RELAIS_TRY(save_identity(*store,
                             {invitation.domain, invitation.domain_authority,
                              Name::parse(prepared.proposal.organisation).value(), prepared.station,
                              invitation.broker_endpoint, invitation.broker_curve}));
    RELAIS_TRY(store->set_value(kProposal, encode_proposal(prepared.proposal)));
    for (const auto& [mailbox, key] : prepared.epochs) {
        RELAIS_TRY(store->add_epoch_key(mailbox, {1}, key.scalar()));
    }
    RELAIS_TRY(store->commit());
    put_keys(vault, prepared.keys);
    vault.put(kPending, encode_invitation(invitation));
    if (!request.recovery_secret.empty()) vault.put(kRecovery, request.recovery_secret);
    if (!prepared.recovery_secret.empty()) {
        vault.put(kSheetTitle,
                  Secret::copy_of(request.organisation ? request.organisation->title
                                                       : prepared.proposal.organisation));
        vault.put(kSheet, prepared.recovery_secret);
    }
    if (prepared.person) {
        const Secret& own =
            request.person_passphrase.empty() ? request.passphrase : request.person_passphrase;
        RELAIS_TRY(vault.put_person(*prepared.person, *prepared.person_key, own));
    }
    return vault.save();  // last: a folder without it was never begun
}

}  // namespace

Result<EnrolmentBegun> begin_enrolment(const StationFolder& folder, const Invitation& invitation,
                                       EnrolmentRequest request) {
    SystemRandom random;
    SystemClock clock;
    const WallTime now = clock.read().wall;
    RELAIS_TRY(check_request(invitation, request, now));
    RELAIS_TRY(make_private_folder(folder.path));
    RELAIS_ASSIGN(const FileLock alone, FileLock::wait_for(folder.path));
    std::error_code ignored;
    if (std::filesystem::exists(folder.vault(), ignored)) {
        return fail(ErrorCode::already_enrolled, folder.path.string());
    }
    std::filesystem::remove(folder.database(), ignored);  // of an attempt that was cut short
    RELAIS_ASSIGN(PreparedEnrolment prepared, prepare_enrolment(invitation, request, random, now));
    RELAIS_ASSIGN(Vault vault, Vault::create(folder.vault(), request.passphrase, request.scrypt));
    RELAIS_TRY(keep(folder, vault, invitation, request, prepared, random));
    return EnrolmentBegun{std::move(prepared.recovery_secret), prepared.authority};
}

namespace {

// A conversation with the enrolment process: any key may speak there, so one is made for it.
class EnrolmentTalk {
public:
    static Result<EnrolmentTalk> open(const Invitation& invitation,
                                      std::chrono::milliseconds patience) {
        EnrolmentTalk talk(generate_curve_keys());
        RELAIS_ASSIGN(talk.link_, Link::open(invitation.enrolment_endpoint,
                                             invitation.enrolment_curve, talk.keys_));
        talk.until_ = std::chrono::steady_clock::now() + patience;
        return talk;
    }

    // Asks again where the service says that it has too much to do.
    Result<wire::Body> ask(wire::Body request) {
        const std::uint64_t number = ++last_number_;
        const Bytes frame = wire::encode_frame({number, std::move(request)});
        Error last = fail(ErrorCode::unreachable, "the enrolment service does not answer");
        bool sent = false;
        auto again = std::chrono::steady_clock::now();
        for (auto now = again; now < until_; now = std::chrono::steady_clock::now()) {
            if (!sent && now >= again) sent = link_->send(frame);
            const Link::Arrivals arrivals = link_->wait(kStep);
            if (arrivals.broken) break;
            for (const Bytes& bytes : arrivals.frames) {
                RELAIS_ASSIGN(wire::Frame reply, wire::parse_frame(bytes));
                if (reply.number != number) continue;
                const auto* refusal = std::get_if<wire::Refusal>(&reply.body);
                if (refusal == nullptr) return std::move(reply.body);
                last = fail(refusal->code, refusal->detail);
                if (refusal->code != ErrorCode::busy) return last;
                again = std::chrono::steady_clock::now() + kBusyPause;
                sent = false;
            }
        }
        return last;
    }

private:
    explicit EnrolmentTalk(CurveKeyPair keys) : keys_(std::move(keys)) {}
    CurveKeyPair keys_;
    std::unique_ptr<Link> link_;
    std::chrono::steady_clock::time_point until_;
    std::uint64_t last_number_ = 0;
};

struct Pending {
    Invitation invitation;
    Bytes proposal;
};

Result<Pending> load_pending(const Vault& vault, StationStore& store) {
    if (!vault.has(kPending))
        return fail(ErrorCode::not_found, "aucun enrôlement en cours : ce poste est installé");
    RELAIS_ASSIGN(const Secret token, vault.get(kPending));
    RELAIS_ASSIGN(Invitation invitation, parse_invitation(as_text(token.expose())));
    RELAIS_ASSIGN(auto proposal, store.value(kProposal));
    if (!proposal) return fail(ErrorCode::corrupt, "proposal");
    return Pending{std::move(invitation), *std::move(proposal)};
}

// Sends the proposal, which the broker takes once however often it comes, and asks for the answer.
Result<EnrolmentState> ask_for_decision(const Pending& pending,
                                        std::chrono::milliseconds patience) {
    const Invitation& invitation = pending.invitation;
    const Digest digest = sha256(pending.proposal);
    RELAIS_ASSIGN(EnrolmentTalk talk, EnrolmentTalk::open(invitation, patience));
    auto answer = talk.ask(wire::EnrolmentStatus{invitation.locator, digest});
    if (answer.code() == ErrorCode::invitation_unknown) {
        const Digest mac =
            proposal_mac(invitation.authenticator, invitation.locator, pending.proposal);
        RELAIS_TRY(talk.ask(wire::Enrol{invitation.locator, pending.proposal, mac}));
        return EnrolmentState::waiting;
    }
    if (answer.code() == ErrorCode::not_decided) return EnrolmentState::waiting;
    if (!answer.ok()) return answer.error();
    const auto* decision = std::get_if<wire::EnrolmentDecision>(&*answer);
    if (decision == nullptr) return fail(ErrorCode::malformed, "answer to the enrolment");
    const Digest expected = answer_mac(invitation.authenticator, digest, decision->approved);
    if (!equal_constant_time(expected.view(), decision->answer_mac.view())) {
        return fail(ErrorCode::authenticator_wrong, "the answer is not the inviter's");
    }
    if (!decision->approved) return fail(ErrorCode::enrolment_refused);
    return EnrolmentState::approved;
}

// The entry that let this station in: its organisation's admission, or its own first entry where
// the organisation invited it. A recovery is let in by its own recovery key.
bool lets_in(const directory::Entry& entry, const Invitation& invitation,
             const Identity& identity) {
    if (invitation.purpose == wire::InvitationPurpose::organisation) {
        const auto* admission = std::get_if<directory::Admission>(&entry.body);
        return admission != nullptr && admission->organisation == identity.organisation;
    }
    const auto* station = std::get_if<directory::Station>(&entry.body);
    return station != nullptr && station->id == identity.station;
}

Result<void> check_inviter(Station& station, const Invitation& invitation) {
    if (invitation.purpose == wire::InvitationPurpose::recovery) return {};
    const auto& entries = station.replica().entries();
    const auto first = std::ranges::find_if(entries, [&](const directory::Entry& entry) {
        return lets_in(entry, invitation, station.identity());
    });
    if (first == entries.end() || first->signer != invitation.inviter) {
        return fail(ErrorCode::authenticator_wrong, "not admitted by the inviter's key");
    }
    return {};
}

// The directory is the one that the inviter saw, and the inviter's key let us in, with our keys.
Result<void> check_directory(Station& station, const Invitation& invitation) {
    if (!invitation.checkpoint.empty()) {
        RELAIS_TRY(station.replica().check_checkpoint(invitation.checkpoint));
    }
    const directory::StationRecord* self = station.self();
    if (self == nullptr) {
        return fail(ErrorCode::enrolment_refused, "this station is not in the directory");
    }
    const StationKeys& keys = station.keys();
    if (self->station.sealing != keys.sealing.public_key() ||
        self->station.signing != keys.signing.public_key()) {
        return fail(ErrorCode::authenticator_wrong, "this station's entry shows other keys");
    }
    return check_inviter(station, invitation);
}

// Keys of the organisation's mailboxes, out of the grants to its recovery key.
Result<void> recover_epochs(Station& station, const directory::OrganisationRecord& organisation,
                            const seal::RecoveryKeys& keys) {
    const Identity& identity = station.identity();
    for (const auto& [unit, epochs] : organisation.epochs) {
        const Address mailbox = Address::of(unit, identity.organisation, identity.domain);
        for (const directory::EpochRecord& record : epochs) {
            for (const directory::Grant& grant : record.epoch.grants) {
                if (grant.station) continue;
                const auto key = seal::open_grant(grant, mailbox, record.epoch.number,
                                                  record.epoch.key, keys.sealing);
                if (key.ok()) RELAIS_TRY(station.keyring().put(mailbox, record.epoch.number, *key));
            }
        }
    }
    return {};
}

// Those that the station serves already, and of the others as many as it has room for. The rest is
// for further stations; their keys are here, for whoever lets these in.
std::vector<std::string> units_to_serve(const directory::OrganisationRecord& organisation,
                                        std::vector<std::string> units) {
    for (const auto& [unit, history] : organisation.units) {
        if (units.size() >= limits::kUnitsPerStationMax) break;
        if (history.now() == nullptr || std::ranges::find(units, unit) != units.end()) continue;
        units.push_back(unit);
    }
    return units;
}

// Whether this station is a grantee of the mailbox's present epoch.
bool has_present_epoch(const Station& station, const Address& mailbox) {
    const auto* record = station.directory().epoch(mailbox);
    if (record == nullptr) return false;
    const std::optional self(station.identity().station);
    return std::ranges::find(record->epoch.grants, self, &directory::Grant::station) !=
           record->epoch.grants.end();
}

// With the recovered epochs the organisation's old messages can be read again; then its mailboxes
// belong to this station too, under new epochs. Cut off, it goes on where it was.
Result<void> complete_recovery(Station& station, const Secret& recovery_secret) {
    const Identity& identity = station.identity();
    const auto* organisation = station.directory().organisation(identity.organisation.text());
    RELAIS_TRY(recover_epochs(station, *organisation, seal::recovery_keys(recovery_secret)));
    directory::Station self = station.self()->station;
    self.units = units_to_serve(*organisation, std::move(self.units));
    if (self.units.size() > station.self()->station.units.size()) {
        ChainWriter writer(station.directory(), identity.organisation, *station.keys().authority,
                           station.now());
        writer.add(self);
        RELAIS_TRY(station.append(writer.take(), std::chrono::seconds(30)));
    }
    RELAIS_ASSIGN(Registrar registrar, Registrar::of(station));
    for (const std::string& unit : self.units) {
        const Address mailbox = Address::of(unit, identity.organisation, identity.domain);
        if (!has_present_epoch(station, mailbox)) RELAIS_TRY(registrar.roll_epoch(mailbox));
    }
    return station.synchronise(std::chrono::seconds(30));
}

Result<void> complete(const StationFolder& folder, const Secret& passphrase,
                      const Invitation& invitation, std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(const auto station, Station::open(folder, passphrase));
    RELAIS_TRY(station->synchronise(patience));
    RELAIS_TRY(check_directory(*station, invitation));
    Vault& vault = station->vault();
    if (vault.has(kRecovery)) {
        RELAIS_ASSIGN(const Secret secret, vault.get(kRecovery));
        RELAIS_TRY(complete_recovery(*station, secret));
        vault.remove(kRecovery);
    }
    vault.remove(kPending);
    return vault.save();
}

// Its keys were never in the directory, and its inviter will have none of them.
void forget_enrolment(const StationFolder& folder) {
    std::error_code ignored;
    std::filesystem::remove(folder.vault(), ignored);
    for (const char* part : {"", "-wal", "-shm"}) {
        std::filesystem::remove(folder.database().string() + part, ignored);
    }
}

}  // namespace

bool enrolment_pending(const Vault& vault) { return vault.has(kPending); }

Result<std::optional<RecoverySheet>> sheet_to_keep(const StationFolder& folder,
                                                   const Secret& passphrase) {
    RELAIS_ASSIGN(const Vault vault, Vault::open(folder.vault(), passphrase));
    if (!vault.has(kSheet)) return std::optional<RecoverySheet>();
    RELAIS_ASSIGN(const Secret token, vault.get(kPending));
    RELAIS_ASSIGN(const Invitation invitation, parse_invitation(as_text(token.expose())));
    RELAIS_ASSIGN(const Secret title, vault.get(kSheetTitle));
    RELAIS_ASSIGN(Secret secret, vault.get(kSheet));
    RELAIS_ASSIGN(const StationKeys keys, load_keys(vault));
    if (!keys.authority) return fail(ErrorCode::corrupt, "recovery sheet");
    return std::optional(RecoverySheet{invitation.domain, std::string(as_text(title.expose())),
                                       std::move(secret),
                                       fingerprint(keys.authority->public_key())});
}

Result<void> sheet_is_kept(const StationFolder& folder, const Secret& passphrase) {
    RELAIS_ASSIGN(Vault vault, Vault::open(folder.vault(), passphrase));
    if (!vault.has(kSheet)) return {};
    vault.remove(kSheet);
    vault.remove(kSheetTitle);
    return vault.save();
}

Result<EnrolmentState> continue_enrolment(const StationFolder& folder, const Secret& passphrase,
                                          std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(const Vault vault, Vault::open(folder.vault(), passphrase));
    if (vault.has(kSheet))
        return fail(ErrorCode::missing_field, "fiche de secours pas encore remise");
    SystemRandom random;
    std::optional<Pending> pending;
    {
        RELAIS_ASSIGN(const auto store,
                      open_store(folder, vault, Database::Mode::existing, random));
        RELAIS_ASSIGN(pending, load_pending(vault, *store));
    }
    const auto decision = ask_for_decision(*pending, patience);
    if (decision.code() == ErrorCode::enrolment_refused) forget_enrolment(folder);
    if (!decision.ok()) return decision.error();
    const EnrolmentState state = *decision;
    if (state == EnrolmentState::approved) {
        RELAIS_TRY(complete(folder, passphrase, pending->invitation, patience));
    }
    return state;
}

}  // namespace relais::station
