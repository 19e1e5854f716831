#include "broker/store/record_codec.h"

#include <algorithm>

namespace relais::broker {

namespace {

constexpr std::uint8_t kThreadFormat = 5;
constexpr std::uint8_t kThreadInShort = 4;  // neither delegates nor signers: still written
constexpr std::uint8_t kThreadWithoutGroups = 3;
constexpr std::uint8_t kThreadWithoutHistory = 2;
constexpr std::uint8_t kMemberStepFormat = 1;
constexpr std::uint8_t kNoParty = 0xFF;

// Reads forward; after the first short read everything is zero and ok() is false.
class Reader {
public:
    explicit Reader(ByteView bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(take(1).empty() ? 0 : last_[0]); }
    std::uint16_t u16() {
        const ByteView bytes = take(2);
        return bytes.empty() ? std::uint16_t{0}
                             : static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
    }
    std::uint32_t u32() {
        const ByteView bytes = take(4);
        return bytes.empty() ? 0 : read_u32(bytes);
    }
    std::uint64_t u64() {
        const ByteView bytes = take(8);
        return bytes.empty() ? 0 : read_u64(bytes);
    }
    // LEB128.
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && ok_; shift += 7) {
            const std::uint8_t byte = u8();
            value |= std::uint64_t{byte & 0x7FU} << shift;
            if ((byte & 0x80) == 0) return value;
        }
        ok_ = false;
        return 0;
    }
    EngineTime time() { return {static_cast<std::int64_t>(u64())}; }
    std::string text() { return std::string(as_text(take(u16()))); }
    template <typename Id>
    Id id() {
        const ByteView bytes = take(Id::kSize);
        return bytes.empty() ? Id{} : Id::from(bytes);
    }
    ByteView rest() { return take(rest_.size()); }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool finished() const { return ok_ && rest_.empty(); }

private:
    ByteView take(std::size_t count) {
        if (!ok_ || rest_.size() < count) {
            ok_ = false;
            return {};
        }
        last_ = rest_.first(count);
        rest_ = rest_.subspan(count);
        return last_;
    }
    ByteView rest_;
    ByteView last_;
    bool ok_ = true;
};

void append_text(Bytes& out, std::string_view text) {
    append_u16(out, static_cast<std::uint16_t>(text.size()));
    append(out, text);
}

void append_number(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
}

void append_time(Bytes& out, EngineTime time) {
    append_u64(out, static_cast<std::uint64_t>(time.ms));
}

std::uint8_t party_byte(const std::optional<std::size_t>& party) {
    return party ? static_cast<std::uint8_t>(*party) : kNoParty;
}

std::optional<std::size_t> party_of(std::uint8_t byte) {
    if (byte == kNoParty) return std::nullopt;
    return byte;
}

void append_clock(Bytes& out, const RunningClock& clock) {
    out.push_back(clock.clock);
    out.push_back(party_byte(clock.party));
    append_time(out, clock.end);
    out.push_back(clock.half ? 1 : 0);
    append_time(out, clock.half.value_or(EngineTime{}));
}

RunningClock read_clock(Reader& reader) {
    RunningClock clock{};
    clock.clock = reader.u8();
    clock.party = party_of(reader.u8());
    clock.end = reader.time();
    const bool has_half = reader.u8() != 0;
    const EngineTime half = reader.time();
    if (has_half) clock.half = half;
    return clock;
}

Error damaged(const char* what) { return fail(ErrorCode::corrupt, what); }

// ZigZag: small numbers of either sign are short.
void append_signed(Bytes& out, std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    append_number(out, value < 0 ? ~(bits << 1) : bits << 1);
}

std::int64_t read_signed(Reader& reader) {
    const std::uint64_t bits = reader.number();
    return static_cast<std::int64_t>((bits & 1) == 0 ? bits >> 1 : ~(bits >> 1));
}

