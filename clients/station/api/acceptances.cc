#include "clients/station/api/acceptances.h"

#include "clients/station/api/proofs.h"
#include "core/codecs/codecs.h"

namespace relais::station {

namespace {

constexpr const char* kCursor = "acceptances";
constexpr std::size_t kPage = 64;

Result<std::uint64_t> cursor(StationStore& store) {
    RELAIS_ASSIGN(const auto bytes, store.value(kCursor));
    if (!bytes) return std::uint64_t{0};
    if (bytes->size() != sizeof(std::uint64_t)) return fail(ErrorCode::corrupt, kCursor);
    return read_u64(*bytes);
}

Result<void> set_cursor(StationStore& store, std::uint64_t serial) {
    Bytes bytes;
    append_u64(bytes, serial);
    return store.set_value(kCursor, bytes);
}

// What only a broker that does not keep to its log answers.
bool at_fault(ErrorCode code) {
    return code == ErrorCode::proof_invalid || code == ErrorCode::note_invalid ||
           code == ErrorCode::unknown_object || code == ErrorCode::malformed;
}

std::string said_of(const Accepted& accepted) {
    return "accepted " + std::to_string(accepted.time.ms) + " ms, directory size " +
           std::to_string(accepted.directory_size.value) + ", leaf " +
           std::to_string(accepted.leaf.value) + " " + hex(accepted.leaf_hash.view());
}

// Counts it; what is wrong is kept. False where no head covers its leaf yet.
Result<bool> check_one(Station& station, const StoredEntry& entry, AcceptancesChecked& checked) {
    const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
    if (envelope == nullptr || !entry.message) return true;
    const auto proof = fetch_proof(station, {*entry.message, envelope->header, envelope->accepted});
    if (proof.code() == ErrorCode::not_yet_proven) return false;
    if (!proof.ok() && !at_fault(proof.code())) return proof.error();
    ++(proof.ok() ? checked.good : checked.bad);
    if (proof.ok()) return true;
    RELAIS_TRY(keep_contradiction(station.store(),
                                  {proof.code(), uuid(*entry.message), said_of(envelope->accepted),
                                   proof.error().describe(), station.now()}));
    return true;
}

}  // namespace

Result<AcceptancesChecked> check_acceptances(Station& station, std::size_t count) {
    AcceptancesChecked checked;
    RELAIS_ASSIGN(std::uint64_t at, cursor(station.store()));
    for (;;) {
        RELAIS_ASSIGN(const auto page, station.store().entries(at, kPage));
        if (page.empty()) return checked;
        for (const StoredEntry& entry : page) {
            checked.complete = checked.good + checked.bad < count;
            if (!checked.complete) return checked;
            RELAIS_ASSIGN(const bool covered, check_one(station, entry, checked));
            if (!covered) return checked;
            at = entry.serial;
            RELAIS_TRY(set_cursor(station.store(), at));
        }
    }
}

}  // namespace relais::station
