#include "broker/engine/restoration.h"

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/merkle/checkpoint.h"

namespace relais::broker {

namespace {

constexpr const char* kRecord = "restored";
constexpr std::size_t kFixedBytes = 7 * 8 + 2 * Digest::kSize;
constexpr std::size_t kNameBytes = 8;  // of the incarnation, in the log's new name

// How often a station had a head cited since the log took this name.
std::string citations_name(const std::string& origin, const StationId& station) {
    return "cited " + origin + " " + hex(station.view());
}

// What the directory, a register or the thread may still bring, once others have offered what they
// hold: acts, entries of kinds, persons, units and stations, attestations, mandates, confirmations.
bool depends_on_others(ErrorCode code) {
    switch (code) {
        case ErrorCode::unknown_thread:
        case ErrorCode::act_refused:
        case ErrorCode::register_refused:
        case ErrorCode::unknown_kind:
        case ErrorCode::wrong_kind_version:
        case ErrorCode::unknown_recipient:
        case ErrorCode::unknown_person:
        case ErrorCode::bad_signature:
        case ErrorCode::not_your_mailbox:
        case ErrorCode::not_on_station:
        case ErrorCode::not_affiliated:
        case ErrorCode::no_mandate:
        case ErrorCode::role_refused:
        case ErrorCode::not_attested:
        case ErrorCode::suspended:
        case ErrorCode::provisional:
        case ErrorCode::recipient_refused: return true;
        default: return false;
    }
}

}  // namespace

Bytes Restoration::encode(const Record& record) {
    Bytes bytes;
    append_u64(bytes, record.leaf.index.value);
    append_u64(bytes, record.first);
    append_u64(bytes, record.cited_size);
    append_u64(bytes, record.citations);
    append_u64(bytes, static_cast<std::uint64_t>(record.at.ms));
    append_u64(bytes, record.open ? 1 : 0);
    append_u64(bytes, record.origin.size());
    append(bytes, record.leaf.hash.view());
    append(bytes, record.cited_root.view());
    append(bytes, record.origin);
    append(bytes, record.former);
    return bytes;
}

Result<Restoration::Record> Restoration::decode(ByteView bytes) {
    const auto number = [&](std::size_t i) { return read_u64(bytes.subspan(8 * i)); };
    if (bytes.size() < kFixedBytes || number(6) > bytes.size() - kFixedBytes) {
        return fail(ErrorCode::corrupt, "record of the restore");
    }
    const std::string_view names = as_text(bytes.subspan(kFixedBytes));
    Record record;
    record.leaf = {{number(0)}, Digest::from(bytes.subspan(7 * 8, Digest::kSize))};
    record.first = number(1);
    record.cited_size = number(2);
    record.cited_root = Digest::from(bytes.subspan(7 * 8 + Digest::kSize, Digest::kSize));
    record.citations = number(3);
    record.at = {static_cast<std::int64_t>(number(4))};
    record.open = number(5) != 0;
    record.origin = std::string(names.substr(0, number(6)));
    record.former = std::string(names.substr(number(6)));
    return record;
}

Result<void> Restoration::load() {
    record_.reset();
    RELAIS_ASSIGN(const auto bytes, parts_.store.value(kRecord));
    if (bytes) {
        RELAIS_ASSIGN(record_, decode(*bytes));
    }
    parts_.audit_log.rename(record_ ? record_->origin : first_name_);
    return {};
}

Result<void> Restoration::save() { return parts_.store.set_value(kRecord, encode(*record_)); }

Result<merkle::Checkpoint> Restoration::judge(const std::string& note,
                                              const std::string& origin) const {
    if (note.size() > limits::kCitedNoteBytesMax) return fail(ErrorCode::too_large, "note");
    const merkle::VerifierKey& own = parts_.audit_log.key();
    RELAIS_ASSIGN(const auto key, merkle::VerifierKey::make(origin, own.type(), own.key()));
    RELAIS_ASSIGN(const auto verified, merkle::verify_checkpoint(note, {origin, key}));
    return verified.head();
}

Result<void> Restoration::begin(const std::string& note) {
    Record next;
    next.former = parts_.audit_log.origin();
    next.origin = parts_.state().domain_name().text() + "/audit/" +
                  hex(parts_.incarnation.view().first(kNameBytes));
    next.first = parts_.audit_log.size();
    next.at = parts_.time.time();
    std::string cited = parts_.audit_log.checkpoint();
    merkle::Checkpoint head;
    if (!cited.empty()) {
        RELAIS_ASSIGN(head, judge(cited, next.former));
    }
    if (!note.empty()) {
        RELAIS_ASSIGN(const merkle::Checkpoint later, judge(note, next.former));
        if (later.size > head.size) {
            head = later;
            cited = note;
        }
    }
    record_ = std::move(next);
    parts_.audit_log.rename(record_->origin);
    RELAIS_TRY(record_leaf(cited, head));
    RELAIS_TRY(erasures_.repeat_all());
    return parts_.audit_log.sign_checkpoint();
}

Result<void> Restoration::record_leaf(const std::string& note, const merkle::Checkpoint& head) {
    Leaf leaf = leaf_of(Event::restored);
    leaf.subject = record_->origin;
    leaf.first = {record_->first};
    leaf.statement = to_bytes(as_bytes(note));
    RELAIS_ASSIGN(record_->leaf, parts_.auditor.record(std::move(leaf)));
    record_->cited_size = head.size;
    record_->cited_root = head.root;
    ++record_->citations;
    return save();
}

// A head of the former name, held by a station: within what the backup has it must agree; beyond
// the last that is cited it is cited as well.
Result<void> Restoration::cite(const StationId& station, const std::string& note) {
    RELAIS_ASSIGN(const merkle::Checkpoint head, judge(note, record_->former));
    const bool restored = head.size != 0 && head.size <= record_->first;
    if (restored) {
        RELAIS_ASSIGN(const Digest root, parts_.audit_log.root_at(head.size));
        if (root != head.root) return fail(ErrorCode::inconsistent_log, record_->former);
    }
    if (head.size == record_->cited_size && head.root != record_->cited_root) {
        return fail(ErrorCode::inconsistent_log, record_->former);
    }
    if (head.size <= record_->cited_size) return {};
    RELAIS_TRY(count_citation(station));
    return record_leaf(note, head);
}

// Each station has a few of its own, since an honest one needs one: else whoever collected heads,
// which the broker gives to all who ask, could use up those of the others.
Result<void> Restoration::count_citation(const StationId& station) {
    const std::string name = citations_name(record_->origin, station);
    RELAIS_ASSIGN(const auto bytes, parts_.store.value(name));
    const std::uint64_t before = bytes && bytes->size() == 8 ? read_u64(*bytes) : 0;
    if (before >= limits::kCitationsMax) return fail(ErrorCode::quota_reached, "citations");
    Bytes count;
    append_u64(count, before + 1);
    return parts_.store.set_value(name, count);
}

Result<std::vector<Place>> Restoration::take(const Input& input, const wire::OfferAgain& offer) {
    if (!record_) return fail(ErrorCode::forbidden, "nothing was restored");
    const int parts = (offer.entries.empty() ? 0 : 1) + (offer.erasures.empty() ? 0 : 1) +
                      (offer.audit.empty() ? 0 : 1);
    if (parts != 1) return fail(ErrorCode::malformed, "one thing at a time");
    std::vector<Place> places;
    for (const Bytes& statement : offer.erasures) RELAIS_TRY(erasures_.judge(statement));
    for (const Bytes& statement : offer.erasures) {
        RELAIS_ASSIGN(const auto stood, erasures_.repeat(statement));
        places.insert(places.end(), stood.begin(), stood.end());
    }
    if (!offer.erasures.empty()) return places;
    if (!record_->open) return fail(ErrorCode::forbidden, "the restore is settled");
    if (!offer.audit.empty()) {
        RELAIS_TRY(cite(input.station, offer.audit));
    } else {
        RELAIS_TRY(directory_.restore(input, offer));
    }
    return places;
}

Result<void> Restoration::settle() {
    if (!open()) return fail(ErrorCode::forbidden, "nothing is to be settled");
    record_->open = false;
    return save();
}

std::optional<EngineTime> Restoration::clocks_wait_until() const {
    if (!open()) return std::nullopt;
    const EngineTime until = record_->at + limits::kOfferedAgainWaits;
    return parts_.time.time() < until ? std::optional(until) : std::nullopt;
}

bool Restoration::in_backup(const workflow::Thread& thread) const {
    const Milliseconds since = parts_.time.time() - record_->at;
    return parts_.time.wall() - thread.opened > since;
}

Restoration::MayCome Restoration::may_come(ErrorCode refused) const {
    if (!record_ || !depends_on_others(refused)) return MayCome::never;
    const bool early = parts_.time.time() - record_->at < limits::kOfferedAgainWaits;
    // Who settles says that the others are back: from then on nothing new waits behind what may
    // never come, such as the opening of a case that was erased since.
    if (record_->open) return early ? MayCome::soon : MayCome::some_day;
    return early ? MayCome::some_day : MayCome::never;
}

std::optional<wire::Restored> Restoration::told() const {
    if (!record_) return std::nullopt;
    return wire::Restored{record_->leaf.index, record_->leaf.hash, record_->origin, record_->open};
}

}  // namespace relais::broker
