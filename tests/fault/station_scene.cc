#include "tests/fault/station_scene.h"

#include <algorithm>

#include "core/crypto/sha256.h"
#include "core/database/database.h"

namespace relais::station {

namespace {

constexpr ScryptCost kCheap{10, 1, 1};
constexpr std::size_t kDeliveries = 400;
constexpr std::uint64_t kKinds = 11;  // of steps

Secret passphrase() { return Secret::copy_of(as_bytes("phrase du poste")); }
std::string secret_name(std::size_t number) { return "secret-" + std::to_string(number); }

}  // namespace

StationScene::StationScene(test::WatchedDisk& disk, std::uint64_t seed)
    : disk_(disk), random_(seed) {
    for (std::uint64_t seq = 1; seq <= kDeliveries; ++seq) deliveries_.push_back(delivery(seq));
    disk_.hold({});
    vault_ = Vault::create(disk_.file("vault.json"), passphrase(), kCheap).value();
    save_vault().value();
    restart().value();
}

StoredEntry StationScene::delivery(std::uint64_t seq) {
    return {.serial = 0,
            .delivery = {mailbox_,
                         incarnation_,
                         Lane::urgent,
                         {seq},
                         NoticeEntry{random_.bytes(40 + random_.below(900))}},
            .digest = random_.make<Digest>(),
            .thread = random_.make<ThreadId>(),
            .message = random_.make<MessageId>(),
            .status = ErrorCode::ok};
}

RowSealer StationScene::sealer() { return {vault_->row_key(), system_random_}; }

test::Recorded StationScene::recorded() const {
    return {disk_.before(), disk_.changes(), acknowledged_};
}

void StationScene::tell(decltype(Told::what) what) {
    told_.push_back({disk_.changes().size(), std::move(what), SIZE_MAX});
    acknowledged_.push_back(disk_.changes().size());
}

void StationScene::work(std::size_t steps) { try_work(steps).value(); }

Result<void> StationScene::try_work(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
        RELAIS_TRY(step(i < kKinds ? i : random_.below(kKinds + 3)));
    }
    return {};
}

Result<void> StationScene::step(std::uint64_t kind) {
    switch (kind) {
        case 0:
        case kKinds: return send();
        case 1:
        case kKinds + 1: return receive(1 + random_.below(4));
        case 2:
        case kKinds + 2: return answer();
        case 3: return keep_draft();
        case 4: return learn();
        case 5: return save_vault();
        case 6: return receive(20);  // more than a few pages, so that the log is checkpointed
        case 7: return send_with_attachment();
        case 8: return fetch_attachment();
        case 9: return give_up_attachment();
        default: return restart();
    }
}

template <typename Work>
Result<void> StationScene::together(Work work) {
    RELAIS_TRY(store_->begin());
    Result<void> done = work();
    if (done.ok()) done = store_->commit();
    if (!done.ok()) store_->rollback();
    return done;
}

// Counters and envelopes are committed before anything is sent.
Result<void> StationScene::send() {
    Sent sent{random_.make<MessageId>(), 0, random_.bytes(300 + random_.below(3000))};
    const auto committed = together([&]() -> Result<void> {
        RELAIS_ASSIGN(sent.counter, store_->take_counter(mailbox_, Lane::urgent));
        return store_->queue(sent.message, random_.make<ThreadId>(), sent.envelope);
    });
    if (!committed.ok()) return committed;
    waiting_.push_back(sent.message);
    tell(std::move(sent));
    return {};
}

// Chunks in any order, each in its place, then durable.
Result<StationScene::Attached> StationScene::put_on_shelf(AttachmentState state) {
    Attached attached{{random_.make<MessageId>(), state, {}}, {}};
    std::vector<Bytes> chunks(1 + random_.below(3));
    for (Bytes& chunk : chunks) {
        chunk = random_.bytes(500 + random_.below(9000));
        attached.row.sizes.push_back(static_cast<std::uint32_t>(chunk.size()));
        attached.digests.push_back(sha256(chunk));
    }
    for (std::uint32_t i = static_cast<std::uint32_t>(chunks.size()); i > 0; --i) {
        RELAIS_TRY(shelf_.write(attached.row.message, i - 1, chunks[i - 1]));
    }
    RELAIS_TRY(shelf_.sync(attached.row.message));
    return attached;
}

