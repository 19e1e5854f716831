// same.h: whether two values are equal in every member, for types that define no equality of their
// own. members.h counts the members of each struct; a struct that gains one no longer compiles here
// until its count is raised, so that no member escapes comparison.
#pragma once

#include <array>
#include <optional>
#include <tuple>
#include <variant>
#include <vector>

namespace relais::test {

// How many members a struct has; given for each struct that same() looks into.
template <typename T>
inline constexpr int kMembers = -1;

// References to the members of a struct that has N.
template <int N, typename T>
auto members(const T& value) {
    if constexpr (N == 0) {
        return std::tuple<>();
    } else if constexpr (N == 1) {
        const auto& [a] = value;
        return std::tie(a);
    } else if constexpr (N == 2) {
        const auto& [a, b] = value;
        return std::tie(a, b);
    } else if constexpr (N == 3) {
        const auto& [a, b, c] = value;
        return std::tie(a, b, c);
    } else if constexpr (N == 4) {
        const auto& [a, b, c, d] = value;
        return std::tie(a, b, c, d);
    } else if constexpr (N == 5) {
        const auto& [a, b, c, d, e] = value;
        return std::tie(a, b, c, d, e);
    } else if constexpr (N == 6) {
        const auto& [a, b, c, d, e, f] = value;
        return std::tie(a, b, c, d, e, f);
    } else if constexpr (N == 7) {
        const auto& [a, b, c, d, e, f, g] = value;
        return std::tie(a, b, c, d, e, f, g);
    } else if constexpr (N == 8) {
        const auto& [a, b, c, d, e, f, g, h] = value;
        return std::tie(a, b, c, d, e, f, g, h);
    } else if constexpr (N == 9) {
        const auto& [a, b, c, d, e, f, g, h, i] = value;
        return std::tie(a, b, c, d, e, f, g, h, i);
    } else if constexpr (N == 10) {
        const auto& [a, b, c, d, e, f, g, h, i, j] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j);
    } else if constexpr (N == 11) {
        const auto& [a, b, c, d, e, f, g, h, i, j, k] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k);
    } else if constexpr (N == 12) {
        const auto& [a, b, c, d, e, f, g, h, i, j, k, l] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l);
    } else if constexpr (N == 13) {
        const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m);
    } else if constexpr (N == 17) {
        const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
    } else {
        static_assert(N == 20, "add this number of members");
        const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
    }
}

template <typename T>
bool same(const T& a, const T& b);

template <typename Range>
bool same_range(const Range& a, const Range& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!same(a[i], b[i])) return false;
    }
    return true;
}

template <typename... Ts>
bool same_each(const std::tuple<Ts...>& a, const std::tuple<Ts...>& b) {
    const auto compare = [&]<std::size_t... I>(std::index_sequence<I...>) {
        return (same(std::get<I>(a), std::get<I>(b)) && ...);
    };
    return compare(std::index_sequence_for<Ts...>());
}

template <typename T>
inline constexpr bool kIsRange = false;
template <typename T>
inline constexpr bool kIsRange<std::vector<T>> = true;
template <typename T, std::size_t N>
inline constexpr bool kIsRange<std::array<T, N>> = true;
template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T>
inline constexpr bool kIsVariant = false;
template <typename... Ts>
inline constexpr bool kIsVariant<std::variant<Ts...>> = true;

template <typename T>
bool same(const T& a, const T& b) {
    if constexpr (kMembers<T> >= 0) {
        return same_each(members<kMembers<T>>(a), members<kMembers<T>>(b));
    } else if constexpr (kIsRange<T>) {
        return same_range(a, b);
    } else if constexpr (kIsOptional<T>) {
        return a.has_value() == b.has_value() && (!a || same(*a, *b));
    } else if constexpr (kIsVariant<T>) {
        return a.index() == b.index() &&
               std::visit(
                   [&](const auto& each) {
                       return same(each, std::get<std::decay_t<decltype(each)>>(b));
                   },
                   a);
    } else {
        return a == b;
    }
}

}  // namespace relais::test
