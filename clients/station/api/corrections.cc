#include "clients/station/api/corrections.h"

#include <algorithm>
#include <ranges>
#include <span>

#include "core/codecs/codecs.h"
#include "schemas/forms/forms.h"

namespace relais::station {

namespace {

using workflow::Correction;

const workflow::Act& act_of(const Opened& opened) { return opened.kind->kind.acts[opened.act]; }

// What the mailbox said: neither a retraction, nor a record of what was told elsewhere.
bool is_content(const TimelineItem& item, const Address& from) {
    if (!item.opened || item.opened->header.from != from) return false;
    const workflow::Act& act = act_of(*item.opened);
    return !act.form.empty() && act.correction != Correction::retracts && !act.off_network;
}

bool stands(const TimelineItem& item, const Address& from) {
    return is_content(item, from) && item.corrected == Correction::none;
}

bool same_field(const forms::Field& a, const forms::Field& b) {
    return a.name == b.name && a.type == b.type && a.repeated == b.repeated &&
           std::ranges::equal(a.fields, b.fields, same_field);
}

// How near a content is to what the act fills: 2 of its form, 1 of a part of it, 0 of another.
int nearness(const Opened& opened, const LoadedKind& kind, const workflow::Act& act) {
    if (opened.kind->kind.digest != kind.kind.digest) return 0;
    const workflow::Act& former = act_of(opened);
    if (former.form == act.form) return 2;
    const forms::FormSchema* part = kind.form_of(former);
    const forms::FormSchema* whole = kind.form_of(act);
    return part != nullptr && whole != nullptr && is_part_of(*part, *whole) ? 1 : 0;
}

// The place of what the act supersedes, among `before` it; none where nothing fits.
std::optional<std::size_t> superseded(std::span<const TimelineItem> before, const LoadedKind& kind,
                                      const workflow::Act& act, const Address& from,
                                      const std::optional<Digest>& named) {
    std::optional<std::size_t> best;
    int nearest = 0;
    bool is_named = false;
    for (std::size_t i = before.size(); i-- > 0;) {
        if (!stands(before[i], from)) continue;
        const int near = nearness(*before[i].opened, kind, act);
        const bool by_name = named == before[i].opened->digest;
        if (near < nearest || near == 0 || (near == nearest && (is_named || !by_name))) continue;
        best = i;
        nearest = near;
        is_named = by_name;
    }
    return best;
}

void mark(TimelineItem& item, Correction how, const std::optional<MessageId>& by) {
    item.corrected = how;
    item.corrected_by = by;
}

void say(TimelineItem& item) {
    if (!item.corrected_by) return;
    item.title +=
        item.corrected == Correction::retracts ? " — RETIRÉ depuis" : " — remplacé depuis";
    item.title += " par le message n° " + uuid(*item.corrected_by);
}

// Whether each public field that the draft gives says what the header of the former act says.
bool same_publics(const workflow::Kind& kind, const DraftAct& filled, const Header& former) {
    return std::ranges::all_of(filled.publics, [&](const auto& given) {
        const workflow::PublicDeclared* field = kind.public_field(given.first);
        if (field == nullptr) return false;
        const auto value = public_value(*field, given.second);
        const auto said = std::ranges::find(former.publics, field->number, &PublicField::number);
        return value.ok() && said != former.publics.end() && said->value == *value;
    });
}

}  // namespace

bool is_part_of(const forms::FormSchema& former, const forms::FormSchema& form) {
    return std::ranges::all_of(former.root().fields, [&](const forms::Field& field) {
        return std::ranges::any_of(form.root().fields, [&](const forms::Field& other) {
            return same_field(field, other);
        });
    });
}

std::optional<Digest> named_by_correction(const ThreadView& view, const workflow::Act& act) {
    if (act.correction == Correction::supersedes) {
        const auto place = superseded(view.items, *view.kind, act, view.mailbox, std::nullopt);
        return place ? std::optional(view.items[*place].opened->digest) : std::nullopt;
    }
    std::optional<Digest> last;
    for (const TimelineItem& item : view.items | std::views::reverse) {
        if (!stands(item, view.mailbox)) continue;
        const workflow::Act& former = act_of(*item.opened);
        if (former.opens || former.correction == Correction::supersedes) {
            return item.opened->digest;
        }
        if (!last) last = item.opened->digest;
    }
    return last;
}

void mark_corrected(std::vector<TimelineItem>& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!items[i].opened) continue;
        const Opened& opened = *items[i].opened;
        const workflow::Act& act = act_of(opened);
        if (act.correction == Correction::none) continue;
        const std::span<TimelineItem> before(items.data(), i);
        const Address& from = opened.header.from;
        if (act.correction == Correction::supersedes) {
            const auto place = superseded(before, *opened.kind, act, from, opened.header.answers);
            if (place) mark(before[*place], act.correction, items[i].message);
            continue;
        }
        for (TimelineItem& former : before) {
            const bool already = former.corrected == Correction::retracts;
            if (is_content(former, from) && !already) {
                mark(former, act.correction, items[i].message);
            }
        }
    }
    std::ranges::for_each(items, say);
}

Result<bool> corrects_nothing(Station& station, const Draft& draft, FilesLeftOut files) {
    RELAIS_ASSIGN(const auto kind, station.kinds().get(draft.kind_digest));
    const auto index = draft.acts.empty() ? std::nullopt : kind->kind.act(draft.acts[0].act);
    if (!index || !draft.answers) return false;
    const DraftAct& filled = draft.acts.front();
    const workflow::Act& act = kind->kind.acts[*index];
    const forms::FormSchema* form = kind->form_of(act);
    if (act.correction != Correction::supersedes || form == nullptr) return false;
    const auto view = view_thread(station, draft.thread, draft.from);
    if (view.code() == ErrorCode::unknown_thread) return false;
    if (!view.ok()) return view.error();
    const auto former = std::ranges::find_if(view->items, [&](const TimelineItem& item) {
        return item.opened && item.opened->digest == *draft.answers;
    });
    if (former == view->items.end() || !filled.attachments.empty()) return false;
    const Opened& before = *former->opened;
    if (before.attachments != nullptr && files == FilesLeftOut::change) return false;
    if (!same_publics(kind->kind, filled, before.header)) return false;
    forms::Findings ignored;  // what is wrong is said when it is sent
    const auto checked = forms::check(*form, filled.form,
                                      draft_context(station, *kind, draft, act, filled), ignored);
    return checked.ok() && *checked == before.form;
}

}  // namespace relais::station
