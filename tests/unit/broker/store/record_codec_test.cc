// The store's own records: every value comes back as it was; damaged bytes are `corrupt`, never a
// wild read.
#include "broker/store/record_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/members.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::broker {
namespace {

using test::SeededRandom;

EngineTime random_time(SeededRandom& random) {
    return {static_cast<std::int64_t>(random.below(1ULL << 50))};
}

std::optional<std::size_t> random_party(SeededRandom& random) {
    if (random.one_in(2)) return std::nullopt;
    return random.below(64);
}

indicators::History random_history(SeededRandom& random) {
    indicators::History history;
    for (std::uint64_t i = random.below(5); i > 0; --i) {
        indicators::Step step;
        step.trigger = static_cast<indicators::Trigger>(random.below(4));
        step.index = static_cast<std::uint8_t>(random.below(256));
        step.state = static_cast<workflow::StateIndex>(random.below(16));
        step.at.ms = static_cast<std::int64_t>(random.next() >> 20);  // earlier ones too
        if (random.one_in(2)) step.party = static_cast<std::uint16_t>(random.below(3000));
        step.called = static_cast<std::uint16_t>(random.below(3000));
        for (std::uint64_t field = random.below(3); field > 0; --field) {
            step.publics.push_back({static_cast<std::uint16_t>(field),
                                    static_cast<std::int64_t>(random.next() >> 34) - (1 << 29)});
        }
        history.push_back(std::move(step));
    }
    return history;
}

StoredThread random_thread(SeededRandom& random) {
    StoredThread stored{{.id = random.make<ThreadId>(),
                         .kind = random.make<Digest>(),
                         .state = static_cast<workflow::StateIndex>(random.below(16)),
                         .opener = test::address("cabinet@indre")},
                        random.next() >> 1,
                        {}};
    stored.thread.opened.ms = static_cast<std::int64_t>(random.next() >> 20);
    if (random.one_in(2)) stored.thread.follows = random.make<ThreadId>();
    stored.thread.steps = static_cast<std::uint32_t>(random.next());
    stored.thread.last_change = random.make<Digest>();
    for (std::uint64_t i = random.below(5); i > 0; --i) {
        stored.thread.parties.push_back(
            {test::address("service-" + std::to_string(i) + ".ch-valmont@indre"),
             static_cast<workflow::StateIndex>(random.below(16)),
             static_cast<std::uint32_t>(random.next()), static_cast<Release>(random.below(6))});
        if (!random.one_in(3)) continue;
        stored.thread.parties.back().delegate = test::address("garde.cabinet@indre");
        stored.thread.parties.back().delegated = random.one_in(2);
    }
    for (std::uint64_t i = random.below(4); i > 0; --i) {
        stored.thread.done.push_back({static_cast<workflow::ActIndex>(random.below(32)),
                                      random.make<PersonId>(),
                                      random.one_in(2) ? "01234567897" : ""});
    }
    for (std::uint64_t i = random.below(4); i > 0; --i) {
        RunningClock clock{static_cast<workflow::ClockIndex>(random.below(8)), random_party(random),
                           random_time(random), std::nullopt};
        if (random.one_in(2)) clock.half = random_time(random);
        stored.clocks.push_back(clock);
    }
    stored.history = random_history(random);
    return stored;
}

bool same_clock(const RunningClock& a, const RunningClock& b) {
    return a.clock == b.clock && a.party == b.party && a.end == b.end && a.half == b.half;
}

RC_GTEST_PROP(RecordCodec, AThreadComesBackAsItWas, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    const StoredThread stored = random_thread(random);
    const auto back = decode_thread(stored.thread.id, encode_thread(stored));
    RC_ASSERT(back.ok());
    RC_ASSERT(test::same(back->thread, stored.thread));
    RC_ASSERT(back->last_change == stored.last_change);
    RC_ASSERT(std::ranges::equal(back->clocks, stored.clocks, same_clock));
    RC_ASSERT(back->history == stored.history);
}

// As stores of before quorums counted by RPPS, and parties had delegates, hold it; and as it is
// written still where there is neither.
Bytes encode_without_signers(StoredThread& stored) {
    for (workflow::Done& done : stored.thread.done) done.signer.clear();
    for (workflow::Party& party : stored.thread.parties) {
        party.delegate.reset();
        party.delegated = false;
    }
    Bytes bytes = encode_thread(stored);
    RC_ASSERT(bytes[0] == 4);
    return bytes;
}

RC_GTEST_PROP(RecordCodec, AThreadWithoutSignersIsStillRead, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    StoredThread stored = random_thread(random);
    const Bytes bytes = encode_without_signers(stored);
    const auto back = decode_thread(stored.thread.id, bytes);
    RC_ASSERT(back.ok());
    RC_ASSERT(test::same(back->thread, stored.thread));
}

// As stores of before there were figures hold it.
RC_GTEST_PROP(RecordCodec, AThreadWithoutItsCourseIsStillRead, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    StoredThread stored = random_thread(random);
    stored.history.clear();
    stored.thread.groups.clear();
    stored.thread.groups_wait = Release::at_once;
    Bytes bytes = encode_without_signers(stored);
    bytes.resize(bytes.size() - 3);  // the empty course, the wait and number of groups
    bytes[0] = 2;                    // the format of then
    const auto back = decode_thread(stored.thread.id, bytes);
    RC_ASSERT(back.ok());
    RC_ASSERT(test::same(back->thread, stored.thread));
    RC_ASSERT(back->history.empty());
}

// As stores of before there were groups hold it.
RC_GTEST_PROP(RecordCodec, AThreadWithoutGroupsIsStillRead, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    StoredThread stored = random_thread(random);
    stored.thread.groups.clear();
    stored.thread.groups_wait = Release::at_once;
    Bytes bytes = encode_without_signers(stored);
    bytes.resize(bytes.size() - 2);
    bytes[0] = 3;
    const auto back = decode_thread(stored.thread.id, bytes);
    RC_ASSERT(back.ok());
    RC_ASSERT(test::same(back->thread, stored.thread));
    RC_ASSERT(back->history == stored.history);
}

RC_GTEST_PROP(RecordCodec, AnActOfAMemberComesBackAsItWasOrIsCorrupt, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    const auto history = random_history(random);
    if (history.empty()) return;
    const indicators::MemberStep step{static_cast<std::uint32_t>(random.below(65)),
                                      static_cast<std::uint32_t>(random.next() >> 32),
                                      history.front()};
    Bytes bytes = encode_member_step(step);
    const auto back = decode_member_step(bytes);
    RC_ASSERT(back.ok());
    RC_ASSERT(back->after == step.after && back->order == step.order);
    RC_ASSERT(back->step == step.step);
    const std::size_t cut = random.below(bytes.size());
    RC_ASSERT(decode_member_step(ByteView(bytes).first(cut)).code() == ErrorCode::corrupt);
    bytes.push_back(0);
    RC_ASSERT(decode_member_step(bytes).code() == ErrorCode::corrupt);
}

RC_GTEST_PROP(RecordCodec, AThreadCutShortOrLengthenedIsCorrupt, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    const StoredThread stored = random_thread(random);
    Bytes bytes = encode_thread(stored);
    const std::size_t cut = random.below(bytes.size());
    RC_ASSERT(decode_thread(stored.thread.id, ByteView(bytes).first(cut)).code() ==
              ErrorCode::corrupt);
    bytes.push_back(0);
    RC_ASSERT(decode_thread(stored.thread.id, bytes).code() == ErrorCode::corrupt);
}

RC_GTEST_PROP(RecordCodec, ADamagedThreadIsReadOrRefusedAndNeverMore, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    const StoredThread stored = random_thread(random);
    Bytes bytes = encode_thread(stored);
    for (std::uint64_t i = random.below(4) + 1; i > 0; --i) {
        bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.next());
    }
    const auto back = decode_thread(stored.thread.id, bytes);
    RC_ASSERT(back.ok() || back.code() == ErrorCode::corrupt);
}

