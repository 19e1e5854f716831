// threads.h: what a mailbox holds, as people see it: cases with their state and timeline, what was
// remis, ouvert, pris en charge by whom, and what can be done next. Built from the store each time.
#pragma once

#include <nlohmann/json.hpp>

#include "clients/station/api/station.h"
#include "clients/station/api/thread_clocks.h"
#include "clients/station/api/thread_holds.h"
#include "schemas/workflow/thread.h"

namespace relais::station {

// How every view marks an act that its kind declares off the network.
inline constexpr std::string_view kOffNetwork = "hors réseau, non chiffré de bout en bout";

// One line of a timeline.
struct TimelineItem {
    enum class Type { act, notice, mark, refused, problem };
    Type type = Type::act;
    std::uint64_t serial = 0;      // of the entry; 0 for what waits in the outbox
    WallTime time;                 // when the broker accepted it; for what waits, when it was made
    std::string title;             // French
    std::string text;              // French, several lines; may be empty
    std::optional<Opened> opened;  // acts that are valid here
    std::optional<SendState> sending;  // own acts: where they are
    std::optional<MessageId> message;
    std::optional<PersonMark> mark;                               // marks
    std::optional<NoticeKind> notice;                             // notices
    ErrorCode code = ErrorCode::ok;                               // refused, problem
    workflow::Correction corrected = workflow::Correction::none;  // by a later act
    std::optional<MessageId> corrected_by;                        // that act
    // For an own act, by recipient: who holds it, opened it, took it (with evidence that was
    // checked), and whether an act of theirs answers it.
    struct Receipt {
        std::string mailbox;
        bool delivered = false;
        bool opened = false;
        bool taken = false;
        bool answered = false;
        std::optional<Held> held{};  // what the broker keeps back from it on purpose
    };
    std::vector<Receipt> receipts;
};

// Where a party stands.
struct PartyStanding {
    Address mailbox;
    std::string state;
    std::string label;                // French
    std::optional<Deadline> until{};  // its own clock that runs, the earliest
};

// The last mark that somebody of the mailbox has the thread in hand.
struct Taken {
    PersonId person;
    std::string by;  // their title
    WallTime since;
};

struct ThreadView {
    ThreadId id;
    std::shared_ptr<const LoadedKind> kind;  // null where nothing could be opened
    std::optional<workflow::Thread> state;   // as far as this mailbox can see
    std::string state_label;                 // French
    Address mailbox;                         // ours, from which the thread is seen here
    std::vector<Address> mailboxes;   // ours that take part: two services may share a station
    std::vector<TimelineItem> items;  // in the order of the broker, then what waits
    std::vector<workflow::ActIndex> possible;  // acts that the table may accept now
    std::uint64_t last_serial = 0;
    std::vector<PartyStanding> parties{};  // that this mailbox may know: the opener all, a party
                                           // its own
    std::vector<Deadline> deadlines{};     // that run still, the earliest first
    std::optional<Taken> taken{};
    [[nodiscard]] std::optional<Digest> last_act() const;  // what an answer answers
    // Whether nothing can be done in it any more: by its state, or since what began it was erased.
    [[nodiscard]] bool ended() const;
    // Whether the item is a message that came to the mailbox and was opened.
    [[nodiscard]] bool received(const TimelineItem& item) const;
    // Whether somebody of the mailbox has said this word, or a stronger one, of the message.
    [[nodiscard]] bool marked(const MessageId& message, Word word) const;
};

// Seen from `mailbox`; absent: from the first of ours that had something of it.
// Errors: unknown_thread  no such thread, or nothing of it in that mailbox.
Result<ThreadView> view_thread(Station& station, const ThreadId& id,
                               const std::optional<Address>& mailbox = std::nullopt);

// The threads of this station, the most recent first; one line for each of our mailboxes in it.
struct ThreadLine {
    ThreadId id;
    Address mailbox;
    std::string kind;  // its name; empty where nothing could be opened
    std::string kind_title;
    std::string state;  // its name; empty where it is not known
    std::string state_label;
    std::string last_title;
    WallTime last_time;
    std::string opener;
    std::size_t problems = 0;
    std::size_t unopened = 0;  // messages received that nobody of the mailbox has opened
    bool ended = false;
    bool off_network = false;            // somebody outside was told, by telephone or on paper
    std::optional<Deadline> deadline{};  // the next that runs
    std::optional<Taken> taken{};
};
Result<std::vector<ThreadLine>> list_threads(Station& station);

// What an act says, in French, a line each: its public fields, its form, what is odd about it.
[[nodiscard]] std::string act_text(const Opened& opened);

// The thread that a prefix of its id means. Errors: unknown_thread; usage  several.
Result<ThreadId> find_thread(Station& station, const std::string& prefix);

}  // namespace relais::station
