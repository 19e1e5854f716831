#include "tests/process/support/post.h"

#include "tests/process/support/running_broker.h"

namespace relais::test {

Result<station::EnrolmentBegun> Post::begin(const Secret& token,
                                            station::EnrolmentRequest request) {
    RELAIS_ASSIGN(const auto invitation, parse_invitation(as_text(token.expose())));
    request.passphrase = passphrase(kPostPassphrase);
    request.scrypt.log2_n = kWeakScrypt;
    RELAIS_ASSIGN(auto begun, station::begin_enrolment(folder_, invitation, std::move(request)));
    RELAIS_TRY(station::sheet_is_kept(folder_, passphrase(kPostPassphrase)));
    return begun;
}

Result<station::EnrolmentState> Post::go_on() {
    return station::continue_enrolment(folder_, passphrase(kPostPassphrase), kPatience);
}

void Post::complete() {
    if (must(go_on()) != station::EnrolmentState::approved) fail_test("not approved");
}

station::Station& Post::station() {
    if (station_ == nullptr) {
        station_ = must(station::Station::open(folder_, passphrase(kPostPassphrase)));
    }
    return *station_;
}

PersonId Post::person() {
    const auto* self = station().self();
    if (self == nullptr || self->station.persons.empty()) fail_test("nobody on this station");
    return self->station.persons.front();
}

station::SigningPerson Post::sign_as(const PersonId& person, const char* words) {
    return must(station::unlock_person(station(), person, passphrase(words)));
}

Address Post::mailbox(const std::string& unit) {
    return Address::of(unit, station().identity().organisation, station().identity().domain);
}

}  // namespace relais::test
