// signed_entry.cc: an entry with its signature, read and checked against the signer's key; what the
// entry says is read in parse.cc, what it may say is decided in rules_*.cc.
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "schemas/directory/entries.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/directory_generated.h"

namespace relais::directory {

Digest SignedEntry::digest() const { return sha256(bytes); }

Result<SignedEntry> parse_signed_entry(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::SignedEntry>(bytes, limits::kEntryBytesMax));
    const ByteView entry_bytes = flat::view(raw->entry());
    RELAIS_ASSIGN(Entry entry, parse_entry(entry_bytes));
    return SignedEntry{to_bytes(bytes), to_bytes(entry_bytes),
                       flat::id<Signature>(*raw->signature()), std::move(entry)};
}

SignedEntry sign_entry(const Entry& entry, Signer& signer) {
    Bytes entry_bytes = encode_entry(entry);
    const Signature signature = signer.sign(signed_message(contexts::kEntry, entry_bytes));
    flatbuffers::FlatBufferBuilder builder(entry_bytes.size() + 128);
    const auto body = flat::bytes(builder, entry_bytes);
    const auto raw = flat::to_struct<fb::Signature>(signature);
    builder.Finish(fb::CreateSignedEntry(builder, body, &raw));
    return {to_bytes(flat::finished(builder)), std::move(entry_bytes), signature, entry};
}

}  // namespace relais::directory
