#include "clients/station/sync/signs.h"

#include <algorithm>

#include "core/calendar/days.h"

namespace relais::station {

namespace {

using Signs = std::map<std::string, LastSign>;
using Json = nlohmann::json;

// One row for all, sealed: whom a unit exchanges with is not to be read from a stolen disk.
constexpr const char* kSignsValue = "signs";
constexpr std::size_t kReadAtOnce = 256;

struct Shown {
    std::string mailbox;
    LastSign last;
};

// The digest of the header under which this message was sent from `mailbox`.
Result<std::optional<Digest>> sent_header(StationStore& store, const MessageId& message,
                                          const Address& mailbox) {
    RELAIS_ASSIGN(const auto outgoing, store.outgoing(message));
    if (outgoing) {
        RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(outgoing->envelope));
        return std::optional(envelope.digest());
    }
    // Another station of the mailbox sent it: the copy that all of them get.
    RELAIS_ASSIGN(const auto copies, store.entries_of_message(message));
    for (const StoredEntry& copy : copies) {
        const bool sent = std::holds_alternative<EnvelopeEntry>(copy.delivery.entry);
        if (sent && copy.delivery.mailbox == mailbox) return std::optional(copy.digest);
    }
    return std::optional<Digest>();
}

std::optional<Sign> sign_of(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::delivered: return Sign::delivered;
        case NoticeKind::opened: return Sign::opened;
        case NoticeKind::taken: return Sign::taken;
        default: return std::nullopt;
    }
}

std::vector<MessageId> subjects(const Notice& notice) {
    std::vector<MessageId> messages;
    if (notice.message) messages.push_back(*notice.message);
    for (const DeliveredItem& item : notice.delivered) messages.push_back(item.message);
    return messages;
}

// One message suffices: it is the same signature for all of them.
Result<bool> proven(StationStore& store, const Judge& judge, const Notice& notice,
                    const Address& mailbox) {
    for (const MessageId& message : subjects(notice)) {
        RELAIS_ASSIGN(const auto header, sent_header(store, message, mailbox));
        if (header) return judge.check_evidence(notice, message, *header).ok();
    }
    return false;
}

bool is_news(const Signs& known, const Shown& shown) {
    const auto found = known.find(shown.mailbox);
    return found == known.end() || found->second < shown.last;
}

std::optional<Shown> shown_by(const EnvelopeEntry& entry, const Address& mailbox) {
    const auto header = parse_header(entry.header.bytes);
    if (!header.ok() || header->from == mailbox) return std::nullopt;
    return Shown{header->from.text(), {calendar::day_of(entry.accepted.time), Sign::acted}};
}

std::optional<Shown> shown_by(const Notice& notice) {
    const auto sign = sign_of(notice.kind);
    if (!sign) return std::nullopt;
    return Shown{notice.mailbox, {calendar::day_of(notice.time), *sign}};
}

// True where it adds something to `signs`. A signature is checked only where it would.
Result<bool> take(StationStore& store, const Judge& judge, const StoredEntry& entry, Signs& signs) {
    if (entry.status != ErrorCode::ok) return false;
    std::optional<Shown> shown;
    if (const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry)) {
        shown = shown_by(*envelope, entry.delivery.mailbox);
        if (!shown || !is_news(signs, *shown)) return false;
    } else if (const auto* said = std::get_if<NoticeEntry>(&entry.delivery.entry)) {
        const auto notice = judge.open_notice(*said);
        if (!notice.ok()) return false;
        shown = shown_by(*notice);
        if (!shown || !is_news(signs, *shown)) return false;
        RELAIS_ASSIGN(const bool sound, proven(store, judge, *notice, entry.delivery.mailbox));
        if (!sound) return false;
    }
    if (!shown) return false;
    signs[shown->mailbox] = shown->last;
    return true;
}

// None where there is no such row, or one of another shape: both are made anew from what is held.
Result<std::optional<Signs>> kept(StationStore& store) {
    RELAIS_ASSIGN(const auto bytes, store.value(kSignsValue));
    if (!bytes) return std::optional<Signs>();
    const Json all = Json::parse(as_text(*bytes), nullptr, false);
    if (!all.is_object()) return std::optional<Signs>();
    Signs signs;
    for (const auto& [mailbox, last] : all.items()) {
        if (!last.is_array() || last.size() != 2 || !last[0].is_number_integer() ||
            !last[1].is_number_unsigned()) {
            return std::optional<Signs>();
        }
        signs[mailbox] = {{last[0].get<std::int32_t>()},
                          static_cast<Sign>(last[1].get<std::uint8_t>())};
    }
    return std::optional(std::move(signs));
}

Result<void> keep(StationStore& store, const Signs& signs) {
    Json all = Json::object();
    for (const auto& [mailbox, last] : signs) {
        all[mailbox] = {last.day.number, static_cast<std::uint8_t>(last.sign)};
    }
    const std::string text = all.dump();
    return store.set_value(kSignsValue, as_bytes(text));
}

Result<Signs> read_all(StationStore& store, const Judge& judge) {
    Signs signs;
    for (std::uint64_t after = 0;;) {
        RELAIS_ASSIGN(const auto page, store.entries(after, kReadAtOnce));
        if (page.empty()) return signs;
        for (const StoredEntry& entry : page) RELAIS_TRY(take(store, judge, entry, signs));
        after = page.back().serial;
    }
}

}  // namespace

Result<void> note_sign(StationStore& store, const Judge& judge, const StoredEntry& entry) {
    RELAIS_ASSIGN(auto signs, kept(store));
    if (!signs) {
        RELAIS_ASSIGN(const Signs all, read_all(store, judge));
        return keep(store, all);
    }
    RELAIS_ASSIGN(const bool news, take(store, judge, entry, *signs));
    return news ? keep(store, *signs) : Result<void>();
}

Result<std::map<std::string, LastSign>> last_signs(StationStore& store, const Judge& judge) {
    RELAIS_ASSIGN(auto signs, kept(store));
    if (signs) return *std::move(signs);
    return read_all(store, judge);
}

}  // namespace relais::station
