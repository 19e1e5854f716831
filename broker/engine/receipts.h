// receipts.h: what stations and persons say of what they were given: delivered (remis), opened
// (ouvert), taken in charge (pris en charge). Each becomes a leaf with the signed statement, and a
// notice to whom it concerns; nothing is ever said of a notice.
#pragma once

#include "broker/engine/commands.h"
#include "broker/engine/parts.h"
#include "broker/engine/rings.h"
#include "broker/engine/sessions.h"
#include "core/merkle/tree.h"

namespace relais::broker {

class Receipts {
public:
    Receipts(Parts& parts, Sessions& sessions, Rings& rings)
        : parts_(parts), sessions_(sessions), rings_(rings) {}

    // Errors: bad_signature, forbidden, not_your_mailbox; wrong_position  the range does not
    // continue the station's cursor; digest_mismatch  not what was delivered; those that fail the
    // step. What is only known after the commit (room in the session) is left to release().
    Result<void> acknowledge(Session& session, const Acknowledgement& acknowledgement);
    // Errors: as above; unknown_object  no such message in the mailbox.
    Result<void> mark(const Session& session, const Marking& marking);

private:
    Result<Mailbox*> judge(const Session& session, const Acknowledgement& acknowledgement);
    Result<void> move_cursor(const Session& session, const Acknowledgement& acknowledgement,
                             Mailbox& mailbox, const std::vector<EntryInfo>& infos,
                             const merkle::BatchTree& tree);
    Result<void> record_faults(const Session& session, const DeliveredStatement& statement,
                               ChannelSeq cursor, const std::vector<EntryInfo>& infos);
    Result<void> tell_senders(const Acknowledgement& acknowledgement, const Mailbox& mailbox,
                              ChannelSeq after, const std::vector<EntryInfo>& infos,
                              const merkle::BatchTree& tree);
    Result<void> judge_mark(const Session& session, const Marking& marking);
    Result<std::optional<Envelope>> marked_envelope(const PersonMark& mark, Lane& lane);

    Parts& parts_;
    Sessions& sessions_;
    Rings& rings_;
};

}  // namespace relais::broker
