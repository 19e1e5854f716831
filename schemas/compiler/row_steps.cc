// row_steps.cc: the table of a declaration, and the small language of its guards and effects.
#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "schemas/compiler/declaration.h"
#include "schemas/compiler/durations.h"
#include "schemas/compiler/phrase.h"

namespace relais::compiler {

namespace {

constexpr std::uint8_t kQuorumMin = 2;
constexpr std::uint8_t kQuorumMax = 16;

// Reads the rows of one declaration.
class RowReader {
public:
    RowReader(Section& section, const Draft& draft) : section_(section), draft_(draft) {}

    std::unique_ptr<fb::RowDeclaredT> read() {
        auto row = std::make_unique<fb::RowDeclaredT>();
        read_trigger(*row);
        read_states(*row);
        for (const Word& step : section_.words("when", Presence::optional)) {
            row->guards.push_back(read_guard(step));
        }
        for (const Word& step : section_.words("effects", Presence::mandatory)) {
            row->effects.push_back(read_effect(step));
        }
        if (std::max(row->guards.size(), row->effects.size()) > limits::kKindStepsMax) {
            section_.mistake("more than " + std::to_string(limits::kKindStepsMax) + " steps");
        }
        section_.refuse_other_keys();
        return row;
    }

private:
    void read_trigger(fb::RowDeclaredT& row) {
        const Word act = section_.word("act", Presence::optional);
        const Word clock = section_.word("clock", Presence::optional);
        const Word followed = section_.word("followed", Presence::optional);
        if ((act.line != 0) + (clock.line != 0) + (followed.line != 0) != 1) {
            section_.mistake("a row has an act, a clock or what followed");
            return;
        }
        if (followed.line != 0) return read_followed(followed, row);
        const bool by_act = act.line != 0;
        const Word& name = by_act ? act : clock;
        section_.rename((by_act ? "act \"" : "clock \"") + name.text + "\"");
        const auto place = (by_act ? draft_.acts : draft_.clocks).resolve(name, section_);
        row.trigger = by_act ? fb::TriggerKind::act : fb::TriggerKind::clock_end;
        row.index = static_cast<std::uint8_t>(place.value_or(0));
        opens_ = by_act && place && draft_.bundle.acts[*place]->opens;
        of_clock_ = !by_act;
        subject_ = place && (by_act ? has_subject(*draft_.bundle.acts[*place])
                                    : draft_.bundle.clocks[*place]->per_party);
        if (by_act && place) act_ = draft_.bundle.acts[*place].get();
    }

    // "liaison/discharge-letter": that act of that kind, in a thread that follows.
    void read_followed(const Word& word, fb::RowDeclaredT& row) {
        section_.rename("followed \"" + word.text + "\"");
        const std::size_t slash = word.text.find('/');
        row.trigger = fb::TriggerKind::followed;
        row.kind = word.text.substr(0, slash);
        row.act = slash == std::string::npos ? "" : word.text.substr(slash + 1);
        if (!is_slug(row.kind) || !is_slug(row.act)) section_.mistake(word.line, "not KIND/ACT");
        subject_ = followed_ = true;
    }

    void read_states(fb::RowDeclaredT& row) {
        const Presence threads = opens_ ? Presence::optional : Presence::mandatory;
        row.threads = draft_.thread_states.mask(section_.words("thread", threads), section_);
        if (opens_ && section_.has("thread")) section_.mistake("an opening act meets no thread");
        if (!opens_ && section_.has("thread") && row.threads == 0) section_.mistake("no state");
        const auto parties = section_.words("party", Presence::optional);
        row.parties = draft_.party_states.mask(parties, section_);
        if (!section_.has("party")) row.parties = kAnyParty;
        if (section_.has("party") && !subject_) section_.mistake("it is about no single party");
        if (row.parties == 0) section_.mistake("no state of the party");
    }

    // ---- guards

    std::unique_ptr<fb::GuardDeclaredT> read_guard(const Word& step) {
        const Phrase phrase = cut(step);
        auto guard = std::make_unique<fb::GuardDeclaredT>();
        const bool read = read_party_guard(phrase, *guard) || read_quorum(phrase, *guard) ||
                          read_register_guard(phrase, *guard) || read_role(phrase, *guard) ||
                          read_within(phrase, *guard) || read_to_opener(phrase, *guard) ||
                          read_public_guard(phrase, *guard);
        if (!read) section_.mistake(step.line, "not a guard: \"" + step.text + "\"");
        return guard;
    }

