#include "broker/server/chunk_files.h"

#include "core/base/limits.h"

namespace relais::broker {

namespace {

constexpr std::size_t kFoundAtOnce = 256;

}  // namespace

void ChunkFiles::Queue::put(Work work) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(work));
    filled.notify_one();
}

bool ChunkFiles::Queue::take(Work& work) {
    std::unique_lock lock(mutex);
    filled.wait(lock, [this] { return stopped || !waiting.empty(); });
    if (waiting.empty()) return false;
    work = std::move(waiting.front());
    waiting.pop_front();
    return true;
}

void ChunkFiles::Queue::stop() {
    const std::lock_guard lock(mutex);
    stopped = true;
    filled.notify_all();
}

bool ChunkFiles::Reads::put(const SendChunk& read) {
    const std::lock_guard lock(mutex);
    std::deque<SendChunk>& own = waiting[read.session];
    if (own.size() >= limits::kChunkReadsWaitingMax) return false;
    own.push_back(read);
    filled.notify_one();
    return true;
}

std::optional<SendChunk> ChunkFiles::Reads::take() {
    std::unique_lock lock(mutex);
    filled.wait(lock, [this] { return stopped || !waiting.empty(); });
    if (stopped) return std::nullopt;
    auto next = waiting.upper_bound(last);
    if (next == waiting.end()) next = waiting.begin();
    last = next->first;
    const SendChunk read = next->second.front();
    next->second.pop_front();
    if (next->second.empty()) waiting.erase(next);
    return read;
}

void ChunkFiles::Reads::forget(SessionId session) {
    const std::lock_guard lock(mutex);
    waiting.erase(session);
}

void ChunkFiles::Reads::stop() {
    const std::lock_guard lock(mutex);
    stopped = true;
    filled.notify_all();
}

ChunkFiles::ChunkFiles(std::filesystem::path folder, ChunkFolder chunks, Tell tell, Send send)
    : folder_(std::move(folder)),
      chunks_(std::move(chunks)),
      tell_(std::move(tell)),
      send_(std::move(send)) {
    writer_ = std::thread([this] { write(); });
    reader_ = std::thread([this] { read(); });
}

Result<std::unique_ptr<ChunkFiles>> ChunkFiles::start(const std::filesystem::path& folder,
                                                      Tell tell, Send send) {
    RELAIS_ASSIGN(ChunkFolder chunks, ChunkFolder::open(folder));
    return std::unique_ptr<ChunkFiles>(
        new ChunkFiles(folder, std::move(chunks), std::move(tell), std::move(send)));
}

ChunkFiles::~ChunkFiles() {
    writes_.stop();
    reads_.stop();
    writer_.join();
    reader_.join();
}

void ChunkFiles::put(Output output) {
    if (auto* store = std::get_if<StoreChunk>(&output)) writes_.put(std::move(*store));
    if (auto* remove = std::get_if<RemoveChunks>(&output)) writes_.put(std::move(*remove));
    const auto* send = std::get_if<SendChunk>(&output);
    if (send != nullptr && !reads_.put(*send)) refuse(*send, ErrorCode::busy);
}

void ChunkFiles::forget(SessionId session) { reads_.forget(session); }

void ChunkFiles::start_sweep() { writes_.put(Sweep{}); }

void ChunkFiles::write() {
    for (Work next = Sweep{}; writes_.take(next);) {
        std::visit([this](const auto& each) { carry_out(each); }, next);
    }
}

void ChunkFiles::read() {
    while (const auto next = reads_.take()) carry_out(*next);
}

void ChunkFiles::carry_out(const StoreChunk& store) {
    tell_({store.session, Principal::station, store.station, store.number,
           ChunkStored{store.digest, chunks_.write(store.digest, store.bytes).code()}});
}

void ChunkFiles::carry_out(const SendChunk& send) {
    auto bytes = read_chunk(folder_, send.digest);
    if (bytes.ok()) {
        send_({send.session, {send.number, wire::Chunk{send.digest, *std::move(bytes)}}});
        return;
    }
    // Lost or altered on this disk. The others are served; a check of the store names it.
    refuse(send, bytes.code());
}

void ChunkFiles::refuse(const SendChunk& send, ErrorCode code) {
    const ErrorInfo& info = error_info(code);
    send_(
        {send.session, {send.number, wire::Refusal{info.code, info.retry, "chunk", std::nullopt}}});
}

void ChunkFiles::carry_out(const RemoveChunks& remove) {
    for (const Digest& digest : remove.digests) chunks_.remove(digest);
}

void ChunkFiles::carry_out(const Sweep&) {
    std::vector<Digest> found;
    const auto tell = [&] {
        tell_({0, Principal::registrar, {}, 0, ChunksFound{std::exchange(found, {})}});
    };
    chunks_.sweep([&](const Digest& digest) {
        found.push_back(digest);
        if (found.size() == kFoundAtOnce) tell();
    });
    if (!found.empty()) tell();
}

}  // namespace relais::broker
