// slip.h: a message as a sheet of paper: who, for whom, when, every answer with its label, the
// files that came with it, and the digest that its signature covers, as text and as a QR code.
// Pure, the local time zone apart.
#pragma once

#include "clients/station/api/threads.h"
#include "clients/station/print/paper.h"

namespace relais::print {

// What a slip says on every page that goes to somebody without a mailbox.
inline constexpr std::string_view kOutsideMark = "Hors réseau : non chiffré de bout en bout";

struct Printing {
    WallTime time;
    std::string by;  // who prints; empty where nobody said
    std::string
        outside;        // for whom, where that is nobody of the network; empty: a copy of one's own
    bool test = false;  // of a domain that carries no real patient
};

// Requires an item that was opened.
[[nodiscard]] Paper slip_of(const directory::DirectoryState& directory,
                            const station::TimelineItem& item, const Printing& printing);

// The digest of a content as RFC 6920 section 7 writes one for people: what the QR code says.
[[nodiscard]] std::string digest_name(const Digest& digest);
// The same digits in groups of eight, as they are printed.
[[nodiscard]] std::string digest_groups(const Digest& digest);

}  // namespace relais::print
