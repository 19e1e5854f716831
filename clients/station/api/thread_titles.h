// thread_titles.h: what a notice or a refusal of the broker says to people, in the words of its
// kind. Pure.
#pragma once

#include <string>

#include "core/base/result.h"
#include "schemas/envelope/notice.h"
#include "schemas/workflow/kind.h"

namespace relais::station {

// In French. `kind`: of its thread, which labels clocks and states; null where it is not known.
[[nodiscard]] std::string notice_title(const Notice& notice, const workflow::Kind* kind);

// Why the broker refused an act, in French, of the detail that it gave: what the kind says of the
// register, that what it holds was signed later, or the label of the state that the case is in; of
// an act that would have opened it, that there is none. Empty where the kind has no words for it.
[[nodiscard]] std::string refusal_reason(const workflow::Kind& kind, const std::string& act,
                                         ErrorCode code, const std::string& detail);

}  // namespace relais::station
