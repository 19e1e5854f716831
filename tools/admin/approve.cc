// approve.cc: judges what those who were invited propose: only a proposal made with the
// invitation's authenticator, which this key file alone kept, is signed and appended.
#include "clients/station/api/inviter.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "schemas/directory/professions.h"
#include "tools/admin/commands.h"
#include "tools/admin/invitations.h"

namespace relais::admin {

namespace {

constexpr std::chrono::milliseconds kAskAgain{500};

// The organisation that a proposal brings. Errors: bad_entry.
Result<directory::Organisation> organisation_of(const EnrolmentProposal& proposal) {
    if (proposal.entries.empty()) return fail(ErrorCode::bad_entry, "empty proposal");
    RELAIS_ASSIGN(const auto entry, directory::parse_signed_entry(proposal.entries.front()));
    const auto* organisation = std::get_if<directory::Organisation>(&entry.entry.body);
    if (organisation == nullptr || entry.entry.chain != proposal.organisation) {
        return fail(ErrorCode::bad_entry, "the proposal does not begin with its organisation");
    }
    return *organisation;
}

// Admission by the domain, then the organisation's own entries, all or none.
Result<std::string> admit(Operator& op, DomainSigner& signer, const KeptInvitation& kept,
                          const EnrolmentProposal& proposal) {
    RELAIS_ASSIGN(const directory::Organisation organisation, organisation_of(proposal));
    RELAIS_ASSIGN(Name name, Name::parse(proposal.organisation));
    const Digest authority = fingerprint(organisation.authority);
    RELAIS_ASSIGN(
        const auto admission,
        op.sign(signer.key, directory::Admission{name, organisation.kind, organisation.identifier,
                                                 authority, kept.anchor}));
    std::vector<Bytes> entries = {admission.bytes};
    entries.insert(entries.end(), proposal.entries.begin(), proposal.entries.end());
    RELAIS_TRY(op.append(entries));
    return organisation.title + " (" + std::string(directory::kind_label(organisation.kind)) +
           ", " + organisation.identifier + ") as " + name.text() + ", fingerprint " +
           readable_fingerprint(authority) +
           (kept.anchor ? "" : "\n  provisional until an established organisation confirms it");
}

Result<std::string> take(Operator& op, DomainSigner& signer, const KeptInvitation& kept,
                         const wire::Proposal& waiting) {
    RELAIS_ASSIGN(const EnrolmentProposal proposal, parse_proposal(waiting.payload));
    if (proposal.purpose == wire::InvitationPurpose::organisation) {
        return admit(op, signer, kept, proposal);
    }
    if (proposal.purpose != wire::InvitationPurpose::recovery) {
        return fail(ErrorCode::bad_entry, "purpose of the proposal");
    }
    RELAIS_TRY(op.append(proposal.entries));
    return "recovery of " + proposal.organisation + ", by its recovery sheet";
}

// What became of one that waits: nothing where it is another registrar's.
struct Judged {
    bool ours = false;
    Result<void> verdict = {};
};

Result<Judged> judge(Operator& op, DomainSigner& signer, const wire::Proposal& waiting,
                     const Output& output) {
    const auto kept = kept_invitation(signer.vault, waiting.locator);
    if (!kept.ok()) return Judged{};
    const Digest digest = sha256(waiting.payload);
    const Digest expected =
        station::proposal_mac(kept->authenticator, waiting.locator, waiting.payload);
    Result<std::string> taken = fail(ErrorCode::authenticator_wrong);
    if (equal_constant_time(expected.view(), waiting.mac.view())) {
        taken = take(op, signer, *kept, waiting);
    }
    const bool approved = taken.ok();
    RELAIS_TRY(op.client().ask(
        wire::DecideProposal{waiting.locator, digest, approved,
                             station::answer_mac(kept->authenticator, digest, approved)}));
    if (approved) {
        forget_invitation(signer.vault, waiting.locator);
        RELAIS_TRY(signer.vault.save());
        output.line("Approved: " + *taken);
    } else {
        output.line("REFUSED: " + taken.error().describe() +
                    (taken.code() == ErrorCode::authenticator_wrong
                         ? "\n  somebody who does not hold the invitation made this proposal"
                         : ""));
    }
    output.result({{"approved", approved},
                   {"locator", hex(waiting.locator.view())},
                   {"what", approved ? *taken : taken.error().describe()}});
    return Judged{true, approved ? Result<void>{} : Result<void>(taken.error())};
}

}  // namespace

Result<void> approve(Operator& op, DomainSigner& signer, std::chrono::seconds wait,
                     const Output& output) {
    const auto until = std::chrono::steady_clock::now() + wait;
    for (;;) {
        RELAIS_TRY(signer.vault.reload());  // of invitations that were made meanwhile
        RELAIS_ASSIGN(const auto waiting,
                      op.client().ask_for<wire::Proposals>(wire::FetchProposals{}));
        bool any = false;
        Result<void> refused;
        for (const wire::Proposal& proposal : waiting.proposals) {
            RELAIS_ASSIGN(const Judged judged, judge(op, signer, proposal, output));
            any = any || judged.ours;
            if (!judged.verdict.ok()) refused = judged.verdict;
        }
        if (any) return refused;
        if (std::chrono::steady_clock::now() >= until) break;
        broker::LocalClient::pause(kAskAgain);
    }
    return fail(ErrorCode::not_decided, "no proposal has come for the invitations of this key");
}

}  // namespace relais::admin
