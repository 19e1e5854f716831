#include "clients/station/api/threads.h"

#include <algorithm>
#include <map>
#include <set>

#include "clients/station/api/attachments.h"
#include "clients/station/api/corrections.h"
#include "clients/station/api/thread_replay.h"
#include "clients/station/api/thread_titles.h"
#include "clients/station/api/withdrawals.h"
#include "core/codecs/codecs.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/permission.h"
#include "schemas/workflow/public_value.h"

namespace relais::station {

namespace {

std::string public_lines(const workflow::Kind& kind, const Header& header) {
    std::string text;
    for (const PublicField& field : header.publics) {
        const workflow::PublicDeclared* declared = kind.public_field(field.number);
        if (declared == nullptr) continue;
        text += declared->label + " : " + workflow::public_label(*declared, field.value) + "\n";
    }
    return text;
}

}  // namespace

std::string act_text(const Opened& opened) {
    const workflow::Act& act = opened.kind->kind.acts[opened.act];
    std::string text = public_lines(opened.kind->kind, opened.header);
    const forms::FormSchema* form = opened.kind->form_of(act);
    if (form != nullptr && !opened.form.is_null()) {
        text += forms::render_text(*form, opened.form);
    }
    for (const forms::Finding& warning : opened.warnings) {
        text += "(attention) " + warning.path + " : " + warning.message + "\n";
    }
    return text;
}

namespace {

// What was done, and that it was not end-to-end where it was not.
std::string past_of(const workflow::Act& act) {
    return act.off_network ? act.past + " (" + std::string(kOffNetwork) + ")" : act.past;
}

std::string person_label(Station& station, const PersonId& id) {
    const auto* record = station.directory().person_ever(id);
    return record == nullptr ? "?" : record->person.title;
}

std::string attachment_lines(Station& station, const Opened& opened) {
    if (opened.attachments == nullptr) return {};
    std::string text;
    for (const AttachedFile& file : opened.attachments->list.files) {
        text += "Pièce jointe : " + attachment_label(file) + "\n";
    }
    const auto here = attachments_noted_here(station, opened);
    return text + (here.ok() && *here ? "(sur ce poste)\n" : "(à télécharger : relais save)\n");
}

// The persons whom the act names among its recipients.
std::string attention_lines(Station& station, const Header& header) {
    std::string text;
    for (const Recipient& to : header.to) {
        if (!to.attention) continue;
        text += "À l'attention de : " + person_label(station, *to.attention) + " (" +
                to.mailbox.text() + ")\n";
    }
    return text;
}

TimelineItem act_item(Station& station, Opened opened, std::uint64_t serial) {
    const workflow::Act& act = opened.kind->kind.acts[opened.act];
    TimelineItem item;
    item.serial = serial;
    item.time = opened.accepted.time;
    item.title = past_of(act) + " — " + opened.header.from.text() + ", " +
                 person_label(station, opened.header.by);
    if (opened.header.on_behalf_of) {
        item.title += " pour " + person_label(station, *opened.header.on_behalf_of);
    }
    if (opened.old_epoch) item.title += " (ancienne clé)";
    item.text = attention_lines(station, opened.header) + act_text(opened) +
                attachment_lines(station, opened);
    item.message = opened.header.id;
    item.opened = std::move(opened);
    return item;
}

TimelineItem problem_item(const StoredEntry& entry) {
    TimelineItem item;
    item.type = TimelineItem::Type::problem;
    item.serial = entry.serial;
    item.code = entry.status;
    item.message = entry.message;
    const ErrorInfo& info = error_info(entry.status);
    item.title = may_pass(entry.status) ? "En attente : " + std::string(info.french)
                                        : "Message refusé : " + std::string(info.french);
    item.text = std::string(info.next_step) + "\n";
    if (const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry)) {
        item.time = envelope->accepted.time;
    }
    return item;
}

// The state into which whoever is in `state` is withdrawn, where the kind has one only.
std::optional<workflow::StateIndex> withdrawn_from(const workflow::Kind& kind,
                                                   workflow::StateIndex state) {
    std::set<workflow::StateIndex> states;
    for (const workflow::Row& row : kind.rows) {
        for (const workflow::Effect& effect : row.effects) {
            const bool withdraws = effect.op == workflow::EffectOp::withdraw &&
                                   workflow::in_mask(effect.states, state);
            if (withdraws) states.insert(effect.state);
        }
    }
    return states.size() == 1 ? std::optional(*states.begin()) : std::nullopt;
}

// Of all parties for the opener, of itself for a party: it knows of no other.
std::vector<PartyStanding> standings(const workflow::Kind& kind, const workflow::Thread& thread,
                                     const Address& mailbox, const std::vector<Deadline>& deadlines,
                                     bool withdrawn) {
    std::vector<PartyStanding> list;
    for (std::size_t party = 0; party < thread.parties.size(); ++party) {
        if (mailbox != thread.opener && thread.party(mailbox) != party) continue;
        std::optional<workflow::StateIndex> index = thread.parties[party].state;
        if (withdrawn) index = withdrawn_from(kind, *index);
        if (!index) continue;
        const workflow::State& state = kind.party_states[*index];
        PartyStanding standing{thread.parties[party].mailbox, state.name, state.label};
        const auto own = std::ranges::find(deadlines, standing.mailbox, &Deadline::mailbox);
        if (own != deadlines.end()) standing.until = *own;
        list.push_back(std::move(standing));
    }
    return list;
}

// Builds a view step by step: entries, then what waits, then what follows from all of it.
class Builder {
public:
    Builder(Station& station, const ThreadId& id) : station_(station) { view_.id = id; }