// Its time as what passed since `before`.
void append_step(Bytes& out, const indicators::Step& step, std::int64_t before) {
    out.push_back(static_cast<std::uint8_t>(step.trigger));
    out.push_back(step.index);
    out.push_back(step.state);
    append_signed(out, step.at.ms - before);
    append_number(out, step.party ? *step.party + 1U : 0U);
    append_number(out, step.called);
    append_number(out, step.publics.size());
    for (const PublicField& field : step.publics) {
        append_number(out, field.number);
        append_signed(out, field.value);
    }
}

// Each time since that of the step before, the first since 1970.
void append_history(Bytes& out, const indicators::History& history) {
    append_number(out, history.size());
    std::int64_t before = 0;
    for (const indicators::Step& step : history) {
        append_step(out, step, before);
        before = step.at.ms;
    }
}

Result<indicators::Step> read_step(Reader& reader, std::int64_t before) {
    indicators::Step step;
    const std::uint8_t trigger = reader.u8();
    if (trigger > static_cast<std::uint8_t>(indicators::Trigger::followed)) {
        return damaged("thread record: step");
    }
    step.trigger = static_cast<indicators::Trigger>(trigger);
    step.index = reader.u8();
    step.state = reader.u8();
    // Without a sign: damaged bytes may say anything, and must not overflow.
    step.at.ms = static_cast<std::int64_t>(static_cast<std::uint64_t>(before) +
                                           static_cast<std::uint64_t>(read_signed(reader)));
    const std::uint64_t party = reader.number();
    if (party != 0) step.party = static_cast<std::uint16_t>(party - 1);
    step.called = static_cast<std::uint16_t>(reader.number());
    for (std::uint64_t left = reader.number(); left > 0 && reader.ok(); --left) {
        const auto number = static_cast<std::uint16_t>(reader.number());
        step.publics.push_back({number, read_signed(reader)});
    }
    return step;
}

Result<indicators::History> read_history(Reader& reader) {
    indicators::History history;
    std::int64_t before = 0;
    for (std::uint64_t left = reader.number(); left > 0 && reader.ok(); --left) {
        RELAIS_ASSIGN(indicators::Step step, read_step(reader, before));
        before = step.at.ms;
        history.push_back(std::move(step));
    }
    return history;
}

Result<void> read_groups(Reader& reader, workflow::Thread& thread) {
    const std::uint8_t wait = reader.u8();
    if (wait > static_cast<std::uint8_t>(Release::turn)) return damaged("thread record: wait");
    thread.groups_wait = static_cast<Release>(wait);
    for (std::uint64_t left = reader.number(); left > 0 && reader.ok(); --left) {
        auto group = Address::parse_group(reader.text());
        if (!group.ok()) return damaged("thread record: group");
        thread.groups.push_back(std::move(group).value());
    }
    return {};
}

bool has_delegate(const workflow::Party& party) { return party.delegate.has_value(); }

// For each party: none, or whether it was called in, and its mailbox.
void append_delegates(Bytes& out, const workflow::Thread& thread) {
    for (const workflow::Party& party : thread.parties) {
        out.push_back(party.delegate ? (party.delegated ? 2 : 1) : 0);
        if (party.delegate) append_text(out, party.delegate->text());
    }
}

Result<void> read_delegates(Reader& reader, workflow::Thread& thread) {
    for (workflow::Party& party : thread.parties) {
        const std::uint8_t what = reader.u8();
        if (what > 2) return damaged("thread record: delegate");
        if (what == 0) continue;
        auto mailbox = Address::parse(reader.text());
        if (!mailbox.ok()) return damaged("thread record: delegate");
        party.delegate = std::move(mailbox).value();
        party.delegated = what == 2;
    }
    return {};
}

}  // namespace

