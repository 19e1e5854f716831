// envelopes.cc: stored envelopes against the leaves that accepted them, the boxes that wait, and
// the answers kept for those who ask again.
#include <set>

#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "schemas/workflow/permission.h"
#include "tools/fsck/facts.h"

namespace relais::fsck {

namespace {

EnvelopeFacts facts_of(const Facts& facts, const Envelope& envelope,
                       std::vector<broker::Place> places) {
    const Header& header = envelope.header();
    EnvelopeFacts known{sha256(envelope.bytes()), envelope.digest(), header.id, header.thread,
                        header.station,           header.lane,       {},        {},
                        std::move(places)};
    known.chunks.assign(envelope.chunks().begin(), envelope.chunks().end());
    if (header.chunks) known.chunk_bytes = header.chunks->bytes;
    for (const KeyBox& box : envelope.boxes()) {
        const bool left = !facts.state || workflow::has_left(*facts.state, header, box);
        const Recipient* recipient = header.recipient_at(box.position);
        known.boxes.push_back({envelope.mailbox_at(box.position), box.release,
                               recipient != nullptr && recipient->standing == Standing::delegate,
                               box.mailbox.has_value() && left});
    }
    for (const Recipient& recipient : header.to) {
        known.counters.push_back({recipient.mailbox, recipient.counter});
    }
    return known;
}

// The leaf that its receipt names: what was accepted is what is stored.
Result<void> fits_leaf(const Facts& facts, const Envelope& envelope, const Accepted& accepted) {
    const Leaf* leaf = facts.leaf(accepted.leaf);
    const auto index = accepted.leaf.value;
    if (leaf == nullptr || index >= facts.leaf_hashes.size()) {
        return fail(ErrorCode::corrupt, "no leaf " + std::to_string(index));
    }
    if (facts.leaf_hashes[index] != accepted.leaf_hash) {
        return fail(ErrorCode::corrupt, "hash of leaf " + std::to_string(index));
    }
    const bool about = leaf->event == Event::submitted && leaf->code == ErrorCode::ok &&
                       leaf->header == envelope.digest() && leaf->message == envelope.header().id &&
                       leaf->directory_size == accepted.directory_size &&
                       leaf->time == accepted.time;
    if (!about) return fail(ErrorCode::corrupt, "leaf " + std::to_string(index) + " differs");
    return {};
}

Result<void> fits_signature(const Facts& facts, const Envelope& envelope,
                            const Accepted& accepted) {
    if (!facts.state) return {};
    const auto* person = facts.state->person(envelope.header().by, accepted.directory_size);
    if (person == nullptr) return fail(ErrorCode::unknown_person, "who signs");
    return verify_header_signature(envelope.digest(), envelope.signature(), person->person.key,
                                   facts.verifier);
}

Result<void> check_envelope(Facts& facts, broker::EnvelopeNumber number) {
    const std::string where = "envelope " + std::to_string(number);
    auto stored = facts.store.envelope(number);
    if (!stored.ok() && stored.code() != ErrorCode::corrupt) return stored.error();
    auto envelope =
        stored.ok() ? Envelope::parse(std::move(stored->bytes)) : Result<Envelope>(stored.error());
    if (!envelope.ok()) {
        facts.report.add(problem::kEnvelope, where, envelope.error().describe());
        return {};
    }
    for (const auto& verdict : {fits_leaf(facts, *envelope, stored->accepted),
                                fits_signature(facts, *envelope, stored->accepted)}) {
        if (!verdict.ok()) facts.report.add(problem::kEnvelope, where, verdict.error().describe());
    }
    if (!facts.by_digest.emplace(envelope->digest(), number).second) {
        facts.report.add(problem::kEnvelope, where, "stored twice");
    }
    EnvelopeFacts known = facts_of(facts, *envelope, std::move(stored->places));
    known.accepted = stored->accepted.time;
    facts.envelopes.emplace(number, std::move(known));
    return {};
}

// D1, D5: what was accepted is here until a leaf says that its time was over.
void check_lost(Facts& facts) {
    std::set<Digest> over;
    for (const auto& [index, leaf] : facts.trail) {
        const bool ends = leaf.event == Event::expired || leaf.event == Event::purged ||
                          leaf.event == Event::erased;
        if (ends && leaf.header) over.insert(*leaf.header);
    }
    for (const auto& [index, leaf] : facts.trail) {
        if (leaf.event != Event::submitted || leaf.code != ErrorCode::ok || !leaf.header) continue;
        const bool here = facts.by_digest.contains(*leaf.header);
        if (here && over.contains(*leaf.header)) {
            facts.report.add(problem::kEnvelope,
                             "message " + uuid(leaf.message.value_or(MessageId{})),
                             "still stored, and a leaf says that its time was over");
        }
        if (!here && !over.contains(*leaf.header)) {
            facts.report.add(problem::kLost, "message " + uuid(leaf.message.value_or(MessageId{})),
                             "accepted by leaf " + std::to_string(index));
        }
    }
}

// For its own condition; a delegate's, once that is met, for the absence; and what is sent to a
// party that waits, with the rest.
bool may_wait(const BoxFacts& box, Release condition) {
    if (box.delegate && condition == Release::absence) return true;
    const bool with_party = box.release == Release::at_once || box.release == Release::absence;
    return box.release == condition || (with_party && condition != Release::absence);
}

void check_box(Facts& facts, const broker::HeldBox& box) {
    const std::string where = "box " + std::to_string(box.position) + " of envelope " +
                              std::to_string(box.number) + " for " + facts.name(box.channel);
    const auto found = facts.envelopes.find(box.number);
    if (found == facts.envelopes.end()) {
        facts.report.add(problem::kHeld, where, "no such envelope");
        return;
    }
    const EnvelopeFacts& envelope = found->second;
    const auto mailbox = facts.mailboxes.find(box.channel);
    const bool fits = box.position < envelope.boxes.size() &&
                      may_wait(envelope.boxes[box.position], box.condition) &&
                      mailbox != facts.mailboxes.end() &&
                      envelope.boxes[box.position].mailbox == mailbox->second &&
                      envelope.thread == box.thread && envelope.lane == box.lane;
    if (!fits) facts.report.add(problem::kHeld, where, "differs from its envelope");
}

void check_answer(Facts& facts, const broker::RememberedRow& row, std::set<Digest>& answered) {
    const broker::Remembered& answer = row.answer;
    const std::string where = "message " + uuid(row.id) + " of station " + uuid(row.station);
    if (answer.code == ErrorCode::ok && answer.number == 0) return;  // of a mark
    const Leaf* leaf = facts.leaf(answer.leaf);
    if (leaf == nullptr || leaf->event != Event::submitted || leaf->code != answer.code ||
        leaf->message != row.id || leaf->station != row.station) {
        facts.report.add(problem::kRemembered, where,
                         "leaf " + std::to_string(answer.leaf.value) + " says otherwise");
    }
    if (answer.code != ErrorCode::ok) return;  // a conflict names the act that won
    const auto found = facts.envelopes.find(answer.number);
    if (found == facts.envelopes.end()) return;
    answered.insert(found->second.digest);
    if (broker::tag_of(found->second.bytes_digest) != answer.envelope ||
        found->second.message != row.id) {
        facts.report.add(problem::kRemembered, where, "its envelope has other bytes");
    }
}

}  // namespace

Result<void> check_envelopes(Facts& facts) {
    RELAIS_ASSIGN(const auto numbers, facts.listing.envelopes());
    facts.report.envelopes = numbers.size();
    for (const broker::EnvelopeNumber number : numbers) RELAIS_TRY(check_envelope(facts, number));
    check_lost(facts);
    RELAIS_ASSIGN(const auto held, facts.listing.held());
    for (const broker::HeldBox& box : held) facts.held.emplace(box.number, box.position);
    return {};
}

Result<void> check_held(Facts& facts) {
    RELAIS_ASSIGN(const auto boxes, facts.listing.held());
    for (const broker::HeldBox& box : boxes) check_box(facts, box);
    for (const auto& [number, envelope] : facts.envelopes) {
        for (std::uint16_t i = 0; i < envelope.boxes.size(); ++i) {
            const bool waits = facts.held.contains({number, i});
            const bool shown = facts.shown.contains({number, i});
            if (waits != shown || (envelope.boxes[i].left && !waits)) continue;
            facts.report.add(problem::kHeld,
                             "box " + std::to_string(i) + " of envelope " + std::to_string(number),
                             "neither waits nor was handed over, or both");
        }
    }
    return {};
}

// D2: who sends the same again gets the same answer.
Result<void> check_answers(Facts& facts) {
    RELAIS_ASSIGN(const auto rows, facts.listing.remembered());
    std::set<Digest> answered;
    for (const broker::RememberedRow& row : rows) check_answer(facts, row, answered);
    for (const auto& [number, envelope] : facts.envelopes) {
        if (answered.contains(envelope.digest)) continue;
        facts.report.add(problem::kRemembered, "message " + uuid(envelope.message),
                         "stored, and its answer is not kept");
    }
    return {};
}

}  // namespace relais::fsck
