// post.h: a station of an organisation as its people use it, driven through the library that a
// software vendor embeds. One folder, one person at least.
#pragma once

#include <memory>
#include <string>

#include "clients/station/api/compose.h"
#include "clients/station/api/enrol.h"
#include "clients/station/api/threads.h"
#include "tests/process/support/must.h"

namespace relais::test {

inline constexpr std::chrono::seconds kPatience{60};  // a guard; nothing is expected to take it
inline constexpr const char* kPostPassphrase = "a passphrase of the tests";

class Post {
public:
    explicit Post(std::filesystem::path folder) : folder_{std::move(folder)} {}

    // Makes keys and proposal. What must be printed is returned.
    Result<station::EnrolmentBegun> begin(const Secret& token, station::EnrolmentRequest request);
    // One attempt to go on; and the whole way, once the inviter has approved.
    Result<station::EnrolmentState> go_on();
    void complete();

    // The library's object; opened when first needed, closed by close().
    station::Station& station();
    [[nodiscard]] const station::StationFolder& folder() const { return folder_; }
    void close() { station_ = nullptr; }
    void synchronise() { must(station().synchronise(kPatience)); }
    // Turns until `done`; fails the test after the patience.
    template <typename Condition>
    void until(Condition done);

    [[nodiscard]] PersonId person();  // the first of this station
    station::SigningPerson sign_as(const PersonId& person, const char* words = kPostPassphrase);
    station::SigningPerson signer() { return sign_as(person()); }
    [[nodiscard]] Address mailbox(const std::string& unit = "");

    station::Registrar registrar() { return must(station::Registrar::of(station())); }

private:
    station::StationFolder folder_;
    std::unique_ptr<station::Station> station_;
};

template <typename Condition>
void Post::until(Condition done) {
    must(station().connect());
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (!done()) {
        if (std::chrono::steady_clock::now() > limit) fail_test("what was awaited did not come");
        must(station().turn(std::chrono::milliseconds(50)));
    }
}

}  // namespace relais::test
