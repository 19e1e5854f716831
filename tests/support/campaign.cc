#include "tests/support/campaign.h"

#include <cstdio>
#include <cstdlib>

namespace relais::test {

bool long_campaign() {
    const char* text = std::getenv("RELAIS_LONG");
    return text != nullptr && *text != '\0' && std::string(text) != "0";
}

std::uint64_t campaign_seed(std::uint64_t otherwise) {
    const char* text = std::getenv("RELAIS_SEED");
    const std::uint64_t seed = text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    return seed;
}

Budget::Budget() : until_(Clock::time_point::max()) {
    const char* text = std::getenv("RELAIS_SECONDS");
    if (text != nullptr)
        until_ = Clock::now() + std::chrono::seconds(std::strtoll(text, nullptr, 10));
}

void tell_reached(const std::string& campaign, const std::string& reached, std::uint64_t seed) {
    std::printf("campaign %s: %s, seed %llu\n", campaign.c_str(), reached.c_str(),
                static_cast<unsigned long long>(seed));
    std::fflush(stdout);
}

}  // namespace relais::test
