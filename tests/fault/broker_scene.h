// broker_scene.h: a broker on a watched disk: a territory, four admissions, and a workload drawn by
// seed: acts, some with attachments, duplicates, uploads that no act follows, deliveries taken and
// acknowledged, attachments fetched, marks, days that pass, erasures, entries of the directory, a
// revocation, restarts, checkpoints of the database. And the ledger of what the broker said
// meanwhile, against which any later state of its disk is judged. Confined to one thread.
#pragma once

#include <deque>

#include "tests/support/disk/power_campaign.h"
#include "tests/support/engine/admission_case.h"

namespace relais::broker {

// What somebody was told, and may rely on.
struct Told {
    std::size_t changes = 0;  // of the disk, before it was said
    struct Receipt {
        StationId station;
        wire::Receipt receipt;
    };
    struct Cursor {
        StationId station;
        Address mailbox;
        Lane lane;
        ChannelSeq last;
    };
    struct Directory {
        std::uint64_t size;
    };
    struct Mark {
        MessageId message;
    };
    struct Chunk {
        Digest digest;
    };
    struct Erased {
        MessageId message;
    };
    std::variant<Receipt, Cursor, Directory, Mark, Chunk, Erased> what;
};

// One exchange: what it needs is connected first, so that it can be had from any state. What it
// sends is made once, and is the same when it is done again.
struct Exchange {
    enum class What {
        act,
        again,
        upload,
        deliver,
        pass,
        erase,
        directory,
        revoke,
        probe,
        restart,
        clean_restart,
        checkpoint
    };
    What what{};
    std::size_t thread = 0;
    int side = -1;
    Milliseconds time{0};
    std::vector<Bytes> envelopes{};
    std::vector<Bytes> chunks{};         // uploaded before them, for the last of them
    std::optional<MessageId> message{};  // to be erased
    ClockReading at{};                   // when it was done first: from
    ClockReading until{};                // and to
    std::size_t changes = 0;             // of the disk, when it began
};

// What came of a damaged disk.
struct Damage {
    ErrorCode refused = ErrorCode::ok;  // at its opening
    std::string found;                  // by relais-fsck
    std::string contents;               // empty: SQLite itself complains
    std::string wrong;                  // said by the broker, against what it said before
    bool harmless = false;              // nothing of the contents is touched
};

class BrokerScene {
public:
    // Begins the domain on the disk, which is recorded from its empty start.
    BrokerScene(test::WatchedDisk& disk, std::uint64_t seed);

    // Draws the next exchange and does it.
    void work(std::size_t exchanges);
    // A commit of which the sync fails: the process ends at once, another goes on where the
    // machine's memory has what the disk never got.
    void lose_a_sync();
    [[nodiscard]] test::Recorded recorded() const;
    [[nodiscard]] std::vector<Exchange>& exchanges() { return exchanges_; }
    [[nodiscard]] const std::vector<Told>& told() const { return told_; }

    // Does an exchange. Errors: those that end the process.
    Result<void> run(Exchange& exchange);
    // Does one of the record again, on the disk as it was then, with the n-th call failing; the
    // process ends, the power too where `cut` is set; then judges. `fired`: there was an n-th call.
    struct Failing {
        std::uint64_t call = 1;
        int error = 0;
        std::optional<std::uint64_t> cut{};
        bool whole = false;  // the opening of the store as well, else the exchange alone
    };
    struct Failed {
        bool fired = false;
        std::string wrong;
    };
    Failed fail_in(const test::Recorded& recorded, const Exchange& exchange,
                   const Failing& failing);

    // The next process: the store alone, its contents; and the engine over it.
    Result<std::string> reopen();
    void close();
    // Whether all that had been told before that many changes is there, once, and nothing that
    // nobody sent; then the exchange under way once more, twice; then a new thread. Checked by
    // relais-fsck before and after. Empty where all is well.
    std::string judge(std::size_t changes);

    // A good end; what the disk holds then.
    test::Files end_well();
    // Of a disk that nothing ails, to compare with one that something does.
    std::string contents_of_sound(const test::Files& files);
    // A broker on those files: does it start, does the checker find it, does it contradict itself.
    Damage look_at_damage(const test::Files& files, const std::string& contents);

    EngineBench bench;

private:
    Exchange draw();
    const Exchange* under_way(std::size_t changes) const;
    [[nodiscard]] const test::TestStation& station(int side) const;
    void make_act(Exchange& exchange);
    void make_opening(Exchange& exchange);
    std::vector<Bytes> make_chunks(std::size_t count);
    [[nodiscard]] std::optional<MessageId> to_be_erased();
    Result<SessionId> connect(int side, const test::TestStation& station);
    Result<wire::Body> ask(Input input);
    Result<void> send(Exchange& exchange);
    Result<bool> upload(SessionId session, const std::vector<Bytes>& chunks);
    Result<void> upload(const Exchange& exchange);
    Result<void> fetch(SessionId session, const std::vector<wire::Delivery>& deliveries);
    Result<void> erase(const Exchange& exchange);
    Result<void> deliver(Exchange& exchange);
    Result<void> mark(SessionId session, const std::vector<wire::Delivery>& deliveries);
    Result<void> pass(Milliseconds time);
    Result<void> publish();
    Result<void> restart(bool clean);
    void tell(decltype(Told::what) what);
    Result<void> begin_again(const Exchange& exchange, const Failing& failing);

    std::string judge_now(std::size_t changes);
    std::string fsck();
    std::string unread_chunk();
    std::string unwanted_file();
    std::string come_back(std::size_t changes);
    std::string unkept(std::size_t changes);
    std::string unkept(const Told& told, const std::vector<Bytes>& leaves);
    std::string repeated(const Exchange& exchange, std::size_t changes);
    std::string erased_again(const Exchange& exchange);
    std::string same_receipt(const wire::Receipt& receipt, std::size_t changes) const;
    std::string goes_on();
    std::string contradicts();

    test::WatchedDisk& disk_;
    test::SeededRandom random_;
    std::deque<AdmissionCase> threads_;
    std::vector<Exchange> exchanges_;
    std::vector<Told> told_;
    std::vector<Told> told_again_;  // by an exchange that is done again
    std::vector<std::size_t> acknowledged_;
    std::set<MessageId> sent_;
    std::set<MessageId> marked_;
    std::set<MessageId> erased_;
    // Of acts that carry attachments.
    std::map<MessageId, std::vector<Digest>> attached_;
    ClockReading begun_{};
    bool revoked_ = false;
    enum class Phase { record, again, judge } phase_ = Phase::record;
    std::pair<std::size_t, test::Files> image_of_{0, {}};  // of the exchange done again last
    // Of the nurse's spare station, made to be revoked.
    std::optional<test::TestStation> spare_;
};

}  // namespace relais::broker
