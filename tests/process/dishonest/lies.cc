#include "tests/process/dishonest/lies.h"

#include <bit>
#include <fstream>
#include <span>
#include <sstream>

#include "core/base/system.h"
#include "core/codecs/codecs.h"
#include "core/crypto/p256.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/tree.h"
#include "schemas/directory/entries.h"
#include "schemas/witness/witness.h"

namespace relais::dishonest {

namespace {

constexpr std::size_t kEntriesMax = 10'000;

std::optional<Header> header_of(const wire::Delivery& delivery) {
    const auto* envelope = std::get_if<EnvelopeEntry>(&delivery.entry);
    if (envelope == nullptr || envelope->box.position == 0) return std::nullopt;
    auto header = parse_header(envelope->header.bytes);
    return header.ok() ? std::optional(*std::move(header)) : std::nullopt;
}

std::string sign_head(const merkle::Checkpoint& head, Ed25519Key& key) {
    const auto as =
        merkle::VerifierKey::make(head.origin, merkle::NoteKeyType::ed25519, key.public_key());
    return merkle::sign_checkpoint(head, as.value(), key).value();
}

// The entry with another key of the mailbox, signed by who has no right to.
Bytes with_other_key(const Bytes& bytes) {
    auto entry = directory::parse_signed_entry(bytes);
    auto* epoch = entry.ok() ? std::get_if<directory::Epoch>(&entry->entry.body) : nullptr;
    if (epoch == nullptr) return bytes;
    P256Key own = P256Key::generate();
    epoch->key = own.public_key();
    return directory::sign_entry(entry->entry, own).bytes;
}

// RFC 9162, 2.1.4.1: SUBPROOF(size, leaves, whole).
std::vector<Digest> consistency(std::size_t size, std::span<const Digest> leaves, bool whole) {
    if (size == leaves.size()) {
        return whole ? std::vector<Digest>{} : std::vector<Digest>{merkle::tree_root(leaves)};
    }
    const std::size_t left = std::bit_floor(leaves.size() - 1);
    const bool within = size <= left;
    auto proof = within ? consistency(size, leaves.first(left), whole)
                        : consistency(size - left, leaves.subspan(left), false);
    proof.push_back(merkle::tree_root(within ? leaves.subspan(left) : leaves.first(left)));
    return proof;
}

std::uint64_t size_of(const std::string& note) {
    return merkle::parse_checkpoint(merkle::parse_note(note).value().text).value().size;
}

}  // namespace

void Lies::read_file() {
    lines_.clear();
    std::ifstream file(file_);
    for (std::string text; std::getline(file, text);) {
        std::istringstream words(text);
        Line line;
        words >> line.lie >> line.whom >> line.what;
        if (!line.lie.empty()) lines_.push_back(line);
    }
}

const Lies::Line* Lies::line(const std::string& lie, const std::string& whom) const {
    if (used_up_.contains(lie + " " + whom)) return nullptr;
    for (const Line& line : lines_) {
        if (line.lie == lie && line.whom == whom) return &line;
    }
    return nullptr;
}

Result<void> Lies::begin() {
    read_file();
    if (line("incarnation", "new") == nullptr) return {};
    SystemRandom random;
    RELAIS_TRY(store_.begin());
    RELAIS_TRY(store_.set_value("incarnation", random.make<Incarnation>().view()));
    return store_.commit();
}

void Lies::use_up(const std::string& lie, const std::string& whom) {
    used_up_.insert(lie + " " + whom);
}

std::string Lies::name_of(broker::SessionId session) const {
    const auto found = stations_.find(session);
    return found == stations_.end() ? std::string() : uuid(found->second);
}

std::set<std::uint64_t> Lies::hidden_from(broker::SessionId session) const {
    std::set<std::uint64_t> hidden;
    const std::string name = name_of(session);
    for (const Line& line : lines_) {
        if (line.lie == "hide" && line.whom == name) hidden.insert(std::stoull(line.what));
    }
    return hidden;
}

void Lies::listen(std::vector<Input>& inputs) {
    read_file();
    for (Input& input : inputs) {
        if (input.principal != broker::Principal::station) continue;
        stations_[input.session] = input.station;
        const auto* offer = std::get_if<wire::OfferAgain>(&input.request);
        if (offer != nullptr && !offer->audit.empty() &&
            line("ignore", uuid(input.station)) != nullptr) {
            input.request = wire::Hello{wire::kProtocolVersion, ""};  // answered, and no more
        }
        if (const auto* submission = std::get_if<broker::Submission>(&input.request)) {
            if (!submission->envelope.ok()) continue;
            for (const KeyBox& box : submission->envelope->boxes()) {
                if (box.release == Release::at_once) continue;
                held_.push_back(submission->envelope->header().id);
                break;
            }
        }
        if (auto* follow = std::get_if<wire::FollowDirectory>(&input.request)) {
            for (const std::uint64_t position : hidden_from(input.session)) {
                if (position <= follow->from.value) follow->from = follow->from.next();
            }
        }
    }
}

void Lies::say(broker::SessionId session, std::uint64_t number, wire::Body body) {
    said_.push_back(broker::SendFrame{session, {number, std::move(body)}});
}

std::vector<Output> Lies::tell(std::vector<Output> outputs) {
    said_.clear();
    for (Output& output : outputs) {
        auto* frame = std::get_if<broker::SendFrame>(&output);
        if (frame == nullptr) {
            said_.push_back(std::move(output));
            continue;
        }
        alter(frame->session, frame->frame.body);
        if (auto* delivery = std::get_if<wire::Delivery>(&frame->frame.body)) {
            deliver(frame->session, std::move(*delivery));
        } else {
            said_.push_back(std::move(output));
        }
    }
    deliver_early();
    return std::exchange(said_, {});
}

void Lies::number(broker::SessionId session, wire::Delivery delivery) {
    LaneLie& lane = lanes_[{session, delivery.mailbox.text(), delivery.lane}];
    delivery.seq.value =
        static_cast<std::uint64_t>(static_cast<std::int64_t>(delivery.seq.value) + lane.shift);
    lane.last = delivery.seq.value;
    say(session, 0, std::move(delivery));
}

void Lies::deliver(broker::SessionId session, wire::Delivery delivery) {
    const std::string mailbox = delivery.mailbox.text();
    LaneLie& lane = lanes_[{session, mailbox, delivery.lane}];
    const auto header = header_of(delivery);
    if (!header) return number(session, std::move(delivery));
    if (const Line* size = line("size", mailbox)) {
        std::get<EnvelopeEntry>(delivery.entry).accepted.directory_size.value =
            std::stoull(size->what);
    }
    for (const Line& drop : lines_) {
        if (drop.lie != "drop" || drop.whom != uuid(header->id) || drop.what != mailbox) continue;
        --lane.shift;
        return;
    }
    if (line("swap", mailbox) != nullptr) {
        if (!lane.kept) {
            lane.kept = std::move(delivery);
            return;
        }
        use_up("swap", mailbox);
        std::swap(delivery.seq, lane.kept->seq);
        number(session, std::move(delivery));
        number(session, *std::exchange(lane.kept, std::nullopt));
        return;
    }
    const bool again = line("replay", mailbox) != nullptr;
    number(session, delivery);
    if (!again) return;
    use_up("replay", mailbox);
    ++lane.shift;
    number(session, std::move(delivery));
}

// The box of that message which waits for that mailbox, where it is of that lane.
std::optional<EnvelopeEntry> Lies::held_for(const Line& early, Lane lane) {
    for (const MessageId& message : held_) {
        const auto numbers = store_.envelopes_of(message).value();
        if (numbers.empty() || uuid(message) != early.what) continue;
        auto stored = store_.envelope(numbers.front()).value();
        const Envelope envelope = Envelope::parse(stored.bytes).value();
        for (const KeyBox& box : envelope.boxes()) {
            const bool wanted = envelope.mailbox_at(box.position).text() == early.whom;
            if (!wanted || envelope.header().lane != lane) continue;
            return EnvelopeEntry{envelope.signed_header(), to_bytes(envelope.content()), box,
                                 stored.accepted, false};
        }
    }
    return std::nullopt;
}

// To whoever reads that mailbox now, after the last entry of the lane.
void Lies::deliver_early() {
    for (auto& [key, lane] : lanes_) {
        const auto& [session, mailbox, of] = key;
        const Line* early = line("early", mailbox);
        if (lane.last == 0 || early == nullptr) continue;
        auto entry = held_for(*early, of);
        if (!entry) continue;
        use_up("early", mailbox);
        ++lane.shift;
        const auto incarnation = Incarnation::from(*store_.value("incarnation").value());
        say(session, 0,
            wire::Delivery{Address::parse(mailbox).value(),
                           incarnation,
                           of,
                           {++lane.last},
                           *std::move(entry)});
    }
}

// The same size, another root, well signed.
std::string Lies::other_head(const std::string& note) {
    auto head = merkle::parse_checkpoint(merkle::parse_note(note).value().text).value();
    Bytes root = to_bytes(head.root.view());
    root[0] ^= 1;
    head.root = Digest::from(root);
    return sign_head(head, keys_.audit);
}

void Lies::alter(broker::SessionId session, wire::Body& body) {
    const std::string name = name_of(session);
    const auto hidden = hidden_from(session);
    if (auto* welcome = std::get_if<wire::Welcome>(&body)) {
        std::uint64_t less = 0;
        for (const std::uint64_t position : hidden) {
            less += position < welcome->directory_size.value ? 1 : 0;
        }
        welcome->directory_size.value -= less;
    }
    if (auto* entries = std::get_if<wire::DirectoryEntries>(&body))
        alter_entries(session, *entries);
    auto* answer = std::get_if<wire::Consistency>(&body);
    const std::string directory = witness::log_origin(keys_.domain, wire::LogName::directory);
    if (answer != nullptr && !hidden.empty() && answer->checkpoint.starts_with(directory + "\n")) {
        *answer = shown_consistency(hidden, *answer);
    }
    if (line("audit", name) == nullptr) return;
    if (auto* head = std::get_if<wire::NewCheckpoint>(&body)) {
        if (head->log == wire::LogName::audit) head->checkpoint = other_head(head->checkpoint);
    }
    if (auto* proof = std::get_if<wire::Proof>(&body)) {
        proof->checkpoint = other_head(proof->checkpoint);
    }
    if (answer != nullptr) {
        const std::string origin = witness::log_origin(keys_.domain, wire::LogName::audit);
        if (answer->checkpoint.starts_with(origin + "\n")) {
            answer->checkpoint = other_head(answer->checkpoint);
        }
    }
}

void Lies::alter_entries(broker::SessionId session, wire::DirectoryEntries& entries) {
    if (line("key", name_of(session)) != nullptr) {
        for (Bytes& entry : entries.entries) entry = with_other_key(entry);
    }
    const auto hidden = hidden_from(session);
    if (hidden.empty()) return;
    const std::uint64_t from = entries.from.value;
    const std::uint64_t end = from + entries.entries.size();
    std::vector<Bytes> shown;
    for (std::uint64_t at = from; at < end; ++at) {
        if (!hidden.contains(at)) shown.push_back(entries.entries[at - from]);
    }
    for (const std::uint64_t position : hidden) {
        if (position < from) --entries.from.value;
    }
    entries.entries = std::move(shown);
    if (!entries.checkpoint.empty()) entries.checkpoint = shown_head(shown_leaves(hidden, end));
}

std::vector<Digest> Lies::shown_leaves(const std::set<std::uint64_t>& hidden,
                                       std::uint64_t end) const {
    std::vector<Digest> leaves;
    const auto all = store_.read_leaves(wire::LogName::directory, 0, kEntriesMax).value();
    for (std::uint64_t at = 0; at < end; ++at) {
        if (!hidden.contains(at)) leaves.push_back(merkle::leaf_hash(all[at]));
    }
    return leaves;
}

std::string Lies::shown_head(const std::vector<Digest>& leaves) {
    return sign_head({witness::log_origin(keys_.domain, wire::LogName::directory), leaves.size(),
                      merkle::tree_root(leaves)},
                     keys_.directory);
}

wire::Consistency Lies::shown_consistency(const std::set<std::uint64_t>& hidden,
                                          const wire::Consistency& honest) {
    const auto leaves = shown_leaves(hidden, size_of(honest.checkpoint));
    const std::size_t from = honest.from_size;
    auto proof = from == 0 ? std::vector<Digest>{} : consistency(from, leaves, true);
    return {honest.from_size, std::move(proof), shown_head(leaves), {}, {}};
}

}  // namespace relais::dishonest
