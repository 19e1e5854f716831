// The form and the verification of signed notes; no damage passes.
#include "core/merkle/note.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "tests/unit/core/merkle/signers.h"

namespace relais::merkle {
namespace {

const std::string kText = "Première ligne\n\ntroisième ligne\n";

std::string signed_text(std::string_view text = kText) {
    auto log = log_signer();
    return sign_note(text, log.key, log.signer).value();
}

ErrorCode verdict(std::string_view note, std::vector<VerifierKey> known) {
    return verify_note(note, known).code();
}

// Signature lines by keys that nobody knows.
std::string strangers(std::size_t count) {
    std::string lines;
    for (std::size_t i = 0; i < count; ++i) {
        const NoteSignature line{"stranger" + std::to_string(i), NoteKeyId{}, Bytes(64, 1)};
        lines += line.line();
    }
    return lines;
}

TEST(Note, SignedTextVerifiesWithItsBlankLinesAndItsSigner) {
    const auto log = log_signer();
    const auto note = verify_note(signed_text(), std::span(&log.key, 1)).value();
    EXPECT_EQ(note.text(), kText);
    ASSERT_EQ(note.signatures().size(), 1U);
    EXPECT_EQ(note.signatures()[0].key, log.key);
    EXPECT_FALSE(note.signatures()[0].time.has_value());
}

TEST(Note, NoSmallDamageAnywhereIsAccepted) {
    const auto log = log_signer();
    const std::string note = signed_text("A\n\nB\n");
    ASSERT_EQ(verdict(note, {log.key}), ErrorCode::ok);
    for (const std::string& bad : every_small_damage(note)) {
        const ErrorCode code = verdict(bad, {log.key});
        ASSERT_TRUE(code == ErrorCode::malformed || code == ErrorCode::note_invalid) << bad;
    }
}

TEST(Note, SignaturesOfUnknownKeysAreIgnoredEvenWithAKnownNameOrId) {
    const auto log = log_signer();
    const auto parsed = parse_note(signed_text()).value();
    NoteSignature same_name = parsed.signatures[0];
    same_name.key_id.bytes[0] ^= 1;
    same_name.payload = Bytes(64, 0);
    NoteSignature same_id = parsed.signatures[0];
    same_id.key_name = "other.example";
    same_id.payload = Bytes(1, 0);
    const std::string both = kText + "\n" + same_name.line() + same_id.line();
    EXPECT_EQ(verdict(both, {log.key}), ErrorCode::note_invalid);
    EXPECT_EQ(verdict(both + parsed.signatures[0].line(), {log.key}), ErrorCode::ok);
}

TEST(Note, AKnownKeyThatFailsRejectsANoteThatOthersSigned) {
    const auto log = log_signer();
    TestSigner other("other.example", NoteKeyType::ed25519, 2);
    const auto wrong = sign_note("another text\n", other.key, other.signer).value();
    const NoteSignature line = parse_note(wrong).value().signatures[0];
    const std::string note = signed_text() + line.line();
    EXPECT_EQ(verdict(note, {log.key}), ErrorCode::ok);
    EXPECT_EQ(verdict(note, {log.key, other.key}), ErrorCode::note_invalid);
    EXPECT_EQ(verdict(note, {other.key, log.key}), ErrorCode::note_invalid);
}

TEST(Note, AKnownKeysSignatureOfAnotherLengthRejectsTheNote) {
    const auto log = log_signer();
    auto parsed = parse_note(signed_text()).value();
    for (const std::size_t size : {1U, 63U, 65U, 72U}) {
        NoteSignature line = parsed.signatures[0];
        line.payload.resize(size);
        EXPECT_EQ(verdict(kText + "\n" + line.line(), {log.key}), ErrorCode::note_invalid) << size;
    }
}

TEST(Note, AKeyThatSignedTwiceCountsOnceAndBothMustVerify) {
    const auto log = log_signer();
    const auto parsed = parse_note(signed_text()).value();
    const std::string line = parsed.signatures[0].line();
    const auto twice = verify_note(kText + "\n" + line + line, std::span(&log.key, 1)).value();
    EXPECT_EQ(twice.signatures().size(), 1U);
    NoteSignature bad = parsed.signatures[0];
    bad.payload[0] ^= 1;
    EXPECT_EQ(verdict(kText + "\n" + line + bad.line(), {log.key}), ErrorCode::note_invalid);
}

// The key whose 32 bytes are a number.
VerifierKey numbered_key(std::uint64_t number) {
    Bytes bytes(24, 0);
    append_u64(bytes, number);
    return VerifierKey::make("collision.example", NoteKeyType::ed25519, Ed25519Public::from(bytes))
        .value();
}

// Whoever makes many keys finds two of one name and id: that is no reason to read the note no more.
TEST(Note, ALineThatNeitherOfTwoKnownKeysOfItsNameAndIdSignedRejectsTheNote) {
    const VerifierKey first = numbered_key(86574);  // a pair found by search
    const VerifierKey second = numbered_key(89301);
    ASSERT_EQ(first.id(), second.id());
    ASSERT_NE(first, second);
    const auto log = log_signer();
    const NoteSignature line{first.name(), first.id(), Bytes(64, 1)};
    const std::string note = signed_text() + line.line();
    EXPECT_EQ(verdict(note, {log.key, first, second}), ErrorCode::note_invalid);
    EXPECT_EQ(verdict(signed_text(), {log.key, first, second}), ErrorCode::ok);
    EXPECT_EQ(verdict(note, {log.key, first, first}), ErrorCode::note_invalid);
    EXPECT_EQ(verdict(signed_text(), {log.key, log.key}), ErrorCode::ok);
}

TEST(Note, SixtyFourSignaturesAreReadAndOneMoreIsNot) {
    const auto log = log_signer();
    EXPECT_EQ(verdict(signed_text() + strangers(15), {log.key}), ErrorCode::ok);
    EXPECT_EQ(verdict(signed_text() + strangers(63), {log.key}), ErrorCode::ok);
    EXPECT_EQ(verdict(signed_text() + strangers(64), {log.key}), ErrorCode::too_large);
}

TEST(Note, TheLargestNoteIsReadAndOneByteMoreIsNot) {
    auto log = log_signer();
    const std::size_t overhead = signed_text("\n").size() - 1;
    const std::string largest(limits::kNoteBytesMax - overhead - 1, 'x');
    const auto note = sign_note(largest + "\n", log.key, log.signer);
    ASSERT_TRUE(note.ok());
    EXPECT_EQ(note->size(), limits::kNoteBytesMax);
    EXPECT_EQ(verdict(*note, {log.key}), ErrorCode::ok);
    EXPECT_EQ(verdict("x" + *note, {log.key}), ErrorCode::too_large);
    EXPECT_EQ(sign_note("x" + largest + "\n", log.key, log.signer).code(), ErrorCode::too_large);
}

TEST(Note, OnlyTextThatANoteMayHoldIsSigned) {
    auto log = log_signer();
    const std::string bad[] = {"",     "no newline", "tab\there\n",    std::string("nul\0\n", 5),
                               "\r\n", "\xC3\n",     "\xED\xA0\x80\n", "\x1F\n"};
    for (const std::string& text : bad) {
        EXPECT_EQ(sign_note(text, log.key, log.signer).code(), ErrorCode::malformed) << text;
    }
    auto witness = witness_signer(1);
    EXPECT_EQ(sign_note("text\n", witness.key, witness.signer).code(), ErrorCode::invalid_field);
}

TEST(Note, FormsThatTheSpecificationDoesNotAdmitAreMalformed) {
    const std::string line = parse_note(signed_text()).value().signatures[0].line();
    const std::string name = "indre.example/audit";
    const std::string dash = "\xE2\x80\x94 ";
    const std::string bad[] = {
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n" + line,                                       // no blank line
        "text\n\n" + line.substr(0, line.size() - 1),          // no last newline
        "text\n\n" + line + "\n",                              // blank line at the end
        "text\n\n" + line + "garbage\n",                       // not a signature line
        "text\n\n- " + name + " AAAAAAA=\n",                   // hyphen for dash
        "text\n\n" + dash + name + "\n",                       // no signature
        "text\n\n" + dash + name + " \n",                      // an empty one
        "text\n\n" + dash + name + " AAAAAA==\n",              // a key id alone
        "text\n\n" + dash + name + "  AAAAAAA=\n",             // two spaces
        "text\n\n" + dash + name + " AAAAAAA= \n",             // trailing space
        "text\n\n" + dash + name + " AAAAAAA\n",               // padding missing
        "text\n\n" + dash + name + " AAAAAAB=\n",              // unused bits set
        "text\n\n" + dash + " AAAAAAA=\n",                     // no name
        "text\n\n" + dash + "a+b AAAAAAA=\n",                  // plus in the name
        "text\n\n" + dash + "a\xC2\xA0" + "b AAAAAAA=\n",      // wide space in the name
        "text\n\n" + dash + "a\xE2\x80\xA8" + "b AAAAAAA=\n",  // line separator in the name
        "text\r\n\n" + line,                                   // control character
        "te\xFFxt\n\n" + line,                                 // not UTF-8
    };
    for (const std::string& note : bad) {
        EXPECT_EQ(parse_note(note).code(), ErrorCode::malformed) << note;
    }
    EXPECT_TRUE(parse_note("text\n\n" + dash + name + " AAAAAAA=\n").ok());
    EXPECT_TRUE(parse_note("\n\n" + line).ok());
}

RC_GTEST_PROP(Note, AnyTextThatSignsReadsBackAsItself, (const std::vector<std::string>& lines)) {
    auto log = log_signer();
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    const auto note = sign_note(text, log.key, log.signer);
    if (!note.ok()) return;
    const auto verified = verify_note(*note, std::span(&log.key, 1));
    RC_ASSERT(verified.ok());
    RC_ASSERT(verified->text() == text);
}

RC_GTEST_PROP(Note, ReadingArbitraryBytesNeverAccepts, (const std::string& bytes)) {
    const auto log = log_signer();
    RC_ASSERT(!verify_note(bytes, std::span(&log.key, 1)).ok());
    RC_ASSERT(!VerifierKey::parse(bytes).ok());
    RC_ASSERT(!parse_signature_line(bytes).ok());
}

TEST(AddSignature, PutsTheLineAtTheEndOnce) {
    const auto log = log_signer();
    TestSigner other("other.example", NoteKeyType::ed25519, 2);
    const auto line =
        parse_note(sign_note(kText, other.key, other.signer).value()).value().signatures[0];
    const std::string both = add_signature(signed_text(), line).value();
    EXPECT_EQ(both, signed_text() + line.line());
    EXPECT_EQ(add_signature(both, line).value(), both);
    const VerifierKey keys[] = {log.key, other.key};
    EXPECT_EQ(verify_note(both, keys).value().signatures().size(), 2U);
    EXPECT_EQ(add_signature(signed_text() + strangers(63), line).code(), ErrorCode::too_large);
    EXPECT_EQ(add_signature("not a note", line).code(), ErrorCode::malformed);
    NoteSignature broken = line;
    broken.key_name = "two\nlines";
    EXPECT_EQ(add_signature(signed_text(), broken).code(), ErrorCode::malformed);
}

TEST(VerifierKey, ReadsOnlyTheTextItWrites) {
    for (const TestSigner& signer : {log_signer(), witness_signer(1)}) {
        const std::string text = signer.key.text();
        EXPECT_EQ(VerifierKey::parse(text).value(), signer.key);
        for (const std::string& bad : every_small_damage(text)) {
            const auto read = VerifierKey::parse(bad);
            ASSERT_FALSE(read.ok()) << bad;
        }
    }
}

TEST(VerifierKey, AnotherTypeOrLengthIsRefusedByName) {
    const auto log = log_signer();
    const auto text_of = [&](const Bytes& bytes) {
        return "a+" + hex(log.key.id().view()) + "+" + base64(bytes);
    };
    EXPECT_EQ(VerifierKey::parse(text_of(Bytes(33, 2))).code(), ErrorCode::unsupported_version);
    EXPECT_EQ(VerifierKey::parse(text_of(Bytes(33, 1))).code(), ErrorCode::malformed);
    EXPECT_EQ(VerifierKey::parse(text_of(Bytes(32, 1))).code(), ErrorCode::malformed);
    EXPECT_EQ(VerifierKey::parse(text_of({})).code(), ErrorCode::malformed);
    std::string upper = log.key.text();
    const std::size_t id = upper.find('+') + 1;
    for (std::size_t i = id; i < id + 8; ++i) upper[i] = static_cast<char>(std::toupper(upper[i]));
    ASSERT_NE(upper, log.key.text());
    EXPECT_EQ(VerifierKey::parse(upper).code(), ErrorCode::malformed);
}

TEST(VerifierKey, NamesAreHeldToTheirRules) {
    const Ed25519Public key = log_signer().signer.public_key();
    const auto code = [&](const std::string& name) {
        return VerifierKey::make(name, NoteKeyType::ed25519, key).code();
    };
    EXPECT_EQ(code("indre.example/été"), ErrorCode::ok);
    EXPECT_EQ(code(std::string(255, 'n')), ErrorCode::ok);
    for (const std::string& bad : {std::string(), std::string(256, 'n'), std::string("a b"),
                                   std::string("a+b"), std::string("a\nb"), std::string("a\tb"),
                                   std::string("a\xE3\x80\x80"), std::string("\xFF")}) {
        EXPECT_EQ(code(bad), ErrorCode::invalid_field) << bad;
    }
}

TEST(VerifierKey, TheIdDependsOnNameTypeAndKey) {
    const Ed25519Public key = log_signer().signer.public_key();
    const Ed25519Public other = witness_signer(1).signer.public_key();
    const auto id = [](const char* name, NoteKeyType type, const Ed25519Public& of) {
        return VerifierKey::make(name, type, of).value().id();
    };
    const NoteKeyId reference = id("a", NoteKeyType::ed25519, key);
    EXPECT_NE(id("b", NoteKeyType::ed25519, key), reference);
    EXPECT_NE(id("a", NoteKeyType::cosignature, key), reference);
    EXPECT_NE(id("a", NoteKeyType::ed25519, other), reference);
}

}  // namespace
}  // namespace relais::merkle