Bytes encode_thread(const StoredThread& stored) {
    const workflow::Thread& thread = stored.thread;
    const bool in_short =
        std::ranges::none_of(thread.parties, has_delegate) &&
        std::ranges::all_of(thread.done, &std::string::empty, &workflow::Done::signer);
    Bytes out = {in_short ? kThreadInShort : kThreadFormat, thread.state};
    append(out, thread.kind.view());
    append_text(out, thread.opener.text());
    append_u32(out, thread.steps);
    append(out, thread.last_change.view());
    append_u64(out, stored.last_change);
    append_u64(out, static_cast<std::uint64_t>(thread.opened.ms));
    out.push_back(thread.follows ? 1 : 0);
    append(out, thread.follows.value_or(ThreadId{}).view());
    append_u16(out, static_cast<std::uint16_t>(thread.parties.size()));
    for (const workflow::Party& party : thread.parties) {
        append_text(out, party.mailbox.text());
        out.push_back(party.state);
        append_u32(out, party.since);
        out.push_back(static_cast<std::uint8_t>(party.waits));
    }
    append_u16(out, static_cast<std::uint16_t>(thread.done.size()));
    for (const workflow::Done& done : thread.done) {
        out.push_back(done.act);
        append(out, done.by.view());
    }
    append_u16(out, static_cast<std::uint16_t>(stored.clocks.size()));
    for (const RunningClock& clock : stored.clocks) append_clock(out, clock);
    append_history(out, stored.history);
    out.push_back(static_cast<std::uint8_t>(thread.groups_wait));
    append_number(out, thread.groups.size());
    for (const Address& group : thread.groups) append_text(out, group.text());
    if (!in_short) {
        for (const workflow::Done& done : thread.done) append_text(out, done.signer);
        append_delegates(out, thread);
    }
    return out;
}

Result<StoredThread> decode_thread(const ThreadId& id, ByteView bytes) {
    Reader reader(bytes);
    const std::uint8_t format = reader.u8();
    if (format < kThreadWithoutHistory || format > kThreadFormat) {
        return damaged("thread record: format");
    }
    const workflow::StateIndex state = reader.u8();
    const Digest kind = reader.id<Digest>();
    auto opener = Address::parse(reader.text());
    if (!opener.ok()) return damaged("thread record: opener");
    StoredThread stored{
        {.id = id, .kind = kind, .state = state, .opener = std::move(opener).value()}, 0, {}};
    stored.thread.steps = reader.u32();
    stored.thread.last_change = reader.id<Digest>();
    stored.last_change = reader.u64();
    stored.thread.opened.ms = static_cast<std::int64_t>(reader.u64());
    const bool follows = reader.u8() != 0;
    const auto followed = reader.id<ThreadId>();
    if (follows) stored.thread.follows = followed;
    for (std::size_t left = reader.u16(); left > 0 && reader.ok(); --left) {
        auto mailbox = Address::parse(reader.text());
        if (!mailbox.ok()) return damaged("thread record: party");
        const workflow::StateIndex party_state = reader.u8();
        const std::uint32_t since = reader.u32();
        const std::uint8_t waits = reader.u8();
        if (waits > static_cast<std::uint8_t>(Release::turn)) return damaged("thread record: wait");
        stored.thread.parties.push_back(
            {std::move(mailbox).value(), party_state, since, static_cast<Release>(waits)});
    }
    for (std::size_t left = reader.u16(); left > 0 && reader.ok(); --left) {
        const workflow::ActIndex act = reader.u8();
        stored.thread.done.push_back({act, reader.id<PersonId>(), {}});
    }
    for (std::size_t left = reader.u16(); left > 0 && reader.ok(); --left) {
        stored.clocks.push_back(read_clock(reader));
    }
    if (format >= kThreadWithoutGroups) {
        RELAIS_ASSIGN(stored.history, read_history(reader));
    }
    if (format >= kThreadInShort) RELAIS_TRY(read_groups(reader, stored.thread));
    if (format == kThreadFormat) {
        for (workflow::Done& done : stored.thread.done) done.signer = reader.text();
        RELAIS_TRY(read_delegates(reader, stored.thread));
    }
    if (!reader.finished()) return damaged("thread record: length");
    return stored;
}

