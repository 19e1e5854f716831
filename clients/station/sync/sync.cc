// sync.cc: what the station says: greetings, acknowledgements, cosignatures.
#include "clients/station/sync/sync.h"

#include <algorithm>

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/merkle/tree.h"
#include "schemas/envelope/statements.h"

namespace relais::station {

namespace {

constexpr std::uint32_t kCredit = limits::kCreditEntriesMax;
constexpr Milliseconds kResendDelay{2000};

}  // namespace

void Sync::connected() {
    disconnected();
    connected_ = true;
    send(wire::Hello{wire::kProtocolVersion, kSoftware}, SentOther{});
}

void Sync::disconnected() {
    connected_ = false;
    welcome_.reset();
    lanes_.clear();
    bundles_asked_.clear();
    // Requests of the application are answered: it may ask again.
    for (const auto& [number, sent] : sent_) {
        if (!std::holds_alternative<SentByApplication>(sent)) continue;
        replies_[number] = wire::Refusal{ErrorCode::unreachable, Retry::later, "", std::nullopt};
    }
    sent_.clear();
    frames_.clear();
    offers_pending_ = 0;
    offers_put_off_.clear();
    offers_at_.reset();
    lacking_at_.reset();
    following_ = false;
    loss_asked_ = false;
    witnessing_wanted_ = false;
    witnessing_at_.reset();
    last_envelope_ = 0;
    envelopes_in_flight_ = 0;
    line_.clear();
    last_mark_ = 0;
    marks_put_off_.clear();
    marks_at_.reset();
    marks_due_.clear();
    days_settled_.reset();
    days_in_flight_.clear();
    days_pause_ = false;
    days_at_.reset();
    transfers_.clear();
    chunks_in_flight_ = 0;
    chunks_pause_ = false;
    chunks_at_.reset();
    witnessing_.disconnected();
}

std::uint64_t Sync::send(wire::Body body, Sent sent) {
    const std::uint64_t number = ++last_number_;
    sent_.emplace(number, std::move(sent));
    frames_.push_back(wire::encode_frame({number, std::move(body)}));
    return number;
}

std::uint64_t Sync::ask(wire::Body request) {
    if (connected_) return send(std::move(request), SentByApplication{});
    const std::uint64_t number = ++last_number_;
    replies_[number] = wire::Refusal{ErrorCode::unreachable, Retry::later, "", std::nullopt};
    return number;
}

std::optional<wire::Body> Sync::take_reply(std::uint64_t number) {
    const auto found = replies_.find(number);
    if (found == replies_.end()) return std::nullopt;
    wire::Body body = std::move(found->second);
    replies_.erase(found);
    return body;
}

std::vector<Bytes> Sync::take_frames() {
    std::vector<Bytes> frames(std::make_move_iterator(frames_.begin()),
                              std::make_move_iterator(frames_.end()));
    frames_.clear();
    return frames;
}

SyncEvents Sync::take_events() { return std::exchange(events_, {}); }

void SyncEvents::add(SyncEvents later) {
    received += later.received;
    answered += later.answered;
    chunks += later.chunks;
    cosigned += later.cosigned;
    suspect += later.suspect;
    directory_changed = directory_changed || later.directory_changed;
    if (later.put_off) put_off = later.put_off;
    if (later.cut) cut = later.cut;
    if (later.alarm) alarm = std::move(later.alarm);
}

void Sync::raise(Error alarm) {
    if (!events_.alarm) events_.alarm = std::move(alarm);
}

std::vector<Address> Sync::mailboxes() const {
    std::vector<Address> mailboxes;
    const auto* own = parts_.replica.state().station(parts_.identity.station);
    if (own == nullptr) return mailboxes;
    for (const std::string& unit : own->station.units) {
        const Address mailbox =
            Address::of(unit, parts_.identity.organisation, parts_.identity.domain);
        if (parts_.replica.state().mailbox_exists(mailbox)) mailboxes.push_back(mailbox);
    }
    return mailboxes;
}

bool Sync::ready() const {
    if (!welcome_ || parts_.replica.size() < welcome_->directory_size) return false;
    if (!following_) return false;
    const auto wanted = mailboxes();
    return std::ranges::all_of(wanted, [&](const Address& mailbox) {
        const auto found = lanes_.find(mailbox);
        return found != lanes_.end() && found->second.attached;
    });
}

bool Sync::caught_up() const {
    return std::ranges::all_of(lanes_, [](const auto& item) {
        const Lanes& lanes = item.second;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            if (lanes.next[lane] <= lanes.backlog_end[lane]) return false;
        }
        return true;
    });
}

