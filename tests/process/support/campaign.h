// campaign.h: how large a campaign is and where its chance comes from: short by default, long where
// RELAIS_LONG=1, its seed new each time unless RELAIS_SEED gives one, printed first.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace relais::test {

[[nodiscard]] inline bool long_run() {
    const char* wanted = std::getenv("RELAIS_LONG");
    return wanted != nullptr && std::string(wanted) == "1";
}

class Campaign {
public:
    Campaign(std::string name, int rounds, int rounds_long)
        : name_(std::move(name)), rounds_(long_run() ? rounds_long : rounds) {
        const char* given = std::getenv("RELAIS_SEED");
        seed_ = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
        random_.seed(seed_);
        std::printf("%s: seed %llu (RELAIS_SEED), %d rounds wanted\n", name_.c_str(),
                    static_cast<unsigned long long>(seed_), rounds_);
        std::fflush(stdout);
    }
    ~Campaign() { std::printf("%s: %d rounds reached\n", name_.c_str(), reached_); }
    Campaign(const Campaign&) = delete;
    Campaign& operator=(const Campaign&) = delete;

    // Whether there is another round.
    [[nodiscard]] bool next() const { return reached_ < rounds_; }
    void done() { ++reached_; }
    [[nodiscard]] int reached() const { return reached_; }
    // 0 to `most`.
    int upto(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }
    bool one_in(int count) { return upto(count - 1) == 0; }

private:
    std::string name_;
    int rounds_;
    int reached_ = 0;
    std::uint64_t seed_ = 0;
    std::mt19937_64 random_;
};

}  // namespace relais::test
