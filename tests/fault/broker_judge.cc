// broker_judge.cc: what a disk that a broker left is worth, against the ledger of what the broker
// had said (broker_scene.h).
#include <algorithm>

#include "broker/store/chunk_table.h"
#include "broker/store/listing.h"
#include "core/codecs/codecs.h"
#include "core/merkle/tree.h"
#include "tests/fault/broker_scene.h"
#include "tools/fsck/check.h"

namespace relais::broker {

namespace {

using What = Exchange::What;
constexpr const char* kWords = "detail";  // beside the code of a refusal
constexpr const char* kNotDone = "sending again fails";

std::string not_done(const Error& error) { return kNotDone + (": " + error.describe()); }

// The id is remembered for longer than the bytes are kept.
bool is_stored(SqliteStore& store, const MessageId& message) {
    const auto numbers = store.envelopes_of(message).value();
    return std::ranges::any_of(numbers,
                               [&](EnvelopeNumber number) { return store.envelope(number).ok(); });
}

}  // namespace

std::string BrokerScene::fsck() {
    const auto report = fsck::check_store(bench.sqlite(), disk_.file("chunks"));
    if (!report.ok()) return "fsck: " + report.error().describe();
    return report->problems.empty() ? "" : "fsck: " + report->problems.front().describe();
}

// Whether the store keeps what was told.
std::string BrokerScene::unkept(const Told& told, const std::vector<Bytes>& leaves) {
    SqliteStore& store = bench.sqlite();
    if (const auto* receipt = std::get_if<Told::Receipt>(&told.what)) {
        const Accepted& accepted = receipt->receipt.accepted;
        const bool there = accepted.leaf.value < leaves.size() &&
                           merkle::leaf_hash(leaves[accepted.leaf.value]) == accepted.leaf_hash;
        return there ? "" : "a receipt's leaf is lost";
    }
    if (const auto* cursor = std::get_if<Told::Cursor>(&told.what)) {
        const auto channels = store.channels().value();
        const auto channel = channels.find(cursor->mailbox);
        const bool there =
            channel != channels.end() &&
            store.cursor(channel->second, cursor->station, cursor->lane).value() >= cursor->last;
        return there ? "" : "an acknowledgement is lost";
    }
    if (const auto* directory = std::get_if<Told::Directory>(&told.what)) {
        const bool there = store.log_size(wire::LogName::directory).value() >= directory->size;
        return there ? "" : "directory entries are lost";
    }
    const auto count = [&](auto matches) {
        return std::ranges::count_if(
            leaves, [&](const Bytes& bytes) { return matches(parse_leaf(bytes).value()); });
    };
    if (const auto* chunk = std::get_if<Told::Chunk>(&told.what)) {
        const auto there = count([&](const Leaf& leaf) {
            return leaf.event == Event::chunk_stored && leaf.header == chunk->digest;
        });
        return there > 0 ? "" : "the leaf of a chunk is lost";
    }
    if (const auto* erased = std::get_if<Told::Erased>(&told.what)) {
        const auto there = count([&](const Leaf& leaf) {
            return leaf.event == Event::erased && leaf.message == erased->message;
        });
        return there == 1 ? "" : "an erasure is lost, or doubled";
    }
    const MessageId message = std::get<Told::Mark>(told.what).message;
    const auto there = count(
        [&](const Leaf& leaf) { return leaf.event == Event::opened && leaf.message == message; });
    return there == 1 ? "" : "a mark is lost, or doubled";
}

// D1: each chunk that a row names is on the disk, whole.
std::string BrokerScene::unread_chunk() {
    const std::vector<ChunkRow> rows = list_chunks(bench.sqlite().database()).value();
    for (const ChunkRow& row : rows) {
        const auto bytes = read_chunk(disk_.file("chunks"), row.chunk.digest);
        if (!bytes.ok() || bytes->size() != row.chunk.bytes) return "a chunk is lost";
    }
    return "";
}

// What no row names is gone once the broker has looked: orphans, halves, what was erased.
std::string BrokerScene::unwanted_file() {
    std::set<std::string> wanted;
    const std::vector<ChunkRow> rows = list_chunks(bench.sqlite().database()).value();
    for (const ChunkRow& row : rows) {
        wanted.insert(chunk_path("chunks", row.chunk.digest));
    }
    for (const auto& [name, bytes] : disk_.held()) {
        if (name.starts_with("chunks/") && !wanted.contains(name)) return "it stays: " + name;
    }
    return "";
}

// What was erased, whoever sends it again.
std::string BrokerScene::come_back(std::size_t changes) {
    for (const Told& told : told_) {
        if (told.changes > changes) break;
        const auto* erased = std::get_if<Told::Erased>(&told.what);
        if (erased == nullptr) continue;
        if (is_stored(bench.sqlite(), erased->message)) return "what was erased is back";
    }
    return "";
}

std::string BrokerScene::unkept(std::size_t changes) {
    SqliteStore& store = bench.sqlite();
    const auto leaves = bench.raw_leaves();
    for (const Told& told : told_) {
        if (told.changes > changes) break;
        if (std::string wrong = unkept(told, leaves); !wrong.empty()) return wrong;
    }
    for (const Told& told : told_again_) {
        if (std::string wrong = unkept(told, leaves); !wrong.empty()) return wrong;
    }
    StoreListing listing(store);
    listing.begin().value();
    const auto answers = listing.remembered().value();
    // Marks are remembered too, under an id of their own bytes.
    const auto of_nobody = std::ranges::count_if(
        answers, [&](const RememberedRow& row) { return !sent_.contains(row.id); });
    if (static_cast<std::size_t>(of_nobody) > marked_.size()) return "answers to what nobody sent";
    return "";
}

std::string BrokerScene::same_receipt(const wire::Receipt& receipt, std::size_t changes) const {
    for (const Told& told : told_) {
        const auto* before = std::get_if<Told::Receipt>(&told.what);
        if (before == nullptr || told.changes > changes) continue;
        if (before->receipt.id == receipt.id &&
            before->receipt.accepted.leaf_hash != receipt.accepted.leaf_hash) {
            return "accepted twice";
        }
    }
    return "";
}

// D2: what was under way is done again, and once more. Whoever had a receipt has the same again.
std::string BrokerScene::repeated(const Exchange& exchange, std::size_t changes) {
    if (exchange.what == What::erase) return erased_again(exchange);
    const auto session = connect(exchange.side, station(exchange.side));
    if (!session.ok()) return not_done(session.error());
    const auto uploaded = upload(*session, exchange.chunks);
    if (!uploaded.ok()) return not_done(uploaded.error());
    if (!*uploaded) return std::string(kNotDone) + ": a chunk is refused";
    for (const Bytes& envelope : exchange.envelopes) {
        const auto first = ask(bench.input(*session, wire::Submit{envelope}));
        const auto second = ask(bench.input(*session, wire::Submit{envelope}));
        if (!first.ok()) return not_done(first.error());
        if (!second.ok()) return not_done(second.error());
        if (code_of(*first) != code_of(*second)) return "two answers to one envelope";
        const auto* one = std::get_if<wire::Receipt>(&*first);
        if (one == nullptr) continue;
        const auto* other = std::get_if<wire::Receipt>(&*second);
        if (other == nullptr || !other->duplicate ||
            one->accepted.leaf_hash != other->accepted.leaf_hash) {
            return "sent again, and not the same answer";
        }
        if (std::string wrong = same_receipt(*one, changes); !wrong.empty()) return wrong;
    }
    return "";
}

std::string BrokerScene::erased_again(const Exchange& exchange) {
    for (int times = 0; times < 2; ++times) {
        if (const auto done = erase(exchange); !done.ok()) return not_done(done.error());
    }
    if (!exchange.message) return "";
    if (is_stored(bench.sqlite(), *exchange.message)) return "it is not erased";
    const auto leaves = bench.leaves();
    const auto count = std::ranges::count_if(leaves, [&](const Leaf& leaf) {
        return leaf.event == Event::erased && leaf.message == exchange.message;
    });
    return count == 1 ? "" : "erased " + std::to_string(count) + " times";
}

// A thread that nobody saw yet: called, delivered to a ward, answered.
std::string BrokerScene::goes_on() {
    for (const int side : {AdmissionCase::kOpener, 0}) {
        const auto session = connect(side, station(side));
        if (!session.ok()) return "connecting: " + session.error().describe();
    }
    AdmissionCase fresh = threads_.back().sibling();
    constexpr std::pair<int, const char*> kActs[] = {{-1, "call"}, {-1, "deposit"}, {0, "offer"}};
    for (const auto& [side, act] : kActs) {
        const auto body = ask(fresh.input(side, fresh.make(side, act)));
        if (!body.ok()) return "a new thread: " + body.error().describe();
        if (!std::holds_alternative<wire::Receipt>(*body)) {
            return std::string(act) + " is refused: " + std::string(error_name(code_of(*body)));
        }
    }
    Exchange taken{.what = What::deliver, .side = 0};
    const auto done = deliver(taken);
    return done.ok() ? "" : done.error().describe();
}

const Exchange* BrokerScene::under_way(std::size_t changes) const {
    const Exchange* last = nullptr;
    for (const Exchange& each : exchanges_) {
        if (each.changes <= changes) last = &each;
    }
    return last;
}

// Whatever it answers: nothing that contradicts what was said before, and no crash.
std::string BrokerScene::contradicts() {
    for (const Exchange& each : exchanges_) {
        if (each.what != What::act) continue;
        std::string wrong = repeated(each, exchanges_.back().changes);
        if (wrong.starts_with(kNotDone)) break;
        if (!wrong.empty()) return wrong;
    }
    goes_on();
    return "";
}

std::string BrokerScene::contents_of_sound(const test::Files& files) {
    disk_.hold(files);
    bench.open_store().value();
    auto contents = test::contents_of(bench.sqlite().database(), kWords);
    close();
    return contents.value();
}

Damage BrokerScene::look_at_damage(const test::Files& files, const std::string& contents) {
    disk_.hold(files);
    phase_ = Phase::judge;
    Damage damage;
    Result<void> begun = bench.open_store();
    if (begun.ok()) {
        const auto now = test::contents_of(bench.sqlite().database(), kWords);
        damage.contents = now.ok() ? *now : "";
        damage.harmless = damage.contents == contents;
        damage.found = fsck();
        bench.now = exchanges_.back().until;
        begun = bench.try_restart();
    }
    if (begun.ok()) damage.wrong = contradicts();
    damage.refused = begun.code();
    close();
    return damage;
}

std::string BrokerScene::judge(std::size_t changes) {
    phase_ = Phase::judge;
    return judge_now(changes);
}

std::string BrokerScene::judge_now(std::size_t changes) {
    const Exchange* exchange = under_way(changes);
    std::string wrong = unkept(changes);
    if (wrong.empty() && exchange != nullptr) wrong = fsck();
    if (!wrong.empty()) return wrong;
    bench.now = exchange == nullptr ? begun_ : exchange->until;
    const auto started = bench.try_restart();
    if (!started.ok()) return "does not start: " + started.error().describe();
    const auto swept = bench.try_sweep();
    if (!swept.ok()) return "sweeping: " + swept.error().describe();
    wrong = unwanted_file();
    if (!wrong.empty()) return wrong;
    if (exchange != nullptr) wrong = repeated(*exchange, changes);
    if (!wrong.empty()) return wrong;
    // The power may have gone before the domain had its kind and its directory.
    const auto bundle = ask(bench.operator_input(wire::PublishBundle{admission_bundle()}));
    if (!bundle.ok()) return "publishing: " + bundle.error().describe();
    const auto published = bench.try_publish_directory();
    if (!published.ok()) return "publishing: " + published.error().describe();
    wrong = goes_on();
    if (wrong.empty()) wrong = come_back(changes);
    return wrong.empty() ? fsck() : wrong;
}

}  // namespace relais::broker
