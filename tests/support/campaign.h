// campaign.h: how large a campaign is, where its chance comes from and when it has to end; and the
// line in which it says what it reached, which tools/test shows.
//
//   RELAIS_LONG=1     the long size
//   RELAIS_SEED=N     the same choices again, or others
//   RELAIS_SECONDS=N  ends after that time, wherever it is by then
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace relais::test {

[[nodiscard]] bool long_campaign();
// RELAIS_SEED, or `otherwise`; printed, so that a run can be had again.
[[nodiscard]] std::uint64_t campaign_seed(std::uint64_t otherwise);

// The time that a campaign may take, from now on.
class Budget {
public:
    Budget();
    [[nodiscard]] bool bounded() const { return until_ != Clock::time_point::max(); }
    [[nodiscard]] bool over() const { return Clock::now() >= until_; }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point until_;
};

// "campaign power cuts of a broker: 2345 points, seed 1".
void tell_reached(const std::string& campaign, const std::string& reached, std::uint64_t seed);

}  // namespace relais::test
