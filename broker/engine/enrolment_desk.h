// enrolment_desk.h: open invitations and the proposals that strangers make for them. The broker
// knows the locators only: whether a proposal is genuine, the inviter alone can tell (its
// authenticator).
#pragma once

#include "broker/engine/commands.h"
#include "broker/engine/parts.h"

namespace relais::broker {

class EnrolmentDesk {
public:
    explicit EnrolmentDesk(Parts& parts) : parts_(parts) {}

    // Reads the open invitations.
    Result<void> load();

    // By a registrar (organisation, recovery) or a station with a registrar person (station).
    // Errors: forbidden; invalid_field  lifetime; busy  too many open; already open.
    Result<void> open(const Input& input, const wire::OpenInvitation& invitation);
    Result<void> close(const Input& input, const Locator& locator);
    // By a stranger. Kept for the inviter; several may come for one locator, since a thief of the
    // locator may be first, and only the inviter can tell. Errors: invitation_unknown, busy.
    Result<void> propose(const wire::Enrol& enrol);
    // Errors: invitation_unknown; not_decided.
    Result<wire::EnrolmentDecision> status(const wire::EnrolmentStatus& query);
    // For the inviter: undecided proposals of the invitations it may decide.
    Result<wire::Proposals> waiting(const Input& input);
    // The same decision may come again, another may not. Errors: forbidden; invitation_unknown,
    // also where it has served; unknown_object.
    Result<void> decide(const Input& input, const wire::DecideProposal& decision);

    // When the first open invitation ends.
    [[nodiscard]] std::optional<EngineTime> first_end() const;
    // Forgets invitations that are over. Within a transaction.
    Result<void> expire();
    [[nodiscard]] bool any_open() const { return !open_.empty(); }
    // Those that can still serve; one that has served stays a while for its answer alone.
    [[nodiscard]] std::size_t open_count() const;

private:
    [[nodiscard]] Result<std::string> inviter(const Input& input) const;
    [[nodiscard]] bool may_decide(const Input& input, const StoredInvitation& invitation) const;
    Result<void> make_room(const StoredInvitation& invitation,
                           const std::vector<StoredProposal>& known, std::size_t bytes);
    Result<void> forget(const Locator& locator);
    // Null for one that is unknown or over.
    [[nodiscard]] StoredInvitation* find(const Locator& locator);

    Parts& parts_;
    std::map<Locator, StoredInvitation> open_;
};

}  // namespace relais::broker
