#include "schemas/workflow/thread.h"

#include <algorithm>

namespace relais::workflow {

std::optional<std::size_t> Thread::party(const Address& mailbox) const {
    const auto is_or_stands_in = [&](const Party& one) {
        return one.mailbox == mailbox || (one.delegated && one.delegate == mailbox);
    };
    const auto found = std::ranges::find_if(parties, is_or_stands_in);
    if (found == parties.end()) return std::nullopt;
    return static_cast<std::size_t>(found - parties.begin());
}

std::optional<std::size_t> Thread::stood_in_for(const Address& delegate) const {
    const auto found = std::ranges::find(parties, std::optional(delegate), &Party::delegate);
    if (found == parties.end()) return std::nullopt;
    return static_cast<std::size_t>(found - parties.begin());
}

bool Thread::takes_part(const Address& mailbox) const {
    return mailbox == opener || party(mailbox).has_value();
}

}  // namespace relais::workflow