    bool read_party_guard(const Phrase& phrase, fb::GuardDeclaredT& guard) {
        const std::array<std::pair<std::vector<std::string_view>, fb::GuardOp>, 4> kForms = {{
            {{"no", "party", "in"}, fb::GuardOp::no_party_in},
            {{"no", "other", "party", "in"}, fb::GuardOp::no_other_party_in},
            {{"some", "party", "in"}, fb::GuardOp::some_party_in},
            {{"all", "parties", "in"}, fb::GuardOp::all_parties_in},
        }};
        for (const auto& [words, op] : kForms) {
            if (!begins(phrase, words) || phrase.size() == words.size()) continue;
            guard.op = op;
            const auto first = phrase.begin() + static_cast<std::ptrdiff_t>(words.size());
            guard.states = draft_.party_states.mask({first, phrase.end()}, section_);
            return true;
        }
        return false;
    }

    // quorum 3; quorum 2 alert confirm: of those who did one of these acts
    bool read_quorum(const Phrase& phrase, fb::GuardDeclaredT& guard) {
        if (!begins(phrase, {"quorum"}) || phrase.size() < 2) return false;
        const std::string& text = phrase[1].text;
        unsigned count = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
        const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
        if (!whole || count < kQuorumMin || count > kQuorumMax) {
            section_.mistake(phrase[1].line, "a quorum is 2 to 16 persons");
        }
        if (act_ == nullptr) section_.mistake(phrase[1].line, "a clock has no quorum");
        guard.op = fb::GuardOp::quorum;
        guard.count = static_cast<std::uint8_t>(count);
        for (const Word& act : Phrase(phrase.begin() + 2, phrase.end())) {
            guard.acts.push_back(place(draft_.acts, act));
        }
        return true;
    }

    // register R KEY... is VALUE; register R KEY... is not VALUE
    bool read_register_guard(const Phrase& phrase, fb::GuardDeclaredT& guard) {
        if (!begins(phrase, {"register"})) return false;
        const auto is = std::ranges::find(phrase, std::string_view("is"), &Word::text);
        const auto after = phrase.end() - is;
        const bool negated = after == 3 && (is + 1)->text == "not";
        if (is - phrase.begin() < 3 || (after != 2 && !negated)) return false;
        guard.op = negated ? fb::GuardOp::register_is_not : fb::GuardOp::register_is;
        guard.reg = place(draft_.registers, phrase[1]);
        guard.key = read_key({phrase.begin() + 2, is});
        guard.value = whole_number(phrase.back());
        return true;
    }

    // Public fields by name; whole numbers; @signer, @attention, @mailbox, @organisation, @thread,
    // @followed.
    std::vector<std::unique_ptr<fb::KeyPartT>> read_key(const Phrase& words) {
        std::vector<std::unique_ptr<fb::KeyPartT>> parts;
        for (const Word& word : words) {
            auto part = std::make_unique<fb::KeyPartT>();
            if (word.text.starts_with('@')) {
                part->source = key_source(word);
            } else if (is_number(word.text)) {
                part->source = fb::KeySource::constant;
                part->number = key_number(word);
            } else if (const auto field = draft_.publics.resolve(word, section_)) {
                part->source = fb::KeySource::public_;
                part->number = draft_.bundle.publics[*field]->number;
                if (!is_sure(part->number)) {
                    section_.mistake(word.line,
                                     "\"" + word.text + "\" is not mandatory in the act");
                }
            }
            parts.push_back(std::move(part));
        }
        if (parts.size() > limits::kRegisterKeyPartsMax) section_.mistake("key of too many parts");
        return parts;
    }

    static bool is_number(const std::string& text) {
        return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    }

    std::uint16_t key_number(const Word& word) {
        const std::int64_t number = whole_number(word);
        if (number <= UINT16_MAX) return static_cast<std::uint16_t>(number);
        section_.mistake(word.line, "above 65535 in a key");
        return 0;
    }

    fb::KeySource key_source(const Word& word) {
        for (const fb::KeySource source : fb::EnumValuesKeySource()) {
            const bool named = source > fb::KeySource::public_ && source < fb::KeySource::constant;
            if (named && word.text.substr(1) == fb::EnumNameKeySource(source)) return source;
        }
        section_.mistake(word.line, "no part of a key: \"" + word.text + "\"");
        return fb::KeySource::unset;
    }

