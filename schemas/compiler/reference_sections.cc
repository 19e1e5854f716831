// reference_sections.cc: what a declaration says of reference packs: watches and listed fields.
#include <algorithm>

#include "core/base/limits.h"
#include "schemas/compiler/declaration.h"
#include "schemas/references/references.h"

namespace relais::compiler {

namespace {

// "class=number": the two sides; the second is empty without a sign.
std::pair<Word, std::string> sides(const Word& word) {
    const std::size_t sign = word.text.find('=');
    if (sign == std::string::npos) return {word, ""};
    return {{word.text.substr(0, sign), word.line}, word.text.substr(sign + 1)};
}

std::uint8_t act_of(const Word& word, Section& section, const Draft& draft) {
    const auto place = word.line == 0 ? std::nullopt : draft.acts.resolve(word, section);
    return static_cast<std::uint8_t>(place.value_or(0));
}

// close = "suspend", close_public = ["class-reason=SHORTAGE"].
std::unique_ptr<fb::WatchTurnT> turn_of(const std::string& key, Section& section,
                                        const Draft& draft) {
    auto turn = std::make_unique<fb::WatchTurnT>();
    turn->act = act_of(section.word(key, Presence::mandatory), section, draft);
    for (const Word& word : section.words(key + "_public", Presence::optional)) {
        const auto [name, code] = sides(word);
        const auto place = draft.publics.resolve(name, section);
        if (!place) continue;
        const fb::PublicDeclaredT& field = *draft.bundle.publics[*place];
        const auto value = std::ranges::find(field.values, code, &fb::PublicValueT::code);
        if (value == field.values.end()) {
            section.mistake(word.line, "no code of \"" + name.text + "\": \"" + code + "\"");
            continue;
        }
        auto set = std::make_unique<fb::PublicSetT>();
        set->number = field.number;
        set->value = (*value)->value;
        turn->publics.push_back(std::move(set));
    }
    return turn;
}

std::vector<std::unique_ptr<fb::WatchKeyPartT>> key_of(Section& section, const Draft& draft) {
    std::vector<std::unique_ptr<fb::WatchKeyPartT>> key;
    for (const Word& word : section.words("key", Presence::mandatory)) {
        const auto [name, field] = sides(word);
        auto part = std::make_unique<fb::WatchKeyPartT>();
        const auto place = draft.publics.resolve(name, section);
        if (place) part->number = draft.bundle.publics[*place]->number;
        part->field = field;
        key.push_back(std::move(part));
    }
    return key;
}

void read_watches(Section& top, Draft& draft) {
    for (Section& section : top.sections("watch", "watch", references::kReferencesMax)) {
        auto watch = std::make_unique<fb::WatchDeclaredT>();
        const Word form = section.word("form", Presence::mandatory);
        if (form.line != 0) draft.forms.resolve(form, section);
        watch->form = form.text;
        watch->each = section.title("each", limits::kTitleBytesMax);
        watch->codes = section.title("codes", limits::kTitleBytesMax);
        watch->fact = section.title("fact", limits::kTitleBytesMax);
        watch->values = section.title("values", limits::kTitleBytesMax);
        for (const Word& word : section.words("stays", Presence::optional)) {
            watch->stays.push_back(word.text);
        }
        const Word reg = section.word("register", Presence::mandatory);
        const auto place = reg.line == 0 ? std::nullopt : draft.registers.resolve(reg, section);
        watch->reg = static_cast<std::uint8_t>(place.value_or(0));
        watch->key = key_of(section, draft);
        watch->open = section.integer("open", -limits::kPublicValueMax, limits::kPublicValueMax);
        watch->closed =
            section.integer("closed", -limits::kPublicValueMax, limits::kPublicValueMax);
        watch->close = turn_of("close", section, draft);
        watch->reopen = turn_of("reopen", section, draft);
        if (section.has("until")) {
            watch->until = section.title("until", limits::kTitleBytesMax);
            watch->over = turn_of("over", section, draft);
        }
        section.refuse_other_keys();
        draft.bundle.watches.push_back(std::move(watch));
    }
}

void read_listed(Section& top, Draft& draft) {
    for (Section& section : top.sections("listed", "listed", references::kReferencesMax)) {
        auto listed = std::make_unique<fb::ListedDeclaredT>();
        listed->act = act_of(section.word("act", Presence::mandatory), section, draft);
        const Word field = section.word("public", Presence::mandatory);
        const auto place = field.line == 0 ? std::nullopt : draft.publics.resolve(field, section);
        if (place) listed->number = draft.bundle.publics[*place]->number;
        listed->field = section.title("field", limits::kTitleBytesMax);
        listed->fact = section.title("fact", limits::kTitleBytesMax);
        section.refuse_other_keys();
        draft.bundle.listed.push_back(std::move(listed));
    }
}

}  // namespace

void read_references(Section& top, Draft& draft) {
    read_watches(top, draft);
    read_listed(top, draft);
}

}  // namespace relais::compiler
