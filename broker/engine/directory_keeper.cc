#include "broker/engine/directory_keeper.h"

#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/tree.h"
#include "schemas/bundles/bundle_forms.h"
#include "schemas/directory/verified_before.h"
#include "schemas/packs/pack.h"

namespace relais::broker {

namespace {

// The mailbox or group that an entry brings into being, if it does.
std::optional<Address> mailbox_of(const directory::Entry& entry) {
    if (entry.chain.empty()) return std::nullopt;
    const Name organisation = Name::parse(entry.chain).value();
    if (std::holds_alternative<directory::Organisation>(entry.body)) {
        return Address::of("", organisation, entry.domain);
    }
    if (const auto* unit = std::get_if<directory::Unit>(&entry.body)) {
        return Address::of(unit->name.text(), organisation, entry.domain);
    }
    if (const auto* group = std::get_if<directory::Group>(&entry.body)) {
        return Address::of_group(group->name, organisation, entry.domain);
    }
    return std::nullopt;
}

}  // namespace

Result<void> DirectoryKeeper::load(const Name& domain, const Digest& authority) {
    directory::DirectoryState state(domain, authority);
    const directory::VerifiedBefore verifier;
    RELAIS_ASSIGN(const auto times, parts_.store.directory_times());
    const std::uint64_t size = parts_.directory_log.size();
    if (times.size() != size || parts_.directory_log.checkpoint_size() != size) {
        return fail(ErrorCode::corrupt, "directory log and its signed head differ in size");
    }
    for (std::uint64_t first = 0; first < size; first += limits::kEntriesPerFrameMax) {
        RELAIS_ASSIGN(const auto leaves, parts_.store.read_leaves(wire::LogName::directory, first,
                                                                  limits::kEntriesPerFrameMax));
        for (std::size_t i = 0; i < leaves.size(); ++i) {
            const auto entry = directory::parse_signed_entry(leaves[i]);
            const auto applied = entry.ok() ? state.apply(*entry, verifier, times[first + i])
                                            : Result<void>(entry.error());
            if (!applied.ok()) {
                return fail(ErrorCode::corrupt, "directory entry " + std::to_string(first + i) +
                                                    ": " + applied.error().describe());
            }
        }
    }
    parts_.directory.replace(std::move(state));
    return {};
}

Result<void> DirectoryKeeper::judge_chain(const Input& input,
                                          const directory::SignedEntry& entry) const {
    if (input.principal == Principal::registrar) return {};
    const auto* station = parts_.state().station(input.station);
    if (station == nullptr) return fail(ErrorCode::unknown_key);
    if (station->organisation != entry.entry.chain) {
        return fail(ErrorCode::forbidden, "chain of another organisation");
    }
    return {};
}

// A broker without the key that the domain names could not say a word that anybody takes.
Result<void> DirectoryKeeper::judge_broker_key(const directory::SignedEntry& entry) const {
    const auto* domain = std::get_if<directory::Domain>(&entry.entry.body);
    if (domain == nullptr) return {};
    if (parts_.broker_signer.holds(domain->broker_key)) return {};
    return fail(ErrorCode::unknown_key, "the broker key of the domain's entry is not here");
}

Result<void> DirectoryKeeper::judge_kind(const directory::SignedEntry& entry) {
    const auto* published = std::get_if<directory::KindPublished>(&entry.entry.body);
    if (published == nullptr || published->withdrawn) return {};
    RELAIS_ASSIGN(const auto kind, parts_.kinds.get(published->digest));
    if (kind->name != published->name.text() || kind->version != published->version) {
        return fail(ErrorCode::bad_entry,
                    "the bundle is " + kind->name + " version " + std::to_string(kind->version));
    }
    return {};
}

// Whoever reads the entry finds the whole pack: its manifest and all its parts are here before.
Result<void> DirectoryKeeper::judge_pack(const directory::SignedEntry& entry) {
    const auto* published = std::get_if<directory::PackPublished>(&entry.entry.body);
    if (published == nullptr || published->withdrawn) return {};
    RELAIS_ASSIGN(const auto bytes, parts_.store.bundle(published->digest));
    if (!bytes) return fail(ErrorCode::unknown_object, "the manifest is not here");
    RELAIS_ASSIGN(const packs::Manifest manifest, packs::parse_manifest(*bytes));
    if (manifest.name != published->name.text() || manifest.version != published->version) {
        return fail(ErrorCode::bad_entry, "the manifest is of " + manifest.name + " version " +
                                              std::to_string(manifest.version));
    }
    for (const packs::List& list : manifest.lists) {
        for (const packs::Part& part : list.parts) {
            RELAIS_ASSIGN(const bool present, parts_.store.has_bundle(part.digest));
            if (!present) return fail(ErrorCode::unknown_object, "a part of list " + list.name);
        }
    }
    return {};
}

Result<void> DirectoryKeeper::append(const Input& input, const std::vector<Bytes>& entries) {
    if (entries.empty()) return fail(ErrorCode::malformed, "no entries");
    std::vector<directory::SignedEntry> parsed;
    for (const Bytes& bytes : entries) {
        RELAIS_ASSIGN(auto entry, directory::parse_signed_entry(bytes));
        RELAIS_TRY(judge_chain(input, entry));
        parsed.push_back(std::move(entry));
    }
    // What costs as much as the directory is large is done for who may write to it alone.
    RELAIS_TRY(parts_.state().check_next(parsed.front(), parts_.verifier));
    directory::DirectoryState next = parts_.state();  // a copy: all entries or none
    for (const directory::SignedEntry& entry : parsed) {
        RELAIS_TRY(next.apply(entry, parts_.verifier, parts_.time.time()));
        RELAIS_TRY(judge_broker_key(entry));
        // After the signature and the rules: bundles are read for entries that stand alone.
        RELAIS_TRY(judge_kind(entry));
        RELAIS_TRY(judge_pack(entry));
    }
    parts_.directory.replace(std::move(next));
    for (const directory::SignedEntry& entry : parsed) RELAIS_TRY(write(input, entry));
    return parts_.directory_log.sign_checkpoint();
}

// The tree over what is here and what is lacking must lead to the head.
Result<void> DirectoryKeeper::judge_restored(const std::vector<Bytes>& lacking,
                                             const wire::OfferAgain& offer) {
    const merkle::VerifierKey& key = parts_.directory_log.key();
    RELAIS_ASSIGN(const auto verified,
                  merkle::verify_checkpoint(offer.directory, {key.name(), key}));
    merkle::CompactRange tree;
    const std::uint64_t size = parts_.directory_log.size();
    while (tree.size() < size) {
        RELAIS_ASSIGN(const auto leaves,
                      parts_.store.read_leaves(wire::LogName::directory, tree.size(),
                                               limits::kEntriesPerFrameMax));
        if (leaves.empty()) return fail(ErrorCode::corrupt, "directory log");
        for (const Bytes& leaf : leaves) tree.append(merkle::leaf_hash(leaf));
    }
    for (const Bytes& entry : lacking) tree.append(merkle::leaf_hash(entry));
    const merkle::Checkpoint& head = verified.head();
    const auto covered =
        merkle::verify_consistency(tree.size(), tree.root(), head.size, head.root, offer.proof);
    return covered.ok() ? covered : fail(ErrorCode::inconsistent_log, "directory");
}

// The bundle of a kind may come later: the head says that the entry was accepted with it.
Result<void> DirectoryKeeper::restore(const Input& input, const wire::OfferAgain& offer) {
    const std::uint64_t size = parts_.state().size().value;
    if (offer.from.value > size) return fail(ErrorCode::wrong_position, "directory");
    const std::uint64_t known = size - offer.from.value;
    if (known >= offer.entries.size()) return {};
    const std::vector<Bytes> lacking(offer.entries.begin() + static_cast<std::ptrdiff_t>(known),
                                     offer.entries.end());
    RELAIS_TRY(judge_restored(lacking, offer));
    directory::DirectoryState next = parts_.state();
    std::vector<directory::SignedEntry> parsed;
    for (const Bytes& bytes : lacking) {
        RELAIS_ASSIGN(auto entry, directory::parse_signed_entry(bytes));
        RELAIS_TRY(next.apply(entry, parts_.verifier, parts_.time.time()));
        parsed.push_back(std::move(entry));
    }
    parts_.directory.replace(std::move(next));
    for (const directory::SignedEntry& entry : parsed) RELAIS_TRY(write(input, entry));
    return parts_.directory_log.sign_checkpoint();
}

Result<void> DirectoryKeeper::write(const Input& input, const directory::SignedEntry& entry) {
    RELAIS_ASSIGN(const LeafRef ref, parts_.directory_log.append(entry.bytes));
    RELAIS_TRY(parts_.store.put_directory_time(ref.index.value, parts_.time.time()));
    if (const auto mailbox = mailbox_of(entry.entry)) RELAIS_TRY(parts_.mailboxes.open(*mailbox));
    Leaf leaf = leaf_of(Event::directory_appended);
    if (input.principal == Principal::station) leaf.station = input.station;
    leaf.header = entry.digest();
    leaf.subject = std::string(directory::body_name(entry.entry.body)) + " " + entry.entry.chain;
    leaf.first = {ref.index.value};
    leaf.directory_size = {ref.index.value + 1};
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return {};
}

// Whether an entry of the directory names it: a kind's bundle, a pack's manifest, or a part of one
// whose manifest is here.
Result<bool> DirectoryKeeper::is_published(const Digest& digest) {
    if (parts_.state().kind(digest) != nullptr) return true;
    for (const directory::PackRecord* record : parts_.state().packs_in_force()) {
        if (record->pack.digest == digest) return true;
        RELAIS_ASSIGN(const auto bytes, parts_.store.bundle(record->pack.digest));
        if (!bytes) continue;
        RELAIS_ASSIGN(const packs::Manifest manifest, packs::parse_manifest(*bytes));
        if (manifest.names(digest)) return true;
    }
    return false;
}

Result<void> DirectoryKeeper::publish_bundle(const Input& input, const Bytes& bundle,
                                             bool restoring) {
    bool published = false;
    if (restoring) {
        RELAIS_ASSIGN(published, is_published(sha256(bundle)));
    }
    if (!published && input.principal != Principal::registrar) {
        const auto* station = parts_.state().station(input.station);
        const auto* anchor = parts_.state().anchor();
        const bool of_anchor =
            station != nullptr && anchor != nullptr && station->organisation == anchor->name.text();
        if (!of_anchor)
            return fail(ErrorCode::forbidden, "kinds and packs are published by the anchor");
    }
    if (packs::is_pack_file(bundle)) {
        if (packs::is_manifest(bundle)) {
            RELAIS_TRY(packs::parse_manifest(bundle));
        } else {
            RELAIS_TRY(packs::check_part(bundle));
        }
        return parts_.store.put_bundle(sha256(bundle), bundle);
    }
    RELAIS_ASSIGN(const workflow::Kind kind, workflow::Kind::load(bundle));
    if (!restoring) RELAIS_TRY(bundles::load_forms(kind));  // what was published stays
    return parts_.store.put_bundle(kind.digest, bundle);
}

}  // namespace relais::broker
