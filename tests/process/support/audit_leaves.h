// audit_leaves.h: the audit log of a running broker, as its operator reads it.
#pragma once

#include <vector>

#include "schemas/audit/leaf.h"
#include "tests/process/support/running_broker.h"

namespace relais::test {

// Every leaf, parsed, in order.
[[nodiscard]] std::vector<Leaf> audit_leaves(RunningBroker& broker);

}  // namespace relais::test
