// request_rate.h: how many requests of strangers are answered within a second: so many of one
// source, so many of all, but the first of each source. Whoever asks without a pause uses up the
// share of his own source, and leaves the rest to the others; so do several of them.
//
// Confined to one thread; time comes from the caller.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace relais::broker {

class RequestRate {
public:
    using Moment = std::chrono::steady_clock::time_point;

    RequestRate(int of_source, int of_all) : of_source_(of_source), of_all_(of_all) {}

    // False where that source, or all together, has had what a second holds and it is not the first
    // of its source. Memory: the sources of one second, as many as there may be connections.
    [[nodiscard]] bool take(const std::string& source, Moment now);

private:
    int of_source_;
    int of_all_;
    Moment begun_{};
    int all_ = 0;
    std::map<std::string, int> sources_;
};

}  // namespace relais::broker
