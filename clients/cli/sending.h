// sending.h: what `new`, `draft`, `send` and `act` share: a draft filled from options, files or the
// terminal; signed and queued; then what became of it. One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <set>

#include "clients/cli/context.h"
#include "clients/station/api/corrections.h"
#include "clients/station/api/draft.h"
#include "clients/station/sync/signs.h"

namespace relais::cli {

// What the line says of a draft.
struct DraftLine {
    std::vector<std::string> to;
    std::string from;
    std::vector<std::string> forms;        // FILE, or ACT=FILE; "-" is standard input
    std::vector<std::string> publics;      // NAME=VALUE
    std::vector<std::string> attachments;  // FILE, or ACT=FILE
    std::string respond_within;
    std::string lane;
    std::string on_behalf_of;
    std::vector<std::string> attention;  // PERSON, or MAILBOX=PERSON
    std::string follows;                 // a thread
    bool same_patient = false;           // as in that thread, though identities differ
    std::vector<std::string> without;    // acts that go together with the first: left out
};
void add_draft_options(CLI::App& command, DraftLine& line);

// Puts what the line gives into the draft, but for whom it names among the recipients. Errors:
// not_found, malformed  a file; usage; those of the lookups; public_field_refused  no act of the
// draft has that field.
Result<void> apply_line(Context& context, const DraftLine& line, station::Draft& draft);
// Names, among the recipients, to whose attention it is: once these are known. Errors: usage;
// unknown_recipient  not one of them; those of the lookups.
Result<void> apply_attention(Context& context, const DraftLine& line, station::Draft& draft);
// Whether an act of the draft has a form that is not filled. Requires acts of the draft's kind.
[[nodiscard]] bool lacks_forms(station::Station& station, const station::Draft& draft);
// Fills what the draft leaves empty from what this station holds (carried.h), prints and attaches
// whence. The acts whose form it began so, and nobody has seen yet. Errors: those of carry_over.
Result<std::set<std::string>> carry_and_say(Context& context, station::Draft& draft);
// Asks at the terminal for each form and public field that the draft lacks, and for what is to be
// kept of a form that was begun. Errors: usage.
Result<void> fill_draft(Context& context, station::Draft& draft,
                        const std::set<std::string>& begun);

// "dernier signe il y a 9 jours (remis le 21/11/2026)"; of a unit that gave none yet, that.
[[nodiscard]] std::string last_sign_text(const std::optional<station::LastSign>& last,
                                         CivilDay today);

// Prints and attaches what is known of the recipients, and what is wrong. Errors: the code of the
// first error, its path as the detail.
Result<void> check_and_say(Context& context, const station::Draft& draft);

// Errors: usage  a correction in which nothing is changed (corrections.h).
Result<void> refuse_unchanged(station::Station& station, const station::Draft& draft,
                              station::FilesLeftOut files);

// Keeps the draft on the station. Errors: the store's.
Result<void> keep_draft(Context& context, const station::Draft& draft);

// Signs as who acts, queues, and waits for the service's answer. Errors: those of refuse_unchanged,
// of check_and_say and of send_draft; the refusal of the service; unreachable  queued, to be sent
// later (not with --offline).
Result<void> send_and_report(Context& context, const station::Draft& draft);

}  // namespace relais::cli
