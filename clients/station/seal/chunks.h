// chunks.h: attachments: the list of files with the key of their chunks, which the sealed content
// holds, and the chunks themselves (docs/formats.md, section 18).
//
//   list  = key (32) ‖ AttachedFiles
//   chunk = AES-256-GCM under the key, nonce = index (12 bytes, big-endian),
//           associated data = "relais/v1/chunk" ‖ 00 ‖ message id ‖ index (4) ‖ count (4),
//           of the piece of the file, padded with zeros to a power of two from 4 KiB
//
// So a chunk opens only as that chunk of that message.
#pragma once

#include "core/base/ports.h"
#include "core/base/secret.h"
#include "schemas/envelope/attachments.h"

namespace relais::seal {

struct AttachmentList {
    Secret key;
    std::vector<AttachedFile> files;
};

[[nodiscard]] Secret make_attachment_key(Random& random);
[[nodiscard]] Secret encode_list(const AttachmentList& list);
// Errors: malformed, too_large, invalid_field.
Result<AttachmentList> parse_list(const Secret& bytes);

struct ChunkName {
    MessageId message;
    std::uint32_t index;
    std::uint32_t count;
};
// Requires 1 to 256 KiB, and a name never used with this key.
[[nodiscard]] Bytes seal_chunk(const Secret& key, const ChunkName& name, ByteView piece);
// The piece, of that many bytes. Errors: attachment_invalid  another chunk, key or message, altered
// bytes, or padding that is not zero.
Result<Secret> open_chunk(const Secret& key, const ChunkName& name, ByteView sealed,
                          std::size_t bytes);

}  // namespace relais::seal
