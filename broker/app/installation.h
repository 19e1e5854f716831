// installation.h: what can be said of a broker's installation without starting it: whether its
// folder, keys and programs are there, are this user's alone, and can be written. Changes nothing.
#pragma once

#include <string>
#include <vector>

#include "broker/config/config.h"

namespace relais::broker {

struct Finding {
    std::string what;  // "data folder"
    Result<void> state;
};

// As the user that the broker will run as. Every finding, good ones included, in a fixed order.
[[nodiscard]] std::vector<Finding> check_installation(const Config& config,
                                                      const std::filesystem::path& enrolment);

}  // namespace relais::broker
