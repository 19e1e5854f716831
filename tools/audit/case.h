// case.h: `relais-audit check` of the folder of one case. Private to the module.
#pragma once

#include "tools/audit/commands.h"

namespace relais::audit {

Result<void> check_folder(const CheckRequest& request, const Output& output);

}  // namespace relais::audit