// As send_draft does: the chunks are durable before the envelope that names them is queued.
Result<void> StationScene::send_with_attachment() {
    RELAIS_ASSIGN(Attached attached, put_on_shelf(AttachmentState::outgoing));
    Sent sent{attached.row.message, 0, random_.bytes(300)};
    const auto committed = together([&]() -> Result<void> {
        RELAIS_ASSIGN(sent.counter, store_->take_counter(mailbox_, Lane::urgent));
        RELAIS_TRY(store_->put_attachment(attached.row));
        return store_->queue(sent.message, random_.make<ThreadId>(), sent.envelope);
    });
    if (!committed.ok()) return committed;
    tell(std::move(sent));
    tell(std::move(attached));
    return {};
}

Result<void> StationScene::fetch_attachment() {
    RELAIS_ASSIGN(Attached attached, put_on_shelf(AttachmentState::here));
    RELAIS_TRY(together([&] { return store_->put_attachment(attached.row); }));
    tell(std::move(attached));
    return {};
}

// As tidy_attachments does: the row first.
Result<void> StationScene::give_up_attachment() {
    for (Told& told : told_) {
        const auto* attached = std::get_if<Attached>(&told.what);
        if (attached == nullptr || told.until != SIZE_MAX) continue;
        told.until = disk_.changes().size();
        RELAIS_TRY(together([&] { return store_->remove_attachment(attached->row.message); }));
        shelf_.remove(attached->row.message);
        return {};
    }
    return {};
}

Result<void> StationScene::receive(std::size_t count) {
    std::vector<StoredEntry> stored;
    const auto committed = together([&]() -> Result<void> {
        for (std::size_t i = 0; i < count; ++i) {
            StoredEntry entry = deliveries_.at(next_ + i);
            RELAIS_ASSIGN(entry.serial, store_->add_entry(entry));
            stored.push_back(std::move(entry));
        }
        RELAIS_TRY(store_->set_seen(random_.make<StationId>(), mailbox_.text(), Lane::urgent,
                                    {next_ + count, random_.make<Digest>()}));
        return store_->set_next_seq(mailbox_, Lane::urgent, {next_ + count + 1});
    });
    if (!committed.ok()) return committed;
    next_ += count;
    for (StoredEntry& entry : stored) tell(Acknowledged{std::move(entry)});
    return {};
}

Result<void> StationScene::answer() {
    if (waiting_.empty()) return {};
    const MessageId message = waiting_.back();
    waiting_.pop_back();
    return together([&] {
        if (random_.one_in(2)) {
            return store_->set_refused(message,
                                       {ErrorCode::conflict, Retry::never, "", std::nullopt});
        }
        return store_->set_accepted(message, {message, {}, false});
    });
}

Result<void> StationScene::learn() {
    return together([&]() -> Result<void> {
        RELAIS_TRY(store_->add_directory_entry(directory_++, random_.bytes(500)));
        RELAIS_TRY(store_->add_bundle(random_.make<Digest>(), random_.bytes(9000)));
        RELAIS_TRY(store_->set_value("cursor", random_.bytes(8)));
        return store_->queue_mark({random_.bytes(100), random_.bytes(100)});
    });
}

Result<void> StationScene::keep_draft() {
    Kept kept{random_.make<MessageId>(), random_.bytes(700)};
    RELAIS_TRY(store_->put_draft(kept.draft, kept.bytes));
    tell(std::move(kept));
    return {};
}

Result<void> StationScene::save_vault() {
    vault_->put(secret_name(secrets_), Secret::copy_of(as_bytes(secret_name(secrets_))));
    RELAIS_TRY(vault_->save());
    tell(Saved{++secrets_});
    return {};
}

Result<void> StationScene::restart() {
    store_.reset();
    RELAIS_ASSIGN(store_, StationStore::open(database(), Database::Mode::create, sealer()));
    return {};
}

