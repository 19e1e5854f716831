#include "clients/station/api/responses.h"

#include <algorithm>
#include <map>
#include <set>

#include "schemas/workflow/permission.h"

namespace relais::station {

namespace {

using workflow::Act;
using workflow::Kind;
using workflow::PublicDeclared;

// The first public code that the act declares; null where there is none.
const PublicDeclared* answer_field(const Kind& kind, const Act& act) {
    for (const workflow::PublicUse& use : act.publics) {
        const PublicDeclared* field = kind.public_field(use.number);
        if (field->type == workflow::PublicType::code) return field;
    }
    return nullptr;
}

bool holds(const directory::DirectoryState& state, const workflow::Role& role,
           const directory::PersonRecord& record) {
    const auto* organisation = state.organisation(record.organisation);
    const auto has = [](const auto& list, const auto& value) {
        return std::ranges::find(list, value) != list.end();
    };
    return organisation != nullptr && has(role.organisation_kinds, organisation->admission.kind) &&
           (role.professions.empty() || has(role.professions, record.person.profession));
}

class Counter {
public:
    Counter(Station& station, const ThreadView& view)
        : directory_(station.directory()), view_(view), kind_(view.kind->kind) {}

    Result<Reach> count() {
        for (const TimelineItem& item : view_.items) {
            if (item.type == TimelineItem::Type::notice) take_notice(item);
            if (item.type != TimelineItem::Type::act || !item.opened) continue;
            const Act& act = kind_.acts[item.opened->act];
            if (act.side == workflow::Side::opener) {
                take_call(item, act);
            } else {
                take_answer(item, act);
            }
        }
        if (called_.empty()) return fail(ErrorCode::not_found, "personne n'est appelé");
        return finish();
    }

private:
    // Whom the act reaches: at once, or with all that is held so far, when something releases it.
    void take_call(const TimelineItem& item, const Act& act) {
        const Header& header = item.opened->header;
        if (act.correction != workflow::Correction::none) corrected_ = item.time;
        const bool waits = act.opens && act.release != Release::at_once;
        const bool releases = std::ranges::any_of(kind_.rows, [&](const workflow::Row& row) {
            return row.trigger == workflow::TriggerKind::act && row.index == item.opened->act &&
                   has_release(row);
        });
        held_ = (held_ || waits) && !releases;
        for (const Address& mailbox : reached_by(header)) pending_.push_back(mailbox);
        if (!held_) call_pending(item.time);
    }

    // The end of a clock hands over what waits; nothing else that is told does.
    void take_notice(const TimelineItem& item) {
        if (!held_ || item.notice != NoticeKind::overdue) return;
        held_ = false;
        call_pending(item.time);
    }

    static bool has_release(const workflow::Row& row) {
        return std::ranges::any_of(row.effects, [](const workflow::Effect& effect) {
            return effect.op == workflow::EffectOp::release;
        });
    }

    std::vector<Address> reached_by(const Header& header) const {
        std::vector<Address> reached = workflow::group_readers(directory_, kind_, header);
        for (const Recipient& recipient : header.mailboxes()) {
            if (recipient.standing != Standing::delegate) reached.push_back(recipient.mailbox);
        }
        return reached;
    }

    void call_pending(WallTime time) {
        for (const Address& mailbox : pending_) {
            called_.try_emplace(mailbox, CalledMailbox{mailbox, time, {}, {}});
        }
        pending_.clear();
    }

    void take_answer(const TimelineItem& item, const Act& act) {
        const PublicDeclared* field = answer_field(kind_, act);
        const Header& header = item.opened->header;
        const auto value = field == nullptr ? std::nullopt : header.public_value(field->number);
        if (!value) return;
        // One that was called and has left the group since stays among those called.
        auto& mailbox =
            called_.try_emplace(header.from, CalledMailbox{header.from, item.time, {}, {}})
                .first->second;
        const workflow::PublicValue* code = field->named(*value);
        mailbox.last = Answer{header.by, code != nullptr ? code->code : "",
                              code != nullptr ? code->label : "", item.time, false};
        if (!mailbox.first) mailbox.first = item.time;
        note_roles(header, act, item.time - mailbox.called);
    }

