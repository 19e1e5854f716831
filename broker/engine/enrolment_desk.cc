#include "broker/engine/enrolment_desk.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/crypto/sha256.h"

namespace relais::broker {

namespace {

constexpr Milliseconds kAnswerKept = std::chrono::hours(1);
// Of those shown at once; the others come once these are decided.
constexpr std::size_t kProposalBytesPerFrame = 512 * 1024;

}  // namespace

Result<void> EnrolmentDesk::load() {
    open_.clear();
    RELAIS_ASSIGN(const auto invitations, parts_.store.invitations());
    for (const StoredInvitation& invitation : invitations) {
        open_.emplace(invitation.locator, invitation);
    }
    return {};
}

// The organisation whose station asks, if a registrar of it uses that station; empty for the
// domain.
Result<std::string> EnrolmentDesk::inviter(const Input& input) const {
    if (input.principal == Principal::registrar) return std::string();
    const directory::DirectoryState& state = parts_.state();
    const auto* station = state.station(input.station);
    if (station == nullptr) return fail(ErrorCode::unknown_key);
    const bool registrar = std::ranges::any_of(station->station.persons, [&](const PersonId& id) {
        const auto* person = state.person(id);
        return person != nullptr && person->person.registrar;
    });
    if (!registrar) return fail(ErrorCode::forbidden, "no registrar uses this station");
    return station->organisation;
}

Result<void> EnrolmentDesk::open(const Input& input, const wire::OpenInvitation& invitation) {
    RELAIS_ASSIGN(const std::string organisation, inviter(input));
    const bool for_station = invitation.purpose == wire::InvitationPurpose::station;
    if (for_station == organisation.empty()) {
        return fail(ErrorCode::forbidden,
                    "stations are invited by their organisation, "
                    "organisations by the domain");
    }
    if (invitation.lifetime.count() <= 0 || invitation.lifetime > limits::kInvitationLifetimeMax) {
        return fail(ErrorCode::invalid_field, "lifetime");
    }
    if (open_.size() >= limits::kInvitationsOpenMax) return fail(ErrorCode::busy, "invitations");
    const auto own = std::ranges::count_if(
        open_, [&](const auto& item) { return item.second.organisation == organisation; });
    // One organisation does not take the places of all others; the domain itself may.
    if (!organisation.empty() && static_cast<std::size_t>(own) >= limits::kInvitationsOfOneMax) {
        return fail(ErrorCode::busy, "invitations of this organisation");
    }
    if (open_.contains(invitation.locator)) return fail(ErrorCode::invalid_field, "locator used");
    const StoredInvitation stored{invitation.locator, invitation.purpose, organisation,
                                  parts_.time.time() + invitation.lifetime};
    RELAIS_TRY(parts_.store.put_invitation(stored));
    open_.emplace(stored.locator, stored);
    Leaf leaf = leaf_of(Event::invitation_opened);
    if (input.principal == Principal::station) leaf.station = input.station;
    leaf.subject = organisation;
    leaf.header = sha256(stored.locator.view());
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return {};
}

bool EnrolmentDesk::may_decide(const Input& input, const StoredInvitation& invitation) const {
    const auto organisation = inviter(input);
    return organisation.ok() && *organisation == invitation.organisation;
}

Result<void> EnrolmentDesk::close(const Input& input, const Locator& locator) {
    const StoredInvitation* const invitation = find(locator);
    if (invitation == nullptr) return fail(ErrorCode::invitation_unknown);
    if (!may_decide(input, *invitation)) return fail(ErrorCode::forbidden);
    return forget(locator);
}

Result<void> EnrolmentDesk::propose(const wire::Enrol& enrol) {
    const StoredInvitation* const invitation = find(enrol.locator);
    if (invitation == nullptr || invitation->used) return fail(ErrorCode::invitation_unknown);
    const Digest digest = sha256(enrol.payload);
    RELAIS_ASSIGN(const auto known, parts_.store.proposals(enrol.locator));
    if (std::ranges::find(known, digest, &StoredProposal::digest) != known.end()) return {};
    RELAIS_TRY(make_room(*invitation, known, enrol.payload.size()));
    RELAIS_TRY(parts_.store.put_proposal(
        {enrol.locator, digest, enrol.payload, enrol.mac, false, false, {}}));
    Leaf leaf = leaf_of(Event::enrolment_proposed);
    leaf.header = digest;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return {};
}

// A claim that the inviter has refused takes no place from the right one; its answer is kept as
// long as there is room for it.
Result<void> EnrolmentDesk::make_room(const StoredInvitation& invitation,
                                      const std::vector<StoredProposal>& known, std::size_t bytes) {
    std::size_t waiting = 0;
    for (const StoredProposal& proposal : known) {
        if (proposal.decided) continue;
        ++waiting;
        bytes += proposal.payload.size();
    }
    if (waiting >= limits::kProposalsPerInvitationMax ||
        bytes > limits::kProposalBytesPerInvitationMax) {
        return fail(ErrorCode::busy, "too many proposals for this invitation");
    }
    if (known.size() - waiting < limits::kProposalsPerInvitationMax) return {};
    const StoredInvitation kept = invitation;
    RELAIS_TRY(parts_.store.remove_invitation(kept.locator));
    RELAIS_TRY(parts_.store.put_invitation(kept));
    for (const StoredProposal& proposal : known) {
        if (!proposal.decided) RELAIS_TRY(parts_.store.put_proposal(proposal));
    }
    return {};
}

Result<wire::EnrolmentDecision> EnrolmentDesk::status(const wire::EnrolmentStatus& query) {
    if (find(query.locator) == nullptr) return fail(ErrorCode::invitation_unknown);
    RELAIS_ASSIGN(const auto proposals, parts_.store.proposals(query.locator));
    const auto found = std::ranges::find(proposals, query.proposal, &StoredProposal::digest);
    if (found == proposals.end()) return fail(ErrorCode::invitation_unknown);
    if (!found->decided) return fail(ErrorCode::not_decided);
    return wire::EnrolmentDecision{found->approved, found->answer_mac, parts_.state().size()};
}

Result<wire::Proposals> EnrolmentDesk::waiting(const Input& input) {
    wire::Proposals waiting;
    std::size_t bytes = 0;
    for (const auto& [locator, invitation] : open_) {
        if (!may_decide(input, invitation)) continue;
        RELAIS_ASSIGN(const auto proposals, parts_.store.proposals(locator));
        for (const StoredProposal& proposal : proposals) {
            if (proposal.decided) continue;
            if (waiting.proposals.size() == limits::kEntriesPerFrameMax) return waiting;
            if (bytes + proposal.payload.size() > kProposalBytesPerFrame) return waiting;
            bytes += proposal.payload.size();
            waiting.proposals.push_back({locator, proposal.payload, proposal.mac});
        }
    }
    return waiting;
}

Result<void> EnrolmentDesk::decide(const Input& input, const wire::DecideProposal& decision) {
    StoredInvitation* const invitation = find(decision.locator);
    if (invitation == nullptr) return fail(ErrorCode::invitation_unknown);
    if (!may_decide(input, *invitation)) return fail(ErrorCode::forbidden);
    RELAIS_ASSIGN(auto proposals, parts_.store.proposals(decision.locator));
    const auto proposal = std::ranges::find(proposals, decision.proposal, &StoredProposal::digest);
    if (proposal == proposals.end()) return fail(ErrorCode::unknown_object, "proposal");
    if (proposal->decided && proposal->approved == decision.approved) return {};  // said before
    if (proposal->decided) return fail(ErrorCode::forbidden, "decided otherwise");
    if (decision.approved && invitation->used) {
        return fail(ErrorCode::invitation_unknown, "it has served");
    }
    proposal->decided = true;
    proposal->approved = decision.approved;
    proposal->answer_mac = decision.answer_mac;
    if (!decision.approved) proposal->payload.clear();
    RELAIS_TRY(parts_.store.put_proposal(*proposal));
    Leaf leaf = leaf_of(Event::enrolment_decided);
    if (input.principal == Principal::station) leaf.station = input.station;
    leaf.header = decision.proposal;
    leaf.subject = decision.approved ? "approved" : "refused";
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    // An invitation serves once; the invitee has a while to come for the answer. Where the proposal
    // was refused the invitation stays: the right one may follow.
    if (!decision.approved) return {};
    invitation->used = true;
    invitation->expires = std::min(invitation->expires, parts_.time.time() + kAnswerKept);
    return parts_.store.put_invitation(*invitation);
}

Result<void> EnrolmentDesk::forget(const Locator& locator) {
    RELAIS_TRY(parts_.store.remove_invitation(locator));
    open_.erase(locator);
    Leaf leaf = leaf_of(Event::invitation_closed);
    leaf.header = sha256(locator.view());
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return {};
}

StoredInvitation* EnrolmentDesk::find(const Locator& locator) {
    const auto found = open_.find(locator);
    const bool open = found != open_.end() && parts_.time.time() < found->second.expires;
    return open ? &found->second : nullptr;
}

std::size_t EnrolmentDesk::open_count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(open_, [](const auto& item) { return !item.second.used; }));
}

std::optional<EngineTime> EnrolmentDesk::first_end() const {
    std::optional<EngineTime> first;
    for (const auto& [locator, invitation] : open_) {
        if (!first || invitation.expires < *first) first = invitation.expires;
    }
    return first;
}

Result<void> EnrolmentDesk::expire() {
    std::vector<Locator> over;
    for (const auto& [locator, invitation] : open_) {
        if (invitation.expires <= parts_.time.time()) over.push_back(locator);
    }
    for (const Locator& locator : over) RELAIS_TRY(forget(locator));
    return {};
}

}  // namespace relais::broker
