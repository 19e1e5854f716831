// register_findings.cc: what the copies of registers say of an act before it is sent.
#include <algorithm>
#include <ctime>
#include <set>

#include "clients/station/api/register_copy.h"
#include "clients/station/api/register_words.h"
#include "clients/station/api/threads.h"
#include "schemas/workflow/permission.h"

namespace relais::station {

namespace {

using workflow::RegisterDeclared;

std::string local_time(WallTime time) {
    const std::time_t seconds = time.ms / 1000;
    std::tm parts{};
    char text[32];
    if (::localtime_r(&seconds, &parts) == nullptr) return "?";
    return std::strftime(text, sizeof text, "%d/%m/%Y à %H:%M", &parts) == 0 ? "?" : text;
}

// The copies that one question asks, each opened once.
class Copies {
public:
    explicit Copies(Station& station) : station_(station) {}

    const Result<std::optional<RegisterCopy>>& of(const std::string& kind,
                                                  const std::string& name) {
        const RegisterName full{kind, name};
        const auto known = opened_.find(full);
        if (known != opened_.end()) return known->second;
        return opened_.emplace(full, register_copy(station_.store(), kind, name)).first->second;
    }

private:
    Station& station_;
    std::map<RegisterName, Result<std::optional<RegisterCopy>>> opened_;
};

// Notes which copies were asked. One may be left out, as if it held nothing.
class CopyReader final : public workflow::RegisterReader {
public:
    CopyReader(Copies& copies, std::string without = {})
        : copies_(copies), without_(std::move(without)) {}

    Result<std::optional<std::int64_t>> latest(const std::string& kind, const std::string& name,
                                               const std::string& key) const override {
        asked_.insert(name);
        if (name == without_) return std::optional<std::int64_t>();
        const auto& copy = copies_.of(kind, name);
        if (!copy.ok()) return copy.error();
        if (!*copy) return fail(ErrorCode::not_here, name);
        const auto found = (*copy)->latest.find(key);
        if (found == (*copy)->latest.end()) return std::optional<std::int64_t>();
        return std::optional(found->second);
    }
    [[nodiscard]] const std::set<std::string>& asked() const { return asked_; }

private:
    Copies& copies_;
    std::string without_;
    mutable std::set<std::string> asked_;
};

// The act as it would be judged now; none where no register decides, or where it is not filled
// enough to be judged.
class Question {
public:
    static Result<std::optional<Question>> of(Station& station, const Draft& draft,
                                              const std::optional<PersonId>& signer) {
        RELAIS_ASSIGN(auto kind, station.kinds().get(draft.kind_digest));
        const auto act = draft.acts.empty() ? std::nullopt : kind->kind.act(draft.acts[0].act);
        if (!act || asked_registers(kind->kind, *act).empty()) return std::optional<Question>();
        Question question(station, std::move(kind), *act);
        const bool filled = question.take_header(draft, signer);
        if (!filled) return std::optional<Question>();
        if (!question.opens()) {
            const auto seen = view_thread(station, draft.thread, draft.from);
            if (!seen.ok() || !seen->state) return std::optional<Question>();
            question.thread_ = seen->state;
        }
        return std::optional(std::move(question));
    }

    [[nodiscard]] const workflow::Kind& kind() const { return kind_->kind; }
    [[nodiscard]] bool opens() const { return kind().acts[act_].opens; }

    Result<workflow::Outcome> judge(const CopyReader& registers) const {
        const auto input = workflow::act_input(station_.directory(), kind(), act_, *header_, {},
                                               station_.directory().size(), station_.now(),
                                               thread_ ? &*thread_ : nullptr);
        return thread_ ? workflow::apply_act(kind(), *thread_, input, &registers)
                       : workflow::open_thread(kind(), header_->thread, input, &registers);
    }
    // Whether it sets entries of that register under whoever signs it.
    [[nodiscard]] bool sets_own(workflow::RegisterIndex reg) const {
        return std::ranges::any_of(kind().rows, [&](const workflow::Row& row) {
            return row.trigger == workflow::TriggerKind::act && row.index == act_ &&
                   std::ranges::any_of(row.effects, [&](const workflow::Effect& effect) {
                       return sets_own_entry(effect) && effect.reg == reg;
                   });
        });
    }

private:
    Question(Station& station, std::shared_ptr<const LoadedKind> kind, workflow::ActIndex act)
        : station_(station), kind_(std::move(kind)), act_(act) {}

    // False where nobody is known to sign, or a public field is not a value of it.
    bool take_header(const Draft& draft, const std::optional<PersonId>& signer) {
        const auto by = signer ? signer : draft.prepared_by;
        if (!by) return false;
        std::vector<PublicField> publics;
        for (const auto& [name, text] : draft.acts[0].publics) {
            const workflow::PublicDeclared* field = kind().public_field(name);
            const auto value = field == nullptr ? Result<std::int64_t>(fail(ErrorCode::not_found))
                                                : public_value(*field, text);
            if (!value.ok()) return false;
            publics.push_back({field->number, *value});
        }
        header_ = Header{.id = draft.id,
                         .thread = draft.thread,
                         .follows = draft.follows,
                         .kind = draft.kind_digest,
                         .act = draft.acts[0].act,
                         .answers = draft.answers,
                         .by = *by,
                         .on_behalf_of = draft.on_behalf_of,
                         .station = station_.identity().station,
                         .from = draft.from,
                         .to = draft_recipients(draft),
                         .lane = Lane::routine,
                         .respond_within = draft.respond_within,
                         .expires_after = std::chrono::seconds(0),
                         .time = station_.now(),
                         .head = station_.replica().head(),
                         .publics = std::move(publics),
                         .content_digest = {},
                         .content_bytes = 0};
        return true;
    }

