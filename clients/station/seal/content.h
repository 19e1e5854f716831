// content.h: what is sealed: the form's bytes behind a random salt, padded to a size class so that
// the size tells little, and encrypted once under a fresh key.
//
//   padded = salt (32) ‖ length of payload (4, big-endian) ‖ payload ‖ zeros up to the class
//
// Classes are the powers of two from 512 bytes to 512 KiB. The header holds SHA-256(padded): the
// salt keeps a guess of the payload from being checked against it.
#pragma once

#include "core/base/ids.h"
#include "core/base/ports.h"
#include "core/base/secret.h"

namespace relais::seal {

struct PaddedContent {
    Secret bytes;
    Digest digest;
};

// `attachments`: the list of attachments (chunks.h), behind the payload with a length of its own
// (4 bytes) where there is one; the header's `chunks` says whether there is.
// Errors: too_large  above the largest class.
Result<PaddedContent> pad_content(ByteView payload, Random& random, ByteView attachments = {});
// Errors: malformed  another form, a length that does not fit, or padding that is not zero.
Result<Secret> unpad_content(const Secret& padded);
struct ContentParts {
    Secret payload;
    Secret attachments;
};
// The same, of a content whose header has chunks.
Result<ContentParts> unpad_with_attachments(const Secret& padded);

// A fresh key of 32 bytes.
[[nodiscard]] Secret make_content_key(Random& random);
// AES-256-GCM; the nonce is zero, since a key encrypts one content; the header's digest is
// associated.
[[nodiscard]] Bytes encrypt_content(const Secret& key, const Digest& header, const Secret& padded);
// The padded content, as it was signed. Errors: content_undecryptable; digest_mismatch.
Result<Secret> decrypt_padded(const Secret& key, const Digest& header, ByteView ciphertext,
                              const Digest& content_digest);
// The payload. Errors: content_undecryptable; digest_mismatch  not the content that was signed;
// malformed.
Result<Secret> decrypt_content(const Secret& key, const Digest& header, ByteView ciphertext,
                               const Digest& content_digest);

}  // namespace relais::seal
