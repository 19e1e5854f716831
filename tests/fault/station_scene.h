// station_scene.h: a station's folder on a watched disk: the vault, and a store in which drafts are
// kept, envelopes queued under counters, some with attachments, answers noted, deliveries stored
// and then acknowledged, attachments fetched and given up, marks queued, the directory and keys
// added. And the ledger of what other parties were told
// meanwhile, against which any later state of the disk is judged. Confined to one thread.
#pragma once

#include "clients/station/store/chunk_shelf.h"
#include "clients/station/store/station_store.h"
#include "clients/station/vault/vault.h"
#include "core/base/system.h"
#include "tests/support/disk/power_campaign.h"

namespace relais::station {

class StationScene {
public:
    StationScene(test::WatchedDisk& disk, std::uint64_t seed);

    void work(std::size_t steps);
    // Errors: the first that the station meets: it ends there.
    Result<void> try_work(std::size_t steps);
    [[nodiscard]] test::Recorded recorded() const;

    Result<std::string> reopen();
    void close();
    // Whether what the station told others, and showed to its persons, before that many changes of
    // the disk holds still; then it goes on: no counter is used twice, nothing shown twice.
    std::string judge(std::size_t changes);

private:
    struct Sent {  // to the broker
        MessageId message;
        std::uint64_t counter;
        Bytes envelope;
    };
    struct Acknowledged {  // to the broker, and shown to a person
        StoredEntry entry;
    };
    struct Saved {  // the vault: how many secrets it had
        std::size_t secrets;
    };
    struct Kept {  // shown as kept to a person
        MessageId draft;
        Bytes bytes;
    };
    struct Attached {  // of what was sent, or shown as being here
        StoredAttachment row;
        std::vector<Digest> digests;
    };
    struct Told {
        std::size_t changes;
        std::variant<Sent, Acknowledged, Saved, Kept, Attached> what;
        std::size_t until = SIZE_MAX;  // of the changes: then it is given up
    };

    [[nodiscard]] RowSealer sealer();
    [[nodiscard]] std::string database() const { return disk_.file("station.db"); }
    void tell(decltype(Told::what) what);
    Result<void> step(std::uint64_t kind);
    Result<void> send();
    Result<void> send_with_attachment();
    Result<void> fetch_attachment();
    Result<void> give_up_attachment();
    Result<Attached> put_on_shelf(AttachmentState state);
    Result<void> receive(std::size_t count);
    Result<void> answer();
    Result<void> learn();
    Result<void> save_vault();
    Result<void> keep_draft();
    Result<void> restart();
    template <typename Work>
    Result<void> together(Work work);

    [[nodiscard]] std::string unkept(const Told& told);
    [[nodiscard]] std::string vault_wrong(std::size_t changes);
    [[nodiscard]] std::string goes_on(std::size_t changes);
    [[nodiscard]] StoredEntry delivery(std::uint64_t seq);

    test::WatchedDisk& disk_;
    ChunkShelf shelf_{disk_.file("chunks")};
    test::SeededRandom random_;
    SystemRandom system_random_;
    Address mailbox_ = test::address("geriatrie.ch-valmont@indre");
    Incarnation incarnation_ = random_.make<Incarnation>();
    std::vector<StoredEntry> deliveries_;  // by the broker, from sequence 1
    std::unique_ptr<StationStore> store_;
    std::optional<Vault> vault_;
    std::size_t secrets_ = 0;
    std::size_t next_ = 0;            // delivery to come
    std::uint64_t directory_ = 0;     // entries had
    std::vector<MessageId> waiting_;  // sent, not answered
    std::vector<Told> told_;
    std::vector<std::size_t> acknowledged_;
};

}  // namespace relais::station