    void note_roles(const Header& header, const Act& act, Milliseconds after) {
        const auto* record = directory_.person_ever(header.on_behalf_of.value_or(header.by));
        if (record == nullptr) return;
        for (const std::uint16_t role : act.roles) {
            if (holds(directory_, kind_.roles[role], *record)) {
                answered_[role].try_emplace(header.from, after);
            }
        }
    }

    Result<Reach> finish() {
        Reach reach{.since = called_.begin()->second.called,
                    .called = {},
                    .not_called = not_called(),
                    .roles = {}};
        for (auto& [mailbox, line] : called_) {
            reach.since = std::min(reach.since, line.called);
            if (line.last) line.last->outdated = corrected_ && line.last->time < *corrected_;
            const workflow::Thread& thread = *view_.state;
            line.left = !thread.party(mailbox) &&
                        !workflow::is_member(directory_, thread.groups, mailbox, directory::kNow);
            reach.called.push_back(line);
        }
        for (std::uint16_t role = 0; role < kind_.roles.size(); ++role) {
            RoleReach line = reach_of_role(role);
            if (line.called > 0) reach.roles.push_back(std::move(line));
        }
        return reach;
    }

    std::vector<Address> not_called() const {
        std::set<Address> members;
        for (const Address& group : view_.state->groups) {
            for (const Address& member : directory_.members(group, directory::kNow)) {
                if (member != view_.mailbox && !called_.contains(member)) members.insert(member);
            }
        }
        return {members.begin(), members.end()};
    }

    RoleReach reach_of_role(std::uint16_t index) {
        RoleReach line{.label = kind_.roles[index].label, .first_after = std::nullopt};
        const bool may_answer = std::ranges::any_of(kind_.acts, [&](const Act& act) {
            return act.side != workflow::Side::opener && answer_field(kind_, act) != nullptr &&
                   std::ranges::find(act.roles, index) != act.roles.end();
        });
        if (!may_answer) return line;
        for (const auto& [mailbox, called] : called_) {
            const auto persons = directory_.persons_of(mailbox.organisation());
            const bool has_one = std::ranges::any_of(persons, [&](const auto* record) {
                return holds(directory_, kind_.roles[index], *record);
            });
            line.called += has_one ? 1 : 0;
        }
        for (const auto& [mailbox, after] : answered_[index]) {
            ++line.acknowledged;
            line.first_after = std::min(line.first_after.value_or(after), after);
        }
        line.called = std::max(line.called, line.acknowledged);
        return line;
    }

    const directory::DirectoryState& directory_;
    const ThreadView& view_;
    const Kind& kind_;
    bool held_ = false;
    std::vector<Address> pending_;
    std::map<Address, CalledMailbox> called_;
    std::map<std::uint16_t, std::map<Address, Milliseconds>> answered_;  // by role, mailbox
    std::optional<WallTime> corrected_;
};

}  // namespace

std::size_t Reach::acknowledged() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        called, [](const CalledMailbox& line) { return line.last.has_value(); }));
}

std::size_t Reach::answered_with(std::string_view code) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        called, [&](const CalledMailbox& line) { return line.last && line.last->code == code; }));
}

std::optional<Milliseconds> Reach::time_to(unsigned percent) const {
    std::vector<Milliseconds> delays;
    for (const CalledMailbox& line : called) {
        if (line.first) delays.push_back(*line.first - line.called);
    }
    const std::size_t wanted = (called.size() * percent + 99) / 100;
    if (wanted == 0 || delays.size() < wanted) return std::nullopt;
    std::ranges::sort(delays);
    return delays[wanted - 1];
}

Result<Reach> reach_of(Station& station, const ThreadView& view) {
    if (!view.state || view.state->opener != view.mailbox) {
        return fail(ErrorCode::forbidden, "les réponses vont au seul service qui a appelé");
    }
    return Counter(station, view).count();
}

}  // namespace relais::station
