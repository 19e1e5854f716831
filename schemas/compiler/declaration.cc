#include "schemas/compiler/declaration.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "schemas/generated/directory_generated.h"
#include "schemas/workflow/public_value.h"

namespace relais::compiler {

namespace {

constexpr std::string_view kFile = "declaration.toml";
constexpr std::int64_t kVersionMax = 1'000'000;
constexpr std::uint16_t kFormat = 2;
constexpr std::size_t kCodesMax = 64;  // of one public field

// ---- the heading
// ----------------------------------------------------------------------------------

// What the patient is told, a paragraph each.
void read_information(Section& top, fb::KindBundleT& bundle) {
    for (const Word& paragraph : top.words("information", Presence::optional)) {
        if (!is_title(paragraph.text, limits::kParagraphBytesMax)) {
            top.mistake(paragraph.line, "a paragraph is one line of at most " +
                                            std::to_string(limits::kParagraphBytesMax) + " bytes");
        }
        bundle.information.push_back(paragraph.text);
    }
    if (bundle.information.size() > limits::kKindInformationMax) {
        top.mistake("too many paragraphs of information");
    }
}

void read_heading(Section& top, Draft& draft) {
    constexpr std::array<std::string_view, 2> kPatient = {"sealed", "never"};
    constexpr std::array<std::string_view, 3> kBasis = {"care_team", "agreement", "none"};
    fb::KindBundleT& bundle = draft.bundle;
    bundle.format = kFormat;
    bundle.name = top.name();
    bundle.version = static_cast<std::uint32_t>(top.integer("version", 1, kVersionMax));
    bundle.title = top.title("title", limits::kTitleBytesMax);
    bundle.summary = top.title("summary", limits::kTitleBytesMax);
    // The enumerations begin with `unset`, which a declaration cannot write.
    bundle.patient = static_cast<fb::PatientData>(
        1 + top.one_of("patient", kPatient, Presence::mandatory).value_or(0));
    bundle.basis =
        static_cast<fb::Basis>(1 + top.one_of("basis", kBasis, Presence::mandatory).value_or(0));
    bundle.retention_s = static_cast<std::uint32_t>(top.duration("retention").count());
    read_information(top, bundle);
}

// ---- roles
// ----------------------------------------------------------------------------------------

std::optional<fb::OrganisationKind> organisation_kind(std::string_view name) {
    for (const fb::OrganisationKind kind : fb::EnumValuesOrganisationKind()) {
        const bool set = kind != fb::OrganisationKind::unset;
        if (set && name == fb::EnumNameOrganisationKind(kind)) return kind;
    }
    return std::nullopt;
}

std::vector<std::uint8_t> organisation_kinds(Section& section, std::string_view key) {
    std::vector<std::uint8_t> kinds;
    for (const Word& word : section.words(key, Presence::mandatory)) {
        if (const auto kind = organisation_kind(word.text)) {
            kinds.push_back(static_cast<std::uint8_t>(*kind));
        } else {
            section.mistake(word.line, "unknown kind of organisation \"" + word.text + "\"");
        }
    }
    if (kinds.empty()) section.mistake("no kind of organisation");
    std::ranges::sort(kinds);
    return kinds;
}

std::vector<std::string> professions(Section& section) {
    std::vector<std::string> codes;
    for (const Word& word : section.words("professions", Presence::optional)) {
        if (!is_slug(word.text)) section.mistake(word.line, "not a profession: " + word.text);
        codes.push_back(word.text);
    }
    return codes;
}

void read_roles(Section& top, Draft& draft) {
    for (Section& section : top.sections("role", "role", limits::kKindRolesMax)) {
        auto role = std::make_unique<fb::RoleDeclaredT>();
        role->name = section.name();
        draft.roles.add(role->name, section);
        role->label = section.title("label", limits::kTitleBytesMax);
        role->organisation_kinds = organisation_kinds(section, "organisation_kinds");
        role->professions = professions(section);
        role->attested = section.flag("attested");
        if (role->attested && role->professions.empty()) {
            section.mistake("attested, but of no profession");
        }
        section.refuse_other_keys();
        draft.bundle.roles.push_back(std::move(role));
    }
}

// ---- states
// ---------------------------------------------------------------------------------------

using States = std::vector<std::unique_ptr<fb::StateDeclaredT>>;

void read_states(Section& top, const std::string& key, Register& names, States& states) {
    const bool may_end = key == "thread_state";
    for (Section& section : top.sections(key, key, limits::kKindStatesMax)) {
        auto state = std::make_unique<fb::StateDeclaredT>();
        state->name = section.name();
        names.add(state->name, section);
        state->label = section.title("label", limits::kTitleBytesMax);
        if (may_end) state->terminal = section.flag("terminal");
        section.refuse_other_keys();
        states.push_back(std::move(state));
    }
}

// ---- public fields: closed codes, booleans and bounded integers; nothing else can be written
// ------

bool is_code(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= limits::kNameBytesMax && std::ranges::all_of(text, fits);
}

std::unique_ptr<fb::PublicValueT> read_value(Section& section) {
    auto value = std::make_unique<fb::PublicValueT>();
    value->value = section.integer("value", 0, limits::kPublicValueMax);
    const Word code = section.word("code", Presence::mandatory);
    value->code = code.text;
    section.rename("value \"" + code.text + "\"");
    if (code.line != 0 && !is_code(code.text)) {
        section.mistake(code.line, "a code is 1 to 40 letters, digits, '_' and '-'");
    }
    value->label = section.title("label", limits::kTitleBytesMax);
    section.refuse_other_keys();
    return value;
}

void read_values(Section& section, fb::PublicDeclaredT& field) {
    std::set<std::string> codes;
    std::set<std::int64_t> numbers;
    for (Section& part : section.sections("values", "value", kCodesMax)) {
        auto value = read_value(part);
        if (!codes.insert(value->code).second || !numbers.insert(value->value).second) {
            part.mistake("code or value declared twice");
        }
        field.values.push_back(std::move(value));
    }
    if (numbers.empty()) {
        section.mistake("a code has values");
        return;
    }
    field.min = *numbers.begin();
    field.max = *numbers.rbegin();
}

void read_domain(Section& section, fb::PublicDeclaredT& field) {
    switch (field.type) {
        case fb::PublicType::boolean: field.max = 1; return;
        case fb::PublicType::code: read_values(section, field); return;
        default:
            field.min = section.integer("min", -limits::kPublicValueMax, limits::kPublicValueMax);
            field.max = section.integer("max", -limits::kPublicValueMax, limits::kPublicValueMax);
            if (field.min > field.max) section.mistake("min is above max");
            if (field.type != fb::PublicType::day) return;
            for (const std::int64_t bound : {field.min, field.max}) {
                if (!workflow::day_of_digits(bound)) {
                    section.mistake(std::to_string(bound) + " is no day: eight digits, 20261214");
                }
            }
    }
}

void read_publics(Section& top, Draft& draft) {
    constexpr std::array<std::string_view, 4> kTypes = {"boolean", "code", "integer", "day"};
    std::set<std::uint16_t> numbers;
    for (Section& section : top.sections("public", "public", limits::kPublicFieldsMax)) {
        auto field = std::make_unique<fb::PublicDeclaredT>();
        field->name = section.name();
        draft.publics.add(field->name, section);
        field->number = static_cast<std::uint16_t>(section.integer("number", 1, UINT16_MAX));
        if (!numbers.insert(field->number).second) section.mistake("number declared twice");
        field->label = section.title("label", limits::kTitleBytesMax);
        field->type = static_cast<fb::PublicType>(
            1 + section.one_of("type", kTypes, Presence::mandatory).value_or(0));
        read_domain(section, *field);
        field->urgency = section.flag("urgency");
        section.refuse_other_keys();
        draft.bundle.publics.push_back(std::move(field));
    }
}

// ---- clocks
// ---------------------------------------------------------------------------------------

// by = "urgency", lengths = [{ code = "stat", length = "1h" }, ...]
void read_lengths(Section& section, const Draft& draft, fb::ClockDeclaredT& clock) {
    const Word by = section.word("by", Presence::optional);
    std::vector<Section> parts = section.sections("lengths", "length", limits::kClockLengthsMax);
    if (by.line == 0) {
        if (!parts.empty()) section.mistake("lengths, but not by what");
        return;
    }
    const auto place = draft.publics.resolve(by, section);
    if (!place) return;
    const fb::PublicDeclaredT& field = *draft.bundle.publics[*place];
    clock.by_public = field.number;
    for (Section& part : parts) {
        const Word code = part.word("code", Presence::mandatory);
        const auto length = part.duration("length").count();
        const auto known = std::ranges::find_if(
            field.values, [&](const auto& value) { return value->code == code.text; });
        if (known == field.values.end()) {
            part.mistake("\"" + code.text + "\" is not a code of the field");
            continue;
        }
        if (length < clock.min_s || length > clock.max_s) part.mistake("outside of the bounds");
        auto each = std::make_unique<fb::ClockLengthT>();
        each->value = (*known)->value;
        each->seconds = static_cast<std::uint32_t>(length);
        clock.lengths.push_back(std::move(each));
        part.refuse_other_keys();
    }
    if (parts.empty()) section.mistake("no length");
}

// at_most = "48h": opening hours of a unit that is seldom open may be weeks away.
void read_ceiling(Section& section, fb::ClockDeclaredT& clock) {
    if (!section.has("at_most")) return;
    clock.at_most_s = static_cast<std::uint32_t>(section.duration("at_most").count());
    if (clock.hours != fb::ClockHours::opening) {
        section.mistake("at_most is of a clock that counts opening hours");
    } else if (clock.at_most_s < clock.max_s) {
        section.mistake("at_most is below the bounds");
    }
}

void read_clocks(Section& top, Draft& draft) {
    constexpr std::array<std::string_view, 3> kHours = {"all", "opening", "day"};
    for (Section& section : top.sections("clock", "clock", limits::kKindClocksMax)) {
        auto clock = std::make_unique<fb::ClockDeclaredT>();
        clock->name = section.name();
        draft.clocks.add(clock->name, section);
        clock->label = section.title("label", limits::kTitleBytesMax);
        const auto set = section.duration("default");
        const auto [min, max] = section.bounds("bounds");
        if (set < min || set > max) section.mistake("default is outside bounds");
        clock->seconds = static_cast<std::uint32_t>(set.count());
        clock->min_s = static_cast<std::uint32_t>(min.count());
        clock->max_s = static_cast<std::uint32_t>(max.count());
        clock->per_party = section.flag("per_party");
        clock->from_header = section.flag("from_header");
        clock->remind_half = section.flag("remind_half");
        clock->backstop = section.flag("backstop");
        clock->hours = static_cast<fb::ClockHours>(
            section.one_of("hours", kHours, Presence::optional).value_or(0));
        read_ceiling(section, *clock);
        read_lengths(section, draft, *clock);
        section.refuse_other_keys();
        draft.bundle.clocks.push_back(std::move(clock));
    }
}

// ---- registers

// name alone: one that this kind sets; with `kind`: another's, asked by guards.
void read_registers(Section& top, Draft& draft) {
    for (Section& section : top.sections("register", "register", limits::kKindRegistersMax)) {
        auto declared = std::make_unique<fb::RegisterDeclaredT>();
        declared->name = section.name();
        const Word kind = section.word("kind", Presence::optional);
        if (kind.line != 0 && !is_slug(kind.text)) section.mistake(kind.line, "not a kind");
        declared->kind = kind.text;
        draft.registers.add(kind.text.empty() ? declared->name : kind.text + "/" + declared->name,
                            section);
        declared->label = section.title("label", limits::kTitleBytesMax);
        if (kind.text.empty()) declared->readers = organisation_kinds(section, "readers");
        for (auto [key, said] :
             {std::pair("holds", &declared->holds), std::pair("refuses", &declared->refuses),
              std::pair("unsure", &declared->unsure)}) {
            if (section.has(key)) *said = section.title(key, limits::kTitleBytesMax);
        }
        section.refuse_other_keys();
        draft.bundle.registers.push_back(std::move(declared));
    }
}

// The state in which fallbacks wait, and the field that says that the patient agrees.
void read_names(Section& top, Draft& draft) {
    const Word state = top.word("fallback_state", Presence::optional);
    if (state.line != 0) {
        draft.bundle.has_fallback = true;
        draft.bundle.fallback_state =
            static_cast<std::uint8_t>(draft.party_states.resolve(state, top).value_or(0));
    }
    const Word agreement = top.word("agreement", Presence::optional);
    const bool asked = draft.bundle.basis == fb::Basis::agreement;
    if (asked != (agreement.line != 0)) {
        top.mistake("basis \"agreement\" and the field \"agreement\" go together");
    }
    if (agreement.line == 0) return;
    const auto place = draft.publics.resolve(agreement, top);
    if (place) draft.bundle.agreement = draft.bundle.publics[*place]->number;
}

void add_forms(Section& top, std::vector<FormKnown> forms, Draft& draft) {
    for (FormKnown& known : forms) {
        draft.forms.add(known.name, top);
        draft.holds_identity |= known.holds_identity;
        draft.form_tells.push_back(known.tells);
        draft.form_asks.push_back(std::move(known.asked));
        auto form = std::make_unique<fb::FormDeclaredT>();
        form->name = std::move(known.name);
        form->label = std::move(known.title);
        form->schema = std::move(known.schema);
        draft.bundle.forms.push_back(std::move(form));
    }
}

Result<toml::table> parse(std::string_view text) {
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& problem) {
        return fail(ErrorCode::bad_configuration, std::string(kFile) + ":" +
                                                      std::to_string(problem.source().begin.line) +
                                                      ": " + std::string(problem.description()));
    }
}

}  // namespace

Result<fb::KindBundleT> read_declaration(std::string_view text, std::vector<FormKnown> forms) {
    RELAIS_ASSIGN(const toml::table document, parse(text));
    Mistakes mistakes;
    Draft draft;
    Section top(document, "kind", mistakes);
    read_heading(top, draft);
    add_forms(top, std::move(forms), draft);
    read_roles(top, draft);
    read_states(top, "thread_state", draft.thread_states, draft.bundle.thread_states);
    read_states(top, "party_state", draft.party_states, draft.bundle.party_states);
    read_publics(top, draft);
    read_clocks(top, draft);
    read_registers(top, draft);
    read_names(top, draft);
    read_acts(top, draft);
    read_rows(top, draft);
    read_indicators(top, draft);
    read_references(top, draft);
    top.refuse_other_keys();
    if (mistakes.empty()) {
        check_whole(draft, mistakes);
        check_corrections(draft, mistakes);
    }
    RELAIS_TRY(mistakes.result(std::string(kFile)));
    return std::move(draft.bundle);
}

}  // namespace relais::compiler
