// enrolment.cc: open invitations and the proposals that came for them.
#include "broker/store/sqlite_store.h"

namespace relais::broker {

Result<void> SqliteStore::put_invitation(const StoredInvitation& invitation) {
    Query query = database_.query(
        "INSERT OR REPLACE INTO invitation (locator, purpose, organisation, expires_at, used)"
        " VALUES (?, ?, ?, ?, ?)");
    query.bind(invitation.locator.view()).bind(static_cast<int>(invitation.purpose));
    query.bind(invitation.organisation).bind(invitation.expires.ms).bind(invitation.used);
    return query.run();
}

Result<std::vector<StoredInvitation>> SqliteStore::invitations() {
    Query query =
        database_.query("SELECT locator, purpose, organisation, expires_at, used FROM invitation");
    std::vector<StoredInvitation> invitations;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return invitations;
        if (query.blob(0).size() != Locator::kSize) return fail(ErrorCode::corrupt, "invitation");
        invitations.push_back({Locator::from(query.blob(0)),
                               static_cast<wire::InvitationPurpose>(query.integer(1)),
                               std::string(query.text(2)),
                               {query.integer(3)},
                               query.integer(4) != 0});
    }
}

Result<void> SqliteStore::remove_invitation(const Locator& locator) {
    Query proposals = database_.query("DELETE FROM proposal WHERE locator = ?");
    RELAIS_TRY(proposals.bind(locator.view()).run());
    Query query = database_.query("DELETE FROM invitation WHERE locator = ?");
    return query.bind(locator.view()).run();
}

Result<void> SqliteStore::put_proposal(const StoredProposal& proposal) {
    Query query = database_.query(
        "INSERT OR REPLACE INTO proposal (locator, digest, payload, mac, decided, approved,"
        " answer_mac) VALUES (?, ?, ?, ?, ?, ?, ?)");
    query.bind(proposal.locator.view()).bind(proposal.digest.view()).bind(proposal.payload);
    query.bind(proposal.mac.view()).bind(proposal.decided).bind(proposal.approved);
    return query.bind(proposal.answer_mac.view()).run();
}

Result<std::vector<StoredProposal>> SqliteStore::proposals(const Locator& locator) {
    Query query = database_.query(
        "SELECT digest, payload, mac, decided, approved, answer_mac FROM proposal"
        " WHERE locator = ?");
    query.bind(locator.view());
    std::vector<StoredProposal> proposals;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return proposals;
        if (query.blob(0).size() != Digest::kSize || query.blob(2).size() != Digest::kSize ||
            query.blob(5).size() != Digest::kSize) {
            return fail(ErrorCode::corrupt, "proposal");
        }
        proposals.push_back({locator, Digest::from(query.blob(0)), to_bytes(query.blob(1)),
                             Digest::from(query.blob(2)), query.integer(3) != 0,
                             query.integer(4) != 0, Digest::from(query.blob(5))});
    }
}

}  // namespace relais::broker
