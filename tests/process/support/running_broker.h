// running_broker.h: a domain of its own in a folder of its own, made by `relais-admin init`, and
// its broker as a real process on loopback ports.
#pragma once

#include <memory>
#include <string>

#include "broker/local_client/local_client.h"
#include "clients/station/vault/passphrase.h"
#include "core/base/secret.h"
#include "tests/process/support/child.h"
#include "tests/support/folder.h"
#include "tools/admin/commands.h"

namespace relais::test {

// Passphrases of tests, and how a program is given one: through a descriptor.
[[nodiscard]] Secret passphrase(const std::string& text);
[[nodiscard]] station::PassphraseSource given(const std::string& text);

// Weak on purpose: the cost of scrypt is not what these tests are about.
inline constexpr unsigned kWeakScrypt = 12;
inline constexpr const char* kRegistrarPassphrase = "registrar of the tests";
inline constexpr const char* kAuthorityPassphrase = "authority of the tests";

class RunningBroker {
public:
    // Makes the domain and starts its broker; a failure ends the test program, with the reason.
    explicit RunningBroker(const std::string& domain = "essai");

    // `variables`: of its environment, "NAME=value" each; a LD_PRELOAD comes after the clock's.
    void start(const std::vector<std::string>& options = {},
               const std::vector<std::string>& variables = {});
    // From its next start on it says all that it can say.
    void log_everything() const;
    // What start() runs from now on, of this build's programs: a broker that is not the real one.
    void use_program(const std::string& name) { program_ = name; }
    void stop();  // SIGTERM; checks that it ends well
    void kill();  // SIGKILL
    void restart_after_kill();
    [[nodiscard]] bool running() const { return child_ != nullptr; }
    [[nodiscard]] Child& child() { return *child_; }

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] std::filesystem::path data() const { return folder() / "data"; }
    [[nodiscard]] std::filesystem::path config() const { return folder() / "broker.toml"; }
    [[nodiscard]] std::string endpoint() const { return endpoint_; }
    [[nodiscard]] const std::string& http() const { return http_; }
    // Everything that any of its runs wrote to standard error.
    [[nodiscard]] std::string log() const;

    // What its clocks run ahead by, from now on: the wall clock and the time since boot.
    void set_clocks(std::chrono::milliseconds wall, std::chrono::milliseconds boot) const;

    // What its flushes do from now on: take longer, fail.
    void set_disk(std::chrono::milliseconds delay, bool fails) const;

    // Runs it where it is expected to refuse to start; or waits for the end that it should come to
    // by itself.
    [[nodiscard]] Said try_start(const std::vector<std::string>& variables = {}) const;
    Said wait_for_end();

    // The operator, with the registrar's key or the domain authority's.
    [[nodiscard]] admin::Operator connect() const;
    [[nodiscard]] admin::DomainSigner registrar() const;
    [[nodiscard]] admin::DomainSigner authority() const;

private:
    TestFolder folder_;
    std::string endpoint_;
    std::string http_;
    std::unique_ptr<Child> child_;
    std::string past_log_;
    std::string program_ = "relais-broker";
};

}  // namespace relais::test
