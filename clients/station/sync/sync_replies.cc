// sync_replies.cc: what the broker says, and what follows from it.
#include <algorithm>

#include "clients/station/seal/envelope_seal.h"
#include "clients/station/sync/signs.h"
#include "clients/station/sync/sync.h"
#include "core/calendar/days.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "schemas/packs/pack.h"
#include "schemas/witness/witness.h"

namespace relais::station {

namespace {

constexpr const char* kIncarnation = "incarnation";
constexpr std::size_t kJudgedAtOnce = 256;

// Of an entry that was judged: its signature is the broker's.
bool is_reckoning(const StoredEntry& entry) {
    const auto* said = std::get_if<NoticeEntry>(&entry.delivery.entry);
    if (said == nullptr || entry.status != ErrorCode::ok) return false;
    const auto statement = parse_statement(said->statement);
    if (!statement.ok()) return false;
    const auto notice = parse_notice(statement->body);
    return notice.ok() && notice->kind == NoticeKind::reckoned;
}

// A restore names the audit log after the incarnation that it begins (formats.md, section 11), and
// has its leaf there. One that was said of an earlier incarnation is none of this one's.
bool tells_of_its_restore(const wire::Welcome& welcome) {
    constexpr std::size_t kNumberBytes = 8;
    return welcome.restored && welcome.restored->origin ==
                                   witness::log_origin(welcome.domain, wire::LogName::audit) + "/" +
                                       hex(welcome.incarnation.view().first(kNumberBytes));
}

}  // namespace

Result<void> Sync::receive(ByteView bytes) {
    auto frame = wire::parse_frame(bytes);
    if (!frame.ok()) {
        raise(frame.error());
        return {};
    }
    return take(*frame);
}

Result<void> Sync::take(const wire::Frame& frame) {
    if (frame.number != 0) {
        const auto found = sent_.find(frame.number);
        if (found == sent_.end()) return {};  // of a request that nobody waits for any more
        const Sent sent = std::move(found->second);
        sent_.erase(found);
        return answered(sent, frame.number, frame.body);
    }
    if (const auto* delivery = std::get_if<wire::Delivery>(&frame.body)) return take(*delivery);
    if (const auto* entries = std::get_if<wire::DirectoryEntries>(&frame.body)) {
        return take(*entries);
    }
    if (const auto* head = std::get_if<wire::NewCheckpoint>(&frame.body)) witnessing_.given(*head);
    if (const auto* cut = std::get_if<wire::Cut>(&frame.body)) events_.cut = cut->code;
    return {};
}

Result<void> Sync::answered(const Sent& sent, std::uint64_t number, const wire::Body& body) {
    if (const auto* envelope = std::get_if<SentEnvelope>(&sent)) {
        return envelope_answered(*envelope, body);
    }
    if (const auto* mark = std::get_if<SentMark>(&sent)) return mark_answered(*mark, body);
    if (const auto* day = std::get_if<SentDay>(&sent)) return day_answered(*day, body);
    if (const auto* acknowledgement = std::get_if<SentAcknowledgement>(&sent)) {
        return acknowledgement_answered(*acknowledgement, body);
    }
    if (const auto* attach = std::get_if<SentAttach>(&sent)) {
        return attached(attach->mailbox, body);
    }
    if (const auto* fetch = std::get_if<SentBundleFetch>(&sent)) {
        return bundle_fetched(fetch->digest, body);
    }
    if (const auto* question = std::get_if<SentChunkQuestion>(&sent)) {
        return chunk_question_answered(question->message, body);
    }
    if (const auto* chunk = std::get_if<SentChunk>(&sent)) return chunk_answered(*chunk, body);
    if (const auto* offer = std::get_if<SentOffer>(&sent)) return offer_answered(*offer, body);
    if (std::holds_alternative<SentFollow>(sent)) return follow_refused(body);
    if (std::holds_alternative<SentCosign>(sent)) {
        witness_later_if_refused(body);
        return {};
    }
    if (std::holds_alternative<SentLoss>(sent)) return loss_answered(body);
    if (std::holds_alternative<SentByApplication>(sent)) {
        replies_[number] = body;
        return {};
    }
    if (const auto* welcome = std::get_if<wire::Welcome>(&body)) return take(*welcome);
    if (const auto* refusal = std::get_if<wire::Refusal>(&body)) {
        if (!welcome_) events_.cut = refusal->code;  // the greeting itself was refused
    }
    return {};
}

Result<void> Sync::take(const wire::Welcome& welcome) {
    if (welcome.domain != parts_.identity.domain || welcome.station != parts_.identity.station) {
        raise(fail(ErrorCode::wrong_domain, welcome.domain.text()));
        return {};
    }
    RELAIS_ASSIGN(const auto known, parts_.store.value(kIncarnation));
    const bool same = known && bytes_equal(*known, welcome.incarnation.view());
    if (known && !same && !tells_of_its_restore(welcome)) {
        RELAIS_TRY(keep_contradiction(
            parts_.store,
            {ErrorCode::wrong_position, welcome.domain.text(), "incarnation " + hex(*known),
             "incarnation " + hex(welcome.incarnation.view()), wall_}));
        raise(fail(ErrorCode::wrong_position, "another incarnation, and no restore is said"));
        return {};
    }
    if (!same) {
        // A restored broker: its lanes begin again, and what it may have lost is offered again.
        RELAIS_TRY(parts_.store.restart_lanes());
        if (known) RELAIS_TRY(begin_days_anew(calendar::day_of(welcome.time) + 1));
        if (known) RELAIS_TRY(parts_.store.offer_again());
        RELAIS_TRY(parts_.store.set_value(kIncarnation, welcome.incarnation.view()));
    }
    witnessing_.set_audit_origin(welcome.restored ? welcome.restored->origin : "");
    welcome_ = welcome;
    RELAIS_ASSIGN(const bool offering, known ? begin_offers() : Result<bool>(false));
    const bool shorter = welcome.directory_size < parts_.replica.size();
    if (shorter && !(offering && welcome.restored->open)) {
        welcome_.reset();
        RELAIS_TRY(keep_contradiction(
            parts_.store,
            {ErrorCode::inconsistent_log, parts_.identity.domain.text() + "/directory",
             parts_.replica.checkpoint(),
             "the broker says " + std::to_string(welcome.directory_size.value) + " entries",
             wall_}));
        raise(fail(ErrorCode::inconsistent_log, "the directory has become shorter"));
        return {};
    }
    return offering ? Result<void>{} : follow_directory();
}

Result<void> Sync::follow_directory() {
    following_ = true;
    send(wire::FollowDirectory{parts_.replica.size()}, SentOther{});
    return after_directory();
}

Result<void> Sync::take(const wire::DirectoryEntries& entries) {
    const auto appended = parts_.replica.append(parts_.store, entries.from, entries.entries,
                                                entries.checkpoint, parts_.verifier);
    if (!appended.ok() && of_the_store(appended.code())) return appended;
    if (!appended.ok()) {
        RELAIS_TRY(keep_contradiction(
            parts_.store,
            {appended.code(), parts_.identity.domain.text() + "/directory",
             parts_.replica.checkpoint(),
             entries.checkpoint.empty() ? appended.error().describe() : entries.checkpoint,
             wall_}));
        raise(appended.error());
        return {};
    }
    events_.directory_changed = true;
    return after_directory();
}

Result<void> Sync::after_directory() {
    RELAIS_TRY(parts_.keyring.learn(parts_.replica.state(), parts_.identity.station));
    RELAIS_TRY(fetch_missing_bundles());
    RELAIS_TRY(attach_mailboxes());
    if (welcome_ && parts_.replica.size() >= welcome_->directory_size) {
        RELAIS_TRY(begin_witnessing());
    }
    return judge_waiting();
}

// A broker that has signed less than this station cosigned has lost, or hides, what it had.
Result<void> Sync::follow_refused(const wire::Body& body) {
    const auto* refusal = std::get_if<wire::Refusal>(&body);
    if (refusal == nullptr) return {};
    if (refusal->code != ErrorCode::wrong_position) {
        witness_later_if_refused(body);
        return {};
    }
    RELAIS_TRY(witnessing_.gone_back(wall_));
    raise(fail(ErrorCode::inconsistent_log, "the broker has less than it signed"));
    return {};
}

// Refused for now: the broker does not know what this station cosigned last, and is told again.
void Sync::witness_later_if_refused(const wire::Body& body) {
    const auto* refusal = std::get_if<wire::Refusal>(&body);
    if (refusal == nullptr || refusal->retry == Retry::never) return;
    witnessing_.disconnected();
    witnessing_wanted_ = true;
}

Result<void> Sync::fetch_missing_bundles() {
    for (const directory::KindRecord& record : parts_.replica.state().kinds()) {
        if (!record.kind.withdrawn) RELAIS_TRY(fetch_bundle(record.kind.digest));
    }
    return fetch_missing_parts();
}

// Of the packs in force: the manifest first, then what it names.
Result<void> Sync::fetch_missing_parts() {
    for (const directory::PackRecord* record : parts_.replica.state().packs_in_force()) {
        const Digest& digest = record->pack.digest;
        RELAIS_TRY(fetch_bundle(digest));
        RELAIS_ASSIGN(const auto bytes, parts_.store.bundle(digest));
        if (!bytes) continue;
        const auto manifest = packs::parse_manifest(*bytes);
        if (!manifest.ok()) continue;  // told when it came
        for (const packs::List& list : manifest->lists) {
            for (const packs::Part& part : list.parts) RELAIS_TRY(fetch_bundle(part.digest));
        }
    }
    return {};
}

// Once a connection, unless it is here.
Result<void> Sync::fetch_bundle(const Digest& digest) {
    if (!bundles_asked_.insert(digest).second) return {};
    RELAIS_ASSIGN(const bool here, parts_.store.has_bundle(digest));
    if (!here) send(wire::FetchBundle{digest}, SentBundleFetch{digest});
    return {};
}

Result<void> Sync::bundle_fetched(const Digest& digest, const wire::Body& body) {
    const auto* bundle = std::get_if<wire::Bundle>(&body);
    if (bundle == nullptr) return {};
    if (sha256(bundle->bytes) != digest) {
        raise(fail(ErrorCode::digest_mismatch, "bundle of a kind, or file of a pack"));
        return {};
    }
    RELAIS_TRY(parts_.store.add_bundle(digest, bundle->bytes));
    if (!packs::is_pack_file(bundle->bytes)) return judge_waiting();
    return packs::is_manifest(bundle->bytes) ? fetch_missing_parts() : Result<void>{};
}

Result<void> Sync::judge_waiting() {
    for (const ErrorCode code :
         {ErrorCode::ahead_of_directory, ErrorCode::unknown_kind, ErrorCode::not_granted,
          ErrorCode::release_unproven, ErrorCode::revoked}) {
        RELAIS_TRY(judge_waiting(code));
    }
    return {};
}

// All of them, however many wait in front for what does not come.
Result<void> Sync::judge_waiting(ErrorCode code) {
    for (std::uint64_t after = 0;;) {
        RELAIS_ASSIGN(const auto page, parts_.store.entries_with(code, kJudgedAtOnce, after));
        if (page.empty()) return {};
        for (const StoredEntry& entry : page) RELAIS_TRY(judge_again(entry));
        after = page.back().serial;
    }
}

Result<void> Sync::judge_again(const StoredEntry& entry) {
    RELAIS_ASSIGN(const ErrorCode verdict, parts_.judge.again(entry));
    if (verdict == entry.status) return {};
    RELAIS_TRY(parts_.store.set_status(entry.serial, verdict));
    StoredEntry judged = entry;
    judged.status = verdict;
    RELAIS_TRY(note_fault(judged, entry.delivery.entry));
    RELAIS_TRY(note_sign(parts_.store, parts_.judge, judged));
    ++events_.received;
    // The broker's key was renewed: what it had said with it counts from now on.
    if (entry.status != ErrorCode::revoked || verdict != ErrorCode::ok) return {};
    std::vector<MessageId> delivered;
    RELAIS_TRY(note_subject(judged, delivered));
    for (const MessageId& message : delivered) {
        RELAIS_TRY(parts_.store.add_delivered(message, entry.serial));
    }
    if (is_reckoning(judged)) RELAIS_TRY(parts_.store.add_reckoning(entry.serial));
    return obey_erasure(entry.delivery);
}

// What an honest broker never delivers: it would have refused it, or put it elsewhere. The entry
// stays with its signed header; beside it, what this station knew. `said`: as it was delivered,
// since of what was erased a tombstone alone is stored.
Result<void> Sync::note_fault(const StoredEntry& entry, const ChannelEntry& said) {
    const bool fault = entry.status == ErrorCode::head_contradiction ||
                       entry.status == ErrorCode::counter_contradiction ||
                       entry.status == ErrorCode::wrong_kind_version ||
                       entry.status == ErrorCode::replayed;
    const auto* envelope = std::get_if<EnvelopeEntry>(&said);
    if (!fault || envelope == nullptr) return {};
    std::string shown = "entry " + std::to_string(entry.delivery.seq.value);
    if (const auto header = parse_header(envelope->header.bytes); header.ok()) {
        shown = parts_.identity.domain.text() + "/directory\n" +
                std::to_string(header->head.size.value) + "\n" + base64(header->head.root.view()) +
                "\n" + shown;
    }
    ++events_.suspect;
    return keep_contradiction(parts_.store,
                              {entry.status, entry.message ? uuid(*entry.message) : "",
                               parts_.replica.checkpoint(), shown, wall_});
}

Result<void> Sync::attached(const Address& mailbox, const wire::Body& body) {
    const auto* reply = std::get_if<wire::Attached>(&body);
    const auto found = lanes_.find(mailbox);
    if (reply == nullptr || found == lanes_.end()) {
        if (const auto* refusal = std::get_if<wire::Refusal>(&body)) {
            raise(fail(refusal->code, mailbox.text()));
        }
        return {};
    }
    Lanes& lanes = found->second;
    lanes.attached = true;
    const bool fresh = std::ranges::all_of(
        lanes.next, [](const ChannelSeq& next) { return next == ChannelSeq{1}; });
    RELAIS_TRY(begin_days(mailbox, fresh));
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        // What this station stored but could not say before the break is said now.
        const ChannelSeq stored{lanes.next[lane].value - 1};
        lanes.acknowledged[lane] = std::min(stored, reply->lanes[lane].acknowledged);
        lanes.backlog_end[lane] = reply->lanes[lane].last;
    }
    return {};
}

