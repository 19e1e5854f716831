// sync_again.cc: what a station does when its broker was restored from a backup: it offers the
// directory entries that the backup lacks, then the erasures it was told of, then the last head of
// the audit log; its envelopes follow (sync.cc), and what comes again is known by its digest.
#include <algorithm>

#include "clients/station/sync/sync.h"
#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/merkle/checkpoint.h"
#include "schemas/packs/pack.h"
#include "schemas/witness/witness.h"

namespace relais::station {

namespace {

constexpr const char* kOffered = "offered_again";  // the incarnation it was done for
constexpr std::size_t kOfferBytes = 512 * 1024;
constexpr Milliseconds kOfferAgainDelay{60'000};
constexpr Milliseconds kLackingAgainEvery{600'000};

bool same_act(const std::optional<SignedHeader>& a, const std::optional<SignedHeader>& b) {
    return a.has_value() == b.has_value() && (!a || a->bytes == b->bytes);
}

// Of a clock: of that same run of it. One that begins anew after a restore has another end.
bool says_the_same(const Notice& a, const Notice& b) {
    return a.kind == b.kind && a.thread == b.thread && a.message == b.message &&
           a.mailbox == b.mailbox && a.state == b.state && a.clock == b.clock && a.due == b.due &&
           same_act(a.act, b.act);
}

// "lane 1, entries 3 to 7: ".
std::string places_text(Lane lane, ChannelSeq first, ChannelSeq last) {
    return "lane " + std::to_string(static_cast<unsigned>(lane)) + ", entries " +
           std::to_string(first.value) + " to " + std::to_string(last.value) + ": ";
}

// What the header does not cover was damaged, and its counter was taken all the same.
bool is_spoilt(ErrorCode code) {
    return code == ErrorCode::box_unopenable || code == ErrorCode::content_undecryptable ||
           code == ErrorCode::digest_mismatch;
}

}  // namespace

// True where there is something to offer, or an answer to be awaited.
Result<bool> Sync::begin_offers() {
    const wire::Welcome& welcome = *welcome_;
    if (!welcome.restored) return false;
    RELAIS_ASSIGN(const auto done, parts_.store.value(kOffered));
    if (done && bytes_equal(*done, welcome.incarnation.view())) return false;
    for (const Offer offer : {Offer::entries, Offer::bundles, Offer::erasures, Offer::head}) {
        RELAIS_TRY(make_offer(offer));
    }
    if (offers_pending_ != 0) return true;
    RELAIS_TRY(parts_.store.set_value(kOffered, welcome.incarnation.view()));
    return false;
}

// Once the operator has settled the restore, only erasures are taken.
Result<void> Sync::make_offer(Offer offer) {
    if (!welcome_->restored->open && offer != Offer::erasures) return {};
    switch (offer) {
        case Offer::entries: return offer_entries(welcome_->directory_size);
        case Offer::bundles: return offer_bundles(welcome_->directory_size);
        case Offer::erasures: return offer_erasures();
        case Offer::head: return offer_head();
    }
    return {};
}

// What was refused for now; it may be, as long as the broker's disk is full, for days.
Result<void> Sync::offer_again(BootTime now) {
    if (offers_put_off_.empty() || offers_pending_ != 0) return {};
    if (!offers_at_) offers_at_ = now + kOfferAgainDelay;
    if (now < *offers_at_) return {};
    offers_at_.reset();
    for (const Offer offer : std::exchange(offers_put_off_, {})) RELAIS_TRY(make_offer(offer));
    return offers_pending_ != 0 ? Result<void>{} : offers_made();
}

// What the broker could not take for want of others' acts, while these may still come: at once in
// each connection, then from time to time, where nothing else is on its way. Once they may not, the
// answer says why.
Result<void> Sync::offer_lacking(BootTime now) {
    if (!welcome_->restored) return {};
    if (lacking_at_ && now < *lacking_at_) return {};
    if (envelopes_in_flight_ != 0 || line_.size() != 0) return {};
    lacking_at_ = now + kLackingAgainEvery;
    last_envelope_ = 0;
    return parts_.store.offer_lacking_again();
}

// The larger of what this station holds the broker to as a reader and what it cosigned, of a name
// that the log had before; empty: neither.
Result<std::string> Sync::head_to_offer() {
    const std::string log = witness::log_origin(parts_.identity.domain, wire::LogName::audit);
    RELAIS_ASSIGN(const std::string read, known_head(parts_.store, log));
    RELAIS_ASSIGN(const std::string cosigned, witnessing_.last_cosigned());
    std::string largest;
    std::uint64_t size = 0;
    for (const std::string& note : {cosigned, read}) {
        if (note.empty() || note.starts_with(welcome_->restored->origin + "\n")) continue;
        RELAIS_ASSIGN(const auto parsed, merkle::parse_note(note));
        RELAIS_ASSIGN(const auto head, merkle::parse_checkpoint(parsed.text));
        if (head.size <= size) continue;
        size = head.size;
        largest = note;
    }
    return largest;
}

// A witness of a log that was restored asks first what the log says that it lost; by a greeting,
// since heads may have been cited since this session began.
Result<void> Sync::begin_witnessing() {
    RELAIS_ASSIGN(const bool unjudged, witnessing_.loss_is_unjudged());
    if (unjudged) {
        if (!std::exchange(loss_asked_, true)) {
            send(wire::Hello{wire::kProtocolVersion, kSoftware}, SentLoss{});
        }
        return {};
    }
    RELAIS_ASSIGN(auto follow, witnessing_.begin());
    if (follow) send(*follow, SentFollow{});
    return {};
}

// Nothing is cosigned until it is judged; what the broker says is not proven yet is asked again.
Result<void> Sync::loss_answered(const wire::Body& body) {
    if (const auto* welcome = std::get_if<wire::Welcome>(&body)) {
        if (welcome->restored) {
            send(wire::FetchProof{welcome->restored->leaf, welcome->restored->leaf_hash},
                 SentLoss{});
            return {};
        }
        raise(fail(ErrorCode::inconsistent_log, "the name of the log has changed without a word"));
        return {};
    }
    if (const auto* refusal = std::get_if<wire::Refusal>(&body);
        refusal != nullptr && refusal->retry != Retry::never) {
        witnessing_wanted_ = true;
        return {};
    }
    const auto* proof = std::get_if<wire::Proof>(&body);
    const Result<void> judged = proof != nullptr
                                    ? witnessing_.judge_loss(*proof, wall_)
                                    : Result<void>(fail(ErrorCode::malformed, "proof of a loss"));
    if (judged.ok()) return begin_witnessing();
    if (of_the_store(judged.code())) return judged;
    raise(judged.error());
    return {};
}

Result<void> Sync::offer_head() {
    wire::OfferAgain offer;
    RELAIS_ASSIGN(offer.audit, head_to_offer());
    if (!offer.audit.empty()) send_offer(Offer::head, std::move(offer));
    return {};
}

void Sync::send_offer(Offer offer, wire::Body body) {
    ++offers_pending_;
    send(std::move(body), SentOffer{offer});
}

Result<void> Sync::offer_entries(DirectorySize from) {
    if (from >= parts_.replica.size()) return {};
    RELAIS_ASSIGN(const auto entries, parts_.store.directory_entries(from.value));
    wire::OfferAgain offer;
    offer.from = from;
    std::size_t bytes = 0;
    const auto complete = [&]() -> Result<void> {
        const DirectorySize end{offer.from.value + offer.entries.size()};
        offer.directory = parts_.replica.checkpoint();
        RELAIS_ASSIGN(offer.proof, parts_.replica.consistency_from(end));
        send_offer(Offer::entries, std::exchange(offer, {}));
        offer.from = end;
        bytes = 0;
        return {};
    };
    for (const Bytes& entry : entries) {
        if (bytes + entry.size() > kOfferBytes ||
            offer.entries.size() == limits::kEntriesPerFrameMax) {
            RELAIS_TRY(complete());
        }
        bytes += entry.size();
        offer.entries.push_back(entry);
    }
    return complete();
}

// Of the kinds that those entries published.
Result<void> Sync::offer_bundles(DirectorySize from) {
    for (const directory::KindRecord& record : parts_.replica.state().kinds()) {
        if (record.from <= from) continue;
        RELAIS_ASSIGN(auto bundle, parts_.store.bundle(record.kind.digest));
        if (bundle) send_offer(Offer::bundles, wire::PublishBundle{*std::move(bundle)});
    }
    return offer_packs(from);
}

// A manifest before its parts: the broker takes those that a manifest names.
Result<void> Sync::offer_packs(DirectorySize from) {
    for (const directory::PackRecord* record : parts_.replica.state().packs_in_force()) {
        if (record->from <= from) continue;
        RELAIS_ASSIGN(auto bytes, parts_.store.bundle(record->pack.digest));
        if (!bytes) continue;
        const auto manifest = packs::parse_manifest(*bytes);
        send_offer(Offer::bundles, wire::PublishBundle{*std::move(bytes)});
        if (!manifest.ok()) continue;
        for (const packs::List& list : manifest->lists) {
            for (const packs::Part& part : list.parts) {
                RELAIS_ASSIGN(auto rows, parts_.store.bundle(part.digest));
                if (rows) send_offer(Offer::bundles, wire::PublishBundle{*std::move(rows)});
            }
        }
    }
    return {};
}

Result<void> Sync::offer_erasures() {
    RELAIS_ASSIGN(const auto statements, parts_.store.erasures());
    wire::OfferAgain offer;
    std::size_t bytes = 0;
    for (const Bytes& statement : statements) {
        if (bytes + statement.size() > kOfferBytes ||
            offer.erasures.size() == limits::kEntriesPerFrameMax) {
            send_offer(Offer::erasures, std::exchange(offer, {}));
            bytes = 0;
        }
        bytes += statement.size();
        offer.erasures.push_back(statement);
    }
    if (!offer.erasures.empty()) send_offer(Offer::erasures, std::move(offer));
    return {};
}

// A restored broker that refuses what its own former heads prove is not the one that was lost.
// What it refuses for now is offered again, without an end to what this station does meanwhile: it
// may be what others did that bars the way.
Result<void> Sync::offer_answered(const SentOffer& sent, const wire::Body& body) {
    --offers_pending_;
    if (const auto* refusal = std::get_if<wire::Refusal>(&body)) {
        const bool serious = refusal->code == ErrorCode::inconsistent_log ||
                             refusal->code == ErrorCode::note_invalid;
        if (refusal->retry != Retry::never) {
            offers_put_off_.insert(sent.offer);
            events_.put_off = refusal->code;
        } else if (serious) {
            raise(fail(refusal->code, "offered after a restore: " + refusal->detail));
        }
    }
    return offers_pending_ != 0 ? Result<void>{} : offers_made();
}

// Without the entries the broker may not know the mailboxes of this station, nor its persons.
Result<void> Sync::offers_made() {
    if (offers_put_off_.empty()) {
        RELAIS_TRY(parts_.store.set_value(kOffered, welcome_->incarnation.view()));
    }
    const bool goes_on = following_ || offers_put_off_.contains(Offer::entries);
    return goes_on ? Result<void>{} : follow_directory();
}

// Whether the broker said before its restore what this notice says.
Result<bool> Sync::said_before_restore(const wire::Delivery& delivery) {
    const auto* entry = std::get_if<NoticeEntry>(&delivery.entry);
    if (entry == nullptr || !welcome_->restored) return false;
    const auto notice = parts_.judge.open_notice(*entry);
    if (!notice.ok()) return false;
    if (notice->kind == NoticeKind::delivered) {
        for (const DeliveredItem& item : notice->delivered) {
            RELAIS_ASSIGN(const bool told, told_delivered(item.message, notice->mailbox));
            if (!told) return false;
        }
        return true;
    }
    if (notice->kind == NoticeKind::expired && notice->message) {
        RELAIS_ASSIGN(const bool told, told_delivered(*notice->message, notice->mailbox));
        if (told) return true;
    }
    std::vector<StoredEntry> known;
    if (notice->thread) {
        RELAIS_ASSIGN(known, parts_.store.entries_of_thread(*notice->thread));
    } else if (notice->message) {
        RELAIS_ASSIGN(known, parts_.store.entries_of_message(*notice->message));
    }
    return std::ranges::any_of(known, [&](const StoredEntry& before) {
        const auto* other = std::get_if<NoticeEntry>(&before.delivery.entry);
        if (other == nullptr || before.delivery.incarnation == delivery.incarnation ||
            before.delivery.mailbox != delivery.mailbox || before.status != ErrorCode::ok) {
            return false;
        }
        const auto said = parts_.judge.open_notice(*other);
        return said.ok() && says_the_same(*said, *notice);
    });
}

// Whether it was said before the restore that this mailbox has the message. A broker that lost the
// acknowledgement, and lets the message expire, says the contrary of what was proven.
Result<bool> Sync::told_delivered(const MessageId& message, const std::string& mailbox) {
    RELAIS_ASSIGN(const auto known, parts_.store.delivered_notices(message));
    return std::ranges::any_of(known, [&](const StoredEntry& before) {
        const auto* other = std::get_if<NoticeEntry>(&before.delivery.entry);
        if (other == nullptr || before.delivery.incarnation == welcome_->incarnation) return false;
        const auto said = parts_.judge.open_notice(*other);
        return said.ok() && said->mailbox == mailbox;
    });
}

// The verdict on what came before. Of an envelope one row alone is shown or waits to be: the first,
// unless that one still waits, or was spoilt, and this one is whole. Within one incarnation it is
// the broker's fault.
Result<ErrorCode> Sync::verdict_again(const StoredEntry& entry) {
    const wire::Delivery& delivery = entry.delivery;
    const bool envelope = std::holds_alternative<EnvelopeEntry>(delivery.entry);
    const bool valid = entry.status == ErrorCode::ok;
    if (!valid && !(envelope && may_pass(entry.status))) return entry.status;
    if (!envelope) return ErrorCode::already_exists;
    RELAIS_ASSIGN(const bool now,
                  parts_.store.has_digest(delivery.mailbox, entry.digest, delivery.incarnation));
    if (now) return ErrorCode::replayed;
    RELAIS_ASSIGN(auto before, parts_.store.entries_of_message(*entry.message));
    std::erase_if(before, [&](const StoredEntry& row) {
        return row.delivery.mailbox != delivery.mailbox || row.digest != entry.digest;
    });
    for (const StoredEntry& row : before) {
        if (!valid || !may_pass(row.status)) continue;
        RELAIS_TRY(parts_.store.set_status(row.serial, ErrorCode::already_exists));
        return ErrorCode::ok;
    }
    const bool all_spoilt =
        !before.empty() && std::ranges::all_of(before, is_spoilt, &StoredEntry::status);
    return all_spoilt ? entry.status : ErrorCode::already_exists;
}

// Again: it is stored, or something else is.
Result<void> Sync::compare_with_held(const wire::Delivery& delivery) {
    const auto held = parts_.store.digests(delivery.mailbox, delivery.incarnation, delivery.lane,
                                           delivery.seq, delivery.seq);
    if (!held.ok() && of_the_store(held.code())) return held.error();
    const Digest shown = entry_digest(delivery.entry);
    if (held.ok() && held->front() == shown) return {};
    const std::string place = places_text(delivery.lane, delivery.seq, delivery.seq);
    return other_than_held(delivery.mailbox,
                           place + (held.ok() ? base64(held->front().view()) : "nothing"),
                           place + base64(shown.view()));
}

// Refused for what stands there: the broker went on from an older copy of its disk, and other
// entries took those places, which this station never sees.
Result<void> Sync::acknowledgement_answered(const SentAcknowledgement& sent,
                                            const wire::Body& body) {
    const auto* refusal = std::get_if<wire::Refusal>(&body);
    if (refusal == nullptr || refusal->retry != Retry::never) return {};
    const bool differs =
        refusal->code == ErrorCode::digest_mismatch || refusal->code == ErrorCode::wrong_position;
    if (!differs) return {};
    const std::string places = places_text(sent.lane, sent.first, sent.last);
    return other_than_held(sent.mailbox, places + base64(sent.root.view()),
                           places + "refused: " + std::string(error_info(refusal->code).name));
}

Result<void> Sync::other_than_held(const Address& mailbox, std::string held, std::string shown) {
    RELAIS_TRY(keep_contradiction(parts_.store, {ErrorCode::inconsistent_log, mailbox.text(),
                                                 std::move(held), std::move(shown), wall_}));
    raise(fail(ErrorCode::inconsistent_log, "other entries than are held in " + mailbox.text()));
    return {};
}

// A notice of an erasure is obeyed at once and kept, to be said again to a restored broker.
Result<void> Sync::obey_erasure(const wire::Delivery& delivery) {
    const auto* entry = std::get_if<NoticeEntry>(&delivery.entry);
    if (entry == nullptr) return {};
    const auto notice = parts_.judge.open_notice(*entry);
    if (!notice.ok() || notice->kind != NoticeKind::erased) return {};
    if (!notice->message || !notice->header) return {};
    RELAIS_TRY(parts_.store.add_erasure(*notice->header, entry->statement));
    RELAIS_TRY(parts_.store.erase_message(*notice->message, *notice->header));
    RELAIS_ASSIGN(const auto attached, parts_.store.attachment(*notice->message));
    if (attached) return {};             // of another station's message of the same id
    transfers_.erase(*notice->message);  // a chunk on its way would bring the row back
    erased_.push_back(*notice->message);
    return {};
}

// What was erased is never kept again, whatever a backup brings back.
Result<void> Sync::bury_erased(StoredEntry& entry) {
    if (!std::holds_alternative<EnvelopeEntry>(entry.delivery.entry)) return {};
    RELAIS_ASSIGN(const bool erased, parts_.store.has_erasure(entry.digest));
    if (erased) entry.delivery.entry = Tombstone{entry.digest, entry.message};
    return {};
}

// Whether an accepted envelope is over by the broker's clock, so that it is not offered again.
Result<bool> Sync::is_over(const StoredOutgoing& item) {
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(item.envelope));
    const Header& header = envelope.header();
    auto life = std::chrono::seconds(header.expires_after);
    if (life.count() == 0) {
        const auto kind = parts_.kinds.get(header.kind);
        life = kind.ok() ? (*kind)->kind.retention : limits::kExpiresMax;
    }
    life = std::clamp<std::chrono::seconds>(life, limits::kExpiresMin, limits::kExpiresMax);
    return welcome_->time - item.receipt->accepted.time >= Milliseconds(life);
}

}  // namespace relais::station