    Result<ThreadView> build(const std::optional<Address>& wanted) {
        RELAIS_ASSIGN(const auto entries, station_.store().entries_of_thread(view_.id));
        RELAIS_ASSIGN(const auto outgoing, station_.store().outgoing_of_thread(view_.id));
        for (const StoredEntry& entry : entries) takes_part(entry.delivery.mailbox);
        for (const StoredOutgoing& item : outgoing) {
            RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(item.envelope));
            takes_part(envelope.header().from);
        }
        if (view_.mailboxes.empty()) return fail(ErrorCode::unknown_thread);
        view_.mailbox = wanted.value_or(view_.mailboxes.front());
        if (std::ranges::find(view_.mailboxes, view_.mailbox) == view_.mailboxes.end()) {
            return fail(ErrorCode::unknown_thread, view_.mailbox.text());
        }
        for (const StoredEntry& entry : entries) add(entry);
        for (const auto& [serial, notice] : seen_) add_notice(notice, serial);
        std::ranges::stable_sort(view_.items, {}, [](const TimelineItem& item) {
            return std::pair(item.time, item.serial);
        });
        mark_corrected(view_.items);
        replay();
        for (const StoredOutgoing& item : outgoing) RELAIS_TRY(add(item));
        RELAIS_TRY(add_delivered());
        finish();
        return std::move(view_);
    }

private:
    void takes_part(const Address& mailbox) {
        const auto known = std::ranges::find(view_.mailboxes, mailbox);
        if (known == view_.mailboxes.end()) view_.mailboxes.push_back(mailbox);
    }