namespace {

// A station that was put back from a copy took counters that the copy knows nothing of: what it
// sent comes back to it, and says which.
Result<void> pass_own_counters(StationStore& store, const StationId& own,
                               const StoredEntry& entry) {
    const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
    if (envelope == nullptr || entry.status != ErrorCode::ok) return {};
    const auto header = parse_header(envelope->header.bytes);
    if (!header.ok() || header->station != own) return {};
    for (const Recipient& recipient : header->to) {
        RELAIS_TRY(store.pass_counter(recipient.mailbox, header->lane, recipient.counter));
    }
    return {};
}

}  // namespace

Result<void> Sync::take(const wire::Delivery& delivery) {
    const auto found = lanes_.find(delivery.mailbox);
    if (found == lanes_.end() || !welcome_ || delivery.incarnation != welcome_->incarnation) {
        raise(fail(ErrorCode::not_addressed, delivery.mailbox.text()));
        return {};
    }
    const auto lane = static_cast<std::size_t>(delivery.lane);
    ChannelSeq& next = found->second.next[lane];
    if (delivery.seq < next) return compare_with_held(delivery);
    if (delivery.seq > next) {
        raise(fail(ErrorCode::wrong_position, "a gap in " + delivery.mailbox.text()));
        return {};
    }
    StoredEntry entry{.serial = 0,
                      .delivery = delivery,
                      .digest = entry_digest(delivery.entry),
                      .thread = std::nullopt,
                      .message = std::nullopt,
                      .status = ErrorCode::ok};
    std::vector<MessageId> said;  // to be delivered
    RELAIS_TRY(note_subject(entry, said));
    RELAIS_ASSIGN(const bool known, parts_.store.has_digest(delivery.mailbox, entry.digest));
    RELAIS_ASSIGN(entry.status, parts_.judge.receive(delivery));
    // After a restore of the broker the same entry can come again under another number.
    RELAIS_ASSIGN(const bool said_before, said_before_restore(delivery));
    if (known || said_before) {
        RELAIS_ASSIGN(entry.status, verdict_again(entry));
    }
    RELAIS_TRY(pass_own_counters(parts_.store, parts_.identity.station, entry));
    RELAIS_TRY(count_held(delivery, entry.digest));
    // Nothing follows from what the broker says with a key that is over, until the key is renewed.
    const auto* notice = std::get_if<NoticeEntry>(&delivery.entry);
    const bool over = entry.status == ErrorCode::revoked && notice != nullptr;
    if (over) said.clear();
    // What a former key signed comes late to a station that was away: no use of it now.
    if (over && parts_.judge.is_of_present_key(*notice)) {
        raise(fail(ErrorCode::revoked, "the broker signs with a key that is over"));
    }
    RELAIS_TRY(bury_erased(entry));
    RELAIS_ASSIGN(const std::uint64_t serial, parts_.store.add_entry(entry));
    RELAIS_TRY(note_sign(parts_.store, parts_.judge, entry));
    if (is_reckoning(entry)) RELAIS_TRY(parts_.store.add_reckoning(serial));
    for (const MessageId& message : said) RELAIS_TRY(parts_.store.add_delivered(message, serial));
    if (!over) RELAIS_TRY(obey_erasure(delivery));
    next = next.next();
    ++events_.received;
    RELAIS_TRY(note_fault(entry, delivery.entry));
    if (entry.status == ErrorCode::ok) RELAIS_TRY(judge_waiting(ErrorCode::release_unproven));
    return parts_.store.set_next_seq(delivery.mailbox, delivery.lane, next);
}

