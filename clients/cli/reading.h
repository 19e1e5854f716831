// reading.h: commands that only show, on a station that the service no longer lets in (revoked,
// suspended): what is here is shown all the same, the refusal is said, and is how the command ends.
// One thread.
#pragma once

#include "clients/cli/context.h"

namespace relais::cli {

class Reading {
public:
    explicit Reading(Context& context) : context_(context) {}

    // As Context::open_and_synchronise, where the service lets this station in.
    Result<station::Station*> open();
    // The document of the command, and how it ends.
    Result<void> shown(nlohmann::json document);

private:
    Context& context_;
    Result<void> refused_;
};

}  // namespace relais::cli