    Station& station_;
    std::shared_ptr<const LoadedKind> kind_;
    workflow::ActIndex act_;
    std::optional<Header> header_;
    std::optional<workflow::Thread> thread_;
};

// What one register says, in the words of the kind.
class Words {
public:
    Words(Station& station, Copies& copies, const workflow::Kind& kind,
          const RegisterDeclared& declared)
        : declared_(declared) {
        const auto& copy =
            copies.of(declared.kind.empty() ? kind.name : declared.kind, declared.name);
        if (!copy.ok() || !*copy) return;
        read_ = (*copy)->read;
        const Milliseconds age = station.now() - *read_;
        sure_ = station.connected() && age >= Milliseconds(0) && age <= kRegisterFreshFor;
    }

    // None where all is well and the kind has no word for it.
    [[nodiscard]] std::optional<forms::Finding> allows() const {
        if (!sure_) return unsure("");
        if (declared_.holds.empty()) return std::nullopt;
        return forms::Finding{declared_.name, ErrorCode::ok, forms::Severity::information,
                              declared_.holds};
    }
    [[nodiscard]] forms::Finding denies() const {
        const std::string why = declared_.refuses.empty()
                                    ? "Le registre « " + declared_.label + " » ne le permet pas."
                                    : declared_.refuses;
        if (!sure_) return unsure(", qui disait : " + why);
        return warning(ErrorCode::register_refused, why);
    }
    [[nodiscard]] forms::Finding unsure(const std::string& said) const {
        const std::string what =
            declared_.unsure.empty() ? "« " + declared_.label + " » à confirmer" : declared_.unsure;
        const std::string when =
            read_ ? "registre lu le " + local_time(*read_) : "registre jamais lu sur ce poste";
        return warning(ErrorCode::unreachable, what + " : " + when + (said.empty() ? "." : said));
    }

private:
    [[nodiscard]] forms::Finding warning(ErrorCode code, std::string text) const {
        return {declared_.name, code, forms::Severity::warning, std::move(text)};
    }

    const RegisterDeclared& declared_;
    std::optional<WallTime> read_;
    bool sure_ = false;
};

// What whoever signs has said there so far: a wrong number would change another entry than the one
// that is meant, or none. None where the register was never read here.
std::optional<forms::Finding> own_entry(Station& station, Copies& copies,
                                        const workflow::Kind& kind, const std::string& act,
                                        const workflow::Registered& entry) {
    const RegisterDeclared& declared = kind.registers[entry.reg];
    const auto& copy = copies.of(kind.name, declared.name);
    if (!copy.ok() || !*copy) return std::nullopt;
    const auto words_of = [&](std::int64_t value) {
        return register_words(station.directory(), kind, declared.name, act, entry.key, value);
    };
    std::string where;
    for (const RegisterWord& part : words_of(entry.value).key) {
        where += (where.empty() ? "" : ", ") + part.label + " " + part.text;
    }
    const auto found = (*copy)->latest.find(entry.key);
    const std::string what =
        found == (*copy)->latest.end()
            ? "rien d'inscrit jusqu'ici"
            : "inscrit jusqu'ici : « " + words_of(found->second).value.text + " »";
    return forms::Finding{declared.name, ErrorCode::ok, forms::Severity::information,
                          "« " + declared.label + " », " + where + " : " + what + "."};
}

const RegisterDeclared* named(const workflow::Kind& kind, const std::string& name) {
    const auto found = std::ranges::find(kind.registers, name, &RegisterDeclared::name);
    return found == kind.registers.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<DraftFinding>> register_findings(Station& station, const Draft& draft,
                                                    const std::optional<PersonId>& signer) {
    std::vector<DraftFinding> findings;
    RELAIS_ASSIGN(const auto question, Question::of(station, draft, signer));
    if (!question) return findings;
    const workflow::Kind& kind = question->kind();
    const auto add = [&](forms::Finding finding) {
        findings.push_back({draft.acts[0].act, std::move(finding)});
    };
    Copies copies(station);
    const CopyReader all(copies);
    const auto judged = question->judge(all);
    const bool named_one =
        judged.code() == ErrorCode::register_refused || judged.code() == ErrorCode::not_here;
    if (named_one) {
        const RegisterDeclared* declared = named(kind, judged.error().detail);
        if (declared == nullptr) return findings;  // the act gives no key: others say what lacks
        const Words words(station, copies, kind, *declared);
        add(judged.code() == ErrorCode::not_here ? words.unsure("") : words.denies());
    }
    if (!judged.ok()) return findings;
    for (const std::string& name : all.asked()) {
        const RegisterDeclared* declared = named(kind, name);
        if (declared == nullptr) continue;
        // Said only of those on which the act stands: without it, it would be refused.
        if (question->judge(CopyReader(copies, name)).ok()) continue;
        if (auto finding = Words(station, copies, kind, *declared).allows())
            add(*std::move(finding));
    }
    for (const workflow::Consequence& each : judged->consequences) {
        const auto* entry = std::get_if<workflow::Registered>(&each);
        if (entry == nullptr || !question->sets_own(entry->reg)) continue;
        if (auto said = own_entry(station, copies, kind, draft.acts[0].act, *entry)) {
            add(*std::move(said));
        }
    }
    return findings;
}

}  // namespace relais::station