Result<void> Sync::note_subject(StoredEntry& entry, std::vector<MessageId>& delivered) {
    const ChannelEntry& content = entry.delivery.entry;
    if (const auto* envelope = std::get_if<EnvelopeEntry>(&content)) {
        if (const auto header = parse_header(envelope->header.bytes); header.ok()) {
            entry.thread = header->thread;
            entry.message = header->id;
        }
    } else if (const auto* notice = std::get_if<NoticeEntry>(&content)) {
        if (const auto opened = parts_.judge.open_notice(*notice); opened.ok()) {
            entry.thread = opened->thread;
            entry.message = opened->message;
            for (const DeliveredItem& item : opened->delivered) delivered.push_back(item.message);
        }
    } else if (const auto* mark = std::get_if<MarkedEntry>(&content)) {
        return note_mark(entry, *mark);
    }
    return {};
}

// A mark names a message, which came before it; its thread is that of the message under the header
// that was marked.
Result<void> Sync::note_mark(StoredEntry& entry, const MarkedEntry& mark) {
    const auto opened = parts_.judge.open_mark(mark, entry.delivery.mailbox);
    if (!opened.ok()) return {};
    RELAIS_ASSIGN(const auto about, parts_.store.entries_of_message(opened->message));
    entry.message = opened->message;
    const auto marked = std::ranges::find_if(about, [&](const StoredEntry& each) {
        return each.digest == opened->header && each.delivery.mailbox == opened->mailbox;
    });
    if (marked != about.end()) entry.thread = marked->thread;
    return {};
}

