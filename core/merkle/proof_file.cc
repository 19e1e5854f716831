#include "core/merkle/proof_file.h"

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/merkle/lines.h"
#include "core/merkle/tree.h"

namespace relais::merkle {

namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

Result<Bytes> parse_extra(std::string_view line) {
    RELAIS_ASSIGN(auto extra, parse_base64(line.substr(kExtra.size())));
    if (extra.empty()) return fail(ErrorCode::malformed, "extra line without data");
    return extra;
}

Result<std::vector<Digest>> parse_path(LineReader& lines) {
    std::vector<Digest> path;
    while (true) {
        RELAIS_ASSIGN(const std::string_view line, lines.next());
        if (line.empty()) return path;
        if (path.size() == limits::kProofHashesMax) {
            return fail(ErrorCode::too_large, "more hashes than a log can need");
        }
        RELAIS_ASSIGN(const Digest hash, parse_hash(line));
        path.push_back(hash);
    }
}

std::string text_of(const ProofFile& proof) {
    std::string text = std::string(kHeader) + "\n";
    if (!proof.extra.empty()) text.append(kExtra).append(base64(proof.extra)).append("\n");
    text.append(kIndex).append(std::to_string(proof.index)).append("\n");
    for (const Digest& hash : proof.path) text.append(hash_text(hash)).append("\n");
    return text + "\n" + proof.checkpoint;
}

}  // namespace

Result<std::string> format_proof(const ProofFile& proof) {
    std::string text = text_of(proof);
    RELAIS_TRY(parse_proof(text));
    return text;
}

Result<ProofFile> parse_proof(std::string_view text) {
    if (text.size() > limits::kProofFileBytesMax) return fail(ErrorCode::too_large, "proof file");
    ProofFile proof;
    LineReader lines(text);
    RELAIS_ASSIGN(const std::string_view header, lines.next());
    if (header != kHeader) return fail(ErrorCode::malformed, "not a tlog-proof file");
    RELAIS_ASSIGN(std::string_view line, lines.next());
    if (line.starts_with(kExtra)) {
        RELAIS_ASSIGN(proof.extra, parse_extra(line));
        RELAIS_ASSIGN(line, lines.next());
    }
    if (!line.starts_with(kIndex)) return fail(ErrorCode::malformed, "proof without an index");
    RELAIS_ASSIGN(proof.index, parse_decimal(line.substr(kIndex.size())));
    RELAIS_ASSIGN(proof.path, parse_path(lines));
    proof.checkpoint = lines.rest();
    RELAIS_ASSIGN(const UnverifiedNote note, parse_note(proof.checkpoint));
    RELAIS_TRY(parse_checkpoint(note.text));
    return proof;
}

Result<VerifiedCheckpoint> verify_proof(const ProofFile& proof, const Digest& leaf_hash,
                                        const LogTrust& trust) {
    RELAIS_ASSIGN(auto checkpoint, verify_checkpoint(proof.checkpoint, trust));
    const Checkpoint& head = checkpoint.head();
    RELAIS_TRY(verify_inclusion(leaf_hash, proof.index, head.size, proof.path, head.root));
    return checkpoint;
}

}  // namespace relais::merkle
