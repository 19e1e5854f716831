// write_behind.h: small rows that a transaction may write many times over: kept here until flush(),
// then each written once. Some that were read stay, for the transactions that follow.
//
// Confined to the store's thread. Memory: bounded, but for what one transaction writes.
#pragma once

#include <map>
#include <utility>

#include "core/base/result.h"

namespace relais::broker {

template <typename Key, typename Value>
class WriteBehind {
public:
    explicit WriteBehind(std::size_t kept_max) : kept_max_(kept_max) {}

    // The value known here, or null.
    const Value* find(const Key& key) const {
        const auto known = rows_.find(key);
        return known == rows_.end() ? nullptr : &known->second.value;
    }
    // What was read from the table.
    void keep(const Key& key, Value value) {
        if (rows_.size() < kept_max_) rows_.try_emplace(key, Row{std::move(value), false});
    }
    // What is to be written.
    void put(const Key& key, Value value) {
        rows_.insert_or_assign(key, Row{std::move(value), true});
    }
    void drop(const Key& key) { rows_.erase(key); }

    // `write(key, value)` for all that is to be written, in the order of the keys.
    template <typename Write>
    Result<void> flush(Write write) {
        for (auto& [key, row] : rows_) {
            if (!std::exchange(row.dirty, false)) continue;
            RELAIS_TRY(write(key, row.value));
        }
        if (rows_.size() >= kept_max_) rows_.clear();
        return {};
    }
    void forget() { rows_.clear(); }

private:
    struct Row {
        Value value;
        bool dirty;
    };
    std::size_t kept_max_;
    std::map<Key, Row> rows_;
};

}  // namespace relais::broker
