// envelopes.h: headers and envelopes as a station would make them, but for their cryptography:
// contents and key boxes are random bytes of the right sizes. The signatures are real.
#pragma once

#include <string>
#include <vector>

#include "schemas/envelope/envelope.h"
#include "schemas/envelope/notice.h"
#include "tests/support/random.h"

namespace relais::test {

// What a test says of a header; everything else is filled with valid values.
struct HeaderDraft {
    std::string from = "cabinet@indre";
    std::vector<std::string> to = {"geriatrie.ch-valmont@indre"};  // or groups
    std::string act = "call";
    Digest kind{};
    PersonId by{};
    StationId station{};
    std::optional<PersonId> on_behalf_of{};
    std::optional<ThreadId> thread{};  // absent: a new one
    std::optional<Digest> answers{};
    Lane lane = Lane::urgent;
    std::vector<PublicField> publics{};
    DirectoryHead head{{1}, {}};
    std::uint64_t counter = 1;  // towards each recipient
    std::optional<ChunkSummary> chunks{};
};

// The time that every test header claims.
inline constexpr WallTime kTestTime{1'790'000'000'000};

[[nodiscard]] Header make_header(const HeaderDraft& draft, Random& random);
// The chunks that full_header() refers to; an envelope of it lists them.
[[nodiscard]] std::vector<Digest> full_chunks();
// A header with every optional field present.
[[nodiscard]] Header full_header(Random& random);

// Signed alone.
[[nodiscard]] SignedHeader sign_header(const Header& header, Signer& signer);

// One box for the sender, at once, then one for each mailbox among the recipients and for each of
// `readers`, the members of its groups, under `release`. Epoch 1.
[[nodiscard]] std::vector<KeyBox> make_boxes(const Header& header, Random& random,
                                             Release release = Release::at_once,
                                             std::span<const Address> readers = {});

// The bytes of an envelope of that header.
[[nodiscard]] Bytes make_envelope(const Header& header, Signer& signer, Random& random,
                                  Release release = Release::at_once,
                                  std::span<const Digest> chunks = {},
                                  std::span<const Address> readers = {});

// A notice with every field present, as large as a broker may make it with `items` messages.
[[nodiscard]] Notice full_notice(Random& random, Signer& signer, std::size_t items);

}  // namespace relais::test
