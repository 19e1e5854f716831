// judge.h: whether a received entry may be believed and read. For an envelope, in this order, each
// failure a named error: its form and size; the signature, by the person's key at the size of the
// directory when the broker accepted it; the kind, which is its thread's, act and role; counter and
// head; where the box was held, the signed act that releases it; then the box opens, the content
// decrypts, its digest is the signed one, the form walks within its budget and validates. Content
// is never handed on before all of it holds.
#pragma once

#include <nlohmann/json.hpp>

#include "clients/station/seal/chunks.h"
#include "clients/station/sync/keyring.h"
#include "clients/station/sync/kind_shelf.h"
#include "clients/station/sync/replica.h"
#include "schemas/envelope/notice.h"
#include "schemas/forms/context.h"
#include "schemas/workflow/broker_word.h"

namespace relais::station {

// The files that came with an envelope, in chunks.
struct Attachments {
    seal::AttachmentList list;
    std::vector<ChunkPlace> places;
    std::vector<Digest> digests;       // of the sealed chunks
    std::vector<std::uint32_t> sizes;  // of the sealed chunks
};

// A valid envelope, opened.
struct Opened {
    Header header;
    Digest digest;
    std::shared_ptr<const LoadedKind> kind;
    workflow::ActIndex act;
    nlohmann::json form;  // null for an act without one
    forms::Findings warnings;
    Accepted accepted;
    bool old_epoch;
    std::shared_ptr<const Attachments> attachments{};  // null: none
};

// An act that the broker gives as its reason: that it was signed, not what it says.
struct QuotedAct {
    Header header;
    std::shared_ptr<const LoadedKind> kind;
    workflow::ActIndex act;
};

// What the sender and the auditor should hear of: the entry is held and will never be shown.
[[nodiscard]] bool is_fault(ErrorCode verdict);

class Judge {
public:
    Judge(StationStore& store, Replica& replica, KindShelf& kinds, Keyring& keyring,
          const Verifier& verifier, const forms::CodeLists* lists = nullptr)
        : store_(store),
          replica_(replica),
          kinds_(kinds),
          keyring_(keyring),
          verifier_(verifier),
          lists_(lists) {}

    // The wall clock, by which an absence has begun and a key of the broker is over for what comes.
    // Without it no key is.
    void tell_time(WallTime wall) { wall_ = wall; }
    // The verdict on a delivery that has just come, counters taken: `ok`, or why not. Errors: those
    // of the store alone.
    Result<ErrorCode> receive(const wire::Delivery& delivery);
    // The verdict again, for one that waited for the directory, a bundle or a grant; its counter is
    // taken where that could not be done when it came.
    Result<ErrorCode> again(const StoredEntry& entry);

    // Opens an envelope addressed to `mailbox`. Errors: the verdicts.
    Result<Opened> open(const EnvelopeEntry& entry, const Address& mailbox);
    // A notice of the broker, signed with the key that it has or had. Errors: bad_signature;
    // malformed; revoked  dated beyond the end of that key.
    Result<Notice> open_notice(const NoticeEntry& entry) const;
    // Whether the key that the domain names now signed it.
    [[nodiscard]] bool is_of_present_key(const NoticeEntry& entry) const;
    // A colleague's mark. Errors: unknown_person; not_addressed  of another mailbox; not_on_station
    // of another organisation; bad_signature, malformed.
    Result<PersonMark> open_mark(const MarkedEntry& entry, const Address& mailbox) const;
    // That a delivered, opened or taken notice quotes a station of that mailbox.
    Result<void> check_evidence(const Notice& notice, const MessageId& message,
                                const Digest& header) const;
    // The act that a notice or a refusal quotes: of that thread, or one that continues it, signed
    // by somebody who could. Errors: unknown_thread  of another; those of a signature and of a
    // kind, of which may_pass() says what may yet come.
    [[nodiscard]] Result<QuotedAct> check_quoted(const SignedHeader& act,
                                                 const ThreadId& thread) const;

private:
    Result<Header> check_header(const EnvelopeEntry& entry, const Address& mailbox);
    Result<void> check_signature(const EnvelopeEntry& entry, const Header& header) const;
    // Errors: wrong_kind_version.
    [[nodiscard]] Result<void> check_thread(const Header& header) const;
    // Whether an envelope's counter is still to be taken, and its row in the store; 0: none yet.
    struct Counting {
        bool due;
        std::uint64_t serial;
    };
    // Signature, then kind, act and role.
    Result<std::shared_ptr<const LoadedKind>> check_signed(const EnvelopeEntry& entry,
                                                           const Header& header) const;
    Result<std::shared_ptr<const LoadedKind>> check_kind(const EnvelopeEntry& entry,
                                                         const Header& header) const;
    Result<void> check_release(const EnvelopeEntry& entry, const Header& header,
                               const Address& mailbox, const workflow::Kind& kind);
    Result<void> check_absence(const EnvelopeEntry& entry, const Header& header) const;
    Result<std::vector<workflow::ActIndex>> acts_seen(const Header& header, const Address& mailbox,
                                                      const workflow::Kind& kind);
    Result<void> check_head(const EnvelopeEntry& entry, const Header& header);
    Result<void> take_counter(const EnvelopeEntry& entry, const Header& header,
                              const Address& mailbox, std::uint64_t serial);
    Result<nlohmann::json> open_form(const Opened& opened, const Secret& payload,
                                     forms::Findings& warnings) const;
    // Errors: attachment_invalid, attachment_refused.
    Result<void> open_attachments(Opened& opened, const EnvelopeEntry& entry,
                                  const Secret& list) const;
    // Head, box, content, digest, form: what follows once check_signed has passed.
    Result<Opened> open_content(const EnvelopeEntry& entry, const Address& mailbox, Header header,
                                std::shared_ptr<const LoadedKind> kind);
    Result<void> judge_envelope(const EnvelopeEntry& entry, const Address& mailbox,
                                const Counting& counting);
    [[nodiscard]] Result<ErrorCode> judge(const wire::Delivery& delivery, const Counting& counting);
    [[nodiscard]] Result<void> check(const wire::Delivery& delivery, const Counting& counting);
    [[nodiscard]] Result<workflow::BrokerWord> broker_word(const NoticeEntry& entry) const;

    StationStore& store_;
    Replica& replica_;
    KindShelf& kinds_;
    Keyring& keyring_;
    const Verifier& verifier_;
    WallTime wall_{};
    const forms::CodeLists* lists_;  // null: codes are not looked up
};

// Codes that may pass when the directory, a bundle or a grant comes.
[[nodiscard]] bool may_pass(ErrorCode code);
// Errors of this machine, not of what was received.
[[nodiscard]] bool of_the_store(ErrorCode code);

}  // namespace relais::station
