// campaign.h: a campaign in rounds: short by default, long where RELAIS_LONG=1, ended after
// RELAIS_SECONDS, its seed new each time unless RELAIS_SEED gives one, printed first.
#pragma once

#include <cstdio>
#include <random>
#include <string>

#include "tests/support/campaign.h"

namespace relais::test {

class Campaign {
public:
    Campaign(std::string name, int rounds, int rounds_long)
        : name_(std::move(name)),
          rounds_(long_campaign() ? rounds_long : rounds),
          seed_(campaign_seed(std::random_device{}())),
          random_(seed_) {}
    ~Campaign() {
        tell_reached(name_, std::to_string(reached_) + " rounds of " + std::to_string(rounds_),
                     seed_);
    }
    Campaign(const Campaign&) = delete;
    Campaign& operator=(const Campaign&) = delete;

    // Whether there is another round.
    [[nodiscard]] bool next() const { return reached_ < rounds_ && !budget_.over(); }
    void done() { ++reached_; }
    [[nodiscard]] int reached() const { return reached_; }
    // 0 to `most`.
    int upto(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }
    bool one_in(int count) { return upto(count - 1) == 0; }

private:
    std::string name_;
    int rounds_;
    int reached_ = 0;
    std::uint64_t seed_;
    Budget budget_;
    std::mt19937_64 random_;
};

}  // namespace relais::test
