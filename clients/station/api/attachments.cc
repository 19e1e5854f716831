#include "clients/station/api/attachments.h"

#include <algorithm>
#include <array>

#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "core/files/stream.h"

namespace relais::station {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::chrono::hours kKeptAfterAccepted{7 * 24};
constexpr std::chrono::hours kStrayKept{24};

// What the first bytes say; a name says nothing.
struct Signature {
    std::string_view first;
    const char* media;
};
constexpr std::array<Signature, 5> kSignatures = {{{"%PDF-"sv, "application/pdf"},
                                                   {"\x89PNG\r\n\x1A\n"sv, "image/png"},
                                                   {"\xFF\xD8\xFF"sv, "image/jpeg"},
                                                   {"II*\0"sv, "image/tiff"},
                                                   {"MM\0*"sv, "image/tiff"}}};

const char* media_of(ByteView first) {
    const auto found = std::ranges::find_if(kSignatures, [&](const Signature& signature) {
        return as_text(first).starts_with(signature.first);
    });
    return found == kSignatures.end() ? nullptr : found->media;
}

std::string capitals(std::string type) {
    std::ranges::transform(type, type.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return type;
}

std::string admitted_media(const workflow::AttachmentRule& rule) {
    std::string types;
    for (const std::string& media : rule.media) {
        types += (types.empty() ? "" : ", ") + capitals(media.substr(media.find('/') + 1));
    }
    return "cette action admet : " + types;
}

std::vector<AttachedFile> files_of(const std::vector<DraftAttachment>& attached) {
    std::vector<AttachedFile> files;
    for (const DraftAttachment& each : attached) files.push_back(each.file);
    return files;
}

// Reads the pieces of one file in their order.
class Pieces {
public:
    static Result<Pieces> open(const DraftAttachment& attached) {
        auto input = InputFile::open(attached.path);
        if (!input.ok()) return fail(input.code(), attached.path);
        return Pieces(std::move(input).value(), attached);
    }
    Result<Secret> next(std::size_t bytes) {
        Secret piece(bytes);
        RELAIS_ASSIGN(const std::size_t got, input_.read(piece.expose_mutable()));
        if (got != bytes) return changed();
        hash_->update(piece.expose());
        return piece;
    }
    // After the last.
    Result<void> check() {
        if (hash_->finish() != attached_->file.digest || input_.size() != attached_->file.bytes) {
            return changed();
        }
        return {};
    }

private:
    Pieces(InputFile input, const DraftAttachment& attached)
        : input_(std::move(input)), attached_(&attached) {}
    [[nodiscard]] Error changed() const { return fail(ErrorCode::file_changed, attached_->path); }
    InputFile input_;
    const DraftAttachment* attached_;
    std::unique_ptr<Sha256> hash_ = std::make_unique<Sha256>();
};

}  // namespace

Result<DraftAttachment> examine_file(const std::filesystem::path& path,
                                     const workflow::AttachmentRule& rule) {
    std::error_code failed;
    const auto whole = std::filesystem::absolute(path, failed);
    if (!is_utf8(whole.string())) {  // its draft, where the path is kept, is text
        return fail(ErrorCode::usage, "fichier ou dossier dont le nom n'est pas en UTF-8 : " +
                                          whole.string() + " ; renommez-le, puis joignez-le");
    }
    RELAIS_ASSIGN(InputFile input, InputFile::open(whole));
    const std::string name = whole.filename().string();
    Sha256 hash;
    std::uint64_t bytes = 0;
    const char* media = nullptr;
    for (Bytes piece(limits::kChunkBytes);;) {
        RELAIS_ASSIGN(const std::size_t got, input.read(piece));
        if (bytes == 0) media = media_of(ByteView(piece).first(got));
        if (got == 0) break;
        hash.update(ByteView(piece).first(got));
        bytes += got;
    }
    if (bytes == 0) return fail(ErrorCode::attachment_refused, name + " : fichier vide");
    if (media == nullptr) {
        return fail(ErrorCode::attachment_refused,
                    name + " : ni PDF, ni image" +
                        (rule.media.empty() ? "" : " ; " + admitted_media(rule)));
    }
    DraftAttachment attached{whole.string(), {name, media, bytes, hash.finish()}};
    const auto readable = parse_files(encode_files(std::vector{attached.file}));
    if (!readable.ok()) return fail(ErrorCode::attachment_refused, readable.error().detail);
    return attached;
}

std::string attachments_objection(const workflow::Act& act,
                                  const std::vector<DraftAttachment>& files) {
    if (files.empty()) return {};
    const workflow::AttachmentRule& rule = act.attachments;
    if (rule.count == 0) return "cette action n'admet pas de pièce jointe";
    if (files.size() > rule.count) {
        return "au plus " + std::to_string(rule.count) + " pièces jointes";
    }
    for (const DraftAttachment& each : files) {
        if (!rule.allows(each.file.media)) {
            return each.file.name + " : type non admis ; " + admitted_media(rule);
        }
    }
    if (padded_bytes(chunk_places(files_of(files))) > rule.bytes) {
        return "au plus " + std::to_string(rule.bytes / 1024 / 1024) + " Mio de pièces jointes";
    }
    return {};
}

std::string attachment_label(const AttachedFile& file) {
    const std::string type = capitals(file.media.substr(file.media.find('/') + 1));
    const auto tenths = [&](std::uint64_t unit) {
        const std::uint64_t value = (10 * file.bytes + unit / 2) / unit;
        return std::to_string(value / 10) + "," + std::to_string(value % 10);
    };
    const std::string size = file.bytes < 1000        ? std::to_string(file.bytes) + " octets"
                             : file.bytes < 1'000'000 ? tenths(1000) + " ko"
                                                      : tenths(1'000'000) + " Mo";
    return file.name + " (" + type + ", " + size + ")";
}

Result<SealedAttachments> seal_attachments(Station& station, const MessageId& message,
                                           const std::vector<DraftAttachment>& files) {
    const seal::AttachmentList list{seal::make_attachment_key(station.random()), files_of(files)};
    const auto places = chunk_places(list.files);
    const auto count = static_cast<std::uint32_t>(places.size());
    if (count > limits::kChunksPerEnvelopeMax) return fail(ErrorCode::too_large, "attachments");
    SealedAttachments sealed{seal::encode_list(list), {}, {}, {count, 0, {}}};
    std::optional<Pieces> pieces;
    for (std::uint32_t i = 0; i < count; ++i) {
        const ChunkPlace& place = places[i];
        if (place.offset == 0) {
            RELAIS_ASSIGN(Pieces opened, Pieces::open(files[place.file]));
            pieces.emplace(std::move(opened));
        }
        RELAIS_ASSIGN(const Secret piece, pieces->next(place.bytes));
        const bool last = place.offset + place.bytes == list.files[place.file].bytes;
        if (last) RELAIS_TRY(pieces->check());
        const Bytes chunk = seal::seal_chunk(list.key, {message, i, count}, piece.expose());
        RELAIS_TRY(station.chunks().write(message, i, chunk));
        sealed.digests.push_back(sha256(chunk));
        sealed.sizes.push_back(static_cast<std::uint32_t>(chunk.size()));
        sealed.summary.bytes += chunk.size();
    }
    sealed.summary.root = chunks_root(sealed.digests);
    RELAIS_TRY(station.chunks().sync(message));
    return sealed;
}

Result<bool> attachments_noted_here(Station& station, const Opened& opened) {
    RELAIS_ASSIGN(const auto stored, station.store().attachment(opened.header.id));
    return stored && stored->of(opened.digest) &&
           (stored->state == AttachmentState::here || stored->state == AttachmentState::outgoing);
}

Result<AttachmentProgress> attachment_progress(Station& station, const Opened& opened) {
    AttachmentProgress progress;
    if (opened.attachments == nullptr) return progress;
    RELAIS_ASSIGN(const auto stored, station.store().attachment(opened.header.id));
    const bool noted = stored && stored->of(opened.digest);
    progress.wanted = noted && stored->state == AttachmentState::wanted;
    progress.gone = noted && stored->state == AttachmentState::gone;
    const Attachments& attachments = *opened.attachments;
    const auto missing =
        station.chunks().missing(opened.header.id, attachments.digests, attachments.sizes);
    progress.count = attachments.digests.size();
    progress.here = progress.count - missing.size();
    return progress;
}

Result<void> want_attachments(Station& station, const Opened& opened) {
    RELAIS_ASSIGN(const AttachmentProgress progress, attachment_progress(station, opened));
    if (progress.complete() || progress.wanted) return {};
    return station.store().put_attachment(
        {opened.header.id, AttachmentState::wanted, opened.attachments->sizes, opened.digest});
}

Result<void> save_attachment(Station& station, const Opened& opened, std::size_t file,
                             const std::filesystem::path& path, Replace replace) {
    if (opened.attachments == nullptr || file >= opened.attachments->list.files.size()) {
        return fail(ErrorCode::unknown_object, "attachment");
    }
    const Attachments& attachments = *opened.attachments;
    const AttachedFile& wanted = attachments.list.files[file];
    const auto count = static_cast<std::uint32_t>(attachments.places.size());
    RELAIS_ASSIGN(OutputFile output, OutputFile::begin(path, replace));
    Sha256 hash;
    for (std::uint32_t i = 0; i < count; ++i) {
        const ChunkPlace& place = attachments.places[i];
        if (place.file != file) continue;
        RELAIS_ASSIGN(const Bytes chunk,
                      station.chunks().read(opened.header.id, i, attachments.sizes[i]));
        RELAIS_ASSIGN(const Secret piece,
                      seal::open_chunk(attachments.list.key, {opened.header.id, i, count}, chunk,
                                       place.bytes));
        const char* media = place.offset == 0 ? media_of(piece.expose()) : nullptr;
        if (place.offset == 0 && (media == nullptr || media != wanted.media)) {
            return fail(ErrorCode::attachment_invalid, wanted.name + " : type annoncé faux");
        }
        hash.update(piece.expose());
        RELAIS_TRY(output.write(piece.expose()));
    }
    if (hash.finish() != wanted.digest) return fail(ErrorCode::attachment_invalid, wanted.name);
    return output.commit();
}

Result<void> tidy_attachments(Station& station) {
    StationStore& store = station.store();
    RELAIS_ASSIGN(const auto outgoing, store.attachments_with(AttachmentState::outgoing));
    for (const MessageId& message : outgoing) {
        RELAIS_ASSIGN(const auto item, store.outgoing(message));
        const bool over =
            !item || item->state == SendState::refused ||
            (item->state == SendState::accepted && item->receipt &&
             station.now() - item->receipt->accepted.time > Milliseconds(kKeptAfterAccepted));
        if (!over) continue;
        RELAIS_TRY(store.remove_attachment(message));
        station.chunks().remove(message);
    }
    RELAIS_ASSIGN(const auto stray, store.stray_attachments());
    for (const MessageId& message : stray) {
        RELAIS_TRY(store.remove_attachment(message));
        station.chunks().remove(message);
    }
    for (const MessageId& message : station.chunks().older_than(kStrayKept)) {
        RELAIS_ASSIGN(const auto known, store.attachment(message));
        if (!known) station.chunks().remove(message);
    }
    return {};
}

}  // namespace relais::station
