// condition_rule.h: conditions and orders applied to the answers of one table. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "schemas/forms/condition.h"
#include "schemas/forms/form_schema.h"

namespace relais::forms {

enum class Verdict : std::uint8_t {
    holds,
    fails,
    open,  // it hangs on an answer that is refused: nothing is concluded from it
};

// Whether a value has something to say, be it wrong: null, blank text and empty lists have not.
[[nodiscard]] bool says(const nlohmann::json& value);

// `given` is the table as filled, `answers` what of it has been admitted so far. A public field
// that has no answer is like a field that has none.
[[nodiscard]] Verdict judge(const Condition& condition, const nlohmann::json& given,
                            const nlohmann::json& answers, const Publics& publics);

// Whether `answer`, admitted, breaks the order with an answer that is there.
[[nodiscard]] bool breaks(const Order& order, const Field& field, const nlohmann::json& answer,
                          const nlohmann::json& answers);

}  // namespace relais::forms