Result<void> Sync::mark_answered(const SentMark& sent, const wire::Body& body) {
    const auto* refusal = std::get_if<wire::Refusal>(&body);
    if (refusal != nullptr && refusal->retry != Retry::never) {
        events_.put_off = refusal->code;
        marks_put_off_.push_back(sent.serial);
        return {};
    }
    if (refusal != nullptr) {
        RELAIS_ASSIGN(const auto kept, parts_.store.marks(sent.serial - 1, 1));
        for (const StoredMark& stored : kept) {
            RELAIS_ASSIGN(const Statement statement, parse_statement(stored.mark.mark));
            RELAIS_ASSIGN(const PersonMark mark, parse_mark(statement.body));
            refused_marks_.push_back({mark.message, mark.word, refusal->code});
        }
    }
    return parts_.store.remove_mark(sent.serial);
}

Result<void> Sync::envelope_answered(const SentEnvelope& sent, const wire::Body& body) {
    --envelopes_in_flight_;
    if (const auto* receipt = std::get_if<wire::Receipt>(&body)) {
        ++events_.answered;
        line_.answered(sent.message);
        RELAIS_TRY(count_sent(sent.message, *receipt));
        return parts_.store.set_accepted(sent.message, *receipt);
    }
    if (const auto* refusal = std::get_if<wire::Refusal>(&body)) {
        return envelope_refused(sent, *refusal);
    }
    raise(fail(ErrorCode::malformed, "answer to an envelope"));
    return {};
}

