#include "schemas/workflow/thread.h"

#include <algorithm>

namespace relais::workflow {

std::optional<std::size_t> Thread::party(const Address& mailbox) const {
    const auto found = std::ranges::find(parties, mailbox, &Party::mailbox);
    if (found == parties.end()) return std::nullopt;
    return static_cast<std::size_t>(found - parties.begin());
}

bool Thread::takes_part(const Address& mailbox) const {
    return mailbox == opener || party(mailbox).has_value();
}

}  // namespace relais::workflow
