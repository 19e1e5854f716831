// fixture.h: kinds of schemas/kinds as a station loads them, one of them with a form made for a
// test; and messages of the small territory, opened, to be printed.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "clients/station/print/slip.h"
#include "tests/support/envelopes.h"
#include "tests/support/small_territory.h"

namespace relais::print::test {

using SharedKind = std::shared_ptr<const station::LoadedKind>;

[[nodiscard]] SharedKind kind_of(const std::string& name);
// The kind `note` with this as the body of its form's table.
[[nodiscard]] SharedKind note_with(const std::string& fields);
[[nodiscard]] nlohmann::json example_of(const std::string& kind, const std::string& act);

// A message from the practice's doctor to geriatrics, accepted and opened.
[[nodiscard]] station::TimelineItem item_of(const relais::test::SmallTerritory& territory,
                                            const SharedKind& kind, const std::string& act,
                                            nlohmann::json form,
                                            std::vector<PublicField> publics = {});

}  // namespace relais::print::test
