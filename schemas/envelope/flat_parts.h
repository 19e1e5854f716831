// flat_parts.h: parts of envelopes that several FlatBuffers tables share. Used by schemas/envelope
// and schemas/wire alone.
#pragma once

#include "schemas/envelope/envelope.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/envelope_generated.h"

namespace relais::flat {

Result<HeaderSignature> header_signature(const fb::HeaderSignature& raw);
flatbuffers::Offset<fb::HeaderSignature> header_signature(flatbuffers::FlatBufferBuilder& builder,
                                                          const HeaderSignature& signature);
Result<SignedHeader> signed_header(const fb::SignedHeader& raw);
flatbuffers::Offset<fb::SignedHeader> signed_header(flatbuffers::FlatBufferBuilder& builder,
                                                    const SignedHeader& header);
Result<KeyBox> key_box(const fb::KeyBox& raw);
flatbuffers::Offset<fb::KeyBox> key_box(flatbuffers::FlatBufferBuilder& builder, const KeyBox& box);
Result<std::vector<Digest>> digests(const flatbuffers::Vector<const fb::Digest*>* raw,
                                    std::size_t count_max);
flatbuffers::Offset<flatbuffers::Vector<const fb::Digest*>> digests(
    flatbuffers::FlatBufferBuilder& builder, std::span<const Digest> list);

}  // namespace relais::flat
