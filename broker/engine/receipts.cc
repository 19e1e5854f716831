#include "broker/engine/receipts.h"

#include <algorithm>

#include "broker/engine/checks.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"

namespace relais::broker {

namespace {

// What makes two marks the same: a person says each word once of a message in a mailbox, whatever
// the station and however often it is signed. It is remembered under the head of this digest.
Digest mark_digest(const PersonMark& mark) {
    Bytes said = to_bytes(mark.person.view());
    append(said, mark.message.view());
    said.push_back(static_cast<std::uint8_t>(mark.word));
    append(said, as_bytes(mark.mailbox.text()));
    return sha256(said);
}

// The remembered marks of persons belong to no station.
constexpr StationId kNoStation{};

NoticeKind notice_of(Word word) {
    return word == Word::opened ? NoticeKind::opened : NoticeKind::taken;
}

}  // namespace

Result<Mailbox*> Receipts::judge(const Session& session, const Acknowledgement& acknowledgement) {
    if (!acknowledgement.statement.ok()) return acknowledgement.statement.error();
    const DeliveredStatement& statement = *acknowledgement.statement;
    if (statement.station != session.station) return fail(ErrorCode::forbidden, "another station");
    const auto* record = parts_.state().station(session.station);
    if (record == nullptr) return fail(ErrorCode::unknown_key);
    const P256Public& key = record->station.signing;
    RELAIS_TRY(confirm(acknowledgement.signature, key, [&] {
        return verify_encoded(contexts::kDelivered, acknowledgement.encoded, key, parts_.verifier);
    }));
    Mailbox* mailbox = parts_.mailboxes.find(statement.mailbox);
    if (mailbox == nullptr || !parts_.state().serves(*record, statement.mailbox)) {
        return fail(ErrorCode::not_your_mailbox, statement.mailbox.text());
    }
    if (statement.incarnation != parts_.incarnation) {
        return fail(ErrorCode::wrong_position, "another incarnation");
    }
    if (statement.first.value == 0 || statement.last < statement.first ||
        statement.last > mailbox->lane(statement.lane).last) {
        return fail(ErrorCode::wrong_position, mailbox->address.text());
    }
    return mailbox;
}

// What moves no cursor costs no more than its signature: entries are read afterwards.
Result<void> Receipts::acknowledge(Session& session, const Acknowledgement& acknowledgement) {
    RELAIS_ASSIGN(Mailbox* const mailbox, judge(session, acknowledgement));
    const DeliveredStatement& statement = *acknowledgement.statement;
    RELAIS_ASSIGN(const ChannelSeq cursor,
                  parts_.store.cursor(mailbox->channel, session.station, statement.lane));
    if (statement.last <= cursor) return {};  // said before
    if (statement.first > cursor.next()) return fail(ErrorCode::wrong_position, "gap");
    RELAIS_ASSIGN(const auto infos, sessions_.infos(session, *mailbox, statement.lane,
                                                    statement.first, statement.last));
    std::vector<Digest> digests;
    for (const EntryInfo& info : infos) digests.push_back(info.digest);
    RELAIS_ASSIGN(const auto tree, merkle::BatchTree::build(digests));
    if (tree.root() != statement.root) {
        session.differs.insert({mailbox->channel, statement.lane});
        return fail(ErrorCode::digest_mismatch);
    }
    RELAIS_TRY(move_cursor(session, acknowledgement, *mailbox, infos, tree));
    return record_faults(session, statement, cursor, infos);
}

// The reader's word, in the statement that the leaf before holds: what it says of an entry counts
// once.
Result<void> Receipts::record_faults(const Session& session, const DeliveredStatement& statement,
                                     ChannelSeq cursor, const std::vector<EntryInfo>& infos) {
    for (const EntryFault& fault : statement.faults) {
        const ChannelSeq place{statement.first.value + fault.index};
        if (place <= cursor) continue;
        Leaf leaf = leaf_of(Event::found_faulty);
        leaf.station = session.station;
        leaf.mailbox = statement.mailbox.text();
        leaf.lane = statement.lane;
        leaf.first = leaf.last = place;
        leaf.code = fault.code;
        leaf.message = infos[fault.index].message;
        leaf.header = infos[fault.index].digest;
        RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    }
    return {};
}

Result<void> Receipts::move_cursor(const Session& session, const Acknowledgement& acknowledgement,
                                   Mailbox& mailbox, const std::vector<EntryInfo>& infos,
                                   const merkle::BatchTree& tree) {
    const DeliveredStatement& statement = *acknowledgement.statement;
    RELAIS_TRY(
        parts_.store.set_cursor(mailbox.channel, session.station, statement.lane, statement.last));
    Leaf leaf = leaf_of(Event::delivered);
    leaf.station = session.station;
    leaf.mailbox = mailbox.address.text();
    leaf.lane = statement.lane;
    leaf.first = statement.first;
    leaf.last = statement.last;
    leaf.statement = acknowledgement.encoded;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    LaneEnds& ends = mailbox.lane(statement.lane);
    const ChannelSeq before = ends.delivered;
    ends.delivered = std::max(ends.delivered, statement.last);
    return tell_senders(acknowledgement, mailbox, before, infos, tree);
}

// One notice for each sender, of those of its messages that no station held before.
Result<void> Receipts::tell_senders(const Acknowledgement& acknowledgement, const Mailbox& mailbox,
                                    ChannelSeq after, const std::vector<EntryInfo>& infos,
                                    const merkle::BatchTree& tree) {
    const DeliveredStatement& statement = *acknowledgement.statement;
    std::map<ChannelId, std::vector<DeliveredItem>> by_sender;
    for (std::size_t i = 0; i < infos.size(); ++i) {
        const bool fresh = statement.first.value + i > after.value;
        if (!fresh || !infos[i].message || infos[i].sender == 0) continue;
        by_sender[infos[i].sender].push_back(
            {*infos[i].message, static_cast<std::uint32_t>(i), tree.path(i)});
    }
    for (auto& [sender, items] : by_sender) {
        Notice notice{.kind = NoticeKind::delivered};
        notice.mailbox = mailbox.address.text();
        notice.statement = acknowledgement.encoded;
        notice.delivered = std::move(items);
        RELAIS_TRY(parts_.post(parts_.mailboxes.by_channel(sender).address, statement.lane,
                               std::move(notice)));
    }
    return {};
}

Result<void> Receipts::judge_mark(const Session& session, const Marking& marking) {
    if (!marking.mark.ok()) return marking.mark.error();
    if (!marking.opened.ok()) return marking.opened.error();
    const PersonMark& mark = *marking.mark;
    const OpenedStatement& opened = *marking.opened;
    const bool same = mark.mailbox == opened.mailbox && mark.message == opened.message &&
                      mark.header == opened.header && mark.word == opened.word;
    if (!same || opened.station != session.station) {
        return fail(ErrorCode::forbidden, "mark and statement differ");
    }
    const auto* station = parts_.state().station(session.station);
    if (station == nullptr) return fail(ErrorCode::unknown_key);
    if (!parts_.state().serves(*station, mark.mailbox)) {
        return fail(ErrorCode::not_your_mailbox, mark.mailbox.text());
    }
    const auto* person = parts_.state().person(mark.person);
    if (person == nullptr || std::ranges::find(station->station.persons, mark.person) ==
                                 station->station.persons.end()) {
        return fail(ErrorCode::not_on_station);
    }
    if (!person->person.affiliated(parts_.time.wall())) {
        return fail(parts_.time.suspect() ? ErrorCode::busy : ErrorCode::not_affiliated);
    }
    RELAIS_TRY(confirm(marking.mark_signature, person->person.key, [&] {
        return verify_encoded(contexts::kMark, marking.encoded_mark, person->person.key,
                              parts_.verifier);
    }));
    return confirm(marking.opened_signature, station->station.signing, [&] {
        return verify_encoded(contexts::kOpened, marking.encoded_opened, station->station.signing,
                              parts_.verifier);
    });
}

// The envelope that the mark is about, if it stands in the mark's mailbox; and its lane.
Result<std::optional<Envelope>> Receipts::marked_envelope(const PersonMark& mark, Lane& lane) {
    const Mailbox* mailbox = parts_.mailboxes.find(mark.mailbox);
    if (mailbox == nullptr) return std::optional<Envelope>();
    RELAIS_ASSIGN(const auto numbers, parts_.store.envelopes_of(mark.message));
    for (const EnvelopeNumber number : numbers) {
        auto stored = parts_.store.envelope(number);
        if (stored.code() == ErrorCode::not_found) continue;  // its life is over
        if (!stored.ok()) return stored.error();
        const auto here = std::ranges::find(stored->places, mailbox->channel, &Place::channel);
        if (here == stored->places.end()) continue;
        lane = here->lane;
        RELAIS_ASSIGN(Envelope envelope, Envelope::parse(std::move(stored->bytes)));
        if (envelope.digest() == mark.header) return std::optional(std::move(envelope));
    }
    return std::optional<Envelope>();
}

Result<void> Receipts::mark(const Session& session, const Marking& marking) {
    RELAIS_TRY(judge_mark(session, marking));
    const PersonMark& mark = *marking.mark;
    const Digest digest = mark_digest(mark);
    const MessageId id = MessageId::from(digest.view().first(MessageId::kSize));
    RELAIS_ASSIGN(const auto known, parts_.store.remembered(id, kNoStation));
    if (known) return {};
    Lane lane = Lane::routine;
    RELAIS_ASSIGN(const auto envelope, marked_envelope(mark, lane));
    if (!envelope) return fail(ErrorCode::unknown_object, "message in " + mark.mailbox.text());

    const EngineTime forget_at =
        parts_.time.time() + limits::kExpiresMax;  // as the message by then
    RELAIS_TRY(
        parts_.store.remember(id, kNoStation, {tag_of(digest), ErrorCode::ok, 0, {}, forget_at}));
    RELAIS_TRY(parts_.store.add_timer(
        {.at = forget_at, .kind = TimerKind::forget, .message = id, .station = kNoStation}));
    RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(mark.mailbox));
    RELAIS_TRY(parts_.mailboxes.append(*mailbox, lane, MarkedEntry{marking.encoded_mark}));
    RELAIS_TRY(rings_.stop(envelope->header().thread, mark.mailbox, mark.message));
    Leaf leaf = leaf_of(mark.word == Word::opened ? Event::opened : Event::taken);
    leaf.station = session.station;
    leaf.person = mark.person;
    leaf.mailbox = mark.mailbox.text();
    leaf.message = mark.message;
    leaf.thread = envelope->header().thread;
    leaf.header = mark.header;
    leaf.statement = marking.encoded_opened;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    if (envelope->header().from == mark.mailbox) return {};  // one's own sent message
    Notice notice{.kind = notice_of(mark.word)};
    notice.thread = envelope->header().thread;
    notice.message = mark.message;
    notice.mailbox = mark.mailbox.text();
    notice.statement = marking.encoded_opened;
    return parts_.post(envelope->header().from, lane, std::move(notice));
}

}  // namespace relais::broker
