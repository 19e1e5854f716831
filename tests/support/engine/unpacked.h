// unpacked.h: the packed sequences of a broker's store as plain tables, for a test to look at or to
// damage with SQL: `envelope`, `log`, `audit_leaf`, and the ends of envelopes in `timer` as kind 3.
// They are temporary tables that stand before those of the store under the same names. It reads
// packs with a decoder of its own.
#pragma once

#include "core/database/database.h"

namespace relais::broker {

class Unpacked {
public:
    explicit Unpacked(Database& database);
    ~Unpacked();
    Unpacked(const Unpacked&) = delete;
    Unpacked& operator=(const Unpacked&) = delete;

    // Writes the tables back as packs of the store: gaps and all.
    void pack();

private:
    Database& database_;
};

}  // namespace relais::broker
