#include "clients/station/api/compose.h"

#include <algorithm>

#include "clients/station/api/attachments.h"
#include "clients/station/api/threads.h"
#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/permission.h"

namespace relais::station {

namespace {

// An act on its way to becoming an envelope.
struct Part {
    workflow::ActIndex act;
    Header header;
    seal::PaddedContent content;
    Bytes header_bytes;
    Digest digest;
    std::optional<SealedAttachments> attachments;
};

// The id and the sealed files of each act: made before the store is held for the rest.
struct Prepared {
    MessageId id;
    std::optional<SealedAttachments> attachments;
};

Result<Bytes> encode_payload(Station& station, const LoadedKind& kind, const Draft& draft,
                             const workflow::Act& act, const DraftAct& filled) {
    const forms::FormSchema* schema = kind.form_of(act);
    if (schema == nullptr || filled.form.is_null() || filled.form.empty()) return Bytes{};
    const forms::Context context = draft_context(station, kind, draft, act, filled);
    forms::Findings findings;
    return forms::encode(*schema, filled.form, context, findings);
}

Lane lane_of(const workflow::Act& act, const Draft& draft) {
    if (draft.lane) return *draft.lane;
    for (const Lane lane : {Lane::routine, Lane::urgent, Lane::crisis}) {
        if ((act.lanes >> static_cast<int>(lane) & 1) != 0) return lane;
    }
    return Lane::routine;
}

Result<std::vector<PublicField>> public_fields(const workflow::Kind& kind, const DraftAct& act) {
    std::vector<PublicField> fields;
    for (const auto& [name, text] : act.publics) {
        const workflow::PublicDeclared* declared = kind.public_field(name);
        if (declared == nullptr) return fail(ErrorCode::public_field_refused, name);
        RELAIS_ASSIGN(const std::int64_t value, public_value(*declared, text));
        fields.push_back({declared->number, value});
    }
    std::ranges::sort(fields, {}, &PublicField::number);
    return fields;
}

// Whom the acts of one draft reach besides those that it names.
struct Besides {
    std::set<Address> fallbacks;  // with the opening act, where they take the kind
    std::vector<workflow::Delegate> delegates;
};

Result<std::vector<Recipient>> take_recipients(Station& station, const Draft& draft,
                                               const workflow::Act& act, Lane lane,
                                               const Besides& besides) {
    std::vector<Recipient> to;
    if (act.recipients == workflow::Recipients::nobody) return to;
    const auto add = [&](const Address& mailbox, Standing standing,
                         std::size_t in_place_of = 0) -> Result<void> {
        RELAIS_ASSIGN(const std::uint64_t counter, station.store().take_counter(mailbox, lane));
        const auto person = draft.attention.find(mailbox.text());
        to.push_back(
            {mailbox, counter, standing,
             person == draft.attention.end() ? std::nullopt : std::optional(person->second),
             static_cast<std::uint16_t>(in_place_of)});
        return {};
    };
    for (const Address& mailbox : draft.to) RELAIS_TRY(add(mailbox, Standing::party));
    const bool to_all = act.opens || act.recipients == workflow::Recipients::all_parties;
    for (const Address& mailbox : besides.fallbacks) {
        if (!to_all || std::ranges::find(draft.to, mailbox) != draft.to.end()) continue;
        RELAIS_TRY(add(mailbox, act.fallback ? Standing::fallback : Standing::party));
    }
    for (const workflow::Delegate& delegate : besides.delegates) {
        if (std::ranges::find(to, delegate.mailbox, &Recipient::mailbox) != to.end()) continue;
        RELAIS_TRY(add(delegate.mailbox, Standing::delegate, delegate.party + 1));
    }
    return to;
}

// The header of one act of the draft; takes its counters, so within a store transaction.
Result<Part> make_part(Station& station, const Draft& draft, const LoadedKind& kind,
                       const DraftAct& filled, const SigningPerson& person, Prepared prepared,
                       const Besides& besides) {
    const auto index = kind.kind.act(filled.act);
    if (!index) return fail(ErrorCode::act_refused, filled.act);
    const workflow::Act& act = kind.kind.acts[*index];
    RELAIS_ASSIGN(const Bytes payload, encode_payload(station, kind, draft, act, filled));
    auto& attachments = prepared.attachments;
    const ByteView list = attachments ? attachments->list.expose() : ByteView{};
    RELAIS_ASSIGN(auto content, seal::pad_content(payload, station.random(), list));
    RELAIS_ASSIGN(auto publics, public_fields(kind.kind, filled));
    const Lane lane = lane_of(act, draft);
    RELAIS_ASSIGN(auto to, take_recipients(station, draft, act, lane, besides));
    Header header{.id = prepared.id,
                  .thread = draft.thread,
                  .follows = act.opens ? draft.follows : std::nullopt,
                  .kind = draft.kind_digest,
                  .act = act.name,
                  .answers = draft.answers,
                  .by = person.id,
                  .on_behalf_of = draft.on_behalf_of,
                  .station = station.identity().station,
                  .from = draft.from,
                  .to = std::move(to),
                  .lane = lane,
                  .respond_within = workflow::delay_clock(kind.kind, act) != nullptr
                                        ? draft.respond_within
                                        : std::chrono::seconds(0),
                  .expires_after = std::chrono::seconds(0),
                  .time = station.now(),
                  .head = station.replica().head(),
                  .publics = std::move(publics),
                  .content_digest = content.digest,
                  .content_bytes = static_cast<std::uint32_t>(content.bytes.size()),
                  .chunks = attachments ? std::optional(attachments->summary) : std::nullopt};
    RELAIS_TRY(workflow::check_shape(kind.kind, act, header));
    RELAIS_TRY(workflow::check_signer(station.directory(), kind.kind, act, header,
                                      station.directory().size(), station.now()));
    Bytes header_bytes = encode_header(header);
    const Digest digest = header_digest(header_bytes);
    return Part{*index, std::move(header),     std::move(content), std::move(header_bytes),
                digest, std::move(attachments)};
}

Result<KeyBox> box_for(Station& station, const Secret& key, const Part& part, std::size_t position,
                       const Address& mailbox, Release release) {
    const auto* epoch = station.directory().epoch(mailbox);
    if (epoch == nullptr) return fail(ErrorCode::no_mailbox_key, mailbox.text());
    return seal::seal_box(key, part.digest, static_cast<std::uint16_t>(position), mailbox,
                          epoch->epoch.number, epoch->epoch.key, release);
}

Result<Bytes> seal_part(Station& station, const LoadedKind& kind, const Part& part,
                        const HeaderSignature& signature) {
    const Secret key = seal::make_content_key(station.random());
    const Bytes content = seal::encrypt_content(key, part.digest, part.content.bytes);
    std::vector<KeyBox> boxes;
    RELAIS_ASSIGN(KeyBox own, box_for(station, key, part, 0, part.header.from, Release::at_once));
    boxes.push_back(std::move(own));
    const Release release = kind.kind.acts[part.act].release;
    for (const Recipient& recipient : part.header.mailboxes()) {
        const std::size_t position = boxes.size();
        RELAIS_ASSIGN(KeyBox box, box_for(station, key, part, position, recipient.mailbox,
                                          box_release(part.header, position, release)));
        boxes.push_back(std::move(box));
    }
    for (const Address& reader :
         workflow::group_readers(station.directory(), kind.kind, part.header)) {
        RELAIS_ASSIGN(KeyBox box, box_for(station, key, part, boxes.size(), reader, release));
        box.mailbox = reader;
        boxes.push_back(std::move(box));
    }
    if (boxes.size() > 1 + part.header.mailboxes().size() + limits::kGroupReadersMax) {
        return fail(ErrorCode::too_large, "members of the groups");
    }
    const auto chunks = part.attachments ? std::span<const Digest>(part.attachments->digests)
                                         : std::span<const Digest>{};
    return encode_envelope({part.header_bytes, signature}, content, boxes, chunks);
}

Result<std::vector<Prepared>> prepare(Station& station, const Draft& draft) {
    std::vector<Prepared> all;
    for (const DraftAct& act : draft.acts) {
        const MessageId id =
            all.empty() ? draft.id : make_uuid_v7<MessageId>(station.random(), station.now());
        all.push_back({id, std::nullopt});
        if (act.attachments.empty()) continue;
        RELAIS_ASSIGN(all.back().attachments, seal_attachments(station, id, act.attachments));
    }
    return all;
}

// All acts of the draft, under one signature; within a store transaction.
Result<std::vector<MessageId>> queue_parts(Station& station, const Draft& draft,
                                           const LoadedKind& kind, SigningPerson& person,
                                           std::vector<Prepared> prepared) {
    std::vector<Part> parts;
    std::vector<Digest> digests;
    const auto first = kind.kind.act(draft.acts.front().act);
    Besides besides{{}, draft_delegates(station, draft)};
    if (first) {
        besides.fallbacks =
            workflow::required_fallbacks(station.directory(), kind.kind, kind.kind.acts[*first],
                                         draft.from, draft.to, station.directory().size());
    }
    for (const DraftAct& act : draft.acts) {
        RELAIS_ASSIGN(Part part, make_part(station, draft, kind, act, person,
                                           std::move(prepared[parts.size()]), besides));
        digests.push_back(part.digest);
        parts.push_back(std::move(part));
    }
    const auto signatures = sign_headers(digests, person.key);
    std::vector<MessageId> ids;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        RELAIS_ASSIGN(const Bytes envelope, seal_part(station, kind, parts[i], signatures[i]));
        const Header& header = parts[i].header;
        RELAIS_TRY(station.store().queue(header.id, header.thread, envelope));
        if (const auto& attachments = parts[i].attachments) {
            RELAIS_TRY(station.store().put_attachment(
                {header.id, AttachmentState::outgoing, attachments->sizes}));
        }
        ids.push_back(header.id);
    }
    RELAIS_TRY(station.store().remove_draft(draft.id));
    return ids;
}

}  // namespace

