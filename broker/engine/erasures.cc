#include "broker/engine/erasures.h"

#include <algorithm>
#include <set>

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "schemas/envelope/envelope.h"
#include "schemas/workflow/broker_word.h"
#include "schemas/workflow/permission.h"

namespace relais::broker {

namespace {

std::string reason_name(wire::ErasureReason reason) {
    switch (reason) {
        case wire::ErasureReason::request: return "request";
        case wire::ErasureReason::mistake: return "mistake";
        case wire::ErasureReason::order: return "order";
    }
    return "";
}

}  // namespace

Result<std::vector<Erasures::Found>> Erasures::find(const MessageId& message) {
    std::vector<Found> all;
    RELAIS_ASSIGN(const auto numbers, parts_.store.envelopes_of(message));
    for (const EnvelopeNumber number : numbers) {
        auto stored = parts_.store.envelope(number);
        if (stored.code() == ErrorCode::not_found) continue;  // its life is over
        if (!stored.ok()) return stored.error();
        RELAIS_ASSIGN(Envelope envelope, Envelope::parse(std::move(stored->bytes)));
        all.push_back({number, std::move(stored).value(), std::move(envelope)});
    }
    return all;
}

Result<std::optional<StoredErasure>> Erasures::first_order(
    const std::function<bool(const StoredErasure&)>& meant) {
    for (std::uint64_t after = 0;;) {
        RELAIS_ASSIGN(auto page, parts_.store.erasures(after, limits::kEntriesPerFrameMax));
        if (page.empty()) return std::optional<StoredErasure>();
        const auto found = std::ranges::find_if(page, meant);
        if (found != page.end()) return std::optional(std::move(*found));
        after = page.back().number;
    }
}

// Ids are unique per station alone: whoever read a message can send one of their own under its id,
// and ask for the erasure of that.
Result<std::vector<Erasures::Found>> Erasures::find_of(const MessageId& message,
                                                       const std::optional<Address>& from) {
    RELAIS_ASSIGN(auto all, find(message));
    if (all.empty()) {
        RELAIS_ASSIGN(const auto before, first_order([&](const StoredErasure& erasure) {
                          return erasure.message == message;
                      }));
        return fail(before ? ErrorCode::erased : ErrorCode::unknown_object, "message");
    }
    std::set<std::string> senders;
    for (const Found& found : all) senders.insert(found.envelope.header().from.text());
    if (from) {
        std::erase_if(all,
                      [&](const Found& found) { return found.envelope.header().from != *from; });
        if (all.empty()) return fail(ErrorCode::unknown_object, "message of " + from->text());
    } else if (senders.size() > 1) {
        std::string names;
        for (const std::string& name : senders) names += (names.empty() ? "" : ", ") + name;
        return fail(ErrorCode::missing_field, "from: messages of that id were sent by " + names);
    }
    return all;
}

Result<std::vector<Place>> Erasures::order(const MessageId& message,
                                           const std::optional<Address>& from,
                                           wire::ErasureReason reason) {
    RELAIS_ASSIGN(const auto all, find_of(message, from));
    std::vector<Place> places;
    for (const Found& found : all) {
        Notice notice{.kind = NoticeKind::erased, .time = parts_.time.wall()};
        notice.thread = found.envelope.header().thread;
        notice.message = message;
        notice.state = reason_name(reason);
        notice.header = found.envelope.digest();
        const Bytes statement = encode_statement(
            make_statement(contexts::kNotice, encode_notice(notice), parts_.broker_signer));
        RELAIS_TRY(parts_.store.put_erasure({0, found.envelope.digest(), message, statement}));
        RELAIS_ASSIGN(const auto stood, erase(found, statement, notice.state));
        places.insert(places.end(), stood.begin(), stood.end());
        said_.push_back(statement);
    }
    return places;
}

// The id stays remembered until nobody can offer the same bytes as new any more.
Result<std::vector<Place>> Erasures::erase(const Found& found, const Bytes& statement,
                                           const std::string& reason) {
    const Header& header = found.envelope.header();
    const Tombstone stone{found.envelope.digest(), header.id};
    std::set<ChannelId> told;
    for (const Place& place : found.stored.places) {
        RELAIS_TRY(parts_.store.put_log(place, stone));
        told.insert(place.channel);
        const Mailbox& mailbox = parts_.mailboxes.by_channel(place.channel);
        const bool taken = place.seq <= mailbox.lane(place.lane).delivered;
        if (taken || mailbox.address == header.from) continue;
        RELAIS_TRY(parts_.days.erased(place.channel, found.stored.accepted.time));
    }
    for (const ChannelId channel : told) {
        RELAIS_TRY(parts_.mailboxes.append(parts_.mailboxes.by_channel(channel), header.lane,
                                           NoticeEntry{statement}));
    }
    RELAIS_TRY(parts_.store.remove_held_of(found.number));
    RELAIS_TRY(chunks_.unreference(found.number, found.envelope));
    RELAIS_TRY(parts_.store.erase_envelope(found.number));
    RELAIS_TRY(parts_.store.add_timer(
        {.at = parts_.time.time() + limits::kExpiresMax + limits::kDedupKeptAfterExpiry,
         .kind = TimerKind::forget,
         .message = header.id,
         .station = header.station}));
    Leaf leaf = leaf_of(Event::erased);
    leaf.message = header.id;
    leaf.thread = header.thread;
    leaf.header = found.envelope.digest();
    leaf.lane = header.lane;
    leaf.count = static_cast<std::uint32_t>(found.stored.places.size());
    leaf.subject = reason;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return found.stored.places;
}

Result<Notice> Erasures::judge(const Bytes& bytes) const {
    RELAIS_ASSIGN(const Statement statement, parse_statement(bytes));
    RELAIS_TRY(workflow::check_broker_word(parts_.state(), parts_.verifier, statement));
    RELAIS_ASSIGN(Notice notice, parse_notice(statement.body));
    if (notice.kind != NoticeKind::erased || !notice.message || !notice.header) {
        return fail(ErrorCode::invalid_field, "not a notice of an erasure");
    }
    return notice;
}

Result<std::vector<Place>> Erasures::repeat(const Bytes& statement) {
    RELAIS_ASSIGN(const Notice notice, judge(statement));
    RELAIS_ASSIGN(const bool known, parts_.store.has_erasure(*notice.header));
    if (known) return std::vector<Place>();
    RELAIS_TRY(parts_.store.put_erasure({0, *notice.header, *notice.message, statement}));
    said_.push_back(statement);
    RELAIS_ASSIGN(const auto all, find(*notice.message));
    for (const Found& found : all) {
        if (found.envelope.digest() == *notice.header) {
            return erase(found, statement, notice.state);
        }
    }
    Leaf leaf = leaf_of(Event::erased);  // not here: it will not come back either
    leaf.message = notice.message;
    leaf.thread = notice.thread;
    leaf.header = notice.header;
    leaf.subject = notice.state;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return std::vector<Place>();
}

Result<void> Erasures::enter(const Bytes& statement) {
    RELAIS_ASSIGN(const Notice notice, judge(statement));
    RELAIS_ASSIGN(const bool known, parts_.store.has_erasure(*notice.header));
    if (known) return {};
    return parts_.store.put_erasure({0, *notice.header, *notice.message, statement});
}

Result<void> Erasures::repeat_all() {
    for (std::uint64_t after = 0;;) {
        RELAIS_ASSIGN(const auto page, parts_.store.erasures(after, limits::kEntriesPerFrameMax));
        if (page.empty()) return {};
        for (const StoredErasure& erasure : page) {
            after = erasure.number;
            RELAIS_ASSIGN(const auto all, find(erasure.message));
            for (const Found& found : all) {
                if (found.envelope.digest() != erasure.header) continue;
                RELAIS_ASSIGN(const Notice notice, judge(erasure.statement));
                RELAIS_TRY(erase(found, erasure.statement, notice.state));
            }
        }
    }
}

Result<void> Erasures::tell_again(const Envelope& envelope) {
    const Digest digest = envelope.digest();
    RELAIS_ASSIGN(const auto order, first_order([&](const StoredErasure& erasure) {
                      return erasure.header == digest;
                  }));
    if (!order) return {};
    const Header& header = envelope.header();
    std::set<Address> concerned{header.from};
    for (const Recipient& recipient : header.mailboxes()) concerned.insert(recipient.mailbox);
    if (const auto kind = parts_.kinds.get(header.kind); kind.ok()) {
        const auto readers = workflow::group_readers(parts_.state(), **kind, header);
        concerned.insert(readers.begin(), readers.end());
    }
    for (const Address& address : concerned) {
        if (!parts_.state().mailbox_exists(address)) continue;
        RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(address));
        RELAIS_TRY(parts_.mailboxes.append(*mailbox, header.lane, NoticeEntry{order->statement}));
    }
    return {};
}

}  // namespace relais::broker
