// register_copy.h: what this station last read of a register, checked as it was read, sealed in its
// store: what an act is judged by before it is sent, when the broker cannot be asked.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "clients/station/api/draft.h"
#include "clients/station/api/registers.h"

namespace relais::station {

// A copy read longer ago says nothing for sure.
inline constexpr std::chrono::minutes kRegisterFreshFor{10};

// What set a value, and when.
struct RegisterSet {
    WallTime accepted;
    LeafIndex leaf;
    Address from;
    ThreadId thread;
    Digest kind;
    std::string act;
    bool operator==(const RegisterSet&) const = default;
};
[[nodiscard]] RegisterSet set_by(const RegisterLine& line);

struct RegisterCopy {
    WallTime read{};                               // when the broker was last asked
    Incarnation incarnation{};                     // of the broker that told it; zero: not known
    std::uint64_t position = 0;                    // entries of that one read so far
    std::map<std::string, std::int64_t> latest{};  // by key
    std::map<std::string, RegisterSet> sets{};     // by key; of each that is in `latest`
    bool operator==(const RegisterCopy&) const = default;
};

// Kind and name.
using RegisterName = std::pair<std::string, std::string>;
// Whether the effect sets an entry that is kept under the RPPS of whoever signs.
[[nodiscard]] bool sets_own_entry(const workflow::Effect& effect);
// Those that some guard of the act asks, and those in which it sets an entry of whoever signs.
[[nodiscard]] std::set<RegisterName> asked_registers(const workflow::Kind& kind,
                                                     workflow::ActIndex act);

// None where it was never read here. One that an older version kept has no `sets`, or no
// incarnation. Errors: corrupt; the store's.
Result<std::optional<RegisterCopy>> register_copy(StationStore& store, const std::string& kind,
                                                  const std::string& name);
Result<void> keep_register_copy(StationStore& store, const std::string& kind,
                                const std::string& name, const RegisterCopy& copy);

// What a broker tells of a register from that position on.
using RegisterSource = std::function<Result<RegisterPart>(std::uint64_t from)>;
// The copy with what was set since; read anew from the start where it is of another incarnation of
// the broker, whose entries may stand in another order, or of an older version. Errors: those of
// `read`.
Result<RegisterCopy> bring_up_to_date(RegisterCopy copy, const RegisterSource& read);

// Reads what was set since, and keeps it. Errors: those of read_register: the copy stays as it was.
Result<RegisterCopy> refresh_register(Station& station, const std::string& kind,
                                      const std::string& name, std::chrono::milliseconds patience);

// The registers that the draft's acts ask, each refreshed; those that are not for this
// organisation stay unread. Errors: unknown_kind; those of read_register.
Result<void> refresh_registers(Station& station, const Draft& draft,
                               std::chrono::milliseconds patience);

// What the copies say of the draft's first act, should this person sign it (or whoever prepared
// it): that its registers allow it, that one does not, or that it is to be confirmed: the copy is
// old, or the broker cannot be reached; and what stands in an entry of theirs that it would set.
// Nothing where no register is asked.
Result<std::vector<DraftFinding>> register_findings(Station& station, const Draft& draft,
                                                    const std::optional<PersonId>& signer);

}  // namespace relais::station