Result<bool> Sync::idle() {
    if (!ready() || !caught_up() || !frames_.empty()) return false;
    if (!std::ranges::all_of(sent_, [&](const auto& item) { return is_download(item.second); })) {
        return false;
    }
    RELAIS_ASSIGN(const auto queued, parts_.store.queued(0, 1));
    RELAIS_ASSIGN(const auto marks, parts_.store.marks(0, 1));
    return queued.empty() && marks.empty();
}

Result<void> Sync::flush(BootTime now) {
    if (!welcome_) return {};
    for (auto& [mailbox, lanes] : lanes_) {
        if (!lanes.attached) continue;
        for (const Lane lane : kLanesByUrgency) RELAIS_TRY(acknowledge(mailbox, lanes, lane));
    }
    RELAIS_TRY(begin_witnessing_again(now));
    RELAIS_TRY(send_cosignatures(now));
    RELAIS_TRY(offer_again(now));
    if (!ready()) return {};
    RELAIS_TRY(offer_lacking(now));
    RELAIS_TRY(send_envelopes(now));
    RELAIS_TRY(send_marks(now));
    RELAIS_TRY(state_days(now));
    return move_chunks(now);  // last: acts do not stand behind chunks
}

// Says what the store holds beyond what was said, a batch at a time, signed by the station.
Result<void> Sync::acknowledge(const Address& mailbox, Lanes& lanes, Lane lane) {
    const auto index = static_cast<std::size_t>(lane);
    const Incarnation& incarnation = welcome_->incarnation;
    while (lanes.acknowledged[index].next() < lanes.next[index]) {
        const ChannelSeq first = lanes.acknowledged[index].next();
        const ChannelSeq last{
            std::min(lanes.next[index].value - 1, first.value + limits::kCreditEntriesMax - 1)};
        RELAIS_ASSIGN(const auto digests,
                      parts_.store.digests(mailbox, incarnation, lane, first, last));
        DeliveredStatement body{parts_.identity.station,    mailbox, incarnation, lane, first, last,
                                merkle::tree_root(digests), {}};
        RELAIS_ASSIGN(const auto refused,
                      parts_.store.refused(mailbox, incarnation, lane, first, last));
        for (const auto& [place, code] : refused) {
            if (!is_fault(code)) continue;
            body.faults.push_back({static_cast<std::uint32_t>(place.value - first.value), code});
        }
        const Statement statement =
            make_statement(contexts::kDelivered, encode_delivered(body), parts_.keys.signing);
        send(wire::Acknowledge{encode_statement(statement)},
             SentAcknowledgement{mailbox, lane, first, last, body.root});
        lanes.acknowledged[index] = last;
    }
    return {};
}

Result<void> Sync::begin_witnessing_again(BootTime now) {
    if (!witnessing_wanted_) return {};
    if (!witnessing_at_) witnessing_at_ = now + kResendDelay;
    if (now < *witnessing_at_) return {};
    witnessing_wanted_ = loss_asked_ = false;
    witnessing_at_.reset();
    return begin_witnessing();
}

// A head that contradicts another ends it, with both kept.
Result<void> Sync::send_cosignatures(BootTime now) {
    const bool followed = witnessing_.following();
    auto lines = witnessing_.cosign(wall_, now);
    if (followed && !witnessing_.following()) witnessing_wanted_ = true;
    if (!lines.ok() && of_the_store(lines.code())) return lines.error();
    if (!lines.ok()) {
        raise(lines.error());
        return {};
    }
    for (wire::Cosign& line : *lines) {
        send(std::move(line), SentCosign{});
        ++events_.cosigned;
    }
    return {};
}

Result<void> Sync::attach_mailboxes() {
    if (!welcome_ || parts_.replica.size() < welcome_->directory_size) return {};
    if (!following_) return {};  // the broker may not know them yet
    for (const Address& mailbox : mailboxes()) {
        if (lanes_.contains(mailbox)) continue;
        wire::Attach attach{mailbox, welcome_->incarnation, {}};
        Lanes lanes;
        for (const Lane lane : kLanesByUrgency) {
            const auto index = static_cast<std::size_t>(lane);
            RELAIS_ASSIGN(lanes.next[index], parts_.store.next_seq(mailbox, lane));
            attach.lanes[index] = {lanes.next[index], kCredit};
        }
        lanes_.emplace(mailbox, lanes);
        send(std::move(attach), SentAttach{mailbox});
    }
    return {};
}

}  // namespace relais::station