    std::int64_t whole_number(const Word& word) {
        std::int64_t value = 0;
        const char* end = word.text.data() + word.text.size();
        const auto read = std::from_chars(word.text.data(), end, value);
        if (read.ec != std::errc{} || read.ptr != end) {
            section_.mistake(word.line, "not a number: \"" + word.text + "\"");
        }
        return value;
    }

    bool read_role(const Phrase& phrase, fb::GuardDeclaredT& guard) {
        if (!begins(phrase, {"role"}) || phrase.size() != 2) return false;
        guard.op = fb::GuardOp::role_is;
        guard.number = place(draft_.roles, phrase[1]);
        if (act_ == nullptr) section_.mistake(phrase[0].line, "nobody signs the end of a clock");
        return true;
    }

    // within 20min: since the thread was opened
    bool read_within(const Phrase& phrase, fb::GuardDeclaredT& guard) {
        if (!begins(phrase, {"within"}) || phrase.size() != 2) return false;
        guard.op = fb::GuardOp::within;
        const auto length = parse_duration(phrase[1].text);
        if (!length) section_.mistake(phrase[1].line, "not a duration");
        guard.value = length ? length->count() : 1;
        if (act_ == nullptr) section_.mistake(phrase[0].line, "a clock ends when it ends");
        return true;
    }

    bool read_to_opener(const Phrase& phrase, fb::GuardDeclaredT& guard) {
        if (!begins(phrase, {"to", "opener"}) || phrase.size() != 2) return false;
        guard.op = fb::GuardOp::to_opener;
        if (!followed_) section_.mistake(phrase[0].line, "only what follows is sent elsewhere");
        return true;
    }

    bool read_public_guard(const Phrase& phrase, fb::GuardDeclaredT& guard) {
        if (phrase.size() != 3 || phrase[1].text != "is") return false;
        guard.op = fb::GuardOp::public_is;
        const auto place = draft_.publics.resolve(phrase[0], section_);
        if (!place) return true;
        const fb::PublicDeclaredT& field = *draft_.bundle.publics[*place];
        guard.number = field.number;
        guard.value = value_of(field, phrase[2]);
        if (!is_sure(field.number)) {
            section_.mistake(phrase[0].line, "\"" + field.name + "\" is not mandatory in the act");
        }
        return true;
    }

    [[nodiscard]] bool is_sure(std::uint16_t number) const {
        return act_ != nullptr && std::ranges::any_of(act_->public_, [&](const auto& use) {
                   return use->number == number && use->mandatory;
               });
    }

    std::int64_t value_of(const fb::PublicDeclaredT& field, const Word& word) {
        const auto value = public_value(field, word.text);
        if (!value)
            section_.mistake(word.line, "\"" + word.text + "\" is not a value of the field");
        return value.value_or(0);
    }

    // ---- effects

    std::unique_ptr<fb::EffectDeclaredT> read_effect(const Word& step) {
        const Phrase phrase = cut(step);
        auto effect = std::make_unique<fb::EffectDeclaredT>();
        const bool read = read_tell(phrase, *effect) || read_state_effect(phrase, *effect) ||
                          read_clock_effect(phrase, *effect) || read_release(phrase, *effect) ||
                          read_set(phrase, *effect) || read_move(phrase, *effect);
        if (!read) section_.mistake(step.line, "not an effect: \"" + step.text + "\"");
        return effect;
    }

    bool read_state_effect(const Phrase& phrase, fb::EffectDeclaredT& effect) {
        if (phrase.size() != 2) return false;
        const bool thread = phrase[0].text == "thread";
        if (!thread && phrase[0].text != "party") return false;
        effect.op = thread ? fb::EffectOp::thread_state : fb::EffectOp::party_state;
        effect.state = place(thread ? draft_.thread_states : draft_.party_states, phrase[1]);
        if (!thread) need_subject(phrase[0].line);
        return true;
    }

    bool read_tell(const Phrase& phrase, fb::EffectDeclaredT& effect) {
        if (!begins(phrase, {"tell"}) || phrase.size() != 1) return false;
        effect.op = fb::EffectOp::tell;
        if (!of_clock_) need_subject(phrase[0].line);
        return true;
    }

    bool read_clock_effect(const Phrase& phrase, fb::EffectDeclaredT& effect) {
        if (phrase.size() != 2) return false;
        const bool start = phrase[0].text == "start";
        if (!start && phrase[0].text != "stop") return false;
        effect.op = start ? fb::EffectOp::start_clock : fb::EffectOp::stop_clock;
        effect.clock = place(draft_.clocks, phrase[1]);
        effect.has_clock = true;
        const auto known = draft_.clocks.find(phrase[1].text);
        if (known && draft_.bundle.clocks[*known]->per_party) need_subject(phrase[0].line);
        return true;
    }