RC_GTEST_PROP(RecordCodec, AnEnvelopeComesBackAsItWas, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    std::vector<Place> places;
    for (std::uint64_t i = random.below(66); i > 0; --i) {
        places.push_back({static_cast<ChannelId>(random.next()),
                          static_cast<Lane>(random.below(kLanes)),
                          {random.next()}});
    }
    Bytes content(random.below(3000));
    random.fill(content);
    const StoredEnvelope stored{content,
                                {{static_cast<std::int64_t>(random.below(1ULL << 50))},
                                 {random.next()},
                                 {random.next()},
                                 {}},
                                places};
    const Bytes bytes = encode_stored(stored.bytes, stored.accepted, stored.places);
    const StoredEnvelope back = decode_stored(bytes).value();
    RC_ASSERT(back.places == places);
    RC_ASSERT(back.bytes == content);
    RC_ASSERT(back.accepted.time == stored.accepted.time);
    RC_ASSERT(back.accepted.directory_size == stored.accepted.directory_size);
    RC_ASSERT(back.accepted.leaf == stored.accepted.leaf);
    const std::size_t cut = random.below(bytes.size() - content.size());
    RC_ASSERT(decode_stored(ByteView(bytes).first(cut)).code() == ErrorCode::corrupt);
}

LogRecord random_log_record(SeededRandom& random) {
    Bytes statement(random.below(600) + 1);
    random.fill(statement);
    switch (random.below(4)) {
        case 0:
            return EnvelopeRef{random.next(), static_cast<std::uint16_t>(random.next()),
                               random.one_in(2)};
        case 1: return NoticeEntry{statement};
        case 2: return MarkedEntry{statement};
        default: break;
    }
    Tombstone stone{random.make<Digest>(), std::nullopt};
    if (random.one_in(2)) stone.message = random.make<MessageId>();
    return stone;
}

