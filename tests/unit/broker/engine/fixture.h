// fixture.h: a bench and one admission on it, and the words that the engine's tests share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/limits.h"
#include "tests/support/engine/admission_case.h"
#include "tests/support/printers.h"

namespace relais::broker {

inline constexpr Milliseconds kMinute = std::chrono::minutes(1);
inline constexpr Milliseconds kHour = std::chrono::hours(1);
inline constexpr Milliseconds kDay = std::chrono::days(1);

inline constexpr int kOpener = AdmissionCase::kOpener;
inline constexpr int kGeri = 0;
inline constexpr int kCardio = 1;

class EngineTest : public testing::Test {
protected:
    explicit EngineTest(const BenchOptions& options = {}) : bench(options) {}

    // The act of `side` is accepted.
    wire::Receipt does(int side, const std::string& act, int to = 0) {
        const wire::Body body = thread.act(side, act, to);
        const auto* receipt = std::get_if<wire::Receipt>(&body);
        EXPECT_NE(receipt, nullptr) << act << ": " << error_name(code_of(body));
        return receipt == nullptr ? wire::Receipt{} : *receipt;
    }
    ErrorCode refused(int side, const std::string& act, int to = 0) {
        return code_of(thread.act(side, act, to));
    }
    ErrorCode refused(int side, const Header& header) {
        return code_of(thread.send(side, thread.seal(side, header)));
    }
    // The call, altered.
    template <typename Alter>
    ErrorCode call_with(Alter alter) {
        Header header = thread.make_header(kOpener, "call");
        alter(header);
        return refused(kOpener, header);
    }
    [[nodiscard]] SessionId practice() const { return thread.session(kOpener); }
    [[nodiscard]] SessionId ward(int side) const { return thread.session(side); }

    EngineBench bench;
    AdmissionCase thread{bench};
};

// Of a delivery, an entry of a kind; null for another.
template <typename Entry>
const Entry* entry_of(const wire::Delivery& delivery) {
    return std::get_if<Entry>(&delivery.entry);
}

}  // namespace relais::broker