    bool read_release(const Phrase& phrase, fb::EffectDeclaredT& effect) {
        if (!begins(phrase, {"release"}) || phrase.size() != 2) return false;
        effect.op = fb::EffectOp::release;
        return read_condition(phrase[1], effect);
    }

    static bool read_condition(const Word& word, fb::EffectDeclaredT& effect) {
        for (const fb::Release release : fb::EnumValuesRelease()) {
            if (word.text == fb::EnumNameRelease(release)) effect.release = release;
        }
        return effect.release != fb::Release::at_once;
    }

    // set R KEY... to VALUE, where the value is a public field or a number
    bool read_set(const Phrase& phrase, fb::EffectDeclaredT& effect) {
        if (!begins(phrase, {"set"}) || phrase.size() < 5) return false;
        if (phrase[phrase.size() - 2].text != "to") return false;
        effect.op = fb::EffectOp::set_register;
        effect.reg = place(draft_.registers, phrase[1]);
        effect.key = read_key({phrase.begin() + 2, phrase.end() - 2});
        const Word& value = phrase.back();
        if (const auto field = draft_.publics.find(value.text)) {
            effect.number = draft_.bundle.publics[*field]->number;
            if (!is_sure(effect.number)) {
                section_.mistake(value.line, "\"" + value.text + "\" is not mandatory in the act");
            }
        } else {
            effect.value = whole_number(value);
        }
        return true;
    }

    // withdraw S... to X; parties S... to X; promote S... to X. The last two go on: ", release R",
    // and the last one ", start C".
    bool read_move(const Phrase& phrase, fb::EffectDeclaredT& effect) {
        constexpr std::array<std::pair<std::string_view, fb::EffectOp>, 3> kMoves = {
            {{"withdraw", fb::EffectOp::withdraw},
             {"parties", fb::EffectOp::parties},
             {"promote", fb::EffectOp::promote}}};
        const auto* move = std::ranges::find(kMoves, phrase.empty() ? "" : phrase[0].text,
                                             &decltype(kMoves)::value_type::first);
        const auto to = std::ranges::find(phrase, std::string_view("to"), &Word::text);
        if (move == kMoves.end() || to - phrase.begin() < 2 || phrase.end() - to < 2) return false;
        effect.op = move->second;
        effect.states = draft_.party_states.mask({phrase.begin() + 1, to}, section_);
        effect.state = place(draft_.party_states, *(to + 1));
        for (auto rest = to + 2; rest != phrase.end(); rest += 3) {
            if (phrase.end() - rest < 3 || !read_addition({rest, rest + 3}, effect)) return false;
        }
        return true;
    }

    bool read_addition(const Phrase& phrase, fb::EffectDeclaredT& effect) {
        const bool releases = effect.op != fb::EffectOp::withdraw;
        if (releases && begins(phrase, {",", "release"})) return read_condition(phrase[2], effect);
        if (effect.op != fb::EffectOp::promote || !begins(phrase, {",", "start"})) return false;
        effect.has_clock = true;
        effect.clock = place(draft_.clocks, phrase[2]);
        const auto known = draft_.clocks.find(phrase[2].text);
        if (known && !draft_.bundle.clocks[*known]->per_party) {
            section_.mistake(phrase[2].line, "clock \"" + phrase[2].text + "\" is not per party");
        }
        return true;
    }

    std::uint8_t place(const Register& names, const Word& word) {
        return static_cast<std::uint8_t>(names.resolve(word, section_).value_or(0));
    }

    void need_subject(unsigned line) {
        if (!subject_)
            section_.mistake(line, "an effect on a party, but it is about no single one");
    }

    Section& section_;
    const Draft& draft_;
    const fb::ActDeclaredT* act_ = nullptr;
    bool opens_ = false;
    bool of_clock_ = false;
    bool followed_ = false;
    bool subject_ = false;
};

}  // namespace

void read_rows(Section& top, Draft& draft) {
    for (Section& section : top.sections("row", "row", limits::kKindRowsMax)) {
        draft.row_lines.push_back(section.line());
        draft.bundle.rows.push_back(RowReader(section, draft).read());
    }
}

}  // namespace relais::compiler
