// note.h: C2SP signed notes (c2sp.org/signed-note): a text and the signatures under it, in the form
// that Go's checksum database, Sigstore and the witness network read. Checkpoints are such notes.
//
// Text from a note means nothing before verify_note has said so. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/ports.h"
#include "core/base/result.h"

namespace relais::merkle {

using NoteKeyId = FixedBytes<struct NoteKeyTag, 4>;

// The signature types of C2SP that Relais makes and reads, both Ed25519.
enum class NoteKeyType : std::uint8_t {
    ed25519 = 0x01,      // a log, over the note's text
    cosignature = 0x04,  // a witness, over the text and a time (cosignature.h)
};

// A public key and the name it signs under. Name and id together find the key of a signature line,
// of several that share both the one that signed it.
class VerifierKey {
public:
    // Errors: invalid_field  name empty, over limits::kNoteKeyNameBytesMax, not UTF-8, or with a
    //                        control character, a Unicode space or '+'.
    static Result<VerifierKey> make(std::string_view name, NoteKeyType type,
                                    const Ed25519Public& key);
    // "<name>+<key id in hex>+<base64 of type and key>".
    // Errors: malformed  another form, or an id that is not the key's; unsupported_version  another
    //         type; invalid_field  the name.
    static Result<VerifierKey> parse(std::string_view text);
    [[nodiscard]] std::string text() const;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] NoteKeyType type() const { return type_; }
    [[nodiscard]] const Ed25519Public& key() const { return key_; }
    // The first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ key).
    [[nodiscard]] const NoteKeyId& id() const { return id_; }
    bool operator==(const VerifierKey&) const = default;

private:
    VerifierKey(std::string_view name, NoteKeyType type, const Ed25519Public& key);
    std::string name_;
    NoteKeyType type_;
    Ed25519Public key_;
    NoteKeyId id_;
};

// One signature line, by whatever key.
struct NoteSignature {
    std::string key_name;
    NoteKeyId key_id;
    Bytes payload;  // what follows the key id: at least one byte

    // "— <name> <base64>" and a newline.
    [[nodiscard]] std::string line() const;
    bool operator==(const NoteSignature&) const = default;
};

// Errors: malformed  not exactly one signature line, its newline included.
[[nodiscard]] Result<NoteSignature> parse_signature_line(std::string_view line);

// A note that has the right form, no more. For those who carry notes without judging them.
struct UnverifiedNote {
    std::string text;  // with its last newline
    std::vector<NoteSignature> signatures;
};

// Errors: malformed  not the format; too_large  over limits::kNoteBytesMax or kNoteSignaturesMax.
[[nodiscard]] Result<UnverifiedNote> parse_note(std::string_view note);

// A key that signed, and when it says it did (cosignatures alone carry a time).
struct VerifiedSignature {
    VerifierKey key;
    std::optional<WallTime> time;
};

// A text that at least one known key signed.
class VerifiedNote {
public:
    [[nodiscard]] const std::string& text() const { return text_; }
    // One for each known key that signed: its first. At least one.
    [[nodiscard]] std::span<const VerifiedSignature> signatures() const { return signatures_; }

private:
    friend Result<VerifiedNote> verify_note(std::string_view, std::span<const VerifierKey>);
    VerifiedNote() = default;
    std::string text_;
    std::vector<VerifiedSignature> signatures_;
};

// Checks every signature by a known key and ignores those by others. A key of the same name or of
// the same id, but not both, is another key.
// Errors: those of parse_note; note_invalid  a known key's signature fails, or no known key signed.
[[nodiscard]] Result<VerifiedNote> verify_note(std::string_view note,
                                               std::span<const VerifierKey> known);

// The note over `text` with one signature by `signer`, which holds the private key of `as`.
// Errors: malformed  text not UTF-8, with a control character, or not ending in a newline;
//         too_large  the note would pass limits::kNoteBytesMax;
//         invalid_field  `as` is a witness's key, which signs checkpoints alone (cosign).
[[nodiscard]] Result<std::string> sign_note(std::string_view text, const VerifierKey& as,
                                            Signer& signer);

// The note with one more signature line. A line that is already there is not added again.
// Errors: those of parse_note, of the note given and of the note made.
[[nodiscard]] Result<std::string> add_signature(std::string_view note,
                                                const NoteSignature& signature);

}  // namespace relais::merkle
