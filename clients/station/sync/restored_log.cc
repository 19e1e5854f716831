#include "clients/station/sync/restored_log.h"

#include "core/merkle/tree.h"
#include "schemas/audit/leaf.h"
#include "schemas/witness/witness.h"

namespace relais::station {

Result<ToldLoss> told_loss(const directory::DirectoryState& state, const wire::Proof& proof) {
    RELAIS_ASSIGN(merkle::LogTrust trust,
                  witness::log_trust(state, wire::LogName::audit, proof.checkpoint));
    trust.witnesses.clear();
    RELAIS_ASSIGN(const auto head, merkle::verify_checkpoint(proof.checkpoint, trust));
    RELAIS_TRY(merkle::verify_inclusion(merkle::leaf_hash(proof.leaf), proof.index.value,
                                        head.head().size, proof.hashes, head.head().root));
    RELAIS_ASSIGN(const Leaf leaf, parse_leaf(proof.leaf));
    if (leaf.event != Event::restored || leaf.subject != trust.origin) {
        return fail(ErrorCode::inconsistent_log, "the leaf tells of no restore");
    }
    return ToldLoss{leaf.first.value, std::string(as_text(leaf.statement)), head.note()};
}

Result<void> check_told(const ToldLoss& told, const merkle::Checkpoint& known,
                        const merkle::LogTrust& former) {
    const auto cited = merkle::verify_checkpoint(told.cited, former);
    const bool covered = cited.ok() && known.size > told.first &&
                         (known.size < cited->head().size || known == cited->head());
    if (!covered) return fail(ErrorCode::inconsistent_log, former.origin);
    return {};
}

}  // namespace relais::station