RC_GTEST_PROP(RecordCodec, AnEntryOfALaneComesBackAsItWas, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    const Bytes bytes = encode_log_record(random_log_record(random));
    const auto back = decode_log_record(bytes);
    RC_ASSERT(back.ok());
    RC_ASSERT(encode_log_record(*back) == bytes);
    if (bytes[0] != 0 && bytes[0] != 3) return;  // a statement may have any length
    const std::size_t cut = random.below(bytes.size());
    RC_ASSERT(decode_log_record(ByteView(bytes).first(cut)).code() == ErrorCode::corrupt);
}

Timer random_timer(SeededRandom& random) {
    Timer timer{.at = random_time(random), .kind = static_cast<TimerKind>(random.below(4) + 1)};
    if (timer.kind == TimerKind::envelope_end) {
        timer.envelope = random.next() >> 1;
    } else if (timer.kind == TimerKind::forget) {
        timer.message = random.make<MessageId>();
        timer.station = random.make<StationId>();
    } else {
        timer.thread = random.make<ThreadId>();
        timer.clock = static_cast<workflow::ClockIndex>(random.below(8));
        timer.party = random_party(random);
    }
    return timer;
}

RC_GTEST_PROP(RecordCodec, ATimerComesBackAsItWas, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    const Timer timer = random_timer(random);
    const auto back = decode_timer(timer.at, timer.kind, encode_timer_key(timer));
    RC_ASSERT(back.ok());
    RC_ASSERT(back->at == timer.at);
    RC_ASSERT(back->kind == timer.kind);
    RC_ASSERT(back->thread == timer.thread);
    RC_ASSERT(back->clock == timer.clock);
    RC_ASSERT(back->party == timer.party);
    RC_ASSERT(back->envelope == timer.envelope);
    RC_ASSERT(back->message == timer.message);
    RC_ASSERT(back->station == timer.station);
    Bytes key = encode_timer_key(timer);
    key.pop_back();
    RC_ASSERT(decode_timer(timer.at, timer.kind, key).code() == ErrorCode::corrupt);
}

}  // namespace
}  // namespace relais::broker
