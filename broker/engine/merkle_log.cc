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

Result<std::vector<Digest>> MerkleLog::inclusion(LeafIndex leaf) {
    if (leaf.value >= checkpoint_size_) return fail(ErrorCode::not_yet_proven);
    merkle::GrowingTiles tiles(tiles_, store_.tiles(log_));
    return merkle::inclusion_proof(tiles, leaf.value, checkpoint_size_);
}

Result<std::vector<Digest>> MerkleLog::consistency(std::uint64_t from_size) {
    merkle::GrowingTiles tiles(tiles_, store_.tiles(log_));
    return merkle::consistency_proof(tiles, from_size, checkpoint_size_);
}

Result<Digest> MerkleLog::root_at(std::uint64_t size) {
    merkle::GrowingTiles tiles(tiles_, store_.tiles(log_));
    return merkle::root_at(tiles, size);
}

}  // namespace relais::broker
