#include "clients/cli/marking.h"

#include <algorithm>

#include "clients/cli/show_directory.h"
#include "clients/cli/text.h"

namespace relais::cli {

namespace {

using station::TimelineItem;

constexpr std::chrono::seconds kMarkPatience{10};

// Who of the mailbox has the message in hand, and since when: the first who said so; null: nobody.
const TimelineItem* taken_before(const station::ThreadView& view, const MessageId& message) {
    const auto taken = std::ranges::find_if(view.items, [&](const TimelineItem& item) {
        return item.mark && item.message == message && item.mark->word == Word::taken;
    });
    return taken == view.items.end() ? nullptr : &*taken;
}

Error has_it(station::Station& station, const TimelineItem& taken) {
    return fail(ErrorCode::conflict, "déjà pris en charge par " +
                                         person_title(station.directory(), taken.mark->person) +
                                         " depuis le " + local_time(taken.time));
}

// The stored entry of a timeline's message, in the mailbox from which it is seen.
Result<std::optional<station::StoredEntry>> entry_of(station::Station& station,
                                                     const station::ThreadView& view,
                                                     const TimelineItem& item) {
    RELAIS_ASSIGN(auto entries, station.store().entries_of_message(*item.message));
    for (station::StoredEntry& entry : entries) {
        if (entry.serial == item.serial && entry.delivery.mailbox == view.mailbox) {
            return std::optional(std::move(entry));
        }
    }
    return std::optional<station::StoredEntry>();
}

// Says what was queued; that the service is away is no error here: it is said later.
Result<void> pass_on(Context& context) {
    if (!context.online()) return {};
    RELAIS_ASSIGN(const auto patience, context.patience(kMarkPatience));
    const Result<void> done = context.synchronise(patience);
    return done.code() == ErrorCode::unreachable ? Result<void>() : done;
}

}  // namespace

Result<void> mark_opened(Context& context, station::Station& station,
                         const station::ThreadView& view, const std::optional<MessageId>& only) {
    std::vector<const TimelineItem*> fresh;
    for (const TimelineItem& item : view.items) {
        if (only && item.message != only) continue;
        if (view.received(item) && !view.marked(*item.message, Word::opened)) {
            fresh.push_back(&item);
        }
    }
    if (fresh.empty()) return {};
    RELAIS_ASSIGN(station::SigningPerson* const who, context.signer_if_known());
    if (who == nullptr) {
        context.out.notice(
            "relais : lecture non signalée à l'expéditeur, faute de savoir qui lit "
            "(--as, --person-passphrase-fd).");
        return {};
    }
    for (const TimelineItem* item : fresh) {
        RELAIS_ASSIGN(const auto entry, entry_of(station, view, *item));
        if (!entry) continue;
        const Result<void> done = station::mark_message(station, *entry, Word::opened, *who);
        if (done.code() == ErrorCode::not_affiliated) {
            context.out.notice(
                "relais : lecture non signalée à l'expéditeur : l'affiliation de qui lit n'a pas "
                "commencé ou est terminée.");
            return {};
        }
        RELAIS_TRY(done);
    }
    return pass_on(context);
}

Result<void> mark_taken(Context& context, station::Station& station,
                        const station::ThreadView& view, const TimelineItem& item) {
    RELAIS_ASSIGN(station::SigningPerson* const who, context.signer());
    RELAIS_ASSIGN(const auto entry, entry_of(station, view, item));
    if (!entry) return fail(ErrorCode::not_found, "message");
    const TimelineItem* before = taken_before(view, *item.message);
    if (before != nullptr && before->mark->person == who->id) return {};
    if (before != nullptr) return has_it(station, *before);
    RELAIS_TRY(station::mark_message(station, *entry, Word::taken, *who));
    RELAIS_TRY(pass_on(context));
    // Somebody at another station may have said so in the same moment: the first has it.
    RELAIS_ASSIGN(const station::ThreadView now,
                  station::view_thread(station, view.id, view.mailbox));
    before = taken_before(now, *item.message);
    const bool first = before == nullptr || before->mark->person == who->id;
    return first ? Result<void>() : has_it(station, *before);
}

}  // namespace relais::cli
