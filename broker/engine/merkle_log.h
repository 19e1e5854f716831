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

    // The last checkpoint that is witnessed as the domain asks (set_witnessed); empty: none.
    [[nodiscard]] const std::string& witnessed() const { return witnessed_; }
    [[nodiscard]] std::uint64_t witnessed_size() const { return witnessed_size_; }
    // The checkpoint of that size with more lines under it. Within a transaction.
    Result<void> put_note(std::uint64_t size, const std::string& note);
    // Within a transaction.
    Result<void> set_witnessed(std::uint64_t size, const std::string& note);

    // Against the last witnessed checkpoint, or the last one where that does not cover the leaf;
    // `note` is the one. Errors: not_yet_proven  none covers it.
    Result<std::vector<Digest>> inclusion(LeafIndex leaf, std::string& note);
    // From the last witnessed checkpoint to the last.
    Result<std::vector<Digest>> from_witnessed();
    // From an earlier size to the last checkpoint. Errors: wrong_position.
    Result<std::vector<Digest>> consistency(std::uint64_t from_size) {
        return consistency(from_size, checkpoint_size_);
    }
    // To an earlier one.
    Result<std::vector<Digest>> consistency(std::uint64_t from_size, std::uint64_t to_size);
    Result<Digest> root_at(std::uint64_t size);

private:
    Result<void> load_witnessed();
    [[nodiscard]] std::string witnessed_name() const { return "witnessed " + key_.name(); }

    Store& store_;
    wire::LogName log_;
    merkle::VerifierKey key_;
    Signer& signer_;
    merkle::TileBuilder tiles_;
    std::string checkpoint_;
    std::uint64_t checkpoint_size_ = 0;
    std::string witnessed_;
    std::uint64_t witnessed_size_ = 0;
};

}  // namespace relais::broker
