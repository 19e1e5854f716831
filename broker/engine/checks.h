// checks.h: from a parsed frame to a Request: the costly, stateless part of acceptance, on worker
// threads. Thread-safe.
#pragma once

#include "broker/engine/commands.h"
#include "broker/engine/shared_directory.h"
#include "core/base/ports.h"

namespace relais::broker {

// The signature of a Statement's bytes. Errors: malformed; bad_signature.
Result<void> verify_encoded(std::string_view context, ByteView statement, const P256Public& key,
                            const Verifier& verifier);

// The verdict of a check made ahead, if it was made with the key that counts now; otherwise that of
// `again`, which checks with it. The directory may have changed between the check and the engine.
template <typename Again>
Result<void> confirm(const SignatureCheck& check, const P256Public& key_now, Again again) {
    return check.key == key_now ? check.verdict : again();
}

class Checks {
public:
    Checks(const SharedDirectory& directory, const Verifier& verifier)
        : directory_(directory), verifier_(verifier) {}

    // Never fails: what is wrong is said inside the Request, for the engine to answer and audit.
    // A body that only a broker sends is Malformed.
    [[nodiscard]] Request check(wire::Body body) const;

private:
    [[nodiscard]] Request check_submit(wire::Submit submit) const;
    [[nodiscard]] Request check_acknowledge(wire::Acknowledge acknowledge) const;
    [[nodiscard]] Request check_mark(wire::MarkEntry mark) const;
    [[nodiscard]] Request check_day(wire::StateDay state) const;
    [[nodiscard]] std::optional<P256Public> person_key(const PersonId& id) const;
    [[nodiscard]] std::optional<P256Public> station_key(const StationId& id) const;
    [[nodiscard]] SignatureCheck check_statement(const std::optional<P256Public>& key,
                                                 std::string_view context,
                                                 ByteView statement) const;

    const SharedDirectory& directory_;
    const Verifier& verifier_;
};

}  // namespace relais::broker