Result<void> Sync::envelope_refused(const SentEnvelope& sent, const wire::Refusal& refusal) {
    if (refusal.retry == Retry::never) return refuse_finally(sent.message, refusal);
    if (refusal.code == ErrorCode::chunks_missing) {
        // The broker has lost them since it was asked, or this station has: then it cannot be sent.
        transfers_.erase(sent.message);
        RELAIS_ASSIGN(const auto attachment, parts_.store.attachment(sent.message));
        if (!attachment) return refuse_finally(sent.message, refusal);
    }
    events_.put_off = refusal.code;
    RELAIS_TRY(put_off(sent));
    if (refusal.code != ErrorCode::reseal) return {};
    const Result<void> sealed = seal_again(sent.message);
    if (sealed.ok() || of_the_store(sealed.code())) return sealed;
    if (may_pass(sealed.code())) return {};  // tried again: the grant of one's own epoch may come
    return refuse_finally(sent.message, {sealed.code(), Retry::never, "", std::nullopt});
}

// It can never go, and its place in the order is free for the others. What a broker accepted before
// it was restored stays accepted: its receipt says so.
Result<void> Sync::refuse_finally(const MessageId& message, const wire::Refusal& refusal) {
    ++events_.answered;
    if (const auto transfer = transfers_.find(message);
        transfer != transfers_.end() && transfer->second.upload) {
        transfers_.erase(transfer);
    }
    line_.answered(message);
    RELAIS_ASSIGN(const auto stored, parts_.store.outgoing(message));
    if (!stored) return {};  // erased meanwhile
    if (stored->receipt) return parts_.store.keep_accepted(message, refusal.code);
    return parts_.store.set_refused(message, refusal);
}

