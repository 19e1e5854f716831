#include "broker/engine/merkle_log.h"

#include "core/merkle/tree.h"

namespace relais::broker {

MerkleLog::MerkleLog(Store& store, wire::LogName log, merkle::VerifierKey key, Signer& signer)
    : store_(store), log_(log), key_(std::move(key)), signer_(signer) {}

void MerkleLog::rename(const std::string& origin) {
    key_ = merkle::VerifierKey::make(origin, key_.type(), key_.key()).value();
}

Result<void> MerkleLog::load() {
    RELAIS_ASSIGN(const std::uint64_t size, store_.log_size(log_));
    const std::uint64_t full = size - size % merkle::kTileWidth;
    RELAIS_ASSIGN(const auto leaves, store_.read_leaves(log_, full, merkle::kTileWidth));
    std::vector<Digest> last;
    for (const Bytes& leaf : leaves) last.push_back(merkle::leaf_hash(leaf));
    RELAIS_ASSIGN(tiles_, merkle::TileBuilder::rebuild(size, store_.tiles(log_), last));
    RELAIS_ASSIGN(checkpoint_, store_.last_checkpoint(log_));
    checkpoint_size_ = 0;
    RELAIS_TRY(load_witnessed());
    if (checkpoint_.empty()) return {};
    const merkle::LogTrust trust{key_.name(), key_};
    RELAIS_ASSIGN(const auto verified, merkle::verify_checkpoint(checkpoint_, trust));
    checkpoint_size_ = verified.head().size;
    if (checkpoint_size_ > size) {
        return fail(ErrorCode::corrupt, key_.name() + ": shorter than its last checkpoint");
    }
    RELAIS_ASSIGN(const Digest root, root_at(checkpoint_size_));
    if (root != verified.head().root) {
        return fail(ErrorCode::corrupt, key_.name() + ": differs from its last checkpoint");
    }
    return {};
}

Result<LeafRef> MerkleLog::append(ByteView leaf) {
    const LeafRef ref{{tiles_.size()}, merkle::leaf_hash(leaf)};
    RELAIS_TRY(store_.append_leaf(log_, ref.index.value, leaf));
    for (const merkle::FullTile& tile : tiles_.append(ref.hash)) {
        RELAIS_TRY(store_.put_tile(log_, tile));
    }
    return ref;
}

Result<void> MerkleLog::sign_checkpoint() {
    if (size() == checkpoint_size_) return {};
    RELAIS_ASSIGN(const Digest root, root_at(size()));
    RELAIS_ASSIGN(std::string note,
                  merkle::sign_checkpoint({key_.name(), size(), root}, key_, signer_));
    RELAIS_TRY(store_.put_checkpoint(log_, size(), note));
    checkpoint_ = std::move(note);
    checkpoint_size_ = size();
    return {};
}

// The size is kept apart: a note is stored under its size, and gets lines after it was signed.
Result<void> MerkleLog::load_witnessed() {
    witnessed_.clear();
    witnessed_size_ = 0;
    RELAIS_ASSIGN(const auto size, store_.value(witnessed_name()));
    if (!size) return {};
    if (size->size() != sizeof(std::uint64_t)) return fail(ErrorCode::corrupt, witnessed_name());
    RELAIS_ASSIGN(auto notes, store_.checkpoints(log_, read_u64(*size), 1));
    if (notes.empty()) return fail(ErrorCode::corrupt, witnessed_name());
    witnessed_size_ = read_u64(*size);
    witnessed_ = std::move(notes.front());
    return {};
}

Result<void> MerkleLog::put_note(std::uint64_t size, const std::string& note) {
    RELAIS_TRY(store_.put_checkpoint(log_, size, note));
    if (size == checkpoint_size_) checkpoint_ = note;
    if (size == witnessed_size_) witnessed_ = note;
    return {};
}

Result<void> MerkleLog::set_witnessed(std::uint64_t size, const std::string& note) {
    Bytes bytes;
    append_u64(bytes, size);
    RELAIS_TRY(store_.set_value(witnessed_name(), bytes));
    witnessed_size_ = size;
    witnessed_ = note;
    return {};
}

Result<std::vector<Digest>> MerkleLog::inclusion(LeafIndex leaf, std::string& note) {
    if (leaf.value >= checkpoint_size_) return fail(ErrorCode::not_yet_proven);
    const bool covered = leaf.value < witnessed_size_;
    note = covered ? witnessed_ : checkpoint_;
    merkle::GrowingTiles tiles(tiles_, store_.tiles(log_));
    return merkle::inclusion_proof(tiles, leaf.value, covered ? witnessed_size_ : checkpoint_size_);
}

Result<std::vector<Digest>> MerkleLog::from_witnessed() {
    if (witnessed_size_ == 0) return std::vector<Digest>();
    return consistency(witnessed_size_);
}

Result<std::vector<Digest>> MerkleLog::consistency(std::uint64_t from_size, std::uint64_t to_size) {
    if (from_size == 0) return std::vector<Digest>();  // nothing is proved from nothing
    merkle::GrowingTiles tiles(tiles_, store_.tiles(log_));
    return merkle::consistency_proof(tiles, from_size, to_size);
}

Result<Digest> MerkleLog::root_at(std::uint64_t size) {
    merkle::GrowingTiles tiles(tiles_, store_.tiles(log_));
    return merkle::root_at(tiles, size);
}

}  // namespace relais::broker
