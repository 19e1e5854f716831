// ringing_options.h: the section [ringing] and the file of credentials that it names.
#pragma once

#include "broker/config/config.h"
#include "broker/ringing/options.h"
#include "core/base/result.h"

namespace relais::broker {

// None where there is no such section. Errors: those of read_secret_file; malformed  not two lines.
Result<std::optional<RingingOptions>> ringing_options(const Config& config);

}  // namespace relais::broker
