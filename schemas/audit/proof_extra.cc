#include "schemas/audit/proof_extra.h"

#include "schemas/envelope/flat_parts.h"
#include "schemas/generated/audit_generated.h"

namespace relais {

namespace {

constexpr std::size_t kExtraBytesMax = 32 * 1024;

}  // namespace

Bytes encode_proof_extra(const ProofExtra& extra) {
    flatbuffers::FlatBufferBuilder builder(1024);
    const auto leaf = flat::bytes(builder, extra.leaf);
    const auto header = flat::signed_header(builder, extra.header);
    builder.Finish(fb::CreateProofExtra(builder, leaf, header));
    return to_bytes(flat::finished(builder));
}

Result<ProofExtra> parse_proof_extra(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::ProofExtra>(bytes, kExtraBytesMax));
    RELAIS_ASSIGN(SignedHeader header, flat::signed_header(*raw->header()));
    return ProofExtra{to_bytes(flat::view(raw->leaf())), std::move(header)};
}

}  // namespace relais
