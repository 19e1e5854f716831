// context.h: what every command works with: the options that all of them take, the output, the
// person at the terminal, and the station, opened once and brought up to date as the command wants.
// One thread.
#pragma once

#include <memory>
#include <optional>

#include "clients/cli/dialogue.h"
#include "clients/cli/output.h"
#include "clients/station/api/compose.h"
#include "clients/station/api/registrar.h"
#include "clients/station/vault/passphrase.h"

namespace relais::cli {

struct Options {
    std::filesystem::path station;
    int passphrase_descriptor = -1;
    int person_descriptor = -1;
    std::string as;    // who acts: id or part of the title
    std::string wait;  // how long to wait for the service; empty: the command's own
    bool offline = false;
    bool json = false;
};

class Context {
public:
    Context(Output& output, Dialogue& asked) : out(output), dialogue(asked) {}

    Output& out;
    Dialogue& dialogue;
    Options options;

    // Errors: usage  none was named.
    [[nodiscard]] Result<station::StationFolder> folder() const;
    // What --wait says, or `otherwise`. Errors: usage.
    [[nodiscard]] Result<std::chrono::milliseconds> patience(std::chrono::seconds otherwise) const;

    // The station, opened at the first call. Errors: those of Station::open; not_decided  its
    // enrolment is not complete.
    Result<station::Station*> open();
    // Opened and, unless --offline, up to date. A service that cannot be reached is said on
    // standard error, and what is here is used. Errors: as open; those of the service; alarms.
    Result<station::Station*> open_and_synchronise();
    // As Station::synchronise, of the station that is open; says which marks the service refused.
    Result<void> synchronise(std::chrono::milliseconds patience);
    // What take_refused_marks() of the station that is open has, said on standard error: an object
    // each, with `message`, `word`, `code` and `name`.
    nlohmann::json say_refused_marks();
    // Whether the last open_and_synchronise() reached the service.
    [[nodiscard]] bool online() const { return online_; }

    // The new passphrase of a station that is being made; kept for open().
    Result<Secret> new_passphrase();
    // The station's, read at the first call.
    Result<Secret> passphrase();

    // Who acts: --as, or the only person whose key is here. Requires open().
    // Errors: unknown_person; usage  several; not_on_station  none.
    Result<PersonId> person();
    // The same, with the key: under --person-passphrase-fd, the credential, the station's own
    // passphrase where it opens it, or what is typed. Errors: also wrong_passphrase, usage.
    Result<station::SigningPerson*> signer();
    // The same without ever asking on the terminal; null where that is not enough.
    Result<station::SigningPerson*> signer_if_known();
    // For the organisation's own entries: by its authority, or by who acts.
    Result<station::Registrar> registrar();

    // New passphrase of a person; empty where none was given apart from the station's.
    Result<Secret> new_person_passphrase();

private:
    [[nodiscard]] station::PassphraseSource station_source() const;
    [[nodiscard]] station::PassphraseSource person_source() const;
    Result<station::SigningPerson*> unlock(const PersonId& person, const Secret& passphrase);

    std::optional<Secret> passphrase_;
    std::unique_ptr<station::Station> station_;
    std::optional<station::SigningPerson> signer_;
    bool online_ = false;
};

}  // namespace relais::cli
