// sync_replies.cc: what the broker says, and what follows from it.
#include <algorithm>

#include "clients/station/seal/envelope_seal.h"
#include "clients/station/sync/sync.h"
#include "core/crypto/sha256.h"

namespace relais::station {

namespace {

constexpr const char* kIncarnation = "incarnation";
constexpr std::size_t kJudgedAtOnce = 256;

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
    if (const auto* cut = std::get_if<wire::Cut>(&frame.body)) events_.cut = cut->code;
    return {};
}

Result<void> Sync::answered(const Sent& sent, std::uint64_t number, const wire::Body& body) {
    if (const auto* envelope = std::get_if<SentEnvelope>(&sent)) {
        return envelope_answered(*envelope, body);
    }
    if (const auto* mark = std::get_if<SentMark>(&sent)) {
        const auto* refusal = std::get_if<wire::Refusal>(&body);
        const bool again = refusal != nullptr && refusal->retry != Retry::never;
        return again ? Result<void>{} : parts_.store.remove_mark(mark->serial);
    }
    if (const auto* attach = std::get_if<SentAttach>(&sent)) {
        return attached(attach->mailbox, body);
    }
    if (const auto* fetch = std::get_if<SentBundleFetch>(&sent)) {
        return bundle_fetched(fetch->digest, body);
    }
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
    if (!same) {
        // A restored broker: its lanes begin again, and what it may have lost is offered again.
        RELAIS_TRY(parts_.store.restart_lanes());
        if (known) RELAIS_TRY(parts_.store.offer_again());
        RELAIS_TRY(parts_.store.set_value(kIncarnation, welcome.incarnation.view()));
    }
    if (welcome.directory_size < parts_.replica.size()) {
        raise(fail(ErrorCode::inconsistent_log, "the directory has become shorter"));
        return {};
    }
    welcome_ = welcome;
    send(wire::FollowDirectory{parts_.replica.size()}, SentOther{});
    return after_directory();
}

Result<void> Sync::take(const wire::DirectoryEntries& entries) {
    const auto appended = parts_.replica.append(parts_.store, entries.from, entries.entries,
                                                entries.checkpoint, parts_.verifier);
    if (!appended.ok() && of_the_store(appended.code())) return appended;
    if (!appended.ok()) {
        raise(appended.error());
        return {};
    }
    events_.directory_changed = true;
    return after_directory();
}

Result<void> Sync::after_directory() {
    RELAIS_TRY(parts_.keyring.learn(parts_.replica.state(), parts_.identity.station));
    fetch_missing_bundles();
    RELAIS_TRY(attach_mailboxes());
    return judge_waiting();
}

void Sync::fetch_missing_bundles() {
    for (const directory::KindRecord& record : parts_.replica.state().kinds()) {
        const Digest& digest = record.kind.digest;
        if (record.kind.withdrawn || bundles_asked_.contains(digest)) continue;
        const auto known = parts_.store.bundle(digest);
        if (known.ok() && *known) continue;
        bundles_asked_.insert(digest);
        send(wire::FetchBundle{digest}, SentBundleFetch{digest});
    }
}

Result<void> Sync::bundle_fetched(const Digest& digest, const wire::Body& body) {
    const auto* bundle = std::get_if<wire::Bundle>(&body);
    if (bundle == nullptr) return {};
    if (sha256(bundle->bytes) != digest) {
        raise(fail(ErrorCode::digest_mismatch, "bundle of a kind"));
        return {};
    }
    RELAIS_TRY(parts_.store.add_bundle(digest, bundle->bytes));
    return judge_waiting();
}

Result<void> Sync::judge_waiting() {
    for (const ErrorCode code :
         {ErrorCode::ahead_of_directory, ErrorCode::unknown_kind, ErrorCode::not_granted}) {
        // All of them, however many wait in front for what does not come.
        for (std::uint64_t after = 0;;) {
            RELAIS_ASSIGN(const auto page, parts_.store.entries_with(code, kJudgedAtOnce, after));
            if (page.empty()) break;
            for (const StoredEntry& entry : page) RELAIS_TRY(judge_again(entry));
            after = page.back().serial;
        }
    }
    return {};
}

Result<void> Sync::judge_again(const StoredEntry& entry) {
    RELAIS_ASSIGN(const ErrorCode verdict, parts_.judge.again(entry.delivery));
    if (verdict == entry.status) return {};
    RELAIS_TRY(parts_.store.set_status(entry.serial, verdict));
    ++events_.received;
    return {};
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
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        // What this station stored but could not say before the break is said now.
        const ChannelSeq stored{lanes.next[lane].value - 1};
        lanes.acknowledged[lane] = std::min(stored, reply->lanes[lane].acknowledged);
        lanes.backlog_end[lane] = reply->lanes[lane].last;
    }
    return {};
}

Result<void> Sync::take(const wire::Delivery& delivery) {
    const auto found = lanes_.find(delivery.mailbox);
    if (found == lanes_.end() || !welcome_ || delivery.incarnation != welcome_->incarnation) {
        raise(fail(ErrorCode::not_addressed, delivery.mailbox.text()));
        return {};
    }
    const auto lane = static_cast<std::size_t>(delivery.lane);
    ChannelSeq& next = found->second.next[lane];
    if (delivery.seq < next) return {};  // again: it is stored
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
    if (known && entry.status == ErrorCode::ok) entry.status = ErrorCode::already_exists;
    RELAIS_ASSIGN(const std::uint64_t serial, parts_.store.add_entry(entry));
    for (const MessageId& message : said) RELAIS_TRY(parts_.store.add_delivered(message, serial));
    next = next.next();
    ++events_.received;
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

// A mark names a message; its thread is the message's, which came before it.
Result<void> Sync::note_mark(StoredEntry& entry, const MarkedEntry& mark) {
    const auto opened = parts_.judge.open_mark(mark, entry.delivery.mailbox);
    if (!opened.ok()) return {};
    RELAIS_ASSIGN(const auto about, parts_.store.entries_of_message(opened->message));
    entry.message = opened->message;
    if (!about.empty()) entry.thread = about.front().thread;
    return {};
}

Result<void> Sync::envelope_answered(const SentEnvelope& sent, const wire::Body& body) {
    --envelopes_in_flight_;
    if (const auto* receipt = std::get_if<wire::Receipt>(&body)) {
        ++events_.answered;
        return parts_.store.set_accepted(sent.message, *receipt);
    }
    if (const auto* refusal = std::get_if<wire::Refusal>(&body)) {
        return envelope_refused(sent, *refusal);
    }
    raise(fail(ErrorCode::malformed, "answer to an envelope"));
    return {};
}

Result<void> Sync::envelope_refused(const SentEnvelope& sent, const wire::Refusal& refusal) {
    if (refusal.retry == Retry::never) {
        ++events_.answered;
        return parts_.store.set_refused(sent.message, refusal);
    }
    resend_wanted_ = true;  // from the first that waits, once all in flight are answered
    if (refusal.code != ErrorCode::reseal) return {};
    const Result<void> sealed = seal_again(sent.message);
    if (sealed.ok() || of_the_store(sealed.code())) return sealed;
    if (may_pass(sealed.code())) return {};  // tried again: the grant of one's own epoch may come
    ++events_.answered;
    return parts_.store.set_refused(sent.message, {sealed.code(), Retry::never, "", std::nullopt});
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
        boxes.push_back(std::move(sealed));
    }
    return parts_.store.set_envelope(
        message, encode_envelope(envelope.signed_header(), envelope.content(), boxes));
}

}  // namespace relais::station
