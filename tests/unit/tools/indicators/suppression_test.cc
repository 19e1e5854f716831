// What is hidden stays hidden from whoever has everything that is published, and knows the rule.
#include "tools/indicators/suppression.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace relais::indicators {
namespace {

using Counts = std::vector<std::uint64_t>;

// One who has the total and the cells that are shown, and tries every table that would have been
// published like this one.
class Attacker {
public:
    // One who `knows_zeros` knows which cells are 0, besides.
    explicit Attacker(const Counts& truth, bool knows_zeros = false)
        : hidden_(hidden_cells(truth)), guess_(truth) {
        for (std::size_t place = 0; place < truth.size(); ++place) {
            if (!hidden_[place] || (knows_zeros && truth[place] == 0)) continue;
            places_.push_back(place);
            left_ += truth[place];
        }
        possible_.resize(truth.size());
        if (!places_.empty()) guess(0, left_);
    }

    [[nodiscard]] bool is_hidden(std::size_t place) const { return hidden_[place]; }
    [[nodiscard]] std::size_t possible(std::size_t place) const { return possible_[place].size(); }

private:
    void guess(std::size_t next, std::uint64_t left) {
        if (next + 1 == places_.size()) {
            guess_[places_[next]] = left;
            if (hidden_cells(guess_) != hidden_) return;
            for (const std::size_t place : places_) possible_[place].insert(guess_[place]);
            return;
        }
        for (std::uint64_t value = 0; value <= left; ++value) {
            guess_[places_[next]] = value;
            guess(next + 1, left - value);
        }
    }

    std::vector<bool> hidden_;
    Counts guess_;
    std::vector<std::size_t> places_;
    std::uint64_t left_ = 0;
    std::vector<std::set<std::uint64_t>> possible_;
};

std::string failure(const Counts& counts) {
    const auto total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    const Attacker attacker(counts);
    for (std::size_t place = 0; place < counts.size(); ++place) {
        const std::string cell = "cell " + std::to_string(place) + " of " + std::to_string(total);
        const bool hidden = attacker.is_hidden(place);
        if (total != 0 && counts[place] < kLeastShown && !hidden) return cell + " is shown";
        if (hidden && attacker.possible(place) < 2) return cell + " can be only one number";
    }
    return "";
}

TEST(Suppression, NoHiddenCellOfTwoOrThreeCanBeComputed) {
    constexpr std::uint64_t kMost = 24;
    for (std::uint64_t a = 0; a <= kMost; ++a) {
        for (std::uint64_t b = 0; b <= kMost; ++b) {
            ASSERT_EQ(failure({a, b}), "") << a << " " << b;
            for (std::uint64_t c = 0; c <= kMost; ++c) {
                ASSERT_EQ(failure({a, b, c}), "") << a << " " << b << " " << c;
            }
        }
    }
}

RC_GTEST_PROP(Suppression, NoHiddenCellOfALargerTableCanBeComputed, ()) {
    const auto cell = rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 13),
                                     rc::gen::inRange<std::uint64_t>(0, 40),
                                     rc::gen::element<std::uint64_t>(0, 10, 11));
    const auto cells = *rc::gen::inRange<std::size_t>(4, 6);
    const auto counts = *rc::gen::container<Counts>(cells, cell);
    RC_ASSERT(failure(counts) == "");
}

// A code that the kind does not admit, a decline that nobody ever gives.
bool gives_a_small_one_away(const Counts& counts) {
    // The total is then the only one that is not 0.
    if (std::ranges::count(counts, 0) >= 2) return false;
    const Attacker attacker(counts, true);
    for (std::size_t place = 0; place < counts.size(); ++place) {
        const bool small = counts[place] != 0 && counts[place] < kLeastShown;
        if (small && attacker.possible(place) < 2) return true;
    }
    return false;
}

TEST(Suppression, NorASmallOneByWhoKnowsWhichCellsAreZero) {
    constexpr std::uint64_t kMost = 24;
    for (std::uint64_t a = 0; a <= kMost; ++a) {
        for (std::uint64_t b = 0; b <= kMost; ++b) {
            for (std::uint64_t c = 0; c <= kMost; ++c) {
                ASSERT_FALSE(gives_a_small_one_away({a, b, c})) << a << " " << b << " " << c;
            }
        }
    }
}

TEST(Suppression, WhatIsLargeEnoughIsShown) {
    EXPECT_EQ(hidden_cells(Counts{11, 12, 500}), (std::vector<bool>{false, false, false}));
    EXPECT_EQ(hidden_cells(Counts{40, 5, 6, 30}), (std::vector<bool>{false, true, true, false}));
}

TEST(Suppression, OneSmallCellTakesAnotherWithIt) {
    EXPECT_EQ(hidden_cells(Counts{40, 3, 30}), (std::vector<bool>{false, true, true}));
    EXPECT_EQ(hidden_cells(Counts{40, 30, 0}), (std::vector<bool>{false, true, true}));
}

TEST(Suppression, NothingHappenedAtAllIsNoSecret) {
    EXPECT_EQ(hidden_cells(Counts{0, 0, 0}), (std::vector<bool>{false, false, false}));
}

}  // namespace
}  // namespace relais::indicators
