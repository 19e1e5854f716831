// permission.h: whether a header is one that its kind allows: its public fields, lane and delays,
// the standing of its recipients, and who signs. The broker asks before it accepts, the reader
// again before it opens.
#pragma once

#include <set>
#include <span>

#include "schemas/directory/state.h"
#include "schemas/envelope/header.h"
#include "schemas/workflow/decide.h"

namespace relais::workflow {

// The clocks whose length whoever does this act may set (`respond_within`): those of `from_header`
// that a row of the act starts, once for each such effect. Only acts of the opener set one.
[[nodiscard]] std::vector<const Clock*> delay_clocks(const Kind& kind, const Act& act);
// One of them, within whose bounds the delay is: all have the same. Null where there is none.
[[nodiscard]] const Clock* delay_clock(const Kind& kind, const Act& act);

// Errors: attachment_refused  none allowed, or more bytes than the act declares; lane_refused;
// public_field_refused  not of this act, out of its values, or a mandatory one
//         missing; recipient_refused  a fallback where the act has none; duration_refused;
//         agreement_missing.
Result<void> check_shape(const Kind& kind, const Act& act, const Header& header);

// That the person who signs is of the sender's organisation and station, holds one of the act's
// roles, or a mandate of one who does, as the directory stood at `at`; `when` judges a mandate's
// end and the dates of their affiliations. Errors: unknown_key  the station; not_your_mailbox,
// unknown_person, not_on_station, suspended;
//         not_affiliated; role_refused; not_attested; no_mandate.
Result<void> check_signer(const directory::DirectoryState& directory, const Kind& kind,
                          const Act& act, const Header& header, DirectorySize at, WallTime when);

// Whether content of this kind can be sealed to the mailbox, as the directory stood at `at`: it
// exists and has a key, of an organisation not suspended (and, where patients are concerned,
// established).
[[nodiscard]] bool can_read(const directory::DirectoryState& directory, const Kind& kind,
                            const Address& mailbox, DirectorySize at);

// Whom an act of `from` to these parties must reach besides, should nobody answer: the fallbacks
// that their units declare, where they take the kind and can read it, as the directory stood at
// `at`. None for an act that asks for none.
[[nodiscard]] std::set<Address> required_fallbacks(const directory::DirectoryState& directory,
                                                   const Kind& kind, const Act& act,
                                                   const Address& from,
                                                   const std::vector<Address>& parties,
                                                   DirectorySize at);

// A unit whose fallback such an act does not reach: should nobody answer, nobody is behind it.
struct NobodyBehind {
    Address party;
    Address fallback;
};
[[nodiscard]] std::vector<NobodyBehind> nobody_behind(const directory::DirectoryState& directory,
                                                      const Kind& kind, const Act& act,
                                                      const Address& from,
                                                      const std::vector<Address>& parties,
                                                      DirectorySize at);

// Whether an act of this kind that `from` sends to the group goes to the mailbox, as the directory
// stood at `at`: a member, not the sender itself, that takes the kind and can read it.
[[nodiscard]] bool reads_group(const directory::DirectoryState& directory, const Kind& kind,
                               const Address& group, const Address& mailbox, const Address& from,
                               DirectorySize at);

// Those of all groups of the header at its head, in the order of their boxes: by rising address,
// each once, without those that the header names. Empty where there is no group.
[[nodiscard]] std::vector<Address> group_readers(const directory::DirectoryState& directory,
                                                 const Kind& kind, const Header& header);

// Whether the mailbox is a member of one of the groups at `at`.
[[nodiscard]] bool is_member(const directory::DirectoryState& directory,
                             std::span<const Address> groups, const Address& mailbox,
                             DirectorySize at);

// Whether the box is one of a member who has left all of the header's groups since its head: what
// comes after is not for it. False for whoever the header names.
[[nodiscard]] bool has_left(const directory::DirectoryState& directory, const Header& header,
                            const KeyBox& box);

// The one person to whose attention an act to these recipients is, as the directory stood at `at`;
// null where it is to nobody's, to several persons', or to one who is not of that organisation. It
// is their RPPS that a register is asked by, where it is attested: see act_input.
[[nodiscard]] const directory::PersonRecord* attention_of(
    const directory::DirectoryState& directory, std::span<const Recipient> to, DirectorySize at);

// That `from` may post acts of this kind to the group. Errors: unknown_recipient  no such group;
// recipient_refused  not for this kind, or not for this sender.
Result<void> check_posting(const directory::DirectoryState& directory, const Kind& kind,
                           const Address& group, const Address& from, DirectorySize at);

// What the table needs to know of an act whose header is `digest`, accepted at `accepted` under the
// directory as it stood at `at`; `thread`: null while it opens one. The RPPS of the person to whose
// attention it is counts where it is attested at `at` and they are affiliated at `accepted`.
// Requires that check_signer accepts it.
[[nodiscard]] ActInput act_input(const directory::DirectoryState& directory, const Kind& kind,
                                 ActIndex act, const Header& header, const Digest& digest,
                                 DirectorySize at, WallTime accepted, const Thread* thread);

}  // namespace relais::workflow
