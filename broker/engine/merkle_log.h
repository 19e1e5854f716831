// merkle_log.h: one of the domain's two logs: its leaves and tiles in the store, its checkpoints
// signed. Confined to the engine.
#pragma once

#include "broker/engine/store.h"
#include "core/base/ports.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/prover.h"

namespace relais::broker {

struct LeafRef {
    LeafIndex index;
    Digest hash;
};

class MerkleLog {
public:
    // `key` names the log's origin and public key; `signer` holds the private one.
    MerkleLog(Store& store, wire::LogName log, merkle::VerifierKey key, Signer& signer);

    // The name under which heads are signed from now on. The key stays.
    void rename(const std::string& origin);
    [[nodiscard]] const std::string& origin() const { return key_.name(); }
    [[nodiscard]] const merkle::VerifierKey& key() const { return key_; }

    // Reads where the log stands. Errors: corrupt; the store's own.
    Result<void> load();
    // Within a transaction. Cost: one leaf hash, and one node hash on average.
    Result<LeafRef> append(ByteView leaf);

    [[nodiscard]] std::uint64_t size() const { return tiles_.size(); }
    [[nodiscard]] std::uint64_t checkpoint_size() const { return checkpoint_size_; }
    [[nodiscard]] const std::string& checkpoint() const { return checkpoint_; }
    // Signs the present head if it is news. Within a transaction.
    Result<void> sign_checkpoint();

    // Against the last checkpoint. Errors: not_yet_proven  it does not cover the leaf.
    Result<std::vector<Digest>> inclusion(LeafIndex leaf);
    // From an earlier size to the last checkpoint. Errors: wrong_position.
    Result<std::vector<Digest>> consistency(std::uint64_t from_size);
    Result<Digest> root_at(std::uint64_t size);

private:
    Store& store_;
    wire::LogName log_;
    merkle::VerifierKey key_;
    Signer& signer_;
    merkle::TileBuilder tiles_;
    std::string checkpoint_;
    std::uint64_t checkpoint_size_ = 0;
};

}  // namespace relais::broker