Bytes encode_member_step(const indicators::MemberStep& step) {
    Bytes out = {kMemberStepFormat};
    append_number(out, step.after);
    append_number(out, step.order);
    append_step(out, step.step, 0);
    return out;
}

Result<indicators::MemberStep> decode_member_step(ByteView bytes) {
    Reader reader(bytes);
    if (reader.u8() != kMemberStepFormat) return damaged("member step: format");
    indicators::MemberStep step;
    step.after = static_cast<std::uint32_t>(reader.number());
    step.order = static_cast<std::uint32_t>(reader.number());
    RELAIS_ASSIGN(step.step, read_step(reader, 0));
    if (!reader.finished()) return damaged("member step: length");
    return step;
}

Bytes encode_register_record(const RegisterRecord& record) {
    Bytes out;
    append_u64(out, static_cast<std::uint64_t>(record.accepted.time.ms));
    append_u64(out, record.accepted.directory_size.value);
    append_u64(out, record.accepted.leaf.value);
    append(out, record.accepted.leaf_hash.view());
    const HeaderSignature& signature = record.act.signature;
    append(out, signature.signature.view());
    append_u32(out, signature.index);
    append_u32(out, signature.size);
    out.push_back(static_cast<std::uint8_t>(signature.path.size()));
    for (const Digest& digest : signature.path) append(out, digest.view());
    append(out, record.act.bytes);
    return out;
}

Result<RegisterRecord> decode_register_record(ByteView bytes) {
    Reader reader(bytes);
    RegisterRecord record{};
    record.accepted.time.ms = static_cast<std::int64_t>(reader.u64());
    record.accepted.directory_size.value = reader.u64();
    record.accepted.leaf.value = reader.u64();
    record.accepted.leaf_hash = reader.id<Digest>();
    HeaderSignature& signature = record.act.signature;
    signature.signature = reader.id<Signature>();
    signature.index = reader.u32();
    signature.size = reader.u32();
    for (std::size_t left = reader.u8(); left > 0 && reader.ok(); --left) {
        signature.path.push_back(reader.id<Digest>());
    }
    record.act.bytes = to_bytes(reader.rest());
    if (!reader.finished()) return damaged("register record: length");
    return record;
}

namespace {

void append_places(Bytes& out, const std::vector<Place>& places) {
    append_number(out, places.size());
    for (const Place& place : places) {
        append_number(out, place.channel);
        out.push_back(static_cast<std::uint8_t>(place.lane));
        append_number(out, place.seq.value);
    }
}

Result<std::vector<Place>> read_places(Reader& reader) {
    std::vector<Place> places;
    for (std::uint64_t left = reader.number(); left > 0 && reader.ok(); --left) {
        const auto channel = static_cast<ChannelId>(reader.number());
        const std::uint8_t lane = reader.u8();
        if (lane >= kLanes) return damaged("places of an envelope");
        places.push_back({channel, static_cast<Lane>(lane), {reader.number()}});
    }
    return places;
}

}  // namespace

Bytes encode_stored_front(const Accepted& accepted, const std::vector<Place>& places) {
    Bytes out;
    out.reserve(32 + 16 * places.size());
    append_number(out, static_cast<std::uint64_t>(accepted.time.ms));
    append_number(out, accepted.directory_size.value);
    append_number(out, accepted.leaf.value);
    append_places(out, places);
    return out;
}

Bytes encode_stored(ByteView bytes, const Accepted& accepted, const std::vector<Place>& places) {
    Bytes out = encode_stored_front(accepted, places);
    append(out, bytes);
    return out;
}

