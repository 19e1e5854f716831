// passphrase.h: where passphrases come from: a prompt on the terminal, a file descriptor, or a
// systemd credential. Never an argument or an environment variable, which other users can read.
#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace relais::station {

struct PassphraseSource {
    std::optional<int> descriptor;  // read to its first newline or end
    std::string credential;         // name below $CREDENTIALS_DIRECTORY (systemd.exec(5))
    std::string prompt;             // French, on /dev/tty
};

// Whether it would be asked on the terminal: neither the descriptor nor the credential is there.
[[nodiscard]] bool prompts(const PassphraseSource& source);

// The descriptor where it is given, else the credential where there is one, else the prompt.
// Errors: io_failed  nothing to read from, or not in the terminal's foreground; usage  empty.
Result<Secret> read_passphrase(const PassphraseSource& source);
// For a new one: prompts twice. Errors: as above; invalid_field  too short, or the two differ.
Result<Secret> read_new_passphrase(const PassphraseSource& source);

}  // namespace relais::station
