// reading.h: many reads between two transactions, while it lives.
#pragma once

#include "broker/engine/store.h"

namespace relais::broker {

class Reading {
public:
    explicit Reading(Store& store) : store_(store) { store_.begin_reading(); }
    ~Reading() { store_.end_reading(); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

private:
    Store& store_;
};

}  // namespace relais::broker