Result<std::string> StationScene::reopen() {
    RELAIS_TRY(restart());
    RELAIS_ASSIGN(Database beside, Database::open(database(), {Database::Mode::existing, ""}));
    return test::contents_of(beside);
}

void StationScene::close() {
    disk_.die();
    store_.reset();
}

std::string StationScene::vault_wrong(std::size_t changes) {
    std::size_t saved = 0;
    for (const Told& told : told_) {
        if (told.changes > changes) break;
        if (const auto* vault = std::get_if<Saved>(&told.what)) saved = vault->secrets;
    }
    if (saved == 0) return "";
    const auto vault = Vault::open(disk_.file("vault.json"), passphrase());
    if (!vault.ok()) return "the vault does not open: " + vault.error().describe();
    for (std::size_t i = 0; i < saved; ++i) {
        const auto secret = vault->get(secret_name(i));
        if (!secret.ok() || as_text(secret->expose()) != secret_name(i)) return "a secret is lost";
    }
    return "";
}

std::string StationScene::unkept(const Told& told) {
    if (const auto* sent = std::get_if<Sent>(&told.what)) {
        const auto kept = store_->outgoing(sent->message);
        const bool there = kept.ok() && kept->has_value() && (*kept)->envelope == sent->envelope;
        return there ? "" : "what was sent is not in the outbox";
    }
    if (const auto* stored = std::get_if<Acknowledged>(&told.what)) {
        const auto entries = store_->entries_of_message(*stored->entry.message);
        const bool there = entries.ok() && entries->size() == 1 &&
                           entries->front().serial == stored->entry.serial &&
                           entries->front().digest == stored->entry.digest;
        return there ? "" : "what was acknowledged is not in the store once";
    }
    if (const auto* attached = std::get_if<Attached>(&told.what)) {
        const auto row = store_->attachment(attached->row.message);
        if (!row.ok() || !row->has_value() || (*row)->sizes != attached->row.sizes) {
            return "it is forgotten that an attachment is here";
        }
        const auto missing =
            shelf_.missing(attached->row.message, attached->digests, attached->row.sizes);
        return missing.empty() ? "" : "a chunk is lost";
    }
    if (const auto* kept = std::get_if<Kept>(&told.what)) {
        const auto draft = store_->draft(kept->draft);
        const bool there = draft.ok() && draft->has_value() && **draft == kept->bytes;
        return there ? "" : "a draft is lost";
    }
    return "";
}

// The broker delivers from its cursor on, what the station has included; the station sends on.
std::string StationScene::goes_on(std::size_t changes) {
    std::uint64_t used = 0;
    for (const Told& told : told_) {
        if (told.changes > changes) break;
        const auto* sent = std::get_if<Sent>(&told.what);
        if (sent != nullptr) used = std::max(used, sent->counter);
    }
    const auto counter = store_->take_counter(mailbox_, Lane::urgent);
    if (!counter.ok() || *counter <= used) return "a counter is used twice";
    const auto next = store_->next_seq(mailbox_, Lane::urgent);
    if (!next.ok()) return next.error().describe();
    const auto serial = store_->last_serial();
    if (!serial.ok()) return serial.error().describe();
    for (std::uint64_t seq = 1; seq < next->value; ++seq) {
        const auto again = store_->add_entry(deliveries_.at(seq - 1));
        if (again.code() != ErrorCode::already_exists) return "an entry is shown twice";
    }
    const auto fresh = store_->add_entry(deliveries_.at(next->value - 1));
    if (!fresh.ok()) return "the next entry is refused: " + fresh.error().describe();
    return *fresh > *serial ? "" : "a serial is used twice";
}

std::string StationScene::judge(std::size_t changes) {
    for (const Told& told : told_) {
        if (told.changes > changes) break;
        if (told.until < changes) continue;
        if (std::string wrong = unkept(told); !wrong.empty()) return wrong;
    }
    if (std::string wrong = vault_wrong(changes); !wrong.empty()) return wrong;
    return goes_on(changes);
}

}  // namespace relais::station
