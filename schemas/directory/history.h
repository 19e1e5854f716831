// history.h: the successive values of an object of the directory, each with the positions at which
// it holds. Plain values; no thread safety of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ids.h"

namespace relais::directory {

// A range of positions: from the size that includes the entry, until the size that ends it.
struct Validity {
    DirectorySize from;
    DirectorySize until{UINT64_MAX};
    [[nodiscard]] bool holds(DirectorySize at) const { return from <= at && at < until; }
};

inline constexpr DirectorySize kNow{UINT64_MAX - 1};

// The successive values of one object.
template <typename T>
class History {
public:
    struct Version {
        Validity validity;
        T value;
    };

    // Null where there was none at that size.
    [[nodiscard]] const T* at(DirectorySize size) const {
        for (auto version = versions_.rbegin(); version != versions_.rend(); ++version) {
            if (version->validity.holds(size)) return &version->value;
        }
        return nullptr;
    }
    [[nodiscard]] const T* now() const { return at(kNow); }
    // Since when there was a value at that size without a break; none where there was none.
    [[nodiscard]] std::optional<DirectorySize> since(DirectorySize size) const {
        std::optional<DirectorySize> from;
        for (auto version = versions_.rbegin(); version != versions_.rend(); ++version) {
            const bool goes_on =
                from ? version->validity.until == *from : version->validity.holds(size);
            if (goes_on) from = version->validity.from;
        }
        return from;
    }
    // The last value, ended or not; null where there never was one.
    [[nodiscard]] const T* last() const {
        return versions_.empty() ? nullptr : &versions_.back().value;
    }

    // In their order, ended ones included.
    [[nodiscard]] const std::vector<Version>& versions() const { return versions_; }

    // Whether some value, ended or not, satisfies `wanted`.
    template <typename Wanted>
    [[nodiscard]] bool ever(Wanted wanted) const {
        for (const Version& version : versions_) {
            if (wanted(version.value)) return true;
        }
        return false;
    }

    void set(DirectorySize from, T value) {
        end(from);
        versions_.push_back({{from}, std::move(value)});
    }
    void end(DirectorySize at) {
        if (!versions_.empty() && versions_.back().validity.holds(at)) {
            versions_.back().validity.until = at;
        }
    }

private:
    std::vector<Version> versions_;
};

}  // namespace relais::directory
