// act_sections.cc: the acts of a declaration.
#include <algorithm>
#include <array>

#include "core/base/ids.h"
#include "core/base/limits.h"
#include "schemas/compiler/declaration.h"
#include "schemas/envelope/attachments.h"

namespace relais::compiler {

namespace {

std::vector<std::uint16_t> roles_of(Section& section, const Draft& draft) {
    std::vector<std::uint16_t> roles;
    for (const Word& word : section.words("roles", Presence::mandatory)) {
        const auto place = draft.roles.resolve(word, section);
        if (place) roles.push_back(static_cast<std::uint16_t>(*place));
    }
    if (roles.empty()) section.mistake("no role may sign it");
    return roles;
}

// "urgency" or, where it must be filled, "urgency!".
std::unique_ptr<fb::PublicUseT> public_use(Word word, Section& section, const Draft& draft) {
    auto use = std::make_unique<fb::PublicUseT>();
    use->mandatory = word.text.ends_with('!');
    if (use->mandatory) word.text.pop_back();
    const auto place = draft.publics.resolve(word, section);
    if (place) use->number = draft.bundle.publics[*place]->number;
    return use;
}

void read_public_uses(Section& section, const Draft& draft, fb::ActDeclaredT& act) {
    for (const Word& word : section.words("public", Presence::optional)) {
        auto use = public_use(word, section, draft);
        for (const auto& other : act.public_) {
            if (other->number == use->number)
                section.mistake(word.line, "public field named twice");
        }
        act.public_.push_back(std::move(use));
    }
}

std::uint8_t lanes_of(Section& section) {
    constexpr std::array<std::string_view, kLanes> kNames = {"routine", "urgent", "crisis"};
    unsigned mask = 0;
    for (const Word& word : section.words("lanes", Presence::mandatory)) {
        const auto* found = std::ranges::find(kNames, word.text);
        if (found == kNames.end()) {
            section.mistake(word.line, "unknown lane \"" + word.text + "\"");
        } else {
            mask |= 1u << (found - kNames.begin());
        }
    }
    if (mask == 0) section.mistake("no lane");
    return static_cast<std::uint8_t>(mask);
}

std::string form_of(Section& section, const Draft& draft) {
    const Word word = section.word("form", Presence::optional);
    if (word.line != 0) draft.forms.resolve(word, section);
    return word.text;
}

// attachment_count, attachment_kib, attachment_media: the three or none.
std::unique_ptr<fb::AttachmentsDeclaredT> attachments_of(Section& section) {
    const std::array<const char*, 3> keys = {"attachment_count", "attachment_kib",
                                             "attachment_media"};
    const auto given = std::ranges::count_if(keys, [&](const char* key) {  //
        return section.has(key);
    });
    if (given == 0) return nullptr;
    constexpr std::int64_t kKibMax =
        limits::kChunksPerEnvelopeMax * static_cast<std::int64_t>(limits::kChunkBytes / 1024);
    auto declared = std::make_unique<fb::AttachmentsDeclaredT>();
    declared->count = static_cast<std::uint8_t>(
        section.integer(keys[0], 1, static_cast<std::int64_t>(limits::kAttachedFilesMax)));
    declared->bytes = static_cast<std::uint32_t>(section.integer(keys[1], 4, kKibMax) * 1024);
    for (const Word& word : section.words(keys[2], Presence::mandatory)) {
        if (!is_media_type(word.text)) {
            section.mistake(word.line, "not a media type: \"" + word.text + "\"");
        }
        declared->media.push_back(word.text);
    }
    if (section.has(keys[2]) && declared->media.empty()) section.mistake("no media type");
    return declared;
}

void check_direction(Section& section, const fb::ActDeclaredT& act) {
    const bool to_opener = act.recipients == fb::Recipients::opener;
    if (act.side == fb::Side::opener && to_opener) {
        section.mistake("the opener does not send to itself");
    }
    if (act.side != fb::Side::opener && !to_opener) {
        section.mistake("a party or a member sends to the opener");
    }
    const bool may_open = act.recipients == fb::Recipients::parties ||
                          act.recipients == fb::Recipients::groups ||
                          act.recipients == fb::Recipients::nobody;
    if (act.opens && (act.side != fb::Side::opener || !may_open)) {
        section.mistake(
            "an act that opens is the opener's, to the parties, to groups or to nobody");
    }
    if (act.fallback && act.recipients == fb::Recipients::groups) {
        section.mistake("nobody answers for a group: no fallback");
    }
}

void read_parties(Section& section, fb::ActDeclaredT& act) {
    constexpr std::array<std::string_view, 3> kSides = {"opener", "party", "member"};
    constexpr std::array<std::string_view, 6> kRecipients = {"opener",      "one_party", "parties",
                                                             "all_parties", "nobody",    "groups"};
    constexpr std::array<std::string_view, 6> kReleases = {"at_once", "chosen",    "overdue",
                                                           "absence", "confirmed", "turn"};
    constexpr std::array<std::string_view, 3> kCorrections = {"none", "supersedes", "retracts"};
    const auto side = section.one_of("side", kSides, Presence::mandatory);
    const auto recipients = section.one_of("recipients", kRecipients, Presence::mandatory);
    act.side = static_cast<fb::Side>(1 + side.value_or(0));
    act.recipients = static_cast<fb::Recipients>(1 + recipients.value_or(0));
    act.opens = section.flag("opens");
    act.release = static_cast<fb::Release>(
        section.one_of("release", kReleases, Presence::optional).value_or(0));
    act.correction = static_cast<fb::Correction>(
        section.one_of("correction", kCorrections, Presence::optional).value_or(0));
    act.fallback = section.flag("fallback");
    if (side && recipients) check_direction(section, act);
}

// Whom, when and what was answered are told by its form, sealed; nothing of it can be public.
void check_off_network(Section& section, const Draft& draft, const fb::ActDeclaredT& act) {
    const bool later = !act.opens && !act.fallback && act.release == fb::Release::at_once;
    if (!later) section.mistake("off_network is for a later act that holds nothing back");
    const auto form = draft.forms.find(act.form);
    if (!form || !draft.form_tells[*form]) {
        section.mistake("off_network without a form whose mandatory fields say when, and to whom");
    }
}

std::unique_ptr<fb::ActDeclaredT> read_act(Section& section, Draft& draft) {
    auto act = std::make_unique<fb::ActDeclaredT>();
    act->name = section.name();
    draft.acts.add(act->name, section);
    act->label = section.title("label", limits::kTitleBytesMax);
    act->past = section.title("past", limits::kTitleBytesMax);
    read_parties(section, *act);
    act->roles = roles_of(section, draft);
    act->mandate = section.flag("mandate");
    act->form = form_of(section, draft);
    if (act->release != fb::Release::at_once && act->form.empty()) {
        section.mistake("a release without a form holds nothing back");
    }
    read_public_uses(section, draft, *act);
    act->lanes = lanes_of(section);
    act->off_network = section.flag("off_network");
    if (act->off_network) check_off_network(section, draft, *act);
    act->attachments = attachments_of(section);
    return act;
}

}  // namespace

void read_acts(Section& top, Draft& draft) {
    std::vector<Section> sections = top.sections("act", "act", limits::kKindActsMax);
    bool opened = false;
    bool opened_to_groups = false;
    for (Section& section : sections) {
        draft.bundle.acts.push_back(read_act(section, draft));
        const fb::ActDeclaredT& act = *draft.bundle.acts.back();
        opened |= act.opens;
        opened_to_groups |= act.opens && act.recipients == fb::Recipients::groups;
    }
    if (!opened) top.mistake("no act opens a thread");
    for (std::size_t i = 0; i < sections.size(); ++i) {
        const fb::ActDeclaredT& act = *draft.bundle.acts[i];
        const bool of_groups =
            act.side == fb::Side::member || act.recipients == fb::Recipients::groups;
        if (of_groups && !opened_to_groups) {
            sections[i].mistake("no act opens a thread to groups");
        }
    }
    // Acts name one another, also those declared below them.
    for (std::size_t i = 0; i < sections.size(); ++i) {
        fb::ActDeclaredT& act = *draft.bundle.acts[i];
        for (const Word& word : sections[i].words("together", Presence::optional)) {
            const auto place = draft.acts.resolve(word, sections[i]);
            if (!place) continue;
            if (*place == i || draft.bundle.acts[*place]->side != act.side) {
                sections[i].mistake(word.line, "not another act of the same side");
            }
            act.together.push_back(word.text);
        }
        sections[i].refuse_other_keys();
    }
}

}  // namespace relais::compiler
