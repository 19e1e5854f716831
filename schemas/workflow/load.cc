// load.cc: a bundle's bytes to a Kind; shapes here, rules in check.cc.
#include "core/base/limits.h"
#include "core/base/names.h"
#include "core/crypto/sha256.h"
#include "schemas/envelope/attachments.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/kind_generated.h"
#include "schemas/workflow/kind.h"

namespace relais::workflow {

namespace {

constexpr std::uint16_t kFormat = 1;
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
    if (raw > fb::Release::absence) return invalid("release");
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

Result<State> parse(const fb::StateDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "state.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "state.label"));
    return State{std::move(name), std::move(text), raw.terminal()};
}

Result<Role> parse(const fb::RoleDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "role.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "role.label"));
    RELAIS_TRY(check_length(*raw.organisation_kinds()));
    RELAIS_ASSIGN(auto professions, slugs(*raw.professions(), "role.professions"));
    Role role{std::move(name), std::move(text), {}, std::move(professions), raw.attested()};
    for (const std::uint8_t kind : *raw.organisation_kinds()) {
        if (kind < 1 || kind > static_cast<std::uint8_t>(directory::OrganisationKind::other)) {
            return invalid("role.organisation_kinds");
        }
        role.organisation_kinds.push_back(static_cast<directory::OrganisationKind>(kind));
    }
    return role;
}

Result<PublicDeclared> parse(const fb::PublicDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "public.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "public.label"));
    RELAIS_ASSIGN(const auto type,
                  enumeration<PublicType>(raw.type(), fb::PublicType::integer, "public.type"));
    PublicDeclared declared{
        raw.number(), std::move(name), std::move(text), type, raw.min(), raw.max(), {}};
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
    RELAIS_ASSIGN(const auto side, enumeration<Side>(raw.side(), fb::Side::party, "act.side"));
    RELAIS_ASSIGN(
        const auto recipients,
        enumeration<Recipients>(raw.recipients(), fb::Recipients::all_parties, "act.recipients"));
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
            .attachments = std::move(attachments)};
    for (const fb::PublicUse* use : *raw.public_()) {
        act.publics.push_back({use->number(), use->mandatory()});
    }
    return act;
}

Result<Clock> parse(const fb::ClockDeclared& raw) {
    RELAIS_ASSIGN(std::string name, slug(raw.name(), "clock.name"));
    RELAIS_ASSIGN(std::string text, label(raw.label(), "clock.label"));
    return Clock{std::move(name),
                 std::move(text),
                 std::chrono::seconds(raw.seconds()),
                 std::chrono::seconds(raw.min_s()),
                 std::chrono::seconds(raw.max_s()),
                 raw.per_party(),
                 raw.from_header(),
                 raw.remind_half()};
}

Result<Guard> parse(const fb::GuardDeclared& raw) {
    RELAIS_ASSIGN(const auto op, enumeration<GuardOp>(raw.op(), fb::GuardOp::quorum, "guard.op"));
    return Guard{op, raw.states(), raw.number(), raw.value(), raw.count()};
}

Result<Effect> parse(const fb::EffectDeclared& raw) {
    RELAIS_ASSIGN(const auto op,
                  enumeration<EffectOp>(raw.op(), fb::EffectOp::release, "effect.op"));
    RELAIS_ASSIGN(const Release held, release(raw.release()));
    const bool names_clock = op == EffectOp::start_clock || op == EffectOp::stop_clock;
    std::optional<ClockIndex> clock;
    if (names_clock || raw.has_clock()) clock = raw.clock();
    return Effect{op, raw.state(), raw.states(), clock, held};
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
                  enumeration<TriggerKind>(raw.trigger(), fb::TriggerKind::clock_end, "row"));
    RELAIS_ASSIGN(auto guards, parse_all<Guard>(*raw.guards()));
    RELAIS_ASSIGN(auto effects, parse_all<Effect>(*raw.effects()));
    return Row{trigger,       raw.index(),       raw.threads(),
               raw.parties(), std::move(guards), std::move(effects)};
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
    return kind;
}

}  // namespace relais::workflow
