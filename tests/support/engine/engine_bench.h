// engine_bench.h: the broker's engine on a bench: a real store, virtual time, a territory whose
// kind `admission` is published, and stations that speak to it in frames. No socket, no thread.
//
// What a station sends goes through the wire format and the signature checks, as in the server;
// what the engine answers is kept by session until a test takes it. Confined to one thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "broker/engine/engine.h"
#include "broker/store/chunk_file.h"
#include "broker/store/sqlite_store.h"
#include "core/crypto/ed25519.h"
#include "tests/support/engine/faulty_store.h"
#include "tests/support/engine/held_keys.h"
#include "tests/support/envelopes.h"
#include "tests/support/small_territory.h"

namespace relais::broker {

// The kind of schemas/kinds/admission, compiled once.
[[nodiscard]] const Bytes& admission_bundle();
[[nodiscard]] const workflow::Kind& admission_kind();

// Signs by arithmetic, always alike: where two runs are compared byte for byte. Nobody verifies it.
class StillSigner final : public Signer {
public:
    [[nodiscard]] Signature sign(ByteView message) override;
};

// Inputs of one step, in their order (an Input only moves).
template <typename... Inputs>
std::vector<Input> together(Inputs&&... inputs) {
    std::vector<Input> batch;
    (batch.push_back(std::forward<Inputs>(inputs)), ...);
    return batch;
}

struct BenchOptions {
    std::uint64_t seed = 1;
    std::string database = ":memory:";
    std::string ballast{};  // its path; empty: none
    SubmissionLimits limits{};
    ChunkLimits chunks{};
    std::string chunk_folder{};  // chunks are files in it; empty: kept in memory
    bool still_notices = false;  // see StillSigner
    bool settled = true;         // the directory and the kind are in the engine
    std::function<Result<std::vector<Bytes>>()> erasures_beside{};
    std::shared_ptr<test::SmallTerritory> territory{};  // of another bench; absent: a new one
};

// The most urgent lane that an act may take.
[[nodiscard]] Lane first_lane(const workflow::Act& act);

class EngineBench {
public:
    explicit EngineBench(const BenchOptions& options = {});

    std::shared_ptr<test::SmallTerritory> shared_territory;
    test::SmallTerritory& territory;
    test::SeededRandom random;  // the test's; the engine has its own
    ClockReading now;
    HeldKeys own_keys;  // the broker's: the territory's first

    [[nodiscard]] Engine& engine() { return *engine_; }
    [[nodiscard]] FaultyStore& store() { return *faulty_; }
    [[nodiscard]] SqliteStore& sqlite() { return *sqlite_; }
    [[nodiscard]] const SharedDirectory& directory() const { return *directory_; }
    [[nodiscard]] const Ed25519Public& audit_key() const { return audit_log_.public_key(); }
    [[nodiscard]] const Ed25519Public& directory_key() const { return directory_log_.public_key(); }

    // Both clocks move on; nothing else happens.
    void pass(Milliseconds time);
    void step_wall_clock(Milliseconds by) { now.wall = now.wall + by; }
    void reboot(Milliseconds took);
    // A new engine over what is stored, as after a crash; sessions and what they were told are
    // gone.
    void restart(bool new_incarnation = false);
    Result<void> try_restart(bool new_incarnation = false);
    // The process ends without a word to its store; another begins over what is there then.
    void end_process();
    Result<void> open_store();
    Result<void> try_reopen();

    // One step; what it says is sorted by session. Errors: the step's, and nothing was said.
    Result<void> try_step(std::vector<Input> inputs = {});
    // Several, made durable together.
    Result<void> try_steps(std::vector<std::vector<Input>> steps);
    void step(std::vector<Input> inputs = {});
    // Steps until nothing waits to be sent.
    void settle();
    // Passes that time and does what was due, as an idle server would: steps when the engine asks.
    void idle(Milliseconds time);

    // The entries that the territory made since the last call go to the engine.
    void publish_directory();
    Result<void> try_publish_directory();
    [[nodiscard]] DirectoryHead directory_head() const;

    // Hello, in a step of its own.
    SessionId connect(const test::TestStation& station);
    void disconnect(SessionId session);
    [[nodiscard]] const test::TestStation& station_of(SessionId session) const;
    // A session that has not said Hello.
    SessionId dial(const test::TestStation& station);

    // The Input that a frame of that session becomes. Each has the next number.
    Input input(SessionId session, wire::Body body);
    Input operator_input(wire::Body body);
    Input stranger_input(wire::Body body);
    // One input, one step, its answer.
    wire::Body ask(SessionId session, wire::Body body) {
        return ask(input(session, std::move(body)));
    }
    wire::Body ask_as_operator(wire::Body body) { return ask(operator_input(std::move(body))); }
    wire::Body ask_as_stranger(wire::Body body) { return ask(stranger_input(std::move(body))); }
    wire::Body ask(Input one);
    // The answer to a request that a step took. Requires one.
    wire::Body answer(SessionId session, std::uint64_t number);
    std::optional<wire::Body> take_answer(SessionId session, std::uint64_t number);

