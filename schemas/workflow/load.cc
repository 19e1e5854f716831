// load.cc: a bundle's bytes to a Kind; shapes here, rules in check.cc.
#include <algorithm>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "core/crypto/sha256.h"
#include "schemas/envelope/attachments.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/kind_generated.h"
#include "schemas/workflow/kind.h"

namespace relais::workflow {

namespace {

constexpr std::uint16_t kFormat = 2;
constexpr std::size_t kListMax = 256;  // elements of any list; check.cc has the closer bounds

Error invalid(std::string what) { return fail(ErrorCode::invalid_field, std::move(what)); }

Result<std::string> slug(const flatbuffers::String* raw, const char* what) {
    if (!is_slug(flat::view(raw))) return invalid(what);
    return raw->str();
}

Result<std::string> label(const flatbuffers::String* raw, const char* what) {
    if (!is_title(flat::view(raw), limits::kTitleBytesMax)) return invalid(what);
    return raw->str();
}

template <typename Enum, typename Raw>
Result<Enum> enumeration(Raw raw, Raw last, const char* what) {
    if (raw == Raw::unset || raw > last) return invalid(what);
    return static_cast<Enum>(raw);
}

Result<Release> release(fb::Release raw) {
    if (raw > fb::Release::turn) return invalid("release");
    return static_cast<Release>(raw);
}

// Before anything of a list is copied: each of its elements may be an offset to the same bytes.
template <typename T>
Result<void> check_length(const flatbuffers::Vector<T>& raw) {
    if (raw.size() > kListMax) return fail(ErrorCode::too_large, "list in a kind");
    return {};
}

Result<std::vector<std::string>> slugs(
    const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>& raw, const char* what) {
    RELAIS_TRY(check_length(raw));
    std::vector<std::string> list;
    for (const flatbuffers::String* item : raw) {
        RELAIS_ASSIGN(std::string text, slug(item, what));
        list.push_back(std::move(text));
    }
    return list;
}

Result<std::vector<directory::OrganisationKind>> organisation_kinds(
    const flatbuffers::Vector<std::uint8_t>& raw, const char* what) {
    RELAIS_TRY(check_length(raw));
    std::vector<directory::OrganisationKind> kinds;
    for (const std::uint8_t kind : raw) {
        if (kind < 1 || kind > static_cast<std::uint8_t>(directory::OrganisationKind::other)) {
            return invalid(what);
        }
        kinds.push_back(static_cast<directory::OrganisationKind>(kind));
    }
    return kinds;
}

Result<State> parse(const fb::StateDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "state.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "state.label"));
    return State{std::move(name), std::move(text), raw.terminal()};
}

Result<Role> parse(const fb::RoleDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "role.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "role.label"));
    RELAIS_ASSIGN(auto kinds,
                  organisation_kinds(*raw.organisation_kinds(), "role.organisation_kinds"));
    RELAIS_ASSIGN(auto professions, slugs(*raw.professions(), "role.professions"));
    return Role{std::move(name), std::move(text), std::move(kinds), std::move(professions),
                raw.attested()};
}

Result<PublicDeclared> parse(const fb::PublicDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "public.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "public.label"));
    RELAIS_ASSIGN(const auto type,
                  enumeration<PublicType>(raw.type(), fb::PublicType::day, "public.type"));
    PublicDeclared declared{raw.number(), std::move(name), std::move(text),
                            type,         raw.min(),       raw.max(),
                            {},           raw.urgency()};
    if (raw.values() == nullptr) return declared;
    RELAIS_TRY(check_length(*raw.values()));
    for (const fb::PublicValue* item : *raw.values()) {
        RELAIS_ASSIGN(std::string code, label(item->code(), "public.value.code"));
        RELAIS_ASSIGN(std::string value_label, label(item->label(), "public.value.label"));
        declared.values.push_back({item->value(), std::move(code), std::move(value_label)});
    }
    return declared;
}

Result<AttachmentRule> parse_attachments(const fb::AttachmentsDeclared* raw) {
    AttachmentRule rule;
    if (raw == nullptr) return rule;
    rule.count = raw->count();
    rule.bytes = raw->bytes();
    RELAIS_TRY(check_length(*raw->media()));
    for (const flatbuffers::String* media : *raw->media()) {
        if (!is_media_type(flat::view(media))) return invalid("act.attachments.media");
        rule.media.push_back(media->str());
    }
    constexpr std::uint64_t kBytesMax = limits::kChunksPerEnvelopeMax * limits::kChunkBytes;
    const bool sound = rule.count > 0 && rule.count <= limits::kAttachedFilesMax &&
                       rule.bytes >= limits::kChunkPaddedBytesMin && rule.bytes <= kBytesMax &&
                       !rule.media.empty();
    if (!sound) return invalid("act.attachments");
    return rule;
}

Result<Act> parse(const fb::ActDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "act.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "act.label"));
    RELAIS_ASSIGN(std::string past, label(raw.past(), "act.past"));
    RELAIS_ASSIGN(const auto side, enumeration<Side>(raw.side(), fb::Side::member, "act.side"));
    RELAIS_ASSIGN(
        const auto recipients,
        enumeration<Recipients>(raw.recipients(), fb::Recipients::groups, "act.recipients"));
    RELAIS_ASSIGN(const Release held, release(raw.release()));
    RELAIS_TRY(check_length(*raw.roles()));
    RELAIS_TRY(check_length(*raw.public_()));
    RELAIS_ASSIGN(auto together, slugs(*raw.together(), "act.together"));
    RELAIS_ASSIGN(auto attachments, parse_attachments(raw.attachments()));
    Act act{.name = std::move(name),
            .label = std::move(text),
            .past = std::move(past),
            .side = side,
            .opens = raw.opens(),
            .recipients = recipients,
            .roles = {raw.roles()->begin(), raw.roles()->end()},
            .mandate = raw.mandate(),
            .form = std::string(flat::view(raw.form())),
            .publics = {},
            .lanes = raw.lanes(),
            .release = held,
            .together = std::move(together),
            .attachments = std::move(attachments),
            .correction = static_cast<Correction>(raw.correction()),
            .fallback = raw.fallback(),
            .off_network = raw.off_network()};
    if (raw.correction() > fb::Correction::retracts) return invalid("act.correction");
    for (const fb::PublicUse* use : *raw.public_()) {
        act.publics.push_back({use->number(), use->mandatory()});
    }
    return act;
}

Result<Clock> parse(const fb::ClockDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "clock.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "clock.label"));
    if (raw.hours() > fb::ClockHours::day) return invalid("clock.hours");
    Clock clock{std::move(name),
                std::move(text),
                std::chrono::seconds(raw.seconds()),
                std::chrono::seconds(raw.min_s()),
                std::chrono::seconds(raw.max_s()),
                raw.per_party(),
                raw.from_header(),
                raw.remind_half(),
                static_cast<ClockHours>(raw.hours()),
                raw.by_public(),
                {},
                raw.backstop(),
                std::chrono::seconds(raw.at_most_s())};
    if (raw.lengths() == nullptr) return clock;
    RELAIS_TRY(check_length(*raw.lengths()));
    for (const fb::ClockLength* item : *raw.lengths()) {
        clock.lengths.push_back({item->value(), std::chrono::seconds(item->seconds())});
    }
    return clock;
}

Result<std::vector<KeyPart>> parse_key(
    const flatbuffers::Vector<flatbuffers::Offset<fb::KeyPart>>* raw) {
    std::vector<KeyPart> parts;
    if (raw == nullptr) return parts;
    if (raw->size() > limits::kRegisterKeyPartsMax) return invalid("register key");
    for (const fb::KeyPart* item : *raw) {
        RELAIS_ASSIGN(const auto source,
                      enumeration<KeySource>(item->source(), fb::KeySource::constant, "key part"));
        parts.push_back({source, item->number()});
    }
    return parts;
}

Result<Guard> parse(const fb::GuardDeclared& raw) {
    RELAIS_ASSIGN(const auto op,
                  enumeration<GuardOp>(raw.op(), fb::GuardOp::no_other_party_in, "guard.op"));
    RELAIS_ASSIGN(auto key, parse_key(raw.key()));
    Guard guard{op,          raw.states(), raw.number(),  raw.value(),
                raw.count(), raw.reg(),    std::move(key)};
    if (raw.acts() == nullptr) return guard;
    RELAIS_TRY(check_length(*raw.acts()));
    guard.acts.assign(raw.acts()->begin(), raw.acts()->end());
    return guard;
}

Result<Effect> parse(const fb::EffectDeclared& raw) {
    RELAIS_ASSIGN(const auto op, enumeration<EffectOp>(raw.op(), fb::EffectOp::tell, "effect.op"));
    RELAIS_ASSIGN(const Release held, release(raw.release()));
    const bool names_clock = op == EffectOp::start_clock || op == EffectOp::stop_clock;
    std::optional<ClockIndex> clock;
    if (names_clock || raw.has_clock()) clock = raw.clock();
    RELAIS_ASSIGN(auto key, parse_key(raw.key()));
    return Effect{op,        raw.state(),    raw.states(), clock,      held,
                  raw.reg(), std::move(key), raw.number(), raw.value()};
}

Result<std::string> optional_label(const flatbuffers::String* raw, const char* what) {
    if (raw == nullptr || raw->size() == 0) return std::string();
    return label(raw, what);
}

Result<RegisterDeclared> parse(const fb::RegisterDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "register.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "register.label"));
    RELAIS_ASSIGN(auto readers, organisation_kinds(*raw.readers(), "register.readers"));
    const std::string_view kind = flat::view(raw.kind());
    if (!kind.empty() && !is_slug(kind)) return invalid("register.kind");
    RegisterDeclared declared{std::string(kind), std::move(name), std::move(text),
                              std::move(readers)};
    RELAIS_ASSIGN(declared.holds, optional_label(raw.holds(), "register.holds"));
    RELAIS_ASSIGN(declared.refuses, optional_label(raw.refuses(), "register.refuses"));
    RELAIS_ASSIGN(declared.unsure, optional_label(raw.unsure(), "register.unsure"));
    return declared;
}

Result<Row> parse(const fb::RowDeclared& raw);
Result<Form> parse(const fb::FormDeclared& raw);

template <typename T, typename Raw>
Result<std::vector<T>> parse_all(const flatbuffers::Vector<flatbuffers::Offset<Raw>>& raw) {
    RELAIS_TRY(check_length(raw));
    std::vector<T> list;
    list.reserve(raw.size());
    for (const Raw* item : raw) {
        RELAIS_ASSIGN(T value, parse(*item));
        list.push_back(std::move(value));
    }
    return list;
}

Result<Row> parse(const fb::RowDeclared& raw) {
    RELAIS_ASSIGN(const auto trigger,
                  enumeration<TriggerKind>(raw.trigger(), fb::TriggerKind::followed, "row"));
    RELAIS_ASSIGN(auto guards, parse_all<Guard>(*raw.guards()));
    RELAIS_ASSIGN(auto effects, parse_all<Effect>(*raw.effects()));
    Opening opening{std::string(flat::view(raw.kind())), std::string(flat::view(raw.act()))};
    const bool followed = trigger == TriggerKind::followed;
    const bool named = is_slug(opening.kind) && is_slug(opening.act);
    const bool empty = opening.kind.empty() && opening.act.empty();
    if (followed ? !named : !empty) return invalid("row: what follows");
    return Row{trigger,           raw.index(),        raw.threads(),     raw.parties(),
               std::move(guards), std::move(effects), std::move(opening)};
}

Result<Form> parse(const fb::FormDeclared& raw) {
    RELAIS_ASSIGN(std::string text, label(raw.label(), "form.label"));
    if (!is_title(flat::view(raw.name()), limits::kNameBytesMax)) return invalid("form.name");
    if (raw.schema()->size() > limits::kFormSchemaBytesMax) {
        return fail(ErrorCode::too_large, "form.schema");
    }
    return Form{raw.name()->str(), std::move(text), to_bytes(flat::view(raw.schema()))};
}

Result<void> fill_lists(Kind& kind, const fb::KindBundle& raw) {
    RELAIS_ASSIGN(kind.roles, parse_all<Role>(*raw.roles()));
    RELAIS_ASSIGN(kind.thread_states, parse_all<State>(*raw.thread_states()));
    RELAIS_ASSIGN(kind.party_states, parse_all<State>(*raw.party_states()));
    RELAIS_ASSIGN(kind.publics, parse_all<PublicDeclared>(*raw.publics()));
    RELAIS_ASSIGN(kind.acts, parse_all<Act>(*raw.acts()));
    RELAIS_ASSIGN(kind.clocks, parse_all<Clock>(*raw.clocks()));
    RELAIS_ASSIGN(kind.rows, parse_all<Row>(*raw.rows()));
    RELAIS_ASSIGN(kind.forms, parse_all<Form>(*raw.forms()));
    RELAIS_ASSIGN(kind.registers, parse_all<RegisterDeclared>(*raw.registers()));
    RELAIS_TRY(check_length(*raw.information()));
    for (const flatbuffers::String* paragraph : *raw.information()) {
        if (!is_title(flat::view(paragraph), limits::kParagraphBytesMax)) {
            return invalid("information");
        }
        kind.information.push_back(paragraph->str());
    }
    kind.agreement = raw.agreement();
    if (raw.has_fallback()) kind.fallback_state = raw.fallback_state();
    return {};
}

}  // namespace

Result<Kind> Kind::load(ByteView bundle) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::KindBundle>(bundle, limits::kKindBundleBytesMax));
    if (raw->format() != kFormat) return fail(ErrorCode::unsupported_version, "kind bundle");
    Kind kind;
    RELAIS_ASSIGN(kind.name, slug(raw->name(), "name"));
    RELAIS_ASSIGN(kind.title, label(raw->title(), "title"));
    RELAIS_ASSIGN(kind.summary, label(raw->summary(), "summary"));
    RELAIS_ASSIGN(kind.patient,
                  enumeration<PatientData>(raw->patient(), fb::PatientData::never, "patient"));
    RELAIS_ASSIGN(kind.basis, enumeration<Basis>(raw->basis(), fb::Basis::none, "basis"));
    kind.version = raw->version();
    kind.retention = std::chrono::seconds(raw->retention_s());
    kind.digest = sha256(bundle);
    RELAIS_TRY(fill_lists(kind, *raw));
    RELAIS_TRY(check_kind(kind));
    for (const Row& row : kind.rows) {
        kind.asks_roles_ |=
            std::ranges::find(row.guards, GuardOp::role_is, &Guard::op) != row.guards.end();
    }
    return kind;
}

}  // namespace relais::workflow
