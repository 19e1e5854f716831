// carried.h: what a draft need not be given again, since this station holds it: the identity of the
// patient, from the case or from one that it follows; and of a correction, the form that it
// corrects (its attachments and public fields are given again).
// Only from messages that the mailbox of the draft can open, and that no later act has corrected or
// retracted. No form is known here by name: an identity block is one that its form declares so. One
// thread.
#pragma once

#include <string>
#include <vector>

#include "clients/station/api/draft.h"

namespace relais::station {

// One thing that was filled in, and whence.
struct Carried {
    std::string act;    // of the draft
    std::string field;  // the identity block; empty: the whole form, of what it corrects
    std::string who;    // the identity in one line; empty where there is none
    ThreadId thread;
    MessageId message;
    Address from;
    WallTime time;
    std::string title;     // French: what that act was
    bool lowered = false;  // another organisation's: of no status that is ours (below)
};

// An identity as somebody else's draft, or one's own, may say it again: without its matricule and
// OID unless its status is qualified. `ours`: it was said by the organisation that says it now;
// else its status is the one of `given`, or the least. Requires normalised values of an identity
// block. Pure.
struct SaidAgain {
    nlohmann::json values;
    bool lowered = false;  // the status is nobody's word but the least that there is
};
[[nodiscard]] SaidAgain say_again(const forms::Field& block, const nlohmann::json& before,
                                  const nlohmann::json& given, bool ours);

// The labels of what two identities say otherwise of who it is: matricule, birth name, birth date,
// each where both have it; accents, case and hyphens apart. None where their matricules are the
// same. Requires normalised values of the identity blocks. Pure.
[[nodiscard]] std::vector<std::string> who_differs(const forms::Field& former_block,
                                                   const nlohmann::json& former,
                                                   const forms::Field& block,
                                                   const nlohmann::json& given);

// Where an identity that the draft gives is of somebody else than the case that it follows: an
// error; a warning where the draft says that it is the same patient. Names fields, not values.
// Errors: unknown_kind, act_refused; the store's.
Result<std::vector<DraftFinding>> identity_findings(Station& station, const Draft& draft);

// Fills what the draft leaves empty, and says what it filled. What stands in it stays, but for an
// identity block that holds its status alone: that is completed.
//
// Of a message of another organisation, the status of the identity is not carried: it says what was
// checked there. Unless the draft gives its own it is provisional, and without a qualified one the
// matricule does not go along (RNIV). No identity is filled into a kind without patients, nor into
// a block that is asked under a condition. Errors: unknown_kind, act_refused; the store's.
Result<std::vector<Carried>> carry_over(Station& station, Draft& draft);

}  // namespace relais::station