Result<StoredEnvelope> decode_stored(ByteView bytes) {
    Reader reader(bytes);
    const WallTime time{static_cast<std::int64_t>(reader.number())};
    const DirectorySize directory_size{reader.number()};
    const LeafIndex leaf{reader.number()};
    RELAIS_ASSIGN(auto places, read_places(reader));
    if (!reader.ok()) return damaged("envelope");
    return StoredEnvelope{
        to_bytes(reader.rest()), {time, directory_size, leaf, Digest{}}, std::move(places)};
}

namespace {

enum LogType : std::uint8_t { kEnvelope = 0, kNotice = 1, kMark = 2, kTombstone = 3 };

Result<LogRecord> read_tombstone(Reader& reader) {
    Tombstone stone{reader.id<Digest>(), std::nullopt};
    if (reader.u8() != 0) stone.message = reader.id<MessageId>();
    if (!reader.finished()) return damaged("tombstone");
    return LogRecord(stone);
}

Result<LogRecord> read_envelope_ref(Reader& reader) {
    const EnvelopeNumber number = reader.number();
    const std::uint64_t position = reader.number();
    const bool old_epoch = reader.u8() != 0;
    if (!reader.finished() || position > UINT16_MAX) return damaged("log entry");
    return LogRecord(EnvelopeRef{number, static_cast<std::uint16_t>(position), old_epoch});
}

}  // namespace

Bytes encode_log_record(const LogRecord& record) {
    Bytes out;
    if (const auto* ref = std::get_if<EnvelopeRef>(&record)) {
        out.push_back(kEnvelope);
        append_number(out, ref->number);
        append_number(out, ref->position);
        out.push_back(ref->old_epoch ? 1 : 0);
    } else if (const auto* notice = std::get_if<NoticeEntry>(&record)) {
        out.push_back(kNotice);
        append(out, notice->statement);
    } else if (const auto* mark = std::get_if<MarkedEntry>(&record)) {
        out.push_back(kMark);
        append(out, mark->statement);
    } else if (const auto* stone = std::get_if<Tombstone>(&record)) {
        out.push_back(kTombstone);
        append(out, stone->digest.view());
        out.push_back(stone->message ? 1 : 0);
        if (stone->message) append(out, stone->message->view());
    }
    return out;
}

Result<LogRecord> decode_log_record(ByteView bytes) {
    Reader reader(bytes);
    switch (reader.u8()) {
        case kEnvelope: return read_envelope_ref(reader);
        case kNotice: return LogRecord(NoticeEntry{to_bytes(reader.rest())});
        case kMark: return LogRecord(MarkedEntry{to_bytes(reader.rest())});
        case kTombstone: return read_tombstone(reader);
        default: return damaged("log entry type");
    }
}

Bytes encode_timer_key(const Timer& timer) {
    Bytes key;
    switch (timer.kind) {
        case TimerKind::clock_end:
        case TimerKind::clock_half:
            append(key, timer.thread.view());
            key.push_back(timer.clock);
            key.push_back(party_byte(timer.party));
            break;
        case TimerKind::envelope_end: append_u64(key, timer.envelope); break;
        case TimerKind::forget:
            append(key, timer.message.view());
            append(key, timer.station.view());
            break;
    }
    return key;
}

Result<Timer> decode_timer(EngineTime at, TimerKind kind, ByteView key) {
    Timer timer{at, kind, {}, 0, std::nullopt, 0, {}, {}};
    Reader reader(key);
    switch (timer.kind) {
        case TimerKind::clock_end:
        case TimerKind::clock_half:
            timer.thread = reader.id<ThreadId>();
            timer.clock = reader.u8();
            timer.party = party_of(reader.u8());
            break;
        case TimerKind::envelope_end: timer.envelope = reader.u64(); break;
        case TimerKind::forget:
            timer.message = reader.id<MessageId>();
            timer.station = reader.id<StationId>();
            break;
    }
    if (!reader.finished()) return damaged("timer key");
    return timer;
}

}  // namespace relais::broker
