#include "broker/engine/absences.h"

namespace relais::broker {

namespace {

constexpr std::size_t kThreadsPerStep = 64;

}  // namespace

Result<void> Absences::call_in() {
    const auto waiting = threads_.take_waiting();
    for (const Threads::Waiting& each : waiting) RELAIS_TRY(threads_.call_delegates_in(each));
    if (parts_.time.suspect()) {
        if (!waiting.empty()) look_again();  // who else is away is seen once dates can be told
        return {};
    }
    refresh();
    return scan();
}

std::optional<EngineTime> Absences::next() const {
    if (parts_.time.suspect()) return std::nullopt;
    if (!scans_.empty() || seen_ != parts_.state().size()) return parts_.time.time();
    if (!changes_) return std::nullopt;
    return parts_.time.time() + (*changes_ - parts_.time.wall());
}

void Absences::look_again() {
    threads_.take_waiting();
    lasting_.clear();
    scans_.clear();
    seen_.reset();
}

void Absences::refresh() {
    const directory::DirectoryState& state = parts_.state();
    const WallTime now = parts_.time.wall();
    if (seen_ == state.size() && (!changes_ || now < *changes_)) return;
    seen_ = state.size();
    changes_.reset();
    std::set<Pair> lasting;
    const auto changes_at = [&](WallTime when) {
        if (when > now && (!changes_ || when < *changes_)) changes_ = when;
    };
    for (const auto& [name, organisation] : state.organisations()) {
        for (const auto& [unit, said] : organisation.absences) {
            const Address mailbox = Address::of(unit, organisation.name, state.domain_name());
            const directory::Absence* absence = state.absence(mailbox);
            if (absence == nullptr) continue;
            for (const directory::AbsencePeriod& period : absence->periods) {
                changes_at(period.from);
                changes_at(period.until);
                if (!period.delegate || !period.holds(now)) continue;
                const Pair pair{mailbox, *period.delegate};
                if (!lasting_.contains(pair)) scans_[pair.delegate] = ThreadId{};
                lasting.insert(pair);
            }
        }
    }
    lasting_ = std::move(lasting);
}

Result<void> Absences::scan() {
    std::size_t left = kThreadsPerStep;
    while (left > 0 && !scans_.empty()) {
        auto& [delegate, last] = *scans_.begin();
        RELAIS_ASSIGN(Mailbox* const mailbox, parts_.mailboxes.open(delegate));
        RELAIS_ASSIGN(const auto threads,
                      parts_.store.threads_awaiting_absence(mailbox->channel, last, left));
        for (const ThreadId& thread : threads) {
            RELAIS_TRY(threads_.call_delegates_in({thread}));
        }
        if (threads.size() < left) {
            scans_.erase(scans_.begin());
        } else {
            last = threads.back();
        }
        left -= threads.size();
    }
    return {};
}

}  // namespace relais::broker
