// approve.cc: judges what those who were invited propose: only a proposal made with the
// invitation's authenticator, which this key file alone kept, is signed and appended.
#include <algorithm>

#include "clients/station/api/inviter.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "schemas/directory/professions.h"
#include "tools/admin/commands.h"
#include "tools/admin/invitations.h"

namespace relais::admin {

namespace {

constexpr std::chrono::milliseconds kAskAgain{500};

// What a proposal brings, read: its organisation, where it is a new one, and its stations.
struct Brought {
    std::optional<directory::Organisation> organisation;
    std::vector<directory::Station> stations;
};

// Errors: bad_entry; those of parsing.
Result<Brought> read_entries(const EnrolmentProposal& proposal) {
    Brought brought;
    for (const Bytes& bytes : proposal.entries) {
        RELAIS_ASSIGN(const auto entry, directory::parse_signed_entry(bytes));
        if (entry.entry.chain != proposal.organisation) {
            return fail(ErrorCode::bad_entry, "an entry of another organisation");
        }
        if (const auto* station = std::get_if<directory::Station>(&entry.entry.body)) {
            brought.stations.push_back(*station);
        }
        const auto* organisation = std::get_if<directory::Organisation>(&entry.entry.body);
        if (organisation != nullptr && &bytes == &proposal.entries.front()) {
            brought.organisation = *organisation;
        }
    }
    if (brought.stations.empty()) return fail(ErrorCode::bad_entry, "no station in the proposal");
    return brought;
}

// Whether the directory has taken these very entries already, all of which come together: whoever
// tried before this was cut off before it could answer.
bool taken_before(const directory::DirectoryState& state, const EnrolmentProposal& proposal,
                  const Brought& brought) {
    const auto* record = state.organisation(proposal.organisation);
    if (record == nullptr) return false;
    if (brought.organisation &&
        record->admission.authority != fingerprint(brought.organisation->authority)) {
        return false;
    }
    return std::ranges::all_of(brought.stations, [&](const directory::Station& station) {
        const auto* known = state.station(station.id);
        return known != nullptr && known->organisation == proposal.organisation &&
               known->station.curve == station.curve && known->station.sealing == station.sealing &&
               known->station.signing == station.signing;
    });
}

// A proposal of this signer's, with the directory as it stands.
struct Case {
    Operator& op;
    DomainSigner& signer;
    const directory::DirectoryState& state;
    const KeptInvitation& kept;
    const EnrolmentProposal& proposal;
};

// Admission by the domain, then the organisation's own entries, all or none.
Result<std::string> admit(const Case& given, const Brought& brought, bool before) {
    if (!brought.organisation) {
        return fail(ErrorCode::bad_entry, "the proposal does not begin with its organisation");
    }
    const directory::Organisation& organisation = *brought.organisation;
    RELAIS_ASSIGN(Name name, Name::parse(given.proposal.organisation));
    const Digest authority = fingerprint(organisation.authority);
    if (!before) {
        P256Key& key = given.signer.key;
        const directory::Admission body{name, organisation.kind, organisation.identifier, authority,
                                        given.kept.anchor};
        const auto admission = directory::sign_entry(
            given.state.next_entry("", fingerprint(key.public_key()), wall_now(), body), key);
        std::vector<Bytes> entries = {admission.bytes};
        entries.insert(entries.end(), given.proposal.entries.begin(), given.proposal.entries.end());
        RELAIS_TRY(given.op.append(entries));
    }
    return organisation.title + " (" + std::string(directory::kind_label(organisation.kind)) +
           ", " + organisation.identifier + ") as " + name.text() + ", fingerprint " +
           readable_fingerprint(authority) +
           (given.kept.anchor ? ""
                              : "\n  provisional until an established organisation confirms it");
}

Result<std::string> recover(const Case& given, bool before) {
    if (!before) {
        const auto appended = given.op.append(given.proposal.entries);
        // They continue the chain where the invitation was made, and nowhere else.
        if (appended.code() == ErrorCode::chain_broken) {
            return fail(ErrorCode::bad_entry,
                        "the organisation's chain went on since it was invited; invite it again");
        }
        RELAIS_TRY(appended);
    }
    return "recovery of " + given.proposal.organisation + ", by its recovery sheet";
}

Result<std::string> take(Operator& op, DomainSigner& signer, const KeptInvitation& kept,
                         const directory::DirectoryState& state, const wire::Proposal& waiting) {
    RELAIS_ASSIGN(const EnrolmentProposal proposal, parse_proposal(waiting.payload));
    RELAIS_ASSIGN(const Brought brought, read_entries(proposal));
    const bool before = taken_before(state, proposal, brought);
    const Case given{op, signer, state, kept, proposal};
    switch (proposal.purpose) {
        case wire::InvitationPurpose::organisation: return admit(given, brought, before);
        case wire::InvitationPurpose::recovery: return recover(given, before);
        default: return fail(ErrorCode::bad_entry, "purpose of the proposal");
    }
}

// What became of one that waits: nothing where it is another registrar's.
struct Judged {
    bool ours = false;
    Result<void> verdict = {};
    nlohmann::json told = {};
};

nlohmann::json say(const Output& output, const wire::Proposal& waiting,
                   const Result<std::string>& taken, bool decided) {
    const std::string what = taken.ok() ? *taken : taken.error().describe();
    const bool stranger = taken.code() == ErrorCode::authenticator_wrong;
    if (taken.ok()) {
        output.line("Approved: " + what);
    } else if (decided) {
        output.line(
            "REFUSED: " + what +
            (stranger ? "\n  somebody who does not hold the invitation made this proposal" : ""));
    } else {
        output.line("NOT DECIDED: " + what + "\n  the proposal stays open: approve it again");
    }
    return {{"approved", taken.ok()},
            {"decided", decided},
            {"locator", hex(waiting.locator.view())},
            {"what", what}};
}

Result<Judged> judge(Operator& op, DomainSigner& signer, const wire::Proposal& waiting,
                     const Output& output) {
    const auto kept = kept_invitation(signer.vault, waiting.locator);
    if (!kept.ok()) return Judged{};
    const Digest digest = sha256(waiting.payload);
    const Digest expected =
        station::proposal_mac(kept->authenticator, waiting.locator, waiting.payload);
    Result<std::string> taken = fail(ErrorCode::authenticator_wrong);
    if (equal_constant_time(expected.view(), waiting.mac.view())) {
        RELAIS_ASSIGN(const directory::DirectoryState state, op.directory());
        taken = take(op, signer, *kept, state, waiting);
    }
    const bool approved = taken.ok();
    const bool decided = approved || station::ends_proposal(taken.code());
    if (decided) {
        RELAIS_TRY(op.client().ask(
            wire::DecideProposal{waiting.locator, digest, approved,
                                 station::answer_mac(kept->authenticator, digest, approved)}));
    }
    if (approved) {
        forget_invitation(signer.vault, waiting.locator);
        RELAIS_TRY(signer.vault.save());
    }
    return Judged{true, approved ? Result<void>{} : Result<void>(taken.error()),
                  say(output, waiting, taken, decided)};
}

}  // namespace

Result<void> approve(Operator& op, DomainSigner& signer, std::chrono::seconds wait,
                     const Output& output) {
    const auto until = std::chrono::steady_clock::now() + wait;
    for (;;) {
        RELAIS_TRY(signer.vault.reload());  // of invitations that were made meanwhile
        RELAIS_ASSIGN(const auto waiting,
                      op.client().ask_for<wire::Proposals>(wire::FetchProposals{}));
        nlohmann::json decisions = nlohmann::json::array();
        Result<void> refused;
        for (const wire::Proposal& proposal : waiting.proposals) {
            RELAIS_ASSIGN(Judged judged, judge(op, signer, proposal, output));
            if (!judged.ours) continue;
            decisions.push_back(std::move(judged.told));
            if (!judged.verdict.ok()) refused = judged.verdict;
        }
        if (!decisions.empty()) {
            if (refused.ok()) output.result({{"decisions", std::move(decisions)}});
            if (!refused.ok()) output.beside_error["decisions"] = std::move(decisions);
            return refused;
        }
        if (std::chrono::steady_clock::now() >= until) break;
        broker::LocalClient::pause(kAskAgain);
    }
    return fail(ErrorCode::not_decided, "no proposal has come for the invitations of this key");
}

}  // namespace relais::admin
