// registers.h: the latest value of each key, as acts set it, for the guards of any kind; and every
// earlier one, for the stations that may read it. Belongs to the engine.
#pragma once

#include "broker/engine/parts.h"
#include "schemas/workflow/decide.h"

namespace relais::broker {

class Registers final : public workflow::RegisterReader {
public:
    explicit Registers(Parts& parts) : parts_(parts) {}

    Result<std::optional<std::int64_t>> latest(const std::string& kind, const std::string& name,
                                               const std::string& key) const override;
    // Takes out of an act's outcome what it would set where something stands that the same person
    // or organisation signed after it. Where one of these says otherwise, gives the act that set
    // it.
    struct SaidSince {
        std::string name;  // of the register
        SignedHeader act;
    };
    Result<std::optional<SaidSince>> leave_out_said_before(const workflow::Kind& kind,
                                                           workflow::Outcome& outcome,
                                                           const Header& header) const;
    // Within a transaction.
    Result<void> set(const workflow::Kind& kind, const workflow::Registered& set,
                     const Accepted& accepted, const SignedHeader& act);
    // Entries for a station of this organisation. Errors: unknown_kind; unknown_object  it has no
    // such register; forbidden  not for organisations of that kind.
    Result<wire::RegisterEntries> read(const std::string& organisation,
                                       const wire::FetchRegister& fetch) const;

private:
    Result<std::optional<RegisterRecord>> said_since(const workflow::Kind& kind,
                                                     const workflow::Registered& set,
                                                     const Header& header) const;

    Parts& parts_;
};

}  // namespace relais::broker
