// ballast.h: a file of zeros kept beside the database. When the disk is full it is given up, so
// that what ends things (acknowledgements, deadlines, erasures) still commits while new messages
// are refused.
#pragma once

#include <string>

namespace relais::broker {

class Ballast {
public:
    // `path` empty: none (tests in memory).
    explicit Ballast(std::string path) : path_(std::move(path)) {}

    void release();
    // Takes the space again, if at least twice the ballast is free, or goes on with what a former
    // run left. Fails silently: it is tried again.
    void restore();
    [[nodiscard]] bool held() const { return held_; }
    [[nodiscard]] bool wanted() const { return !path_.empty(); }

private:
    std::string path_;
    bool held_ = false;
};

}  // namespace relais::broker