    // Notices are kept for later: they are told in the words of the kind.
    void add(const StoredEntry& entry) {
        if (entry.delivery.mailbox != view_.mailbox) return;
        view_.last_serial = std::max(view_.last_serial, entry.serial);
        if (entry.status == ErrorCode::already_exists) return;
        if (entry.status != ErrorCode::ok) {
            view_.items.push_back(problem_item(entry));
            return;
        }
        if (const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry)) {
            auto opened = station_.judge().open(*envelope, entry.delivery.mailbox);
            if (!opened.ok()) return problem(entry, opened.code());
            if (!view_.kind) view_.kind = opened->kind;
            view_.items.push_back(act_item(station_, *std::move(opened), entry.serial));
        } else if (const auto* notice = std::get_if<NoticeEntry>(&entry.delivery.entry)) {
            auto opened = station_.judge().open_notice(*notice);
            if (opened.ok()) {
                seen_.emplace_back(entry.serial, *std::move(opened));
            } else {  // its key's end was brought forward since
                problem(entry, opened.code());
            }
        } else if (const auto* mark = std::get_if<MarkedEntry>(&entry.delivery.entry)) {
            add_mark(*mark, entry);
        }
    }

    // Of what was valid when it came.
    void problem(const StoredEntry& entry, ErrorCode code) {
        StoredEntry failed = entry;
        failed.status = code;
        view_.items.push_back(problem_item(failed));
    }

    [[nodiscard]] std::string title_of(const Notice& notice) const {
        return notice_title(notice, view_.kind ? &view_.kind->kind : nullptr);
    }

    void add_notice(const Notice& notice, std::uint64_t serial) {
        notices_.push_back(notice);
        if (notice.kind == NoticeKind::opened || notice.kind == NoticeKind::taken) return;
        TimelineItem item;
        item.type = TimelineItem::Type::notice;
        item.notice = notice.kind;
        item.serial = serial;
        item.time = notice.time;
        item.title = title_of(notice);
        item.message = notice.message;
        if (notice.kind == NoticeKind::placed) item.title = place_title(notice, serial);
        view_.items.push_back(std::move(item));
        turns_.emplace(serial, notice);
    }

    // With the label that the kind gives the state, where the kind is known. One that quotes an act
    // was decided by it: of one's delegate, or of whom one stands in for.
    std::string place_title(const Notice& notice, std::uint64_t serial) {
        Notice labelled = notice;
        if (view_.kind) {
            const auto& states = view_.kind->kind.party_states;
            const auto named = std::ranges::find(states, notice.state, &workflow::State::name);
            if (named != states.end()) labelled.state = named->label;
        }
        const std::string title =
            labelled.mailbox == view_.mailbox.text()
                ? title_of(labelled)
                : "Place de " + labelled.mailbox + " dans le dossier : " + labelled.state;
        if (!notice.act) return title;
        const auto quoted = station_.judge().check_quoted(*notice.act, view_.id);
        const bool of_this = quoted.ok() && quoted->header.thread == view_.id;
        if (!of_this) return title + " (l'action citée reste à vérifier)";
        quoted_.emplace(serial, *quoted);
        return title + " : " + quoted_label(*quoted);
    }

    // "Service choisi — cabinet-dupont@indre, Dr Dupont".
    std::string quoted_label(const QuotedAct& quoted) {
        return quoted.kind->kind.acts[quoted.act].past + " — " + quoted.header.from.text() + ", " +
               person_label(station_, quoted.header.by);
    }

    // Whether the request is withdrawn: by an act that its author signed, not by the broker's word.
    // What cannot be checked yet hides neither acts nor deadlines.
    bool is_withdrawn(TimelineItem& item, const Notice& notice,
                      const std::optional<workflow::Thread>& thread) {
        const SignedHeader none{};
        const auto quoted = station_.judge().check_quoted(notice.act.value_or(none), view_.id);
        switch (judge_withdrawal(quoted, thread, opening_act(thread), view_.mailbox)) {
            case Withdrawal::proven: item.title += " : " + quoted_label(*quoted); return true;
            case Withdrawal::unchecked:
                item.title += " (l'action citée reste à vérifier)";
                return false;
            case Withdrawal::unproven: break;
        }
        item.type = TimelineItem::Type::problem;
        item.code = ErrorCode::proof_invalid;
        item.title = "Retrait annoncé sans action signée qui le prouve : appelez le demandeur";
        return false;
    }

    [[nodiscard]] std::optional<workflow::ActIndex> opening_act(
        const std::optional<workflow::Thread>& thread) const {
        for (const TimelineItem& item : view_.items) {
            if (!item.opened || !thread || item.opened->header.kind != thread->kind) continue;
            if (item.opened->kind->kind.acts[item.opened->act].opens) return item.opened->act;
        }
        return std::nullopt;
    }

    void add_mark(const MarkedEntry& entry, const StoredEntry& stored) {
        const auto mark = station_.judge().open_mark(entry, stored.delivery.mailbox);
        if (!mark.ok()) return;
        TimelineItem item;
        item.type = TimelineItem::Type::mark;
        item.serial = stored.serial;
        item.time = mark->time;
        item.title = (mark->word == Word::opened ? "Ouvert par " : "Pris en charge par ") +
                     person_label(station_, mark->person);
        item.message = mark->message;
        item.mark = *mark;
        view_.items.push_back(std::move(item));
    }

    void replay() {
        ThreadReplay& replay = replay_.emplace(station_.directory(), view_.id, view_.mailbox);
        for (TimelineItem& item : view_.items) {
            const auto turn = turns_.find(item.serial);
            if (item.notice == NoticeKind::withdrawn) {
                withdrawn_ |= is_withdrawn(item, turn->second, replay.state());
            }
            if (const auto quoted = quoted_.find(item.serial); quoted != quoted_.end()) {
                replay.quoted(quoted->second, turn->second);
            }
            if (turn != turns_.end()) replay.turn(turn->second);
            if (item.opened) replay.act(*item.opened);
        }
        view_.state = replay.state();
        if (view_.state) view_.kind = replay.kind();
    }

    Result<void> add(const StoredOutgoing& outgoing) {
        for (TimelineItem& item : view_.items) {
            if (item.message != outgoing.message || !item.opened) continue;
            item.sending = outgoing.state;  // its own copy has come back
            if (outgoing.state == SendState::accepted && outgoing.code != ErrorCode::ok) {
                item.text += "Le service a été restauré et n'a pas pu reprendre ce message : " +
                             std::string(error_info(outgoing.code).french) +
                             " Prévenez le destinataire par téléphone.\n";
            }
            return {};
        }
        RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(outgoing.envelope));
        const Header& header = envelope.header();
        if (header.from != view_.mailbox) return {};
        const auto kind = station_.kinds().get(header.kind);
        const auto act = kind.ok() ? (*kind)->kind.act(header.act) : std::nullopt;
        TimelineItem item;
        item.sending = outgoing.state;
        item.message = outgoing.message;
        item.time = header.time;
        item.title = act ? past_of((*kind)->kind.acts[*act]) : header.act;
        if (kind.ok() && !view_.kind) view_.kind = *kind;
        if (outgoing.state == SendState::refused) {
            item.type = TimelineItem::Type::refused;
            item.code = outgoing.code;
            const std::string detail = outgoing.refusal ? outgoing.refusal->detail : "";
            const std::string declared =
                kind.ok() ? refusal_reason((*kind)->kind, header.act, outgoing.code, detail) : "";
            item.title += " — refusé : " + std::string(error_info(outgoing.code).french);
            item.text = accepted_instead(outgoing) + (declared.empty() ? "" : declared + "\n");
            if (declared.empty() || outgoing.code == ErrorCode::act_refused) {
                item.text += std::string(error_info(outgoing.code).next_step) + "\n";
            }
        } else if (outgoing.state == SendState::queued) {
            item.title += " — en attente d'envoi";
        }
        view_.items.push_back(std::move(item));
        return {};
    }

    // The act that was before ours, where the refusal proves it. What a register holds may have
    // been said in another case: with what it says.
    std::string accepted_instead(const StoredOutgoing& outgoing) {
        if (!outgoing.refusal || !outgoing.refusal->winning) return {};
        const SignedHeader& winning = *outgoing.refusal->winning;
        const auto here = station_.judge().check_quoted(winning, view_.id);
        if (here.ok()) return "Acceptée avant : " + quoted_label(*here) + "\n";
        const auto header = parse_header(winning.bytes);
        if (here.code() != ErrorCode::unknown_thread || !header.ok()) return {};
        const auto elsewhere = station_.judge().check_quoted(winning, header->thread);
        if (!elsewhere.ok()) return {};
        return "Signée depuis : " + quoted_label(*elsewhere) + "\n" +
               public_lines(elsewhere->kind->kind, elsewhere->header);
    }

    // *Remis* comes in notices that list messages of several threads.
    Result<void> add_delivered() {
        for (TimelineItem& item : view_.items) {
            if (!item.opened || item.opened->header.from != view_.mailbox) continue;
            RELAIS_ASSIGN(const auto delivered, station_.store().delivered_notices(*item.message));
            std::vector<Notice> notices = notices_;
            for (const StoredEntry& entry : delivered) {
                const auto* notice = std::get_if<NoticeEntry>(&entry.delivery.entry);
                if (notice == nullptr) continue;
                const auto opened = station_.judge().open_notice(*notice);
                if (opened.ok()) notices.push_back(*opened);
            }
            add_receipts(item, notices);
        }
        return {};
    }

    // An act of `mailbox` names this one as what it answers.
    [[nodiscard]] bool answered_by(const TimelineItem& item, const Address& mailbox) const {
        return std::ranges::any_of(view_.items, [&](const TimelineItem& other) {
            return other.opened && other.opened->header.from == mailbox &&
                   other.opened->header.answers == item.opened->digest;
        });
    }

    // Whom it was sent to: mailboxes by name, and those that its groups stand for.
    [[nodiscard]] std::vector<Address> readers_of(const Opened& opened) const {
        std::vector<Address> readers;
        for (const Recipient& to : opened.header.mailboxes()) readers.push_back(to.mailbox);
        const auto members =
            workflow::group_readers(station_.directory(), opened.kind->kind, opened.header);
        readers.insert(readers.end(), members.begin(), members.end());
        return readers;
    }

    void add_receipts(TimelineItem& item, const std::vector<Notice>& notices) {
        for (const Address& reader : readers_of(*item.opened)) {
            TimelineItem::Receipt receipt{.mailbox = reader.text()};
            receipt.answered = answered_by(item, reader);
            for (const Notice& notice : notices) {
                if (notice.mailbox != receipt.mailbox) continue;
                const bool about =
                    notice.message == item.message ||
                    std::ranges::find(notice.delivered, *item.message, &DeliveredItem::message) !=
                        notice.delivered.end();
                const bool proven =
                    about && station_.judge()
                                 .check_evidence(notice, *item.message, item.opened->digest)
                                 .ok();
                receipt.delivered |= proven;
                receipt.opened |= proven && notice.kind == NoticeKind::opened;
                receipt.taken |= proven && notice.kind == NoticeKind::taken;
            }
            if (!receipt.delivered) receipt.held = held(item, reader);
            const bool waits = !receipt.delivered && is_delegate(item.opened->header, reader);
            if (!waits) item.receipts.push_back(std::move(receipt));
        }
    }

    [[nodiscard]] std::optional<Held> held(const TimelineItem& item, const Address& reader) {
        auto held = replay_->held(item.opened->digest, reader);
        if (held && held->end && *held->end <= station_.now()) held->end.reset();
        return held;
    }

    static bool is_delegate(const Header& header, const Address& mailbox) {
        const auto found = std::ranges::find(header.to, mailbox, &Recipient::mailbox);
        return found != header.to.end() && found->standing == Standing::delegate;
    }

    // Whoever took the latest message of those that were taken; of several, the first.
    void find_taken() {
        std::set<MessageId> messages;
        for (const TimelineItem& item : view_.items) {
            if (!item.mark || item.mark->word != Word::taken) continue;
            if (!messages.insert(*item.message).second) continue;
            view_.taken = {item.mark->person, person_label(station_, item.mark->person), item.time};
        }
    }

    void finish() {
        find_taken();
        if (!view_.state) {
            view_.state_label = view_.ended() ? "Effacé" : "En attente";
            return;
        }
        const workflow::Kind& kind = view_.kind->kind;
        view_.state_label = kind.thread_states[view_.state->state].label;
        const auto own = view_.state->party(view_.mailbox);
        if (own && !kind.thread_states[view_.state->state].terminal) {
            view_.state_label +=
                withdrawn_ ? " · retirée"
                           : " · " + kind.party_states[view_.state->parties[*own].state].label;
        }
        const bool member = workflow::is_member(station_.directory(), view_.state->groups,
                                                view_.mailbox, station_.directory().size());
        if (!withdrawn_) {
            view_.possible = workflow::possible_acts(kind, *view_.state, view_.mailbox, member);
        }
        const WallTime now = station_.now();
        if (!withdrawn_) view_.deadlines = replay_->deadlines();
        std::erase_if(view_.deadlines, [&](const Deadline& each) { return each.end <= now; });
        view_.parties = standings(kind, *view_.state, view_.mailbox, view_.deadlines, withdrawn_);
    }

    Station& station_;
    ThreadView view_{{}, nullptr, std::nullopt, {}, Address::parse("x@x").value(), {}, {}, {}, 0};
    std::vector<std::pair<std::uint64_t, Notice>> seen_;  // notices that are valid, by serial
    std::vector<Notice> notices_;
    std::optional<ThreadReplay> replay_;
    std::map<std::uint64_t, Notice> turns_;      // by the serial of their item: what no act shows
    std::map<std::uint64_t, QuotedAct> quoted_;  // of those, the acts that they quote
    bool withdrawn_ = false;
};

}  // namespace

