#include "tests/process/support/audit_leaves.h"

#include "tests/process/support/must.h"

namespace relais::test {

std::vector<Leaf> audit_leaves(RunningBroker& broker) {
    auto op = broker.connect();
    std::vector<Leaf> all;
    for (;;) {
        const auto page = must(
            op.client().ask_for<wire::Leaves>(wire::FetchLeaves{wire::LogName::audit, all.size()}));
        if (page.leaves.empty()) return all;
        for (const Bytes& bytes : page.leaves) all.push_back(must(parse_leaf(bytes)));
    }
}

}  // namespace relais::test
