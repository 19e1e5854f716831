// envelope_ends.h: when stored envelopes end. Those accepted together mostly end together: a row
// is a run of numbers, so that a thousand of them cost one.
//
// Confined to the store's thread.
#pragma once

#include <map>

#include "broker/engine/store.h"
#include "core/database/database.h"

namespace relais::broker {

class EnvelopeEnds {
public:
    explicit EnvelopeEnds(Database& database) : database_(database) {}

    // Errors of all calls: the database's.
    Result<void> add(EngineTime at, EnvelopeNumber number);
    // Nothing happens where it does not stand there.
    Result<void> remove(EngineTime at, EnvelopeNumber number);
    // Whenever it ends.
    Result<void> remove(EnvelopeNumber number);
    Result<std::optional<Timer>> first();
    // All that is stored, in order.
    Result<std::vector<Timer>> all();

    Result<void> flush();
    void forget() { added_.clear(); }

private:
    struct Run {
        EnvelopeNumber first;
        std::uint64_t count;
    };
    Result<void> insert(EngineTime at, const Run& run);

    Database& database_;
    std::map<EngineTime, std::vector<Run>> added_;  // by this transaction
};

}  // namespace relais::broker