    // From the first entry of each lane, or from `next` in the urgent one; what is there is
    // delivered by the same step.
    wire::Body attach(SessionId session, const std::string& mailbox, std::uint32_t credit = 256,
                      std::uint64_t next = 1);
    std::vector<wire::Delivery> take_deliveries(SessionId session);
    std::vector<wire::Body> take_pushes(SessionId session);
    [[nodiscard]] bool was_cut(SessionId session) const { return cut_.contains(session); }
    [[nodiscard]] std::optional<bool> invitations_open() const { return invitations_open_; }
    [[nodiscard]] std::uint64_t outputs_seen() const { return outputs_seen_; }
    // Over every frame ever said, to whom and in which order.
    [[nodiscard]] const Digest& transcript() const { return transcript_; }

    // A header of a station, its counters the next ones, its head the directory's.
    Header header(SessionId session, test::HeaderDraft draft);
    // The next counter of that header's station and lane towards another recipient.
    std::uint64_t next_counter(const Header& header, const Address& recipient) {
        return ++counters_[{header.station, recipient.text(), header.lane}];
    }
    Bytes envelope(const Header& header, const test::TestPerson& signer,
                   Release release = Release::at_once, std::span<const Address> readers = {});
    // Acknowledges deliveries of one lane that follow each other.
    wire::Body acknowledge(SessionId session, const std::vector<wire::Delivery>& deliveries);
    Input acknowledgement(SessionId session, const std::vector<wire::Delivery>& deliveries);

    // Chunks of attachments: what the engine wants written waits in `chunks_to_write` until a test
    // says that it was, or why not, or has it written to the folder; what it wants read or removed
    // is done at once.
    std::map<Digest, Bytes> chunk_files;
    std::vector<StoreChunk> chunks_to_write;
    void write_chunks(ErrorCode outcome = ErrorCode::ok);
    Result<void> try_write_chunks();
    // What a broker does first: tells the engine of every file in the folder.
    Result<void> try_sweep();
    // Uploads it, waits for the disk, and gives the answer.
    wire::Body upload(SessionId session, const Bytes& chunk);

    // What the engine wants rung, in order, until a test takes it; and what became of one.
    std::vector<Ring> rings;
    [[nodiscard]] static Input outcome(const Ring& ring, ErrorCode code = ErrorCode::ok);
    // Every call made since the last time, all with this outcome, in a step.
    std::vector<Ring> answer_rings(ErrorCode code = ErrorCode::ok);
    // The unit, with these steps, becomes the directory's.
    void declare_rings(const test::TestUnit& unit, std::vector<directory::RingStep> steps,
                       calendar::Hours hours = {});

    // Every leaf of the audit log, parsed.
    std::vector<Leaf> leaves();
    std::vector<Bytes> raw_leaves(wire::LogName log = wire::LogName::audit);
    std::size_t count_leaves(Event event, ErrorCode code = ErrorCode::ok);
    // What stands in a mailbox's lane.
    std::vector<LogRecord> log_of(const std::string& mailbox, Lane lane = Lane::urgent);
    [[nodiscard]] std::vector<Notice> notices_of(const std::string& mailbox, NoticeKind kind);

private:
    void collect(std::vector<Output> outputs);
    void carry_out(const SendChunk& wanted);
    void carry_out(const RemoveChunks& removed);
    ErrorCode write(StoreChunk& chunk);
    std::unique_ptr<Engine> make_engine(bool new_incarnation);

    BenchOptions options_;
    test::SeededRandom engine_random_;
    Ed25519Key directory_log_;
    Ed25519Key audit_log_;
    StillSigner still_;
    std::unique_ptr<SqliteStore> sqlite_;
    std::unique_ptr<FaultyStore> faulty_;
    std::optional<ChunkFolder> chunk_folder_;
    std::unique_ptr<SharedDirectory> directory_;
    std::unique_ptr<Engine> engine_;
    std::size_t published_ = 0;  // entries of the territory's log
    SessionId last_session_ = 0;
    std::uint64_t last_number_ = 0;
    std::map<SessionId, const test::TestStation*> stations_;
    std::map<std::pair<SessionId, std::uint64_t>, wire::Body> answers_;
    std::map<SessionId, std::vector<wire::Body>> pushes_;
    std::set<SessionId> cut_;
    std::optional<bool> invitations_open_;
    std::uint64_t outputs_seen_ = 0;
    Digest transcript_;
    std::map<std::tuple<StationId, std::string, Lane>, std::uint64_t> counters_;
};

// What a Refusal says, or ok for any other answer.
[[nodiscard]] ErrorCode code_of(const wire::Body& body);

}  // namespace relais::broker
