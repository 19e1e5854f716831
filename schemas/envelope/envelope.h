// envelope.h: a signed header, one sealed content, and the content's key sealed to each mailbox.
#pragma once

#include <optional>
#include <span>

#include "schemas/envelope/header.h"
#include "schemas/envelope/signature.h"

namespace relais {

// When the broker may hand a box over (schemas/envelope.fbs).
enum class Release : std::uint8_t {
    at_once = 0,
    chosen = 1,
    overdue = 2,
    absence = 3,
    confirmed = 4,
    turn = 5,
};

// DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (RFC 9180): the one suite so far.
inline constexpr std::uint8_t kSuiteP256 = 1;
inline constexpr std::size_t kSuiteP256EncBytes = 65;
inline constexpr std::size_t kSuiteP256SealedKeyBytes = 48;
inline constexpr std::size_t kContentTagBytes = 16;

struct KeyBox {
    std::uint16_t position;  // 0: the sender's own mailbox; n: the n-th box
    EpochNumber epoch;
    std::uint8_t suite;
    Bytes enc;
    Bytes sealed_key;
    Release release;
    std::optional<Address> mailbox{};  // of a member of a group
};

// When the box at `position` may be handed over, where the act's boxes are released at `act`: the
// sender's own is at once, that of a fallback when the delay is over, that of a delegate while the
// party is away, and no earlier than the party's own.
[[nodiscard]] Release box_release(const Header& header, std::size_t position, Release act);

// A parsed envelope. Owns its bytes; header_bytes() and content() are views into them. Move-only: a
// copy's views would be of the original.
class Envelope {
public:
    Envelope(Envelope&&) noexcept = default;
    Envelope& operator=(Envelope&&) noexcept = default;
    Envelope(const Envelope&) = delete;
    Envelope& operator=(const Envelope&) = delete;

    // Errors: as parse_header; too_large; boxes_mismatch  not exactly one box for the sender (at
    //         once), for each mailbox among the recipients, in that order, and then, where there
    //         are groups, for members by rising address; unsupported_version  a box of another
    //         suite; invalid_field  a release outside its enumeration; malformed  a box not of the
    //         suite's sizes, or the content's size not the header's plus the tag;
    //         attachment_invalid  chunks other than the header's root says.
    static Result<Envelope> parse(Bytes bytes);

    [[nodiscard]] const Header& header() const { return header_; }
    [[nodiscard]] const Digest& digest() const { return digest_; }
    [[nodiscard]] const HeaderSignature& signature() const { return signature_; }
    [[nodiscard]] std::span<const KeyBox> boxes() const { return boxes_; }
    [[nodiscard]] std::span<const Digest> chunks() const { return chunks_; }
    [[nodiscard]] ByteView header_bytes() const { return header_bytes_; }
    [[nodiscard]] ByteView content() const { return content_; }
    [[nodiscard]] ByteView bytes() const { return bytes_; }
    [[nodiscard]] SignedHeader signed_header() const {
        return {to_bytes(header_bytes_), signature_};
    }
    // The mailbox of the box at `position`: the sender's for 0. Requires a position of boxes().
    [[nodiscard]] const Address& mailbox_at(std::size_t position) const;

private:
    Envelope(Bytes bytes, Header header) : bytes_(std::move(bytes)), header_(std::move(header)) {}
    Bytes bytes_;
    Header header_;
    Digest digest_;
    HeaderSignature signature_;
    std::vector<KeyBox> boxes_;
    std::vector<Digest> chunks_;
    ByteView header_bytes_;
    ByteView content_;
};

// Bytes of a new envelope; `content` is the ciphertext with its tag.
Bytes encode_envelope(const SignedHeader& header, ByteView content, std::span<const KeyBox> boxes,
                      std::span<const Digest> chunks = {});

}  // namespace relais
