// spdlog_log.h: the Log port on spdlog: one line an event on standard error, which systemd
// collects.
#pragma once

#include <memory>

#include "core/base/log.h"

namespace relais::broker {

[[nodiscard]] std::unique_ptr<Log> make_log(LogLevel level);

}  // namespace relais::broker
