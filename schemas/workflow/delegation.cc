#include "schemas/workflow/delegation.h"

#include <algorithm>

#include "schemas/workflow/permission.h"

namespace relais::workflow {

namespace {

using directory::AbsencePeriod;
using directory::DirectoryState;

const Address* next_delegate(const DirectoryState& directory, const Address& mailbox, WallTime when,
                             DirectorySize at) {
    const directory::Absence* said = directory.absence(mailbox, at);
    if (said == nullptr) return nullptr;
    const auto next = std::ranges::find_if(said->periods, [&](const AbsencePeriod& period) {
        return when < period.until + kAbsenceMargin;
    });
    return next != said->periods.end() && next->delegate ? &*next->delegate : nullptr;
}

bool named_by(const DirectoryState& directory, const Address& mailbox, const Address& delegate,
              DirectorySize at) {
    const directory::Absence* said = directory.absence(mailbox, at);
    return said != nullptr && std::ranges::find(said->periods, std::optional(delegate),
                                                &AbsencePeriod::delegate) != said->periods.end();
}

}  // namespace

std::vector<Delegate> opening_delegates(const DirectoryState& directory, const Kind& kind,
                                        const Address& from, std::span<const Address> to,
                                        WallTime when, DirectorySize at) {
    std::vector<Delegate> delegates;
    for (std::size_t place = 0; place < to.size(); ++place) {
        const Address* delegate = next_delegate(directory, to[place], when, at);
        if (delegate == nullptr || *delegate == from) continue;
        const bool takes_part =
            std::ranges::find(to, *delegate) != to.end() ||
            std::ranges::find(delegates, *delegate, &Delegate::mailbox) != delegates.end();
        const bool can_stand_in =
            directory.takes(*delegate, kind.name, at) && can_read(directory, kind, *delegate, at);
        if (!takes_part && can_stand_in) delegates.push_back({*delegate, place});
    }
    return delegates;
}

std::vector<Delegate> later_delegates(const DirectoryState& directory, const Kind& kind,
                                      const Thread& thread, std::span<const Address> to,
                                      DirectorySize at) {
    std::vector<Delegate> delegates;
    for (std::size_t place = 0; place < to.size(); ++place) {
        const auto party = thread.party(to[place]);
        if (!party || thread.parties[*party].mailbox != to[place]) continue;
        const auto& delegate = thread.parties[*party].delegate;
        if (delegate && can_read(directory, kind, *delegate, at)) {
            delegates.push_back({*delegate, place});
        }
    }
    return delegates;
}

Result<void> check_delegates(const DirectoryState& directory, const Kind& kind,
                             const Thread* thread, const Header& header) {
    std::vector<Address> parties;
    for (const Recipient& recipient : header.mailboxes()) {
        if (recipient.standing != Standing::delegate) {
            parties.push_back(recipient.mailbox);
            continue;
        }
        const Address& absent = header.absent(recipient);
        const auto party =
            thread == nullptr ? std::nullopt : thread->stood_in_for(recipient.mailbox);
        const bool known = thread == nullptr
                               ? named_by(directory, absent, recipient.mailbox, header.head.size)
                               : party && thread->parties[*party].mailbox == absent;
        if (known && recipient.mailbox != header.from) continue;
        return fail(ErrorCode::recipient_refused,
                    recipient.mailbox.text() + " stands in for none of them");
    }
    if (thread == nullptr) return {};
    for (const Delegate& wanted :
         later_delegates(directory, kind, *thread, parties, header.head.size)) {
        const auto party = thread->stood_in_for(wanted.mailbox);
        const bool there =
            std::ranges::find(header.to, wanted.mailbox, &Recipient::mailbox) != header.to.end();
        if (thread->parties[*party].delegated && !there) {
            return fail(ErrorCode::delegate_missing, wanted.mailbox.text());
        }
    }
    return {};
}

}  // namespace relais::workflow
