// corrections.h: which of its own messages a mailbox corrects or takes back: one rule, for whoever
// writes the correction and for whoever reads the case. What an act names as answered does not
// decide alone: a correction that names a word about the letter would leave the letter in force.
//
// What an act *supersedes* is one content of the same mailbox that stands: of the form that the act
// fills itself; where none is, of a form that asks a part of it (the letter that follows its
// announcement). Of several the named one, else the last. What an act *retracts* is everything that
// its mailbox said in the case before it, once corrected or not: the case is over, and whoever had
// something of it is told. Records of what was said off the network stay: it was said. One thread.
#pragma once

#include <vector>

#include "clients/station/api/draft.h"
#include "clients/station/api/threads.h"

namespace relais::station {

// What an act of that mailbox, done now, names as the one that it corrects or takes back; none
// where nothing is. Of what it retracts: what opened the case, as it was last corrected. Requires
// an act of the view's kind, with a correction.
[[nodiscard]] std::optional<Digest> named_by_correction(const ThreadView& view,
                                                        const workflow::Act& act);

// Marks what was superseded or retracted, and by which message; titles say so. Requires items in
// the order in which the broker accepted them.
void mark_corrected(std::vector<TimelineItem>& items);

// What the values of `former` give of `form`: whole where both are of that form or `former` asks a
// part of it. Of schemas that forms::load admitted.
[[nodiscard]] bool is_part_of(const forms::FormSchema& former, const forms::FormSchema& form);

// Whether leaving out the files of the former message is a change; else it is an oversight.
enum class FilesLeftOut : std::uint8_t { oversight, change };
// Whether the draft is a correction that says what it corrects once more: its values, as they are
// checked, its public fields, its files. Errors: unknown_kind; the store's.
Result<bool> corrects_nothing(Station& station, const Draft& draft, FilesLeftOut files);

}  // namespace relais::station