// A recipient's epoch is over: the content's key, which the sender's own box holds, is sealed to
// the present one. The header and its signature stay as they are.
Result<void> Sync::seal_again(const MessageId& message) {
    RELAIS_ASSIGN(const auto stored, parts_.store.outgoing(message));
    if (!stored) return {};
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(stored->envelope));
    const KeyBox& own = envelope.boxes().front();
    RELAIS_ASSIGN(const P256Key epoch, parts_.keyring.get(envelope.mailbox_at(0), own.epoch));
    RELAIS_ASSIGN(const Secret key,
                  seal::open_box(own, envelope.digest(), envelope.mailbox_at(0), epoch));
    std::vector<KeyBox> boxes;
    for (const KeyBox& box : envelope.boxes()) {
        const Address& mailbox = envelope.mailbox_at(box.position);
        const auto* now = parts_.replica.state().epoch(mailbox);
        if (now == nullptr) return {};
        RELAIS_ASSIGN(KeyBox sealed,
                      seal::seal_box(key, envelope.digest(), box.position, mailbox,
                                     now->epoch.number, now->epoch.key, box.release));
        sealed.mailbox = box.mailbox;
        boxes.push_back(std::move(sealed));
    }
    return parts_.store.set_envelope(
        message,
        encode_envelope(envelope.signed_header(), envelope.content(), boxes, envelope.chunks()));
}

}  // namespace relais::station
