// show_threads.h: threads, drafts and what was sent, as JSON and as lines for people. *Remis*,
// *ouvert*, *pris en charge* and *répondu* are four facts and stay four words. One thread.
#pragma once

#include <nlohmann/json.hpp>

#include "clients/cli/output.h"
#include "clients/station/api/draft.h"
#include "clients/station/api/threads.h"

namespace relais::cli {

[[nodiscard]] nlohmann::json thread_line_json(const station::ThreadLine& line);
void print_thread_line(Output& out, const station::ThreadLine& line);

[[nodiscard]] nlohmann::json item_json(station::Station& station,
                                       const station::TimelineItem& item);
[[nodiscard]] nlohmann::json thread_json(station::Station& station,
                                         const station::ThreadView& view);
void print_thread(Output& out, const station::ThreadView& view);

// A file that goes with a message: its number in the case (0: none), its name, type, size, digest.
[[nodiscard]] nlohmann::json file_json(const AttachedFile& file, std::size_t number = 0);
// "courrier.pdf (PDF, 1,2 Mo)".
[[nodiscard]] std::string file_text(const AttachedFile& file);

// Why the broker refused it: as the kind says it in French, else as the broker did.
[[nodiscard]] std::string refusal_text(station::Station& station,
                                       const station::StoredOutgoing& item);
[[nodiscard]] nlohmann::json outgoing_json(station::Station& station,
                                           const station::StoredOutgoing& item);
// Accepted before the broker was restored, and refused when it was offered again.
[[nodiscard]] bool not_taken_up(const station::StoredOutgoing& item);
void print_outgoing(Output& out, const nlohmann::json& item);

[[nodiscard]] nlohmann::json findings_json(const std::vector<station::DraftFinding>& findings);
void print_findings(Output& out, const std::vector<station::DraftFinding>& findings);
[[nodiscard]] nlohmann::json draft_json(station::Station& station, const station::Draft& draft);

}  // namespace relais::cli
