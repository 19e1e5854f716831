// chunk_files.h: the sealed chunks of attachments as files, `<folder>/ab/<digest>`: written whole
// and synced, the folder too, before the engine is told; read and removed on threads of their own,
// so that no act waits for them.
//
// Thread rule: put, forget and start_sweep from the engine's thread. Two threads inside: one
// writes, removes and looks for files that nobody wants, in the order of put; one reads, for each
// session in its turn, so that none waits for all that another asked for.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "broker/engine/commands.h"
#include "broker/store/chunk_file.h"

namespace relais::broker {

class ChunkFiles {
public:
    // To the engine, in any order; and to stations.
    using Tell = std::function<void(Input)>;
    using Send = std::function<void(SendFrame)>;

    // Makes the folder. Errors: those of make_private_folder.
    static Result<std::unique_ptr<ChunkFiles>> start(const std::filesystem::path& folder, Tell tell,
                                                     Send send);
    // What waits is still written: nobody hears of it.
    ~ChunkFiles();

    // StoreChunk, SendChunk or RemoveChunks. A session for which many reads wait already is told
    // `busy`.
    void put(Output output);
    // The session is over: what waits to be read for it is not.
    void forget(SessionId session);
    // Tells of every file there is, a batch after the other.
    void start_sweep();

private:
    struct Sweep {};
    using Work = std::variant<StoreChunk, RemoveChunks, Sweep>;
    struct Queue {
        std::mutex mutex;
        std::condition_variable filled;
        std::deque<Work> waiting;
        bool stopped = false;

        void put(Work work);
        bool take(Work& work);  // false: stopped, and nothing left
        void stop();
    };
    struct Reads {
        std::mutex mutex;
        std::condition_variable filled;
        std::map<SessionId, std::deque<SendChunk>> waiting;  // none of them empty
        SessionId last = 0;                                  // whose turn it was
        bool stopped = false;

        bool put(const SendChunk& read);  // false: too many wait for that session
        std::optional<SendChunk> take();  // absent: stopped
        void forget(SessionId session);
        void stop();
    };

    ChunkFiles(std::filesystem::path folder, ChunkFolder chunks, Tell tell, Send send);
    void write();
    void read();
    void refuse(const SendChunk& send, ErrorCode code);
    void carry_out(const StoreChunk& store);
    void carry_out(const SendChunk& send);
    void carry_out(const RemoveChunks& remove);
    void carry_out(const Sweep& sweep);

    std::filesystem::path folder_;
    ChunkFolder chunks_;  // the writer's
    Tell tell_;
    Send send_;
    Queue writes_;
    Reads reads_;
    std::thread writer_;
    std::thread reader_;
};

}  // namespace relais::broker