std::vector<workflow::Delegate> draft_delegates(Station& station, const Draft& draft) {
    const directory::DirectoryState& directory = station.directory();
    const auto kind = station.kinds().get(draft.kind_digest);
    if (!kind.ok() || draft.acts.empty()) return {};
    const auto first = (*kind)->kind.act(draft.acts.front().act);
    if (!first) return {};
    if ((*kind)->kind.acts[*first].opens) {
        return workflow::opening_delegates(directory, (*kind)->kind, draft.from, draft.to,
                                           station.now(), directory.size());
    }
    // The case is looked through only where somebody in it may have a delegate.
    const bool may_have = std::ranges::any_of(
        draft.to, [&](const Address& mailbox) { return directory.absence(mailbox) != nullptr; });
    if (!may_have) return {};
    const auto view = view_thread(station, draft.thread, draft.from);
    if (!view.ok() || !view->state) return {};
    return workflow::later_delegates(directory, (*kind)->kind, *view->state, draft.to,
                                     directory.size());
}

Result<SigningPerson> unlock_person(Station& station, const PersonId& person,
                                    const Secret& passphrase) {
    const auto* self = station.self();
    if (self == nullptr ||
        std::ranges::find(self->station.persons, person) == self->station.persons.end()) {
        return fail(ErrorCode::not_on_station);
    }
    RELAIS_ASSIGN(P256Key key, station.vault().person_key(person, passphrase));
    return SigningPerson{person, std::move(key)};
}

