// A note that has the right form has no other: its text and its lines put together are the note
// again; so are a checkpoint's parts. A note that verifies does so by a key that signed.
#include "core/merkle/note.h"

#include "core/base/limits.h"
#include "core/merkle/cosignature.h"
#include "tests/fuzz/log_keys.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

void check_text(const std::string& text) {
    const auto head = merkle::parse_checkpoint(text);
    if (head.ok()) RELAIS_CHECK(head->text() == text);
}

void check_verified(std::string_view input, const merkle::UnverifiedNote& note) {
    const LogKeys keys;
    const std::vector<merkle::VerifierKey> known = {keys.log, keys.witness};
    const auto verified = merkle::verify_note(input, known);
    if (verified.ok()) {
        RELAIS_CHECK(verified->text() == note.text && !verified->signatures().empty());
    }
    const auto head = merkle::verify_checkpoint(input, keys.trust());
    if (head.ok()) {
        RELAIS_CHECK(verified.ok() && head->text() == note.text && head->note() == input);
        RELAIS_CHECK(head->head().origin == keys.log.name());
    }
}

}  // namespace

bool accepts(ByteView input) {
    const auto note = merkle::parse_note(as_text(input));
    if (!note.ok()) return false;
    std::string again = note->text + "\n";
    const LogKeys keys;
    for (const merkle::NoteSignature& signature : note->signatures) {
        again += signature.line();
        const auto line = merkle::parse_signature_line(signature.line());
        RELAIS_CHECK(line.ok() && *line == signature);
        const auto time = merkle::verify_cosignature(note->text, signature, keys.witness);
        if (time.ok()) RELAIS_CHECK(signature.key_id == keys.witness.id());
    }
    RELAIS_CHECK(again == as_text(input));
    RELAIS_CHECK(!note->signatures.empty() &&
                 note->signatures.size() <= limits::kNoteSignaturesMax);
    check_text(note->text);
    check_verified(as_text(input), *note);
    return true;
}

}  // namespace relais::fuzz
