// submissions_judge.cc: what is asked of an envelope before a thread is: who signed, at which head
// of the directory, under which version of the kind, to whom, with which boxes and counters.
#include <algorithm>
#include <set>

#include "broker/engine/checks.h"
#include "broker/engine/submissions.h"
#include "core/base/limits.h"
#include "schemas/workflow/permission.h"

namespace relais::broker {

namespace {

constexpr std::size_t kRootsKept = 1024;

// What was said last of that kind in a directory of that size; null: nothing.
const directory::KindRecord* kind_at(const directory::DirectoryState& state, const Name& name,
                                     DirectorySize size) {
    const directory::KindRecord* last = nullptr;
    for (const directory::KindRecord& record : state.kinds()) {
        if (record.kind.name == name && record.from <= size) last = &record;
    }
    return last;
}

}  // namespace

Result<void> Submissions::judge_signature(const StationId& station,
                                          const Submission& submission) const {
    const Header& header = submission.envelope->header();
    if (header.station != station) {
        return fail(ErrorCode::forbidden, "the header names another station");
    }
    const auto* person = parts_.state().person(header.by);
    if (person == nullptr) return fail(ErrorCode::unknown_person, "who signs");
    const Envelope& envelope = *submission.envelope;
    return confirm(submission.signature, person->person.key, [&] {
        return verify_header_signature(envelope.digest(), envelope.signature(), person->person.key,
                                       parts_.verifier);
    });
}

Result<void> Submissions::judge_head(const Header& header) {
    const std::uint64_t size = header.head.size.value;
    if (size > parts_.state().size().value) return fail(ErrorCode::ahead_of_directory);
    if (size == 0) return fail(ErrorCode::head_contradiction, "an empty directory");
    auto known = roots_.find(size);
    if (known == roots_.end()) {
        RELAIS_ASSIGN(const Digest root, parts_.directory_log.root_at(size));
        if (roots_.size() >= kRootsKept) roots_.erase(roots_.begin());
        known = roots_.emplace(size, root).first;
    }
    if (known->second != header.head.root) return fail(ErrorCode::head_contradiction);
    return {};
}

// A new thread takes the version in force; an old one keeps its own. One that was opened before a
// restore took what was in force where its sender's directory ended, as far as anybody can tell.
Result<std::shared_ptr<const workflow::Kind>> Submissions::judge_kind(const Submission& submission,
                                                                      bool opens) {
    const directory::DirectoryState& state = parts_.state();
    const Header& header = submission.envelope->header();
    const directory::KindRecord* published = state.kind(header.kind);
    if (published == nullptr) return fail(ErrorCode::unknown_kind);
    const bool restored = submission.again && restoration_.told();
    const Name& name = published->kind.name;
    const auto* last = kind_at(state, name, restored ? header.head.size : state.size());
    const bool in_force =
        last != nullptr && last->kind.digest == header.kind && !last->kind.withdrawn;
    if (opens && !in_force) return fail(ErrorCode::wrong_kind_version, name.text());
    return parts_.kinds.get(header.kind);
}

Result<void> Submissions::judge_recipients(const Header& header, const workflow::Kind& kind,
                                           bool opens) {
    const directory::DirectoryState& state = parts_.state();
    const bool clinical = kind.patient == workflow::PatientData::sealed;
    if (clinical && !state.established(header.from.organisation())) {
        return fail(ErrorCode::provisional, std::string(header.from.organisation()));
    }
    for (const Recipient& recipient : header.mailboxes()) {
        const Address& mailbox = recipient.mailbox;
        const std::string organisation(mailbox.organisation());
        if (!state.mailbox_exists(mailbox)) {
            return fail(ErrorCode::unknown_recipient, mailbox.text());
        }
        if (state.suspended(organisation)) return fail(ErrorCode::suspended, organisation);
        if (clinical && !state.established(organisation)) {
            return fail(ErrorCode::provisional, organisation);
        }
        if (opens && !state.takes(mailbox, kind.name)) {
            return fail(ErrorCode::recipient_refused,
                        mailbox.text() + " does not take " + kind.name);
        }
    }
    return {};
}

// Who posts is judged now, to whom at the sender's head: that is whom it could seal to. What a
// group takes, and from whom, is asked where a thread opens, as it is of mailboxes: whoever opened
// one goes on with it, and ends it, for those that it still reaches.
Result<void> Submissions::judge_groups(const Envelope& envelope, const workflow::Kind& kind,
                                       bool opens) const {
    const Header& header = envelope.header();
    if (header.groups().empty()) return {};
    for (const Recipient& group : header.groups()) {
        if (!opens) break;
        RELAIS_TRY(workflow::check_posting(parts_.state(), kind, group.mailbox, header.from,
                                           parts_.state().size()));
    }
    const auto readers = workflow::group_readers(parts_.state(), kind, header);
    if (readers.empty()) return fail(ErrorCode::recipient_refused, "no member reads " + kind.name);
    const auto boxes = envelope.boxes().subspan(1 + header.mailboxes().size());
    const bool theirs = std::ranges::equal(
        boxes, readers,
        [](const KeyBox& box, const Address& reader) { return box.mailbox == reader; });
    if (!theirs) return fail(ErrorCode::boxes_mismatch, "members of the groups");
    return {};
}

// Those that the sender could know: of the directory at its head.
Result<void> Submissions::judge_fallbacks(const Header& header, const workflow::Kind& kind,
                                          const workflow::Act& act) const {
    if (!act.fallback) return {};
    std::vector<Address> parties;
    for (const Recipient& recipient : header.to) {
        if (recipient.standing == Standing::party) parties.push_back(recipient.mailbox);
    }
    std::set<Address> wanted = workflow::required_fallbacks(parts_.state(), kind, act, header.from,
                                                            parties, header.head.size);
    for (const Recipient& recipient : header.to) {
        const bool known = wanted.erase(recipient.mailbox) == 1;
        if (recipient.standing == Standing::fallback && !known) {
            return fail(ErrorCode::recipient_refused,
                        recipient.mailbox.text() + " is the fallback of none of them");
        }
    }
    if (wanted.empty()) return {};
    return fail(ErrorCode::fallback_missing, wanted.begin()->text());
}

Result<std::vector<bool>> Submissions::judge_boxes(const Envelope& envelope,
                                                   const workflow::Act& act) const {
    std::vector<bool> old_epochs;
    for (const KeyBox& box : envelope.boxes()) {
        const Release expected = box_release(envelope.header(), box.position, act.release);
        if (box.release != expected) return fail(ErrorCode::boxes_mismatch, "release condition");
        if (workflow::has_left(parts_.state(), envelope.header(), box)) {
            old_epochs.push_back(false);
            continue;
        }
        RELAIS_ASSIGN(const bool old_epoch, judge_epoch(envelope.mailbox_at(box.position), box));
        old_epochs.push_back(old_epoch);
    }
    return old_epochs;
}

// True where the box is sealed to the epoch before the present one, within its days of grace.
Result<bool> Submissions::judge_epoch(const Address& mailbox, const KeyBox& box) const {
    const directory::EpochRecord* now = parts_.state().epoch(mailbox);
    if (now == nullptr) return fail(ErrorCode::no_mailbox_key, mailbox.text());
    if (box.epoch == now->epoch.number) return false;
    const bool previous = box.epoch.next() == now->epoch.number;
    const bool in_grace = parts_.time.time() - now->since <= limits::kOldEpochAccepted;
    if (!previous || !in_grace) return fail(ErrorCode::reseal, mailbox.text());
    return true;
}

Result<std::vector<ChannelId>> Submissions::judge_counters(const Header& header) {
    std::vector<ChannelId> counted;
    for (const Recipient& recipient : header.to) {
        RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(recipient.mailbox));
        RELAIS_ASSIGN(const std::uint64_t last,
                      parts_.store.counter(header.station, mailbox->channel, header.lane));
        if (recipient.counter <= last) {
            return fail(ErrorCode::counter_reused, recipient.mailbox.text());
        }
        if (mailbox->undelivered() >= limits_.undelivered_max) {
            return fail(ErrorCode::mailbox_full, recipient.mailbox.text());
        }
        counted.push_back(mailbox->channel);
    }
    return counted;
}

// A full mailbox of one member does not keep a post from the others: it takes it nonetheless.
Result<std::vector<Mailbox*>> Submissions::mailboxes_of(const Envelope& envelope) {
    std::vector<Mailbox*> mailboxes;
    for (const KeyBox& box : envelope.boxes()) {
        Mailbox* mailbox = nullptr;
        if (!workflow::has_left(parts_.state(), envelope.header(), box)) {
            RELAIS_ASSIGN(mailbox, parts_.mailboxes.open(envelope.mailbox_at(box.position)));
        }
        mailboxes.push_back(mailbox);
    }
    return mailboxes;
}

}  // namespace relais::broker