Result<std::vector<MessageId>> send_draft(Station& station, const Draft& draft,
                                          SigningPerson& person) {
    if (draft.acts.empty()) return fail(ErrorCode::missing_field, "act");
    RELAIS_ASSIGN(const auto findings, check_draft(station, draft, person.id));
    for (const DraftFinding& item : findings) {
        if (item.finding.severity != forms::Severity::error) continue;
        return fail(item.finding.code,
                    item.act.empty() ? item.finding.path : item.act + ": " + item.finding.path);
    }
    RELAIS_ASSIGN(const auto kind, station.kinds().get(draft.kind_digest));
    RELAIS_ASSIGN(auto prepared, prepare(station, draft));
    RELAIS_TRY(station.store().begin());
    auto ids = queue_parts(station, draft, *kind, person, std::move(prepared));
    const Result<void> committed = ids.ok() ? station.store().commit() : Result<void>(ids.error());
    if (committed.ok()) return ids;
    station.store().rollback();
    return committed.error();
}

Result<void> mark_message(Station& station, const StoredEntry& entry, Word word,
                          SigningPerson& person) {
    if (!entry.message) return fail(ErrorCode::unknown_object, "not a message");
    const Address& mailbox = entry.delivery.mailbox;
    const WallTime now = station.now();
    const auto* record = station.directory().person(person.id);
    if (record != nullptr && !record->person.affiliated(now)) {
        return fail(ErrorCode::not_affiliated, "who marks");
    }
    const Statement mark = make_statement(
        contexts::kMark, encode_mark({person.id, mailbox, *entry.message, entry.digest, word, now}),
        person.key);
    const Statement opened =
        make_statement(contexts::kOpened,
                       encode_opened({station.identity().station, mailbox, *entry.message,
                                      entry.digest, word, now}),
                       station.keys().signing);
    return station.store().queue_mark({encode_statement(mark), encode_statement(opened)});
}

}  // namespace relais::station
