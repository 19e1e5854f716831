#include "tests/process/support/speaker.h"

#include <algorithm>
#include <functional>

#include "tests/process/support/must.h"

namespace relais::test {

namespace {
constexpr std::chrono::seconds kGuard{60};
constexpr std::chrono::milliseconds kStep{50};
}  // namespace

Speaker::Speaker(const std::string& endpoint, const CurvePublic& server, const CurveKeyPair& own)
    : link_(must(station::Link::open(endpoint, server, own))) {}

bool Speaker::wait_for(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + kGuard;
    while (!done()) {
        if (broken_) return false;
        if (std::chrono::steady_clock::now() > limit) fail_test("the broker says nothing");
        const auto arrivals = link_->wait(kStep);
        connected_ = connected_ || arrivals.connected;
        broken_ = broken_ || arrivals.broken;
        for (const Bytes& bytes : arrivals.frames) {
            wire::Frame frame = must(wire::parse_frame(bytes));
            if (frame.number == 0) {
                pushes_.push_back(std::move(frame.body));
            } else {
                replies_.push_back(std::move(frame));
            }
        }
    }
    return true;
}

bool Speaker::connected() {
    return wait_for([this] { return connected_; });
}

std::optional<wire::Body> Speaker::greet() {
    if (!connected()) return std::nullopt;
    return ask(wire::Hello{wire::kProtocolVersion, "test"});
}

void Speaker::say_bytes(ByteView frame) {
    if (!link_->send(frame)) fail_test("the frame was not taken");
}

void Speaker::say(wire::Body request) {
    say_bytes(wire::encode_frame({++number_, std::move(request)}));
}

std::optional<wire::Body> Speaker::ask(wire::Body request) {
    say(std::move(request));
    const auto is_ours = [this](const wire::Frame& frame) { return frame.number == number_; };
    if (!wait_for([&] { return std::ranges::any_of(replies_, is_ours); })) return std::nullopt;
    return std::ranges::find_if(replies_, is_ours)->body;
}

std::optional<wire::Body> Speaker::next_push() {
    if (!wait_for([this] { return !pushes_.empty(); })) return std::nullopt;
    wire::Body push = std::move(pushes_.front());
    pushes_.erase(pushes_.begin());
    return push;
}

bool Speaker::broken() {
    wait_for([this] { return broken_; });
    return broken_;
}

}  // namespace relais::test
