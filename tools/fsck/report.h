// report.h: what a check of a store finds, each problem under a stable name (docs/man/relais-fsck.8
// lists them). Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace relais::fsck {

namespace problem {
inline constexpr const char* kDatabase = "database_damaged";    // SQLite's own check
inline constexpr const char* kUnreadable = "row_unreadable";    // a row not of its form
inline constexpr const char* kIdentity = "identity_wrong";      // domain, authority, time
inline constexpr const char* kLog = "log_damaged";              // leaves, tiles, signed heads
inline constexpr const char* kDirectory = "directory_differs";  // tables against its replay
inline constexpr const char* kBundle = "bundle_wrong";          // a kind's bytes
inline constexpr const char* kGap = "sequence_gap";             // D3
inline constexpr const char* kEntry = "entry_wrong";            // what stands in a mailbox
inline constexpr const char* kEnvelope = "envelope_wrong";      // bytes, signature, its leaf
inline constexpr const char* kLost = "envelope_lost";           // accepted, and not there
inline constexpr const char* kPlaces = "places_differ";         // envelope against mailboxes
inline constexpr const char* kHeld = "held_box_wrong";          // a box that waits
inline constexpr const char* kCursor = "cursor_differs";        // against delivered leaves
inline constexpr const char* kCounter = "counter_behind";       // a replay would pass
inline constexpr const char* kDelivered = "delivered_differs";  // not what the station signed
inline constexpr const char* kRemembered = "answer_wrong";      // D2
inline constexpr const char* kThread = "thread_differs";        // against the replay of its acts
inline constexpr const char* kTimer = "timer_wrong";            // missing, or of nothing
inline constexpr const char* kRegister = "register_wrong";      // not what its signed act sets
inline constexpr const char* kRing = "ring_wrong";              // a step of nothing
inline constexpr const char* kMember = "member_wrong";          // an act of nobody, in nothing
inline constexpr const char* kDay = "day_differs";              // counts and statements of a day
inline constexpr const char* kChunk = "chunk_wrong";  // of an attachment: its row, or its file
}  // namespace problem

struct Problem {
    std::string name;
    std::string where;   // "geriatrie.ch-valmont@indre urgent 12", "envelope 7", "audit, leaf 3"
    std::string detail;  // never content

    [[nodiscard]] std::string describe() const {
        return name + ": " + where + (detail.empty() ? "" : ": " + detail);
    }
};

struct Report {
    std::vector<Problem> problems;
    std::uint64_t leaves = 0;
    std::uint64_t leaves_signed = 0;  // under the last signed head
    std::uint64_t directory_entries = 0;
    std::uint64_t mailboxes = 0;
    std::uint64_t entries = 0;  // in mailboxes
    std::uint64_t envelopes = 0;
    std::uint64_t chunks = 0;  // of attachments, those that wait for their envelope included
    std::uint64_t register_entries = 0;
    std::uint64_t threads = 0;
    std::uint64_t threads_replayed = 0;  // the others have acts whose time is over

    void add(const char* name, std::string where, std::string detail = {}) {
        problems.push_back({name, std::move(where), std::move(detail)});
    }
};

}  // namespace relais::fsck