std::optional<Digest> ThreadView::last_act() const {
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
        if (item->opened) return item->opened->digest;
    }
    return std::nullopt;
}

bool ThreadView::ended() const {
    if (state) return kind->kind.thread_states[state->state].terminal;
    return std::ranges::any_of(
        items, [](const TimelineItem& item) { return item.notice == NoticeKind::erased; });
}

bool ThreadView::received(const TimelineItem& item) const {
    return item.opened && item.message && item.opened->header.from != mailbox;
}

bool ThreadView::marked(const MessageId& message, Word word) const {
    return std::ranges::any_of(items, [&](const TimelineItem& item) {
        return item.mark && item.message == message && item.mark->word >= word;
    });
}

Result<ThreadView> view_thread(Station& station, const ThreadId& id,
                               const std::optional<Address>& mailbox) {
    return Builder(station, id).build(mailbox);
}

namespace {

bool off_network(const TimelineItem& item) {
    return item.opened && item.opened->kind->kind.acts[item.opened->act].off_network;
}

ThreadLine line_of(const ThreadView& view) {
    const TimelineItem last = view.items.empty() ? TimelineItem{} : view.items.back();
    const auto unopened = std::ranges::count_if(view.items, [&](const TimelineItem& item) {
        return view.received(item) && !view.marked(*item.message, Word::opened);
    });
    const auto problems = std::ranges::count_if(
        view.items, [](const TimelineItem& item) { return item.code != ErrorCode::ok; });
    return {view.id,
            view.mailbox,
            view.kind ? view.kind->kind.name : "",
            view.kind ? view.kind->kind.title : "Dossier",
            view.state ? view.kind->kind.thread_states[view.state->state].name : "",
            view.state_label,
            last.title,
            last.time,
            view.state ? view.state->opener.text() : "",
            static_cast<std::size_t>(problems),
            static_cast<std::size_t>(unopened),
            view.ended(),
            std::ranges::any_of(view.items, off_network),
            view.deadlines.empty() ? std::nullopt : std::optional(view.deadlines.front()),
            view.taken};
}

}  // namespace

Result<std::vector<ThreadLine>> list_threads(Station& station) {
    RELAIS_ASSIGN(const auto ids, station.store().threads());
    std::vector<ThreadLine> lines;
    for (const ThreadId& id : ids) {
        RELAIS_ASSIGN(const ThreadView view, view_thread(station, id));
        lines.push_back(line_of(view));
        for (const Address& mailbox : view.mailboxes) {
            if (mailbox == view.mailbox) continue;
            RELAIS_ASSIGN(const ThreadView other, view_thread(station, id, mailbox));
            lines.push_back(line_of(other));
        }
    }
    std::ranges::sort(lines, std::greater{}, &ThreadLine::last_time);
    return lines;
}

Result<ThreadId> find_thread(Station& station, const std::string& prefix) {
    RELAIS_ASSIGN(const auto ids, station.store().threads());
    std::optional<ThreadId> found;
    for (const ThreadId& id : ids) {
        if (!uuid(id).starts_with(prefix) && !uuid(id).ends_with(prefix)) continue;
        if (found) return fail(ErrorCode::usage, "several threads begin with " + prefix);
        found = id;
    }
    if (!found) return fail(ErrorCode::unknown_thread, prefix);
    return *found;
}

}  // namespace relais::station
