// draft.h: what someone prepares before it is signed: one act, or several that go together, with
// their forms. Kept sealed on the station; prepared by one person, signed by another where a doctor
// must sign.
#pragma once

#include <map>
#include <nlohmann/json.hpp>

#include "clients/station/api/station.h"
#include "schemas/envelope/attachments.h"

namespace relais::station {

// A file that goes with an act: where it stands until it is sent, and what it was when attached.
struct DraftAttachment {
    std::string path;
    AttachedFile file;
};

struct DraftAct {
    std::string act;
    nlohmann::json form;                         // null where the act has none, or it is left empty
    std::map<std::string, std::string> publics;  // by name: a code, "true"/"false", or a number
    std::vector<DraftAttachment> attachments{};
};

struct Draft {
    MessageId id;
    std::string kind;
    Digest kind_digest;
    ThreadId thread;
    std::optional<Digest> answers{};
    Address from;
    std::vector<Address> to{};
    std::optional<ThreadId> follows{};
    std::map<std::string, PersonId> attention{};  // by mailbox of `to`
    std::vector<DraftAct> acts{};                 // the first, then those that go together with it
    std::chrono::seconds respond_within{0};
    std::optional<Lane> lane{};  // absent: the least pressing that the act allows
    std::optional<PersonId> prepared_by{};
    std::optional<PersonId> on_behalf_of{};
    bool same_patient = false;  // as in the case that it follows, though identities differ
};

// Errors: usage  a text or a path in it is no UTF-8.
Result<Bytes> encode_draft(const Draft& draft);
Result<Draft> decode_draft(ByteView bytes);

// A finding in a form, with the act it belongs to.
struct DraftFinding {
    std::string act;
    forms::Finding finding;
};

// Everything that can be said before sending: forms, public fields, agreement, recipients, and what
// the copies of registers say (register_copy.h), should `signer` sign it. Errors: unknown_kind,
// act_refused; those of this machine.
Result<std::vector<DraftFinding>> check_draft(Station& station, const Draft& draft,
                                              const std::optional<PersonId>& signer = {});
// What the form of that act of the draft is judged by, were it sent now.
[[nodiscard]] forms::Context draft_context(Station& station, const LoadedKind& kind,
                                           const Draft& draft, const workflow::Act& act,
                                           const DraftAct& filled);
// The parties of the draft, each with the person to whose attention it is; no counters.
[[nodiscard]] std::vector<Recipient> draft_recipients(const Draft& draft);
[[nodiscard]] bool has_errors(const std::vector<DraftFinding>& findings);

// A draft that opens a thread of the kind in force with this act, its forms empty; an empty `act`
// is the first that opens. Errors: unknown_kind; act_refused  none of its opening acts (the detail
// names them).
Result<Draft> new_thread_draft(Station& station, const std::string& kind, const Address& from,
                               const std::string& act = {});

// The value of a public field as written. Errors: public_field_refused.
Result<std::int64_t> public_value(const workflow::PublicDeclared& field, const std::string& text);

}  // namespace relais::station
