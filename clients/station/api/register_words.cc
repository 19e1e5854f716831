#include "clients/station/api/register_words.h"

#include <algorithm>
#include <charconv>

#include "schemas/workflow/public_value.h"

namespace relais::station {

namespace {

using directory::DirectoryState;
using workflow::Effect;
using workflow::KeyPart;
using workflow::KeySource;
using workflow::Kind;

constexpr std::size_t kIdDigits = 8;  // of a thread, as people see it

std::vector<std::string> parts_of(const std::string& key) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= key.size();) {
        const std::size_t end = std::min(key.find('/', begin), key.size());
        parts.push_back(key.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

// No part holds a '/'; a constant is what it is.
bool could_set(const Kind& kind, const Effect& effect, const std::string& name,
               const std::vector<std::string>& parts, std::int64_t value) {
    if (effect.op != workflow::EffectOp::set_register) return false;
    if (kind.registers[effect.reg].name != name || effect.key.size() != parts.size()) return false;
    if (effect.number == 0 && effect.value != value) return false;
    return std::ranges::equal(effect.key, parts, [](const KeyPart& part, const std::string& text) {
        return part.source != KeySource::constant || std::to_string(part.number) == text;
    });
}

// The effect by which the act may have set it; null where there is none.
const Effect* effect_of(const Kind& kind, const std::string& name, const std::string& act,
                        const std::vector<std::string>& parts, std::int64_t value) {
    const auto index = kind.act(act);
    if (!index) return nullptr;
    for (const workflow::Row& row : kind.rows) {
        if (row.trigger != workflow::TriggerKind::act || row.index != *index) continue;
        for (const Effect& effect : row.effects) {
            if (could_set(kind, effect, name, parts, value)) return &effect;
        }
    }
    return nullptr;
}

RegisterWord public_word(const Kind& kind, std::uint16_t number, const std::string& held) {
    RegisterWord word{"", held, held};
    const workflow::PublicDeclared* field = kind.public_field(number);
    if (field == nullptr) return word;
    word.label = field->label;
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(held.data(), held.data() + held.size(), value);
    if (problem == std::errc{} && end == held.data() + held.size()) {
        word.text = workflow::public_label(*field, value);
    }
    return word;
}

// Who has this RPPS; the same person may be inscribed in several places.
std::string person_text(const DirectoryState& directory, const std::string& rpps) {
    for (const auto& [name, organisation] : directory.organisations()) {
        for (const auto* record : directory.persons_of(name)) {
            if (record->person.rpps == rpps) return record->person.title + " (RPPS " + rpps + ")";
        }
    }
    return "RPPS " + rpps;
}

std::string mailbox_text(const DirectoryState& directory, const std::string& held) {
    const auto mailbox = Address::parse(held);
    const directory::Unit* unit = mailbox.ok() ? directory.unit(*mailbox) : nullptr;
    return unit == nullptr ? held : unit->title + " (" + held + ")";
}

std::string organisation_text(const DirectoryState& directory, const std::string& held) {
    const auto* record = directory.organisation(held);
    const directory::Organisation* entry = record == nullptr ? nullptr : record->entry.now();
    return entry == nullptr ? held : entry->title + " (" + held + ")";
}

std::string thread_text(const std::string& held) {
    return held.size() <= kIdDigits ? held : held.substr(held.size() - kIdDigits);
}

RegisterWord key_word(const DirectoryState& directory, const Kind& kind, const KeyPart& part,
                      const std::string& held) {
    switch (part.source) {
        case KeySource::publics: return public_word(kind, part.number, held);
        case KeySource::signer: return {"Signataire", held, person_text(directory, held)};
        case KeySource::attention: return {"À l'attention de", held, person_text(directory, held)};
        case KeySource::mailbox: return {"Boîte", held, mailbox_text(directory, held)};
        case KeySource::organisation:
            return {"Organisation", held, organisation_text(directory, held)};
        case KeySource::thread: return {"Dossier", held, thread_text(held)};
        case KeySource::followed: return {"Dossier suivi", held, thread_text(held)};
        case KeySource::constant: break;
    }
    return {"", held, held};
}

}  // namespace

RegisterWords register_words(const DirectoryState& directory, const Kind& kind,
                             const std::string& name, const std::string& act,
                             const std::string& key, std::int64_t value) {
    const std::vector<std::string> parts = parts_of(key);
    const Effect* const effect = effect_of(kind, name, act, parts, value);
    const std::string held = std::to_string(value);
    RegisterWords words{{}, {"", held, held}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        words.key.push_back(effect == nullptr
                                ? RegisterWord{"", parts[i], parts[i]}
                                : key_word(directory, kind, effect->key[i], parts[i]));
    }
    if (effect != nullptr && effect->number != 0) {
        words.value = public_word(kind, effect->number, held);
    }
    return words;
}

}  // namespace relais::station
