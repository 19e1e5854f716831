// options.h: how a broker rings: the section [ringing] of its configuration.
#pragma once

#include <string>
#include <vector>

#include "core/base/names.h"
#include "core/base/secret.h"

namespace relais::broker {

struct RingingOptions {
    Name domain;
    std::string link;                // what a thread's short number follows; empty: no link
    std::string ca;                  // file of the authorities to trust; empty: the system's
    std::vector<std::string> allow;  // hosts that may be rung whatever their addresses
    // Mail.
    std::string relay;  // smtp://host:port, smtps://host:port; empty: no mail
    std::string from;   // an address
    bool tls = true;    // false: in the clear, which only a loopback address gets
    std::string user;   // empty: none
    Secret password{};
};

}  // namespace relais::broker
