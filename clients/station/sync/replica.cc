#include "clients/station/sync/replica.h"

#include "core/merkle/checkpoint.h"
#include "core/merkle/prover.h"
#include "core/merkle/tree.h"
#include "schemas/directory/verified_before.h"

namespace relais::station {

namespace {

constexpr const char* kCheckpoint = "directory_checkpoint";

bool is_about(const directory::Entry& entry, const std::string& organisation) {
    if (entry.chain == organisation) return false;
    const auto names = [&](const Name& name) { return name.text() == organisation; };
    if (const auto* body = std::get_if<directory::Suspension>(&entry.body)) {
        return names(body->organisation);
    }
    if (const auto* body = std::get_if<directory::Attestation>(&entry.body)) {
        return names(body->organisation);
    }
    if (const auto* body = std::get_if<directory::Confirmation>(&entry.body)) {
        return names(body->organisation);
    }
    if (const auto* body = std::get_if<directory::Admission>(&entry.body)) {
        return names(body->organisation);
    }
    return false;
}

// Tiles made from the leaf hashes when they are asked for.
class HashTiles final : public merkle::TileReader {
public:
    explicit HashTiles(std::span<const Digest> leaves) : leaves_(leaves) {}
    Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index,
                                     std::size_t width) override {
        const std::uint64_t span = std::uint64_t{1} << (merkle::kTileHeight * level);
        std::vector<Digest> hashes;
        for (std::size_t i = 0; i < width; ++i) {
            const std::uint64_t first = (index * merkle::kTileWidth + i) * span;
            if (first + span > leaves_.size()) return fail(ErrorCode::not_found, "tile");
            hashes.push_back(merkle::tree_root(leaves_.subspan(first, span)));
        }
        return hashes;
    }

private:
    std::span<const Digest> leaves_;
};

}  // namespace

Replica::Replica(const Name& domain, const Digest& authority) : state_(domain, authority) {}

Result<void> Replica::load(StationStore& store) {
    RELAIS_ASSIGN(const auto entries, store.directory_entries(size().value));
    const directory::VerifiedBefore verifier;
    for (const Bytes& bytes : entries) {
        RELAIS_ASSIGN(auto entry, directory::parse_signed_entry(bytes));
        RELAIS_TRY(state_.apply(entry, verifier));
        leaf_hashes_.push_back(merkle::leaf_hash(bytes));
        entries_.push_back(std::move(entry.entry));
    }
    RELAIS_ASSIGN(const auto checkpoint, store.value(kCheckpoint));
    checkpoint_ = checkpoint ? std::string(as_text(*checkpoint)) : std::string();
    return {};
}

Result<void> Replica::append(StationStore& store, DirectorySize from,
                             const std::vector<Bytes>& entries, const std::string& checkpoint,
                             const Verifier& verifier) {
    if (from != size()) return fail(ErrorCode::chain_broken, "directory entries out of order");
    Replica next = *this;
    for (const Bytes& bytes : entries) {
        RELAIS_ASSIGN(auto entry, directory::parse_signed_entry(bytes));
        RELAIS_TRY(next.state_.apply(entry, verifier));
        next.leaf_hashes_.push_back(merkle::leaf_hash(bytes));
        next.entries_.push_back(std::move(entry.entry));
    }
    if (!checkpoint.empty()) {
        RELAIS_TRY(next.check_checkpoint(checkpoint));
        next.checkpoint_ = checkpoint;
    }
    // All of it is good: what is refused must not reach the store, which is believed at the next
    // start.
    for (std::size_t i = 0; i < entries.size(); ++i) {
        RELAIS_TRY(store.add_directory_entry(from.value + i, entries[i]));
    }
    if (!checkpoint.empty()) RELAIS_TRY(store.set_value(kCheckpoint, as_bytes(checkpoint)));
    *this = std::move(next);
    return {};
}

Result<void> Replica::check_checkpoint(const std::string& note) {
    const directory::Domain* domain = state_.domain();
    if (domain == nullptr) return fail(ErrorCode::ahead_of_directory);
    const std::string origin = state_.domain_name().text() + "/directory";
    RELAIS_ASSIGN(const auto key, merkle::VerifierKey::make(origin, merkle::NoteKeyType::ed25519,
                                                            domain->directory_log));
    RELAIS_ASSIGN(const auto verified, merkle::verify_checkpoint(note, {origin, key}));
    const merkle::Checkpoint& head = verified.head();
    if (head.size > size().value) return fail(ErrorCode::ahead_of_directory);
    if (root_at({head.size}) != head.root) {
        return fail(ErrorCode::inconsistent_log, origin + " at " + std::to_string(head.size));
    }
    return {};
}

Result<std::vector<Digest>> Replica::consistency_from(DirectorySize size) const {
    RELAIS_ASSIGN(const auto note, merkle::parse_note(checkpoint_));
    RELAIS_ASSIGN(const auto head, merkle::parse_checkpoint(note.text));
    if (head.size > leaf_hashes_.size()) return fail(ErrorCode::wrong_position, "directory head");
    HashTiles tiles(leaf_hashes_);
    return merkle::consistency_proof(tiles, size.value, head.size);
}

DirectoryHead Replica::head() { return {size(), root_at(size())}; }

Digest Replica::root_at(DirectorySize size) {
    RELAIS_CHECK(size <= this->size());
    const auto known = roots_.find(size.value);
    if (known != roots_.end()) return known->second;
    const Digest root = merkle::tree_root(std::span(leaf_hashes_).first(size.value));
    roots_.emplace(size.value, root);
    return root;
}

std::vector<directory::Entry> Replica::entries_about(const std::string& organisation) const {
    std::vector<directory::Entry> about;
    for (const directory::Entry& entry : entries_) {
        if (is_about(entry, organisation)) about.push_back(entry);
    }
    return about;
}

}  // namespace relais::station
