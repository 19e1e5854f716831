#include "clients/station/sync/judge.h"

#include <algorithm>
#include <array>

#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "clients/station/sync/form_context.h"
#include "clients/station/sync/gaps.h"
#include "core/base/contexts.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/delegation.h"
#include "schemas/workflow/permission.h"
#include "schemas/workflow/receipt.h"

namespace relais::station {

bool of_the_store(ErrorCode code) {
    return code == ErrorCode::io_failed || code == ErrorCode::storage_full ||
           code == ErrorCode::corrupt || code == ErrorCode::locked ||
           code == ErrorCode::wrong_permissions;  // a disk that has become read-only
}

bool may_pass(ErrorCode code) {
    return code == ErrorCode::ahead_of_directory || code == ErrorCode::unknown_kind ||
           code == ErrorCode::not_granted || code == ErrorCode::release_unproven;
}

bool is_fault(ErrorCode verdict) {
    const bool again = verdict == ErrorCode::already_exists || verdict == ErrorCode::revoked;
    return verdict != ErrorCode::ok && !may_pass(verdict) && !again;
}

namespace {

constexpr std::array kOfTheThread = {ErrorCode::ok, ErrorCode::not_granted,
                                     ErrorCode::release_unproven};

}  // namespace

Result<ErrorCode> Judge::receive(const wire::Delivery& delivery) {
    return judge(delivery, {true, 0});
}

Result<ErrorCode> Judge::again(const StoredEntry& entry) {
    const bool unsigned_yet = entry.status == ErrorCode::ahead_of_directory;
    return judge(entry.delivery, {unsigned_yet, entry.serial});
}

Result<ErrorCode> Judge::judge(const wire::Delivery& delivery, const Counting& counting) {
    const auto verdict = check(delivery, counting);
    if (!verdict.ok() && of_the_store(verdict.code())) return verdict.error();
    return verdict.code();
}

Result<void> Judge::check(const wire::Delivery& delivery, const Counting& counting) {
    if (const auto* envelope = std::get_if<EnvelopeEntry>(&delivery.entry)) {
        return judge_envelope(*envelope, delivery.mailbox, counting);
    }
    if (const auto* notice = std::get_if<NoticeEntry>(&delivery.entry)) {
        RELAIS_ASSIGN(const auto said, broker_word(*notice));
        if (wall_ <= said.until) return {};
        return fail(ErrorCode::revoked, "the broker's key is over");  // it may be dated back
    }
    if (const auto* mark = std::get_if<MarkedEntry>(&delivery.entry)) {
        RELAIS_TRY(open_mark(*mark, delivery.mailbox));
    }
    return {};
}

// A counter is taken by a signed act alone: else whoever can put bytes on the way could use up the
// counters of others. What waits took its place in the order when it came, except where its
// signer's key was not known yet: it takes it when it is judged again, in the order of its row.
Result<void> Judge::judge_envelope(const EnvelopeEntry& entry, const Address& mailbox,
                                   const Counting& counting) {
    RELAIS_ASSIGN(Header header, check_header(entry, mailbox));
    RELAIS_TRY(check_signature(entry, header));
    RELAIS_TRY(check_thread(header));
    auto kind = check_kind(entry, header);
    if (!kind.ok() && !may_pass(kind.code())) return kind.error();
    if (counting.due) RELAIS_TRY(take_counter(entry, header, mailbox, counting.serial));
    if (!kind.ok()) return kind.error();
    RELAIS_TRY(open_content(entry, mailbox, std::move(header), *std::move(kind)));
    return {};
}

// A thread keeps the kind and version that it opened under: the first of its acts that came and was
// taken, or waits for what lets it be read, says which.
Result<void> Judge::check_thread(const Header& header) const {
    RELAIS_ASSIGN(const auto first, store_.first_envelope(header.thread, kOfTheThread));
    if (!first) return {};
    RELAIS_ASSIGN(const Header before,
                  parse_header(std::get<EnvelopeEntry>(first->delivery.entry).header.bytes));
    if (before.kind == header.kind) return {};
    return fail(ErrorCode::wrong_kind_version, header.act);
}

// Form, addresses, and that the box is the one of this mailbox.
Result<Header> Judge::check_header(const EnvelopeEntry& entry, const Address& mailbox) {
    RELAIS_ASSIGN(Header header, parse_header(entry.header.bytes));
    const std::size_t position = entry.box.position;
    const auto named = header.mailboxes();
    const bool of_group = position > named.size();
    if (of_group != entry.box.mailbox.has_value()) return fail(ErrorCode::not_addressed);
    const Address& meant = of_group        ? *entry.box.mailbox
                           : position == 0 ? header.from
                                           : named[position - 1].mailbox;
    if (meant != mailbox) return fail(ErrorCode::not_addressed, mailbox.text());
    if (entry.content.size() != header.content_bytes + kContentTagBytes) {
        return fail(ErrorCode::malformed, "content size");
    }
    RELAIS_TRY(check_chunks(header.chunks, entry.chunks));
    return header;
}

namespace {

// A sequence of counters that this mailbox can follow.
struct Stream {
    std::string name;
    std::uint64_t counter;
};

// Of the mailbox itself where the header names it, else of those groups that it is a member of: a
// sequence each, and a new one whenever it comes back, since it got nothing in between.
std::vector<Stream> streams_of(const directory::DirectoryState& directory,
                               const EnvelopeEntry& entry, const Header& header,
                               const Address& mailbox) {
    if (!entry.box.mailbox) {
        return {{mailbox.text(), header.mailboxes()[entry.box.position - 1U].counter}};
    }
    std::vector<Stream> streams;
    for (const Recipient& group : header.groups()) {
        const auto since = directory.member_since(group.mailbox, mailbox, header.head.size);
        if (!since) continue;
        streams.push_back(
            {group.mailbox.text() + " " + mailbox.text() + " " + std::to_string(since->value),
             group.counter});
    }
    return streams;
}

// Its own box was, or that of what it follows in its thread: then it waited with it.
Result<bool> was_held(StationStore& store, const EnvelopeEntry& entry, const ThreadId& thread,
                      const Address& mailbox) {
    if (entry.box.release != Release::at_once) return true;
    RELAIS_ASSIGN(const auto entries, store.entries_of_thread(thread));
    return std::ranges::any_of(entries, [&](const StoredEntry& item) {
        const auto* before = std::get_if<EnvelopeEntry>(&item.delivery.entry);
        return before != nullptr && item.status == ErrorCode::ok &&
               item.delivery.mailbox == mailbox && before->box.release != Release::at_once;
    });
}

}  // namespace

// A counter goes up. The same counter with another header is a contradiction; the same header again
// (after a restore of the broker) is not. A box that its sender had held until a condition is met
// comes late by its own terms, which are sealed into it: it may be below what came since.
Result<void> Judge::take_counter(const EnvelopeEntry& entry, const Header& header,
                                 const Address& mailbox, std::uint64_t serial) {
    if (entry.box.position == 0) return {};
    for (const auto& [name, counter] : streams_of(replica_.state(), entry, header, mailbox)) {
        const Digest digest = header_digest(entry.header.bytes);
        RELAIS_ASSIGN(const auto seen, store_.seen(header.station, name, header.lane));
        if (counter > seen.counter) {
            // What came before the first message of a correspondent may be older than what is kept.
            if (seen.counter != 0 && counter > seen.counter + 1) {
                RELAIS_TRY(note_gap(
                    store_, {header.station, name, header.lane, seen.counter + 1, counter - 1}));
            }
            RELAIS_TRY(store_.set_seen(header.station, name, header.lane, {counter, digest}));
            continue;
        }
        RELAIS_ASSIGN(const bool known, store_.has_digest(mailbox, digest, serial));
        if (known) continue;
        RELAIS_ASSIGN(const bool held, was_held(store_, entry, header.thread, mailbox));
        if (!held || counter == seen.counter) return fail(ErrorCode::counter_contradiction, name);
        RELAIS_TRY(fill_gap(store_, header.station, name, header.lane, counter));
    }
    return {};
}

Result<void> Judge::check_signature(const EnvelopeEntry& entry, const Header& header) const {
    const DirectorySize at = entry.accepted.directory_size;
    if (at > replica_.size()) return fail(ErrorCode::ahead_of_directory);
    const auto* person = replica_.state().person(header.by, at);
    if (person == nullptr) return fail(ErrorCode::unknown_person, "who signed");
    return verify_header_signature(header_digest(entry.header.bytes), entry.header.signature,
                                   person->person.key, verifier_);
}

namespace {

// Whether one of the header's groups stands for the mailbox, at the sender's head.
bool is_reader(const directory::DirectoryState& directory, const workflow::Kind& kind,
               const Header& header, const Address& mailbox) {
    return std::ranges::any_of(header.groups(), [&](const Recipient& group) {
        return workflow::reads_group(directory, kind, group.mailbox, mailbox, header.from,
                                     header.head.size);
    });
}

}  // namespace

Result<std::shared_ptr<const LoadedKind>> Judge::check_kind(const EnvelopeEntry& entry,
                                                            const Header& header) const {
    const auto* published = replica_.state().kind(header.kind);
    if (published == nullptr || published->from > entry.accepted.directory_size) {
        return fail(ErrorCode::act_refused, "kind not published then");
    }
    RELAIS_ASSIGN(auto kind, kinds_.get(header.kind));
    const auto act = kind->kind.act(header.act);
    if (!act) return fail(ErrorCode::act_refused, header.act);
    const workflow::Act& declared = kind->kind.acts[*act];
    RELAIS_TRY(workflow::check_shape(kind->kind, declared, header));
    RELAIS_TRY(workflow::check_signer(replica_.state(), kind->kind, declared, header,
                                      entry.accepted.directory_size, entry.accepted.time));
    for (const Recipient& group : header.groups()) {
        if (!declared.opens) break;  // whoever opened it goes on with it
        RELAIS_TRY(workflow::check_posting(replica_.state(), kind->kind, group.mailbox, header.from,
                                           entry.accepted.directory_size));
    }
    if (entry.box.mailbox && !is_reader(replica_.state(), kind->kind, header, *entry.box.mailbox)) {
        return fail(ErrorCode::not_addressed, entry.box.mailbox->text());
    }
    return kind;
}

Result<void> Judge::check_head(const EnvelopeEntry& entry, const Header& header) {
    if (header.head.size > entry.accepted.directory_size || header.head.size.value == 0) {
        return fail(ErrorCode::head_contradiction, "size");
    }
    if (replica_.root_at(header.head.size) != header.head.root) {
        return fail(ErrorCode::head_contradiction, "root");
    }
    return {};
}

namespace {

// Whether an act of that index can release what waits for the condition; or, absent, a clock.
// `states`: those that the thread can have come to.
bool can_release(const workflow::Kind& kind, Release condition, workflow::StateMask states,
                 std::optional<workflow::ActIndex> act) {
    return std::ranges::any_of(kind.rows, [&](const workflow::Row& row) {
        const bool by_act = row.trigger == workflow::TriggerKind::act;
        const bool this_one = act ? by_act && row.index == *act : !by_act;
        const bool possible = row.threads == 0 || (row.threads & states) != 0;
        return this_one && possible && row.releases(condition);
    });
}

// Those that the opening act, where this mailbox has seen it, can lead to.
workflow::StateMask possible_states(const workflow::Kind& kind, const Header& header,
                                    const std::vector<workflow::ActIndex>& acts) {
    const auto own = kind.act(header.act);
    if (own && kind.acts[*own].opens) return kind.reachable_from(*own);
    for (const workflow::ActIndex act : acts) {
        if (kind.acts[act].opens) return kind.reachable_from(act);
    }
    return workflow::kAnyState;
}

}  // namespace

// A held box is handed over for a reason that its reader can see: an act of the thread, signed,
// valid and addressed to this mailbox, that releases it by the kind's table. Where a clock may
// release it, the reason is time, and that is the broker's word; its leaf says when.
Result<void> Judge::check_release(const EnvelopeEntry& entry, const Header& header,
                                  const Address& mailbox, const workflow::Kind& kind) {
    if (entry.box.release == Release::at_once) return {};
    RELAIS_TRY(check_absence(entry, header));
    if (entry.box.release == Release::absence) return {};
    RELAIS_ASSIGN(const auto acts, acts_seen(header, mailbox, kind));
    const workflow::StateMask states = possible_states(kind, header, acts);
    if (can_release(kind, entry.box.release, states, std::nullopt)) return {};
    for (const workflow::ActIndex act : acts) {
        if (can_release(kind, entry.box.release, states, act)) return {};
    }
    return fail(ErrorCode::release_unproven, mailbox.text());
}

// A delegate gets nothing before the absence that it was named for has begun, as the directory says
// and by this station's clock.
Result<void> Judge::check_absence(const EnvelopeEntry& entry, const Header& header) const {
    const Recipient* recipient = header.recipient_at(entry.box.position);
    if (recipient == nullptr || recipient->standing != Standing::delegate) return {};
    const WallTime when = wall_ + workflow::kAbsenceMargin;
    if (replica_.state().stood_in(recipient->mailbox, header.absent(*recipient), when)) return {};
    return fail(ErrorCode::release_unproven, recipient->mailbox.text());
}

// Valid acts of the thread that stand in this mailbox, its own included; also those that are sealed
// under a key which a new post lacks: who did which act is in their header, signed and checked.
Result<std::vector<workflow::ActIndex>> Judge::acts_seen(const Header& header,
                                                         const Address& mailbox,
                                                         const workflow::Kind& kind) {
    RELAIS_ASSIGN(const auto entries, store_.entries_of_thread(header.thread));
    std::vector<workflow::ActIndex> acts;
    for (const StoredEntry& item : entries) {
        const auto* envelope = std::get_if<EnvelopeEntry>(&item.delivery.entry);
        const bool valid = item.status == ErrorCode::ok || item.status == ErrorCode::not_granted;
        if (envelope == nullptr || !valid || item.delivery.mailbox != mailbox) continue;
        const auto reason = parse_header(envelope->header.bytes);
        if (!reason.ok() || reason->kind != header.kind) continue;
        if (const auto act = kind.act(reason->act)) acts.push_back(*act);
    }
    return acts;
}

Result<std::shared_ptr<const LoadedKind>> Judge::check_signed(const EnvelopeEntry& entry,
                                                              const Header& header) const {
    RELAIS_TRY(check_signature(entry, header));
    return check_kind(entry, header);
}

Result<Opened> Judge::open(const EnvelopeEntry& entry, const Address& mailbox) {
    RELAIS_ASSIGN(Header header, check_header(entry, mailbox));
    RELAIS_ASSIGN(auto kind, check_signed(entry, header));
    return open_content(entry, mailbox, std::move(header), std::move(kind));
}

Result<Opened> Judge::open_content(const EnvelopeEntry& entry, const Address& mailbox,
                                   Header header, std::shared_ptr<const LoadedKind> kind) {
    RELAIS_TRY(check_head(entry, header));
    RELAIS_TRY(check_release(entry, header, mailbox, kind->kind));
    const Digest digest = header_digest(entry.header.bytes);
    RELAIS_ASSIGN(const P256Key epoch, keyring_.get(mailbox, entry.box.epoch));
    RELAIS_ASSIGN(const Secret key, seal::open_box(entry.box, digest, mailbox, epoch));
    RELAIS_ASSIGN(const Secret padded,
                  seal::decrypt_padded(key, digest, entry.content, header.content_digest));
    seal::ContentParts parts;
    if (header.chunks) {
        RELAIS_ASSIGN(parts, seal::unpad_with_attachments(padded));
    } else {
        RELAIS_ASSIGN(parts.payload, seal::unpad_content(padded));
    }
    const workflow::ActIndex act = *kind->kind.act(header.act);
    Opened opened{std::move(header), digest,          std::move(kind), act, nullptr, {},
                  entry.accepted,    entry.old_epoch, nullptr};
    forms::Findings warnings;
    RELAIS_ASSIGN(opened.form, open_form(opened, parts.payload, warnings));
    RELAIS_TRY(open_attachments(opened, entry, parts.attachments));
    opened.warnings = std::move(warnings);
    return opened;
}

// The list is the one that the header's chunks are made of, and one that the act may carry.
Result<void> Judge::open_attachments(Opened& opened, const EnvelopeEntry& entry,
                                     const Secret& list) const {
    const auto& summary = opened.header.chunks;
    if (!summary) return {};
    auto parsed = seal::parse_list(list);
    if (!parsed.ok()) return fail(ErrorCode::attachment_invalid, parsed.error().detail);
    auto attachments = std::make_shared<Attachments>();
    attachments->list = std::move(parsed).value();
    attachments->places = chunk_places(attachments->list.files);
    attachments->digests = entry.chunks;
    const workflow::AttachmentRule& rule = opened.kind->kind.acts[opened.act].attachments;
    const bool allowed = std::ranges::all_of(
        attachments->list.files, [&](const AttachedFile& file) { return rule.allows(file.media); });
    if (!allowed || attachments->list.files.size() > rule.count) {
        return fail(ErrorCode::attachment_refused, opened.header.act);
    }
    std::uint64_t bytes = 0;
    for (const ChunkPlace& place : attachments->places) {
        const std::size_t sealed = padded_chunk_bytes(place.bytes) + kContentTagBytes;
        attachments->sizes.push_back(static_cast<std::uint32_t>(sealed));
        bytes += sealed;
    }
    if (attachments->places.size() != summary->count || bytes != summary->bytes) {
        return fail(ErrorCode::attachment_invalid, "list of attachments");
    }
    opened.attachments = std::move(attachments);
    return {};
}

Result<nlohmann::json> Judge::open_form(const Opened& opened, const Secret& payload,
                                        forms::Findings& warnings) const {
    const workflow::Kind& kind = opened.kind->kind;
    const workflow::Act& act = kind.acts[opened.act];
    const forms::FormSchema* form = opened.kind->form_of(act);
    if (form == nullptr) {
        if (!payload.empty()) return fail(ErrorCode::form_invalid, "content without a form");
        return nlohmann::json();
    }
    const auto* domain = replica_.state().domain();
    const auto environment = domain->test ? InsEnvironment::test : InsEnvironment::production;
    forms::Context context(environment, publics_of(kind, act, opened.header.publics), lists_,
                           forms::Severity::warning);
    context.attention =
        attention_in(replica_.state(), opened.header.to, opened.accepted.directory_size);
    auto values = payload.empty() ? forms::check(*form, nlohmann::json::object(), context, warnings)
                                  : forms::decode(*form, payload.expose(), context, warnings);
    if (values.ok()) return values;
    const ErrorCode code =
        values.code() == ErrorCode::over_budget ? ErrorCode::over_budget : ErrorCode::form_invalid;
    return fail(code, values.error().detail);
}

Result<workflow::BrokerWord> Judge::broker_word(const NoticeEntry& entry) const {
    return workflow::open_broker_word(replica_.state(), verifier_, entry.statement);
}

Result<Notice> Judge::open_notice(const NoticeEntry& entry) const {
    RELAIS_ASSIGN(workflow::BrokerWord said, broker_word(entry));
    return std::move(said).notice;
}

bool Judge::is_of_present_key(const NoticeEntry& entry) const {
    const auto* domain = replica_.state().domain();
    const auto statement = parse_statement(entry.statement);
    return domain != nullptr && statement.ok() &&
           verify_statement(contexts::kNotice, *statement, domain->broker_key, verifier_).ok();
}

Result<PersonMark> Judge::open_mark(const MarkedEntry& entry, const Address& mailbox) const {
    RELAIS_ASSIGN(const Statement statement, parse_statement(entry.statement));
    RELAIS_ASSIGN(PersonMark mark, parse_mark(statement.body));
    const auto* person = replica_.state().person_ever(mark.person);
    if (person == nullptr) return fail(ErrorCode::unknown_person, "whose mark it is");
    if (mark.mailbox != mailbox) return fail(ErrorCode::not_addressed, mailbox.text());
    // A station lists persons of its own organisation alone, and serves its mailboxes alone.
    if (person->organisation != mailbox.organisation()) {
        return fail(ErrorCode::not_on_station, "whose mark it is");
    }
    RELAIS_TRY(verify_statement(contexts::kMark, statement, person->person.key, verifier_));
    return mark;
}

// Nothing of an acceptance comes with it: it is judged at the head that its sender signed.
Result<QuotedAct> Judge::check_quoted(const SignedHeader& act, const ThreadId& thread) const {
    RELAIS_ASSIGN(Header header, parse_header(act.bytes));
    if (header.thread != thread && header.follows != thread) {
        return fail(ErrorCode::unknown_thread, "of the act quoted");
    }
    const DirectorySize at = header.head.size;
    if (at > replica_.size()) return fail(ErrorCode::ahead_of_directory);
    const auto* person = replica_.state().person(header.by, at);
    if (person == nullptr) return fail(ErrorCode::unknown_person, "who signed the act quoted");
    RELAIS_TRY(verify_header_signature(header_digest(act.bytes), act.signature, person->person.key,
                                       verifier_));
    RELAIS_ASSIGN(auto kind, kinds_.get(header.kind));
    const auto index = kind->kind.act(header.act);
    if (!index) return fail(ErrorCode::act_refused, header.act);
    RELAIS_TRY(workflow::check_signer(replica_.state(), kind->kind, kind->kind.acts[*index], header,
                                      at, header.time));
    return QuotedAct{std::move(header), std::move(kind), *index};
}

Result<void> Judge::check_evidence(const Notice& notice, const MessageId& message,
                                   const Digest& header) const {
    return workflow::check_receipt(replica_.state(), verifier_, notice, message, header);
}

}  // namespace relais::station
