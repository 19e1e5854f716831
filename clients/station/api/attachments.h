// attachments.h: files that go with an act: looked at when they are attached, sealed when the act
// is sent; and, on the other side, asked for, fetched as the connection allows, opened into a file.
// Between the two nothing of them stands unsealed on a station.
#pragma once

#include <filesystem>

#include "clients/station/api/draft.h"
#include "core/files/files.h"

namespace relais::station {

// Looks at a file that somebody attaches: its name, its type by its first bytes, its digest.
// `rule`: of the act that it is for, whose types are named where the file is of none that is known.
// Errors: not_found and the others of reading; usage  its path is no UTF-8; attachment_refused
// empty, or of no known type.
Result<DraftAttachment> examine_file(const std::filesystem::path& path,
                                     const workflow::AttachmentRule& rule = {});
// What the kind says against these files, in French. Empty: nothing.
[[nodiscard]] std::string attachments_objection(const workflow::Act& act,
                                                const std::vector<DraftAttachment>& files);

// "courrier.pdf (PDF, 1,2 Mo)".
[[nodiscard]] std::string attachment_label(const AttachedFile& file);

// What sealing gives an envelope.
struct SealedAttachments {
    Secret list;  // for the content
    std::vector<Digest> digests;
    std::vector<std::uint32_t> sizes;
    ChunkSummary summary;
};
// Seals the files into the station's folder, durably, under the message's id.
// Errors: file_changed  since it was attached; those of reading and writing.
Result<SealedAttachments> seal_attachments(Station& station, const MessageId& message,
                                           const std::vector<DraftAttachment>& files);

// Where the chunks of a message are.
struct AttachmentProgress {
    std::size_t here = 0;
    std::size_t count = 0;
    bool wanted = false;
    bool gone = false;  // the service no longer has them
    [[nodiscard]] bool complete() const { return here == count; }
};
// Reads what is here: for what people look at, not for every line of a list.
Result<AttachmentProgress> attachment_progress(Station& station, const Opened& opened);
// The same from what was noted, without reading.
Result<bool> attachments_noted_here(Station& station, const Opened& opened);
// Has the chunks fetched, by this process or by the one that is connected. Requires attachments.
Result<void> want_attachments(Station& station, const Opened& opened);

// Opens one file into `path`, whole or not at all, checked against its digest.
// Errors: not_found  not all of it is here; attachment_invalid; those of OutputFile.
Result<void> save_attachment(Station& station, const Opened& opened, std::size_t file,
                             const std::filesystem::path& path, Replace replace);

// Forgets sealed files that nobody needs: of what was refused, of what was accepted a week ago
// (until then a broker that was restored can ask for them), of drafts that were never sent, of
// messages of which no envelope is left.
Result<void> tidy_attachments(Station& station);

}  // namespace relais::station
